"""Where a tonne is worth what the book says that lost output costs: somebody goes short of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Arrivals, Pair
from kido.data.case.lead_times import value_at_sending
from kido.result.plan import SolvedPlan
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
    worth = plan.worth.tonne(*pair)
    lost, least = _losses(plan, pair[1])
    here = (lost > UNMET_T) & (np.nan_to_num(worth) >= (1 - SAME_PRICE_SHARE) * least)
    if arrivals is None:
        return here
    dual = np.nan_to_num(worth * plan.worth.money)
    whole = value_at_sending(arrivals, dual)
    part = value_at_sending(arrivals, np.where(here, dual, 0.0))
    return (whole > 0) & (part > MOST * whole)


def _losses(plan: SolvedPlan, commodity: str) -> tuple[Array, Array]:
    """(t of need lost in each node, least cost of losing a kg that the plan uses, USD/kg)."""
    lost, least = plan.zeros, np.full(len(plan.zeros), np.inf)
    for name, tier in plan.case.tiers.items():
        if tier.kind == "lost" and plan.case.demands[tier.demand].commodity == commodity:
            tonnes = plan.of("relieve", name)
            cost = plan.rate("relief", "relieve", name)
            lost = lost + tonnes
            least = np.where(tonnes > UNMET_T, np.minimum(least, cost), least)
    return lost, least
