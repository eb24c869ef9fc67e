"""Checks of orders that stay in the plan: at least so much, as far as the rows may."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.errors import Place
from kido.messages import phrase

from .allowed_flows import useful_orders
from .calendar import Marks, Numbers
from .contracts import Terms
from .flow_table import SHEET_OF, Plan
from .limits import built, built_before, uses_of
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


def check_nervousness(facts: Facts, terms: list[Terms], plan: Plan, ledger: Ledger) -> None:
    """Checks that the near orders of each commodity change no more than the limit."""
    limit = facts.settings.nervousness
    if limit is None:
        return
    place = Place(facts.tables.settings_title, facts.tables.settings_cells.get("nervousness", ""))
    tree, near = facts.tree, _near(facts)
    end = np.zeros(len(tree), dtype=bool)
    if near.any():
        end[np.flatnonzero(near)[np.argmax(tree.first[near])]] = True
    for commodity in {row.commodity for _, row in _listed(facts)}:
        change, total = 0.0, 0.0
        for kind, row in _rows_bought(facts, terms, commodity):
            was = np.where(near, _listed_amounts(facts, row), 0.0)
            change += float(np.abs(np.where(near, plan(kind, row.name), 0.0) - was).sum())
            total += float(was.sum())
        subject = phrase("subject.nervousness", name=commodity)
        most = limit / 100.0 * total
        moved = np.full(len(tree), change)
        ledger.compare("nervousness", place, subject, moved, "<=", most, where=end)


def _listed(facts: Facts) -> list[tuple[str, Any]]:
    """(kind of flow, row) of the supply rows and lanes on the sheet Orders, of the base case."""
    names = {r.name for r in facts.rows["Orders"] if not r.scenario}
    return [
        (kind, row)
        for kind in ("buy", "ship")
        for row in facts.rows[SHEET_OF[kind]]
        if row.name in names
    ]


def _near(facts: Facts) -> Marks:
    """The nodes of the base case from the first to the last month of the orders listed."""
    tree, names = facts.tree, {row.name for _, row in _listed(facts)}
    months = [r.month for r in facts.rows["Orders"] if r.name in names and not r.scenario]
    alone = (tree.leaf > 0).sum() == 1
    base = np.full(len(tree), True) if alone else tree.branch == tree.branch[0]
    if not months:
        return np.zeros(len(tree), dtype=bool)
    near: Marks = base & (tree.first <= max(months)) & (tree.last > min(months))
    return near


def _rows_bought(facts: Facts, terms: list[Terms], commodity: str) -> list[tuple[str, Any]]:
    """(kind of flow, row) of what is listed, has a price or a contract, of a commodity."""
    listed = {row.name for _, row in _listed(facts)}
    covered = {row.name for contract in terms for _, row in contract.covered}
    return [
        (kind, row)
        for kind in ("buy", "ship")
        for row in facts.rows[SHEET_OF[kind]]
        if row.commodity == commodity
        and (row.name in listed | covered or facts.price(SHEET_OF[kind], row).any())
    ]


def _listed_amounts(facts: Facts, row: Any) -> Numbers:
    """t of a row on the sheet Orders at each node, of the base case, whatever their status."""
    amounts = np.zeros(len(facts.tree))
    for order in facts.rows["Orders"]:
        if order.name == row.name and not order.scenario:
            then = (facts.tree.first <= order.month) & (order.month < facts.tree.last)
            amounts = amounts + np.where(then, order.amount, 0.0)
    return amounts * facts.masses.tonnes(row.commodity)


def held(facts: Facts, sheet: str, row: Any) -> Numbers:
    """t of an offer, process or lane at each node that its orders keep in the plan.

    As far as it may, and as the facilities that it uses can, with the capacity that is held.
    """
    least = np.minimum(ordered(facts, row), facts.limits(sheet, row)[1])
    for facility, amount in uses_of(facts, sheet, row):
        orders = np.where(_useful(facts, facility), ordered(facts, facility), 0.0)
        able = facts.installed(facility) + built(facts, facility, orders)
        able += built_before(facts, facility, lambda _, amount: amount + np.zeros(len(facts.tree)))
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
