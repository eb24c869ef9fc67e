"""Cells as a planner would type them: months as dates, lists as words, text always as text."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kido.data.months import parse_month
from kido.data.schema import FLAGS, Column
from kido.report.excel.cells import cell_text
from kido.report.style import GENERAL

MONTH_FORMAT, DAY_FORMAT, TEXT_FORMAT = "yyyy-mm", "yyyy-mm-dd", "@"
FORMULA_SIGNS = "=+-@"  # what a text may begin with that Excel would take for a formula


def column_format(column: Column) -> str:
    """The number format of a column."""
    if column.kind == "month":
        return MONTH_FORMAT
    return TEXT_FORMAT if column.kind in ("name", "text", "words", "choice", "flag") else GENERAL


def date_format(column: Column) -> str:
    """The number format of a date in a column."""
    return MONTH_FORMAT if column.kind == "month" else DAY_FORMAT


def default_value(column: Column, language: str = "en") -> object:
    """The default of a column, as it is typed in a language."""
    if column.kind == "calendar" and language == "ja":
        return column.default.replace(" month", "か月")
    if column.kind in ("number", "integer", "share", "rate") and column.default:
        value = float(column.default)
        return int(value) if value.is_integer() else value
    return column.default


def typed(value: object, column: Column | None, language: str = "en") -> object:
    """A value as it stands in its cell: a number, a date, a text, or None for a blank.

    Codes become words of the language, lists words with semicolons between.
    """
    value = _in_words(value, column, language)
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool):
        return FLAGS[language][0 if value else 1]
    if column is not None and column.kind == "month":
        return _month(value)
    if isinstance(value, numbers.Real):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    if isinstance(value, date):
        return value
    if isinstance(value, (list, tuple)):
        return "; ".join(str(word) for word in value)
    return str(value)


def _in_words(value: object, column: Column | None, language: str) -> object:
    if column is None:
        return value
    if isinstance(value, str):
        if column.kind == "flag" and value in FLAGS["en"]:
            return FLAGS[language][FLAGS["en"].index(value)]
        return column.spelling_of(value, language)
    if isinstance(value, (list, tuple)):
        return [column.spelling_of(str(word), language) for word in value]
    return value


def _month(value: object) -> object:
    try:
        month = parse_month(value) if isinstance(value, str) else int(value)  # type: ignore[call-overload]
        return date(month // 12, month % 12 + 1, 1)
    except (TypeError, ValueError):
        return str(value)


@dataclass
class TypedCellWriter:
    """A writer of typed values; rows and columns are counted from 0. Formats are shared."""

    book: Workbook
    _formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def format(self, **properties: Any) -> Format:
        """The format of XlsxWriter with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": "Calibri", **properties})
        return self._formats[key]

    def put(
        self,
        sheet: Worksheet,
        row: int,
        number: int,
        value: object,
        look: Mapping[str, Any] | None = None,
        blank: str = "",
        dates: str = DAY_FORMAT,
    ) -> None:
        """Write what `typed` gives, with further properties of a format (`look`).

        `blank` and `dates` are the number formats of a cell that stays empty and of a date.
        """
        look = look or {}
        if value is None:
            if blank:
                sheet.write_blank(row, number, None, self.format(num_format=blank, **look))
        elif isinstance(value, str):
            quoted = {"quote_prefix": True} if value[:1] in FORMULA_SIGNS else {}
            form = self.format(num_format=TEXT_FORMAT, **look, **quoted)
            sheet.write_string(row, number, cell_text(value), form)
        elif isinstance(value, date):
            sheet.write_datetime(row, number, value, self.format(num_format=dates, **look))
        else:
            large = isinstance(value, int) and abs(value) >= 10_000
            form = self.format(num_format="#,##0" if large else GENERAL, **look)
            sheet.write_number(row, number, value, form)
