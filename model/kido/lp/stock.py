"""Limits on how fast a stockpile is filled and drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case
from kido.lp.rows import Rows, before, opening
from kido.lp.variables import Variables


def stock_change(case: Case, v: Variables) -> Iterator[Rows]:
    """The change of a stockpile is within its fill and draw limits; before release it only fills.

    For every stockpile s and node n, n' the node before n (at a root: the opening stock):

    -draw[s,n] <= stock[s,n] - stock[s,n'] <= fill[s,n]

    Row: t in a node. Where drawing binds the dual is the value of drawing a tonne faster;
    where filling binds it is, its sign turned, that of filling a tonne faster.
    """
    for (name,), stock in v["stock"].items():
        stockpile = case.stocks[name]
        rows = Rows((name,), v.nodes, lower=-stockpile.draw, upper=stockpile.fill)
        rows.keep((stock >= 0) & (np.isfinite(stockpile.draw) | np.isfinite(stockpile.fill)))
        rows.add(1, stock)
        rows.add(-1, before(case.tree, stock))
        rows.add_constant(opening(case.tree, stockpile))
        yield rows
