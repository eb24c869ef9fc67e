"""Writing of cells: months as dates, lists as words, text always as text."""

from __future__ import annotations

import math
import numbers
from datetime import date

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from kido.data.months import parse_month
from kido.data.schema import FLAGS, Column

MONTH_FORMAT = "yyyy-mm"
TEXT_FORMAT = "@"


def column_format(column: Column) -> str:
    """The number format of a column."""
    if column.kind == "month":
        return MONTH_FORMAT
    return TEXT_FORMAT if column.kind in ("name", "text", "words", "choice", "flag") else "General"


def default_value(column: Column, language: str = "en") -> object:
    """The default of a column, as it is typed in a language."""
    if column.kind == "calendar" and language == "ja":
        return column.default.replace(" month", "か月")
    if column.kind in ("number", "integer", "share", "rate") and column.default:
        value = float(column.default)
        return int(value) if value.is_integer() else value
    return column.default


def put(cell: Cell, value: object, column: Column | None, language: str = "en") -> None:
    """Writes a value into a cell, codes as words of the language."""
    value = _written(value, column, language)
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return
    if isinstance(value, bool):
        put_text(cell, FLAGS[language][0 if value else 1])
    elif column is not None and column.kind == "month":
        _month(cell, value)
    elif isinstance(value, numbers.Real):
        number = float(value)
        whole = number.is_integer() and abs(number) < 1e15
        cell.value = int(number) if whole else number
        cell.number_format = "#,##0" if whole and abs(number) >= 10000 else "General"
    elif isinstance(value, date):
        cell.value = value
    elif isinstance(value, (list, tuple)):
        put_text(cell, "; ".join(str(word) for word in value))
    else:
        put_text(cell, str(value))


def _written(value: object, column: Column | None, language: str) -> object:
    if column is None:
        return value
    if isinstance(value, str):
        if column.kind == "flag" and value in FLAGS["en"]:
            return FLAGS[language][FLAGS["en"].index(value)]
        return column.spelling_of(value, language)
    if isinstance(value, (list, tuple)):
        return [column.spelling_of(str(word), language) for word in value]
    return value


def _month(cell: Cell, value: object) -> None:
    try:
        month = parse_month(value) if isinstance(value, str) else int(value)  # type: ignore[call-overload]
        cell.value = date(month // 12, month % 12 + 1, 1)
    except (TypeError, ValueError):
        put_text(cell, str(value))
    else:
        cell.number_format = MONTH_FORMAT


def put_text(cell: Cell, text: str) -> None:
    """Writes a text into a cell, never as a formula."""
    if not text:
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    if text[0] in "=+-@":
        cell.quotePrefix = True
