"""The status of what a plan orders: which part of it is approved, and which is confirmed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import VARIABLE_OF, Array
from kido.data.case.orders import HELD, Held, held_orders
from kido.data.selectors import NameIndex
from kido.result.plan import SolvedPlan, once
from kido.tolerances import ORDERED_T

SHEET_OF_ACT = {"sign": "Contracts", "build": "Facilities"}
NOT_WHOLE = "in part"


@once
def orders_by_status(plan: SolvedPlan) -> dict[str, Held]:
    """What is confirmed, and what is approved or confirmed, as far as the plan orders it."""
    words, tree = NameIndex.of(plan.tables), plan.case.tree
    return {
        name: {
            (sheet, row): np.minimum(amounts, plan.of(VARIABLE_OF[sheet], row))
            for (sheet, row), amounts in held_orders(plan.tables, words, tree, statuses).items()
        }
        for name, statuses in (("confirmed", ("confirmed",)), ("approved", HELD))
    }


def has_orders(plan: SolvedPlan) -> bool:
    """Whether the book lists orders."""
    return len(plan.tables["Orders"]) > 0


def status(plan: SolvedPlan, act: str, row: str, n: int) -> str:
    """`confirmed` or `approved` where all that the plan orders of a row in a node is; else ''.

    `in part` where some of it is.
    """
    sheet = SHEET_OF_ACT.get(act) or ("Routes" if row in plan.case.routes else "Supply")
    ordered = float(plan.of(VARIABLE_OF[sheet], row)[n]) if act != "ask" else 0.0
    for name, held in orders_by_status(plan).items():
        if (sheet, row) in held and held[sheet, row][n] > ordered - ORDERED_T:
            return name if ordered > ORDERED_T else ""
    of_row = orders_by_status(plan)["approved"].get((sheet, row), plan.zeros)
    return NOT_WHOLE if of_row[n] > ORDERED_T and act != "ask" else ""


def confirmed(plan: SolvedPlan, sheet: str, row: str) -> Array:
    """What is confirmed of a row in each node; t, of what is a rate t/yr."""
    return orders_by_status(plan)["confirmed"].get((sheet, row), plan.zeros)


def rows_confirmed(plan: SolvedPlan, *sheets: str) -> Iterator[tuple[str, str, Array]]:
    """(sheet, row, t in each node) of the rows of sheets of which something is confirmed."""
    for (sheet, row), tonnes in orders_by_status(plan)["confirmed"].items():
        if sheet in sheets and tonnes.any():
            yield sheet, row, tonnes
