"""`Opening`: a cell that may shut the way, and the book with another value in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kido.data.months import month_text
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.errors import Place

STEEP = 100  # times what is held: so far, numbers are tried by their size


@dataclass(frozen=True)
class Opening:
    """A cell that may shut the way: what it says, and the book with another value in it.

    `typed(value)` is the book so. Values go from `held` to `end`, which opens the way if any
    does; None: there is nothing between. `whole` values have no fractions, `steep` ones are tried
    by their size. `told(value)` says a value as a planner types it. `first` come those that shut
    the way altogether.
    """

    place: Place
    words: str
    held: float
    end: float | None
    typed: Callable[[float], Tables]
    told: Callable[[float], str]
    expected: str
    advice: str
    whole: bool = False
    steep: bool = False
    first: bool = False


def choice(
    place: Place,
    words: str,
    held: str,
    opened: Tables,
    expected: str,
    advice: str,
    first: bool = False,
) -> Opening:
    """A cell with nothing between shut and open."""
    return Opening(
        place, words, 0.0, None, lambda _: opened, lambda _: held, expected, advice, first=first
    )


def number(
    tables: Tables, sheet: str, r: Any, column: str, words: str, held: float, end: float
) -> Opening:
    """A number of a row, opened towards `end`."""
    about, down = catalogue()[sheet].columns[column], end < held
    return Opening(
        tables[sheet].place(r.Index, column), words, held, end,
        lambda value: with_cell(tables, sheet, r.Index, column, value),
        lambda value: f"{value:.10g} {about.unit}".strip(),
        f"at {'most' if down else 'least'}", f"{'lower' if down else 'raise'} it",
        whole=about.kind == "integer" or column == "build_months",
        steep=not down and end > STEEP * max(held, 1.0), first=held == 0 and not down,
    )  # fmt: skip


def month(
    tables: Tables, sheet: str, r: Any, column: str, held: int, end: int, words: str
) -> Opening:
    place = tables[sheet].place(r.Index, column)
    return Opening(
        place, words, held, end,
        lambda value: with_cell(tables, sheet, r.Index, column, int(value)),
        lambda value: month_text(int(value)),
        "not before" if end > held else "not after", "correct the month", whole=True, first=True,
    )  # fmt: skip


def with_cell(tables: Tables, sheet: str, row: int, column: str, value: Any) -> Tables:
    rows = tables[sheet].rows.copy()
    if rows[column].dtype != object and value is None:
        value = math.nan
    rows[column] = rows[column].astype(object if value is None else rows[column].dtype)
    rows.at[row, column] = value
    return tables.with_rows(sheet, rows)
