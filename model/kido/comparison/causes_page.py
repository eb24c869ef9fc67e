"""The first page of a comparison: from the earlier cost to the later, in live formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kido.comparison.comparison import Comparison
from kido.data.workbook.textwidth import width
from kido.report.charts import Series as ChartSeries
from kido.report.charts import bars, column, from_zero
from kido.report.display import note_over
from kido.report.document import (
    Area,
    Block,
    Cell,
    ChartBlock,
    Formula,
    Grid,
    Heading,
    Page,
    TablePlace,
)
from kido.report.labels import Labels
from kido.report.style import (
    ACCENT,
    HEAD,
    HEAD_NUMBER,
    INK,
    NOTE,
    RED,
    RULE,
    CellStyle,
    number_format,
    signed,
    size_of,
)
from kido.report.table import Table

HEADER = 4  # row
WIDTHS = (52.0, 14.0, 62.0, 15.0, 15.0)  # characters: cause, sheet, what changed, change, cost
TEXT = CellStyle(bottom=RULE, indent=1, wrap=True)
LINE, CHART_ROWS, MOST_BARS = 15.0, 22, 15  # points, rows, causes
AIR = 4.0  # characters of a cell that its text does not take


@dataclass
class Lines:
    """The cells under construction."""

    cells: list[Cell] = field(default_factory=list)

    def put(self, row: int, number: int, value: object, style: CellStyle, span: int = 1) -> None:
        """Write a value over columns."""
        self.cells.append(Cell(Area(row, number, 1, span), value, style))


def causes_page(comparison: Comparison, table: Table) -> Page:
    """The page of the table of causes, with what must be known below it, and a chart."""
    labels = Labels(comparison.language)
    lines = Lines()
    for number, heading in enumerate(table.columns, start=1):
        lines.put(HEADER, number, heading.heading(labels), HEAD if number < 4 else HEAD_NUMBER)
    last = HEADER + len(table.frame)
    _rows(lines, table, labels, last)
    below = last + 2
    for warning in comparison.warnings:
        lines.put(below, 1, f"{warning.place}: {warning.sentence}", replace(NOTE, color=RED), 5)
        below += 1
    heights = {HEADER: 2 * LINE, **dict.fromkeys(range(last + 2, below), 2 * LINE)}
    heights |= {row: LINE * _lines_of(line) for row, line in enumerate(table.rows, HEADER + 1)}
    place = TablePlace(HEADER + 1, {c.key: k for k, c in enumerate(table.columns, 1)}, HEADER)
    grid = Grid(tuple(lines.cells), WIDTHS, heights, tables={table.name: (table, place)})
    title, note = table.title(labels.language), table.note(labels.language)
    chart = _chart(table, labels, below + 1)
    blocks: tuple[Block, ...] = (Heading(title), note_over(note, table), grid, *chart)
    return Page(labels[f"sheet.{table.name}"], blocks, color=RED, frozen=(HEADER + 1, 1), tall=1)


def _lines_of(line: Mapping[str, object]) -> int:
    """The lines that the longest text of a row takes."""
    texts = zip((line["cause"], line["sheet"], line["what_changed"]), WIDTHS, strict=False)
    return max(math.ceil(width(str(text)) / (wide - AIR)) or 1 for text, wide in texts)


def _rows(lines: Lines, table: Table, labels: Labels, last: int) -> None:
    """The lines of the table; costs add up from above, and the last change is the sum."""
    form = number_format("kUSD", size_of(table.frame["cost"]))
    change, cost = CellStyle(signed(form), bottom=RULE), CellStyle(form, bottom=RULE)
    first = HEADER + 1
    for row, line in enumerate(table.rows, start=first):
        end = row in (first, last)
        text = replace(TEXT, bold=end, color=ACCENT if end else INK)
        for number, value in enumerate((line["cause"], labels.word(line["sheet"]),
                                        line["what_changed"]), start=1):  # fmt: skip
            lines.put(row, number, value, text)
        if row == first:
            lines.put(row, 4, "", change)
            lines.put(row, 5, line["cost"], replace(cost, bold=True))
            continue
        own = Area(row, 4)
        amount: object = line["change"]
        before = Area(row - 1, 5)
        if row == last:
            parts = {"parts": Area(first + 1, 4, last - first - 1)}
            amount = Formula("SUM({parts})", parts, line["change"]) if last > first + 1 else 0.0
            before = Area(first, 5)
        lines.put(row, 4, amount, replace(change, bold=end))
        running = Formula("{before}+{own}", {"before": before, "own": own}, line["cost"])
        lines.put(row, 5, running, replace(cost, bold=end))


def _chart(table: Table, labels: Labels, row: int) -> tuple[ChartBlock, ...]:
    """A bar for each cause; none where there are none."""
    causes = range(1, min(len(table.frame) - 1, MOST_BARS + 1))
    if not causes:
        return ()
    series = ChartSeries(
        table.columns[3].name(labels), column(table, "change", causes),
        column(table, "cause", causes), ACCENT, labels="value",
        label_format=signed("#,##0;-#,##0;"),
    )  # fmt: skip
    values = from_zero(table.frame["change"].iloc[list(causes)])
    title = labels["compare.chart"]
    chart = bars(title, (series,), len(causes), values, legend=False)
    return (ChartBlock(chart, Area(row, 1, CHART_ROWS, len(WIDTHS))),)
