"""A table as shown: words in the language of the reader, and the style of every cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from kido.data.workbook.textwidth import width
from kido.report.document import Sentences
from kido.report.labels import Labels
from kido.report.style import (
    FINE_PERCENT,
    GENERAL,
    RULE,
    SMALL,
    TINY_PERCENT,
    CellStyle,
    fitted,
    is_blank,
    number_format,
    signed,
    size_of,
    small_money,
)
from kido.report.table import Column, Table
from kido.tolerances import CELL_T

WORDS = ("text", "word", "period", "unit", "any")
THOUSANDS = 10_000  # values from here on are written with separators
WIDEST = 44  # characters of a column of words: longer ones take more lines
LEADING = 6  # columns that may stay in view
SIZED = ("value", "change", "tonnes", "price", "money")  # shown by the largest of a column
FOLDED = ("moments", "run-out", "more")  # groups that are not printed
PLAIN = {"share": FINE_PERCENT, "error": TINY_PERCENT, "months": "0.0", "count": "0"}
TEXT_STYLE = CellStyle(indent=1)
RULED_TEXT_STYLE = replace(TEXT_STYLE, top=RULE)

ShownCell = tuple[Any, CellStyle] | None


def shown_columns(table: Table) -> list[Column]:
    """The columns that are not hidden."""
    return [c for c in table.columns if c.shape != "hidden"]


def printed_columns(columns: Sequence[Column]) -> int:
    """The number of shown columns that are printed: the labels and the quarters, not the months."""
    folded = [i for i, c in enumerate(columns) if c.group in FOLDED]
    return folded[0] if folded and folded[0] >= LEADING else len(columns)


def note_over(text: str, table: Table) -> Sentences:
    """The note over a table, no wider than what is printed of it."""
    columns = printed_columns(shown_columns(table))
    return Sentences(text, max(2, min(Sentences.columns, columns)))


def shown_values(column: Column, values: Sequence[Any], labels: Labels) -> list[Any]:
    """The values of a column, words translated."""
    if column.shape == "word":
        return [labels.word(str(v), column.words) for v in values]
    if column.shape == "period":
        return [labels.period(str(v)) for v in values]
    if column.shape == "number":  # a word among numbers
        return [labels.word(v) if isinstance(v, str) else v for v in values]
    return [labels.unit(str(v)) for v in values] if column.shape == "unit" else list(values)


def shown_rows(table: Table, labels: Labels) -> Iterator[list[ShownCell]]:
    """The rows of a table: (value, style) of each shown column, None for no cell.

    A rule is above each new first label; numbers are in the format of their row's unit, and
    numbers below CELL_T are 0, except in a precise table.
    """
    columns = shown_columns(table)
    series = [shown_values(c, table.frame[c.key].tolist(), labels) for c in columns]
    units = next((table.frame[c.key].tolist() for c in columns if c.shape == "unit"), None)
    least = 0.0 if table.precise else CELL_T
    numeric = [c.shape == "number" for c in columns]
    money = [c.shape == "money" and not table.precise for c in columns]
    by_row = [k for k, number in enumerate(numeric) if number]
    varying = [k for k, c in enumerate(columns) if c.shape in ("price", "any")]
    styles_of = [_style(c, values) for c, values in zip(columns, series, strict=True)]
    ruled = [replace(style, top=RULE) for style in styles_of]
    first = series[0] if series else []
    for i in range(len(table.frame)):
        new = i > 0 and first[i] != first[i - 1]
        row_styles = list(ruled if new else styles_of)
        values = [column[i] for column in series]
        if by_row and units is not None:
            style = _of_row(str(units[i]), [values[k] for k in by_row], new)
            for k in by_row:
                row_styles[k] = style
        for k in varying:
            row_styles[k] = _varying_style(values[k], columns[k], new)
        cells: list[ShownCell] = []
        for value, style, number, is_money in zip(values, row_styles, numeric, money, strict=True):
            if number and not new and (value is None or value != value):
                cells.append(None)
            elif not isinstance(value, float) or abs(value) >= SMALL:
                cells.append((value, style))
            elif is_money and value:
                cells.append((value, replace(style, format=small_money(value))))
            elif number and abs(value) < least:
                cells.append((0.0, style))
            else:
                cells.append((value, fitted(style, value)))
        yield cells


def _of_row(unit: str, values: Sequence[Any], new: bool) -> CellStyle:
    form = number_format(unit, size_of(values))
    if unit == "months" and all(isinstance(v, int) for v in values if not is_blank(v)):
        form = "0"  # counted, not measured
    return _number_style(form, new, any(isinstance(v, str) for v in values))


@cache
def _number_style(form: str, new: bool, words: bool) -> CellStyle:
    style = CellStyle(form, top=RULE if new else "")
    if not words:
        return style
    return replace(style, size=8, across="center", wrap=True, down="top")


@cache
def _plain_number_style(form: str, new: bool) -> CellStyle:
    return CellStyle(form, top=RULE if new else "", across="right")


def _varying_style(value: object, column: Column, new: bool) -> CellStyle:
    """The style of a cell in a column whose numbers differ widely: by its own size."""
    if not isinstance(value, (int, float)):
        return RULED_TEXT_STYLE if new else TEXT_STYLE
    if column.shape == "price":
        return _number_style(number_format("USD/kg", abs(value)), new, words=False)
    small = isinstance(value, float) and 0 < abs(value) < 1e-3
    return _plain_number_style("0.0E+00" if small else "#,##0.######", new)


def _style(column: Column, values: Sequence[object]) -> CellStyle:
    if column.shape in PLAIN:
        return CellStyle(PLAIN[column.shape])
    if column.shape in WORDS:
        wide = any(width(str(value)) > WIDEST for value in dict.fromkeys(values))
        return replace(TEXT_STYLE, wrap=True, down="top") if wide else TEXT_STYLE
    if column.shape not in SIZED:
        return TEXT_STYLE
    size = size_of(values)
    if column.shape == "value":
        return CellStyle("#,##0" if size >= THOUSANDS else GENERAL)
    if column.shape == "change":
        share = column.unit == "%"
        return CellStyle(signed(FINE_PERCENT if share else number_format(column.unit or "t", size)))
    return CellStyle(number_format(column.unit or "t", size))
