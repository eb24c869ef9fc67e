"""A cell as it stands, and the fault of one that cannot be what its column asks for."""

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

# Two code points for one dash, of which normalisation knows one.
WAVE_DASH = "\u301c"


@dataclass(frozen=True)
class Raw:
    """A cell's stored value, and how Excel shows it.

    `number` is what is stored where a date is shown.
    """

    value: object
    percent: bool = False
    number_format: str = "General"
    number: float | None = None

    @property
    def shown(self) -> str:
        """As Excel shows it, with 15 digits at most: also the name that a number makes."""
        return self._text(lambda number: f"{number:.15g}")

    @property
    def told(self) -> str:
        """As messages show it: with as many digits as tell a number from its neighbours."""
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
    """A number as it is typed: with as many digits as tell it from its neighbours."""
    if math.isinf(value):
        return f"{'-' if value < 0 else ''}a number of more than 300 digits"
    short = f"{value:.15g}"
    return short if float(short) == value else repr(float(value))


class BadCell(ValueError):
    """A cell that cannot be what its column asks for: a message, and what goes into it."""

    def __init__(self, key: str, /, **values: object):
        self.key = key
        self.values = tuple(values.items())
        super().__init__(self.sentence)

    @property
    def code(self) -> str:
        return self.key.partition(".")[0]

    @property
    def sentence(self) -> str:
        return text_of(self.key, "sentence", self.values, ENGLISH)

    @property
    def wanted(self) -> Phrase:
        """What should stand there."""
        return Phrase(self.key, "expected", self.values)

    @property
    def expected(self) -> str:
        return self.wanted.in_language(ENGLISH)

    @property
    def advice(self) -> str:
        return text_of(self.key, "advice", self.values, ENGLISH)

    def at(self, place: Place, held: str) -> Finding:
        """The fault of the cell at a place, which holds this."""
        return Finding(self.key, place, held, self.values)


@lru_cache(maxsize=20_000)
def tidy(text: str) -> str:
    """Full-width letters made plain, invisible characters gone, blanks collapsed."""
    plain = INVISIBLE.sub("", text).replace(WAVE_DASH, "~")
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def fold(text: str) -> str:
    return tidy(text).casefold()


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not tidy(value))


def takes_percent(column: Column) -> bool:
    return column.kind in ("share", "rate") or "share" in column.unit.split("; ")
