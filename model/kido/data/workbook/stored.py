"""The cells of a workbook as they are stored, with what decides whether to trust them."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils import get_column_letter, range_boundaries

from kido.data.workbook.links import linked_names, links_out
from kido.data.workbook.package import Attributes, Package, local, truth
from kido.data.workbook.styles import PLAIN, Style, Styles

COORDINATE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
WINDOWS_START, MAC_START = datetime(1899, 12, 30), datetime(1904, 1, 1)
LAST_DAY = 2_958_465  # 9999-12-31
DAY = 24 * 60 * 60 * 10**6  # in microseconds


@dataclass
class Cell:
    """A filled cell, or one whose formula was never calculated."""

    row: int
    column: int
    value: object
    style: Style = PLAIN
    number: float | None = None  # what is stored where a date is shown
    error: bool = False
    uncalculated: bool = False
    linked: bool = False
    struck: bool = False

    @property
    def coordinate(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def number_format(self) -> str:
        return self.style.number_format


@dataclass
class StoredSheet:
    """A sheet: its filled cells by row and column, what is hidden, what is merged."""

    title: str
    hidden: bool = False
    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class _Book:
    """What every sheet of a workbook shares."""

    strings: list[tuple[str, bool]]
    styles: Styles
    start: datetime
    unfinished: bool
    names: frozenset[str]
    links: int


def stored_sheets(data: bytes) -> list[StoredSheet]:
    """Every worksheet of a workbook. Raises whatever a damaged one makes the parser say."""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        package = Package(parts)
        main = next(
            (name for kind, name in package.relations("").values() if kind == "officeDocument"),
            "xl/workbook.xml",
        )
        listed, options, names = _contents(package, main)
        relations = package.relations(main)
        part = {kind: name for kind, name in relations.values() if name in package.names}
        links = sum(n.startswith("xl/externalLinks/") and n.endswith(".xml") for n in package.names)
        book = _Book(
            _Strings(package, part.get("sharedStrings", "")).texts,
            Styles(package, part.get("styles", "")),
            MAC_START if truth(options.get("date1904", "")) else WINDOWS_START,
            truth(options.get("fullCalcOnLoad", ""))
            or not truth(options.get("calcCompleted", "1")),
            linked_names(names, links),
            links,
        )
        sheets = []
        for title, state, key in listed:
            kind, name = relations.get(key, ("", ""))
            if kind == "worksheet" and name in package.names:
                sheet = StoredSheet(title, state in ("hidden", "veryHidden"))
                _SheetWalk(book, sheet).walk(package, name)
                sheets.append(sheet)
        return sheets


def _contents(
    package: Package, main: str
) -> tuple[list[tuple[str, str, str]], Attributes, dict[str, str]]:
    """Title, state and relation of each sheet; options of the book; its defined names."""
    listed: list[tuple[str, str, str]] = []
    options: Attributes = {}
    names: dict[str, str] = {}
    name = ""

    def start(tag: str, held: Attributes) -> None:
        nonlocal name
        name = held.get("name", "") if tag == "definedName" else ""
        if tag == "sheet":
            listed.append((held.get("name", ""), held.get("state", ""), local(held, "id")))
        elif tag in ("workbookPr", "calcPr"):
            options.update(held)

    def text(data: str) -> None:
        if name:
            names[name] = names.get(name, "") + data

    package.walk(main, start, text=text)
    return listed, options, names


class _Texts:
    """Gathers the text of rich or plain strings, without the reading aid above kanji."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.struck = self._phonetic = self._open = False

    def start(self, tag: str, held: Attributes) -> None:
        if tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._open = not self._phonetic
        elif tag == "strike":
            self.struck = self.struck or truth(held.get("val", "1"))

    def end(self, tag: str) -> None:
        if tag == "rPh":
            self._phonetic = False
        elif tag == "t":
            self._open = False

    def text(self, data: str) -> None:
        if self._open:
            self.pieces.append(data)

    def taken(self) -> str:
        return _unescaped("".join(self.pieces))


class _Strings(_Texts):
    """The strings that the sheets share, each with whether any of it is struck out."""

    def __init__(self, package: Package, part: str):
        super().__init__()
        self.texts: list[tuple[str, bool]] = []
        if part:
            package.walk(part, self.start, self.end, self.text)

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "si":
            self.texts.append((self.taken(), self.struck))
            super().__init__()


