"""The table of shadow prices: of a tonne, of capacity and of policies."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.data.schema import HELD
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.landed_cost import lane_cost, lifted_extra
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable
from kido.tolerances import SAME_PRICE_SHARE, SHOWN_PRICE_USD_KG

FAMILY = {
    "volume": "volume_limit",
    "share": "share_limit",
    "spend": "spend_limit",
    "cover": "cover",
    "service": "service",
    "stock": "stock_limit",
}


def paid_of(plan: SolvedPlan, commodity: str) -> tuple[Array, Array]:
    """(kUSD, t) of a commodity ordered for home, by the node in which it leaves.

    t that land, and all that is paid for them on their way. Goods without a known cost are left
    out.
    """
    kusd, tonnes = plan.zeros, plan.zeros
    for (name,), shipped in plan.values["ship"].items():
        lane = plan.case.routes[name]
        if lane.commodity == commodity and plan.imports(name):
            cost = lane_cost(plan, name)
            has_cost = np.isfinite(cost)
            kusd = kusd + np.where(has_cost, shipped * np.where(has_cost, cost, 0.0), 0.0)
            tonnes = tonnes + np.where(has_cost, shipped * lane.efficiency, 0.0)
    for (name,), purchased in plan.values["buy"].items():
        offer = plan.case.supply[name]
        if offer.commodity == commodity and plan.at_home(offer.site):
            kusd = kusd + purchased * offer.price + lifted_extra(plan, "buy", name)
            tonnes = tonnes + purchased
    return kusd, tonnes


def rule_price(plan: SolvedPlan, name: str, detail: str, measure: str) -> Array:
    """USD per unit of a policy in each node where it binds, NaN elsewhere; of a cover or
    a stock, per month: it is held for all months of its node.
    """
    dual = plan.worth.of_rows(FAMILY[measure], name, detail)
    if measure in HELD:
        dual = dual / plan.months
    return np.where(dual != 0, np.abs(dual) / plan.worth.money, np.nan)


def prices(plan: SolvedPlan) -> Table:
    """The table of shadow prices and landed costs over time, on the reference path."""
    labels = (
        Column("measure", shape="word"), Column("what"), Column("where"),
    )  # fmt: skip
    case, worth = plan.case, plan.worth
    table = TimeTable("prices", labels, Timeline.of(plan, plan.reference_path))
    for commodity in plan.elements:
        prices_listed: list[Array] = []
        for site, item in plan.balance_pairs(commodity):
            price = worth.tonne(site, item)
            on_path = price[table.timeline.nodes]
            if any(
                np.allclose(on_path, listed_price, rtol=SAME_PRICE_SHARE, equal_nan=True)
                for listed_price in prices_listed
            ):
                continue
            prices_listed.append(on_path)
            row = ("a tonne more is worth", commodity, site)
            table.add(row, "USD/kg", price, "mean", keep=True)
        kusd, tonnes = paid_of(plan, commodity)
        table.add(("landed cost", commodity, ""), "USD/kg", kusd, over=tonnes)
    for name, line in case.facilities.items():
        row = ("a tonne of capacity is worth", name, line.site)
        worth_of_line = worth.capacity(name)
        if np.nanmax(np.abs(worth_of_line), initial=0.0) >= SHOWN_PRICE_USD_KG:
            table.add(row, "USD/kg", worth_of_line, "mean")
    for policy in case.policies:
        price = rule_price(plan, policy.name, policy.detail, policy.measure)
        held = policy.measure in HELD
        unit = "USD/kg a month" if held else "USD/USD" if policy.measure == "spend" else "USD/kg"
        row = ("a unit of the rule costs", policy.name, policy.detail)
        table.add(row, unit, price, "mean")
    return table.table(branch=reference(plan))
