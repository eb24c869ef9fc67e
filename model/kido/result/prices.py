"""What a tonne, a tonne of capacity and a rule are worth: duals in planners' words."""

from __future__ import annotations

import numpy as np

from kido.data.case import Array
from kido.result.answer import Answer
from kido.result.deals import deals
from kido.result.table import Column, Table
from kido.result.timeline import Timeline, TimeTable

ALIKE = 0.01  # sites whose prices differ by less share a line
FAMILY = {
    "volume": "volume_limit",
    "share": "share_limit",
    "spend": "spend_limit",
    "cover": "cover",
    "service": "service",
}


def paid_of(answer: Answer, commodity: str) -> tuple[Array, Array]:
    """(kUSD, t) of what is ordered of a commodity, tariff included, in each moment."""
    kusd, tonnes = answer.nothing, answer.nothing
    for deal in deals(answer):
        if deal.commodity == commodity and answer.at_home(deal.destination):
            kusd = kusd + deal.tonnes * deal.price
            tonnes = tonnes + deal.tonnes
    return kusd, tonnes


def rule_price(answer: Answer, name: str, detail: str, measure: str) -> Array:
    """USD for a unit of the rule, at the moments where one of its rows binds."""
    dual = answer.worth.of_rows(FAMILY[measure], name, detail)
    return np.where(dual != 0, np.abs(dual) / answer.worth.money, np.nan)


def prices(answer: Answer) -> Table:
    labels = (
        Column("measure", shape="word"), Column("what"), Column("where"),
    )  # fmt: skip
    case, worth = answer.case, answer.worth
    table = TimeTable("prices", labels, Timeline.of(answer, answer.main))
    for commodity in answer.elements:
        shown: list[Array] = []
        for site, item in answer.balance_pairs(commodity):
            price = worth.tonne(site, item)
            here = price[table.timeline.moments]
            if any(np.allclose(here, other, rtol=ALIKE, equal_nan=True) for other in shown):
                continue
            shown.append(here)
            row = ("a tonne more is worth", commodity, site)
            table.add(row, "USD/kg", price, "mean", keep=True)
        kusd, tonnes = paid_of(answer, commodity)
        table.add(("price paid", commodity, ""), "USD/kg", kusd, over=tonnes)
    for name, line in case.facilities.items():
        row = ("a tonne of capacity is worth", name, line.site)
        table.add(row, "USD/kg", worth.capacity(name), "mean")
    for policy in case.policies:
        price = rule_price(answer, policy.name, policy.detail, policy.measure)
        unit = "USD/USD" if policy.measure == "spend" else "USD/kg"
        row = ("a unit of the rule costs", policy.name, policy.detail)
        table.add(row, unit, price, "mean")
    return table.table(branch=answer.main.name)
