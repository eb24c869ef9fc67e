"""Matching of sheet titles and column headers with the catalogue."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from kido.data.alike import nearest
from kido.data.schema import Column, Sheet, catalogue, sheet_term
from kido.data.workbook.raw import fold, tidy
from kido.data.workbook.shownunit import is_unit
from kido.errors import Finding, Place
from kido.messages import ENGLISH, JAPANESE, Term, Unit, phrase

BRACKETS = ("[]", "()", "【】", "〔〕", "〈〉", "<>", "{}", "「」", "『』")
OPEN, SHUT = (re.escape("".join(pair[i] for pair in BRACKETS)) for i in (0, 1))
UNIT = re.compile(rf"(.*[^\s{OPEN}])\s*([{OPEN}])\s*(.*?)\s*[{SHUT}]")
CLOSE = 0.8
NEEDED_SHEETS = ("Settings", "Commodities", "Sites")
OPTIONAL_SHEETS = ("Hazards", "Underway", "Orders", "Actuals")  # older books have none of them
# Columns that every sheet may have say nothing about which sheet it is.
SHARED_KEYS = ("name", "source", "grade", "use", "tags")
LEAST_ALIKE = 2
# One spelling for each unit with several.
UNIT_WORDS = {
    "米?ドル": "usd",
    r"\b(?:year|y|a|annum)\b|年": "yr",
    "トン|\\b(?:tonnes?|tons?|mt)\\b": "t",
    "キログラム|キロ": "kg",
    r"\b(?:month|mo)\b|[かカヵヶケ箇]?月": "months",
}
PRIVATE = "#"
Add = Callable[[Finding], None]


@dataclass
class Headers:
    """The header row of one sheet: column number of each key; private and unknown columns."""

    row: int
    numbers: dict[str, int] = field(default_factory=dict)
    private: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def match_sheets(
    titles: Sequence[str], add: Add, heads: Callable[[str], Iterable[str]] = lambda title: ()
) -> dict[str, str]:
    """Catalogue name -> title in the book; misspelt, double and missing sheets go to `add`.

    `heads` gives the header texts of a sheet, which identify one under an unknown title.
    """
    known = {fold(title): s.name for s in catalogue().values() for title in (s.name, s.title_ja)}
    matches: dict[str, str] = {}
    unknown = []
    for title in titles:
        name = known.get(fold(title))
        if name is None:
            unknown.append(title)
        elif name in matches:
            add(Finding.of("sheet-twice", Place(title), other=matches[name]))
        else:
            matches[name] = title
    guesses = set()
    for title in unknown:
        if title.startswith(PRIVATE):
            continue
        absent = {text: name for text, name in known.items() if name not in matches}
        close = _similar_title(title, known) or _title_with_name(title, absent)
        close = close or _sheet_by_columns(heads(title), set(absent.values()))
        if close:
            guesses.add(close)
            add(Finding.of("sheet-unknown", Place(title), title, sheet=sheet_term(close)))
    japanese = [name for name, title in matches.items() if title == catalogue()[name].title_ja]
    language = JAPANESE if 2 * len(japanese) > len(matches) else ENGLISH
    for name in catalogue():
        if name not in (*matches, *guesses, *OPTIONAL_SHEETS):
            add(_missing_sheet(name, language))
    return matches


def _missing_sheet(name: str, language: str) -> Finding:
    """The finding of a missing sheet; `language` is that of the titles of the others."""
    place, sheet = Place(catalogue()[name].title(language)), sheet_term(name)
    if name in NEEDED_SHEETS:
        return Finding.of("sheet-missing", place, sheet=sheet)
    return Finding.warn("sheet-absent", place, phrase("part.no_sheet"), sheet=sheet)


def _similar_title(title: str, known: Mapping[str, str]) -> str:
    text = fold(title)
    stem = text.rstrip("sy")
    for folded, name in known.items():
        if len(stem) >= 4 and folded.startswith(stem):
            return name
    close = difflib.get_close_matches(text, list(known), n=1, cutoff=CLOSE)
    return known[close[0]] if close else ""


def _title_with_name(title: str, absent: Mapping[str, str]) -> str:
    """The missing sheet whose name is part of a title: `Events old`, `Old events (2)`; or ''."""
    text = fold(title)
    for folded, name in absent.items():
        if re.search(rf"(?<![a-z]){re.escape(folded)}", text):
            return name
    return ""


def _sheet_by_columns(texts: Iterable[str], absent: set[str]) -> str:
    """The missing sheet whose columns make up at least half of a header row; or ''."""
    heads = list(texts)
    best, most = "", max(LEAST_ALIKE, len(heads) / 2) - 0.5
    for name in sorted(absent - {"Settings"}):
        columns = _by_text(catalogue()[name])
        keys = {
            columns[label].key for t in heads if (label := _split_header(t, columns)[0]) in columns
        }
        alike = len(keys)
        if len(keys - set(SHARED_KEYS)) >= LEAST_ALIKE and alike >= len(heads) / 2 and alike > most:
            best, most = name, alike
    return best


def _by_text(sheet: Sheet) -> dict[str, Column]:
    return {fold(name): column for column in sheet.columns.values() for name in _spellings(column)}


def match_headers(
    sheet: Sheet, title: str, row: int, cells: Mapping[int, str], add: Add
) -> Headers:
    """The columns of a sheet in a header row; unknown and double headers go to `add`.

    `cells` are the texts of the row by column number.
    """
    columns = _by_text(sheet)
    headers = Headers(row)
    unknown: list[tuple[int, str]] = []
    for number, text in cells.items():
        where = Place(title, f"{get_column_letter(number)}{row}")
        label, unit = _split_header(text, columns)
        column = columns.get(label)
        if text.lstrip().startswith(PRIVATE):
            headers.private.add(number)
        elif column is None:
            unknown.append((number, text))
        elif column.key in headers.numbers:
            first = f"{get_column_letter(headers.numbers[column.key])}{row}"
            add(Finding.of("column-twice", where, text, column=column.term, first=first))
        else:
            headers.numbers[column.key] = number
            _check_unit(column, unit, where, add)
            if column.old_name and label == fold(column.old_name):
                about = {"old": column.old_name, "new": column.term}
                add(Finding.warn("old-word", where, text, **about))
    missing = {
        name: column
        for column in sheet.columns.values()
        if column.key not in headers.numbers
        for name in _spellings(column)
    }
    for number, text in unknown:
        headers.unknown.add(number)
        where = Place(title, f"{get_column_letter(number)}{row}")
        _unknown(sheet, text, missing, where, add)
    return headers


def _spellings(column: Column) -> tuple[str, ...]:
    names = column.name, column.name_ja, column.old_name
    return tuple(name for name in names if name)


def header_row(sheet: Sheet, rows: Mapping[int, Mapping[int, str]]) -> int:
    """The number of the header row: the first row, or one below a title of the table."""
    columns = _by_text(sheet)
    first = next(iter(rows), 0)
    for row, texts in rows.items():
        known = sum(_split_header(text, columns)[0] in columns for text in texts.values())
        if known >= min(LEAST_ALIKE, len(sheet.columns)) and 2 * known >= len(texts):
            return row
        if row == first and known >= LEAST_ALIKE:
            return first
    return first


def _split_header(text: str, columns: Mapping[str, Column]) -> tuple[str, str]:
    """(name, unit) of a header, the unit in any brackets; in none if it is the column's own."""
    label = fold(text)
    if known := _without_spaces(label, columns):
        return known, ""
    if match := UNIT.fullmatch(tidy(text)):
        name, unit = fold(match[1]), match[3]
        name = _without_spaces(name, columns) or name
        if match[2] == "[" or (
            name in columns and (_same_unit(unit, columns[name]) or is_unit(unit))
        ):
            return name, unit
        return label, ""  # a remark: perhaps of a column of its own
    for name, column in columns.items():
        rest = label.removeprefix(name)
        if column.unit and rest != label and _same_unit(rest.strip(" ,:;/_-"), column):
            return name, column.unit
    return label, ""


