"""Heat maps: cells in the colour of their number, on a sheet or on the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from openpyxl.chart import ScatterChart
from openpyxl.formatting.rule import ColorScaleRule, Rule
from openpyxl.utils import get_column_letter

from kido.report.table import Table
from kido.result.book.grid_writer import HEAD_CENTER, SMALL, GridWriter
from kido.result.book.sheet import FIRST, Placed, is_blank
from kido.result.book.style import QUIET, RED, CellStyle, Styles, number_format, signed, size_of
from kido.study.book.scatter import fit, jointed, pair, scatter
from kido.study.methods.grid.tables import cells_of, sides
from kido.study.report.view import View
from kido.study.report.wording import plain

CHANGE = "sweep_grid_change"
HEADS = 2  # columns of the page for the values down
SHADES = ("1F3864", "4A6FA5", "7FA3CC", "B8A15A", "C55A11", "8B1A1A")
COLD, WARM, WHITE = "7FA3CC", "E07B6A", "FFFFFF"
NOTHING = CellStyle(size=8, color=RED, fill="F3F4F6", across="center", wrap=True)


def scale(table: Table) -> Rule:
    """What is cheaper than the book blue, what is dearer red, alike; else white to red."""
    if table.name != CHANGE:
        return ColorScaleRule(start_type="min", start_color=WHITE, end_type="max", end_color=WARM)
    most = _size(table) or 1.0
    return ColorScaleRule(
        start_type="num", start_value=-most, start_color=COLD, mid_type="num", mid_value=0,
        mid_color=WHITE, end_type="num", end_value=most, end_color=WARM,
    )  # fmt: skip


def _size(table: Table) -> float:
    return size_of(table.frame.drop(columns="down").to_numpy().ravel().tolist())


def colour_sheet(placed: Placed, styles: Styles) -> None:
    """The colours of a grid on its own sheet; words where there is no number stand apart."""
    nothing = styles.made(NOTHING)
    rows, columns = len(placed.table.frame), len(placed.table.columns)
    if rows and columns > 1:
        last = f"{get_column_letter(columns)}{FIRST + rows - 1}"
        placed.page.conditional_formatting.add(f"B{FIRST}:{last}", scale(placed.table))
        for cell in (c for line in placed.page[f"B{FIRST}:{last}"] for c in line):
            if isinstance(cell.value, str):
                cell._style = nothing


def write_heat(
    pen: GridWriter,
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
    pen.put(row, column, whole, title, replace(HEAD_CENTER, across="left", wrap=False))
    pen.put(row + 1, column, whole, axes, replace(SMALL, wrap=False))
    pen.line(row + 2, column, [
        (HEADS, "", HEAD_CENTER), *((span, plain(v), HEAD_CENTER) for v in across)
    ])  # fmt: skip
    form = number_format("MUSD", _size(table))
    look = CellStyle(signed(form) if table.name == CHANGE else form, size=8, across="center")
    for i, value in enumerate(down):
        line = table.frame.iloc[every.index(value)]
        cells = [_cell(view, (value, v), line[f"across {values.index(v)}"], look) for v in across]
        pen.line(row + 3 + i, column, [
            (HEADS, plain(value), HEAD_CENTER), *((span, text, style) for text, style in cells)
        ])  # fmt: skip
    last = row + 2 + len(down)
    if down and across:
        first = f"{get_column_letter(column + HEADS)}{row + 3}"
        area = f"{first}:{get_column_letter(column + whole - 1)}{last}"
        pen.page.conditional_formatting.add(area, scale(table))
    if len(down) < len(every) or len(across) < len(values):
        last += 1
        note = replace(SMALL, color=QUIET, wrap=False)
        pen.put(last, column, whole, view.labels["sweep.heat_thinned"], note)
    return last


def _cell(
    view: View, pair: tuple[float, float], number: object, look: CellStyle
) -> tuple[object, CellStyle]:
    """A number, or in a word why there is none."""
    if isinstance(number, str):
        status = cells_of(view)[pair].status
        return view.labels.word(status, "short"), NOTHING
    return ("" if is_blank(number) else number), look


def heat_pictures(view: View, placed: Mapping[str, Placed]) -> list[ScatterChart]:
    """The same grid as lines: along the first parameter, one for each value of the second."""
    found = []
    for name, title in ((CHANGE, "chart_grid"), ("sweep_grid", "chart_grid_plain"),
                        ("sweep_grid_lost", "chart_grid_lost")):  # fmt: skip
        if name not in placed or (name == "sweep_grid" and CHANGE in placed):
            continue
        table = placed[name]
        if len(table.table.frame) > 1 and _size(table.table) > 0:
            words = {"across": view.parameter_name(1), "unit": view.labels.unit(view.unit)}
            found.append(_lines(view, table, view.labels[f"sweep.{title}"].format(**words)))
    return found


def _lines(view: View, placed: Placed, title: str) -> ScatterChart:
    chart = scatter(title, _named(view, 0))
    frame = placed.table.frame
    across = sides(cells_of(view))[1]
    shown = thinned(across, len(SHADES))
    numbers: list[float] = []
    for value, color in zip(shown, SHADES, strict=False):
        key = f"across {across.index(value)}"
        name = view.wording.setting(view.parameters[1], value)
        chart.series.append(jointed(pair(placed, "down", key, range(len(frame)), name), color))
        numbers += [n for n in frame[key] if isinstance(n, (int, float))]
    fit(chart, frame["down"].tolist(), numbers)
    return chart


def _named(view: View, place: int) -> str:
    unit = view.labels.unit(view.parameters[place].unit)
    return f"{view.parameter_name(place)} [{unit}]" if unit else view.parameter_name(place)


def thinned(values: Sequence[float], room: int) -> list[float]:
    """At most `room` of them, evenly, the first and the last among them."""
    if len(values) <= room:
        return list(values)
    places = [round(i * (len(values) - 1) / (room - 1)) for i in range(room)]
    return [values[i] for i in places]
