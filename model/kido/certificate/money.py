"""Money: the cost of every moment by category, its mean, its tail, and the objective."""

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
from .recomputed import Facts, blank
from .residuals import Ledger

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
class Charge:
    """kUSD, undiscounted, that one row costs at each moment.

    `spent` is what counts as spending of the category under a policy; None where nothing does.
    `contract` is the one whose price the row is charged at; `lifted` what it charges in all.
    `item` is the commodity of what waits at a site; `counts_as` another category to spend under.
    """

    category: str
    sheet: str
    row: Any
    kusd: Numbers
    spent: Numbers | None = None
    contract: Any = None
    lifted: Numbers | None = None
    item: str = ""
    counts_as: str = ""


def charges(facts: Facts, terms: list[Terms], plan: Plan) -> list[Charge]:
    """Every cost of the plan, row by row."""
    return [
        *_offers(facts, plan),
        *_plants(facts, plan),
        *_expansions(facts, plan),
        *_contracts(terms, plan),
        *_stocks(facts, plan),
        *_shortfalls(facts, plan),
    ]


def _offers(facts: Facts, plan: Plan) -> list[Charge]:
    """Purchases, sales, lanes: t x USD/kg."""
    found = []
    least = facts.settings.least_cost
    for row in facts.rows["Supply"]:
        cost = plan("buy", row.name) * facts.price("Supply", row)
        found.append(Charge("purchase", "Supply", row, cost, cost))
    for row in facts.rows["Sales"]:
        cost = -plan("sell", row.name) * facts.price("Sales", row)
        found.append(Charge("sales", "Sales", row, cost))
    for row in facts.rows["Routes"]:
        ship, duty = plan("ship", row.name), facts.duty("Routes", row)
        gate = facts.price("Routes", row) * duty
        freight = facts.cost("Routes", row) * duty
        paid = gate + freight
        freight = freight + np.where((paid >= 0) & (paid < least), least - paid, 0.0)
        found.append(Charge("purchase", "Routes", row, ship * gate, ship * gate))
        found.append(Charge("freight", "Routes", row, ship * freight, ship * freight))
    return found


def _plants(facts: Facts, plan: Plan) -> list[Charge]:
    """Running, and capacity that stands idle below its minimum use."""
    found = []
    least = facts.settings.least_cost
    for row in facts.rows["Processes"]:
        rate = facts.cost("Processes", row)
        rate = np.where((rate >= 0) & (rate < least), least, rate)
        cost = plan("run", row.name) * rate
        found.append(Charge("running", "Processes", row, cost, cost))
    for row in facts.rows["Facilities"]:
        if not blank(row.idle_cost):
            cost = plan("idle", row.name) * row.idle_cost
            found.append(Charge("running", "Facilities", row, cost, cost))
    return found


def yearly_charge(rate: float, years: float, build_months: float) -> float:
    """A year's payments for one unit of cost: paid monthly from the first day of use."""
    months = np.arange(np.ceil(12 * years))
    part = np.minimum(1.0, 12 * years - months)  # of a last month that is not whole
    worth = float(np.sum(part * (1.0 + rate) ** (-(months + build_months) / 12.0)))
    return 12.0 / worth


def _expansions(facts: Facts, plan: Plan) -> list[Charge]:
    """New capacity: whole when ordered, or an annuity while it lives."""
    tree = facts.tree
    later, earlier = tree.pairs
    found = []
    for row in facts.rows["Facilities"]:
        if blank(row.expansion_cost):
            continue
        spent = plan("expand", row.name) * row.expansion_cost
        cost = spent
        if not blank(row.life_years):
            begin = tree.first[earlier] + row.build_months
            stop = np.minimum(tree.last[later], begin + 12 * row.life_years)
            months = np.maximum(stop - np.maximum(tree.first[later], begin), 0.0)
            rate = facts.settings.discount_rate
            yearly = spent * yearly_charge(rate, row.life_years, row.build_months)
            cost = np.bincount(later, yearly[earlier] * months / 12.0, minlength=len(tree))
        found.append(Charge("expansion", "Facilities", row, cost, spent))
    return found


def _contracts(terms: list[Terms], plan: Plan) -> list[Charge]:
    """Fees, the contract's price instead of the row's, what is forgone, rebates."""
    found = []
    for contract in terms:
        row, facts = contract.row, contract.facts
        fee = contract.reserved(plan) * row.fee * contract.life / 12.0
        found.append(Charge("fee", "Contracts", row, fee, fee))
        for sheet, covered, lifted in contract.lifted(plan):
            dearer = contract.price(sheet, covered) - facts.price(sheet, covered)
            cost = lifted * dearer * facts.duty(sheet, covered)
            whole = lifted * contract.price(sheet, covered) * facts.duty(sheet, covered)
            found.append(Charge("purchase", sheet, covered, cost, cost, row, whole))
        forgone = plan("forgo", row.name) * contract.price_forgone()
        found.append(Charge("purchase", "Contracts", row, forgone, forgone))
        back = -plan("rebate", row.name)
        found.append(Charge("rebate", "Contracts", row, back, back, counts_as="purchase"))
    return found


