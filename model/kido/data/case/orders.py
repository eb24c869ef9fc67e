"""Orders that stay in the plan: approved and confirmed rows of the sheet Orders.

They are a floor: at least so much is bought, sent, run, reserved or ordered in each node, the
orders of its months together. An order of a scenario is held under it, one of the base case (blank)
everywhere, but where the scenario, or one that it parts from, has an order of its own of that row
and month. No more is held than the row may do in the node.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from kido.data.case.case import VARIABLE_OF, Array, Offer, Process, Route
from kido.data.case.contracts import covered_rows
from kido.data.case.tree import Tree
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units

HELD = ("approved", "confirmed")
ORDERED_SHEETS = ("Supply", "Routes", "Processes", "Contracts", "Facilities")
Key = tuple[str, str]  # (sheet, row)
Record = TypeVar("Record", Offer, Process, Route)


def held_orders(
    tables: Tables, words: NameIndex, tree: Tree, statuses: tuple[str, ...] = HELD
) -> Mapping[Key, Array]:
    """For each (sheet, row) with such orders, those of each node: t, of what is a rate t/yr."""
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
    records: Mapping[str, Record], held: Mapping[Key, Array], sheet: str
) -> Mapping[str, Record]:
    """The records of a sheet whose least amounts are at least what is held, as far as may be."""
    return {
        name: replace(record, least=floor(record.least, record.most, held[sheet, name]))
        if (sheet, name) in held
        else record
        for name, record in records.items()
    }


def floor(least: Array | float, most: Array | float, held: Array | float) -> Array:
    """The least amount in each node where so much is held: never more than the most."""
    return np.maximum(least, np.minimum(held, most))
