"""What a planner sees of a sheet, where that is not what is read: one warning a kind."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kido.data.schema import Column
from kido.data.workbook.cellnumber import two_readings
from kido.data.workbook.cells import PROSE
from kido.data.workbook.page import Page, as_raw, shown
from kido.data.workbook.raw import digits
from kido.data.workbook.shownunit import units_shown
from kido.data.workbook.stored import Cell
from kido.errors import Finding, Place

MOST_NAMED = 8


@dataclass
class Seen:
    """The cells of one sheet that were read, and what may be said of how they look."""

    page: Page
    masses: Collection[str] = ()
    taken: list[tuple[Cell, Column, object]] = field(default_factory=list)

    def note(self, cell: Cell, column: Column, value: object) -> None:
        self.taken.append((cell, column, value))

    def findings(self) -> Iterator[Finding]:
        yield from self._hidden()
        yield from self._struck()
        yield from self._units()
        yield from self._readings()

    def _hidden(self) -> Iterator[Finding]:
        sheet, taken = self.page.sheet, self.taken
        if not taken:
            return
        advice = "show them and look, or leave them out: type no in the column use"
        if sheet.hidden:
            sentence = "The sheet is hidden, and is read like any other."
            advice = "show it, or begin its title with # if it is not meant"
            yield Finding(
                "hidden-cells", Place(sheet.title), sentence, "", "", advice, warning=True
            )
            return
        rows = {c.row: c for c, _, _ in reversed(taken) if c.row in sheet.hidden_rows}
        columns = {
            c.column: c
            for c, column, _ in reversed(taken)
            if column.key not in PROSE
            and any(first <= c.column <= last for first, last in sheet.hidden_columns)
        }
        if rows or columns:
            named = [f"row {row}" for row in sorted(rows)]
            named += [f"column {get_column_letter(number)}" for number in sorted(columns)]
            sentence = "Rows or columns that are hidden, by a filter or by hand, are read."
            first = (rows or columns)[min(rows or columns)]
            yield Finding(
                "hidden-cells",
                self._place(first),
                sentence,
                _listed(named),
                "",
                advice,
                warning=True,
            )

    def _struck(self) -> Iterator[Finding]:
        struck = [cell for cell, _, _ in self.taken if cell.struck]
        if struck:
            sentence = "What is struck out is read like anything else."
            advice = "type no in the column use to leave a row out, or clear the cell"
            found = _listed([cell.coordinate for cell in struck])
            yield Finding(
                "struck-out", self._place(struck[0]), sentence, found, "", advice, warning=True
            )

    def _units(self) -> Iterator[Finding]:
        other = []
        for cell, column, value in self.taken:
            if not isinstance(value, float) or isinstance(cell.value, str):
                continue
            if unit := units_shown(cell.number_format, value, column, self.masses):
                other.append((cell, column, unit))
        if other:
            sentence = "The format of a cell shows another unit than the one the number is read in."
            found = _listed([f"{cell.coordinate}: {unit}" for cell, _, unit in other])
            wanted = dict.fromkeys(
                f"{column.name} in {column.unit}" if column.unit else column.name
                for _, column, _ in other
            )
            advice = "convert figures that are in another unit, and format the cells as General"
            yield Finding(
                "shown-otherwise", self._place(other[0][0]), sentence, found,
                _listed(list(wanted)), advice, warning=True,
            )  # fmt: skip

    def _readings(self) -> Iterator[Finding]:
        read = [
            (cell, value)
            for cell, column, value in self.taken
            if isinstance(value, float) and two_readings(column, as_raw(cell))
        ]
        if read:
            sentence = "This is text, and could be read as another number where a comma is a point."
            found = _listed([f"{c.coordinate}: {shown(c)} is read as {digits(v)}" for c, v in read])
            yield Finding(
                "two-readings", self._place(read[0][0]), sentence, found, "a number, not text",
                "type the number again in a cell formatted as General", warning=True,
            )  # fmt: skip

    def _place(self, cell: Cell) -> Place:
        return self.page.place(cell.row, cell.column)


def _listed(named: list[str]) -> str:
    more = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
