"""Writes grids of cells, and conditional formats."""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import Worksheet

from kido.report.document import Area, ColorScale, DataBar, Grid
from kido.report.excel.cells import CellWriter
from kido.report.excel.setup import column_pixels, row_pixels
from kido.report.style import fitted


def write_grid(sheet: Worksheet, grid: Grid, writer: CellWriter) -> None:
    """Write the cells of a grid, with its widths, heights and colours."""
    for number, width in enumerate(grid.widths):
        sheet.set_column_pixels(number, number, column_pixels(width))
    for row, height in grid.heights.items():
        sheet.set_row_pixels(row - 1, row_pixels(height))
    for cell in grid.cells:
        area = cell.area
        corners = (area.row, area.column, area.last_row, area.last_column)
        writer.merge(sheet, corners, cell.value, fitted(cell.style, cell.value))
    for area, how in grid.shades:
        shade(sheet, area, how)


def shade(sheet: Worksheet, area: Area, how: ColorScale | DataBar) -> None:
    """Add a colour scale or bars to an area of a sheet."""
    options = _bar(how) if isinstance(how, DataBar) else _scale(how)
    sheet.conditional_format(
        area.row - 1, area.column - 1, area.last_row - 1, area.last_column - 1, options
    )


def _bar(bar: DataBar) -> dict[str, Any]:
    return {
        "type": "data_bar", "bar_color": f"#{bar.color}", "min_length": 0,
        "min_type": "num", "min_value": 0, "max_type": "num", "max_value": bar.whole,
    }  # fmt: skip


def _scale(scale: ColorScale) -> dict[str, Any]:
    names = ("min", "max") if len(scale.colors) == 2 else ("min", "mid", "max")
    options: dict[str, Any] = {"type": f"{len(scale.colors)}_color_scale"}
    for k, (name, color) in enumerate(zip(names, scale.colors, strict=True)):
        options[f"{name}_color"] = f"#{color}"
        if scale.points:
            options |= {f"{name}_type": "num", f"{name}_value": scale.points[k]}
    return options
