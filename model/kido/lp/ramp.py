"""Ramps: limits on the rise and the fall of a yearly rate."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case
from kido.lp.rows import Rows, before
from kido.lp.variables import Variables


def ramp(case: Case, v: Variables) -> Iterator[Rows]:
    """The yearly rate of a row rises and falls by no more than its ramp.

    For every row r with a ramp and node n, m the node before it on its path:

    -fall[r,n] <= rate[r,n] - rate[r,m] <= rise[r,n]

    rate[r,n] is buy, sell, run, ship or all that is lifted, over the years of n. Rise and fall
    are the ramp times the months from the middle of m to that of n; a minimum that rises faster
    and a limit that falls faster take the rate along, and while a disruption is known there is no
    limit to a fall. The first node has none before it, unless it is known what was moved in the
    month before the plan: that rate then stands for rate[r,m].

    Row: t/yr in a node. The dual, where it is not 0, is what one t/yr more of change is worth:
    its sign turned for a rise.
    """
    for limit in case.ramps:
        per_year = np.divide(1, limit.years, out=np.zeros(v.nodes), where=limit.years > 0)
        rows = Rows((limit.sheet, limit.name), v.nodes, lower=-limit.fall, upper=limit.rise)
        rows.keep(limit.follows)
        rows.add_constant(limit.before)
        earlier = per_year[case.tree.previous]
        for variable, key in limit.columns:
            columns = v[variable][key]
            rows.add(per_year, columns)
            rows.add(-earlier, before(case.tree, columns))
        yield rows
