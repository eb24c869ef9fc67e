"""Time as a tree: scenarios part from the base case when they become known.

A *moment* is a period on a branch. Before a scenario is known it shares the moments of
its parent, so decisions made while nobody can know are shared by construction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from kido.data.months import month_text
from kido.data.schema import TRUNK
from kido.tolerances import NONE_LEFT_PROBABILITY


@dataclass(frozen=True)
class Future:
    """One row of the sheet Scenarios, as the tree needs it."""

    name: str
    parent: str
    probability: float
    known: int
    every: int | None = None
    until: int | None = None
    disruption: bool = False


@dataclass(frozen=True)
class Branch:
    """A scenario, or one dated copy of a repeated one.

    `lineage` names the scenarios whose events act here, each with the months its copy is
    shifted by. `kept` is the probability its children leave it; a branch that keeps none
    ends in the month `end` when its last child leaves.
    """

    name: str
    scenario: str
    parent: int
    known: int
    end: int
    probability: float
    kept: float
    lineage: tuple[tuple[str, int], ...]
    disrupted_from: int | None

    def bears(self, scenario: str) -> bool:
        return any(name == scenario for name, _ in self.lineage)


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
    undisrupted: bool
    reported: bool

    @property
    def end(self) -> int:
        return self.start + self.months


@dataclass(frozen=True)
class Tree:
    """All branches and moments, parents before children.

    `leaves` are the last moments of the histories; `children[n]` follow moment n.
    """

    start: int
    end: int
    branches: tuple[Branch, ...]
    nodes: tuple[Node, ...]
    children: tuple[tuple[int, ...], ...]
    leaves: tuple[int, ...]

    def path(self, moment: int) -> list[int]:
        """Moments from the start to this one, in order."""
        found = []
        while moment >= 0:
            found.append(moment)
            moment = self.nodes[moment].previous
        return found[::-1]

    def back(self, moment: int) -> Iterator[int]:
        """This moment and those before it on its path, latest first."""
        while moment >= 0:
            yield moment
            moment = self.nodes[moment].previous

    def outlook(self, moment: int) -> int:
        """The branch whose months follow a moment, as far as is known there.

        Its own; on one path alone, where everything is known, the last.
        """
        return self.nodes[self.leaves[0] if len(self.leaves) == 1 else moment].branch

    @cached_property
    def of_branch(self) -> tuple[tuple[Node, ...], ...]:
        """The moments of each branch, in order."""
        found: list[list[Node]] = [[] for _ in self.branches]
        for moment in self.nodes:
            found[moment.branch].append(moment)
        return tuple(tuple(own) for own in found)

    def branch_of(self, moment: int) -> Branch:
        return self.branches[self.nodes[moment].branch]


def period_bounds(start: int, calendar: Sequence[int], run_out: int) -> list[int]:
    """First months of all periods, and the month after the last one."""
    bounds = [start]
    for length in calendar:
        bounds.append(bounds[-1] + length)
    end, step = bounds[-1] + run_out, calendar[-1]
    while bounds[-1] < end:
        bounds.append(min(bounds[-1] + step, end))
    return bounds


def _dates(future: Future, shift: int) -> list[int]:
    """The months, one for each copy, in which a scenario becomes known."""
    first = future.known + shift
    if not future.every or future.until is None:
        return [first]
    return list(range(first, future.until + shift + 1, future.every))


def grow_branches(futures: Sequence[Future], start: int, end: int) -> list[Branch]:
    """Every copy of every scenario, parents before children, those of probability 0 too.

    A repeated scenario shares its probability among its copies, and so do its children;
    `scale` is a copy's part of what its row says.
    Copies that would become known outside the horizon leave theirs to the parent.
    """
    children: dict[str, list[Future]] = {}
    for future in futures:
        children.setdefault(future.parent or TRUNK, []).append(future)
    found: list[Branch] = []

    def grow(branch: Branch, scale: float, shift: int, dated: bool) -> None:
        index = len(found)
        copies: list[tuple[int, Future, float, float]] = []
        for child in children.get(branch.scenario, ()):
            dates = _dates(child, shift)
            copies += [
                (date, child, child.probability * scale / len(dates), scale / len(dates))
                for date in dates
                if branch.known <= date < end
            ]
        taken = sum(share for _, _, share, _ in copies)
        kept, stretch = branch.probability - taken, 1.0
        if kept < NONE_LEFT_PROBABILITY * scale and taken > 0:
            kept, stretch = 0.0, branch.probability / taken
            last = max(date for date, _, share, _ in copies if share > 0)
            branch = replace(branch, end=last)
        found.append(replace(branch, kept=kept))
        for date, child, share, child_scale in sorted(copies, key=lambda c: (c[0], c[1].name)):
            repeated = dated or bool(child.every)
            struck = branch.disrupted_from
            grow(
                Branch(
                    name=f"{child.name} {month_text(date)}" if repeated else child.name,
                    scenario=child.name,
                    parent=index,
                    known=date,
                    end=end,
                    probability=share * stretch,
                    kept=0.0,
                    lineage=(*branch.lineage, (child.name, date - child.known)),
                    disrupted_from=date if child.disruption and struck is None else struck,
                ),
                child_scale,
                date - child.known,
                repeated,
            )

    grow(Branch(TRUNK, TRUNK, -1, start, end, 1.0, 1.0, (), None), 1.0, 0, False)
    return found


def _pieces(bounds: Sequence[int], first: int, last: int, cuts: set[int]) -> list[tuple[int, int]]:
    """The stretches between period bounds and cuts, from `first` to before `last`."""
    marks = sorted({m for m in (*bounds, *cuts) if first < m < last} | {first, last})
    return list(pairwise(marks)) if first < last else []


def build_tree(
    futures: Sequence[Future],
    start: int,
    calendar: Sequence[int],
    run_out: int,
    discount_rate: float,
    only: str | None = None,
) -> Tree:
    """The moments of the book. `only` names one branch: its path alone, with probability 1.

    A plain scenario name stands for its first copy. Raises KeyError when nothing bears it.
    """
    bounds = period_bounds(start, calendar, run_out)
    end, reported_end = bounds[-1], start + sum(calendar)
    branches = grow_branches(futures, start, end)
    living = [b.probability > 0 for b in branches]
    cuts: list[set[int]] = [set() for _ in branches]
    for branch, alive in zip(branches, living, strict=True):
        if alive and branch.parent >= 0:
            cuts[branch.parent].add(branch.known)
    if only is None:
        chosen = [i for i, alive in enumerate(living) if alive]
    else:
        chosen = _lineage(branches, _find(branches, only))
        for parent, child in pairwise(chosen):
            cuts[parent].add(branches[child].known)

    leaving: list[list[Branch]] = [[] for _ in branches]
    for branch in branches:
        if branch.parent >= 0:
            leaving[branch.parent].append(branch)
    nodes: list[Node] = []
    last_before: dict[tuple[int, int], int] = {}  # (branch, month) -> moment that ends there
    for order, i in enumerate(chosen):
        branch = branches[i]
        stop = branch.end
        if only is not None:
            stop = branches[chosen[order + 1]].known if order + 1 < len(chosen) else end
        previous = last_before.get((branch.parent, branch.known), -1)
        if previous < 0 and branch.parent >= 0:
            # known where its parent has no moment of its own yet: look further up
            previous = _ending_at(branches, last_before, branch.parent, branch.known)
        for first, after in _pieces(bounds, branch.known, stop, cuts[i]):
            gone = sum(b.probability for b in leaving[i] if b.known <= first)
            nodes.append(
                Node(
                    index=len(nodes),
                    branch=i,
                    start=first,
                    months=after - first,
                    previous=previous,
                    probability=1.0 if only is not None else branch.probability - gone,
                    discount=(1 + discount_rate) ** (-(first - start) / 12),
                    undisrupted=branch.disrupted_from is None,
                    reported=first < reported_end,
                )
            )
            previous = nodes[-1].index
            last_before[i, after] = previous
    children: list[list[int]] = [[] for _ in nodes]
    for moment in nodes:
        if moment.previous >= 0:
            children[moment.previous].append(moment.index)
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
    found = []
    while index >= 0:
        found.append(index)
        index = branches[index].parent
    return found[::-1]


def _ending_at(
    branches: Sequence[Branch], last_before: dict[tuple[int, int], int], index: int, month: int
) -> int:
    while index >= 0:
        if (index, month) in last_before:
            return last_before[index, month]
        index = branches[index].parent
    return -1
