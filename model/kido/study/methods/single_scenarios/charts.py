"""Charts of scenarios planned alone: cost and demand not served of each."""

from __future__ import annotations

from kido.report.charts import Chart, bars, from_zero, valued
from kido.report.style import ACCENT, RED
from kido.report.table import Report
from kido.study.report.chart_parts import (
    bar,
    commodity_color,
    common_format,
    heading,
    numbers,
    rows_with_numbers,
)
from kido.study.report.view import View


def charts(view: View, report: Report) -> list[Chart]:
    """Bar charts of the cost and of demand not served by branch."""
    table = report["sweep_scenarios"]
    rows = rows_with_numbers(table, "cost")
    if not rows:
        return []
    form, names = common_format(table, rows, "cost"), "scenario"
    cost = valued(bar(table, "cost", names, rows, view.labels["column.cost"], ACCENT), form)
    axis = from_zero(numbers(table, rows, "cost"), form)
    chart_list = [bars(heading(view, "chart_scenarios"), [cost], len(rows), axis, legend=False)]
    if view.commodities:
        keys = [f"lost {c}" for c in view.commodities]
        lost = [
            bar(table, key, names, rows, c, commodity_color(view, c) if len(keys) > 1 else RED)
            for key, c in zip(keys, view.commodities, strict=True)
        ]
        axis = from_zero(numbers(table, rows, *keys), "#,##0")
        title = heading(view, "chart_scenarios_lost")
        chart_list.append(bars(title, lost, len(rows), axis, stacked=True))
    return chart_list