def _without_spaces(label: str, columns: Mapping[str, Column]) -> str:
    """The name of a column in a label, also with spaces between the characters: 価 格; or ''."""
    spread = not label.isascii() and label.replace(" ", "")
    return label if label in columns else spread if spread and spread in columns else ""


def _without_remark(text: str) -> str:
    match = UNIT.fullmatch(tidy(text))
    return fold(match[1] if match else text)


def _same_unit(unit: str, column: Column) -> bool:
    known = (column.unit, column.unit_in("ja"), *column.unit.split("; "))
    return _plain_unit(unit) in map(_plain_unit, known)


def _plain_unit(unit: str) -> str:
    """A unit without blanks, with one spelling for units with several."""
    text = (
        fold(unit)
        .replace("us$", "usd")
        .replace("$", "usd")
        .replace(" per ", "/")
        .replace(" a ", "/")
    )
    for word, plain in UNIT_WORDS.items():
        text = re.sub(word, plain, text)
    return text.replace(" ", "")


def _check_unit(column: Column, unit: str, where: Place, add: Add) -> None:
    if not unit or _same_unit(unit, column):
        return
    expected = Unit(column.unit) if column.unit else phrase("part.no_unit")
    add(
        Finding.of(
            "column-unit", where, unit, column=column.term, unit=expected, header=column.head
        )
    )


def _unknown(sheet: Sheet, text: str, missing: dict[str, Column], where: Place, add: Add) -> None:
    label = _without_remark(text)
    spellings = [name for column in sheet.columns.values() for name in _spellings(column)]
    close = nearest(label, missing) or nearest(label, spellings)
    if close in missing:
        for name in _spellings(missing[close]):
            missing.pop(name, None)
    known = {name: c.name_ja for c in sheet.columns.values() for name in _spellings(c)}
    advice, term = phrase("part.rename_column"), Term(close, known.get(close, ""))
    if close:
        advice = phrase("part.close_column", close=term)
    words = {"sheet": sheet.term, "close": term, "advice": advice}
    add(Finding.of("column-unknown", where, tidy(text), **words))
