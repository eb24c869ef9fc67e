"""What the words of a policy count: rows, the commodities they carry, and what a tonne is worth.

Tonnes: each counts once on each side (what is shipped on the last of its lanes, what is made
where it is made last). One commodity is counted in its own tonnes; several are added in tonnes of
contained oxide. A limit in tonnes is in the unit that the commodities counted share, in t REO
where they share none. Cover without `out of what` is for the demands of the commodities that the
chosen stocks hold; on a future planned alone the need of the coming months is that of this future.

Money: a word reaches the rows that bear it or lie (lanes: begin) where it says, each with all that
is paid for it: supply and lanes for purchases and freight, processes and idle lines for running,
facilities for expansion, stockpiles and yards for holding. A contract is reached by its own name
or tags, and then all that is paid under it counts, also on rows that the words do not reach; and
by any row that it covers, and then its fees, what is forgone and, as money back, its rebates
count whole, and what is lifted on the rows reached. Sales, disposal, relief, penalties and ending
values are no spending.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kido.data.case.events import commodities_of
from kido.data.once import counted_lanes, counted_outputs
from kido.data.schema import ANY_COUNTRY
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units

# Where a policy counts: the sheets whose rows it looks at.
COUNTED = {
    "bought": ("Supply",),
    "made": ("Processes",),
    "shipped": ("Routes",),
    "delivered": ("Demand",),
    "ordered": ("Contracts", "Facilities"),
}


class Counted:
    """Reads the policies of one book."""

    def __init__(self, tables: Tables, words: NameIndex):
        self.tables, self.words = tables, words
        self.units = Units(tables)
        self.about = commodities_of(tables, words)
        self._country = {row.name: row.country for row in tables["Sites"].records()}
        self._takes: dict[str, list[str]] = {}
        self._makes: dict[str, list[str]] = {}
        for line in tables["Recipes"].records():
            if line.role != "uses":
                held = self._takes if line.role == "input" else self._makes
                held.setdefault(line.process, []).append(line.item)

    # -- rows -------------------------------------------------------------------------

    def reached(self, words: Collection[str], sheet: str, r: Any) -> list[Any]:
        """Rows that bear one of the words (none: all) and have to do with the commodities."""
        names = {name for word in words for name in self.words.rows(word, sheet)}
        about = self.about.get(sheet, {})
        wanted = set(r.commodity)
        return [
            row
            for row in self.tables[sheet].records()
            if (not words or row.name in names)
            and (not wanted or sheet == "Facilities" or about.get(row.name, wanted) & wanted)
            and (sheet != "Routes" or not r.into or self._ends_in(row, r.into))
        ]

    def _ends_in(self, route: Any, into: Collection[str]) -> bool:
        return bool({route.destination, self._country.get(route.destination)} & set(into))

    def country(self, sheet: str, row: Any) -> str:
        site = row.origin if sheet == "Routes" else getattr(row, "site", "")
        return self._country.get(site, "")

    def countries(self, r: Any) -> list[str]:
        """Those of the rows that `any country` counts one by one."""
        return sorted(
            {
                self.country(sheet, row)
                for sheet in COUNTED[r.counted]
                for row in self.reached(r.out_of, sheet, r)
            }
        )

    def sides(self, r: Any) -> list[tuple[str, tuple[str, ...], str]]:
        """(column of its words, words, place counted) of each side that counts tonnes of flows."""
        if r.measure not in ("volume", "share") or not r.counted:
            return []
        own = ("of", () if ANY_COUNTRY in r.of else r.of, r.counted)
        whole = ("out_of", r.out_of, r.out_of_counted or r.counted)
        return [own, whole] if r.measure == "share" else [own]

    def rows(
        self, words: Collection[str], place: str, r: Any, country: str | None = None
    ) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
        """(sheet, row, outputs) of what counts in a place, each tonne once.

        `outputs` are those of a process that count; of one `country` where it is named.
        """
        for sheet in COUNTED[place]:
            rows = [
                row
                for row in self.reached(words, sheet, r)
                if country is None or self.country(sheet, row) == country
            ]
            if sheet == "Routes":
                rows = counted_lanes(rows)
            made: Mapping[str, Collection[str]] = {}
            if sheet == "Processes":
                made = counted_outputs(
                    {n: (self._takes.get(n, ()), self._makes.get(n, ()))
                     for n in (row.name for row in rows)}
                )  # fmt: skip
            for row in rows:
                outputs = tuple(c for c in self.makes(row.name, r) if c in made.get(row.name, ()))
                if outputs or sheet != "Processes":
                    yield sheet, row, outputs

    def makes(self, process: str, r: Any) -> list[str]:
        """The outputs of a process that a policy is about."""
        made = self._makes.get(process, ())
        return [c for c in made if not r.commodity or c in r.commodity]

    def cover_demands(self, r: Any) -> list[Any]:
        """The demands a cover is for: those named, else those of what its stocks hold."""
        held = {s.commodity for s in self.reached(r.of, "Stockpiles", r)}
        rows = self.reached(r.out_of, "Demand", r)
        return rows if r.out_of else [row for row in rows if row.commodity in held]

    # -- tonnes -----------------------------------------------------------------------

    def commodities(self, r: Any) -> set[str]:
        """What a policy counts, on both its sides."""
        if r.measure == "cover":
            rows = (*self.cover_demands(r), *self.reached(r.of, "Stockpiles", r))
            return {row.commodity for row in rows}
        if r.measure == "service":
            return {row.commodity for row in self.reached(r.of, "Demand", r)}
        found: set[str] = set()
        for _, words, place in self.sides(r):
            for sheet in COUNTED[place]:
                for row in self.reached(words, sheet, r):
                    if sheet == "Processes":
                        found |= set(self.makes(row.name, r))
                    elif sheet != "Facilities":
                        found |= self.about[sheet].get(row.name, frozenset())
        return found

    def weights(self, r: Any) -> Mapping[str, float]:
        """What a tonne of each commodity counts for: itself, or its oxide among several."""
        together = self.commodities(r)
        return {c: self.units.weight(c, together) for c in together}

    def asking(self, r: Any) -> dict[str, float]:
        """The demands that a cover or a service is for, and what a tonne of each counts for."""
        if r.measure not in ("cover", "service"):
            return {}
        weight = self.weights(r)
        rows = self.cover_demands(r) if r.measure == "cover" else self.reached(r.of, "Demand", r)
        return {row.name: weight[row.commodity] for row in rows}

    def scale(self, r: Any) -> float:
        """t in the unit of a limit in tonnes."""
        return 1.0 if r.measure == "spend" else self.units.shared(self.commodities(r))
