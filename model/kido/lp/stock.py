"""Limits on how fast a stockpile is filled and drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables


def stock_change(case: Case, v: Variables) -> Iterator[Row]:
    """The change of a stockpile is within its fill and draw limits; before release it only fills.

    For every stockpile s and node n, n' the node before n (at a root: the opening stock):

    -draw[s,n] <= stock[s,n] - stock[s,n'] <= fill[s,n]

    Row: t in a node. Where drawing binds the dual is the value of drawing a tonne faster;
    where filling binds it is, its sign turned, that of filling a tonne faster.
    """
    for (name, n), column in v["stock"].items():
        stockpile = case.stocks[name]
        lower, upper = -float(stockpile.draw[n]), float(stockpile.fill[n])
        if math.isinf(lower) and math.isinf(upper):
            continue
        row = Row((name, n), lower=lower, upper=upper)
        row.add(1, column)
        previous = case.tree.nodes[n].previous
        if previous < 0:
            row.lower += stockpile.opening
            row.upper += stockpile.opening
        else:
            row.add_if_there(-1, v["stock"].get((name, previous)))
        yield row
