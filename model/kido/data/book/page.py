"""The cells of one sheet, as they stand in the workbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.book.cells import parse
from kido.data.book.raw import BadCell, Raw, is_blank
from kido.data.book.rawcells import Formulas
from kido.data.schema import Column
from kido.errors import Place


@dataclass(frozen=True)
class Page:
    """The filled cells of one sheet by row and column, and what to beware of."""

    title: str
    cells: Mapping[int, Mapping[int, Cell]]
    merged: tuple[tuple[int, int, int, int, str], ...]
    formulas: Formulas

    @classmethod
    def of(cls, sheet: Worksheet, formulas: Formulas) -> Page:
        cells: dict[int, dict[int, Cell]] = {}
        # The stored cells themselves: walking the rectangle would visit a million blanks
        # where one stray cell stands at the bottom of the sheet.
        for (row, number), cell in sorted(sheet._cells.items()):
            if not is_blank(cell.value) or cell.coordinate in formulas.unvalued:
                cells.setdefault(row, {})[number] = cell
        merged = tuple((*r.bounds, r.coord) for r in sheet.merged_cells.ranges)
        return cls(sheet.title, cells, merged, formulas)

    def place(self, row: int, number: int) -> Place:
        return Place(self.title, f"{get_column_letter(number)}{row}")

    def head(self) -> tuple[int, dict[int, str]]:
        """The first row that holds anything, and its texts by column number."""
        row = next(iter(self.cells), 0)
        return row, {number: str(cell.value) for number, cell in self.cells.get(row, {}).items()}

    def value(self, cell: Cell, column: Column) -> object:
        """The typed value of a cell. Raises BadCell."""
        if cell.coordinate in self.formulas.unvalued:
            sentence = "The formula here has no stored value."
            advice = "open the book in Excel, let it calculate, and save"
            raise BadCell("formula-without-value", sentence, "a value", advice)
        if cell.coordinate in self.formulas.linked:
            sentence = "The value here comes from another workbook."
            raise BadCell("external-value", sentence, "a value", "paste the value itself")
        if cell.data_type == "e":
            sentence = "The formula here ends in an error."
            raise BadCell("error-value", sentence, "a value", "mend the formula")
        numeric = isinstance(cell.value, (int, float))
        return parse(column, Raw(cell.value, numeric and is_percent(cell.number_format)))


def is_percent(number_format: str) -> bool:
    return "%" in number_format and "%" in _unquoted(number_format)


def _unquoted(number_format: str) -> str:
    return "".join(number_format.split('"')[::2]).replace("\\%", "")


def shown(cell: Cell) -> str:
    """What stands there, for people; at most a line of it."""
    if cell.value is None:
        return ""
    numeric = isinstance(cell.value, (int, float))
    return Raw(cell.value, numeric and is_percent(cell.number_format)).shown[:80]
