"""Checks of orders that stay in the plan: at least so much, as far as the rows may."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.messages import phrase

from .allowed_flows import useful_orders
from .calendar import Marks, Numbers
from .contracts import Terms
from .flow_table import SHEET_OF, Plan
from .limits import built, uses_of
from .recomputed import Facts, blank
from .residuals import Ledger

STAYS = ("approved", "confirmed")
KINDS = ("buy", "ship", "run", "reserve", "expand")


def check_orders(facts: Facts, terms: list[Terms], plan: Plan, ledger: Ledger) -> None:
    """Checks that approved and confirmed orders stay in the plan."""
    frame, tree = facts.tables["Orders"], facts.tree
    contracts = {contract.row.name: contract for contract in terms}
    for order in facts.rows["Orders"]:
        then = (tree.first <= order.month) & (order.month < tree.last)
        for kind in KINDS if order.status in STAYS else ():
            row = facts.named[SHEET_OF[kind]].get(order.name)
            if row is None:
                continue
            least, where = ordered(facts, row, contracts), then
            if kind == "reserve":
                contract = contracts[order.name]
                most = np.inf if blank(row.most_reserved) else row.most_reserved * contract.mass
                least, where = np.minimum(least, most), then & contract.signing_nodes
            elif kind == "expand":
                where = then & _useful(facts, row)
            else:
                least = held(facts, SHEET_OF[kind], row)
            ledger.compare(
                "order", frame.place(order.Index, "amount"),
                phrase("subject.order", name=order.name, kind=phrase(f"flow.{kind}")),
                plan(kind, order.name), ">=", least, where=where,
                unit="t/yr" if kind in ("reserve", "expand") else "t",
            )  # fmt: skip


def held(facts: Facts, sheet: str, row: Any) -> Numbers:
    """t of an offer, process or lane at each node that its orders keep in the plan.

    As far as it may, and as the facilities that it uses can, with the capacity that is held.
    """
    least = np.minimum(ordered(facts, row), facts.limits(sheet, row)[1])
    for facility, amount in uses_of(facts, sheet, row):
        orders = np.where(_useful(facts, facility), ordered(facts, facility), 0.0)
        able = facts.installed(facility) + built(facts, facility, orders)
        least = np.minimum(least, able / amount)
    return least


def ordered(facts: Facts, row: Any, contracts: dict[str, Terms] | None = None) -> Numbers:
    """t (of rates t/yr) of a row whose orders stay, at each node, before its own limits."""
    months = facts.effects.months
    amounts = np.zeros((len(facts.tree.branches), len(months)))
    orders = [r for r in facts.rows["Orders"] if r.name == row.name and r.status in STAYS]
    for place, branch in enumerate(facts.tree.branches):
        for scenario in ("", *branch.shifts):  # the nearest that has an order of the month counts
            for order in orders:
                if order.scenario == scenario:
                    amounts[place, months == order.month] = order.amount
    mass = 1.0
    if hasattr(row, "commodity"):
        mass = facts.masses.tonnes(row.commodity)
    elif contracts and row.name in contracts:
        mass = contracts[row.name].mass
    return facts.tree.total(amounts) * mass


def _useful(facts: Facts, row: Any) -> Marks:
    """Whether capacity of a facility may be ordered at each node, and is of use."""
    if blank(row.expansion_cost):
        return np.zeros(len(facts.tree), dtype=bool)
    useful: Marks = facts.cached(
        ("useful", "Facilities", row.Index), lambda: useful_orders(facts, row)
    )
    return useful
