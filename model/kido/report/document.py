"""A document: pages of blocks, before any renderer knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kido.report.charts import Chart
from kido.report.style import ACCENT, CellStyle
from kido.report.table import Table


@dataclass(frozen=True)
class Area:
    """A rectangle on a page, counted from 1. `fixed`: does not move where it is copied."""

    row: int
    column: int
    rows: int = 1
    columns: int = 1
    fixed: bool = False

    @property
    def last_row(self) -> int:
        return self.row + self.rows - 1

    @property
    def last_column(self) -> int:
        return self.column + self.columns - 1


@dataclass(frozen=True)
class Formula:
    """A value and how it is worked out of cells: `SUM({parts})` with the area of `parts`."""

    text: str
    cells: Mapping[str, Area]
    value: float


@dataclass(frozen=True)
class Cell:
    area: Area
    value: object
    style: CellStyle


@dataclass(frozen=True)
class ColorScale:
    """The colour of a number between colours; points at the numbers, else at the ends."""

    colors: tuple[str, ...]
    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class DataBar:
    """A bar behind each number, as long as it is of `whole`."""

    color: str
    whole: float = 1.0


@dataclass(frozen=True)
class TablePlace:
    """Where a table stands: the row of its first line, the column of each key."""

    first_row: int
    columns: Mapping[str, int]
    header_row: int


@dataclass(frozen=True)
class Heading:
    """The title over a page."""

    text: str


@dataclass(frozen=True)
class Sentences:
    """What says how to read the page, over so many columns; at least `height` points high."""

    text: str
    columns: int = 9
    height: float = 42.0


@dataclass(frozen=True)
class TableBlock:
    """A table, and what it has beside its cells.

    `scale` colours its numbers, words among them standing apart; `alarms` are the rows of a
    column that catch the eye. `widths` are those of columns in characters, where they are not
    measured; `air` is added to columns of numbers. `readable` characters fit on a printed page.
    """

    table: Table
    scale: ColorScale | None = None
    alarms: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    air: float = 0.0
    header_height: float = 30.0
    readable: float = 0.0


@dataclass(frozen=True)
class Grid:
    """Cells laid out one by one. Widths are characters, heights points.

    `tables` says where a table stands among the cells, for charts to be drawn from it.
    """

    cells: tuple[Cell, ...]
    widths: tuple[float, ...]
    heights: Mapping[int, float]
    shades: tuple[tuple[Area, ColorScale | DataBar], ...] = ()
    tables: Mapping[str, tuple[Table, TablePlace]] = field(default_factory=dict)


@dataclass(frozen=True)
class ChartBlock:
    """A chart, held by the cells it covers; without an area, beside the one before."""

    chart: Chart
    area: Area | None = None


Block = Heading | Sentences | TableBlock | Grid | ChartBlock


@dataclass(frozen=True)
class Page:
    """`name` is that of the sheet, `color` that of its tab.

    `frozen` is the first cell that scrolls. `tall` is how many printed pages high, 0: as many
    as it takes; `printed` the area that is printed.
    """

    name: str
    blocks: tuple[Block, ...]
    color: str = ACCENT
    frozen: tuple[int, int] | None = None
    zoom: int = 100
    tall: int = 0
    centered: bool = False
    printed: Area | None = None


@dataclass(frozen=True)
class Document:
    title: str
    language: str
    pages: tuple[Page, ...]
    author: str = "kido"
