"""Cash by fiscal year: signed already, chosen, capital when it is paid; then what is no cash."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from kido.data.case.case import VARIABLE_OF, Array, Contract, Facility
from kido.report.table import Column, Table
from kido.result.costs import part_of_year, reported_months, series_by_part
from kido.result.currency import money_unit
from kido.result.order_status import confirmed, rows_confirmed
from kido.result.plan import SolvedPlan
from kido.result.timeline import years_of
from kido.tolerances import EFFECT_KUSD

RECEIVED = ("sales", "rebate")
NO_CASH = ("relief", "penalty", "ending value")  # categories
PARTS = {  # what these consist of
    "thrift": "thrift, substitutes and delay",
    "lost": "lost output",
    "penalty": "penalties of rules",
    "kept": "value of stocks at the end",
}
SUMS = ("cash in all", "cost in all")


def cash(plan: SolvedPlan) -> Table:
    """The table of expected cash by fiscal year in the display currency.

    Twice: undiscounted, and discounted to the start. In each, the lines down to `cash in all`
    sum to it, and with those below it to `cost in all`, which is that of the table of costs.
    """
    unit, factor = money_unit(plan)
    years, share = years_of(plan)
    months = dict(zip(years, share.T @ reported_months(plan), strict=True))
    columns = (
        Column("basis", shape="word"), Column("item", shape="word"),
        Column("of_what", shape="word"),
        *(Column(y, unit, "money", label="" if y == "run-out" else y,
                 part=part_of_year(months[y], y)) for y in years),
        Column("total", unit, "money"),
    )  # fmt: skip
    bases = {"undiscounted": plan.probability, "discounted": plan.probability * plan.discount}
    items = list(_items(plan))
    lines = []
    for basis, weight in bases.items():
        for item, of_what, kusd in items:
            by_year = (kusd * weight * factor) @ share
            if (abs(by_year) > EFFECT_KUSD * factor).any() or item in SUMS:
                lines.append((basis, item, of_what, *by_year, float(by_year.sum())))
    return Table("cash", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _items(plan: SolvedPlan) -> Iterator[tuple[str, str, Array]]:
    """(item, row of the book or category, kUSD in each node) of every line of the table."""
    owed, outlay = committed(plan), outlays(plan)
    cash = {c: kusd for c, kusd in plan.kusd_by_category.items() if c not in NO_CASH}
    spread = cash.pop("expansion")
    for name in dict.fromkeys(name for _, name in owed):
        yield (
            "signed already",
            name,
            sum((x for (_, n), x in owed.items() if n == name), plan.zeros),
        )
    for name, kusd in outlay.items():
        yield "capital, when it is paid", name, kusd - owed.get(("expansion", name), plan.zeros)
    for category, kusd in cash.items():
        signed = sum((x for (c, _), x in owed.items() if c == category), plan.zeros)
        item = "received" if category in RECEIVED else "chosen by the plan"
        yield item, category, kusd - signed
    paid = sum(outlay.values(), plan.zeros)
    yield "cash in all", "", sum(cash.values(), paid)
    yield "capital spread over its life, less what is paid", "", spread - paid
    parts = series_by_part(plan)
    for part, item in PARTS.items():
        yield item, "", parts[part]
    yield "cost in all", "", sum(plan.kusd_by_category.values(), plan.zeros)


def committed(plan: SolvedPlan) -> dict[tuple[str, str], Array]:
    """kUSD in each node that is owed whatever the plan does, by category and row of the book.

    Of a contract: the take-or-pay share of what is reserved at least, as far as events leave it,
    with what is owed from before the plan, less what was lifted, at the contract's price of the
    month without tariff, and its fee. Of a facility: the least
    capacity to be ordered, when the plan orders it. Of a row: what is confirmed of it, at what the
    plan pays for a tonne, beyond what is owed under its contracts. What is on the water counts as
    paid.
    """
    owed = {}
    for name, contract in plan.case.contracts.items():
        reserved = np.maximum(contract.least, _confirmed_reserve(plan, contract)) * contract.life
        firm = contract.take_or_pay * reserved * contract.availability + contract.owed_before
        owed["purchase", name] = firm * contract.forgone_price
        owed["fee", name] = contract.fee * reserved
    for (name,) in plan.values["expand"]:
        line = plan.case.facilities[name]
        ordered = np.maximum(_least_orders(plan, line), confirmed(plan, "Facilities", name))
        owed["expansion", name] = ordered * line.expansion_cost
    for sheet, row, tonnes in rows_confirmed(plan, "Supply", "Routes", "Processes"):
        variable = VARIABLE_OF[sheet]
        ordered = plan.of(variable, row)
        share = np.divide(tonnes, ordered, out=plan.zeros, where=ordered > 0)
        paid = plan.rate("purchase", variable, row) * ordered
        under = plan.zeros
        for name, contract in plan.case.contracts.items():
            if (variable, row) in contract.covers:
                lifted = plan.of("lift", name, row)
                paid = paid + plan.rate("purchase", "lift", name, row) * lifted
                under = under + owed["purchase", name]
        owed["purchase", row] = np.maximum(share * paid - under, 0.0)
        for category in ("freight", "running"):
            owed[category, row] = share * plan.rate(category, variable, row) * ordered
    return {key: kusd for key, kusd in owed.items() if kusd.any()}


def _confirmed_reserve(plan: SolvedPlan, contract: Contract) -> Array:
    """t/yr confirmed of a contract, in each node of its life."""
    signed, reserved = confirmed(plan, "Contracts", contract.name), plan.zeros
    reserved[list(contract.signed)] = signed[list(contract.signed.values())]
    return reserved


def outlays(plan: SolvedPlan) -> dict[str, Array]:
    """kUSD paid in each node for capacity ordered in it, by facility: its whole price."""
    return {
        name: ordered * plan.case.facilities[name].expansion_cost
        for (name,), ordered in plan.values["expand"].items()
    }


def _least_orders(plan: SolvedPlan, line: Facility) -> Array:
    """t/yr ordered in each node of the least that is to be ordered, the first orders first."""
    ordered, before, least = plan.of("expand", line.name), plan.zeros, plan.zeros
    for n, previous in enumerate(plan.previous.tolist()):
        if previous >= 0:
            before[n] = before[previous] + ordered[previous]
        least[n] = min(ordered[n], max(0.0, line.least_expansion - before[n]))
    return least
