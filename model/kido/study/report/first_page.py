"""The first page of a sweep's workbook: parameters, findings and charts on one A4 page."""

from __future__ import annotations

from dataclasses import replace

from kido.data.workbook.textwidth import width
from kido.report.document import Page
from kido.report.grid import (
    BAND,
    BELOW,
    GRID,
    HEAD,
    HEAD_RIGHT,
    LEFT,
    RIGHT,
    SMALL,
    SPAN,
    TEXT,
    FirstPage,
)
from kido.report.style import ACCENT, INK, QUIET, RED, is_blank, number_format
from kido.report.table import Report
from kido.study.point import CERTIFIED, SOLVED
from kido.study.report.view import View

LINE = 16.0  # points
PAGE = 47  # such lines on a page
FEW = 3  # parameters: of more, long sources are cut
SHOWN = 6  # parameters; the sheet About has them all
LEAST_ROWS = 20  # of a chart
HEADLINE = 160  # characters on a line of the whole page, in bold
FINDING = replace(BELOW, bold=True, color=ACCENT, wrap=True)
WIDE = 118  # characters on a line of the left part
NARROW = 6.3  # characters in a column of the page
WIDTHS = {1: (GRID,), 2: (15, 15), 3: (12, 9, 9)}  # columns of so many charts


def summary_page(view: View, report: Report) -> Page:
    """The first page of the workbook."""
    grid = FirstPage(view.labels)
    lines = _top(grid, view, report)
    left = _findings(grid, report, _parameters(grid, view, report, 4) + 2)
    right = _points(grid, report, _base(grid, view, report, 4) + 2)
    row = max(left, right) + 2
    show = view.method.draw or draw_charts
    last = show(grid, view, report, row) + 1
    grid.put(last, 1, GRID, view.labels["sweep.footnote"], SMALL)
    taller = {2: lines * LINE + 4, last: 2 * LINE}
    return grid.page(view.labels["sheet.sweep_summary"], last, LINE, taller)


