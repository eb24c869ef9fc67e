"""Where a tonne is worth what the book says that lost output costs: somebody goes short of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Arrivals, Pair
from kido.data.case.lead_times import value_at_sending
from kido.result.plan import SolvedPlan, once
from kido.tolerances import SAME_PRICE_SHARE, UNMET_T

MOST = 0.5  # of the worth: from here on it is that of lost output


def worth_of_loss(
    plan: SolvedPlan, pair: Pair, arrivals: Arrivals | None = None
) -> NDArray[np.bool_]:
    """Whether the worth of a tonne at a (site, commodity) in each node is that of lost output.

    It is where somebody loses need of the commodity, and a tonne is worth no less than the book's
    cost of the loss that costs least. With `arrivals`, of a tonne sent in each node: where more
    than half of its worth is of that kind.
    """
    if pair[1] not in _losses(plan):
        return np.zeros(len(plan.zeros), dtype=bool)
    worth = plan.worth.tonne(*pair)
    lost, least = _losses(plan)[pair[1]]
    here = (lost > UNMET_T) & (np.nan_to_num(worth) >= (1 - SAME_PRICE_SHARE) * least)
    if arrivals is None:
        return here
    dual = np.nan_to_num(worth * plan.worth.money)
    whole = value_at_sending(arrivals, dual)
    part = value_at_sending(arrivals, np.where(here, dual, 0.0))
    return (whole > 0) & (part > MOST * whole)


@once
def _losses(plan: SolvedPlan) -> dict[str, tuple[Array, Array]]:
    """By commodity (t of need lost in each node, least cost of a kg of those lost, USD/kg)."""
    losses: dict[str, tuple[Array, Array]] = {}
    for name, tier in plan.case.tiers.items():
        tonnes = plan.of("relieve", name)
        if tier.kind == "lost" and tonnes.any():
            commodity = plan.case.demands[tier.demand].commodity
            lost, least = losses.get(commodity, (plan.zeros, np.full(len(tonnes), np.inf)))
            cost = np.where(tonnes > UNMET_T, plan.rate("relief", "relieve", name), np.inf)
            losses[commodity] = lost + tonnes, np.minimum(least, cost)
    return losses
