"""What the checks share: how a finding is made, and where rows lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.errors import Finding

Check = Callable[[Tables, NameIndex], Iterator[Finding]]
MOST_NAMED = 5


def _finding(
    warning: bool,
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
    return Finding(code, place, sentence, str(found), expected, advice, warning)


fault = partial(_finding, False)
warning = partial(_finding, True)


def end_of_plan(tables: Tables) -> int:
    """The first month after the plan, run-out included."""
    return tables.settings.start + sum(tables.settings.calendar) + tables.settings.run_out


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


def reached(words: NameIndex, given: Iterable[str], sheet: str) -> list[str]:
    """The rows of a sheet that any of the words reaches, in no particular order twice."""
    return list(dict.fromkeys(name for word in given for name in words.rows(word, sheet)))
