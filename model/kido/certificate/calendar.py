"""The scenario tree of the certificate, from the calendar and the scenarios of the book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kido.data.months import Month, month_text
from kido.data.schema import word_term
from kido.data.tables import Tables
from kido.messages import Phrase, phrase

from .branches import Branch, branches_of, lineage

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Tree:
    """The scenario tree: arrays with one value for each node, parents before children."""

    branches: list[Branch]
    start: int
    end: int
    branch: Places
    first: Places  # first month
    months: Places
    previous: Places  # index of the node before; -1 at a root
    leaf: Numbers  # probability of the history that ends here; 0 elsewhere
    rate: float
    faults: tuple[Phrase, ...] = ()

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def last(self) -> Places:
        """The month after the last month of each node."""
        return self.first + self.months

    @cached_property
    def probability(self) -> Numbers:
        """The probability of reaching each node."""
        through = self.leaf.copy()
        for nodes in self.by_depth[:0:-1]:
            np.add.at(through, self.previous[nodes], through[nodes])
        return through

    @cached_property
    def by_depth(self) -> list[Places]:
        """The nodes by the number of nodes before them on their path: roots, their followers."""
        depth = np.zeros(len(self), dtype=np.int64)
        for n, before in enumerate(self.previous.tolist()):
            if before >= 0:
                depth[n] = depth[before] + 1
        order = np.argsort(depth, kind="stable")
        return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1)

    @cached_property
    def discount(self) -> Numbers:
        """The discount factor of each node, at its first month."""
        worth: Numbers = (1.0 + self.rate) ** (-(self.first - self.start) / 12.0)
        return worth

    def calm(self, commodities: Iterable[str] = ()) -> Marks:
        """Whether no disruption of one of these commodities (none: of any) is on at each node."""
        marks, about = np.ones(len(self), dtype=bool), set(commodities)
        for place, nodes in enumerate(self.by_branch):
            for begin, stop in self.branches[place].disrupted_months(about) if len(nodes) else ():
                marks[nodes] &= (self.first[nodes] < begin) | (self.first[nodes] >= stop)
        return marks

    @cached_property
    def by_branch(self) -> list[Places]:
        """The nodes of each branch."""
        order = np.argsort(self.branch, kind="stable")
        counts = np.bincount(self.branch, minlength=len(self.branches))
        return np.split(order, np.cumsum(counts)[:-1])

    @cached_property
    def pairs(self) -> tuple[Places, Places]:
        """Every node with each node on its path, itself included: (later, earlier)."""
        later, earlier = [], []
        previous = self.previous.tolist()
        for n in range(len(self)):
            at = n
            while at >= 0:
                later.append(n)
                earlier.append(at)
                at = previous[at]
        return np.array(later, dtype=np.int64), np.array(earlier, dtype=np.int64)

    def key(self, n: int) -> tuple[str, int, int]:
        """(branch, first month, months) of a node."""
        return self.branches[self.branch[n]].name, int(self.first[n]), int(self.months[n])

    def text(self, n: int) -> str:
        """The months and branch of a node: `2027-03 to 2027-05 (Stop)`."""
        name, first, months = self.key(n)
        stretch = month_text(first)
        if months > 1:
            stretch += f" to {month_text(first + months - 1)}"
        return f"{stretch} ({name})"

    def node_phrase(self, n: int) -> Phrase:
        """The months and branch of a node, for messages."""
        name, first, months = self.key(n)
        branch = word_term("Scenarios", "parent", name)
        if months == 1:
            return phrase("part.moment", month=Month(first), branch=branch)
        last = Month(first + months - 1)
        return phrase("part.moments", first=Month(first), last=last, branch=branch)

    def before(self, values: Numbers, opening: float = 0.0) -> Numbers:
        """The value at the node before each; `opening` at a root."""
        return np.where(self.previous >= 0, values[self.previous], opening)

    def gather(self, values: Numbers, window: Places) -> Numbers:
        """The sum along the path to each node, over the nodes of its window (-1: no window)."""
        total = np.where(window >= 0, values, 0.0)
        source = np.full(len(self), -1)  # the node itself, else the last before that counts
        for nodes in self.by_depth:
            before = self.previous[nodes]
            earlier = np.where(before >= 0, source[before], -1)
            follows = (earlier >= 0) & (window[nodes] >= 0) & (window[earlier] == window[nodes])
            total[nodes[follows]] += total[earlier[follows]]
            source[nodes] = np.where(window[nodes] >= 0, nodes, earlier)
        return total

    def closing(self, window: Places) -> Marks:
        """Whether each node is the last of its window on some history."""
        # the lowest and the highest window that comes next on some history; -2: none does
        low, high = np.full(len(self), np.iinfo(np.int64).max), np.full(len(self), -2)
        low[self.leaf > 0] = -2
        for nodes in self.by_depth[:0:-1]:
            before = self.previous[nodes]
            counts = window[nodes] >= 0
            np.minimum.at(low, before, np.where(counts, window[nodes], low[nodes]))
            np.maximum.at(high, before, np.where(counts, window[nodes], high[nodes]))
        return (window >= 0) & ((low != window) | (high != window))

    def total(self, monthly: Numbers) -> Numbers:
        """The sum over the months of each node, of values by branch and month."""
        unlimited = np.isinf(monthly)
        running = np.zeros((monthly.shape[0], monthly.shape[1] + 1))
        np.cumsum(np.where(unlimited, 0.0, monthly), axis=1, out=running[:, 1:])
        begin, stop = self.first - self.start, self.last - self.start
        total: Numbers = running[self.branch, stop] - running[self.branch, begin]
        if unlimited.any():
            np.cumsum(unlimited, axis=1, out=running[:, 1:])
            count = running[self.branch, stop] - running[self.branch, begin]
            total = np.where(count > 0, np.inf, total)
        return total

    def mean(self, monthly: Numbers) -> Numbers:
        """The mean over the months of each node, of values by branch and month."""
        mean: Numbers = self.total(monthly) / self.months
        return mean


def _boundaries(tables: Tables) -> list[int]:
    """The first months of all periods, and the month after the horizon."""
    settings = tables.settings
    lengths = list(settings.calendar)
    left = settings.run_out
    while left > 0:
        lengths.append(min(left, lengths[-1] if settings.calendar else left))
        left -= lengths[-1]
    marks = [settings.start]
    for length in lengths:
        marks.append(marks[-1] + length)
    return marks


def build_tree(tables: Tables, scenario: str | None = None) -> Tree:
    """The tree of the book, or the one path of `scenario` with probability 1.

    Raises ValueError where no branch has that name.
    """
    marks = _boundaries(tables)
    end = marks[-1]
    ancestors = lineage(tables, scenario) if scenario else set()
    branches, faults = branches_of(tables, end, ancestors)
    until = [end] * len(branches)
    if scenario is None:
        order = [place for place, branch in enumerate(branches) if branch.in_tree]
        for place in order:
            branch = branches[place]
            if branch.children and branch.own_probability == 0.0:
                until[place] = max(branches[child].known for child in branch.children)
    else:
        names = [branch.name for branch in branches]
        rows = [branch.scenario for branch in branches]
        exact = names.index(scenario) if scenario in names else -1
        at = exact if exact >= 0 else rows.index(scenario)
        order = [at]
        while branches[at].parent >= 0:
            until[branches[at].parent] = branches[at].known
            at = branches[at].parent
            order.insert(0, at)

    lines: list[tuple[int, int, int, int]] = []  # branch, first, months, previous
    ending: dict[tuple[int, int], int] = {}  # (branch, month it ends) -> node

    def node_ending(place: int, month: int) -> int:
        while place >= 0 and (place, month) not in ending:
            place = branches[place].parent
        return ending[place, month] if place >= 0 else -1

    leaf: dict[int, float] = {}
    for place in order:
        branch = branches[place]
        cuts = {branch.known, until[place], *marks}
        cuts |= {branches[child].known for child in branch.children}
        bounds = sorted(cut for cut in cuts if branch.known <= cut <= until[place])
        previous = node_ending(branch.parent, branch.known)
        for first, stop in pairwise(bounds):
            lines.append((place, first, stop - first, previous))
            previous = ending[place, stop] = len(lines) - 1
        if scenario is None and branch.own_probability > 0:
            leaf[previous] = branch.own_probability
    if scenario is not None:
        leaf[len(lines) - 1] = 1.0
    at_branch, first, months, before = np.array(lines, dtype=np.int64).T
    ends = np.zeros(len(lines))
    ends[list(leaf)] = list(leaf.values())
    return Tree(
        branches,
        start=marks[0],
        end=end,
        branch=at_branch,
        first=first,
        months=months,
        previous=before,
        leaf=ends,
        rate=tables.settings.discount_rate,
        faults=tuple(faults),
    )
