"""Charts as data: series of cells of tables, axes, and their style."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kido.report.table import Table
from kido.tolerances import TICK_SHARE

HEADINGS = -1  # the row of a table's headings
TICKS = 6
AXIS_FORMAT = "General"
LARGE = 10  # from here on the numbers of an axis need no decimals


@dataclass(frozen=True)
class Cells:
    """One column of a table over neighbouring rows, or one row over neighbouring columns.

    `rows` counts the rows of the table's frame; HEADINGS is the row of its headings.
    """

    table: str
    columns: tuple[str, ...]
    rows: tuple[int, ...]


def column(table: Table, key: str, rows: Sequence[int]) -> Cells:
    """The cells of one column, from the first to the last of `rows`."""
    return Cells(table.name, (key,), tuple(range(rows[0], rows[-1] + 1)))


def row(table: Table, index: int, keys: Sequence[str]) -> Cells:
    """The cells of one row in the columns `keys`."""
    return Cells(table.name, tuple(keys), (index,))


@dataclass(frozen=True)
class Series:
    """A series of a chart: values against names of bars, or positions on the horizontal axis.

    `line` is its width in points, 0: none; `marker` a shape, "": none. `labels`: every point
    bears its `value`, or the `name` of the series. `interval` is how far error bars reach both
    ways. A series that is not `listed` is left out of the legend.
    """

    name: str
    values: Cells
    against: Cells
    color: str
    line: float = 0.0
    dashed: bool = False
    marker: str = ""
    marker_size: int = 6
    labels: str = ""
    label_format: str = ""
    label_side: str = ""
    interval: Cells | None = None
    listed: bool = True


@dataclass(frozen=True)
class Axis:
    """An axis; ends and step are chosen by the spreadsheet program where they are None."""

    title: str = ""
    format: str = AXIS_FORMAT
    low: float | None = None
    high: float | None = None
    step: float | None = None
    font: float = 8


@dataclass(frozen=True)
class Chart:
    """A chart of `kind` columns, bars (horizontal, the first on top), lines or scatter.

    `horizontal` is the axis of the names where there are names, also of bars that lie.
    `over` are lines drawn over columns. `overlap` is a percentage, `gap` that between bars.
    `legend`: right, bottom, or "" for none. `blanks`: gap, or span to the next point.
    """

    kind: str
    title: str
    series: tuple[Series, ...]
    over: tuple[Series, ...] = ()
    horizontal: Axis = Axis()
    vertical: Axis = Axis()
    stacked: bool = False
    overlap: int = 0
    gap: int = 35
    legend: str = "right"
    blanks: str = "gap"

    @property
    def drawn(self) -> tuple[Series, ...]:
        """All series, lines over columns included."""
        return (*self.series, *self.over)


def line(
    name: str, values: Cells, against: Cells, color: str, points: float = 1.75, dashed: bool = False
) -> Series:
    """The series as a line without markers."""
    return Series(name, values, against, color, line=points, dashed=dashed)


def jointed(name: str, values: Cells, against: Cells, color: str) -> Series:
    """The series as a line with a dot at each point."""
    return Series(name, values, against, color, line=1.75, marker="circle", marker_size=5)


def dots(
    name: str, values: Cells, against: Cells, color: str, size: int = 6, shape: str = "circle"
) -> Series:
    """The series as markers without a line."""
    return Series(name, values, against, color, marker=shape, marker_size=size)


def named(series: Series, side: str = "right") -> Series:
    """The series with its name at each point, and not in the legend."""
    return replace(series, labels="name", label_side=side, listed=False)


def valued(series: Series, form: str) -> Series:
    """The series with its number at each bar."""
    return replace(series, labels="value", label_format=form)


def bars(
    title: str, series: Sequence[Series], count: int, values: Axis, stacked: bool = False,
    overlap: int = 0, legend: bool = True,
) -> Chart:  # fmt: skip
    """A chart of `count` horizontal bars, the first on top, with their names at the left."""
    gap = 40 + 25 * max(0, 8 - count)  # a few bars need not fill the page
    return Chart(
        "bars", title, tuple(series), vertical=values, stacked=stacked,
        overlap=100 if stacked else overlap, gap=gap, legend="bottom" if legend else "",
    )  # fmt: skip


def scatter(
    title: str, series: Sequence[Series], horizontal: Axis, vertical: Axis,
    blanks: str = "gap", legend: bool = True,
) -> Chart:  # fmt: skip
    """A scatter chart."""
    return Chart(
        "scatter", title, tuple(series), horizontal=horizontal, vertical=vertical, blanks=blanks,
        legend="bottom" if legend else "",
    )  # fmt: skip


def from_zero(values: Iterable[object], form: str = "") -> Axis:
    """An axis that includes 0, which bars and areas are measured from."""
    numbers = [v for v in values if isinstance(v, (int, float)) and math.isfinite(v)]
    large = any(abs(v) >= LARGE for v in numbers)
    return Axis(
        format=form or ("#,##0" if large else AXIS_FORMAT),
        low=0.0 if all(v >= 0 for v in numbers) else None,
        high=0.0 if numbers and all(v <= 0 for v in numbers) and min(numbers) < 0 else None,
    )


def fitted_axis(title: str, values: Iterable[object]) -> Axis:
    """An axis from a round number below the least value to one above the most."""
    numbers = [v for v in values if isinstance(v, (int, float)) and math.isfinite(v)]
    if not numbers:
        return Axis(title, format="General")
    low, high, step = round_ends(min(numbers), max(numbers))
    form = f"#,##0.{'0' * _places(step)}".rstrip(".")
    return Axis(title, form, low, high, step)


def round_ends(low: float, high: float) -> tuple[float, float, float]:
    """(low end, high end, step) of an axis, all round numbers."""
    if high - low <= TICK_SHARE * max(1.0, abs(low)):
        margin = 0.1 * max(1.0, abs(low))
        low, high = low - margin, high + margin
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first = math.floor(low / step + TICK_SHARE) * step
    last = math.ceil(high / step - TICK_SHARE) * step
    return _clean(first), _clean(last), _clean(step)


def _clean(number: float) -> float:
    return float(f"{number:.10g}")


def _places(step: float) -> int:
    """The number of decimals that a step needs."""
    return next((p for p in range(9) if abs(round(step, p) - step) < TICK_SHARE * step), 9)
