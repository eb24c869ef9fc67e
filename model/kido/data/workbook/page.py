"""Pages: the filled cells of one sheet, and their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from openpyxl.utils import get_column_letter

from kido.data.schema import Column
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import BadCell, RawCell, is_blank
from kido.data.workbook.stored import Cell, StoredSheet
from kido.errors import Finding, Place

TOP = 10  # rows in which the header may be


@dataclass(frozen=True)
class Page:
    """The filled cells of one sheet by row and column; `sheet` has what is merged or hidden."""

    title: str
    cells: Mapping[int, Mapping[int, Cell]]
    sheet: StoredSheet

    @classmethod
    def of(cls, sheet: StoredSheet) -> Page:
        """The page of a stored sheet."""
        cells: dict[int, dict[int, Cell]] = {}
        for row in sorted(sheet.cells):
            for number, cell in sorted(sheet.cells[row].items()):
                if cell.uncalculated or not is_blank(cell.value):
                    cells.setdefault(row, {})[number] = cell
        return cls(sheet.title, cells, sheet)

    def place(self, row: int, number: int) -> Place:
        """The sheet and cell of a row and column number."""
        return Place(self.title, f"{get_column_letter(number)}{row}")

    def texts(self, row: int) -> dict[int, str]:
        """The texts of a row by column number."""
        return {number: as_raw(cell).text for number, cell in self.cells.get(row, {}).items()}

    def top(self) -> dict[int, dict[int, str]]:
        """The texts of the first filled rows, by row and column number."""
        return {row: self.texts(row) for row in islice(self.cells, TOP)}

    def value(self, cell: Cell, column: Column) -> object:
        """The typed value of a cell. Raises BadCell."""
        check_calculated(cell)
        if cell.linked:
            raise BadCell("external-value")
        if cell.error:
            raise BadCell("error-value")
        return parse(column, as_raw(cell))


def uncalculated(page: Page, cells: Mapping[int, Cell], numbers: Iterable[int]) -> list[Finding]:
    """The findings of cells of a row, in some columns, with a formula never calculated."""
    findings = []
    for number in numbers:
        if cell := cells.get(number):
            try:
                check_calculated(cell)
            except BadCell as bad:
                findings.append(bad.at(page.place(cell.row, number), cell_text(cell)))
    return findings


def check_calculated(cell: Cell) -> None:
    """Raises BadCell for a cell with a formula never calculated."""
    if cell.uncalculated:
        raise BadCell("formula-without-value")


def as_raw(cell: Cell) -> RawCell:
    """The value of a stored cell with its number format."""
    numeric = isinstance(cell.value, (int, float))
    percent = numeric and is_percent(cell.number_format)
    return RawCell(cell.value, percent, cell.number_format, cell.number)


def is_percent(number_format: str) -> bool:
    """Whether a number format shows percentages."""
    return "%" in number_format and "%" in _unquoted(number_format)


def _unquoted(number_format: str) -> str:
    return "".join(number_format.split('"')[::2]).replace("\\%", "")


def cell_text(cell: Cell) -> str:
    """The text of a cell, for messages; at most 80 characters."""
    return "" if cell.value is None else as_raw(cell).exact_text[:80]
