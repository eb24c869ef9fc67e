"""Costs of a plan by row and category, and the check of mean, CVaR and objective."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kido.errors import Place
from kido.messages import phrase

from .calendar import Numbers
from .contracts import Terms
from .flow_table import Plan
from .limits import ordered_before
from .recomputed import Facts, blank
from .residuals import Ledger
from .underway import told

COST_COLUMNS = [
    "category",
    "branch",
    "start",
    "months",
    "kusd",
    "discount",
    "probability",
]


@dataclass(frozen=True)
class CostItem:
    """The cost of one row in one category: undiscounted kUSD at each node.

    `spending` is the part that a policy on spending counts, None where it counts nothing.
    `contract` is the contract at whose price the row is charged, `lifted` the whole price of
    what is lifted under it. `item` is the commodity of goods that wait at a site; `counts_as`
    the kind of spending where that is not the category.
    """

    category: str
    sheet: str
    row: Any
    kusd: Numbers
    spending: Numbers | None = None
    contract: Any = None
    lifted: Numbers | None = None
    item: str = ""
    counts_as: str = ""


def cost_items(facts: Facts, terms: list[Terms], plan: Plan) -> list[CostItem]:
    """Every cost of the plan, one item for each row and category."""
    return [
        *_offers(facts, plan),
        *_plants(facts, plan),
        *_expansions(facts, plan),
        *_contracts(terms, plan),
        *_stocks(facts, plan),
        *_shortfalls(facts, plan),
    ]


def _offers(facts: Facts, plan: Plan) -> list[CostItem]:
    """The costs of purchases, sales and lanes: t x USD/kg."""
    items = []
    least = facts.settings.least_cost
    for row in facts.rows["Supply"]:
        cost = plan("buy", row.name) * facts.price("Supply", row)
        items.append(CostItem("purchase", "Supply", row, cost, cost))
    for row in facts.rows["Sales"]:
        cost = -plan("sell", row.name) * facts.price("Sales", row)
        items.append(CostItem("sales", "Sales", row, cost))
    for row in facts.rows["Routes"]:
        ship, duty = plan("ship", row.name), facts.duty("Routes", row)
        gate = facts.price("Routes", row) * duty
        freight = facts.cost("Routes", row) * duty
        unit_cost = gate + freight
        freight = freight + np.where((unit_cost >= 0) & (unit_cost < least), least - unit_cost, 0.0)
        items.append(CostItem("purchase", "Routes", row, ship * gate, ship * gate))
        items.append(CostItem("freight", "Routes", row, ship * freight, ship * freight))
    return items


def _plants(facts: Facts, plan: Plan) -> list[CostItem]:
    """The costs of running, and of idle capacity below its minimum use."""
    items = []
    least = facts.settings.least_cost
    for row in facts.rows["Processes"]:
        rate = facts.cost("Processes", row)
        rate = np.where((rate >= 0) & (rate < least), least, rate)
        cost = plan("run", row.name) * rate
        items.append(CostItem("running", "Processes", row, cost, cost))
    for row in facts.rows["Facilities"]:
        if not blank(row.idle_cost):
            cost = plan("idle", row.name) * row.idle_cost / facts.rate(row)
            items.append(CostItem("running", "Facilities", row, cost, cost))
    return items


def yearly_charge(rate: float, years: float, build_months: float) -> float:
    """The annuity of one unit of cost: payments of a year, monthly from the first day of use."""
    months = np.arange(np.ceil(12 * years))
    part = np.minimum(1.0, 12 * years - months)  # of a last month that is not whole
    worth = float(np.sum(part * (1.0 + rate) ** (-(months + build_months) / 12.0)))
    return 12.0 / worth


def _expansions(facts: Facts, plan: Plan) -> list[CostItem]:
    """The costs of new capacity: whole when ordered, or an annuity over its life."""
    tree = facts.tree
    later, earlier = tree.pairs
    items = []
    for row in facts.rows["Facilities"]:
        if blank(row.expansion_cost):
            continue
        order_cost = plan("expand", row.name) * row.expansion_cost / facts.rate(row)
        cost = order_cost
        if not blank(row.life_years):
            begin = tree.first[earlier] + row.build_months
            stop = np.minimum(tree.last[later], begin + 12 * row.life_years)
            months = np.maximum(stop - np.maximum(tree.first[later], begin), 0.0)
            rate = facts.settings.discount_rate
            yearly = order_cost * yearly_charge(rate, row.life_years, row.build_months)
            cost = np.bincount(later, yearly[earlier] * months / 12.0, minlength=len(tree))
        items.append(CostItem("expansion", "Facilities", row, cost, order_cost))
        if not blank(row.life_years):
            items.append(CostItem("expansion", "Facilities", row, _goes_on(facts, plan, row)))
    return items


def _goes_on(facts: Facts, plan: Plan, row: Any) -> Numbers:
    """kUSD at each node of the annuities of capacity that was ordered before the plan."""
    tree, total = facts.tree, np.zeros(len(facts.tree))
    yearly = yearly_charge(facts.settings.discount_rate, row.life_years, row.build_months)
    for month in {month for month, _ in told(facts, "ready", row.name)}:
        over = month + 12 * row.life_years
        months = np.minimum(tree.last, over) - np.maximum(tree.first, month)
        ordered = ordered_before(facts, plan, row.name, month)
        total += ordered * yearly * np.maximum(months, 0.0) / 12.0
    return total * row.expansion_cost / facts.rate(row)


def _contracts(terms: list[Terms], plan: Plan) -> list[CostItem]:
    """Fees, price differences of liftings, volumes forgone, credits and rebates of contracts."""
    items = []
    for contract in terms:
        row, facts = contract.row, contract.facts
        fee = contract.reservation(plan) * row.fee / facts.rate(row) * contract.life / 12.0
        items.append(CostItem("fee", "Contracts", row, fee, fee))
        for sheet, covered, lifted in contract.lifted(plan):
            dearer = contract.price(sheet, covered) - facts.price(sheet, covered)
            cost = lifted * dearer * facts.duty(sheet, covered)
            whole = lifted * contract.price(sheet, covered) * facts.duty(sheet, covered)
            items.append(CostItem("purchase", sheet, covered, cost, cost, row, whole))
        forgone = plan("forgo", row.name) * contract.price_forgone()
        items.append(CostItem("purchase", "Contracts", row, forgone, forgone))
        credit = -contract.made_up_to_settle(plan) * contract.price_forgone()
        items.append(CostItem("purchase", "Contracts", row, credit, credit))
        back = -plan("rebate", row.name)
        items.append(CostItem("rebate", "Contracts", row, back, back, counts_as="purchase"))
    return items


def _stocks(facts: Facts, plan: Plan) -> list[CostItem]:
    """The costs of holding, yards and disposal, and the value of ending stocks."""
    tree = facts.tree
    years = tree.months / 12.0
    items = []
    for row in facts.rows["Stockpiles"]:
        level = plan("stock", row.name)
        cost = level * facts.cost("Stockpiles", row) * years
        items.append(CostItem("holding", "Stockpiles", row, cost, cost))
        if row.ending == "value per kg":
            worth = np.where(tree.leaf > 0, -row.ending_amount / facts.rate(row) * level, 0.0)
            items.append(CostItem("ending value", "Stockpiles", row, worth))
    yard_cost = facts.settings.yard_cost
    disposal = {row.name: row.disposal_cost / facts.rate(row) for row in facts.rows["Commodities"]}
    for kind, site, commodity in plan.arrays:
        place = facts.named["Sites"].get(site)
        amount = plan(kind, site, commodity)
        if kind == "yard_stock" and yard_cost is not None:
            cost = amount * yard_cost * years
            items.append(CostItem("holding", "Sites", place, cost, cost, item=commodity))
        if kind == "discard" and not blank(disposal.get(commodity)):
            items.append(CostItem("disposal", "Sites", place, amount * disposal[commodity]))
    return items


def _shortfalls(facts: Facts, plan: Plan) -> list[CostItem]:
    """The costs of relief, and the penalties of breaches of soft policies."""
    items = []
    for row in facts.rows["Relief"]:
        cost = plan("relieve", row.name) * facts.cost("Relief", row)
        if facts.puts_off_again(row):
            shortest = row.returns / facts.tree.months
            cost = cost + plan("postpone", row.name) * facts.cost("Relief", row) / shortest
        items.append(CostItem("relief", "Relief", row, cost))
    for row in facts.rows["Policies"]:
        if blank(row.penalty):
            continue
        lasts = facts.tree.months if row.measure in ("cover", "stock") else 1.0
        for kind, name, item in plan.arrays:
            if kind == "breach" and name == row.name:
                cost = plan(kind, name, item) * row.penalty * lasts
                items.append(CostItem("penalty", "Policies", row, cost))
    return items


def tail_mean(costs: Numbers, probabilities: Numbers, level: float) -> float:
    """Conditional value at risk of a discrete distribution, in the unit of `costs`.

    The least over t of t + sum p max(0, cost - t) / (1 - level), which lies at one of the
    costs (Rockafellar and Uryasev 2000).
    """
    tails = [t + float(probabilities @ np.maximum(costs - t, 0.0)) / (1.0 - level) for t in costs]
    return min(tails)


def check_money(
    facts: Facts,
    items: list[CostItem],
    ledger: Ledger,
    objective: float,
    expected_cost: float,
    cvar: float | None,
) -> None:
    """Checks expected cost, CVaR and objective (kUSD) against the cost items."""
    tree, settings = facts.tree, facts.settings
    total, size = np.zeros(len(tree)), np.zeros(len(tree))
    for cost_item in items:
        total += cost_item.kusd
        size += np.abs(cost_item.kusd)
    every = np.zeros(len(tree), dtype=np.int64)
    ends = np.flatnonzero(tree.leaf > 0)
    chance = tree.leaf[ends]
    history = tree.gather(total * tree.discount, every)[ends]
    sizes = tree.gather(size * tree.discount, every)[ends]
    mean = float(chance @ history)
    scale = float(chance @ sizes)
    place = Place("Settings")
    ledger.compare_scalar("money", place, phrase("subject.mean"), expected_cost, mean, scale)
    tail = tail_mean(history, chance, settings.cvar_level)
    weight = settings.risk_weight
    if cvar is not None:
        level = phrase("subject.cvar", level=settings.cvar_level)
        ledger.compare_scalar("risk", place, level, cvar, tail, float(sizes.max()))
    goal = (1.0 - weight) * mean + weight * tail
    size_of_goal = (1.0 - weight) * scale + weight * float(sizes.max())
    ledger.compare_scalar(
        "money", place, phrase("subject.objective"), objective, goal, size_of_goal
    )


def cost_table(facts: Facts, items: list[CostItem]) -> pd.DataFrame:
    """Undiscounted kUSD by category and node, with discount factor and probability."""
    tree = facts.tree
    by_category: dict[str, Numbers] = {}
    for cost_item in items:
        before = by_category.get(cost_item.category, np.zeros(len(tree)))
        by_category[cost_item.category] = before + cost_item.kusd
    lines = [
        (category, *tree.key(int(n)), cost[n], tree.discount[n], tree.probability[n])
        for category, cost in by_category.items()
        for n in np.flatnonzero(cost)
    ]
    return pd.DataFrame(lines, columns=COST_COLUMNS)
