"""Nervousness: how much of what was ordered before may change."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case
from kido.lp.rows import Rows
from kido.lp.variables import Variables


def order_change(case: Case, v: Variables) -> Iterator[Rows]:
    """An order rises or falls by what the plan buys or sends more or less than was ordered.

    For every row r and node n in which something of it was ordered, under a nervousness limit:

    flow[r,n] - order_rise[r,n] + order_fall[r,n] = ordered[r,n]

    flow is buy or ship.

    Row: t in a node. The dual is what one t more ordered before costs.
    """
    for near in case.near_orders:
        for (variable, name), ordered in near.ordered.items():
            if math.isfinite(near.limit) and ordered.any():
                rows = Rows((name,), v.nodes, lower=ordered, upper=ordered)
                rows.keep(ordered > 0)
                rows.add(1, v[variable][name,])
                rows.add(-1, v["order_rise"][name,])
                rows.add(1, v["order_fall"][name,])
                yield rows


def nervousness(case: Case, v: Variables) -> Iterator[Rows]:
    """The near orders of a commodity change by no more than a share of what was ordered of it.

    For every commodity c of which near orders are listed, N their nodes on the base case:

    sum of order_rise[r,n] + order_fall[r,n] over rows r of c, n in N in which it was ordered
        + sum of flow[r,n] over the other rows and nodes <= limit x sum of ordered[r,n]

    Row: t of c in the near months. The dual, its sign turned, is what one more t of change saves.
    """
    for near in case.near_orders:
        if math.isfinite(near.limit):
            rows = Rows((near.commodity,), v.nodes, upper=near.limit)
            rows.keep(np.arange(v.nodes) == near.node)
            for (variable, name), ordered in near.ordered.items():
                changes = [
                    *((v[way][name,], near.near & (ordered > 0))
                      for way in ("order_rise", "order_fall")),
                    (v[variable][name,], near.near & (ordered == 0)),
                ]  # fmt: skip
                for columns, where in changes:
                    rows.add(1, columns[where], np.full(int(where.sum()), near.node))
            yield rows
