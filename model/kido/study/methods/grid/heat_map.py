"""Heat maps: numbers of a grid with a colour scale, on a sheet or on the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kido.report.document import Area, ColorScale
from kido.report.grid import HEAD_CENTER, SMALL, FirstPage
from kido.report.style import QUIET, RED, CellStyle, is_blank, number_format, signed, size_of
from kido.report.table import Table
from kido.study.methods.grid.tables import axis_values, cells_of
from kido.study.report.view import View
from kido.study.report.wording import plain

CHANGE = "sweep_grid_change"
TABLES_WITH_COLORS = ("sweep_grid", CHANGE, "sweep_grid_lost")
HEAD_COLUMNS = 2  # columns of the page for the values down
COLD, WARM, WHITE = "7FA3CC", "E07B6A", "FFFFFF"
NO_NUMBER = CellStyle(size=8, color=RED, fill="F3F4F6", across="center", wrap=True)


def color_scale(table: Table) -> ColorScale | None:
    """The colour scale of a table: symmetric blue to red for changes, else white to red."""
    if table.name not in TABLES_WITH_COLORS:
        return None
    if table.name != CHANGE:
        return ColorScale((WHITE, WARM))
    most = _size(table) or 1.0
    return ColorScale((COLD, WHITE, WARM), (-most, 0.0, most))


def _size(table: Table) -> float:
    return size_of(table.frame.drop(columns="down").to_numpy().ravel().tolist())


def put_heat_map(
    grid: FirstPage,
    view: View,
    table: Table,
    title: str,
    corner: tuple[int, int],
    size: tuple[int, int],
) -> int:
    """Draw a grid at `corner`, `size` limiting its rows of numbers and its columns of the page.

    Values that do not fit are left out, the ends never. Returns the last row.
    """
    (row, column), wide = corner, size[1] - HEAD_COLUMNS
    every, values = axis_values(cells_of(view))
    down, across = subsample(every, size[0]), subsample(values, wide)
    span = wide // max(1, len(across))
    whole = HEAD_COLUMNS + span * len(across)
    axes = view.labels["sweep.heat_axes"].format(
        down=_axis_title(view, 0), across=_axis_title(view, 1)
    )
    grid.put(row, column, whole, title, replace(HEAD_CENTER, across="left", wrap=False))
    grid.put(row + 1, column, whole, axes, replace(SMALL, wrap=False))
    grid.line(row + 2, column, [
        (HEAD_COLUMNS, "", HEAD_CENTER), *((span, plain(v), HEAD_CENTER) for v in across)
    ])  # fmt: skip
    form = number_format("t", _size(table))
    style = CellStyle(signed(form) if table.name == CHANGE else form, size=8, across="center")
    for i, value in enumerate(down):
        line = table.frame.iloc[every.index(value)]
        cells = [_cell(view, (value, v), line[f"across {values.index(v)}"], style) for v in across]
        grid.line(row + 3 + i, column, [
            (HEAD_COLUMNS, plain(value), HEAD_CENTER),
            *((span, number, look) for number, look in cells),
        ])  # fmt: skip
    last = row + 2 + len(down)
    scale = color_scale(table)
    if down and across and scale:
        area = Area(row + 3, column + HEAD_COLUMNS, len(down), whole - HEAD_COLUMNS)
        grid.shade(area, scale)
    if len(down) < len(every) or len(across) < len(values):
        last += 1
        note = replace(SMALL, color=QUIET, wrap=False)
        grid.put(last, column, whole, view.labels["sweep.heat_thinned"], note)
    return last


def _cell(
    view: View, pair: tuple[float, float], number: object, style: CellStyle
) -> tuple[object, CellStyle]:
    """A number or, if there is none, the status of the point; with the style of the cell."""
    if isinstance(number, str):
        status = cells_of(view)[pair].status
        return view.labels.word(status, "short"), NO_NUMBER
    return ("" if is_blank(number) else number), style


def _axis_title(view: View, place: int) -> str:
    unit = view.labels.unit(view.parameters[place].unit)
    return f"{view.parameter_name(place)} [{unit}]" if unit else view.parameter_name(place)


def subsample(values: Sequence[float], size: int) -> list[float]:
    """At most `size` evenly spaced values, the first and the last among them."""
    if len(values) <= size:
        return list(values)
    places = [round(i * (len(values) - 1) / (size - 1)) for i in range(size)]
    return [values[i] for i in places]
