"""Mass units: how many tonnes a unit of a commodity is, and what may be added to what.

A unit is a mass and, behind it, what it is a mass of: `t REO`, `kg`, `t magnet`. Every number
about a commodity is in its unit; the program and its results are in tonnes. Commodities of
different content are added in tonnes of contained oxide (REO).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kido.data.tables import Tables

MASSES = {
    **dict.fromkeys(("g", "gram", "grams", "グラム"), 1e-6),
    **dict.fromkeys(("kg", "kgs", "kilogram", "kilograms", "キログラム", "キロ"), 1e-3),
    **dict.fromkeys(("t", "mt", "tonne", "tonnes", "ton", "tons", "トン"), 1.0),
    **dict.fromkeys(("kt", "千トン"), 1e3),
}
OXIDE = ("reo", "treo", "oxide", "酸化物")


def _words(unit: str) -> list[str]:
    return unit.casefold().split()


def tonnes_in(unit: str) -> float | None:
    """t in one unit; a blank is t REO. None where it is no mass that is known."""
    words = _words(unit)
    return MASSES.get(words[0]) if words else 1.0


def in_tonnes(unit: str) -> str:
    """The unit that results are in: `t Sc` for `kg Sc`."""
    if not _words(unit):
        return "t"
    return unit if tonnes_in(unit) in (None, 1.0) else " ".join(["t", *unit.split()[1:]])


def is_oxide(unit: str) -> bool:
    """Whether a unit is one of contained oxide, as a blank one is."""
    words = _words(unit)
    return not words or (words[0] in MASSES and any(word in OXIDE for word in words[1:]))


def content_of(commodity: Any) -> float:
    """t REO in a tonne of a row of Commodities; NaN where neither its content nor its unit says."""
    if not math.isnan(commodity.content):
        return float(commodity.content)
    return 1.0 if is_oxide(commodity.unit) else math.nan


@dataclass(frozen=True)
class Units:
    """The units of one book's commodities."""

    tables: Tables

    @cached_property
    def _rows(self) -> dict[str, Any]:
        return {row.name: row for row in self.tables["Commodities"].records()}

    def tonnes(self, commodity: str) -> float:
        """t in a unit of it; what is no mass counts as it stands."""
        row = self._rows.get(commodity)
        found = tonnes_in(row.unit) if row else None
        return 1.0 if found is None else found

    def shared(self, commodities: Collection[str]) -> float:
        """t in the unit that all of them share; 1 where they have none in common."""
        units = {self.tonnes(commodity) for commodity in commodities}
        return units.pop() if len(units) == 1 else 1.0

    def weight(self, commodity: str, together: Collection[str]) -> float:
        """What a tonne counts for beside others: itself alone, its contained oxide among several.

        Several in one unit whose contents are not all known count as they stand. Raises
        ValueError where they cannot be added: see `addable`.
        """
        rows = [self._rows[name] for name in set(together)]
        if len(rows) < 2:
            return 1.0
        contents = {row.name: content_of(row) for row in rows}
        if not any(math.isnan(content) for content in contents.values()):
            return contents[commodity]
        if not self.addable(together):
            raise ValueError(f"cannot be added: {', '.join(sorted(contents))}")
        return 1.0

    def addable(self, together: Collection[str]) -> bool:
        """Whether tonnes of these commodities may be added: one, all of known content, or unit."""
        rows = [self._rows[name] for name in set(together)]
        known = not any(math.isnan(content_of(row)) for row in rows)
        return len(rows) < 2 or known or len({row.unit.casefold() for row in rows}) == 1
