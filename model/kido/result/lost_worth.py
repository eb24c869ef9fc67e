"""Where a kg is worth so much only because output is lost: more than any other kg of it costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array
from kido.result.plan import SolvedPlan, once
from kido.tolerances import ORDERED_T, SAME_PRICE_SHARE, UNMET_T

SAVED = ("thrift", "substitute")  # a delay costs a share of what the loss would


def worth_of_loss(plan: SolvedPlan, commodity: str, worth: Array) -> NDArray[np.bool_]:
    """Whether a kg in each node is worth so much, USD/kg, only because output is lost.

    Somebody loses need of the commodity in some future, and the kg is worth more than the plan
    pays anywhere to buy a kg of it, or to save one.
    """
    dearest = _dearest(plan).get(commodity, np.inf)
    return np.nan_to_num(worth) > (1 + SAME_PRICE_SHARE) * dearest


@once
def _dearest(plan: SolvedPlan) -> dict[str, float]:
    """USD/kg that the plan pays at most for a kg bought or saved, of what is lost somewhere."""
    case = plan.case
    lost, dearest = set(), dict.fromkeys(case.commodities, 0.0)

    def paid(commodity: str, tonnes: Array, price: Array) -> None:
        used = price[tonnes > ORDERED_T]
        dearest[commodity] = max(dearest[commodity], float(used.max(initial=0.0)))

    for (name,), tonnes in plan.values["ship"].items():
        price = plan.rate("purchase", "ship", name) + plan.rate("freight", "ship", name)
        paid(case.routes[name].commodity, tonnes, price)
    for (name,), tonnes in plan.values["buy"].items():
        paid(case.supply[name].commodity, tonnes, case.supply[name].price)
    for (contract, row), tonnes in plan.values["lift"].items():
        kind = "ship" if row in case.routes else "buy"
        commodity = (case.routes.get(row) or case.supply[row]).commodity
        price = plan.rate("purchase", kind, row) + plan.rate("purchase", "lift", contract, row)
        paid(commodity, tonnes, price + plan.rate("freight", kind, row))
    for name, tier in case.tiers.items():
        commodity, tonnes = case.demands[tier.demand].commodity, plan.of("relieve", name)
        if tier.kind == "lost" and (tonnes > UNMET_T).any():
            lost.add(commodity)
        elif tier.kind in SAVED:
            paid(commodity, tonnes, plan.rate("relief", "relieve", name))
    return {commodity: dearest[commodity] for commodity in lost}
