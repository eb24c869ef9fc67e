"""Charts of samples: sensitivity indices, and scatter plots of the cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kido.report.charts import Chart, bars, column, dots, fitted_axis, from_zero, scatter
from kido.report.style import ACCENT, SERIES
from kido.report.table import Report, Table
from kido.study.methods.sampling.tables import MAIN, by_parameter, measures_of, place_of
from kido.study.report.chart_parts import (
    BLUE,
    bar,
    common_format,
    heading,
    numbers,
    pair,
    parameter_axis,
    rows_with_numbers,
    value_axis,
)
from kido.study.report.view import View

SCATTERS = 2  # parameters whose samples are drawn
WORDS = {"ST": "series_all", "S1": "series_alone"}


def charts(view: View, report: Report) -> list[Chart]:
    """Scatter plots for latin, and bars of the sensitivity measures."""
    chart_list = _scatters(view, report["sweep_points"]) if view.method.name == "latin" else []
    table, main = report["sweep_indices"], MAIN[view.method.name]
    keys = [k for k in ((main, "S1") if main == "ST" else (main,)) if k in measures_of(view)]
    rows = rows_with_numbers(table, *keys) if keys else []
    return [*chart_list, _ranking(view, table, keys, rows)] if rows else chart_list


def _ranking(view: View, table: Table, keys: Sequence[str], rows: Sequence[int]) -> Chart:
    """Bars of the main measure by parameter with intervals; for sobol first-order and total."""
    form = common_format(table, rows, *keys) if view.method.name == "morris" else "0.0"
    series = []
    for key, color in zip(keys, (ACCENT, SERIES[2]), strict=False):
        name = view.labels[f"sweep.{WORDS[key]}"] if key in WORDS else view.labels[f"column.{key}"]
        series_bar = bar(table, key, "parameter", rows, name, color)
        series.append(replace(series_bar, interval=column(table, f"{key} ±", rows)))
    ends = [
        value + side * reach
        for key in keys
        for value, reach in zip(
            table.frame[key].iloc[list(rows)].fillna(0),
            table.frame[f"{key} ±"].iloc[list(rows)].fillna(0), strict=True,
        )
        for side in (-1, 1)
    ]  # fmt: skip
    title = heading(view, f"chart_{view.method.name}")
    return bars(title, series, len(rows), from_zero(ends, form), legend=len(keys) > 1)


def _scatters(view: View, points: Table) -> list[Chart]:
    """Scatter plots of the cost against the parameters that matter most."""
    chart_list: list[Chart] = []
    rows = list(range(len(points.frame)))
    for name in list(by_parameter(view))[:SCATTERS]:
        place = place_of(view, name)
        if place is None or points.frame["cost"].notna().sum() < 2:
            continue
        key = f"parameter {place}"
        series = dots(view.parameter_name(place), *pair(points, key, "cost", rows), BLUE, 4)
        chart_list.append(
            scatter(
                heading(view, "chart_cost"), [series],
                fitted_axis(parameter_axis(view, place), numbers(points, rows, key)),
                value_axis(view, "", numbers(points, rows, "cost")), legend=False,
            )
        )  # fmt: skip
    return chart_list
