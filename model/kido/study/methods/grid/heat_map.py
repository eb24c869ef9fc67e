"""Heat maps: cells in the colour of their number, on a sheet or on the first page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kido.report.document import Area, ColorScale
from kido.report.grid import HEAD_CENTER, SMALL, FirstPage
from kido.report.style import QUIET, RED, CellStyle, is_blank, number_format, signed, size_of
from kido.report.table import Table
from kido.study.methods.grid.tables import cells_of, sides
from kido.study.report.view import View
from kido.study.report.wording import plain

CHANGE = "sweep_grid_change"
HEATED = ("sweep_grid", CHANGE, "sweep_grid_lost")
HEADS = 2  # columns of the page for the values down
COLD, WARM, WHITE = "7FA3CC", "E07B6A", "FFFFFF"
NOTHING = CellStyle(size=8, color=RED, fill="F3F4F6", across="center", wrap=True)


def color_scale(table: Table) -> ColorScale | None:
    """What is cheaper than the book blue, what is dearer red, alike; else white to red."""
    if table.name not in HEATED:
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
    room: tuple[int, int],
) -> int:
    """A grid from `corner`, at most `room` rows of numbers high and columns of the page wide.

    Values that do not fit are left out, the ends never. Returns the last row.
    """
    (row, column), wide = corner, room[1] - HEADS
    every, values = sides(cells_of(view))
    down, across = thinned(every, room[0]), thinned(values, wide)
    span = wide // max(1, len(across))
    whole = HEADS + span * len(across)
    axes = view.labels["sweep.heat_axes"].format(down=_named(view, 0), across=_named(view, 1))
    grid.put(row, column, whole, title, replace(HEAD_CENTER, across="left", wrap=False))
    grid.put(row + 1, column, whole, axes, replace(SMALL, wrap=False))
    grid.line(row + 2, column, [
        (HEADS, "", HEAD_CENTER), *((span, plain(v), HEAD_CENTER) for v in across)
    ])  # fmt: skip
    form = number_format("t", _size(table))
    style = CellStyle(signed(form) if table.name == CHANGE else form, size=8, across="center")
    for i, value in enumerate(down):
        line = table.frame.iloc[every.index(value)]
        cells = [_cell(view, (value, v), line[f"across {values.index(v)}"], style) for v in across]
        grid.line(row + 3 + i, column, [
            (HEADS, plain(value), HEAD_CENTER), *((span, number, look) for number, look in cells)
        ])  # fmt: skip
    last = row + 2 + len(down)
    scale = color_scale(table)
    if down and across and scale:
        area = Area(row + 3, column + HEADS, len(down), whole - HEADS)
        grid.shade(area, scale)
    if len(down) < len(every) or len(across) < len(values):
        last += 1
        note = replace(SMALL, color=QUIET, wrap=False)
        grid.put(last, column, whole, view.labels["sweep.heat_thinned"], note)
    return last


def _cell(
    view: View, pair: tuple[float, float], number: object, style: CellStyle
) -> tuple[object, CellStyle]:
    """A number, or in a word why there is none."""
    if isinstance(number, str):
        status = cells_of(view)[pair].status
        return view.labels.word(status, "short"), NOTHING
    return ("" if is_blank(number) else number), style


def _named(view: View, place: int) -> str:
    unit = view.labels.unit(view.parameters[place].unit)
    return f"{view.parameter_name(place)} [{unit}]" if unit else view.parameter_name(place)


def thinned(values: Sequence[float], room: int) -> list[float]:
    """At most `room` of them, evenly, the first and the last among them."""
    if len(values) <= room:
        return list(values)
    places = [round(i * (len(values) - 1) / (room - 1)) for i in range(room)]
    return [values[i] for i in places]
