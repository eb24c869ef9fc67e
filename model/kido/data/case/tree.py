"""The scenario tree: scenarios part from the base case when they become known.

A *node* is a period on a branch (a moment, in reports). Before a scenario is known it shares the
nodes of its parent, so the decisions made there are non-anticipative by construction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kido.data.case.branches import Branch, Future, grow_branches
from kido.data.case.disruptions import Disruption


@dataclass(frozen=True)
class Node:
    """A period on a branch. `start` is an absolute month, `months` its length."""

    index: int
    branch: int
    start: int
    months: int
    previous: int
    probability: float
    discount: float
    reported: bool

    @property
    def end(self) -> int:
        """The month after the last month of the node."""
        return self.start + self.months


@dataclass(frozen=True)
class Tree:
    """The scenario tree: all branches and nodes, parents before children.

    `leaves` are the last nodes of the histories; `children[n]` follow node n.
    """

    start: int
    end: int
    branches: tuple[Branch, ...]
    nodes: tuple[Node, ...]
    children: tuple[tuple[int, ...], ...]
    leaves: tuple[int, ...]

    def path(self, node: int) -> list[int]:
        """The nodes from the start to this one, in order."""
        nodes = []
        while node >= 0:
            nodes.append(node)
            node = self.nodes[node].previous
        return nodes[::-1]

    def back(self, node: int) -> Iterator[int]:
        """This node and those before it on its path, latest first."""
        while node >= 0:
            yield node
            node = self.nodes[node].previous

    def outlook(self, node: int) -> int:
        """The branch whose months follow a node, as far as is known there.

        The branch of the node; on a path planned alone, with everything known, the last branch.
        """
        return self.nodes[self.leaves[0] if len(self.leaves) == 1 else node].branch

    @cached_property
    def previous(self) -> NDArray[np.intp]:
        """The node before each node; -1 at a root."""
        return np.array([node.previous for node in self.nodes], dtype=np.intp)

    @cached_property
    def roots(self) -> NDArray[np.intp]:
        """The first node on the path to each node."""
        first: list[int] = []
        for node in self.nodes:
            first.append(node.index if node.previous < 0 else first[node.previous])
        return np.array(first, dtype=np.intp)

    @cached_property
    def spans(self) -> NDArray[np.intp]:
        """The first month of each node, and the month after its last: one column for each node."""
        return np.array([(m.start, m.end) for m in self.nodes], dtype=np.intp).reshape(-1, 2).T

    @cached_property
    def branch_numbers(self) -> NDArray[np.intp]:
        """The branch of each node."""
        return np.array([m.branch for m in self.nodes], dtype=np.intp)

    def calm(self, commodities: frozenset[str] = frozenset()) -> NDArray[np.bool_]:
        """Whether each node is calm: no disruption on its branch touches one of `commodities`.

        Where none are named, no disruption at all.
        """
        if commodities not in self._calm:
            calm, start = np.ones(len(self.nodes), dtype=bool), self.spans[0]
            for number, branch in enumerate(self.branches):
                for d in branch.disruptions if self.of_branch[number] else ():
                    if d.concerns(commodities):
                        there = [m.index for m in self.of_branch[number]]
                        calm[there] &= (start[there] < d.begin) | (start[there] >= d.end)
            calm.flags.writeable = False
            self._calm[commodities] = calm
        return self._calm[commodities]

    @cached_property
    def _calm(self) -> dict[frozenset[str], NDArray[np.bool_]]:
        return {}

    @cached_property
    def pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """(later, earlier): each node with every node on its path, itself first, latest first."""
        paths: list[NDArray[np.intp]] = []
        for m in self.nodes:
            before = paths[m.previous] if m.previous >= 0 else np.array([], dtype=np.intp)
            paths.append(np.concatenate(([m.index], before)))
        later = np.repeat(np.arange(len(paths)), [len(path) for path in paths])
        return later, np.concatenate([*paths, np.array([], dtype=np.intp)]).astype(np.intp)

    @cached_property
    def of_branch(self) -> tuple[tuple[Node, ...], ...]:
        """The nodes of each branch, in order."""
        nodes: list[list[Node]] = [[] for _ in self.branches]
        for node in self.nodes:
            nodes[node.branch].append(node)
        return tuple(tuple(branch_nodes) for branch_nodes in nodes)

    @cached_property
    def base_nodes(self) -> tuple[int, ...]:
        """The nodes of the branch that begins with the plan, in order; of a single path, all."""
        if len(self.leaves) == 1:
            return tuple(self.path(self.leaves[0]))
        return tuple(m.index for m in self.of_branch[self.nodes[0].branch])

    def branch_of(self, node: int) -> Branch:
        """The branch of a node."""
        return self.branches[self.nodes[node].branch]


def period_bounds(start: int, calendar: Sequence[int], run_out: int) -> list[int]:
    """The first months of all periods, and the month after the last one."""
    bounds = [start]
    for length in calendar:
        bounds.append(bounds[-1] + length)
    end, step = bounds[-1] + run_out, calendar[-1]
    while bounds[-1] < end:
        bounds.append(min(bounds[-1] + step, end))
    return bounds


def _pieces(bounds: Sequence[int], first: int, last: int, cuts: set[int]) -> list[tuple[int, int]]:
    """(first month, month after) of the periods from `first` to before `last`, with cuts."""
    marks = sorted({m for m in (*bounds, *cuts) if first < m < last} | {first, last})
    return list(pairwise(marks)) if first < last else []


def build_tree(
    futures: Sequence[Future],
    start: int,
    calendar: Sequence[int],
    run_out: int,
    discount_rate: float,
    only: str | None = None,
    disruptions: Mapping[str, tuple[Disruption, ...]] | None = None,
) -> Tree:
    """The scenario tree. `only` names one branch: its path alone, with probability 1.

    `disruptions` are those of events, by scenario, as in its first copy.
    The name of a repeated scenario means its first copy. `discount_rate` is a year's. Raises
    KeyError where no branch has that name.
    """
    bounds = period_bounds(start, calendar, run_out)
    end, reported_end = bounds[-1], start + sum(calendar)
    branches = grow_branches(futures, start, end, disruptions)
    positive = [b.probability > 0 for b in branches]
    cuts: list[set[int]] = [set() for _ in branches]
    for branch, is_positive in zip(branches, positive, strict=True):
        if is_positive and branch.parent >= 0:
            cuts[branch.parent].add(branch.known)
    if only is None:
        selected = [i for i, is_positive in enumerate(positive) if is_positive]
    else:
        selected = _lineage(branches, _find(branches, only))
        for parent, child in pairwise(selected):
            cuts[parent].add(branches[child].known)

    child_branches: list[list[Branch]] = [[] for _ in branches]
    for branch in branches:
        if branch.parent >= 0:
            child_branches[branch.parent].append(branch)
    nodes: list[Node] = []
    last_before: dict[tuple[int, int], int] = {}  # (branch, month) -> node that ends there
    for order, i in enumerate(selected):
        branch = branches[i]
        stop = branch.end
        if only is not None:
            stop = branches[selected[order + 1]].known if order + 1 < len(selected) else end
        previous = last_before.get((branch.parent, branch.known), -1)
        if previous < 0 and branch.parent >= 0:
            # known where its parent has no node of its own yet: look further up
            previous = _ending_at(branches, last_before, branch.parent, branch.known)
        for first, after in _pieces(bounds, branch.known, stop, cuts[i]):
            parted = sum(b.probability for b in child_branches[i] if b.known <= first)
            nodes.append(
                Node(
                    index=len(nodes),
                    branch=i,
                    start=first,
                    months=after - first,
                    previous=previous,
                    probability=1.0 if only is not None else branch.probability - parted,
                    discount=(1 + discount_rate) ** (-(first - start) / 12),
                    reported=first < reported_end,
                )
            )
            previous = nodes[-1].index
            last_before[i, after] = previous
    children: list[list[int]] = [[] for _ in nodes]
    for node in nodes:
        if node.previous >= 0:
            children[node.previous].append(node.index)
    return Tree(
        start=start,
        end=end,
        branches=tuple(branches),
        nodes=tuple(nodes),
        children=tuple(tuple(c) for c in children),
        leaves=tuple(m.index for m in nodes if not children[m.index]),
    )


def _find(branches: Sequence[Branch], name: str) -> int:
    for i, branch in enumerate(branches):
        if name in (branch.name, branch.scenario):
            return i
    raise KeyError(name)


def _lineage(branches: Sequence[Branch], index: int) -> list[int]:
    path = []
    while index >= 0:
        path.append(index)
        index = branches[index].parent
    return path[::-1]


def _ending_at(
    branches: Sequence[Branch], last_before: dict[tuple[int, int], int], index: int, month: int
) -> int:
    while index >= 0:
        if (index, month) in last_before:
            return last_before[index, month]
        index = branches[index].parent
    return -1
