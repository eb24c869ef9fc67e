"""Warnings of cells that are displayed differently from how they are read, one a kind."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kido.data.schema import Column, Word
from kido.data.workbook.cellnumber import two_readings
from kido.data.workbook.cells import PROSE
from kido.data.workbook.page import Page, as_raw, cell_text
from kido.data.workbook.raw import digits, fold
from kido.data.workbook.shownunit import NOTHING, THOUSANDS, units_shown
from kido.data.workbook.stored import Cell
from kido.errors import Finding, Place
from kido.messages import ItemList, Phrase, Unit, listed, phrase

MOST_NAMED = 8
# Messages for formats that hide or scale a number.
SHOWN: dict[str, Phrase | str] = {
    NOTHING: phrase("part.shows_nothing"),
    THOUSANDS: phrase("part.shows_thousands"),
}


@dataclass
class DisplayAudit:
    """The cells of one sheet that were read, and the warnings of their display."""

    page: Page
    masses: Collection[str] = ()
    cells: list[tuple[Cell, Column, object]] = field(default_factory=list)
    currencies: dict[int, str] = field(default_factory=dict)  # by row

    def note(self, cell: Cell, column: Column, value: object) -> None:
        """Adds a cell with its column and the value read."""
        self.cells.append((cell, column, value))
        if column.key == "currency":
            self.currencies[cell.row] = str(value)

    def findings(self) -> Iterator[Finding]:
        """The warnings: hidden, struck out, other units, two readings, old words."""
        yield from self._hidden()
        yield from self._strikethrough()
        yield from self._units()
        yield from self._readings()
        yield from self._old_words()

    def _hidden(self) -> Iterator[Finding]:
        sheet, cells = self.page.sheet, self.cells
        if not cells:
            return
        if sheet.hidden:
            yield Finding.warn("hidden-cells.sheet", Place(sheet.title))
            return
        rows = {c.row: c for c, _, _ in reversed(cells) if c.row in sheet.hidden_rows}
        columns = {
            c.column: c
            for c, column, _ in reversed(cells)
            if column.key not in PROSE
            and any(first <= c.column <= last for first, last in sheet.hidden_columns)
        }
        if rows or columns:
            named = [phrase("part.row", row=row) for row in sorted(rows)]
            letters = (get_column_letter(number) for number in sorted(columns))
            named += [phrase("part.column", letter=letter) for letter in letters]
            first = (rows or columns)[min(rows or columns)]
            yield Finding.warn("hidden-cells", self._place(first), _list(named))

    def _strikethrough(self) -> Iterator[Finding]:
        cells = [cell for cell, _, _ in self.cells if cell.strikethrough]
        if cells:
            value = _list([cell.coordinate for cell in cells])
            yield Finding.warn("struck-out", self._place(cells[0]), value)

    def _units(self) -> Iterator[Finding]:
        differing = []
        for cell, column, value in self.cells:
            if not isinstance(value, float) or isinstance(cell.value, str):
                continue
            units = {*self.masses, *filter(None, [self.currencies.get(cell.row)])}
            if unit := units_shown(cell.number_format, value, column, units):
                differing.append((cell, column, SHOWN.get(unit, unit)))
        if differing:
            value_text = _list(
                [
                    phrase("part.cell_shows", cell=c.coordinate, unit=unit)
                    for c, _, unit in differing
                ]
            )
            expected = dict.fromkeys(
                phrase("part.column_in", column=column.term, unit=Unit(column.unit))
                if column.unit
                else column.term
                for _, column, _ in differing
            )
            yield Finding.warn(
                "shown-otherwise",
                self._place(differing[0][0]),
                value_text,
                wanted=_list(list(expected)),
            )

    def _readings(self) -> Iterator[Finding]:
        ambiguous = [
            (cell, value)
            for cell, column, value in self.cells
            if isinstance(value, float) and two_readings(column, as_raw(cell))
        ]
        if ambiguous:
            value_text = _list(
                [
                    phrase("part.read_as", cell=c.coordinate, shown=cell_text(c), number=digits(v))
                    for c, v in ambiguous
                ]
            )
            yield Finding.warn("two-readings", self._place(ambiguous[0][0]), value_text)

    def _old_words(self) -> Iterator[Finding]:
        """The warnings of former spellings of words, one for each word."""
        reported = set()
        for cell, column, value in self.cells:
            for word in column.words.values():
                if word.old and word.old not in reported and _has_old_spelling(cell, value, word):
                    reported.add(word.old)
                    yield Finding.warn(
                        "old-word", self._place(cell), cell_text(cell), old=word.old, new=word.term
                    )

    def _place(self, cell: Cell) -> Place:
        return self.page.place(cell.row, cell.column)


def _has_old_spelling(cell: Cell, value: object, word: Word) -> bool:
    """Whether a cell was typed with the old spelling of a word that it was read as."""
    values = value if isinstance(value, tuple) else (value,)
    texts = re.split(r"[;\n]", str(cell.value)) if isinstance(value, tuple) else [str(cell.value)]
    return word.code in values and fold(word.old) in map(fold, texts)


def _list(named: Sequence[object]) -> ItemList:
    return listed(named, MOST_NAMED)
