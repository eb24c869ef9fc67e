"""What a tonne, a tonne of capacity and a rule are worth: duals in planners' words."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.landed import lane_cost, lifted_extra
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable
from kido.tolerances import SAME_PRICE_SHARE

FAMILY = {
    "volume": "volume_limit",
    "share": "share_limit",
    "spend": "spend_limit",
    "cover": "cover",
    "service": "service",
}


def paid_of(answer: SolvedPlan, commodity: str) -> tuple[Array, Array]:
    """(kUSD, t) of what is ordered of a commodity for home, by when it leaves.

    t that land; kUSD, everything paid for them on their way. What has no known cost is left out.
    """
    kusd, tonnes = answer.nothing, answer.nothing
    for (name,), sent in answer.values["ship"].items():
        lane = answer.case.routes[name]
        if lane.commodity == commodity and answer.imports(name):
            cost = lane_cost(answer, name)
            known = np.isfinite(cost)
            kusd = kusd + np.where(known, sent * np.where(known, cost, 0.0), 0.0)
            tonnes = tonnes + np.where(known, sent * lane.efficiency, 0.0)
    for (name,), bought in answer.values["buy"].items():
        offer = answer.case.supply[name]
        if offer.commodity == commodity and answer.at_home(offer.site):
            kusd = kusd + bought * offer.price + lifted_extra(answer, "buy", name)
            tonnes = tonnes + bought
    return kusd, tonnes


def rule_price(answer: SolvedPlan, name: str, detail: str, measure: str) -> Array:
    """USD for a unit of the rule, at the moments where one of its rows binds; of a cover, a month.

    A cover is held for all months of its moment.
    """
    dual = answer.worth.of_rows(FAMILY[measure], name, detail)
    if measure == "cover":
        dual = dual / answer.months
    return np.where(dual != 0, np.abs(dual) / answer.worth.money, np.nan)


def prices(answer: SolvedPlan) -> Table:
    labels = (
        Column("measure", shape="word"), Column("what"), Column("where"),
    )  # fmt: skip
    case, worth = answer.case, answer.worth
    table = TimeTable("prices", labels, Timeline.of(answer, answer.reference_path))
    for commodity in answer.elements:
        shown: list[Array] = []
        for site, item in answer.balance_pairs(commodity):
            price = worth.tonne(site, item)
            here = price[table.timeline.nodes]
            if any(
                np.allclose(here, other, rtol=SAME_PRICE_SHARE, equal_nan=True) for other in shown
            ):
                continue
            shown.append(here)
            row = ("a tonne more is worth", commodity, site)
            table.add(row, "USD/kg", price, "mean", keep=True)
        kusd, tonnes = paid_of(answer, commodity)
        table.add(("landed cost", commodity, ""), "USD/kg", kusd, over=tonnes)
    for name, line in case.facilities.items():
        row = ("a tonne of capacity is worth", name, line.site)
        table.add(row, "USD/kg", worth.capacity(name), "mean")
    for policy in case.policies:
        price = rule_price(answer, policy.name, policy.detail, policy.measure)
        unit = {"spend": "USD/USD", "cover": "USD/kg a month"}.get(policy.measure, "USD/kg")
        row = ("a unit of the rule costs", policy.name, policy.detail)
        table.add(row, unit, price, "mean")
    return table.table(branch=answer.reference_path.name)
