"""Flows take time: where what is sent in one moment lands in later ones.

What is sent in a month arrives evenly over the same stretch, `lead` months later; an arrival
takes from each earlier moment on its path the share of that stretch that falls into it. Goods
on the water are the same flow before the start. One rule for fractional leads (1.25 months:
three quarters after one month, the rest after two), periods of mixed length and leads that
change. What would land after the end of the horizon does not land.
"""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array, Arrivals
from kido.data.case.tree import Tree


class ArrivalShares:
    """Works out landings on one tree, and keeps them: most rows share a few leads."""

    def __init__(self, tree: Tree):
        self.tree = tree
        self._known: dict[tuple[bytes, ...], Arrivals] = {}
        self._early: dict[float, Array] = {}

    def arrivals(self, lead: tuple[Array, ...]) -> Arrivals:
        """For each moment, (moment of sending, share). `lead` is monthly, for each branch."""
        key = tuple(series.tobytes() for series in lead)
        if key not in self._known:
            self._known[key] = self._work_out(lead)
        return self._known[key]

    def constant(self, lead: float) -> Arrivals:
        months = self.tree.end - self.tree.start
        return self.arrivals((np.full(months, lead),) * len(self.tree.branches))

    def pipeline(self, lead: float) -> Array:
        """Months of sending before the start, at a constant rate, that land in each moment."""
        if lead not in self._early:
            due = self.tree.start + lead
            months = [max(0.0, min(m.end, due) - m.start) for m in self.tree.nodes]
            self._early[lead] = np.array(months)
        return self._early[lead]

    def _work_out(self, lead: tuple[Array, ...]) -> Arrivals:
        tree, start = self.tree, self.tree.start
        longest = max((float(series.max()) for series in lead), default=0.0)
        found = []
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
            found.append(tuple(parts[::-1]))
        return tuple(found)


def carried(arrivals: Arrivals, sent: Array) -> Array:
    """What lands in each moment of what was sent before."""
    landed = np.zeros(len(sent))
    for n, parts in enumerate(arrivals):
        for m, share in parts:
            landed[n] += share * sent[m]
    return landed


def seen_by_sender(arrivals: Arrivals, landing: Array) -> Array:
    """What a t sent in each moment counts, from what a t that lands does: `carried`, turned."""
    found = np.zeros(len(landing))
    for n, parts in enumerate(arrivals):
        if landing[n]:
            for m, share in parts:
                found[m] += share * landing[n]
    return found
