"""The cells of one sheet, as they stand in the workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from openpyxl.utils import get_column_letter

from kido.data.schema import Column
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import BadCell, Raw, is_blank
from kido.data.workbook.stored import Cell, StoredSheet
from kido.errors import Finding, Place

TOP = 10  # rows among which the headers are sought


@dataclass(frozen=True)
class Page:
    """The filled cells of one sheet by row and column, and what is merged or hidden."""

    title: str
    cells: Mapping[int, Mapping[int, Cell]]
    sheet: StoredSheet

    @classmethod
    def of(cls, sheet: StoredSheet) -> Page:
        cells: dict[int, dict[int, Cell]] = {}
        for row in sorted(sheet.cells):
            for number, cell in sorted(sheet.cells[row].items()):
                if cell.uncalculated or not is_blank(cell.value):
                    cells.setdefault(row, {})[number] = cell
        return cls(sheet.title, cells, sheet)

    def place(self, row: int, number: int) -> Place:
        return Place(self.title, f"{get_column_letter(number)}{row}")

    def texts(self, row: int) -> dict[int, str]:
        """The texts of a row by column number."""
        return {number: as_raw(cell).shown for number, cell in self.cells.get(row, {}).items()}

    def top(self) -> dict[int, dict[int, str]]:
        """The texts of the first rows that hold anything."""
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
    """The cells of a row, among some columns, whose text is not known."""
    found = []
    for number in numbers:
        if cell := cells.get(number):
            try:
                check_calculated(cell)
            except BadCell as bad:
                found.append(bad.at(page.place(cell.row, number), shown(cell)))
    return found


def check_calculated(cell: Cell) -> None:
    """Raises BadCell for a formula that was written by a program and never calculated."""
    if cell.uncalculated:
        raise BadCell("formula-without-value")


def as_raw(cell: Cell) -> Raw:
    numeric = isinstance(cell.value, (int, float))
    percent = numeric and is_percent(cell.number_format)
    return Raw(cell.value, percent, cell.number_format, cell.number)


def is_percent(number_format: str) -> bool:
    return "%" in number_format and "%" in _unquoted(number_format)


def _unquoted(number_format: str) -> str:
    return "".join(number_format.split('"')[::2]).replace("\\%", "")


def shown(cell: Cell) -> str:
    """What stands there, for people; at most a line of it."""
    return "" if cell.value is None else as_raw(cell).told[:80]
