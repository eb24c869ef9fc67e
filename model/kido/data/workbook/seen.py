"""What a planner sees of a sheet, where that is not what is read: one warning a kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kido.data.schema import Column, Word
from kido.data.workbook.cellnumber import two_readings
from kido.data.workbook.cells import PROSE
from kido.data.workbook.page import Page, as_raw, shown
from kido.data.workbook.raw import digits, fold
from kido.data.workbook.shownunit import NOTHING, THOUSANDS, units_shown
from kido.data.workbook.stored import Cell
from kido.errors import Finding, Place
from kido.messages import ItemList, Phrase, Unit, listed, phrase

MOST_NAMED = 8
# What a format makes of a number where it shows no unit.
SHOWN: dict[str, Phrase | str] = {
    NOTHING: phrase("part.shows_nothing"),
    THOUSANDS: phrase("part.shows_thousands"),
}


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
        yield from self._renamed()

    def _hidden(self) -> Iterator[Finding]:
        sheet, taken = self.page.sheet, self.taken
        if not taken:
            return
        if sheet.hidden:
            yield Finding.warn("hidden-cells.sheet", Place(sheet.title))
            return
        rows = {c.row: c for c, _, _ in reversed(taken) if c.row in sheet.hidden_rows}
        columns = {
            c.column: c
            for c, column, _ in reversed(taken)
            if column.key not in PROSE
            and any(first <= c.column <= last for first, last in sheet.hidden_columns)
        }
        if rows or columns:
            named = [phrase("part.row", row=row) for row in sorted(rows)]
            letters = (get_column_letter(number) for number in sorted(columns))
            named += [phrase("part.column", letter=letter) for letter in letters]
            first = (rows or columns)[min(rows or columns)]
            yield Finding.warn("hidden-cells", self._place(first), _listed(named))

    def _struck(self) -> Iterator[Finding]:
        struck = [cell for cell, _, _ in self.taken if cell.struck]
        if struck:
            held = _listed([cell.coordinate for cell in struck])
            yield Finding.warn("struck-out", self._place(struck[0]), held)

    def _units(self) -> Iterator[Finding]:
        other = []
        for cell, column, value in self.taken:
            if not isinstance(value, float) or isinstance(cell.value, str):
                continue
            if unit := units_shown(cell.number_format, value, column, self.masses):
                other.append((cell, column, SHOWN.get(unit, unit)))
        if other:
            held = _listed(
                [phrase("part.cell_shows", cell=c.coordinate, unit=unit) for c, _, unit in other]
            )
            wanted = dict.fromkeys(
                phrase("part.column_in", column=column.term, unit=Unit(column.unit))
                if column.unit
                else column.term
                for _, column, _ in other
            )
            yield Finding.warn(
                "shown-otherwise", self._place(other[0][0]), held, wanted=_listed(list(wanted))
            )

    def _readings(self) -> Iterator[Finding]:
        read = [
            (cell, value)
            for cell, column, value in self.taken
            if isinstance(value, float) and two_readings(column, as_raw(cell))
        ]
        if read:
            held = _listed(
                [
                    phrase("part.read_as", cell=c.coordinate, shown=shown(c), number=digits(v))
                    for c, v in read
                ]
            )
            yield Finding.warn("two-readings", self._place(read[0][0]), held)

    def _renamed(self) -> Iterator[Finding]:
        """Words that were written so once: they are read, and told once each."""
        told = set()
        for cell, column, value in self.taken:
            for word in column.words.values():
                if word.old and word.old not in told and _holds(cell, value, word):
                    told.add(word.old)
                    yield Finding.warn(
                        "old-word", self._place(cell), shown(cell), old=word.old, new=word.term
                    )

    def _place(self, cell: Cell) -> Place:
        return self.page.place(cell.row, cell.column)


def _holds(cell: Cell, value: object, word: Word) -> bool:
    """Whether a cell was typed with the old spelling of a word that it was read as."""
    held = value if isinstance(value, tuple) else (value,)
    typed = re.split(r"[;\n]", str(cell.value)) if isinstance(value, tuple) else [str(cell.value)]
    return word.code in held and fold(word.old) in map(fold, typed)


def _listed(named: Sequence[object]) -> ItemList:
    return listed(named, MOST_NAMED)
