"""Mass units: the tonnes in a unit of a commodity, and the weight of a tonne in totals.

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
    """t in one unit; a blank is t REO. None for a text that is no known mass."""
    words = _words(unit)
    return MASSES.get(words[0]) if words else 1.0


def in_tonnes(unit: str) -> str:
    """The unit of results for a unit of the book: `t Sc` for `kg Sc`."""
    if not _words(unit):
        return "t"
    return unit if tonnes_in(unit) in (None, 1.0) else " ".join(["t", *unit.split()[1:]])


def is_oxide(unit: str) -> bool:
    """Whether a unit is of contained oxide; a blank is."""
    words = _words(unit)
    return not words or (words[0] in MASSES and any(word in OXIDE for word in words[1:]))


def content_of(commodity: Any) -> float:
    """t REO in a tonne of a row of Commodities; NaN where it is not known."""
    if not math.isnan(commodity.content):
        return float(commodity.content)
    return 1.0 if is_oxide(commodity.unit) else math.nan


@dataclass(frozen=True)
class Units:
    """The mass units of the commodities of one book."""

    tables: Tables

    @cached_property
    def _rows(self) -> dict[str, Any]:
        return {row.name: row for row in self.tables["Commodities"].records()}

    def tonnes(self, commodity: str) -> float:
        """t in a unit of the commodity; 1 where the unit is no known mass."""
        row = self._rows.get(commodity)
        mass = tonnes_in(row.unit) if row else None
        return 1.0 if mass is None else mass

    def shared(self, commodities: Collection[str]) -> float:
        """t in the unit that all these commodities share; 1 where they differ."""
        units = {self.tonnes(commodity) for commodity in commodities}
        return units.pop() if len(units) == 1 else 1.0

    def weight(self, commodity: str, together: Collection[str]) -> float:
        """The weight of a tonne in a total: 1 alone, t REO in it among several commodities.

        1 also among several in one unit whose contents are not all known. Raises ValueError
        where they cannot be added: see `addable`.
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
        """Whether these commodities may be added: one, all of known content, or of one unit."""
        rows = [self._rows[name] for name in set(together)]
        known = not any(math.isnan(content_of(row)) for row in rows)
        return len(rows) < 2 or known or len({row.unit.casefold() for row in rows}) == 1