def _top(grid: FirstPage, view: View, report: Report) -> int:
    """Write the name of the sweep and, first of all, what it shows. Returns the lines of that."""
    title = view.labels["sweep.title"].format(name=view.result.design.name)
    if run := view.result.facts.get("kept"):
        title += view.labels["sweep.kept"].format(run=run)
    first = [r["finding"] for r in report["sweep_findings"].rows[:1]]
    grid.top(title, view.settings.title, first, FINDING)
    return max(1, -(-width("".join(first)) // HEADLINE))


def _parameters(grid: FirstPage, view: View, report: Report, row: int) -> int:
    """Draw the parameters with their values and grades. Returns the last row."""
    labels, table = grid.labels, report["sweep_parameters"]
    together = view.method.in_step and len(view.parameters) > 1
    how = labels["sweep.how_together" if together else f"sweep.how_{view.method.name}"]
    grid.put(row, 1, LEFT, f"{table.title(labels.language)}  ·  {how}", BAND)
    keys, spans = ("parameter", "values_tried", "in_the_book", "grade", "cited"), (7, 4, 2, 2, 4)
    heads = [(n, labels[f"column.{k}"], HEAD) for n, k in zip(spans, keys, strict=True)]
    grid.line(row + 1, 1, heads)
    at, rows = row + 1, table.rows
    visible = rows if len(rows) <= SHOWN else rows[: SHOWN - 1]
    for r in visible:
        at += 1
        texts = (r["parameter"], r["values_tried"], r["in_the_book"], labels.word(r["grade"]),
                 r["cited"])  # fmt: skip
        bold, quiet = replace(TEXT, bold=True), replace(TEXT, color=QUIET, size=8)
        looks = (bold, TEXT, TEXT, quiet, quiet)
        wrapped = zip(texts, spans, strict=True) if len(visible) <= FEW else [(texts[0], spans[0])]
        lines = 2 if any(width(t) > s * NARROW for t, s in wrapped) else 1
        column = 1
        for text, span, look in zip(texts, spans, looks, strict=True):
            grid.put(at, column, span, text, replace(look, wrap=lines > 1), lines)
            column += span
        at += lines - 1
    if len(rows) > len(visible):
        at += 1
        sheet = labels["sheet.sweep_about"]
        text = labels["sweep.others"].format(count=len(rows) - len(visible), sheet=sheet)
        grid.put(at, 1, LEFT, text, replace(TEXT, color=QUIET, size=8))
    return at


def _findings(grid: FirstPage, report: Report, row: int) -> int:
    """Write the findings after the first, which is on top. Returns the last row."""
    table = report["sweep_findings"]
    if len(table.frame) < 2:
        return row - 2
    grid.put(row, 1, LEFT, table.title(grid.labels.language), BAND)
    at = row
    for r in table.rows[1:]:
        lines = max(1, -(-width(r["finding"]) // WIDE))
        look = replace(TEXT, wrap=True, bottom="", down="top")
        bullet = replace(look, color=ACCENT, bold=True, across="center")
        grid.line(at + 1, 1, [(1, "•", bullet), (LEFT - 1, r["finding"], look)], lines)
        at += lines
    return at


def _base(grid: FirstPage, view: View, report: Report, row: int) -> int:
    """Draw the costs of the unchanged book, in both currencies. Returns the last row."""
    labels, table = grid.labels, report["sweep_base"]
    grid.put(row, RIGHT, SPAN, table.title(labels.language), BAND)
    display = labels.unit(view.display[0]) if view.display else ""
    grid.line(row + 1, RIGHT, [
        (SPAN - 5, "", HEAD), (3, labels.unit(view.unit), HEAD_RIGHT), (2, display, HEAD_RIGHT),
    ])  # fmt: skip
    at = row + 1
    for i, r in enumerate(table.rows):
        at += 1
        money = r["unit"] == view.unit
        text = labels.word(r["what"]) + ("" if money else f" [{labels.unit(r['unit'])}]")
        number = replace(TEXT, across="right", bold=i == 0, color=ACCENT if i == 0 else INK)
        grid.line(at, RIGHT, [
            (SPAN - 5, text, replace(TEXT, bold=i == 0)),
            (3, _or_dash(r["amount"]), replace(number, format=_form(r["unit"], r["amount"]))),
            (2, r["displayed"], replace(number, format=_form("oku", r["displayed"]))),
        ])  # fmt: skip
    if not table.rows:
        at += 1
        grid.put(at, RIGHT, SPAN, labels.word(view.base.status, "status"), replace(TEXT, color=RED))
    return at


def _or_dash(amount: float) -> object:
    return "–" if is_blank(amount) else amount


def _form(unit: str, amount: float) -> str:
    size = 0.0 if is_blank(amount) else abs(amount)
    return "0" if unit == "months" else number_format(unit, size)


def _points(grid: FirstPage, report: Report, row: int) -> int:
    """Draw how many points ended in which status. Returns the last row."""
    labels, table = grid.labels, report["sweep_statuses"]
    if not table.rows:
        return row - 2
    grid.put(row, RIGHT, SPAN, table.title(labels.language), BAND)
    for i, r in enumerate(table.rows, start=1):
        color = INK if r["status"] in (SOLVED, CERTIFIED) else RED
        grid.line(row + i, RIGHT, [
            (SPAN - 3, labels.word(r["status"], "status"), replace(TEXT, color=color)),
            (3, r["points"], replace(TEXT, format="#,##0", across="right", color=color)),
        ])  # fmt: skip
    return row + len(table.rows)


def draw_charts(grid: FirstPage, view: View, report: Report, row: int) -> int:
    """Draw the charts of the method side by side. Returns the last row."""
    charts = view.method.charts(view, report)
    if not charts:
        grid.put(row, 1, GRID, view.labels["sweep.chart_none"], replace(TEXT, color=QUIET))
        return row
    end, column = max(row + LEAST_ROWS, PAGE), 1
    for chart, wide in zip(charts, WIDTHS[len(charts)], strict=True):
        grid.chart(chart, row, column, end - row, wide)
        column += wide
    return end
