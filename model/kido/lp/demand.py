"""Demand: every need is served or relieved."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.case.case import Case
from kido.lp.rows import Rows, triplets
from kido.lp.variables import Variables


def demand_met(case: Case, v: Variables) -> Iterator[Rows]:
    """Need of a node, and need put off that returns in it, is served or relieved.

    For every demand d and node n:

    meet[d,n] + sum of relieve[t,n] over relief options t of d
        - sum of lands[t,m,n] relieve[t,m] over options t that return, nodes m = need[d,n]

    Row: t of need in a node. The dual is what one more tonne of need costs.
    """
    for (name,), meet in v["meet"].items():
        demand = case.demands[name]
        rows = Rows((name,), v.nodes, lower=demand.need, upper=demand.need)
        rows.keep(meet >= 0)
        rows.add(1, meet)
        for tier in demand.tiers:
            relieve, returns = v["relieve"][tier,], case.tiers[tier].returns
            rows.add(1, relieve)
            if returns is not None:
                n, m, share = triplets(returns)
                rows.add(-share, relieve[m], n)
        yield rows
