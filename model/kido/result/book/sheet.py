"""One table on one sheet: title, note, header that stays in view, formats, print setup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.workbook.textwidth import width
from kido.report.labels import Labels
from kido.report.table import Column, Table
from kido.result.book.style import (
    FINE_PERCENT,
    GROUP,
    HEAD,
    HEAD_NUMBER,
    NOTE,
    RULE,
    TINY_PERCENT,
    TITLE,
    CellStyle,
    Styles,
    number_format,
    signed,
    size_of,
)
from kido.tolerances import CELL_T

GROUPS, HEADER, FIRST = 3, 4, 5  # rows
WORDS = ("text", "word", "period", "unit", "any")
WIDEST = 44
NUMBER_WIDTH = 9.5
NARROW = 13  # characters on a line of a narrow column of words
THOUSANDS = 10_000  # values from here on are written with separators
PLAIN = {"share": FINE_PERCENT, "error": TINY_PERCENT, "months": "0.0", "count": "0"}


@dataclass(frozen=True)
class Placed:
    """Where a table stands: the Excel row of a frame row, the Excel column of a key."""

    page: Worksheet
    table: Table
    first_row: int
    column: dict[str, int]

    def row(self, index: int) -> int:
        return self.first_row + index


def write_table(book: Workbook, styles: Styles, labels: Labels, table: Table) -> Placed:
    """A sheet for a table. Hidden columns are not written; month columns can be folded."""
    page = book.create_sheet(labels[f"sheet.{table.name}"])
    columns = [c for c in table.columns if c.shape != "hidden"]
    heading(page, styles, table, labels)
    _headers(page, styles, columns, labels)
    _cells(page, styles, columns, table, labels)
    _widths(page, columns, table.frame, labels)
    finish(page, columns, len(table.frame))
    place = {c.key: i for i, c in enumerate(columns, start=1)}
    return Placed(page, table, FIRST, place)


def heading(page: Worksheet, styles: Styles, table: Table, labels: Labels) -> None:
    """Title and the sentence that says how to read the sheet."""
    styles.put(page, 1, 1, table.title(labels.language), TITLE)
    styles.put(page, 2, 1, table.note(labels.language), NOTE)
    across = max(2, min(9, len(table.columns)))
    page.merge_cells(start_row=2, end_row=2, start_column=1, end_column=across)
    page.row_dimensions[1].height = 24
    page.row_dimensions[2].height = 42


def _headers(page: Worksheet, styles: Styles, columns: Sequence[Column], labels: Labels) -> None:
    before = ""
    for number, column in enumerate(columns, start=1):
        look = HEAD if column.shape in WORDS else HEAD_NUMBER
        styles.put(page, HEADER, number, column.heading(labels), look)
        if column.group:
            text = labels.group(column.group) if column.group != before else ""
            styles.put(page, GROUPS, number, text, GROUP)
        before = column.group
    page.row_dimensions[HEADER].height = 30


def _cells(
    page: Worksheet, styles: Styles, columns: Sequence[Column], table: Table, labels: Labels
) -> None:
    """A rule above each new first label; numbers in the format of their row's unit."""
    dust = 0.0 if table.name == "flows" else CELL_T
    series = [_words(c, table.frame[c.key].tolist(), labels) for c in columns]
    by_row = [k for k, c in enumerate(columns) if c.shape == "number"]
    units = next((table.frame[c.key].tolist() for c in columns if c.shape == "unit"), None)
    fixed = [_look(c, values) for c, values in zip(columns, series, strict=True)]
    ruled = [[styles.made(look), styles.made(replace(look, top=RULE))] for look in fixed]
    loose = [k for k, c in enumerate(columns) if c.shape in ("price", "any")]
    first = series[0] if series else []
    for i in range(len(table.frame)):
        new = i > 0 and first[i] != first[i - 1]
        style = [pair[new] for pair in ruled]
        if by_row and units is not None:
            here = [series[k][i] for k in by_row]
            size = size_of(here)
            words = any(isinstance(v, str) for v in here)
            form = number_format(str(units[i]), size)
            if units[i] == "months" and all(isinstance(v, int) for v in here if not is_blank(v)):
                form = "0"  # counted, not measured
            look = CellStyle(form, top=RULE if new else "")
            if words:
                look = replace(look, size=8, across="center", wrap=True, down="top")
                longest = max(width(str(series[k][i])) for k in by_row)
                page.row_dimensions[FIRST + i].height = 4 + 11 * -(-longest // NARROW)
            made = styles.made(look)
            for k in by_row:
                style[k] = made
        for k in loose:
            look = replace(_loose(series[k][i], columns[k]), top=RULE if new else "")
            style[k] = styles.made(look)
        for k, values in enumerate(series):
            value = values[i]
            if columns[k].shape == "number" and not isinstance(value, str):
                if is_blank(value) and not new:
                    continue
                if not is_blank(value) and abs(value) < dust:
                    value = 0.0
            styles.fill(page, FIRST + i, k + 1, value, style[k])


def _words(column: Column, values: list[Any], labels: Labels) -> list[Any]:
    if column.shape == "word":
        return [labels.word(str(v), column.words) for v in values]
    if column.shape == "period":
        return [labels.period(str(v)) for v in values]
    if column.shape == "number":  # a word among numbers
        return [labels.word(v) if isinstance(v, str) else v for v in values]
    return [labels.unit(str(v)) for v in values] if column.shape == "unit" else values


def _loose(value: object, column: Column) -> CellStyle:
    """For columns whose numbers differ widely: each as its own size asks."""
    if not isinstance(value, (int, float)):
        return CellStyle(indent=1)
    if column.shape == "price":
        return CellStyle(number_format("USD/kg", abs(value)))
    small = isinstance(value, float) and 0 < abs(value) < 1e-3
    return CellStyle("0.0E+00" if small else "#,##0.######", across="right")


def _look(column: Column, values: Sequence[object]) -> CellStyle:
    size = size_of(values)
    if column.shape in PLAIN:
        return CellStyle(PLAIN[column.shape])
    if column.shape == "value":
        return CellStyle("#,##0" if size >= THOUSANDS else "General")
    if column.shape == "change":
        share = column.unit == "%"
        return CellStyle(signed(FINE_PERCENT if share else number_format(column.unit or "t", size)))
    if column.shape in ("tonnes", "price", "money"):
        return CellStyle(number_format(column.unit or "t", size))
    return CellStyle(indent=1)


def _widths(
    page: Worksheet, columns: Sequence[Column], frame: pd.DataFrame, labels: Labels
) -> None:
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        if column.shape in WORDS:
            texts = {str(v) for v in frame[column.key].unique()}
            longest = max((width(labels.word(t, column.words)) for t in texts), default=0)
            wide = min(WIDEST, max(longest, width(column.heading(labels)) / 2 + 2, 6) + 3)
        else:
            wide = max(NUMBER_WIDTH, width(column.heading(labels)) / 2 + 1)
        page.column_dimensions[letter].width = wide
        if column.group == "futures":
            page.column_dimensions[letter].width = 13.5
        if column.group == "moments":
            page.column_dimensions[letter].outlineLevel = 1


def finish(page: Worksheet, columns: Sequence[Column], rows: int) -> None:
    """Freeze, filter, and print the labels and the quarters, page by page under the header."""
    leading = 0
    for column in columns:
        if column.shape not in WORDS and column.shape != "count":
            break
        leading += 1
    leading = min(leading, 6)
    page.freeze_panes = page.cell(FIRST, leading + 1)
    last = len(columns)
    if rows:
        page.auto_filter.ref = f"A{HEADER}:{get_column_letter(last)}{FIRST + rows - 1}"
    folded = [i for i, c in enumerate(columns, start=1) if c.group in ("moments", "run-out")]
    printed = folded[0] - 1 if folded and folded[0] > 6 else last
    page.print_area = f"A1:{get_column_letter(printed)}{max(FIRST, FIRST + rows - 1)}"
    page.print_title_rows = f"{HEADER}:{HEADER}"
    set_up_print(page)
    page.sheet_view.zoomScale = 90
    page.sheet_view.showGridLines = False


def set_up_print(page: Worksheet, tall: int = 0) -> None:
    """A4 landscape, one page wide; `tall` pages high, 0: as many as it takes."""
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = tall
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.4
    page.page_margins.header = page.page_margins.footer = 0.2
    page.oddFooter.left.text = "kido"
    page.oddFooter.center.text = "&A"
    page.oddFooter.right.text = "&P / &N"


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
