"""report -> results workbook of a sweep: the first page, then its tables, sheet by sheet."""

from __future__ import annotations

import math
import os
from copy import copy
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kido.report.table import Report
from kido.result.book.sheet import FIRST, HEADER, WORDS, Placed, write_table
from kido.result.book.style import ACCENT, QUIET, RED, CellStyle, Styles
from kido.result.book.workbook import replace_file
from kido.study.book.heat_map import colour_sheet
from kido.study.book.summary import write_summary
from kido.study.point import CERTIFIED, SOLVED
from kido.study.report.view import View
from kido.study.results import SweepResult

RECORDS = ("sweep_points", "sweep_about")
FIRST_PAGE = ("sweep_base", "sweep_parameters", "sweep_statuses", "sweep_findings")
HEATED = ("sweep_grid", "sweep_grid_change", "sweep_grid_lost")
HASH = 72  # characters of a hash, with air
AIR = 2.5  # characters: units of money make long headings
A_PAGE = 260  # characters that can be read across one printed page
NAMED = ("volumes", "differences")  # columns headed by a point, with a long name
POINT, TALL = 13.5, 54  # characters wide, points high


def write_sweep(report: Report, result: SweepResult, path: str | os.PathLike[str]) -> None:
    """Writes the workbook at `path`, replacing what stands there only once it is whole."""
    buffer = BytesIO()
    make_workbook(report, result).save(buffer)
    replace_file(Path(path), buffer.getvalue())


def make_workbook(report: Report, result: SweepResult) -> Workbook:
    view = View(result)
    book = Workbook()
    summary = book.active
    summary.title = view.labels["sheet.sweep_summary"]
    styles = Styles(book, view.labels.language)
    placed: dict[str, Placed] = {}
    for name, table in report.items():
        if name in FIRST_PAGE:
            continue
        placed[name] = write_table(book, styles, view.labels, table)
        _dress(placed[name], styles)
    write_summary(summary, styles, view, report, placed)
    styles.close()
    book.active = 0
    book.properties.title = f"{view.settings.title or 'kido'}: {result.design.name}"
    book.properties.creator = "kido"
    return book


def _dress(placed: Placed, styles: Styles) -> None:
    """What a table of a sweep has beside its cells: colours, and pages wide enough to read."""
    name, page = placed.table.name, placed.page
    page.sheet_properties.tabColor = QUIET if name in RECORDS else ACCENT
    if name in HEATED:
        colour_sheet(placed, styles)
    if name == "sweep_about":
        page.column_dimensions["C"].width = HASH
    _redden(placed, styles)
    _fit(placed)


def _fit(placed: Placed) -> None:
    """Columns wide enough for their heading, as many on a printed page as can be read."""
    page, whole = placed.page, 0.0
    for column, place in ((c, placed.column[c.key]) for c in placed.table.columns):
        held = page.column_dimensions[get_column_letter(place)]
        if column.group in NAMED:
            held.width = POINT
            page.row_dimensions[HEADER].height = TALL
        elif column.shape not in WORDS:
            held.width += AIR
        whole += held.width
    pages = math.ceil(whole / A_PAGE)
    if pages > 1:
        page.page_setup.fitToWidth = pages
        page.print_title_cols = f"A:{get_column_letter(3)}"


def _redden(placed: Placed, styles: Styles) -> None:
    """Points without an answer catch the eye."""
    font = Font(name=styles.font, size=CellStyle().size, color=RED)
    for column in placed.table.columns:
        if column.words != "status":
            continue
        for i, status in enumerate(placed.table.frame[column.key]):
            if status not in (SOLVED, CERTIFIED, ""):
                cell = placed.page.cell(FIRST + i, placed.column[column.key])
                cell._style = copy(cell._style)  # others share it
                cell.font = font
