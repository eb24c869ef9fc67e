"""`Document`: pages of blocks as data, independent of the renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kido.report.charts import Chart
from kido.report.style import ACCENT, CellStyle
from kido.report.table import Table


@dataclass(frozen=True)
class Area:
    """A rectangle of cells on a page, counted from 1. `fixed`: its address is absolute."""

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
    """A formula over named areas, such as `SUM({parts})`, with its value."""

    text: str
    cells: Mapping[str, Area]
    value: float


@dataclass(frozen=True)
class Link:
    """A text that leads to the page of a name."""

    text: str
    page: str


@dataclass(frozen=True)
class Cell:
    """A value over an area of cells, with its style."""

    area: Area
    value: object
    style: CellStyle


@dataclass(frozen=True)
class ColorScale:
    """A colour scale: `colors` at the numbers `points`, or at the least and most number."""

    colors: tuple[str, ...]
    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class DataBar:
    """A bar behind each number, of full length at `whole`."""

    color: str
    whole: float = 1.0


@dataclass(frozen=True)
class TablePlace:
    """The place of a table: the rows of its first line and header, the column of each key."""

    first_row: int
    columns: Mapping[str, int]
    header_row: int


@dataclass(frozen=True)
class Heading:
    """The title of a page."""

    text: str


@dataclass(frozen=True)
class Sentences:
    """The note of a page, over so many columns; at least `height` points high."""

    text: str
    columns: int = 9
    height: float = 42.0


@dataclass(frozen=True)
class TableBlock:
    """A table with its colours and widths.

    `scale` colours its numbers, words among them standing apart; `alarms` are the rows of a
    column that catch the eye. `widths` are those of columns in characters, where they are not
    measured; `air` is added to columns of numbers. `readable` characters fit on a printed page;
    a printed page begins at each of the rows `breaks`, and only `printed` rows are printed. The
    rows `strong` are bold.
    """

    table: Table
    scale: ColorScale | None = None
    alarms: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    widths: Mapping[str, float] = field(default_factory=dict)
    air: float = 0.0
    header_height: float = 30.0
    readable: float = 0.0
    breaks: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()
    printed: int | None = None


@dataclass(frozen=True)
class Grid:
    """Cells at given positions. Widths are in characters, heights in points.

    `tables` says where a table stands among the cells, for charts to be drawn from it.
    """

    cells: tuple[Cell, ...]
    widths: tuple[float, ...]
    heights: Mapping[int, float]
    shades: tuple[tuple[Area, ColorScale | DataBar], ...] = ()
    tables: Mapping[str, tuple[Table, TablePlace]] = field(default_factory=dict)


@dataclass(frozen=True)
class ChartBlock:
    """A chart over an area of cells; without an area, beside the one before."""

    chart: Chart
    area: Area | None = None


Block = Heading | Sentences | TableBlock | Grid | ChartBlock


@dataclass(frozen=True)
class Page:
    """A page: `name` of its sheet, `color` of its tab, and its blocks.

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
    """A document: its title, its language (en or ja) and its pages."""

    title: str
    language: str
    pages: tuple[Page, ...]
    author: str = "kido"
