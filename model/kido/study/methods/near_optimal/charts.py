"""Charts of near-optimal ranges: least, optimal and largest share of every choice."""

from __future__ import annotations

from kido.report.charts import Axis, Chart, bars
from kido.report.style import ACCENT, SERIES, STOCK
from kido.report.table import Report
from kido.study.report.chart_parts import BARS, bar, heading
from kido.study.report.view import View

CHARTS = 2
PARTS = (("least_share", ACCENT), ("to_chosen", SERIES[2]), ("to_most", STOCK))


def charts(view: View, report: Report) -> list[Chart]:
    """A bar chart of the ranges with their optimal values, for the first CHARTS extra costs."""
    table = report["sweep_near_optimal"]
    frame = table.frame
    chart_list: list[Chart] = []
    for extra in list(dict.fromkeys(frame["extra"]))[:CHARTS]:
        rows_of_extra = [i for i in frame.index if frame["extra"][i] == extra]
        rows_with_share = [
            i for i in rows_of_extra if frame["most_share"][i] == frame["most_share"][i]
        ]
        if not rows_with_share:
            continue
        rows = list(
            range(rows_of_extra[0], min(rows_with_share[-1], rows_of_extra[0] + BARS - 1) + 1)
        )
        series = [
            bar(table, key, "choice", rows, view.labels[f"sweep.near_optimal_{key}"], color)
            for key, color in PARTS
        ]
        title = heading(view, "chart_near_optimal", extra=view.wording.percent(extra))
        axis = Axis(format="0%", low=0.0)
        chart_list.append(bars(title, series, len(rows), axis, stacked=True))
    return chart_list
