"""Reading of one sheet of the workbook into a typed frame."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd
from openpyxl.utils import get_column_letter

from kido.data.months import Month
from kido.data.schema import Column, Sheet, catalogue, word_term
from kido.data.tables import Frame
from kido.data.workbook.cellnumber import NUMERIC, number_of
from kido.data.workbook.cells import blank_value
from kido.data.workbook.display import DisplayAudit
from kido.data.workbook.headers import Headers, header_row, match_headers
from kido.data.workbook.page import Page, cell_text, is_percent, uncalculated
from kido.data.workbook.raw import BadCell, tidy
from kido.data.workbook.stored import Cell
from kido.errors import Finding, Place
from kido.messages import listed, phrase

Add = Callable[[Finding], None]
PERCENT_MEASURES = ("share", "service")


def empty_frame(name: str) -> Frame:
    """A frame without rows."""
    sheet = catalogue()[name]
    return Frame(name, _rows(sheet, [], []), dict.fromkeys(sheet.columns, ""))


def read_sheet(name: str, page: Page, add: Add, masses: Collection[str] = ()) -> Frame:
    """The frame of one sheet; findings go to `add`, and bad cells get the default.

    `masses` are the units of mass of the commodities.
    """
    sheet = catalogue()[name]
    row = header_row(sheet, page.top())
    texts = page.texts(row)
    for finding in uncalculated(page, page.cells.get(row, {}), texts):
        add(finding)
    headers = match_headers(sheet, page.title, row, texts, add)
    _check_merged(page, headers, add)
    _check_headless(page, headers, add)
    reader = _Rows(sheet, page, headers, add, DisplayAudit(page, masses))
    index, rows = [], []
    for row, values in reader.read():
        index.append(row)
        rows.append(values)
    for warning in reader.display.findings():
        add(warning)
    if reader.any_row:
        _check_missing(sheet, page, headers, add)
    letters = {
        key: get_column_letter(headers.numbers[key]) if key in headers.numbers else ""
        for key in sheet.columns
    }
    unused = tuple(dict.fromkeys(reader.unused))
    return Frame(name, _rows(sheet, index, rows), letters, page.title, unused)


class _Rows:
    """A reader of the rows below the header, with the keys and unused names so far."""

    def __init__(self, sheet: Sheet, page: Page, headers: Headers, add: Add, display: DisplayAudit):
        self.sheet, self.page, self.headers, self.add = sheet, page, headers, add
        self.display = display
        self.blank = {key: blank_value(column) for key, column in sheet.columns.items()}
        self.seen: dict[tuple[object, ...], int] = {}
        self.unused: list[str] = []
        self.any_row = False

    def read(self) -> Iterator[tuple[int, dict[str, object]]]:
        """(Excel row, values by key) of the rows in use."""
        numbers = self.headers.numbers
        known = set(numbers.values())
        for row, cells in self.page.cells.items():
            if row <= self.headers.row or not known & cells.keys():
                continue
            self.any_row = True
            if self._in_use(row, cells):
                bad: set[str] = set()
                values = self._values(row, cells, bad)
                self._check_percent_limit(row, cells, values)
                if self._key_is_sound(row, values, bad):
                    yield row, values
            elif self.sheet.keys and (cell := cells.get(numbers.get(self.sheet.keys[0], 0))):
                self.unused.append(tidy(str(cell.value)))

    def _in_use(self, row: int, cells: Mapping[int, Cell]) -> bool:
        column = self.sheet.columns.get("use")
        if column is None or not (cell := cells.get(self.headers.numbers.get("use", 0))):
            return True
        try:
            return bool(self.page.value(cell, column))
        except BadCell as bad:
            self._note(row, column, cell, bad)
            return True

    def _values(self, row: int, cells: Mapping[int, Cell], bad: set[str]) -> dict[str, object]:
        values = dict(self.blank)
        for key, number in self.headers.numbers.items():
            column = self.sheet.columns[key]
            cell = cells.get(number)
            if key == "use":
                continue
            if cell is None:
                if column.required:
                    bad.add(key)
                    self._blank(row, column)
                continue
            try:
                values[key] = self.page.value(cell, column)
                self.display.note(cell, column, values[key])
            except BadCell as problem:
                bad.add(key)
                self._note(row, column, cell, problem)
        return values

    def _place(self, row: int, key: str) -> Place:
        return self.page.place(row, self.headers.numbers.get(key, 1))

    def _note(self, row: int, column: Column, cell: Cell, bad: BadCell) -> None:
        place = self._place(row, column.key)
        self.add(bad.at(place, cell_text(cell)))

    def _blank(self, row: int, column: Column) -> None:
        expected: object = phrase(f"kind.{column.kind}")
        if column.kind == "choice":
            expected = listed(word.term for word in column.words.values())
        elif column.unit:
            expected = number_of(column)
        place = self._place(row, column.key)
        self.add(Finding.of("blank", place, column=column.term, expected=expected))

    def _check_percent_limit(
        self, row: int, cells: Mapping[int, Cell], values: Mapping[str, object]
    ) -> None:
        """Reports a percentage as the limit of a policy whose measure takes no share."""
        cell = cells.get(self.headers.numbers.get("limit", 0))
        if self.sheet.name != "Policies" or cell is None:
            return
        typed = "%" in cell.value if isinstance(cell.value, str) else is_percent(cell.number_format)
        if typed and values["measure"] not in ("", *PERCENT_MEASURES):
            measure = word_term("Policies", "measure", str(values["measure"]))
            place = self._place(row, "limit")
            self.add(Finding.of("percentage.limit", place, cell_text(cell), measure=measure))

    def _key_is_sound(self, row: int, values: Mapping[str, object], bad: set[str]) -> bool:
        """Whether the row has a key that no row above has; reports duplicates."""
        keys = self.sheet.keys
        needed = [key for key in keys if self.sheet.columns[key].required]
        if any(key in bad for key in keys) or any(k not in self.headers.numbers for k in needed):
            return False
        key = tuple(values[k] for k in keys)
        if not keys or key not in self.seen:
            self.seen[key] = row
            return True
        first = self._place(self.seen[key], keys[-1])
        columns = [self.sheet.columns[k] for k in keys]
        parts = zip(columns, key, strict=True)
        value = listed(_term(column, part) for column, part in parts if part not in (None, ""))
        names = listed((column.term for column in columns), joint="and")
        place = self._place(row, keys[-1])
        self.add(Finding.of("duplicate", place, value, first=first, keys=names))
        return False


def _term(column: Column, value: object) -> object:
    """A value of a key, for messages."""
    if column.kind == "month" and isinstance(value, int):
        return Month(value)
    return column.term_of(value) if isinstance(value, str) else value


def _rows(sheet: Sheet, index: list[int], rows: list[dict[str, object]]) -> pd.DataFrame:
    columns = {}
    for key, column in sheet.columns.items():
        dtype: type = float if column.kind in NUMERIC else bool if column.kind == "flag" else object
        columns[key] = pd.Series([row[key] for row in rows], index=index, dtype=dtype)
    return pd.DataFrame(columns, index=pd.Index(index, dtype=int))


def _check_missing(sheet: Sheet, page: Page, headers: Headers, add: Add) -> None:
    if headers.unknown:
        return  # probably one of those, which are reported
    for column in sheet.columns.values():
        if column.required and column.key not in headers.numbers:
            place, about = page.place(headers.row, 1), {"column": column.term}
            add(Finding.of("column-missing", place, **about, header=column.head))


def _check_merged(page: Page, headers: Headers, add: Add) -> None:
    last = max(page.cells, default=0)
    numbers = set(headers.numbers.values())
    for left, top, right, bottom, where in page.sheet.merged:
        in_rows = bottom >= headers.row and top <= last
        if in_rows and numbers & set(range(left, right + 1)):
            add(Finding.of("merged-cells", Place(page.title, where), where))


def _check_headless(page: Page, headers: Headers, add: Add) -> None:
    known = {*headers.numbers.values(), *headers.private, *headers.unknown}
    seen: set[int] = set()
    for row, cells in page.cells.items():
        for number in cells.keys() - known - seen if row > headers.row else ():
            seen.add(number)
            add(Finding.of("no-header", page.place(row, number), cell_text(cells[number])))
