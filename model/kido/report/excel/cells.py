"""`CellWriter`: writes values to cells, text as text, numbers rounded, formats shared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Real
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from kido.report.document import Area, Formula, Link
from kido.report.style import GENERAL, CellStyle, is_blank

FONT = {"en": "Calibri", "ja": "Yu Gothic"}
DIGITS, PRECISE_DIGITS = 12, 15  # significant: beyond is rounding, and Excel has no more
LONGEST = 32_767  # characters that Excel holds in a cell
ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f]")
THIN = 1


class CellWriter:
    """A writer of cells of one workbook; rows and columns are counted from 1."""

    def __init__(self, book: Workbook, language: str):
        self._book = book
        self._font = FONT[language]
        self._formats: dict[CellStyle, Format] = {}
        self._of_object: dict[int, tuple[CellStyle, Format]] = {}  # faster than by its hash

    def format(self, style: CellStyle) -> Format:
        """The format of a style, shared by every cell that has it."""
        entry = self._of_object.get(id(style))
        if entry is None:
            native = self._formats.get(style)
            if native is None:
                native = self._formats[style] = self._native_format(style)
            entry = self._of_object[id(style)] = (style, native)
        return entry[1]

    def _native_format(self, style: CellStyle) -> Format:
        properties: dict[str, object] = {
            "font_name": self._font, "font_size": style.size, "bold": style.bold,
            "font_color": f"#{style.color}", "num_format": style.format,
            "valign": {"center": "vcenter"}.get(style.down, style.down), "text_wrap": style.wrap,
        }  # fmt: skip
        if style.format == GENERAL:
            del properties["num_format"]
        if style.fill:
            properties |= {"pattern": 1, "bg_color": f"#{style.fill}"}
        if style.across or style.indent:
            properties["align"] = style.across or "left"
        if style.indent:
            properties["indent"] = style.indent
        if style.top:
            properties |= {"top": THIN, "top_color": f"#{style.top}"}
        if style.bottom:
            properties |= {"bottom": THIN, "bottom_color": f"#{style.bottom}"}
        return self._book.add_format(properties)

    def put(
        self, sheet: Worksheet, row: int, column: int, value: object, style: CellStyle,
        digits: int = DIGITS,
    ) -> None:  # fmt: skip
        """Write one value; text is never a formula, and blanks stay blank."""
        native = self.format(style)
        if isinstance(value, float) and value == value:
            sheet.write_number(row - 1, column - 1, clean(value, digits), native)
        elif is_blank(value) or value == "":
            sheet.write_blank(row - 1, column - 1, None, native)
        elif isinstance(value, str):
            sheet.write_string(row - 1, column - 1, cell_text(value), native)
        elif isinstance(value, bool):
            sheet.write_boolean(row - 1, column - 1, value, native)
        elif isinstance(value, Formula):
            result = clean(value.value, digits)
            sheet.write_formula(row - 1, column - 1, formula_text(value), native, result)
        elif isinstance(value, Link):
            place = f"internal:'{value.page}'!A1"
            sheet.write_url(row - 1, column - 1, place, native, cell_text(value.text))
        elif isinstance(value, Real):
            sheet.write_number(row - 1, column - 1, clean(float(value), digits), native)
        else:
            self.put(sheet, row, column, str(value), style)

    def put_row(
        self, sheet: Worksheet, row: int, cells: Sequence[tuple[Any, CellStyle] | None],
        digits: int = DIGITS,
    ) -> None:  # fmt: skip
        """Write cells from the first column on; None: no cell."""
        write, form = sheet.write_number, f"%.{digits}g"
        formats = self._of_object
        for column, cell in enumerate(cells):
            if cell is None:
                continue
            value, style = cell
            if (
                type(value) is float and value == value and id(style) in formats
            ):  # nearly all of them
                write(row - 1, column, float(form % value), formats[id(style)][1])
            else:
                self.put(sheet, row, column + 1, value, style, digits)

    def merge(
        self, sheet: Worksheet, corners: tuple[int, int, int, int], value: object, style: CellStyle
    ) -> None:
        """Write one value over cells (first row, first column, last row, last column)."""
        first_row, first_column, last_row, last_column = corners
        if (first_row, first_column) != (last_row, last_column):
            native = self.format(style)
            sheet.merge_range(
                first_row - 1, first_column - 1, last_row - 1, last_column - 1, "", native
            )
        self.put(sheet, first_row, first_column, value, style)


def cell_text(text: str) -> str:
    """The text without characters that no cell can hold, no longer than a cell."""
    return ILLEGAL.sub("", text)[:LONGEST]


def clean(number: float, digits: int = DIGITS) -> float:
    """The number rounded to so many significant digits."""
    return float(f"{number:.{digits}g}")


def formula_text(formula: Formula) -> str:
    """The formula as Excel reads it."""
    names = {name: address(area) for name, area in formula.cells.items()}
    return "=" + formula.text.format(**names)


def address(area: Area) -> str:
    """The address of an area, `A1` or `A1:B2`, with $ where it is fixed."""
    first_row, first_column, last_row, last_column = (
        area.row - 1,
        area.column - 1,
        area.last_row - 1,
        area.last_column - 1,
    )
    if area.rows * area.columns == 1:
        return str(
            xl_rowcol_to_cell(first_row, first_column, row_abs=area.fixed, col_abs=area.fixed)
        )
    return str(
        (xl_range_abs if area.fixed else xl_range)(first_row, first_column, last_row, last_column)
    )
