"""The charts of scenarios planned alone: what each costs, and what it loses."""

from __future__ import annotations

from kido.report.charts import Chart, bars, from_zero, valued
from kido.report.style import ACCENT, RED
from kido.report.table import Report
from kido.study.report.chart_parts import (
    bar,
    commodity_color,
    first_rows,
    form_of,
    heading,
    known,
)
from kido.study.report.view import View


def charts(view: View, report: Report) -> list[Chart]:
    table = report["sweep_scenarios"]
    rows = first_rows(table, "cost")
    if not rows:
        return []
    form, names = form_of(table, rows, "cost"), "scenario"
    cost = valued(bar(table, "cost", names, rows, view.labels["column.cost"], ACCENT), form)
    axis = from_zero(known(table, rows, "cost"), form)
    found = [bars(heading(view, "chart_scenarios"), [cost], len(rows), axis, legend=False)]
    if view.commodities:
        keys = [f"lost {c}" for c in view.commodities]
        lost = [
            bar(table, key, names, rows, c, commodity_color(view, c) if len(keys) > 1 else RED)
            for key, c in zip(keys, view.commodities, strict=True)
        ]
        axis = from_zero(known(table, rows, *keys), "#,##0")
        title = heading(view, "chart_scenarios_lost")
        found.append(bars(title, lost, len(rows), axis, stacked=True))
    return found
