"""The first page: what was varied, what it shows, and the charts, on one A4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.workbook.textwidth import width
from kido.report.table import Report
from kido.result.book.charts import pin
from kido.result.book.grid_writer import (
    BAND,
    CELL_WIDTH,
    GRID,
    HEAD,
    HEAD_RIGHT,
    LEFT,
    RIGHT,
    SMALL,
    TEXT,
    GridWriter,
)
from kido.result.book.sheet import Placed, is_blank, set_up_print
from kido.result.book.style import ACCENT, QUIET, RED, CellStyle, Styles, number_format
from kido.study.book.charts import PICTURES
from kido.study.book.heat_map import write_heat
from kido.study.point import CERTIFIED, SOLVED
from kido.study.report.view import View

LINE = 16.0  # points
PAGE = 47  # such lines on a page
FEW = 3  # parameters: of more, long sources are cut
SHOWN = 6  # parameters; the sheet About has them all
LEAST_ROWS, HEAT_ROWS = 20, 22  # of a chart
WIDE = 118  # characters on a line of the left part
NARROW = 6.3  # characters in a column of the page
WIDTHS = {1: (GRID,), 2: (15, 15), 3: (12, 9, 9)}  # columns of so many charts
SPAN = GRID - RIGHT + 1


def write_summary(
    page: Worksheet, styles: Styles, view: View, report: Report, placed: Mapping[str, Placed]
) -> None:
    pen = GridWriter(page, styles, view.labels)
    for number in range(1, GRID + 1):
        page.column_dimensions[get_column_letter(number)].width = CELL_WIDTH
    _top(pen, view, report)
    left = _findings(pen, report, _parameters(pen, report, 4) + 2)
    right = _points(pen, report, _base(pen, view, report, 4) + 2)
    row = max(left, right) + 2
    end = (
        _heats(pen, view, report, placed, row)
        if view.method.name == "grid"
        else _charts(pen, view, placed, row)
    )
    pen.put(end + 1, 1, GRID, view.labels["sweep.footnote"], SMALL)
    page.row_dimensions[end + 1].height = 2 * LINE
    for number in range(4, end + 1):
        page.row_dimensions[number].height = LINE
    page.print_area = f"A1:{get_column_letter(GRID)}{end + 1}"
    page.sheet_view.showGridLines = False
    page.sheet_properties.tabColor = RED
    page.print_options.horizontalCentered = True
    page.freeze_panes = "A3"
    set_up_print(page, tall=1)


def _top(pen: GridWriter, view: View, report: Report) -> None:
    labels, name = view.labels, view.result.design.name
    title = labels["sweep.title"].format(name=name)
    pen.put(1, 1, LEFT, title, CellStyle(size=17, bold=True, color=ACCENT))
    book = CellStyle(size=9, color=QUIET, across="right")
    pen.put(1, RIGHT - 1, GRID - RIGHT + 2, view.settings.title, book)
    together = view.method.in_step and len(view.parameters) > 1
    parts = [labels["sweep.how_together" if together else f"sweep.how_{view.method.name}"]]
    if len(view.outcomes):
        counts = ", ".join(
            labels["sweep.status_count"].format(
                count=r["points"], status=labels.word(r["status"], "status"))
            for r in report["sweep_statuses"].rows
        )  # fmt: skip
        parts.append(labels["sweep.counts"].format(count=len(view.outcomes), statuses=counts))
    line = CellStyle(size=9, color=QUIET, bottom=ACCENT)
    pen.put(2, 1, GRID, "  ·  ".join(parts), line)
    pen.page.row_dimensions[1].height, pen.page.row_dimensions[2].height = 27, 18
    pen.page.row_dimensions[3].height = 6


def _parameters(pen: GridWriter, report: Report, row: int) -> int:
    """The numbers varied, each with its values and how sure they are. Returns the last row."""
    labels, table = pen.labels, report["sweep_parameters"]
    pen.put(row, 1, LEFT, table.title(labels.language), BAND)
    keys, spans = ("parameter", "values_tried", "in_the_book", "grade", "cited"), (7, 4, 2, 2, 4)
    heads = [(n, labels[f"column.{k}"], HEAD) for n, k in zip(spans, keys, strict=True)]
    pen.line(row + 1, 1, heads)
    at, rows = row + 1, table.rows
    shown = rows if len(rows) <= SHOWN else rows[: SHOWN - 1]
    for r in shown:
        at += 1
        texts = (r["parameter"], r["values_tried"], r["in_the_book"], labels.word(r["grade"]),
                 r["cited"])  # fmt: skip
        bold, quiet = replace(TEXT, bold=True), replace(TEXT, color=QUIET, size=8)
        looks = (bold, TEXT, TEXT, quiet, quiet)
        wrapped = zip(texts, spans, strict=True) if len(shown) <= FEW else [(texts[0], spans[0])]
        tall = 2 if any(width(t) > s * NARROW for t, s in wrapped) else 1
        column = 1
        for text, span, look in zip(texts, spans, looks, strict=True):
            _block(pen, at, column, (tall, span), text, replace(look, wrap=tall > 1))
            column += span
        at += tall - 1
    if len(rows) > len(shown):
        at += 1
        sheet = labels["sheet.sweep_about"]
        text = labels["sweep.others"].format(count=len(rows) - len(shown), sheet=sheet)
        pen.put(at, 1, LEFT, text, replace(TEXT, color=QUIET, size=8))
    return at


def _findings(pen: GridWriter, report: Report, row: int) -> int:
    table = report["sweep_findings"]
    pen.put(row, 1, LEFT, table.title(pen.labels.language), BAND)
    at = row
    for r in table.rows:
        tall = max(1, -(-width(r["finding"]) // WIDE))
        look = replace(TEXT, wrap=True, bottom="", down="top")
        mark = replace(look, color=ACCENT, bold=True, across="center")
        _block(pen, at + 1, 1, (tall, 1), "•", mark)
        _block(pen, at + 1, 2, (tall, LEFT - 1), r["finding"], look)
        at += tall
    return at


def _block(
    pen: GridWriter, row: int, column: int, size: tuple[int, int], value: object, look: CellStyle
) -> None:
    """One value over so many lines and columns."""
    tall, wide = size
    for line in range(row, row + tall):
        for k in range(column, column + wide):
            plain = look if line == row + tall - 1 else replace(look, bottom="")
            pen.styles.apply(pen.page.cell(line, k), plain)
    pen.styles.put(pen.page, row, column, value, replace(look, bottom="") if tall > 1 else look)
    if tall * wide > 1:
        pen.page.merge_cells(
            start_row=row, end_row=row + tall - 1, start_column=column, end_column=column + wide - 1
        )


def _base(pen: GridWriter, view: View, report: Report, row: int) -> int:
    """The plan all points are compared with, in both currencies."""
    labels, table = pen.labels, report["sweep_base"]
    pen.put(row, RIGHT, SPAN, table.title(labels.language), BAND)
    display = labels.unit(view.display[0]) if view.display else ""
    pen.line(row + 1, RIGHT, [
        (SPAN - 5, "", HEAD), (3, labels.unit(view.unit), HEAD_RIGHT), (2, display, HEAD_RIGHT),
    ])  # fmt: skip
    at = row + 1
    for i, r in enumerate(table.rows):
        at += 1
        money = r["unit"] == view.unit
        text = labels.word(r["what"]) + ("" if money else f" [{labels.unit(r['unit'])}]")
        number = replace(TEXT, across="right", bold=i == 0, color=ACCENT if i == 0 else "222222")
        pen.line(at, RIGHT, [
            (SPAN - 5, text, replace(TEXT, bold=i == 0)),
            (3, _or_dash(r["amount"]), replace(number, format=_form(r["unit"], r["amount"]))),
            (2, r["displayed"], replace(number, format=_form("oku", r["displayed"]))),
        ])  # fmt: skip
    if not table.rows:
        at += 1
        pen.put(at, RIGHT, SPAN, labels.word(view.base.status, "status"), replace(TEXT, color=RED))
    return at


def _or_dash(amount: float) -> object:
    return "–" if is_blank(amount) else amount


def _form(unit: str, amount: float) -> str:
    size = 0.0 if is_blank(amount) else abs(amount)
    return "0" if unit == "months" else number_format(unit, size)


def _points(pen: GridWriter, report: Report, row: int) -> int:
    """How the points ended."""
    labels, table = pen.labels, report["sweep_statuses"]
    if not table.rows:
        return row - 2
    pen.put(row, RIGHT, SPAN, table.title(labels.language), BAND)
    for i, r in enumerate(table.rows, start=1):
        color = "222222" if r["status"] in (SOLVED, CERTIFIED) else RED
        pen.line(row + i, RIGHT, [
            (SPAN - 3, labels.word(r["status"], "status"), replace(TEXT, color=color)),
            (3, r["points"], replace(TEXT, format="#,##0", across="right", color=color)),
        ])  # fmt: skip
    return row + len(table.rows)


def _charts(pen: GridWriter, view: View, placed: Mapping[str, Placed], row: int) -> int:
    """The charts of the method side by side. Returns the last row."""
    charts = PICTURES[view.method.name](view, placed)
    if not charts:
        pen.put(row, 1, GRID, view.labels["sweep.chart_none"], replace(TEXT, color=QUIET))
        return row
    end, column = max(row + LEAST_ROWS, PAGE), 1
    for chart, wide in zip(charts, WIDTHS[len(charts)], strict=True):
        pin(pen.page, chart, (row, column), (end, column + wide))
        column += wide
    return end


def _heats(
    pen: GridWriter, view: View, report: Report, placed: Mapping[str, Placed], row: int
) -> int:
    """The grid in colours, its cost and what is lost; as lines where the page has room."""
    labels, unit = view.labels, view.labels.unit(view.unit)
    change = "sweep_grid_change" in report
    title = labels["sweep.heat_cost" if change else "sweep.heat_plain"].format(unit=unit)
    cost = report["sweep_grid_change" if change else "sweep_grid"]
    lost, half = report.get("sweep_grid_lost"), GRID // 2
    room = (HEAT_ROWS, GRID if lost is None else half - 1)
    end = write_heat(pen, view, cost, title, (row, 1), room)
    if lost is not None:
        title = labels["sweep.heat_lost"].format(unit="t")
        end = max(end, write_heat(pen, view, lost, title, (row, half + 2), room))
    return end if end + LEAST_ROWS - 5 > PAGE else _charts(pen, view, placed, end + 2)
