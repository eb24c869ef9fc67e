"""The families of rows, in the order of the manual."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kido.data.case.case import Case
from kido.lp.balance import balance
from kido.lp.capacity import capacity, expansion, minimum_use
from kido.lp.contract import lift_within_flow, rebate_share, reservation, take_or_pay
from kido.lp.cost import cvar_excess, path_cost
from kido.lp.demand import demand_met
from kido.lp.policy import cover, service, share_limit, spend_limit, volume_limit
from kido.lp.row import Row
from kido.lp.stock import stock_change
from kido.lp.variables import Variables

Family = Callable[[Case, Variables], Iterator[Row]]

FAMILIES: Mapping[str, Family] = {
    family.__name__: family
    for family in (
        balance,
        capacity,
        minimum_use,
        expansion,
        reservation,
        lift_within_flow,
        take_or_pay,
        rebate_share,
        demand_met,
        stock_change,
        volume_limit,
        share_limit,
        spend_limit,
        cover,
        service,
        path_cost,
        cvar_excess,
    )
}
