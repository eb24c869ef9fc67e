"""Bar charts on tables already written: tornado, indices, branches, room."""

from __future__ import annotations

from collections.abc import Sequence

from openpyxl.chart import BarChart, Reference, Series
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from kido.result.book.charts import colored, dress, small_text
from kido.result.book.sheet import Placed
from kido.study.book.scatter import SIZE, cells

DARK = "404040"


def lying(title: str, count: int, form: str = "#,##0") -> BarChart:
    """So many bars from left to right, the first row on top, their names at the left edge."""
    chart = BarChart(varyColors=False)
    chart.type, chart.grouping = "bar", "clustered"
    chart.gapWidth = 40 + 25 * max(0, 8 - count)  # a few bars need not fill the page
    dress(chart, title, SIZE)
    chart.legend.position = "b"
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.tickLblSkip = 1
    chart.y_axis.crosses = "max"  # the axis of values below, not above
    chart.y_axis.number_format = form
    return chart


def bars(placed: Placed, key: str, rows: Sequence[int], name: str, color: str) -> Series:
    return colored(Series(cells(placed, key, rows), title=name), color)


def valued(series: Series, form: str) -> Series:
    """Each bar bears its number."""
    series.dLbls = DataLabelList(
        numFmt=form, showVal=True, showSerName=False, showCatName=False, showLegendKey=False,
        showPercent=False, txPr=small_text(700),
    )  # fmt: skip
    return series


def give_or_take(series: Series, reference: Reference) -> Series:
    """Error bars both ways, as long as the cells say."""
    source = NumDataSource(numRef=NumRef(f=str(reference)))
    series.errBars = ErrorBars(
        errBarType="both", errValType="cust", plus=source, minus=source,
        spPr=GraphicalProperties(ln=LineProperties(solidFill=DARK, w=9525)),
    )  # fmt: skip
    return series
