"""Functions that the checks share: findings of cells, lists of names, rows by word."""

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
    value: object = "",
    /,
    **values: object,
) -> Finding:
    """The finding of the cell of a row and column, which holds `value`.

    `values` go into the message `key`.
    """
    return Finding(key, frame.place(row, column), value, tuple(values.items()), warning)


fault = partial(_finding, False)
warning = partial(_finding, True)


def end_of_plan(tables: Tables) -> int:
    """The first month after the plan, run-out included."""
    return tables.settings.start + sum(tables.settings.calendar) + tables.settings.run_out


def by_name(frame: Frame) -> Mapping[str, Any]:
    """The rows of a sheet by the first of its key columns."""
    key = catalogue()[frame.sheet].keys[0]
    return {getattr(row, key): row for row in frame.records()}


def name_list(names: Iterable[object]) -> ItemList:
    """A list of names, for messages: `a, b, c, d, e and 7 more`."""
    return listed(names, MOST_NAMED)


def as_typed(words: Any) -> Any:
    """The value of a cell; a list as it is typed, separated by semicolons."""
    return "; ".join(words) if isinstance(words, tuple) else words


def in_words(sheet: str, key: str, value: Any) -> object:
    """The value of a cell, for messages, its codes as words."""
    column = catalogue()[sheet].columns[key]
    if isinstance(value, tuple):
        return listed(map(column.term_of, value), joint="list")
    return column.term_of(value) if isinstance(value, str) else value


def did_you_mean(close: str | Term, otherwise: Phrase) -> Phrase:
    """The advice on an unknown word: the closest known one, or `otherwise`."""
    return phrase("part.close", close=close) if close else otherwise


def rows_reached(words: NameIndex, selectors: Iterable[str], sheet: str) -> list[str]:
    """The rows of a sheet that any of the words reaches, each once."""
    return list(dict.fromkeys(name for word in selectors for name in words.rows(word, sheet)))


def disrupted_ancestor(name: str, scenarios: Mapping[str, Any]) -> str:
    """The scenario marked as a disruption among a scenario and its ancestors; "" if none is."""
    seen: set[str] = set()
    while name in scenarios and name not in seen:
        if scenarios[name].disruption:
            return name
        seen.add(name)
        name = scenarios[name].parent
    return ""
