"""Native Excel charts on cells already written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart as NativeChart
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from kido.report.charts import HEADINGS, Axis, Cells, Chart, Series
from kido.report.document import Area, Grid
from kido.report.excel.setup import column_pixels, row_pixels
from kido.report.style import ACCENT, QUIET

# table -> (sheet, column of each key, row of its first line, row of its headings)
Places = dict[str, tuple[str, Mapping[str, int], int, int]]

KINDS = {"columns": "column", "bars": "bar", "lines": "line", "scatter": "scatter"}
GRIDLINE, AXIS_LINE, INTERVAL = "#E3E7EE", "#B0B7C3", "#404040"
SMALL = {"size": 8, "color": f"#{QUIET}"}
LABEL = {"size": 7, "color": f"#{QUIET}"}
TITLE = {"size": 10, "bold": True, "color": f"#{ACCENT}"}
CORNER = {"x": 0.01, "y": 0.01}
INTERVAL_LINE = {"color": INTERVAL, "width": 0.75}
REFERENCE = re.compile(r"^=?[^!]+!\$?[A-Z]+\$?\d+")
TOUCHING, FIXED = 1, 2  # moves and sizes with its cells, only moves with them
COLUMN_PIXELS, ROW_PIXELS = 64, 20  # of cells that are as they come
BESIDE = (566, 261)  # pixels of a chart on a page of charts
ACROSS, STEP, TALL, TOP = 9, 14, 3, 4  # columns, rows, charts above one another, first row


def draw(book: Workbook, chart: Chart, places: Places) -> NativeChart:
    """The native chart of a chart, on tables at `places`."""
    native = _native_chart(book, chart, chart.kind)
    for series in chart.series:
        native.add_series(_series(chart, series, places))
    if chart.over:
        lines = book.add_chart({"type": "line"})
        for series in chart.over:
            lines.add_series(_series(chart, series, places))
        native.combine(lines)
    _set_up(native, chart)
    return native


def _native_chart(book: Workbook, chart: Chart, kind: str) -> NativeChart:
    options = {"type": KINDS[kind]}
    if chart.stacked:
        options["subtype"] = "stacked"
    return book.add_chart(options)


def _series(chart: Chart, series: Series, places: Places) -> dict[str, Any]:
    color = f"#{series.color}"
    options: dict[str, Any] = {
        "name": literal(series.name),
        "values": _range(series.values, places),
        "categories": _range(series.against, places),
    }
    if chart.kind in ("columns", "bars") and series not in chart.over:
        options |= {"fill": {"color": color}, "line": {"color": color, "width": 0.25}}
        options |= {"gap": chart.gap, "overlap": chart.overlap}
    else:
        options["line"] = {"none": True}
        if series.line:
            options["line"] = {"color": color, "width": series.line}
            if series.dashed:
                options["line"]["dash_type"] = "square_dot"
        options["marker"] = {"type": "none"}
        if series.marker:
            options["marker"] = {
                "type": series.marker, "size": series.marker_size, "fill": {"color": color},
                "border": {"color": color},
            }  # fmt: skip
    if series.labels:
        options["data_labels"] = _labels(series)
    if series.interval is not None:
        reach = _formula(_range(series.interval, places))
        options["y_error_bars"] = {
            "type": "custom", "plus_values": reach, "minus_values": reach, "line": INTERVAL_LINE,
        }  # fmt: skip
    return options


def _labels(series: Series) -> dict[str, Any]:
    options: dict[str, Any] = {"font": LABEL}
    if series.labels == "name":
        options |= {"series_name": True}
    else:
        options |= {"value": True, "num_format": series.label_format}
    if series.label_side:
        options["position"] = series.label_side
    return options


def _range(cells: Cells, places: Places) -> list[Any]:
    sheet, column, first, header = places[cells.table]
    columns = [column[key] for key in cells.columns]
    rows = [header if r == HEADINGS else first + r for r in cells.rows]
    return [sheet, min(rows) - 1, min(columns) - 1, max(rows) - 1, max(columns) - 1]


def _formula(area: list[Any]) -> str:
    return f"={quote_sheetname(area[0])}!{xl_range_abs(*area[1:])}"


def _set_up(native: NativeChart, chart: Chart) -> None:
    native.set_title(
        {"name": literal(chart.title), "name_font": TITLE, "layout": CORNER, "overlay": False}
    )
    native.set_chartarea({"border": {"none": True}})
    native.show_blanks_as(chart.blanks)
    if chart.legend:
        hidden = [i for i, s in enumerate(chart.drawn) if not s.listed]
        native.set_legend({"position": chart.legend, "font": SMALL, "delete_series": hidden})
    else:
        native.set_legend({"none": True})
    names, values = _axis(chart.horizontal), _axis(chart.vertical)
    names["label_position"] = "low"
    names["major_gridlines"] = {"visible": False}
    values["major_gridlines"] = {"visible": True, "line": {"color": GRIDLINE, "width": 0.75}}
    if chart.kind == "bars":
        names |= {"reverse": True, "interval_unit": 1, "crossing": "max"}  # the values below
    elif chart.kind == "scatter":
        names["crossing"], values["crossing"] = "min", "min"
    lying = chart.kind == "bars"
    native.set_x_axis(values if lying else names)
    native.set_y_axis(names if lying else values)


def _axis(axis: Axis) -> dict[str, Any]:
    font = {**SMALL, "size": axis.font}
    options: dict[str, Any] = {
        "num_font": font, "num_format": axis.format, "line": {"color": AXIS_LINE, "width": 0.75},
        "major_tick_mark": "none", "minor_tick_mark": "none",
    }  # fmt: skip
    if axis.title:
        options |= {"name": literal(axis.title), "name_font": {**SMALL, "bold": False}}
    for key, value in (("min", axis.low), ("max", axis.high), ("major_unit", axis.step)):
        if value is not None:
            options[key] = value
    return options


def literal(text: str) -> str:
    """The text, changed where Excel would take it for the address of a cell."""
    return text.replace("!", "！") if REFERENCE.match(text) else text


def place_in(sheet: Worksheet, native: NativeChart, area: Area, grid: Grid) -> None:
    """Insert a chart over an area of a grid; it moves and sizes with its cells."""
    wide = sum(
        column_pixels(grid.widths[c - 1]) if c <= len(grid.widths) else COLUMN_PIXELS
        for c in range(area.column, area.last_column + 1)
    )
    high = sum(
        row_pixels(grid.heights[r]) if r in grid.heights else ROW_PIXELS
        for r in range(area.row, area.last_row + 1)
    )
    native.set_size({"width": wide, "height": high})
    sheet.insert_chart(area.row - 1, area.column - 1, native, {"object_position": TOUCHING})


def place_beside(sheet: Worksheet, native: NativeChart, number: int, count: int) -> None:
    """Insert a chart on a page of charts: two to a row, TALL rows to a printed page."""
    native.set_size({"width": BESIDE[0], "height": BESIDE[1]})
    row, column = TOP + STEP * (number // 2), ACROSS * (number % 2)
    sheet.insert_chart(row - 1, column, native, {"object_position": FIXED})
    if number == count - 1:
        deep = (count + 1) // 2
        sheet.set_h_pagebreaks([TOP - 1 + STEP * below for below in range(TALL, deep, TALL)])
        sheet.print_area(0, 0, TOP + STEP * deep - 1, 2 * ACROSS - 1)
