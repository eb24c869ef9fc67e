"""What the sheet Underway tells of a row of the book."""

from __future__ import annotations

import numpy as np

from .branches import as_month
from .calendar import Numbers
from .recomputed import Facts


def told(facts: Facts, what: str, name: str, detail: str | None = None) -> list[tuple[int, float]]:
    """(month, amount) of the rows that tell this of a row (None: of any detail); no month is -1."""
    months = []
    for row in facts.rows["Underway"]:
        if (row.what, row.name) == (what, name) and detail in (None, row.detail):
            month = as_month(row.month)
            months.append((-1 if month is None else month, float(row.amount)))
    return months


def amount_told(facts: Facts, what: str, name: str, detail: str | None = None) -> float:
    """The sum of what is told."""
    return sum(amount for _, amount in told(facts, what, name, detail))


def told_in(facts: Facts, what: str, name: str, detail: str | None = None) -> Numbers:
    """The amounts told whose months lie in each node."""
    total = np.zeros(len(facts.tree))
    for month, amount in told(facts, what, name, detail):
        total[(facts.tree.first <= month) & (month < facts.tree.last)] += amount
    return total


def told_before(facts: Facts, what: str, name: str) -> list[tuple[int, float]]:
    """(month, amount) of what is told of months before the plan."""
    return [
        (month, amount) for month, amount in told(facts, what, name) if month < facts.tree.start
    ]
