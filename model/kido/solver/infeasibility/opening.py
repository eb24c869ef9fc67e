"""`Opening`: a cell that may shut the way, and the book with another value in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kido.data.months import Month
from kido.data.schema import Column, catalogue
from kido.data.tables import Tables
from kido.errors import Place
from kido.messages import Phrase, Unit, phrase

STEEP = 100  # times what is held: so far, numbers are tried by their size


@dataclass(frozen=True)
class Opening:
    """A cell that may shut the way: what it says, and the book with another value in it.

    `key` is the message about it, with its `about`. `typed(value)` is the book with a value in
    it. Values go from `held` to `end`, which opens the way if any does; None: there is nothing
    between. `whole` values have no fractions, `steep` ones are tried by their size.
    `told(value)` says a value as a planner types it, and `wanted(value)` what is
    needed. `first` come those that shut the way altogether.
    """

    place: Place
    key: str
    about: Mapping[str, object]
    held: float
    end: float | None
    typed: Callable[[float], Tables]
    told: Callable[[float], object]
    wanted: Callable[[float], Phrase]
    advice: Phrase
    whole: bool = False
    steep: bool = False
    first: bool = False


def choice(
    place: Place,
    key: str,
    about: Mapping[str, object],
    held: object,
    opened: Tables,
    wanted: Phrase,
    advice: str,
    first: bool = False,
) -> Opening:
    """A cell with nothing between shut and open."""
    return Opening(
        place, key, about, 0.0, None, lambda _: opened, lambda _: held, lambda _: wanted,
        phrase(advice), first=first,
    )  # fmt: skip


def number(
    tables: Tables,
    sheet: str,
    r: Any,
    column: str,
    key: str,
    held: float,
    end: float,
    **about: object,
) -> Opening:
    """A number of a row, opened towards `end`; `about` goes into the message, or its name."""
    declared, down = catalogue()[sheet].columns[column], end < held
    side = "part.open_most" if down else "part.open_least"
    return Opening(
        tables[sheet].place(r.Index, column), key, about or {"name": r.name}, held, end,
        lambda value: with_cell(tables, sheet, r.Index, column, value),
        lambda value: _figure(declared, value),
        lambda value: phrase(side, figure=_figure(declared, value)),
        phrase("part.lower_it" if down else "part.raise_it"),
        whole=declared.kind == "integer" or column == "build_months",
        steep=not down and end > STEEP * max(held, 1.0), first=held == 0 and not down,
    )  # fmt: skip


def _figure(column: Column, value: float) -> Phrase:
    shown = f"{value:.10g}"
    if not column.unit:
        return phrase("part.shown", number=shown)
    return phrase("part.shown_in", number=shown, unit=Unit(column.unit))


def month(
    tables: Tables, sheet: str, r: Any, column: str, held: int, end: int, key: str
) -> Opening:
    side = "part.not_before" if end > held else "part.not_after"
    return Opening(
        tables[sheet].place(r.Index, column), key, {"name": r.name}, held, end,
        lambda value: with_cell(tables, sheet, r.Index, column, int(value)),
        lambda value: Month(int(value)),
        lambda value: phrase(side, month=Month(int(value))),
        phrase("part.correct_month"), whole=True, first=True,
    )  # fmt: skip


def with_cell(tables: Tables, sheet: str, row: int, column: str, value: Any) -> Tables:
    rows = tables[sheet].rows.copy()
    if rows[column].dtype != object and value is None:
        value = math.nan
    rows[column] = rows[column].astype(object if value is None else rows[column].dtype)
    rows.at[row, column] = value
    return tables.with_rows(sheet, rows)
