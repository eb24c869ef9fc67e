"""One cell, leniently typed: what a planner typed becomes what the catalogue asks for."""

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
from kido.data.workbook.raw import BadCell, Raw, fold, tidy
from kido.messages import listed, phrase

# Text for people: kept as it was typed. All other text names something and is folded.
PROSE = ("title", "story", "source", "what", "where", "date")
# The circle has several code points; a Japanese keyboard offers the zero of kanji first.
YES = ("yes", "y", "true", "はい", "1", "○", "〇", "◯", "⭕")
NO = ("no", "n", "false", "いいえ", "0", "×", "✕", "✖", "╳", "☓", "❌")
# Kinds whose text is read as a number or month, and columns of text that hold numbers.
COUNTING = (*NUMERIC, "month", "calendar", "reference")
NUMBERS_IN_TEXT = (("Sweeps", "values"),)


def parse(column: Column, raw: Raw) -> object:
    """The typed value of a cell that is not blank. Raises BadCell."""
    _check_digits(column, raw)
    value = PARSERS[column.kind](column, raw)
    return settled(column, value) if isinstance(value, float) else value


def _check_digits(column: Column, raw: Raw) -> None:
    """A footnote sign or a power after a number must not become a part of it."""
    text = raw.value
    counts = column.kind in COUNTING or (column.sheet, column.key) in NUMBERS_IN_TEXT
    if not counts or not isinstance(text, str) or not (sign := disguised_digit(text)):
        return
    if column.kind == "reference" and not PLAIN.fullmatch(tidy(text)):
        return
    key = "not-a-number.sign" if column.kind != "month" else "not-a-month.sign"
    raise BadCell(key, sign=sign, code=f"U+{ord(sign):04X}")


def blank_value(column: Column) -> object:
    """What a blank cell of the column stands for: its default, typed."""
    if column.default:
        return PARSERS[column.kind](column, Raw(column.default))
    empty: dict[str, object] = {"month": None, "reference": None, "words": (), "flag": False}
    return math.nan if column.kind in NUMERIC else empty.get(column.kind, "")


def _choice(column: Column, raw: Raw) -> str:
    known = {fold(text): word.code for word in column.words.values() for text in word.spellings}
    text = fold(raw.shown)
    if text in known:
        return known[text]
    terms = [word.term for word in column.words.values()]
    close = column.term_of_spelling(nearest(text, column.spellings))
    advice = phrase("part.close", close=close) if close else phrase("part.choose")
    raise BadCell("not-a-choice", column=column.term, choices=listed(terms), advice=advice)


def _flag(column: Column, raw: Raw) -> bool:
    text = fold(raw.shown)
    if text in YES or text in NO:
        return text in YES
    raise BadCell("not-a-flag", column=column.term)


def _text(column: Column, raw: Raw) -> str:
    return raw.shown.strip() if column.key in PROSE else _known(column, tidy(raw.shown))


def _known(column: Column, text: str) -> str:
    """A text, or what a word that kido knows in the column is inside."""
    for word in column.words.values():
        if fold(text) in map(fold, word.spellings):
            return word.code
    return text


def _name(column: Column, raw: Raw) -> str:
    text = tidy(raw.shown)
    if ";" in text:
        raise BadCell("semicolon-in-name")
    return _known(column, text)


def _words(column: Column, raw: Raw) -> tuple[str, ...]:
    parts = re.split(r"[;\n]", unicodedata.normalize("NFKC", raw.shown))
    return tuple(dict.fromkeys(_known(column, word) for word in map(tidy, parts) if word))


def _reference(column: Column, raw: Raw) -> float | str:
    if isinstance(raw.value, str) and not PLAIN.fullmatch(tidy(raw.value)):
        return _name(column, raw)
    return number_cell(column, raw)


PARSERS: dict[str, Callable[[Column, Raw], object]] = {
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
    "reference": _reference,
    "calendar": calendar_cell,
}
