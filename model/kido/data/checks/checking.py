"""What the checks share: how a finding is made, and where rows lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kido.data.schema import catalogue
from kido.data.tables import Frame, Tables
from kido.data.words import Words
from kido.errors import Finding

Check = Callable[[Tables, Words], Iterator[Finding]]
MOST_NAMED = 5


def fault(
    code: str,
    frame: Frame,
    row: int,
    key: str,
    sentence: str,
    found: object = "",
    expected: str = "",
    advice: str = "",
) -> Finding:
    return Finding(code, frame.place(row, key), sentence, str(found), expected, advice)


def warning(
    code: str,
    frame: Frame,
    row: int,
    key: str,
    sentence: str,
    found: object = "",
    expected: str = "",
    advice: str = "",
) -> Finding:
    place = frame.place(row, key)
    return Finding(code, place, sentence, str(found), expected, advice, warning=True)


def by_name(frame: Frame) -> Mapping[str, Any]:
    """The rows of a sheet by the first of its key columns."""
    key = catalogue()[frame.sheet].keys[0]
    return {getattr(row, key): row for row in frame.records()}


def named(names: Iterable[str]) -> str:
    """`a, b, c and 7 more`."""
    every = list(names)
    text = ", ".join(every[:MOST_NAMED])
    rest = len(every) - MOST_NAMED
    return f"{text} and {rest} more" if rest > 0 else text


def reached(words: Words, given: Iterable[str], sheet: str) -> list[str]:
    """The rows of a sheet that any of the words reaches, in no particular order twice."""
    return list(dict.fromkeys(name for word in given for name in words.rows(word, sheet)))
