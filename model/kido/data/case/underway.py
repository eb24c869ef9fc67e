"""Underway: what is in progress on the first day of the plan, as the rows of its sheet give it.

What lands, comes out or returns in a month is added to what the node that holds the month has of
it, on every branch. Capacity ordered before the start is a column of its own with a fixed value,
in use from its first month as an order due then would be, its life run down by the months of use
before the plan: its annuity is charged, a price paid whole when it was ordered is not. Need that
first fell due before the start has been put off again since. A row with a ramp begins from what it
moved in the month before, which stands for its limits then too. A policy takes over what the months
before allowed and did not use, in the windows that the first month lies in; a contract what was
reserved for them and the rebate they earned. Of the opening stock of a store with a life, the
amounts that expire have left by the end of their months, the rest is fresh on the first day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree
from kido.data.tables import Tables

Array = NDArray[np.float64]
Part = tuple[str, int | None, float]  # detail, month, amount


@dataclass(frozen=True)
class Underway:
    """The rows of the sheet Underway, by what they say and of which row: units are the book's."""

    parts: Mapping[tuple[str, str], tuple[Part, ...]]

    @classmethod
    def of(cls, tables: Tables) -> Underway:
        """What is under way in a book."""
        return cls.of_rows(tables["Underway"].records())

    @classmethod
    def of_rows(cls, rows: Iterable[Any]) -> Underway:
        """What these rows of the sheet say."""
        parts: dict[tuple[str, str], tuple[Part, ...]] = {}
        for r in rows:
            part = r.detail, r.month, r.amount
            parts[r.what, r.name] = (*parts.get((r.what, r.name), ()), part)
        return cls(parts)

    def has(self, what: str, name: str) -> bool:
        """Whether any row says that of a row of the book."""
        return (what, name) in self.parts

    def details(self, what: str, name: str) -> tuple[str, ...]:
        """The details of the rows that say that of a row of the book, each once."""
        return tuple(dict.fromkeys(d for d, _, _ in self.parts.get((what, name), ())))

    def total(self, what: str, name: str, detail: str = "") -> float:
        """The sum of the amounts with this detail."""
        return sum(amount for d, _, amount in self.parts.get((what, name), ()) if d == detail)

    def by_month(self, what: str, name: str) -> dict[int, float]:
        """The amounts by month, in the order of the months."""
        amounts: dict[int, float] = {}
        for _, month, amount in self.parts.get((what, name), ()):
            if month is not None:
                amounts[month] = amounts.get(month, 0.0) + amount
        return dict(sorted(amounts.items()))

    def in_nodes(self, tree: Tree, what: str, name: str, detail: str | None = None) -> Array:
        """The amounts of each node: those whose months lie in it (of one detail, or of all)."""
        first, after = tree.spans
        result = np.zeros(len(tree.nodes))
        for d, month, amount in self.parts.get((what, name), ()):
            if month is not None and detail in (None, d):
                result += np.where((first <= month) & (month < after), amount, 0.0)
        return result
