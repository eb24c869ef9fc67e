"""A part of a scenario tree: one branch with what leads to it and what parts from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree


@dataclass(frozen=True)
class Subtree:
    """The tree of a branch: `origin[n]` is the node of the whole tree that node n of it is.

    `inside[n]` says whether it is of the branch or of one that parts from it: the others lead to
    it, and are decided before it is known.
    """

    tree: Tree
    branch: int
    origin: NDArray[np.intp]
    inside: NDArray[np.bool_]

    def as_on_parent(self) -> Tree:
        """The tree where the branch brings no disruption of its own."""
        branches = list(self.tree.branches)
        parent, own = branches[branches[self.branch].parent], branches[self.branch]
        brought = len(parent.disruptions), len(own.disruptions)  # they follow those of the parent
        for at in [self.branch, *descendants(self.tree, self.branch)]:
            kept = branches[at].disruptions[: brought[0]] + branches[at].disruptions[brought[1] :]
            branches[at] = replace(branches[at], disruptions=kept)
        return replace(self.tree, branches=tuple(branches))


def descendants(tree: Tree, branch: int) -> list[int]:
    """The branches that part from a branch, or from one that does."""
    below = {branch}
    for at, other in enumerate(tree.branches):  # parents come before children
        if other.parent in below:
            below.add(at)
    return sorted(below - {branch})


def subtree(tree: Tree, branch: int) -> Subtree:
    """The part of a tree that a branch with nodes of its own is planned in."""
    mine = [branch, *descendants(tree, branch)]
    inside = [m.index for m in tree.nodes if m.branch in mine]
    before = tree.path(tree.nodes[inside[0]].previous)
    origin = [*before, *inside]
    line = [branch]
    while tree.branches[line[0]].parent >= 0:
        line.insert(0, tree.branches[line[0]].parent)
    number = {b: at for at, b in enumerate([*line, *mine[1:]])} | {-1: -1}
    place = {n: at for at, n in enumerate(origin)} | {-1: -1}
    nodes = tuple(
        replace(m, index=place[m.index], previous=place[m.previous], branch=number[m.branch])
        for m in (tree.nodes[n] for n in origin)
    )
    children = tuple(tuple(place[c] for c in tree.children[n] if c in place) for n in origin)
    part = replace(
        tree,
        branches=tuple(
            replace(tree.branches[b], parent=number[tree.branches[b].parent])
            for b in number
            if b >= 0
        ),
        nodes=nodes,
        children=children,
        leaves=tuple(m.index for m in nodes if not children[m.index]),
    )
    is_inside = np.arange(len(origin)) >= len(before)
    return Subtree(part, number[branch], np.array(origin, dtype=np.intp), is_inside)
