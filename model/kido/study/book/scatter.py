"""Scatter charts on tables already written: straight lines, dots, and places with a name."""

from __future__ import annotations

import math
from collections.abc import Sequence

from openpyxl.chart import Reference, ScatterChart, Series
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import LegendEntry
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)

from kido.result.book.charts import drawn, dress, small_text
from kido.result.book.sheet import Placed
from kido.result.book.style import QUIET

SIZE = (16.0, 9.0)  # cm, until it is pinned to its place
TICKS = 6


def scatter(title: str, x_title: str = "", y_title: str = "") -> ScatterChart:
    chart = ScatterChart(scatterStyle="lineMarker", varyColors=False)
    dress(chart, title, SIZE)
    chart.legend.position = "b"
    chart.display_blanks = "gap"
    chart.x_axis.majorGridlines = None
    chart.x_axis.number_format = chart.y_axis.number_format = "General"
    chart.x_axis.title, chart.y_axis.title = axis_title(x_title), axis_title(y_title)
    return chart


def axis_title(text: str) -> Title | None:
    if not text:
        return None
    look = CharacterProperties(sz=800, b=False, solidFill=QUIET)
    run = RegularTextRun(rPr=look, t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def pair(placed: Placed, x: str, y: str, rows: Sequence[int], name: str) -> Series:
    """Column `y` against column `x` over neighbouring frame rows."""
    found = Series(cells(placed, y, rows), cells(placed, x, rows), title=name)
    found.smooth = False
    return found


def cells(placed: Placed, key: str, rows: Sequence[int]) -> Reference:
    column = placed.column[key]
    first, last = placed.row(rows[0]), placed.row(rows[-1])
    return Reference(placed.page, min_col=column, max_col=column, min_row=first, max_row=last)


def line(series: Series, color: str, points: float = 1.75, dashed: bool = False) -> Series:
    return drawn(series, color, points, dashed)


def jointed(series: Series, color: str) -> Series:
    """A line with a dot at each point."""
    return _marked(line(series, color), color, 5, "circle")


def dots(series: Series, color: str, size: int = 6, symbol: str = "circle") -> Series:
    """Markers without a line between them."""
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    return _marked(series, color, size, symbol)


def _marked(series: Series, color: str, size: int, symbol: str) -> Series:
    series.marker.symbol, series.marker.size = symbol, size
    series.marker.graphicalProperties = GraphicalProperties(
        solidFill=color, ln=LineProperties(solidFill=color)
    )
    return series


def named(series: Series, where: str = "r") -> Series:
    """Each dot bears the name of its series."""
    series.dLbls = DataLabelList(
        dLblPos=where, showSerName=True, showVal=False, showCatName=False, showLegendKey=False,
        showPercent=False, showBubbleSize=False, txPr=small_text(700),
    )  # fmt: skip
    return series


def unlisted(chart: ScatterChart, series: Sequence[Series]) -> None:
    """Series whose name stands at their dot are left out of the legend."""
    places = {id(s): i for i, s in enumerate(chart.series)}
    entries = [LegendEntry(idx=places[id(s)], delete=True) for s in series]
    chart.legend.legendEntry = entries


def fit(chart: ScatterChart, xs: Sequence[float], ys: Sequence[float]) -> None:
    """Axes from a round number below the least to one above the most."""
    for axis, numbers in ((chart.x_axis, xs), (chart.y_axis, ys)):
        known = [n for n in numbers if n is not None and math.isfinite(n)]
        if not known:
            continue
        low, high, step = round_ends(min(known), max(known))
        axis.scaling.min, axis.scaling.max, axis.majorUnit = low, high, step
        axis.crosses = "min"
        axis.number_format = f"#,##0.{'0' * _places(step)}".rstrip(".")


def round_ends(low: float, high: float) -> tuple[float, float, float]:
    """Ends and distance of the ticks of an axis."""
    if high - low <= 1e-9 * max(1.0, abs(low)):
        wide = 0.1 * max(1.0, abs(low))
        low, high = low - wide, high + wide
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first = math.floor(low / step + 1e-9) * step
    last = math.ceil(high / step - 1e-9) * step
    return _clean(first), _clean(last), _clean(step)


def _clean(number: float) -> float:
    return float(f"{number:.10g}")


def _places(step: float) -> int:
    """Decimals that a step needs."""
    return next((p for p in range(9) if abs(round(step, p) - step) < 1e-9 * step), 9)
