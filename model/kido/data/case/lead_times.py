"""Lead times: the share of what one node sends that arrives in each later one.

What is sent in a month arrives evenly over the same stretch, `lead` months later; an arrival
takes from each earlier node on its path the share of that stretch that falls into it. Goods
on the water are the same flow before the start. One rule for fractional leads (1.25 months:
three quarters after one month, the rest after two), periods of mixed length and leads that
change. What would arrive after the end of the horizon does not arrive.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Arrivals
from kido.data.case.tree import Tree

Index = NDArray[np.intp]


class ArrivalShares:
    """Arrival shares on one tree, by lead time; cached, as most rows share a few lead times."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self._known: dict[tuple[tuple[int, ...], tuple[bytes, ...]], Arrivals] = {}
        self._early: dict[float, Array] = {}

    def arrivals(self, lead: tuple[Array, ...]) -> Arrivals:
        """For each node, (node of sending, share). `lead` is monthly, for each branch."""
        contents = {id(series): series.tobytes() for series in {id(x): x for x in lead}.values()}
        distinct = {content: i for i, content in enumerate(dict.fromkeys(contents.values()))}
        row = tuple(distinct[contents[id(series)]] for series in lead)
        key = row, tuple(distinct)
        if key not in self._known:
            leads = np.stack([np.frombuffer(content) for content in distinct])
            self._known[key] = self._work_out(leads, np.array(row)[self.tree.branch_numbers])
        return self._known[key]

    def constant(self, lead: float) -> Arrivals:
        """The arrivals at a constant lead time in months."""
        months = self.tree.end - self.tree.start
        return self.arrivals((np.full(months, lead),) * len(self.tree.branches))

    def pipeline(self, lead: float) -> Array:
        """Months of a constant flow, sent before the start, that arrive in each node."""
        if lead not in self._early:
            due = self.tree.start + lead
            months = [max(0.0, min(m.end, due) - m.start) for m in self.tree.nodes]
            self._early[lead] = np.array(months)
        return self._early[lead]

    def _work_out(self, leads: Array, row: NDArray[np.intp]) -> Arrivals:
        """The arrivals at these distinct leads, of which each node has that of its `row`."""
        tree = self.tree
        (later, earlier), (start, end) = tree.pairs, tree.spans
        near = end[earlier] + leads.max() > start[later]
        later, earlier = later[near], earlier[near]
        months = (end - start)[earlier]
        shares = np.zeros(len(later))
        for length in np.unique(months).tolist():
            some = np.flatnonzero(months == length)
            n, m = later[some], earlier[some]
            month = start[m, None] + np.arange(length)
            begin = month + leads[row[m, None], month - tree.start]
            lands = np.minimum(begin + 1, end[n, None]) - np.maximum(begin, start[n, None])
            shares[some] = np.maximum(lands, 0.0).sum(axis=1) / length
        arriving = shares > 1e-12
        shares = np.minimum(shares[arriving], 1.0)
        latest_first = by_later(len(tree.nodes), later[arriving], earlier[arriving], shares)
        return tuple(parts[::-1] for parts in latest_first)


def last_months(tree: Tree, months: float) -> tuple[Index, Index, Array]:
    """(node, node on its path, share of it) that lie in the `months` before the end of the first.

    Shares of 0 are left out.
    """
    (later, earlier), (start, end) = tree.pairs, tree.spans
    since = end[later] - months
    share = np.clip((end[earlier] - since) / (end - start)[earlier], 0.0, 1.0)
    some = share > 0
    return later[some], earlier[some], share[some]


def by_later(
    count: int, later: NDArray[np.intp], earlier: NDArray[np.intp], numbers: Array
) -> Arrivals:
    """For each of `count` nodes its (earlier node, number), in the order of `Tree.pairs`.

    The arrays are in that order too. Equal parts are one object, to save memory.
    """
    known: dict[tuple[int, float], tuple[int, float]] = {}
    parts = [
        known.setdefault(part, part)
        for part in zip(earlier.tolist(), numbers.tolist(), strict=True)
    ]
    ends = np.searchsorted(later, np.arange(count + 1)).tolist()
    return tuple(tuple(parts[first:end]) for first, end in pairwise(ends))


def arriving_amount(arrivals: Arrivals, amount: Array) -> Array:
    """The amount that arrives in each node, of the amounts sent in the nodes."""
    arrival = np.zeros(len(amount))
    for n, parts in enumerate(arrivals):
        for m, share in parts:
            arrival[n] += share * amount[m]
    return arrival


def value_at_sending(arrivals: Arrivals, landing: Array) -> Array:
    """The value of a t sent in each node, from that of a t that arrives (the transpose)."""
    values = np.zeros(len(landing))
    for n, parts in enumerate(arrivals):
        if landing[n]:
            for m, share in parts:
                values[m] += share * landing[n]
    return values
