"""`write_sweep`: the results workbook of a sweep, its first page and then its tables."""

from __future__ import annotations

import os

from kido.report.document import Document, TableBlock
from kido.report.excel import write_document
from kido.report.style import ACCENT, QUIET
from kido.report.table import Report, Table
from kido.result.pages.workbook import table_page
from kido.study.point import CERTIFIED, SOLVED
from kido.study.report.first_page import summary_page
from kido.study.report.view import View
from kido.study.results import SweepResult

RECORDS = ("sweep_points", "sweep_about")
FIRST_PAGE = ("sweep_base", "sweep_parameters", "sweep_statuses", "sweep_findings")
HASH = 72.0  # characters of a hash, with air
AIR = 2.5  # characters: units of money make long headings
A_PAGE = 260.0  # characters that can be read across one printed page
NAMED = ("volumes", "differences")  # columns headed by a point, with a long name
POINT, TALL = 13.5, 54.0  # characters wide, points high


def write_sweep(report: Report, result: SweepResult, path: str | os.PathLike[str]) -> None:
    """Write the workbook to `path` atomically. Raises OutputError if that fails."""
    write_document(sweep_document(report, result), path)


def sweep_document(report: Report, result: SweepResult) -> Document:
    """The document of a sweep's report: one page for each table after the first page."""
    view = View(result)
    pages = [summary_page(view, report)]
    for name, table in report.items():
        if name not in FIRST_PAGE:
            color = QUIET if name in RECORDS else ACCENT
            pages.append(table_page(_block(view, table), view.labels, color))
    title = f"{view.settings.title or 'kido'}: {result.design.name}"
    return Document(title, view.labels.language, tuple(pages))


def _block(view: View, table: Table) -> TableBlock:
    """A table with its colour scale, alarms and column widths."""
    widths = {c.key: POINT for c in table.columns if c.group in NAMED}
    if table.name == "sweep_about":
        widths[table.columns[2].key] = HASH
    return TableBlock(
        table, view.method.color_scale(table), _alarms(table), widths,
        air=AIR, header_height=TALL if any(c.group in NAMED for c in table.columns) else 30.0,
        readable=A_PAGE,
    )  # fmt: skip


def _alarms(table: Table) -> dict[str, tuple[int, ...]]:
    """Rows of unsolved points, by the column of their status."""
    rows = {}
    for column in table.columns:
        if column.words == "status":
            statuses = enumerate(table.frame[column.key])
            rows[column.key] = tuple(i for i, s in statuses if s not in (SOLVED, CERTIFIED, ""))
    return rows
