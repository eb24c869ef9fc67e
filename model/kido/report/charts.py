"""Charts as data: what is drawn from which cells of which table, and how it looks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kido.report.table import Table

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
    return Cells(table.name, (key,), tuple(range(rows[0], rows[-1] + 1)))


def row(table: Table, index: int, keys: Sequence[str]) -> Cells:
    return Cells(table.name, tuple(keys), (index,))


@dataclass(frozen=True)
class Series:
    """`against` are the names of the bars, or where the points stand on the horizontal axis.

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
    """Ends and step are the program's own where they are None."""

    title: str = ""
    format: str = AXIS_FORMAT
    low: float | None = None
    high: float | None = None
    step: float | None = None
    font: float = 8


@dataclass(frozen=True)
class Chart:
    """`kind`: columns, bars (lying, the first on top), lines or scatter.

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
        return (*self.series, *self.over)


def line(
    name: str, values: Cells, against: Cells, color: str, points: float = 1.75, dashed: bool = False
) -> Series:
    """A straight line without markers."""
    return Series(name, values, against, color, line=points, dashed=dashed)


def jointed(name: str, values: Cells, against: Cells, color: str) -> Series:
    """A line with a dot at each point."""
    return Series(name, values, against, color, line=1.75, marker="circle", marker_size=5)


def dots(
    name: str, values: Cells, against: Cells, color: str, size: int = 6, shape: str = "circle"
) -> Series:
    """Markers without a line between them."""
    return Series(name, values, against, color, marker=shape, marker_size=size)


def named(series: Series, side: str = "right") -> Series:
    """Each point bears the name of its series, which the legend then leaves out."""
    return replace(series, labels="name", label_side=side, listed=False)


def valued(series: Series, form: str) -> Series:
    """Each bar bears its number."""
    return replace(series, labels="value", label_format=form)


def bars(
    title: str, series: Sequence[Series], count: int, values: Axis, stacked: bool = False,
    overlap: int = 0, legend: bool = True,
) -> Chart:  # fmt: skip
    """So many bars from left to right, the first row on top, their names at the left edge."""
    gap = 40 + 25 * max(0, 8 - count)  # a few bars need not fill the page
    return Chart(
        "bars", title, tuple(series), vertical=values, stacked=stacked,
        overlap=100 if stacked else overlap, gap=gap, legend="bottom" if legend else "",
    )  # fmt: skip


def scatter(
    title: str, series: Sequence[Series], horizontal: Axis, vertical: Axis,
    blanks: str = "gap", legend: bool = True,
) -> Chart:  # fmt: skip
    return Chart(
        "scatter", title, tuple(series), horizontal=horizontal, vertical=vertical, blanks=blanks,
        legend="bottom" if legend else "",
    )  # fmt: skip


def from_zero(values: Iterable[object], form: str = "") -> Axis:
    """An axis that holds nought, which bars and areas are measured from."""
    known = [v for v in values if isinstance(v, (int, float)) and math.isfinite(v)]
    large = any(abs(v) >= LARGE for v in known)
    return Axis(
        format=form or ("#,##0" if large else AXIS_FORMAT),
        low=0.0 if all(v >= 0 for v in known) else None,
        high=0.0 if known and all(v <= 0 for v in known) and min(known) < 0 else None,
    )


def fitted_axis(title: str, values: Iterable[object]) -> Axis:
    """From a round number below the least to one above the most."""
    known = [v for v in values if isinstance(v, (int, float)) and math.isfinite(v)]
    if not known:
        return Axis(title, format="General")
    low, high, step = round_ends(min(known), max(known))
    form = f"#,##0.{'0' * _places(step)}".rstrip(".")
    return Axis(title, form, low, high, step)


def round_ends(low: float, high: float) -> tuple[float, float, float]:
    """Ends and distance of the ticks of an axis."""
    if high - low <= 1e-9 * max(1.0, abs(low)):
        wide = 0.1 * max(1.0, abs(low))
        low, high = low - wide, high + wide
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first = math.floor(low / step + 1e-9) * step
    last = math.ceil(high / step - 1e-9) * step
    return _clean(first), _clean(last), _clean(step)


def _clean(number: float) -> float:
    return float(f"{number:.10g}")


def _places(step: float) -> int:
    """Decimals that a step needs."""
    return next((p for p in range(9) if abs(round(step, p) - step) < 1e-9 * step), 9)
