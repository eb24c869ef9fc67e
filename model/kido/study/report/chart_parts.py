"""Parts of charts that several methods share: titles, axes, rows, colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kido.report.charts import Axis, Cells, Series, column, fitted_axis
from kido.report.style import SERIES, number_format, size_of
from kido.report.table import Table
from kido.study.report.view import View

BARS = 20  # in a chart; the table has them all
BLUE, ORANGE = SERIES[1], "C55A11"


def heading(view: View, key: str, **words: object) -> str:
    """The title of a chart, with the unit of money."""
    return view.labels[f"sweep.{key}"].format(unit=view.labels.unit(view.unit), **words)


def parameter_axis(view: View, place: int) -> str:
    """The title of an axis along a parameter, with its unit."""
    unit = view.labels.unit(view.parameters[place].unit)
    return f"{view.parameter_name(place)} [{unit}]" if unit else view.parameter_name(place)


def value_axis(view: View, title: str, values: Iterable[object]) -> Axis:
    """An axis fitted to the values; its title says so if it does not start at zero."""
    axis = fitted_axis(title, list(values))
    if axis.low is None or axis.high is None or axis.low <= 0 <= axis.high:
        return axis
    cut = view.labels["sweep.axis_cut"]
    text = f"{title} ({cut})" if title else cut
    return Axis(text, axis.format, axis.low, axis.high, axis.step)


def numbers(table: Table, rows: Sequence[int], *keys: str) -> list[float]:
    """The numbers in these columns and rows; blanks and texts are left out."""
    numbers = table.frame[list(keys)].iloc[list(rows)].to_numpy().ravel().tolist()
    return [n for n in numbers if isinstance(n, (int, float)) and n == n]


def rows_with_numbers(table: Table, *keys: str) -> list[int]:
    """The rows from the first to the last with a number in these columns, at most BARS."""
    frame = table.frame
    filled = [i for i in range(len(frame)) if any(frame[k][i] == frame[k][i] for k in keys)]
    return list(range(min(BARS, filled[-1] + 1))) if filled else []


def common_format(table: Table, rows: Sequence[int], *keys: str) -> str:
    """The number format for the numbers in these columns and rows."""
    return number_format("t", size_of(numbers(table, rows, *keys))).split(";")[0]


def bar(table: Table, key: str, names: str, rows: Sequence[int], name: str, color: str) -> Series:
    """A series of bars: a column of the table over a column of names."""
    return Series(name, column(table, key, rows), column(table, names, rows), color)


def pair(table: Table, x: str, y: str, rows: Sequence[int]) -> tuple[Cells, Cells]:
    """Column `y` against column `x` over neighbouring rows."""
    return column(table, y, rows), column(table, x, rows)


def commodity_color(view: View, commodity: str) -> str:
    """The colour of a commodity, the same in every chart."""
    return SERIES[view.commodities.index(commodity) % len(SERIES)]
