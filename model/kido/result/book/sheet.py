"""One table on one sheet: title, note, header that stays in view, formats, print setup."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.book.textwidth import width
from kido.result.book.style import (
    GROUP,
    HEAD,
    HEAD_NUMBER,
    NOTE,
    RULE,
    TITLE,
    Look,
    Styles,
    number_format,
    size_of,
)
from kido.result.labels import Labels
from kido.result.table import Column, Table

GROUPS, HEADER, FIRST = 3, 4, 5  # rows
WORDS = ("text", "word", "unit", "any")
WIDEST = 44
NUMBER_WIDTH = 9.5
DUST = 5e-7  # of a tonne: shown as nothing


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
    frame = table.frame
    series = [frame[c.key].tolist() for c in columns]
    by_row = [i for i, c in enumerate(columns) if c.shape == "number"]
    unit_at = next((i for i, c in enumerate(columns) if c.shape == "unit"), None)
    fixed = [_look(c, values) for c, values in zip(columns, series, strict=True)]
    first = series[0] if series else []
    for i in range(len(frame)):
        row = FIRST + i
        new = i > 0 and first[i] != first[i - 1]
        numbers: Look | None = None
        if by_row and unit_at is not None:
            size = size_of([series[k][i] for k in by_row])
            numbers = Look(number_format(str(series[unit_at][i]), size))
        for k, column in enumerate(columns):
            value = series[k][i]
            if column.shape == "number":
                if value != value or value is None:  # blank
                    if not new:
                        continue
                    value = None
                elif abs(value) < DUST and table.name != "flows":
                    value = 0.0
                look = numbers or fixed[k]
            else:
                look = fixed[k]
                if column.shape == "price" and isinstance(value, float):
                    look = replace(look, format=number_format("USD/kg", abs(value)))
                elif column.shape == "word":
                    value = labels.word(str(value))
                elif column.shape == "unit":
                    value = labels.unit(str(value))
                elif column.shape == "any" and isinstance(value, float):
                    look = replace(look, format=loose(value), across="right")
            if new:
                look = replace(look, top=RULE)
            styles.put(page, row, k + 1, value, look)


def loose(value: float) -> str:
    """A format for a number of unknown kind: exponents where it is very small."""
    return "0.0E+00" if 0 < abs(value) < 1e-3 else "#,##0.######"


def _look(column: Column, values: Sequence[object]) -> Look:
    size = size_of(values)
    if column.shape == "share":
        return Look('0.0%;-0.0%;"–"')
    if column.shape in ("tonnes", "price", "money"):
        return Look(number_format(column.unit or "t", size))
    if column.shape == "months":
        return Look("0.0")
    if column.shape == "count":
        return Look("0")
    return Look(indent=1)


def _widths(
    page: Worksheet, columns: Sequence[Column], frame: pd.DataFrame, labels: Labels
) -> None:
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        if column.shape in WORDS:
            texts = {str(v) for v in frame[column.key].unique()}
            longest = max((width(labels.word(t)) for t in texts), default=0)
            wide = min(WIDEST, max(longest, width(column.heading(labels)) / 2 + 2, 6) + 3)
        else:
            wide = max(NUMBER_WIDTH, width(column.heading(labels)) / 2 + 1)
        page.column_dimensions[letter].width = wide
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