def _stocks(facts: Facts, plan: Plan) -> list[Charge]:
    """Holding, waiting in yards, what is left at the end, disposal."""
    tree = facts.tree
    years = tree.months / 12.0
    found = []
    for row in facts.rows["Stockpiles"]:
        held = plan("stock", row.name)
        cost = held * facts.cost("Stockpiles", row) * years
        found.append(Charge("holding", "Stockpiles", row, cost, cost))
        if row.ending == "value per kg":
            worth = np.where(tree.leaf > 0, -row.ending_amount * held, 0.0)
            found.append(Charge("ending value", "Stockpiles", row, worth))
    yard_cost = facts.settings.yard_cost
    disposal = {row.name: row.disposal_cost for row in facts.rows["Commodities"]}
    for kind, site, commodity in plan.arrays:
        place = facts.named["Sites"].get(site)
        amount = plan(kind, site, commodity)
        if kind == "yard_stock" and yard_cost is not None:
            cost = amount * yard_cost * years
            found.append(Charge("holding", "Sites", place, cost, cost, item=commodity))
        if kind == "discard" and not blank(disposal.get(commodity)):
            found.append(Charge("disposal", "Sites", place, amount * disposal[commodity]))
    return found


def _shortfalls(facts: Facts, plan: Plan) -> list[Charge]:
    """Relief of demand, and breaches of soft policies."""
    found = []
    for row in facts.rows["Relief"]:
        cost = plan("relieve", row.name) * facts.cost("Relief", row)
        found.append(Charge("relief", "Relief", row, cost))
    for row in facts.rows["Policies"]:
        if blank(row.penalty):
            continue
        lasts = facts.tree.months if row.measure == "cover" else 1.0
        for kind, name, item in plan.arrays:
            if kind == "breach" and name == row.name:
                cost = plan(kind, name, item) * row.penalty * lasts
                found.append(Charge("penalty", "Policies", row, cost))
    return found


def tail_mean(costs: Numbers, probabilities: Numbers, level: float) -> float:
    """Conditional value at risk of a discrete distribution (Rockafellar and Uryasev 2000).

    The least over t of t + sum p max(0, cost - t) / (1 - level); it lies at one of the costs.
    """
    tails = [t + float(probabilities @ np.maximum(costs - t, 0.0)) / (1.0 - level) for t in costs]
    return min(tails)


def check_money(
    facts: Facts,
    found: list[Charge],
    ledger: Ledger,
    objective: float,
    expected_cost: float,
    cvar: float | None,
) -> None:
    """Mean, tail and objective, worked out anew from the charges."""
    tree, settings = facts.tree, facts.settings
    total, size = np.zeros(len(tree)), np.zeros(len(tree))
    for charge in found:
        total += charge.kusd
        size += np.abs(charge.kusd)
    every = np.zeros(len(tree), dtype=np.int64)
    ends = np.flatnonzero(tree.leaf > 0)
    chance = tree.leaf[ends]
    history = tree.gather(total * tree.discount, every)[ends]
    sizes = tree.gather(size * tree.discount, every)[ends]
    mean = float(chance @ history)
    scale = float(chance @ sizes)
    place = Place("Settings")
    ledger.single("money", place, phrase("subject.mean"), expected_cost, mean, scale)
    tail = tail_mean(history, chance, settings.cvar_level)
    weight = settings.risk_weight
    if cvar is not None:
        level = phrase("subject.cvar", level=settings.cvar_level)
        ledger.single("risk", place, level, cvar, tail, float(sizes.max()))
    goal = (1.0 - weight) * mean + weight * tail
    size_of_goal = (1.0 - weight) * scale + weight * float(sizes.max())
    ledger.single("money", place, phrase("subject.objective"), objective, goal, size_of_goal)


def cost_table(facts: Facts, found: list[Charge]) -> pd.DataFrame:
    """kUSD by category and moment, undiscounted, with discount and probability."""
    tree = facts.tree
    by_category: dict[str, Numbers] = {}
    for charge in found:
        before = by_category.get(charge.category, np.zeros(len(tree)))
        by_category[charge.category] = before + charge.kusd
    lines = [
        (category, *tree.key(int(n)), cost[n], tree.discount[n], tree.probability[n])
        for category, cost in by_category.items()
        for n in np.flatnonzero(cost)
    ]
    return pd.DataFrame(lines, columns=COST_COLUMNS)
