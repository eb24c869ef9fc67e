"""The cells of a workbook as stored, with errors, formulas, links and strikethrough."""

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
    number: float | None = None  # the stored number of a date
    error: bool = False
    uncalculated: bool = False
    linked: bool = False
    strikethrough: bool = False

    @property
    def coordinate(self) -> str:
        """The address of the cell: `C7`."""
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def number_format(self) -> str:
        """The number format of the cell."""
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
    """The parts of a workbook that its sheets share."""

    strings: list[tuple[str, bool]]
    styles: Styles
    start: datetime
    unfinished: bool
    names: frozenset[str]
    links: int


def stored_sheets(data: bytes) -> list[StoredSheet]:
    """Every worksheet of a workbook. A damaged one can raise any error of the parser."""
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
    sheets: list[tuple[str, str, str]] = []
    options: Attributes = {}
    names: dict[str, str] = {}
    name = ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal name
        name = attributes.get("name", "") if tag == "definedName" else ""
        if tag == "sheet":
            sheets.append(
                (attributes.get("name", ""), attributes.get("state", ""), local(attributes, "id"))
            )
        elif tag in ("workbookPr", "calcPr"):
            options.update(attributes)

    def text(data: str) -> None:
        if name:
            names[name] = names.get(name, "") + data

    package.walk(main, start, text=text)
    return sheets, options, names


class _Texts:
    """The text of a rich or plain string, without the phonetic guide of kanji."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.strikethrough = self._phonetic = self._open = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._open = not self._phonetic
        elif tag == "strike":
            self.strikethrough = self.strikethrough or truth(attributes.get("val", "1"))

    def end(self, tag: str) -> None:
        if tag == "rPh":
            self._phonetic = False
        elif tag == "t":
            self._open = False

    def text(self, data: str) -> None:
        if self._open:
            self.pieces.append(data)

    def joined(self) -> str:
        """The whole text."""
        return _unescaped("".join(self.pieces))


class _Strings(_Texts):
    """The shared strings of a workbook, each with whether any part is struck out."""

    def __init__(self, package: Package, part: str):
        super().__init__()
        self.texts: list[tuple[str, bool]] = []
        if part:
            package.walk(part, self.start, self.end, self.text)

    def end(self, tag: str) -> None:
        super().end(tag)
        if tag == "si":
            self.texts.append((self.joined(), self.strikethrough))
            super().__init__()


class _SheetWalk:
    """A parser of one sheet. Cells without a coordinate follow the one before."""

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
        self.target: list[str] | None = None
        self.value: list[str] = []
        self.code: list[str] = []

    def walk(self, package: Package, part: str) -> None:
        """Parses the part of the sheet into `sheet`."""
        package.walk(part, self._start, self._end, self._text)
        if self.book.unfinished:
            self._mark_arrays()

    def _start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self._open(attributes)
        elif tag == "row":
            self.row = int(attributes.get("r") or self.row + 1)
            self.column = 0
            if truth(attributes.get("hidden", "")) or attributes.get("ht") == "0":
                self.sheet.hidden_rows.add(self.row)
        elif self.in_cell:
            self._inside(tag, attributes)
        elif tag == "mergeCell":
            where = attributes.get("ref", "")
            self.sheet.merged.append((*_bounds(where), where))
        elif tag == "col" and (
            truth(attributes.get("hidden", "")) or attributes.get("width") == "0"
        ):
            self.sheet.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))

    def _open(self, attributes: Attributes) -> None:
        match = COORDINATE.fullmatch(attributes.get("r", ""))
        if match:
            self.row, self.column = int(match[2]), _column(match[1])
        else:
            self.column += 1
        self.cell, self.in_cell, self.formula, self.inline = attributes, True, False, None
        self.link = ""
        self.value, self.code = [], []

    def _inside(self, tag: str, attributes: Attributes) -> None:
        if tag == "v":
            self.target = self.value
        elif tag == "f":
            self.formula, self.target = True, self.code
            self.link = attributes.get("si", "") if attributes.get("t") == "shared" else ""
            if attributes.get("t") in ("array", "dataTable") and ":" in attributes.get("ref", ""):
                self.arrays.append(_bounds(attributes["ref"]))
        elif tag == "is":
            self.inline = _Texts()
        elif self.inline is not None:
            self.inline.start(tag, attributes)

    def _text(self, data: str) -> None:
        if self.target is not None:
            self.target.append(data)
        elif self.inline is not None:
            self.inline.text(data)

    def _end(self, tag: str) -> None:
        self.target = None
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
        cell = Cell(self.row, self.column, None, style, strikethrough=style.strikethrough)
        self._fill(cell, kind, stored)
        if self.formula:
            self.formulas.add((self.row, self.column))
            cell.linked = self._reads_another_book()
            cell.uncalculated = self._never_calculated(cell, kind, stored)
        if cell.value is not None or cell.uncalculated:
            self.sheet.cells.setdefault(self.row, {})[self.column] = cell

    def _fill(self, cell: Cell, kind: str, stored: str) -> None:
        if self.inline is not None:
            cell.value, part_strikethrough = self.inline.joined(), self.inline.strikethrough
            cell.strikethrough = cell.strikethrough or part_strikethrough
        elif stored == "" and kind != "str":
            return
        elif kind == "s":
            cell.value, part_strikethrough = self.book.strings[int(stored)]
            cell.strikethrough = cell.strikethrough or part_strikethrough
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
        """Whether the formula, or the shared one it refers to, links to another workbook."""
        linked = links_out("".join(self.code), self.book.names, self.book.links)
        if self.link:
            linked = linked or self.link in self.shared
            if linked:
                self.shared.add(self.link)
        return linked

    def _never_calculated(self, cell: Cell, kind: str, stored: str) -> bool:
        """Whether the formula has no value, or a 0 that Excel has still to calculate."""
        if stored.strip() == "":
            return kind != "str" or self.book.unfinished
        return self.book.unfinished and kind == "n" and float(stored) == 0

    def _mark_arrays(self) -> None:
        """Marks the zeros of array formulas, below the first cell, as not calculated."""
        for left, top, right, bottom in self.arrays:
            for row, cells in self.sheet.cells.items():
                for number, cell in cells.items() if top <= row <= bottom else ():
                    stored = cell.value if cell.number is None else cell.number
                    if left <= number <= right and stored == 0:
                        cell.uncalculated = True


def _moment(number: float, plain: object, start: datetime) -> object:
    """The date or time of a day number; `plain` for a number that is no day."""
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
    """The text with the escapes of Excel (_x000D_) as characters."""
    return ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code < 0xE000 else chr(code)
