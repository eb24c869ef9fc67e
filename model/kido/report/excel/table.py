"""Writes a table on a sheet: frozen header, formats, filter, outline of months."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from xlsxwriter.worksheet import Worksheet

from kido.data.workbook.textwidth import width
from kido.report.display import (
    LEADING,
    WIDEST,
    WORDS,
    ShownCell,
    printed_columns,
    shown_columns,
    shown_rows,
)
from kido.report.document import Area, TableBlock
from kido.report.excel.cells import DIGITS, PRECISE_DIGITS, CellWriter
from kido.report.excel.grid import shade
from kido.report.excel.setup import column_pixels, row_pixels
from kido.report.labels import Labels
from kido.report.style import GROUP, HEAD, HEAD_NUMBER, RED, CellStyle
from kido.report.table import Column

GROUPS, HEADER, FIRST = 3, 4, 5  # rows
NUMBER_WIDTH = 9.5
FUTURE_WIDTH = 13.5
NARROW_LETTERS = 8  # characters more that go on a line of a wide column
ONE_LINE = 20  # characters of a heading that are not broken
NARROW = 13  # characters on a line of a narrow column of words
NO_NUMBER = CellStyle(size=8, color=RED, fill="F3F4F6", across="center", wrap=True)


def write_table(
    sheet: Worksheet, block: TableBlock, writer: CellWriter, labels: Labels
) -> tuple[Mapping[str, int], list[float]]:
    """Write a table without its hidden columns. Returns the column of each key, and the widths."""
    columns = shown_columns(block.table)
    _headers(sheet, columns, block.header_height, writer, labels)
    _cells(sheet, columns, block, writer, labels)
    widths = [_width(c, block, labels) for c in columns]
    for number, (column, wide) in enumerate(zip(columns, widths, strict=True)):
        options = {"level": 1} if column.group == "moments" else {}
        sheet.set_column_pixels(number, number, column_pixels(wide), None, options)
    rows = len(block.table.frame)
    if block.scale is not None and rows and len(columns) > 1:
        shade(sheet, Area(FIRST, 2, rows, len(columns) - 1), block.scale)
    _finish(sheet, columns, rows, rows if block.printed is None else block.printed)
    if block.breaks:
        sheet.set_h_pagebreaks([FIRST + row - 1 for row in block.breaks])
    if block.readable and (pages := math.ceil(sum(widths) / block.readable)) > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0, 2)
    return {c.key: i for i, c in enumerate(columns, start=1)}, widths


def _headers(
    sheet: Worksheet, columns: Sequence[Column], height: float, writer: CellWriter, labels: Labels
) -> None:
    before = ""
    for number, column in enumerate(columns, start=1):
        style = HEAD if column.shape in WORDS else HEAD_NUMBER
        writer.put(sheet, HEADER, number, column.heading(labels), style)
        if column.group:
            text = labels.group(column.group) if column.group != before else ""
            writer.put(sheet, GROUPS, number, text, GROUP)
        before = column.group
    sheet.set_row_pixels(HEADER - 1, row_pixels(height))


def _cells(
    sheet: Worksheet, columns: Sequence[Column], block: TableBlock, writer: CellWriter,
    labels: Labels,
) -> None:  # fmt: skip
    digits = PRECISE_DIGITS if block.table.precise else DIGITS
    alarms = {c.key: set(block.alarms.get(c.key, ())) for c in columns}
    alarming = [(k, alarms[c.key]) for k, c in enumerate(columns) if alarms[c.key]]
    numbers = [k for k, c in enumerate(columns) if c.shape == "number"]
    strong = set(block.strong)
    for i, cells in enumerate(shown_rows(block.table, labels)):
        row = FIRST + i
        if lines := _lines([cells[k] for k in numbers]):
            sheet.set_row_pixels(row - 1, row_pixels(4 + 11 * lines))
        elif (lines := _text_lines(cells)) > 1:
            sheet.set_row_pixels(row - 1, row_pixels(4 + 13 * lines))
        for k, rows in alarming:
            if i in rows and (cell := cells[k]) is not None:
                cells[k] = (cell[0], replace(cell[1], color=RED))
        if i in strong:
            cells = [cell and (cell[0], replace(cell[1], bold=True)) for cell in cells]
        if block.scale is not None:
            cells[1:] = [_without_scale(cell) for cell in cells[1:]]
        writer.put_row(sheet, row, cells, digits)


def _without_scale(cell: ShownCell) -> ShownCell:
    """The cell, in the style of no number where a colour scale meets a word."""
    return (cell[0], NO_NUMBER) if cell is not None and isinstance(cell[0], str) else cell


def _lines(cells: Sequence[ShownCell]) -> int:
    """The number of lines that words among numbers take; 0: there are no words."""
    words = [width(cell[0]) for cell in cells if cell is not None and isinstance(cell[0], str)]
    return -(-max(words) // NARROW) if words else 0


def _text_lines(cells: Sequence[ShownCell]) -> int:
    """The number of lines that the longest text takes in the widest column of words."""
    texts = [cell[0] for cell in cells if cell is not None and isinstance(cell[0], str)]
    return max((-(-width(text) // (WIDEST + NARROW_LETTERS)) for text in texts), default=1)


def _width(column: Column, block: TableBlock, labels: Labels) -> float:
    """The width of a column in characters."""
    if column.key in block.widths:
        return block.widths[column.key]
    heading = width(column.heading(labels))
    if column.shape in WORDS:
        texts = {str(v) for v in block.table.frame[column.key].unique()}
        longest = max((width(labels.word(t, column.words)) for t in texts), default=0)
        return min(WIDEST, max(longest, heading / 2 + 2, 6) + 3)
    wide = FUTURE_WIDTH if column.group == "futures" else max(NUMBER_WIDTH, heading / 2 + 1)
    unit = labels.unit(column.unit)
    if width(unit) > len(unit):  # a heading would break within Japanese: it goes on one line
        wide = max(wide, min(heading, ONE_LINE))
    return wide + block.air


def _finish(sheet: Worksheet, columns: Sequence[Column], rows: int, printed: int) -> None:
    """Freeze, filter, and print the labels and the quarters, page by page under the header."""
    leading = 0
    for column in columns:
        if column.shape not in WORDS and column.shape != "count":
            break
        leading += 1
    sheet.freeze_panes(FIRST - 1, min(leading, LEADING))
    last = len(columns)
    if rows:
        sheet.autofilter(HEADER - 1, 0, FIRST + rows - 2, last - 1)
    sheet.print_area(0, 0, max(FIRST, FIRST + printed - 1) - 1, printed_columns(columns) - 1)
    sheet.repeat_rows(HEADER - 1)
    sheet.set_zoom(90)
