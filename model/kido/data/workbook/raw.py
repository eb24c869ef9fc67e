"""Raw cells, the error of a cell that its column does not accept, and tidying of text."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from kido.data.schema import Column
from kido.errors import Finding, Place
from kido.lookalike import INVISIBLE
from kido.messages import ENGLISH, Phrase, text_of

# One dash has two code points, of which normalisation replaces one.
WAVE_DASH = "\u301c"


@dataclass(frozen=True)
class RawCell:
    """The stored value of a cell with its number format; `number` is the number of a date."""

    value: object
    percent: bool = False
    number_format: str = "General"
    number: float | None = None

    @property
    def text(self) -> str:
        """The text of the value as Excel shows it, with 15 digits at most."""
        return self._text(lambda number: f"{number:.15g}")

    @property
    def exact_text(self) -> str:
        """The text of the value for messages, with all digits of a number."""
        return self._text(digits)

    def _text(self, number: Callable[[float], str]) -> str:
        value = self.value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, (int, float)):
            return f"{value * 100:.15g} %" if self.percent else number(value)
        if isinstance(value, datetime) and value.time() != time():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        if isinstance(value, time):
            return f"{value:%H:%M:%S}" if value != time() else "0"
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def digits(value: float) -> str:
    """The shortest text of a number that reads back as the same number."""
    if math.isinf(value):
        return f"{'-' if value < 0 else ''}a number of more than 300 digits"
    short = f"{value:.15g}"
    return short if float(short) == value else repr(float(value))


class BadCell(ValueError):
    """The error of a cell that its column does not accept: a message key and its values."""

    def __init__(self, key: str, /, **values: object):
        self.key = key
        self.values = tuple(values.items())
        super().__init__(self.sentence)

    @property
    def code(self) -> str:
        """The code of the finding."""
        return self.key.partition(".")[0]

    @property
    def sentence(self) -> str:
        """The message, in English."""
        return text_of(self.key, "sentence", self.values, ENGLISH)

    @property
    def expected_phrase(self) -> Phrase:
        """The expected value of the cell."""
        return Phrase(self.key, "expected", self.values)

    @property
    def expected(self) -> str:
        """The expected value, in English."""
        return self.expected_phrase.in_language(ENGLISH)

    @property
    def advice(self) -> str:
        """The advice, in English."""
        return text_of(self.key, "advice", self.values, ENGLISH)

    def at(self, place: Place, value: str) -> Finding:
        """The finding of the cell at a place, which holds `value`."""
        return Finding(self.key, place, value, self.values)


@lru_cache(maxsize=20_000)
def tidy(text: str) -> str:
    """The text with plain letters for full-width ones, single blanks, no invisible characters."""
    plain = INVISIBLE.sub("", text).replace(WAVE_DASH, "~")
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def fold(text: str) -> str:
    """The tidied text in lower case, for comparisons."""
    return tidy(text).casefold()


def is_blank(value: object) -> bool:
    """Whether a stored value is empty, or text without visible characters."""
    return value is None or (isinstance(value, str) and not tidy(value))


def takes_percent(column: Column) -> bool:
    """Whether percentages may be typed in a column."""
    return column.kind in ("share", "rate") or "share" in column.unit.split("; ")
