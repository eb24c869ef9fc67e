"""The sheet of charts: pictures of the tables that follow, three rows of two to a page."""

from __future__ import annotations

import numpy as np
from openpyxl.chart import Reference, Series
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from kido.report.labels import Labels
from kido.report.table import Report
from kido.result.board import by_scarcity
from kido.result.book.charts import colored, columns_chart, lines_chart, stacked, supply_chart
from kido.result.book.sheet import HEADER, Placed, set_up_print
from kido.result.book.style import NOTE, RED, SERIES, STOCK, TITLE, Styles
from kido.result.plan import SolvedPlan

SIZE = (16.0, 6.9)  # cm
ELEMENTS = 6
SMALLEST = 0.002  # share of all money below which a category is not drawn
LINES = tuple(SERIES[i] for i in (0, 1, 5, 4, 7))
COLORS = {"purchase": SERIES[0], "relief": RED, "ending value": STOCK}
STEP = 14  # rows from one chart to the next below it
TALL = 3  # charts above one another on a page


def write_pictures(
    page: Worksheet,
    styles: Styles,
    labels: Labels,
    report: Report,
    answer: SolvedPlan,
    placed: dict[str, Placed],
) -> None:
    styles.put(page, 1, 1, labels["title.charts"], TITLE)
    styles.put(page, 2, 1, labels["note.charts"], NOTE)
    page.merge_cells("A2:P2")
    page.row_dimensions[1].height = 24
    made = [_costs(placed["costs"], labels), _futures(placed["scenarios"], labels)]
    made.append(_cover(placed["stockpiles"], labels, by_scarcity(answer)))
    for element in by_scarcity(answer)[:ELEMENTS]:
        title = labels["chart.supply"].format(element=element, unit=answer.unit_of[element])
        made.append(supply_chart(placed["sourcing"], labels, element, title, SIZE))
    charts = [chart for chart in made if chart is not None]
    for i, chart in enumerate(charts):
        page.add_chart(chart, f"{'AJ'[i % 2]}{4 + STEP * (i // 2)}")
    deep = (len(charts) + 1) // 2
    for below in range(TALL, deep, TALL):
        page.row_breaks.append(Break(id=3 + STEP * below))
    page.print_area = f"A1:R{4 + STEP * deep}"
    page.sheet_view.showGridLines = False
    page.freeze_panes = "A4"
    set_up_print(page)


def _costs(placed: Placed, labels: Labels) -> object:
    """Expected cost by fiscal year, stacked by category."""
    chart = stacked(labels["chart.costs"], SIZE)
    page, frame = placed.page, placed.table.frame
    last = len(placed.table.columns)
    sizes = frame.drop(columns="category").abs().sum(axis=1)
    spare = iter(SERIES[1:])
    drawn = [i for i in np.argsort(-sizes.to_numpy()) if sizes[i] > SMALLEST * sizes.sum()]
    for i in drawn:
        category, row = frame["category"][i], placed.row(int(i))
        values = Reference(page, min_col=2, max_col=last, min_row=row, max_row=row)
        color = COLORS.get(category) or next(spare)
        chart.series.append(colored(Series(values, title=labels.word(category)), color))
    head = placed.first_row - 1
    chart.set_categories(Reference(page, min_col=2, max_col=last, min_row=head, max_row=head))
    return chart if chart.series else None


def _futures(placed: Placed, labels: Labels) -> object:
    columns = [placed.column[c.key] for c in placed.table.columns if c.group == "futures"]
    if len(columns) < 2:
        return None
    index = list(placed.table.frame["item"]).index("discounted cost")
    span = {"min_col": min(columns), "max_col": max(columns)}
    row = placed.row(index)
    return columns_chart(
        Reference(placed.page, **span, min_row=row, max_row=row),
        Reference(placed.page, **span, min_row=HEADER, max_row=HEADER),
        labels["chart.futures"],
        SIZE,
    )


def _cover(placed: Placed, labels: Labels, elements: list[str]) -> object:
    """Cover of all owners, for the scarcest elements that have stocks."""
    held = {
        r["commodity"]: i
        for i, r in enumerate(placed.table.rows)
        if r["measure"] == "cover" and r["owner"] == "all owners"
    }
    shown = [element for element in elements if element in held][: len(LINES)]
    rows = [(held[e], e, color, False) for e, color in zip(shown, LINES, strict=False)]
    return lines_chart(placed, labels, rows, labels["chart.cover"], SIZE) if rows else None
