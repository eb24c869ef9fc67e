"""`FirstPage`: the layout of the first page of a workbook on a grid of narrow columns, one A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kido.report.charts import Chart
from kido.report.document import Area, Cell, ChartBlock, ColorScale, DataBar, Grid, Page
from kido.report.labels import Labels
from kido.report.style import ACCENT, QUIET, RED, RULE, SOFT, CellStyle

GRID = 30  # columns of the page
LEFT = 19  # the left part; the right one begins two columns on
RIGHT = LEFT + 2
SPAN = GRID - RIGHT + 1
CELL_WIDTH = 5.4
TOP_ROWS = {1: 27.0, 2: 18.0, 3: 6.0}  # points: the title, what was done, air
TEXT = CellStyle(size=9, bottom=RULE)
SMALL = CellStyle(size=8, color=QUIET, wrap=True, down="top")
BAND = CellStyle(size=10, bold=True, color="FFFFFF", fill=ACCENT)
HEAD = CellStyle(size=8, bold=True, color=ACCENT, fill=SOFT, wrap=True)
HEAD_CENTER = replace(HEAD, across="center")
HEAD_RIGHT = replace(HEAD, across="right")
NAME = CellStyle(size=17, bold=True, color=ACCENT)
BESIDE = CellStyle(size=9, color=QUIET, across="right")
BELOW = CellStyle(size=9, color=QUIET, bottom=ACCENT)

Span = tuple[int, object, CellStyle]  # columns, value, style


@dataclass
class FirstPage:
    """The cells, charts and colours of a first page under construction."""

    labels: Labels
    cells: list[Cell] = field(default_factory=list)
    charts: list[ChartBlock] = field(default_factory=list)
    shades: list[tuple[Area, ColorScale | DataBar]] = field(default_factory=list)

    def top(
        self, title: str, beside: str, below: Sequence[str], style: CellStyle = BELOW
    ) -> None:  # fmt: skip
        """Write the name of the page, the text to its right, and the line below."""
        self.put(1, 1, LEFT, title, NAME)
        self.put(1, LEFT + 1, GRID - LEFT, beside, BESIDE)
        self.put(2, 1, GRID, "  ·  ".join(below), style)

    def text(self, key: str, **words: object) -> str:
        """A label with its words filled in."""
        return self.labels[key].format(**words)

    def put(
        self, row: int, column: int, span: int, value: object, style: CellStyle, rows: int = 1
    ) -> None:
        """Write a value over `span` columns and `rows` rows."""
        self.cells.append(Cell(Area(row, column, rows, span), value, style))

    def line(self, row: int, column: int, spans: Sequence[Span], rows: int = 1) -> None:
        """Write cells beside one another."""
        for span, value, style in spans:
            self.put(row, column, span, value, style, rows)
            column += span

    def chart(self, chart: Chart, row: int, column: int, rows: int, columns: int) -> None:
        """Place a chart over an area."""
        self.charts.append(ChartBlock(chart, Area(row, column, rows, columns)))

    def shade(self, area: Area, how: ColorScale | DataBar) -> None:
        """Add a colour scale or bars to an area."""
        self.shades.append((area, how))

    def page(self, name: str, last: int, height: float, taller: dict[int, float]) -> Page:
        """The page down to row `last`, each row `height` points high but those in `taller`."""
        heights = {**dict.fromkeys(range(4, last + 1), height), **TOP_ROWS, **taller}
        widths = (CELL_WIDTH,) * GRID
        grid = Grid(tuple(self.cells), widths, heights, tuple(self.shades))
        return Page(
            name, (grid, *self.charts), color=RED, frozen=(3, 1), tall=1, centered=True,
            printed=Area(1, 1, last, GRID),
        )  # fmt: skip