class _SheetWalk:
    """Walks one stored sheet. Cells without a coordinate follow the one before."""

    def __init__(self, book: _Book, sheet: StoredSheet):
        self.book, self.sheet = book, sheet
        self.row = self.column = 0
        self.arrays: list[tuple[int, int, int, int]] = []
        self.shared: set[str] = set()  # shared formulas that read another workbook
        self.formulas: set[tuple[int, int]] = set()
        self.inline: _Texts | None = None
        self.cell: Attributes = {}
        self.in_cell = self.formula = False
        self.link = ""
        self.wanted: list[str] | None = None
        self.value: list[str] = []
        self.code: list[str] = []

    def walk(self, package: Package, part: str) -> None:
        package.walk(part, self._start, self._end, self._text)
        if self.book.unfinished:
            self._mark_arrays()

    def _start(self, tag: str, held: Attributes) -> None:
        if tag == "c":
            self._open(held)
        elif tag == "row":
            self.row = int(held.get("r") or self.row + 1)
            self.column = 0
            if truth(held.get("hidden", "")) or held.get("ht") == "0":
                self.sheet.hidden_rows.add(self.row)
        elif self.in_cell:
            self._inside(tag, held)
        elif tag == "mergeCell":
            where = held.get("ref", "")
            self.sheet.merged.append((*_bounds(where), where))
        elif tag == "col" and (truth(held.get("hidden", "")) or held.get("width") == "0"):
            self.sheet.hidden_columns.append((int(held["min"]), int(held["max"])))

    def _open(self, held: Attributes) -> None:
        match = COORDINATE.fullmatch(held.get("r", ""))
        if match:
            self.row, self.column = int(match[2]), _column(match[1])
        else:
            self.column += 1
        self.cell, self.in_cell, self.formula, self.inline = held, True, False, None
        self.link = ""
        self.value, self.code = [], []

    def _inside(self, tag: str, held: Attributes) -> None:
        if tag == "v":
            self.wanted = self.value
        elif tag == "f":
            self.formula, self.wanted = True, self.code
            self.link = held.get("si", "") if held.get("t") == "shared" else ""
            if held.get("t") in ("array", "dataTable") and ":" in held.get("ref", ""):
                self.arrays.append(_bounds(held["ref"]))
        elif tag == "is":
            self.inline = _Texts()
        elif self.inline is not None:
            self.inline.start(tag, held)

    def _text(self, data: str) -> None:
        if self.wanted is not None:
            self.wanted.append(data)
        elif self.inline is not None:
            self.inline.text(data)

    def _end(self, tag: str) -> None:
        self.wanted = None
        if tag == "c":
            self.in_cell = False
            if self.value or self.formula or self.inline is not None:
                self._close()
        elif self.inline is not None:
            self.inline.end(tag)

    def _close(self) -> None:
        stored, kind = "".join(self.value), self.cell.get("t", "n")
        stored = stored if kind in ("str", "inlineStr") else stored.strip()
        style = self.book.styles[int(self.cell.get("s") or 0)]
        cell = Cell(self.row, self.column, None, style, struck=style.struck)
        self._fill(cell, kind, stored)
        if self.formula:
            self.formulas.add((self.row, self.column))
            cell.linked = self._reads_another_book()
            cell.uncalculated = self._never_calculated(cell, kind, stored)
        if cell.value is not None or cell.uncalculated:
            self.sheet.cells.setdefault(self.row, {})[self.column] = cell

    def _fill(self, cell: Cell, kind: str, stored: str) -> None:
        if self.inline is not None:
            cell.value, part_struck = self.inline.taken(), self.inline.struck
            cell.struck = cell.struck or part_struck
        elif stored == "" and kind != "str":
            return
        elif kind == "s":
            cell.value, part_struck = self.book.strings[int(stored)]
            cell.struck = cell.struck or part_struck
        elif kind == "b":
            cell.value = truth(stored)
        elif kind == "d":
            cell.value = datetime.fromisoformat(stored.removesuffix("Z"))
        elif kind in ("str", "inlineStr"):
            cell.value = _unescaped(stored)
        elif kind == "e":
            cell.value, cell.error = stored, True
        else:
            self._number(cell, stored)

    def _number(self, cell: Cell, stored: str) -> None:
        number = float(stored)
        cell.value = int(number) if number.is_integer() and abs(number) < 1e15 else number
        style = cell.number_format
        if is_date_format(style) and not is_timedelta_format(style):
            cell.number, cell.value = number, _moment(number, cell.value, self.book.start)

    def _reads_another_book(self) -> bool:
        """A shared formula is written out once; the cells below it only refer to it."""
        found = links_out("".join(self.code), self.book.names, self.book.links)
        if self.link:
            found = found or self.link in self.shared
            if found:
                self.shared.add(self.link)
        return found

    def _never_calculated(self, cell: Cell, kind: str, stored: str) -> bool:
        """Programs write formulas without a value, or with 0 for Excel to calculate."""
        if stored.strip() == "":
            return kind != "str" or self.book.unfinished
        return self.book.unfinished and kind == "n" and float(stored) == 0

    def _mark_arrays(self) -> None:
        """The cells of an array below its first hold no formula, and a 0 as good as none."""
        for left, top, right, bottom in self.arrays:
            for row, cells in self.sheet.cells.items():
                for number, cell in cells.items() if top <= row <= bottom else ():
                    stored = cell.value if cell.number is None else cell.number
                    if left <= number <= right and stored == 0:
                        cell.uncalculated = True


def _moment(number: float, plain: object, start: datetime) -> object:
    """What Excel shows a day number as; a number that is no day stays a number."""
    if 0 <= number < 1 and start == WINDOWS_START:
        return (datetime.min + timedelta(microseconds=int(number * DAY))).time()
    if not 0 <= number < LAST_DAY + 1:
        return plain
    days = int(number)
    # Cut off, not rounded: the last instant of March is still March.
    clock = timedelta(microseconds=int((number - days) * DAY))
    if 0 < days < 60 and start == WINDOWS_START:
        days += 1  # Excel counts a 29 February 1900
    return start + timedelta(days=days) + clock


def _bounds(where: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(where)
    return left or 1, top or 1, right or 16_384, bottom or 1_048_576


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _unescaped(text: str) -> str:
    """Excel writes characters that XML does not know as _x000D_."""
    return ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)
