"""How the workbook looks: one accent, red for what is missing, figures without false decimals."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from kido.tolerances import LEFT_OVER_T

ACCENT = "1F3864"
SOFT = "DCE4F0"
QUIET = "6B7280"
RULE = "C9D1DE"
RED = "C00000"
PALE_RED = "F2B8B5"
FONT = {"en": "Calibri", "ja": "Yu Gothic"}
# Supply of one country after another; drawn stock last.
SERIES = (
    "1F3864", "4A6FA5", "7FA3CC", "B3C9E3", "8A9A5B", "B8A15A", "A67F6F", "5F7A76", "9C89B8",
    "7F7F7F", "C7B299", "3E5C50",
)  # fmt: skip
STOCK = "D9D9D9"

INTEGER = '#,##0;-#,##0;"–"'
ONE = '#,##0.0;-#,##0.0;"–"'
TWO = '#,##0.00;-#,##0.00;"–"'
PERCENT = '0%;-0%;"–"'
FINE_PERCENT = '0.0%;-0.0%;"–"'
TINY_PERCENT = '0.000%;-0.000%;"–"'
TEXT = "@"
NUMBER = re.compile(r"[#,]*0(\.0+)?")


def number_format(unit: str, size: float) -> str:
    """The format of a row or column in a unit whose largest number is `size`."""
    if unit == "%":
        return PERCENT
    if unit == "months":
        return "0.0"  # nought is an answer: at once, or no cover
    if unit in ("kUSD", "MUSD") or unit.startswith(("oku", "million")):
        return INTEGER if size >= 100 else ONE if size >= 1 else TWO
    if unit.startswith("USD"):
        return INTEGER if size >= 1000 else ONE if size >= 100 else TWO
    return INTEGER if size >= 100 else ONE if size >= 1 else TWO


def legible(form: str, value: float) -> str:
    """The format, or one of two digits for a number that it would print as nought."""
    shown = NUMBER.search(form)
    size = abs(value) * (100 if "%" in form else 1)
    if "E" in form or ".#" in form:  # as many digits as it takes, of itself
        return form
    if shown is None or round(size, len(shown[1] or ".") - 1) > 0:
        return form
    return NUMBER.sub("0." + "0" * (1 - math.floor(math.log10(size))), form)


def signed(form: str) -> str:
    """The format with a plus before what is more than nothing."""
    return f"+{form}"


def size_of(values: object) -> float:
    """The largest number, blanks left out."""
    sizes = [abs(v) for v in values if isinstance(v, (int, float)) and math.isfinite(v)]  # type: ignore[attr-defined]
    return max(sizes, default=0.0)


@dataclass(frozen=True)
class CellStyle:
    """Everything that makes a cell look as it does."""

    format: str = "General"
    bold: bool = False
    size: float = 10
    color: str = "222222"
    fill: str = ""
    across: str = ""
    down: str = "center"
    wrap: bool = False
    top: str = ""
    bottom: str = ""
    indent: int = 0


class Styles:
    """Makes each look once for a workbook; cells share it."""

    def __init__(self, book: Workbook, language: str):
        self.font = FONT[language]
        self._maker: Cell = book.create_sheet("styles")["A1"]
        self._book = book
        self._made: dict[CellStyle, object] = {}
        self._looks: dict[int, CellStyle] = {}  # by the identity of what was made, which is kept

    def close(self) -> None:
        self._book.remove(self._maker.parent)

    def made(self, look: CellStyle) -> object:
        """The style of a look, shared by every cell that has it."""
        found = self._made.get(look)
        if found is None:
            found = self._made[look] = self._make(look)
            self._looks[id(found)] = look
        return found

    def apply(self, cell: Cell, look: CellStyle) -> None:
        cell._style = self.made(look)

    def _make(self, look: CellStyle) -> object:
        cell = self._maker
        cell.style = "Normal"
        cell.font = Font(name=self.font, bold=look.bold, size=look.size, color=look.color)
        cell.fill = PatternFill("solid", fgColor=look.fill) if look.fill else PatternFill()
        cell.alignment = Alignment(
            horizontal=look.across or ("left" if look.indent else None),
            vertical=look.down,
            wrap_text=look.wrap,
            indent=look.indent,
        )
        cell.border = Border(
            top=Side("thin", look.top) if look.top else None,
            bottom=Side("thin", look.bottom) if look.bottom else None,
        )
        cell.number_format = look.format
        return cell._style.__copy__()

    def put(self, page: Worksheet, row: int, column: int, value: object, look: CellStyle) -> Cell:
        """One value: text as text, also where it begins like a formula; blanks as blanks."""
        return self.fill(page, row, column, value, self.made(look))

    def fill(self, page: Worksheet, row: int, column: int, value: object, style: object) -> Cell:
        """The same with a style already made."""
        cell = page.cell(row, column)
        if isinstance(value, str):
            if value:
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type = "s"
        elif value is not None and value == value:  # not NaN
            cell.value = value
            if isinstance(value, float) and LEFT_OVER_T <= abs(value) < 0.5:
                look = self._looks[id(style)]
                style = self.made(replace(look, format=legible(look.format, value)))
        cell._style = style
        return cell

    def formula(self, page: Worksheet, row: int, column: int, text: str, look: CellStyle) -> Cell:
        cell = page.cell(row, column, text)
        self.apply(cell, look)
        return cell


TITLE = CellStyle(bold=True, size=15, color=ACCENT)
NOTE = CellStyle(size=9, color=QUIET, wrap=True, down="top")
HEAD = CellStyle(bold=True, size=9, color="FFFFFF", fill=ACCENT, wrap=True, indent=1)
HEAD_NUMBER = CellStyle(bold=True, size=9, color="FFFFFF", fill=ACCENT, wrap=True, across="right")
GROUP = CellStyle(bold=True, size=9, color=ACCENT, bottom=ACCENT)
