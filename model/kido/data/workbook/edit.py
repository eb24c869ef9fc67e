"""A workbook with some cells typed anew; everything else in it stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string

from kido.data.as_typed import is_blank, text_of
from kido.data.schema import FLAGS, SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, Column, catalogue
from kido.data.tables import Tables
from kido.data.workbook.edits import BookEdits
from kido.data.workbook.raw import fold
from kido.data.workbook.translate import HEADER_ROWS, header_row
from kido.files import write_whole
from kido.messages import JAPANESE


def write_edited(book: str | Path, tables: Tables, edits: BookEdits, out: str | Path) -> None:
    """Write the workbook `book`, whose `tables` are known, with `edits` at `out`.

    Sheets, columns and options that it has not yet are added, in its language.
    """
    file = load_workbook(book)
    language = tables.settings.language
    for sheet in catalogue():
        cells = {(row, key): value for (s, row, key), value in edits.cells.items() if s == sheet}
        unused, rows = edits.unused.get(sheet, frozenset()), edits.rows_of(sheet)
        if cells or unused or rows or sheet in edits.replaced:
            page = _Page(file, tables, sheet, language)
            for (row, key), value in cells.items():
                page.put(row, key, value)
            for row in unused:
                page.put(row, "use", False)
            if sheet in edits.replaced:
                page.clear()
            for row, values in enumerate(rows, page.last + 1):
                for key, value in values.items():
                    page.put(row, key, value)
    _options(file, tables, edits.settings, language)
    buffer = BytesIO()
    file.save(buffer)
    write_whole(Path(out), buffer.getvalue())


class _Page:
    """A sheet of rows of the workbook."""

    def __init__(self, file: Any, tables: Tables, sheet: str, language: str):
        self.sheet, self.language = catalogue()[sheet], language
        frame = tables[sheet]
        title = frame.title or self.sheet.title(language)
        self.new = title not in file.sheetnames
        self.page = file.create_sheet(title) if self.new else file[title]
        self.columns = {k: column_index_from_string(x) for k, x in frame.letters.items() if x}
        known = {number: self.sheet.columns[key] for key, number in self.columns.items()}
        self.header = 1 if self.new else header_row(self.page, known)
        if self.new:
            for key in self.sheet.columns:
                self._add_column(key)

    @property
    def last(self) -> int:
        """The last row with a cell of a known column, the header at least."""
        filled = (
            row
            for row in range(self.page.max_row, self.header, -1)
            if any(not is_blank(self.page.cell(row, n).value) for n in self.columns.values())
        )
        return next(filled, self.header)

    def clear(self) -> None:
        """Empty all rows."""
        for row in range(self.header + 1, self.page.max_row + 1):
            for number in self.columns.values():
                self.page.cell(row, number).value = None

    def put(self, row: int, key: str, value: object) -> None:
        """Type a value."""
        if key not in self.columns:
            self._add_column(key)
        _type(self.page.cell(row, self.columns[key]), self.sheet.columns[key], value, self.language)

    def _add_column(self, key: str) -> None:
        number = max((*self.columns.values(), 0)) + 1
        while not self.new and not is_blank(self.page.cell(self.header, number).value):
            number += 1
        cell = self.page.cell(self.header, number)
        cell.value = self.sheet.columns[key].header(self.language)
        if self.columns:
            beside = self.page.cell(self.header, max(self.columns.values()))
            cell._style = copy(beside._style)
        self.columns[key] = number


def _options(file: Any, tables: Tables, settings: Mapping[str, Any], language: str) -> None:
    """Type the options, those that the book has not below the others."""
    page = file[tables.settings_title]
    columns, cells = catalogue()["Settings"].columns, tables.settings_cells
    for key, value in settings.items():
        if key in cells:
            cell = page[cells[key]]
        else:
            names, row = _heads(page), page.max_row + 1
            label = columns[key].name_ja if language == JAPANESE else columns[key].name
            page.cell(row, names[0]).value = label
            cell = page.cell(row, names[1])
        _type(cell, columns[key], value, language)


def _heads(page: Any) -> tuple[int, int]:
    """(column of options, column of values)."""
    heads = [{fold(both[at]) for both in (SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA)} for at in (0, 1)]
    for row in page.iter_rows(max_row=HEADER_ROWS):
        found = [next((c.column for c in row if fold(str(c.value or "")) in names), 0)
                 for names in heads]  # fmt: skip
        if all(found):
            return found[0], found[1]
    return 1, 2


def _type(cell: Any, column: Column, value: object, language: str) -> None:
    if isinstance(value, bool):
        cell.value = FLAGS[language][0 if value else 1]
    elif isinstance(value, int | float) and column.kind != "month":
        cell.value = None if value != value else value
    else:
        cell.value = text_of(column, value, language) or None
