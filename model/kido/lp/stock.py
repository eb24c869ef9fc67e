"""How fast a stockpile fills and empties."""

from __future__ import annotations

import math
from collections.abc import Iterator

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables


def stock_change(case: Case, v: Variables) -> Iterator[Row]:
    """A stockpile fills and empties no faster than its limits; before release it is not drawn.

    For every stockpile s and node n, n' the node before n (at a root: the opening stock):

    -draw[s,n] <= stock[s,n] - stock[s,n'] <= fill[s,n]

    Row: t in a moment. Where drawing binds the dual is the worth of drawing a tonne faster;
    where filling binds it is, its sign turned, that of filling a tonne faster.
    """
    for (name, n), column in v["stock"].items():
        held = case.stocks[name]
        lower, upper = -float(held.draw[n]), float(held.fill[n])
        if math.isinf(lower) and math.isinf(upper):
            continue
        row = Row((name, n), lower=lower, upper=upper)
        row.add(1, column)
        previous = case.tree.nodes[n].previous
        if previous < 0:
            row.lower += held.opening
            row.upper += held.opening
        else:
            row.add_if_there(-1, v["stock"].get((name, previous)))
        yield row
