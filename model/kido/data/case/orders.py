"""Orders that stay in the plan: approved and confirmed rows of the sheet Orders.

They are a floor: at least so much is bought, sent, run, reserved or ordered in each node, the
orders of its months together. An order of a scenario is held under it, one of the base case (blank)
everywhere, but where the scenario, or one that it parts from, has an order of its own of that row
and month. No more is held than the row may do in the node, and the facilities that it uses, with
the capacity whose orders are held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from kido.data.case.case import VARIABLE_OF, Array, Facility, Offer, Process, Route
from kido.data.case.contracts import covered_rows
from kido.data.case.facilities import facility_uses
from kido.data.case.tree import Tree
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units

HELD = ("approved", "confirmed")
ORDERED_SHEETS = ("Supply", "Routes", "Processes", "Contracts", "Facilities")
Held = Mapping[tuple[str, str], Array]  # (sheet, row) -> t in each node, of what is a rate t/yr
Record = TypeVar("Record", Offer, Process, Route)


def held_orders(
    tables: Tables, words: NameIndex, tree: Tree, statuses: tuple[str, ...] = HELD
) -> Held:
    """The orders of these statuses, before the limits of their rows."""
    sheet_of = {r.name: sheet for sheet in ORDERED_SHEETS for r in tables[sheet].records()}
    by_row: dict[str, dict[int, dict[str, float]]] = {}  # row -> month -> scenario -> amount
    for r in tables["Orders"].records():
        if r.status in statuses and r.name in sheet_of:
            by_row.setdefault(r.name, {}).setdefault(r.month, {})[r.scenario] = r.amount
    return {
        (sheet_of[name], name): _by_node(tree, months)
        * tonnes_of(tables, words, sheet_of[name], name)
        for name, months in by_row.items()
    }


def _by_node(tree: Tree, months: Mapping[int, Mapping[str, float]]) -> Array:
    amounts, (start, end) = np.zeros(len(tree.nodes)), tree.spans
    for month, by_scenario in months.items():
        then = (start <= month) & (month < end)
        of_branch = np.zeros(len(tree.branches))
        for number, branch in enumerate(tree.branches):
            lineage = ("", *(name for name, _ in branch.lineage))
            own = [by_scenario[name] for name in lineage if name in by_scenario]
            of_branch[number] = own[-1] if own else 0.0
        amounts[then] += of_branch[tree.branch_numbers[then]]
    return amounts


def tonnes_of(tables: Tables, words: NameIndex, sheet: str, name: str) -> float:
    """t in a unit of the orders of a row."""
    units = Units(tables)
    row: Any = next(r for r in tables[sheet].records() if r.name == name)
    if sheet in ("Supply", "Routes"):
        return units.tonnes(row.commodity)
    if sheet == "Contracts":
        covers = set(covered_rows(tables, words, row.applies_to))
        return units.shared({
            r.commodity
            for covered in ("Supply", "Routes")
            for r in tables[covered].records()
            if (VARIABLE_OF[covered], r.name) in covers
        })  # fmt: skip
    return 1.0


def with_floors(
    sheet: str, records: Mapping[str, Record], held: Held, facilities: Mapping[str, Facility]
) -> Mapping[str, Record]:
    """The records of a sheet whose least amounts are at least what is held of them."""
    return {
        name: replace(
            record, least=np.maximum(record.least, carried_out(sheet, record, held, facilities))
        )
        if (sheet, name) in held
        else record
        for name, record in records.items()
    }


def carried_out(
    sheet: str, record: Offer | Process | Route, held: Held, facilities: Mapping[str, Facility]
) -> Array:
    """t of the orders of a row that it can carry out in each node."""
    return np.minimum(held[sheet, record.name], most_left(record, held, facilities))


def most_left(
    record: Offer | Process | Route, held: Held, facilities: Mapping[str, Facility]
) -> Array:
    """t that a row may do in each node, with what is there of the facilities it uses."""
    most = record.most
    for name, amount in facility_uses(record).items():
        facility = facilities[name]
        orders = held.get(("Facilities", name), np.zeros(len(most)))
        built = [sum(years * orders[m] for m, years in parts) for parts in facility.ready]
        before = sum(
            (order.amount * order.years for order in facility.ordered), np.zeros(len(most))
        )
        most = np.minimum(most, (facility.installed + before + built) / amount)
    return most
