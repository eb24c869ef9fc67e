"""Lead times: the share of what one node sends that arrives in each later one.

What is sent in a month arrives evenly over the same stretch, `lead` months later; an arrival
takes from each earlier node on its path the share of that stretch that falls into it. Goods
on the water are the same flow before the start. One rule for fractional leads (1.25 months:
three quarters after one month, the rest after two), periods of mixed length and leads that
change. What would arrive after the end of the horizon does not arrive.
"""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array, Arrivals
from kido.data.case.tree import Tree


class ArrivalShares:
    """Arrival shares on one tree, by lead time; cached, as most rows share a few lead times."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self._known: dict[tuple[bytes, ...], Arrivals] = {}
        self._early: dict[float, Array] = {}

    def arrivals(self, lead: tuple[Array, ...]) -> Arrivals:
        """For each node, (node of sending, share). `lead` is monthly, for each branch."""
        key = tuple(series.tobytes() for series in lead)
        if key not in self._known:
            self._known[key] = self._work_out(lead)
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

    def _work_out(self, lead: tuple[Array, ...]) -> Arrivals:
        tree, start = self.tree, self.tree.start
        longest = max((float(series.max()) for series in lead), default=0.0)
        arrivals = []
        for n in tree.nodes:
            parts = []
            for index in tree.back(n.index):
                m = tree.nodes[index]
                if m.end + longest <= n.start:
                    break
                leads = lead[m.branch][m.start - start : m.end - start]
                begin = np.arange(m.start, m.end) + leads
                lands = np.minimum(begin + 1, n.end) - np.maximum(begin, n.start)
                share = float(np.maximum(lands, 0.0).sum()) / m.months
                if share > 1e-12:
                    parts.append((index, min(share, 1.0)))
            arrivals.append(tuple(parts[::-1]))
        return tuple(arrivals)


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
