"""Cost terms: one `LinearTerm` for each variable and category of cost.

Purchase: the offer's price, or the gate price of a route with its tariff; a tonne lifted under a
contract costs the contract's price instead, a tonne forgone the contract's price of the month it is
settled in, and a tonne made up is credited at that price. A price that falls with the quantity is
no linear program: of two offers the cheaper is bought first, whichever was meant to come first, and
a discount is to be typed as the mean price of the quantity meant; one that rises with it is a row
for each step. Freight pays the tariff too. Running and shipping cost at least the book's least
cost, so that free foreign plants do not run for nothing. Holding, waiting and reservation fees run
by the year. An expansion costs its whole price when ordered, or with a life an annuity from the
first month of use that is worth that price at the order; of capacity ordered before the plan the
annuity goes on. A stock with a value is credited at the end of each history. Need that is put off
for longer than its relief asks costs as much a month as for the first months.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array, Case, Contract, LinearTerm
from kido.data.case.effects import Effects
from kido.data.case.make_up import credited
from kido.data.case.tree import Tree
from kido.data.months import month_text
from kido.data.tables import Tables

CATEGORIES = (
    "purchase",
    "freight",
    "running",
    "fee",
    "expansion",
    "holding",
    "relief",
    "disposal",
    "penalty",
    "sales",
    "rebate",
    "ending value",
)


def cost_terms(tables: Tables, case: Case, effects: Effects) -> tuple[LinearTerm, ...]:
    """The cost terms of the case; those of breaches come with the policies."""
    terms = [
        *_trade(tables, case, effects),
        *_running(tables, case, effects),
        *_contracts(case),
        *_stocks(tables, case, effects),
        *_expansion(tables, case),
        *_relief(tables, case, effects),
    ]
    return tuple(c for c in terms if len(c.rate))


def direct(
    category: str, sheet: str, name: str, variable: str, key: tuple[str, ...], rate: Array
) -> LinearTerm:
    """The linear term of a variable that is counted in the node it is decided in."""
    when = np.flatnonzero(rate)
    if len(when) == len(rate):  # one array for all terms that count everywhere
        when = everywhere(len(rate))
        return LinearTerm(category, sheet, name, variable, key, when, when, rate)
    return LinearTerm(category, sheet, name, variable, key, when, when, rate[when])


@lru_cache(maxsize=1)
def everywhere(count: int) -> NDArray[np.intp]:
    """The indices of all nodes."""
    indices = np.arange(count)
    indices.flags.writeable = False
    return indices


def _trade(tables: Tables, case: Case, effects: Effects) -> Iterator[LinearTerm]:
    for name, offer in case.supply.items():
        yield direct("purchase", "Supply", name, "buy", (name,), offer.price)
    for name, offer in case.sales.items():
        yield direct("sales", "Sales", name, "sell", (name,), -offer.price)
    least = case.settings.least_cost
    for r in tables["Routes"].records():
        duty = case.routes[r.name].duty
        price, freight = lane_rates(r, duty, effects, least)
        yield direct("purchase", "Routes", r.name, "ship", (r.name,), price)
        yield direct("freight", "Routes", r.name, "ship", (r.name,), freight)
        for contract in case.contracts.values():
            if r.name in contract.price:
                extra = contract.price[r.name] * duty - price
                key = (contract.name, r.name)
                yield direct("purchase", "Contracts", contract.name, "lift", key, extra)


def lane_rates(r: Any, duty: Array, effects: Effects, least: float) -> tuple[Array, Array]:
    """(price, freight) in USD/kg of a row of Routes, with tariff; together at least `least`."""
    price = effects.mean("Routes", r.name, "price", r.price) * duty
    freight = effects.mean("Routes", r.name, "cost", r.freight) * duty
    total = price + freight
    return price, freight + np.where((total >= 0) & (total < least), least - total, 0.0)


def running_rate(r: Any, effects: Effects, least: float) -> Array:
    """USD/kg of activity of a row of Processes."""
    cost = effects.mean("Processes", r.name, "cost", r.cost)
    return np.where((cost >= 0) & (cost < least), least, cost)


def _running(tables: Tables, case: Case, effects: Effects) -> Iterator[LinearTerm]:
    least = case.settings.least_cost
    for r in tables["Processes"].records():
        cost = running_rate(r, effects, least)
        yield direct("running", "Processes", r.name, "run", (r.name,), cost)
    everywhere = np.ones(len(case.tree.nodes))
    for name, facility in case.facilities.items():
        if facility.idle_cost is not None and facility.minimum_use.any():
            rate = facility.idle_cost * everywhere
            yield direct("running", "Facilities", name, "idle", (name,), rate)
    sites = sorted(case.country)
    for commodity, fee in case.disposal.items():
        for site in sites:
            key = (site, commodity)
            yield direct("disposal", "Commodities", commodity, "discard", key, fee * everywhere)


def _contracts(case: Case) -> Iterator[LinearTerm]:
    count = len(case.tree.nodes)
    for name, contract in case.contracts.items():
        for variable, row in contract.covers:
            if variable == "buy":
                extra = contract.price[row] - case.supply[row].price
                yield direct("purchase", "Contracts", name, "lift", (name, row), extra)
        if contract.fee:
            when = np.array(sorted(contract.signed), dtype=np.intp)
            of = np.array([contract.signed[n] for n in when], dtype=np.intp)
            rate = contract.fee * contract.life[when]
            yield LinearTerm("fee", "Contracts", name, "reserve", (name,), when, of, rate)
        if contract.settlements:
            at = np.zeros(count)
            at[[w.node for w in contract.settlements]] = 1.0
            yield direct(
                "purchase", "Contracts", name, "forgo", (name,), at * contract.forgone_price
            )
        if contract.make_up is not None:
            yield _credit(contract)
        if contract.rebates:
            back = np.zeros(count)
            back[[w.node for w in contract.rebates]] = -1.0
            yield direct("rebate", "Contracts", name, "rebate", (name,), back)


def _credit(contract: Contract) -> LinearTerm:
    """What is credited of what is made up: at the settlement of its period, then at once."""
    counted, decided = credited(contract)
    rate = -contract.forgone_price[counted]
    return LinearTerm(
        "purchase", "Contracts", contract.name, "make_up", (contract.name,), counted, decided, rate
    )


def _stocks(tables: Tables, case: Case, effects: Effects) -> Iterator[LinearTerm]:
    years = np.array([m.months for m in case.tree.nodes]) / 12
    leaf = np.zeros(len(years))
    leaf[list(case.tree.leaves)] = 1.0
    for r in tables["Stockpiles"].records():
        holding = effects.mean("Stockpiles", r.name, "cost", r.holding_cost) * years
        yield direct("holding", "Stockpiles", r.name, "stock", (r.name,), holding)
        if r.ending == "value per kg":
            value = -r.ending_amount * leaf
            yield direct("ending value", "Stockpiles", r.name, "stock", (r.name,), value)
    for pair in case.yards:
        rate = (case.settings.yard_cost or 0.0) * years
        yield direct("holding", "Settings", "yard cost", "yard_stock", pair, rate)


def annuity(rate: float, months: float) -> float:
    """The annuity of a year for one unit borrowed, a twelfth at the start of each month.

    The capital recovery factor of a month, paid in advance, times 12; of a last month that is
    not whole, its part. `rate` is a year's.
    """
    if rate == 0:
        return 12 / months
    discount, whole = (1 + rate) ** (-1 / 12), math.floor(months)
    present_value = (1 - discount**whole) / (1 - discount) + (months - whole) * discount**whole
    return 12 / present_value


def _expansion(tables: Tables, case: Case) -> Iterator[LinearTerm]:
    tree, rate = case.tree, tables.settings.discount_rate
    for r in tables["Facilities"].records():
        if not math.isnan(r.expansion_cost):
            yield expansion_term(r, tree, rate)
            if not math.isnan(r.life_years):
                for month in case.underway.by_month("ready", r.name):
                    yield _ordered_term(r, tree, rate, month)


def expansion_term(r: Any, tree: Tree, rate: float) -> LinearTerm:
    """The cost of orders of a row of Facilities: whole, or as an annuity over its life."""
    if math.isnan(r.life_years):
        whole = np.full(len(tree.nodes), r.expansion_cost)
        return direct("expansion", "Facilities", r.name, "expand", (r.name,), whole)
    charged, ordered = tree.pairs  # each node, and each order on its path
    first = tree.spans[0][ordered] + r.build_months
    return _annuity_term(r, tree, rate, "expand", (r.name,), charged, ordered, first)


def _ordered_term(r: Any, tree: Tree, rate: float, month: int) -> LinearTerm:
    """The annuity within the plan of capacity ordered before it, in use from a month on."""
    every, key = np.arange(len(tree.nodes)), (r.name, month_text(month))
    first = np.full(len(every), month)
    return _annuity_term(r, tree, rate, "ordered", key, every, tree.roots, first)


def _annuity_term(
    r: Any,
    tree: Tree,
    rate: float,
    variable: str,
    key: tuple[str, ...],
    charged: NDArray[np.intp],
    ordered: NDArray[np.intp],
    first: NDArray[np.intp],
) -> LinearTerm:
    """The months of its life from `first` on that fall into each node charged, at the annuity."""
    yearly = r.expansion_cost * annuity(rate, 12 * r.life_years)
    yearly *= (1 + rate) ** (r.build_months / 12)
    start, end = tree.spans
    months = np.minimum(end[charged], first + 12 * r.life_years) - np.maximum(start[charged], first)
    paid = months > 0
    return LinearTerm(
        "expansion", "Facilities", r.name, variable, key,
        charged[paid], ordered[paid], yearly * (months[paid] / 12),
    )  # fmt: skip


def _relief(tables: Tables, case: Case, effects: Effects) -> Iterator[LinearTerm]:
    months = np.array([m.months for m in case.tree.nodes], dtype=float)
    for r in tables["Relief"].records():
        cost = effects.mean("Relief", r.name, "cost", r.cost)
        yield direct("relief", "Relief", r.name, "relieve", (r.name,), cost)
        if r.name in case.tiers and case.tiers[r.name].again > 0:
            longer = cost * months / r.returns
            yield direct("relief", "Relief", r.name, "postpone", (r.name,), longer)
