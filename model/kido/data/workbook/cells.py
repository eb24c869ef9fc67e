"""Parsing of cells: `parse` returns the typed value of a cell, by the kind of its column."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from kido.data.alike import nearest
from kido.data.schema import Column
from kido.data.workbook.cellnumber import NUMERIC, PLAIN, integer_cell, number_cell, settled
from kido.data.workbook.celltime import calendar_cell, month_cell
from kido.data.workbook.characters import disguised_digit
from kido.data.workbook.raw import BadCell, RawCell, fold, tidy
from kido.messages import listed, phrase

# Columns of free text, kept as typed. All other text is a name and is tidied.
PROSE = ("title", "story", "source", "what", "where", "date")
# The circle has several code points; Japanese keyboards offer the kanji zero first.
YES = ("yes", "y", "true", "はい", "1", "○", "〇", "◯", "⭕")
NO = ("no", "n", "false", "いいえ", "0", "×", "✕", "✖", "╳", "☓", "❌")
# Kinds whose text is read as a number or month, and columns of text that hold numbers.
COUNTING = (*NUMERIC, "numbers", "month", "calendar", "reference")
NUMBERS_IN_TEXT = (("Sweeps", "values"),)


def parse(column: Column, raw: RawCell) -> object:
    """The typed value of a cell that is not blank. Raises BadCell."""
    _check_digits(column, raw)
    value = PARSERS[column.kind](column, raw)
    return settled(column, value) if isinstance(value, float) else value


def _check_digits(column: Column, raw: RawCell) -> None:
    """Raises BadCell for a superscript or circled digit, which would be read as a digit."""
    text = raw.value
    counts = column.kind in COUNTING or (column.sheet, column.key) in NUMBERS_IN_TEXT
    if not counts or not isinstance(text, str) or not (sign := disguised_digit(text)):
        return
    if column.kind == "reference" and not PLAIN.fullmatch(tidy(text)):
        return
    key = "not-a-number.sign" if column.kind != "month" else "not-a-month.sign"
    raise BadCell(key, sign=sign, code=f"U+{ord(sign):04X}")


def blank_value(column: Column) -> object:
    """The value of a blank cell of the column: its default, typed."""
    if column.default:
        return PARSERS[column.kind](column, RawCell(column.default))
    empty: dict[str, object] = {
        "month": None,
        "reference": None,
        "words": (),
        "numbers": (),
        "flag": False,
    }
    return math.nan if column.kind in NUMERIC else empty.get(column.kind, "")


def _choice(column: Column, raw: RawCell) -> str:
    known = {fold(text): word.code for word in column.words.values() for text in word.spellings}
    text = fold(raw.text)
    if text in known:
        return known[text]
    terms = [word.term for word in column.words.values()]
    close = column.term_of_spelling(nearest(text, column.spellings))
    advice = phrase("part.close", close=close) if close else phrase("part.choose")
    raise BadCell("not-a-choice", column=column.term, choices=listed(terms), advice=advice)


def _flag(column: Column, raw: RawCell) -> bool:
    text = fold(raw.text)
    if text in YES or text in NO:
        return text in YES
    raise BadCell("not-a-flag", column=column.term)


def _text(column: Column, raw: RawCell) -> str:
    return raw.text.strip() if column.key in PROSE else _known(column, tidy(raw.text))


def _known(column: Column, text: str) -> str:
    """The code of a text that is a word of the column; any other text, as it is."""
    for word in column.words.values():
        if fold(text) in map(fold, word.spellings):
            return word.code
    return text


def _name(column: Column, raw: RawCell) -> str:
    text = tidy(raw.text)
    if ";" in text:
        raise BadCell("semicolon-in-name")
    return _known(column, text)


def _words(column: Column, raw: RawCell) -> tuple[str, ...]:
    parts = re.split(r"[;\n]", unicodedata.normalize("NFKC", raw.text))
    return tuple(dict.fromkeys(_known(column, word) for word in map(tidy, parts) if word))


def _numbers(column: Column, raw: RawCell) -> tuple[float, ...]:
    if not isinstance(raw.value, str):
        return (settled(column, number_cell(column, raw)),)
    parts = re.split(r"[;\n]", unicodedata.normalize("NFKC", raw.value))
    cells = [RawCell(part) for part in parts if tidy(part)]
    return tuple(sorted({settled(column, number_cell(column, cell)) for cell in cells}))


def _reference(column: Column, raw: RawCell) -> float | str:
    if isinstance(raw.value, str) and not PLAIN.fullmatch(tidy(raw.value)):
        return _name(column, raw)
    return number_cell(column, raw)


PARSERS: dict[str, Callable[[Column, RawCell], object]] = {
    "text": _text,
    "name": _name,
    "number": number_cell,
    "share": number_cell,
    "rate": number_cell,
    "integer": integer_cell,
    "month": month_cell,
    "flag": _flag,
    "choice": _choice,
    "words": _words,
    "numbers": _numbers,
    "reference": _reference,
    "calendar": calendar_cell,
}
