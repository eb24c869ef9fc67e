"""Charts of a grid: heat maps, and lines for values of the second parameter."""

from __future__ import annotations

from kido.report.charts import Chart, fitted_axis, jointed, scatter
from kido.report.grid import GRID, FirstPage
from kido.report.style import size_of
from kido.report.table import Report, Table
from kido.study.methods.grid.heat_map import CHANGE, color_scale, put_heat_map, subsample
from kido.study.methods.grid.tables import axis_values, cells_of
from kido.study.report.chart_parts import numbers, pair, parameter_axis, value_axis
from kido.study.report.first_page import LEAST_ROWS, PAGE, draw_charts
from kido.study.report.view import View

HEAT_ROWS = 22  # of a heat map
SHADES = ("1F3864", "4A6FA5", "7FA3CC", "B8A15A", "C55A11", "8B1A1A")
__all__ = ["charts", "color_scale", "draw"]

TITLES = {
    CHANGE: "chart_grid",
    "sweep_grid": "chart_grid_plain",
    "sweep_grid_lost": "chart_grid_lost",
}


def charts(view: View, report: Report) -> list[Chart]:
    """A line chart of the change of the cost, and one of demand not served."""
    chart_list = []
    for name, title in TITLES.items():
        if name not in report or (name == "sweep_grid" and CHANGE in report):
            continue
        table = report[name]
        keys = [c.key for c in table.columns[1:]]
        if len(table.frame) > 1 and size_of(numbers(table, range(len(table.frame)), *keys)) > 0:
            words = {"across": view.parameter_name(1), "unit": view.labels.unit(view.unit)}
            chart_list.append(_lines(view, table, view.labels[f"sweep.{title}"].format(**words)))
    return chart_list


def _lines(view: View, table: Table, title: str) -> Chart:
    across, rows = axis_values(cells_of(view))[1], range(len(table.frame))
    values = subsample(across, len(SHADES))
    keys = [f"across {across.index(value)}" for value in values]
    series = [
        jointed(
            view.wording.setting(view.parameters[1], value), *pair(table, "down", key, rows), color
        )
        for value, key, color in zip(values, keys, SHADES, strict=False)
    ]
    return scatter(
        title, series, fitted_axis(parameter_axis(view, 0), numbers(table, rows, "down")),
        value_axis(view, "", numbers(table, rows, *keys)),
    )  # fmt: skip


def draw(grid: FirstPage, view: View, report: Report, row: int) -> int:
    """Draw heat maps of cost and demand not served, and the line charts if they fit.

    Returns the last row.
    """
    labels, unit = view.labels, view.labels.unit(view.unit)
    change = "sweep_grid_change" in report
    title = labels["sweep.heat_cost" if change else "sweep.heat_plain"].format(unit=unit)
    cost = report["sweep_grid_change" if change else "sweep_grid"]
    lost, half = report.get("sweep_grid_lost"), GRID // 2
    size = (HEAT_ROWS, GRID if lost is None else half - 1)
    end = put_heat_map(grid, view, cost, title, (row, 1), size)
    if lost is not None:
        title = labels["sweep.heat_lost"].format(unit="t")
        end = max(end, put_heat_map(grid, view, lost, title, (row, half + 2), size))
    return end if end + LEAST_ROWS - 5 > PAGE else draw_charts(grid, view, report, end + 2)
