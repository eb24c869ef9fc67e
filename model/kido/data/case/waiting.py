"""What a contract waits for: the share of each month in which all that it hangs on is there.

A contract waits for the start, after delays, of each row that it covers, of each that `depends on`
names itself, and of what makes the goods: where nothing else brings a commodity to the origin of a
lane that it covers, one of the processes that make it there, with all the lines it uses. Of the
rows that a site or tag in `depends on` reaches only delays count: a site has lines that come years
later. Until then the contract has no life: nothing is lifted, owed or paid for. The month it is
signed in and its end stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from kido.data.case.case import Array
from kido.data.case.effects import Effects
from kido.data.selectors import NameIndex
from kido.data.tables import Tables

STOPPABLE = ("Supply", "Facilities", "Processes", "Routes")
Row = tuple[str, str]  # (sheet, name)
Series = tuple[Array, ...]  # one for each branch


def rows_depended(words: NameIndex, depends: Iterable[str]) -> set[Row]:
    """(sheet, row) of what the words of `depends on` reach."""
    return {(s, row) for word in depends for s in STOPPABLE for row in words.rows(word, s)}


class Waiting:
    """The starts and delays of the rows of a book, by branch and month."""

    def __init__(self, tables: Tables, words: NameIndex, effects: Effects):
        self.words, self.effects = words, effects
        self.rows = {s: {r.name: r for r in tables[s].records()} for s in STOPPABLE}
        self.supplied = {(r.site, r.commodity) for r in tables["Supply"].records()}
        self.supplied |= {(r.destination, r.commodity) for r in tables["Routes"].records()}
        self.supplied |= {(r.site, r.commodity) for r in tables["Stockpiles"].records()
                          if r.opening > 0}  # fmt: skip
        self.lines: dict[str, list[Any]] = {}
        for line in tables["Recipes"].records():
            self.lines.setdefault(line.process, []).append(line)

    def there(self, covers: Iterable[Row], depends: Sequence[str]) -> Series:
        """The share of each month in which all is there that a contract waits for."""
        covered, depended = set(covers), rows_depended(self.words, depends)
        awaited = covered | {(sheet, row) for sheet, row in depended if row in depends}
        shares = [self._started(*row) for row in sorted(awaited)]
        shares += [self._delayed(*row) for row in sorted(depended - awaited)]
        shares += [made for row in sorted(covered) if (made := self._made(*row))]
        return reduce(_least, shares)

    def _started(self, sheet: str, name: str) -> Series:
        """The share of each month from the start of a row, after delays."""
        return self._open(sheet, name, self.rows[sheet][name].start)

    def _open(self, sheet: str, name: str, start: int | None) -> Series:
        keys = self.effects.keys(self.effects.events_reaching(sheet, name, "delay"))
        shares = {key: self.effects.open_share(key, start, None) for key in set(keys)}
        return tuple(shares[key] for key in keys)

    def _delayed(self, sheet: str, name: str) -> Series:
        """The share of each month that delays leave of a row that is open from its start."""
        start = self.rows[sheet][name].start
        own = self.effects.open_share((), start, None)
        return tuple(
            np.divide(left, own, out=np.ones(len(own)), where=own > 0)
            for left in self._open(sheet, name, start)
        )

    def _made(self, sheet: str, name: str) -> Series | None:
        """The share of each month in which a lane's goods can be made at its origin.

        None where they come from elsewhere too, or from nowhere.
        """
        if sheet != "Routes":
            return None
        lane = self.rows[sheet][name]
        if (lane.origin, lane.commodity) in self.supplied:
            return None
        makers = [
            reduce(
                _least,
                [self._started("Facilities", line.item) for line in lines if line.role == "uses"],
                self._started("Processes", process),
            )
            for process, lines in self.lines.items()
            if self.rows["Processes"][process].site == lane.origin
            and any(line.role == "output" and line.item == lane.commodity for line in lines)
        ]
        return reduce(_most, makers) if makers else None


def _least(one: Series, other: Series) -> Series:
    return _each(np.minimum, one, other)


def _most(one: Series, other: Series) -> Series:
    return _each(np.maximum, one, other)


def _each(combine: np.ufunc, one: Series, other: Series) -> Series:
    """The combination on every branch, computed once where branches share both series."""
    pairs = {(id(a), id(b)): (a, b) for a, b in zip(one, other, strict=True)}
    known = {key: combine(a, b) for key, (a, b) in pairs.items()}
    return tuple(known[id(a), id(b)] for a, b in zip(one, other, strict=True))
