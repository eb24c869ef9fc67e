"""Which sheet is which, and which column: titles and headers as planners type them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kido.data.book.raw import fold, tidy
from kido.data.schema import Column, Sheet, catalogue
from kido.data.words import nearest
from kido.errors import Finding, Place

UNIT = re.compile(r"(.*\S)\s*\[\s*(.*?)\s*\]")
CLOSE = 0.8
NEEDED_SHEETS = ("Settings", "Commodities", "Sites")
PRIVATE = "#"
Add = Callable[[Finding], None]


@dataclass
class Headers:
    """The header row of one sheet: column number of each key; whose cells are private."""

    row: int
    numbers: dict[str, int] = field(default_factory=dict)
    private: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def match_sheets(titles: Sequence[str], add: Add) -> dict[str, str]:
    """Catalogue name -> title in the book. Misspelt, doubled, missing ones are faults."""
    known = {fold(title): s.name for s in catalogue().values() for title in (s.name, s.title_ja)}
    found: dict[str, str] = {}
    strange = []
    for title in titles:
        name = known.get(fold(title))
        if name is None:
            strange.append(title)
        elif name in found:
            sentence = f"This sheet and '{found[name]}' are the same sheet twice."
            advice = "keep one, or begin the title of the other with #"
            add(Finding("sheet-twice", Place(title), sentence, advice=advice))
        else:
            found[name] = title
    meant = {}
    for title in strange:
        close = _resembles(title, known)
        if close and not title.startswith(PRIVATE):
            meant[close] = title
            add(
                Finding(
                    "sheet-unknown",
                    Place(title),
                    "No sheet has this name; it looks like a misspelt one.",
                    found=title,
                    expected=close,
                    advice=f"rename it {close}, or begin its title with # if it is a note",
                )
            )
    for name in NEEDED_SHEETS:
        if name not in found and name not in meant:
            sentence = f"The sheet {name} is missing."
            advice = f"add it: kido new writes a blank book that has {name}"
            add(Finding("sheet-missing", Place(name), sentence, expected=name, advice=advice))
    return found


def _resembles(title: str, known: Mapping[str, str]) -> str:
    text = fold(title)
    stem = text.rstrip("sy")
    for folded, name in known.items():
        if len(stem) >= 4 and folded.startswith(stem):
            return name
    close = difflib.get_close_matches(text, list(known), n=1, cutoff=CLOSE)
    return known[close[0]] if close else ""


def match_headers(
    sheet: Sheet, title: str, row: int, cells: Mapping[int, str], add: Add
) -> Headers:
    """Match the texts of a header row (by column number) with the columns of the sheet."""
    columns = {
        fold(name): column for column in sheet.columns.values() for name in _spellings(column)
    }
    headers = Headers(row)
    unknown: list[tuple[int, str]] = []
    for number, text in cells.items():
        where = Place(title, f"{get_column_letter(number)}{row}")
        label, unit = _split(text, columns)
        column = columns.get(label)
        if text.lstrip().startswith(PRIVATE):
            headers.private.add(number)
        elif column is None:
            unknown.append((number, text))
        elif column.key in headers.numbers:
            first = f"{get_column_letter(headers.numbers[column.key])}{row}"
            sentence = f"The column '{column.name}' stands here and in {first}."
            add(Finding("column-twice", where, sentence, text, advice="keep one of the two"))
        else:
            headers.numbers[column.key] = number
            _check_unit(column, unit, where, add)
    missing = {c.name: c for c in sheet.columns.values() if c.key not in headers.numbers}
    for number, text in unknown:
        headers.unknown.add(number)
        where = Place(title, f"{get_column_letter(number)}{row}")
        _unknown(sheet, text, missing, where, add)
    return headers


def _spellings(column: Column) -> tuple[str, str]:
    return column.name, column.name_ja


def _split(text: str, columns: Mapping[str, Column]) -> tuple[str, str]:
    label = fold(text)
    match = UNIT.fullmatch(tidy(text))
    return (label, "") if label in columns or not match else (fold(match[1]), match[2])


def _check_unit(column: Column, unit: str, where: Place, add: Add) -> None:
    if not unit or fold(unit).replace(" ", "") == fold(column.unit).replace(" ", ""):
        return
    add(
        Finding(
            "column-unit",
            where,
            f"'{column.name}' is in another unit than the header says.",
            found=unit,
            expected=column.unit or "no unit",
            advice=f"convert the figures, then write the header {column.header()}",
        )
    )


def _unknown(sheet: Sheet, text: str, missing: dict[str, Column], where: Place, add: Add) -> None:
    label, _ = _split(text, {})
    close = nearest(label, list(missing)) or nearest(
        label, [c.name for c in sheet.columns.values()]
    )
    missing.pop(close, None)
    advice = f"did you mean {close}?" if close else "remove it"
    sentence = f"The sheet {sheet.name} has no such column."
    advice += " (A header that begins with # is a private note.)"
    add(Finding("column-unknown", where, sentence, tidy(text), close, advice))
