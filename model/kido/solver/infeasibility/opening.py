"""`Opening`: a cell that may make a workbook infeasible, and the tables with another value."""

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

STEEP = 100  # times the present value: over wider ranges the bisection is geometric


@dataclass(frozen=True)
class Opening:
    """A cell that may make a workbook infeasible, with the range of values to try in it.

    Values go from `value` (the present one) to `end`, the most relaxed; None: there is nothing
    between. `tables_with(value)` are the tables with a value in the cell, `text_of(value)` the
    value as a planner types it, `need_of(value)` the phrase that says what is needed. `key` is
    the message about the cell, with its values `about`. `whole` values are integers, `steep`
    ones are bisected geometrically. `first` are those tried first: they block a flow altogether.
    """

    place: Place
    key: str
    about: Mapping[str, object]
    value: float
    end: float | None
    tables_with: Callable[[float], Tables]
    text_of: Callable[[float], object]
    need_of: Callable[[float], Phrase]
    advice: Phrase
    whole: bool = False
    steep: bool = False
    first: bool = False


def choice(
    place: Place,
    key: str,
    about: Mapping[str, object],
    current: object,
    opened: Tables,
    need: Phrase,
    advice: str,
    first: bool = False,
) -> Opening:
    """The opening of a cell with one other value only: a word, or a blank to be filled."""
    return Opening(
        place, key, about, 0.0, None, lambda _: opened, lambda _: current, lambda _: need,
        phrase(advice), first=first,
    )  # fmt: skip


def number(
    tables: Tables,
    sheet: str,
    r: Any,
    column: str,
    key: str,
    current: float,
    end: float,
    **about: object,
) -> Opening:
    """The opening of a number of a row towards `end`.

    `about` are the values of the message; without any, the name of the row.
    """
    spec, downward = catalogue()[sheet].columns[column], end < current
    message = "part.open_most" if downward else "part.open_least"
    return Opening(
        tables[sheet].place(r.Index, column), key, about or {"name": r.name}, current, end,
        lambda value: with_cell(tables, sheet, r.Index, column, value),
        lambda value: _figure(spec, value),
        lambda value: phrase(message, figure=_figure(spec, value)),
        phrase("part.lower_it" if downward else "part.raise_it"),
        whole=spec.kind == "integer" or column == "build_months",
        steep=not downward and end > STEEP * max(current, 1.0), first=current == 0 and not downward,
    )  # fmt: skip


def _figure(column: Column, value: float) -> Phrase:
    text = f"{value:.10g}"
    if not column.unit:
        return phrase("part.shown", number=text)
    return phrase("part.shown_in", number=text, unit=Unit(column.unit))


def month(
    tables: Tables, sheet: str, r: Any, column: str, current: int, end: int, key: str
) -> Opening:
    """The opening of a month of a row towards the month `end`."""
    message = "part.not_before" if end > current else "part.not_after"
    return Opening(
        tables[sheet].place(r.Index, column), key, {"name": r.name}, current, end,
        lambda value: with_cell(tables, sheet, r.Index, column, int(value)),
        lambda value: Month(int(value)),
        lambda value: phrase(message, month=Month(int(value))),
        phrase("part.correct_month"), whole=True, first=True,
    )  # fmt: skip


def with_cell(tables: Tables, sheet: str, row: int, column: str, value: Any) -> Tables:
    """The tables with another value in one cell."""
    rows = tables[sheet].rows.copy()
    if rows[column].dtype != object and value is None:
        value = math.nan
    rows[column] = rows[column].astype(object if value is None else rows[column].dtype)
    rows.at[row, column] = value
    return tables.with_rows(sheet, rows)
