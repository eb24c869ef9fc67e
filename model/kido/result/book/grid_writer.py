"""The grid of the board page and the pen that writes on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from openpyxl.worksheet.worksheet import Worksheet

from kido.report.labels import Labels
from kido.result.book.style import ACCENT, QUIET, RULE, SOFT, CellStyle, Styles

GRID = 30  # columns of the page
LEFT = 19  # the left part; the right one begins two columns on
RIGHT = LEFT + 2
CELL_WIDTH = 5.4
LINE = 17  # points
TEXT = CellStyle(size=9, bottom=RULE)
SMALL = CellStyle(size=8, color=QUIET, wrap=True, down="top")
BAND = CellStyle(size=10, bold=True, color="FFFFFF", fill=ACCENT)
HEAD = CellStyle(size=8, bold=True, color=ACCENT, fill=SOFT, wrap=True)
HEAD_CENTER = replace(HEAD, across="center")
HEAD_RIGHT = replace(HEAD, across="right")


@dataclass
class GridWriter:
    """Writes on the page; `row` is where the next line goes."""

    page: Worksheet
    styles: Styles
    labels: Labels

    def put(self, row: int, column: int, span: int, value: object, look: CellStyle) -> None:
        for k in range(column, column + span):
            self.styles.apply(self.page.cell(row, k), look)
        self.styles.put(self.page, row, column, value, look)
        if span > 1:
            self.page.merge_cells(
                start_row=row, end_row=row, start_column=column, end_column=column + span - 1
            )

    def line(self, row: int, column: int, cells: Sequence[tuple[int, object, CellStyle]]) -> None:
        for span, value, look in cells:
            self.put(row, column, span, value, look)
            column += span

    def label(self, key: str, **words: object) -> str:
        return self.labels[f"board.{key}"].format(**words)
