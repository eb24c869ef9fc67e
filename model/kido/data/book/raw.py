"""A cell as it stands, and the fault of one that cannot be what its column asks for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from kido.data.schema import Column

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u00ad"))


@dataclass(frozen=True)
class Raw:
    """A cell's stored value, and whether Excel shows it as a percentage."""

    value: object
    percent: bool = False

    @property
    def shown(self) -> str:
        value = self.value
        if isinstance(value, bool):
            return str(value).upper()
        if isinstance(value, (int, float)):
            return f"{value * 100:g} %" if self.percent else f"{value:.15g}"
        return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)


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
    return " ".join(unicodedata.normalize("NFKC", text).translate(INVISIBLE).split())


def fold(text: str) -> str:
    return tidy(text).casefold()


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not tidy(value))


def takes_percent(column: Column) -> bool:
    return column.kind in ("share", "rate") or "share" in column.unit.split("; ")
