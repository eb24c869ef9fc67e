"""Native charts on the tables already written, in the colours of the workbook."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart._chart import ChartBase
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.worksheet.worksheet import Worksheet

from kido.report.labels import Labels
from kido.result.book.sheet import HEADER, Placed
from kido.result.book.style import ACCENT, PALE_RED, QUIET, RED, SERIES, STOCK

GRID = "E3E7EE"
MISSING = {"thrift": PALE_RED, "substitute": "F6DCC8", "defer": "F2C879", "not served": RED}


def supply_chart(
    placed: Placed, labels: Labels, element: str, title: str, size: tuple[float, float]
) -> BarChart | None:
    """Stacked columns of what serves the need, by country; the gap in red, need as a line."""
    rows = [(i, r) for i, r in enumerate(placed.table.rows) if r["commodity"] == element]
    if not rows:
        return None
    bars, need = stacked(title, size), LineChart()
    color_of, missing = palette(placed), []
    for i, row in rows:
        if row["measure"] in ("lived without", "not served"):
            missing.append(_series(placed, labels, i, row["source"], MISSING[row["source"]]))
        elif row["measure"] == "need":
            need.series.append(_line(placed, labels, i, "need", "000000", 2.0))
        elif row["measure"] == "serves":
            color = color_of.get(row["source"], STOCK)
            bars.series.append(_series(placed, labels, i, row["source"], color))
    bars.series += missing
    bars.set_categories(_periods(placed))
    if need.series:
        bars += need
    return bars


def palette(placed: Placed) -> dict[str, str]:
    """One colour for each country in every chart; the largest source the darkest."""
    total: dict[str, float] = {}
    for row in placed.table.rows:
        if row["measure"] == "arrives":
            total[row["source"]] = total.get(row["source"], 0.0) + row["plan"]
    ordered = sorted(total, key=lambda country: -total[country])
    return {country: SERIES[i % len(SERIES)] for i, country in enumerate(ordered)}


def lines_chart(
    placed: Placed,
    labels: Labels,
    rows: Sequence[tuple[int, str, str, bool]],
    title: str,
    size: tuple[float, float],
) -> LineChart:
    """A line for each (frame row, name, colour, dashed)."""
    chart = LineChart()
    dress(chart, title, size)
    for index, name, color, dashed in rows:
        line = _line(placed, labels, index, name, color, 1.75)
        chart.series.append(drawn(line, color, 1.75, dashed))
    chart.set_categories(_periods(placed))
    return chart


def stacked(title: str, size: tuple[float, float]) -> BarChart:
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "col", "stacked", 100, 35
    dress(chart, title, size)
    return chart


def columns_chart(
    values: Reference, names: Reference, title: str, size: tuple[float, float]
) -> BarChart:
    """One bar for each row, lying."""
    chart = BarChart()
    chart.type, chart.gapWidth = "bar", 30
    dress(chart, title, size)
    chart.series.append(Series(values))
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=ACCENT)
    chart.set_categories(names)
    chart.legend = None
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.tickLblSkip = 1
    chart.x_axis.txPr = small_text(600)
    return chart


def colored(series: Series, color: str) -> Series:
    series.graphicalProperties = GraphicalProperties(solidFill=color)
    series.graphicalProperties.line = LineProperties(solidFill=color)
    series.invertIfNegative = False
    return series


def _periods(placed: Placed) -> Reference:
    first, last = quarter_columns(placed)
    return Reference(placed.page, min_col=first, max_col=last, min_row=HEADER, max_row=HEADER)


def quarter_columns(placed: Placed) -> tuple[int, int]:
    found = [placed.column[c.key] for c in placed.table.columns if c.group == "quarters"]
    return min(found), max(found)


def _values(placed: Placed, index: int) -> Reference:
    first, last = quarter_columns(placed)
    row = placed.row(index)
    return Reference(placed.page, min_col=first, max_col=last, min_row=row, max_row=row)


def _series(placed: Placed, labels: Labels, index: int, name: str, color: str) -> Series:
    return colored(Series(_values(placed, index), title=labels.word(name)), color)


def _line(
    placed: Placed, labels: Labels, index: int, name: str, color: str, points: float
) -> Series:
    return drawn(Series(_values(placed, index), title=labels.word(name)), color, points)


def drawn(line: Series, color: str, points: float, dashed: bool = False) -> Series:
    """A straight line without markers, `points` wide."""
    line.graphicalProperties = GraphicalProperties()
    line.graphicalProperties.line = LineProperties(solidFill=color, w=int(points * 12700))
    if dashed:
        line.graphicalProperties.line.dashStyle = "sysDash"
    line.marker.symbol = "none"
    line.smooth = False
    return line


def pin(page: Worksheet, chart: ChartBase, corner: tuple[int, int], end: tuple[int, int]) -> None:
    """Held by its corners (row, column; the end is left out), whatever a character's width."""
    chart.anchor = TwoCellAnchor(
        editAs="twoCell",
        _from=AnchorMarker(col=corner[1] - 1, row=corner[0] - 1),
        to=AnchorMarker(col=end[1] - 1, row=end[0] - 1),
    )
    page.add_chart(chart)


def dress(chart: ChartBase, title: str, size: tuple[float, float]) -> None:
    chart.width, chart.height = size
    chart.title = _title(title)
    chart.legend.position = "r"
    chart.legend.txPr = small_text(800)
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.tickLblPos = "low"
    chart.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=GRID))
    chart.y_axis.number_format = "[>=10]#,##0;[<=-10]-#,##0;General"
    for axis in (chart.x_axis, chart.y_axis):
        axis.txPr = small_text(800)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill="B0B7C3"))
    chart.graphical_properties = GraphicalProperties(ln=LineProperties(noFill=True))


def _title(text: str) -> Title:
    look = CharacterProperties(sz=1000, b=True, solidFill=ACCENT)
    title = Title(overlay=False, layout=Layout(manualLayout=ManualLayout(
        xMode="edge", yMode="edge", x=0.01, y=0.01)))  # fmt: skip
    run = RegularTextRun(rPr=look, t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[run])
    title.tx = Text(rich=RichText(p=[paragraph]))
    return title


def small_text(size: int) -> RichText:
    look = CharacterProperties(sz=size, solidFill=QUIET)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=look), endParaRPr=look)])
