"""What the checks share: how a finding is made, and where rows lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.errors import Finding
from kido.messages import ItemList, Phrase, Term, listed, phrase

Check = Callable[[Tables, NameIndex], Iterator[Finding]]
MOST_NAMED = 5


BLANK = phrase("part.blank")


def _finding(
    warning: bool,
    key: str,
    frame: Frame,
    row: int,
    column: str,
    held: object = "",
    /,
    **values: object,
) -> Finding:
    """Of the cell of a row and column: `held` stands there, `values` go into the words."""
    return Finding(key, frame.place(row, column), held, tuple(values.items()), warning)


fault = partial(_finding, False)
warning = partial(_finding, True)


def end_of_plan(tables: Tables) -> int:
    """The first month after the plan, run-out included."""
    return tables.settings.start + sum(tables.settings.calendar) + tables.settings.run_out


def by_name(frame: Frame) -> Mapping[str, Any]:
    """The rows of a sheet by the first of its key columns."""
    key = catalogue()[frame.sheet].keys[0]
    return {getattr(row, key): row for row in frame.records()}


def named(names: Iterable[object]) -> ItemList:
    """`a, b, c, d, e and 7 more`."""
    return listed(names, MOST_NAMED)


def typed(words: Any) -> Any:
    """What stands in a cell, of a list the way it was typed."""
    return "; ".join(words) if isinstance(words, tuple) else words


def shown(sheet: str, key: str, value: Any) -> object:
    """What stands in a cell that may hold words of kido's own."""
    column = catalogue()[sheet].columns[key]
    if isinstance(value, tuple):
        return listed(map(column.term_of, value), joint="list")
    return column.term_of(value) if isinstance(value, str) else value


def did_you_mean(close: str | Term, otherwise: Phrase) -> Phrase:
    """What to do about a word that is not known."""
    return phrase("part.close", close=close) if close else otherwise


def reached(words: NameIndex, given: Iterable[str], sheet: str) -> list[str]:
    """The rows of a sheet that any of the words reaches, in no particular order twice."""
    return list(dict.fromkeys(name for word in given for name in words.rows(word, sheet)))
