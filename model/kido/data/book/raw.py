"""A cell as it stands, and the fault of one that cannot be what its column asks for."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from kido.data.schema import Column

# Marks of direction, of joining, of order and of a letter's form: nobody sees them.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


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
        value = self.value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, (int, float)):
            return f"{value * 100:.15g} %" if self.percent else digits(value)
        if isinstance(value, datetime) and value.time() != time():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        if isinstance(value, time):
            return f"{value:%H:%M:%S}" if value != time() else "0"
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


def digits(value: float) -> str:
    """A number as it is typed: with as many digits as tell it from its neighbours."""
    short = f"{value:.15g}"
    return short if float(short) == value else repr(float(value))


class BadCell(ValueError):
    """A cell that cannot be what its column asks for."""

    def __init__(self, code: str, sentence: str, expected: str = "", advice: str = ""):
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.expected = expected
        self.advice = advice


@lru_cache(maxsize=20_000)
def tidy(text: str) -> str:
    """Full-width letters made plain, invisible characters gone, blanks collapsed."""
    return " ".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).split())


def fold(text: str) -> str:
    return tidy(text).casefold()


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not tidy(value))


def takes_percent(column: Column) -> bool:
    return column.kind in ("share", "rate") or "share" in column.unit.split("; ")
