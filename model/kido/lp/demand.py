"""Demand: every need is served or relieved."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables


def demand_met(case: Case, v: Variables) -> Iterator[Row]:
    """Need of a node, and need put off that returns in it, is served or relieved.

    For every demand d and node n:

    meet[d,n] + sum of relieve[t,n] over relief options t of d
        - sum of lands[t,m,n] relieve[t,m] over options t that return, nodes m = need[d,n]

    Row: t of need in a node. The dual is what one more tonne of need costs.
    """
    returning = {name: tier for name, tier in case.tiers.items() if tier.returns is not None}
    for (name, n), column in v["meet"].items():
        demand = case.demands[name]
        need = float(demand.need[n])
        row = Row((name, n), lower=need, upper=need)
        row.add(1, column)
        for tier in demand.tiers:
            row.add_if_there(1, v["relieve"].get((tier, n)))
            if tier in returning:
                for m, share in returning[tier].returns[n]:  # type: ignore[index]
                    row.add_if_there(-share, v["relieve"].get((tier, m)))
        yield row
