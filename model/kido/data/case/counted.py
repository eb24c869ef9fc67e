"""The rows that the words of a policy count, their commodities, and the weight of a tonne.

Tonnes: each counts once on each side (what is shipped on the last of its lanes, what is made
where it is made last). One commodity is counted in its own tonnes; several are added in tonnes of
contained oxide. A limit in tonnes is in the unit that the commodities counted share, in t REO
where they share none. Cover without `out of what` is for the demands of the commodities that the
stocks counted; on a future planned alone the need of the coming months is that of this future.

Money: a word reaches the rows that bear it or lie (lanes: begin) where it says, each with all that
is paid for it: supply and lanes for purchases and freight, processes and idle lines for running,
facilities for expansion, stockpiles and yards for holding. A contract is reached by its own name
or tags: then all that is paid under it counts, also on rows that the words do not reach. It is
also reached by any row that it covers: then its fees, volumes forgone, and (negative) rebates and
credits of what is made up count whole, liftings on the rows reached only. Sales, disposal, relief,
penalties and ending values are no spending.
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

# The sheets whose rows are counted in each place.
COUNTED = {
    "bought": ("Supply",),
    "made": ("Processes",),
    "shipped": ("Routes",),
    "delivered": ("Demand",),
    "ordered": ("Contracts", "Facilities"),
}


class PolicyCounter:
    """The rows and commodities that the policies of one book count."""

    def __init__(self, tables: Tables, words: NameIndex):
        self.tables, self.words = tables, words
        self.units = Units(tables)
        self.row_commodities = commodities_of(tables, words)
        self._country = {row.name: row.country for row in tables["Sites"].records()}
        self._inputs: dict[str, list[str]] = {}
        self._outputs: dict[str, list[str]] = {}
        for line in tables["Recipes"].records():
            if line.role != "uses":
                items = self._inputs if line.role == "input" else self._outputs
                items.setdefault(line.process, []).append(line.item)

    # -- rows -------------------------------------------------------------------------

    def rows_reached(self, words: Collection[str], sheet: str, r: Any) -> list[Any]:
        """The rows that bear one of the words (all if none) and a commodity of the policy."""
        names = {name for word in words for name in self.words.rows(word, sheet)}
        about = self.row_commodities.get(sheet, {})
        commodities = set(r.commodity)
        return [
            row
            for row in self.tables[sheet].records()
            if (not words or row.name in names)
            and (
                not commodities
                or sheet == "Facilities"
                or about.get(row.name, commodities) & commodities
            )
            and (sheet != "Routes" or not r.into or self._ends_in(row, r.into))
        ]

    def _ends_in(self, route: Any, into: Collection[str]) -> bool:
        return bool({route.destination, self._country.get(route.destination)} & set(into))

    def country(self, sheet: str, row: Any) -> str:
        """The country of a row's site (lanes: of the origin); '' where there is none."""
        site = row.origin if sheet == "Routes" else getattr(row, "site", "")
        return self._country.get(site, "")

    def countries(self, r: Any) -> list[str]:
        """The countries that an `any country` policy limits one by one."""
        return sorted(
            {
                self.country(sheet, row)
                for sheet in COUNTED[r.counted]
                for row in self.rows_reached(r.out_of, sheet, r)
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
        """(sheet, row, outputs) of the rows counted in a place, each tonne once.

        `outputs` are the commodities of a process that count. `country` narrows to one country.
        """
        for sheet in COUNTED[place]:
            rows = [
                row
                for row in self.rows_reached(words, sheet, r)
                if country is None or self.country(sheet, row) == country
            ]
            if sheet == "Routes":
                rows = counted_lanes(rows)
            counting: Mapping[str, Collection[str]] = {}
            if sheet == "Processes":
                counting = counted_outputs(
                    {n: (self._inputs.get(n, ()), self._outputs.get(n, ()))
                     for n in (row.name for row in rows)}
                )  # fmt: skip
            for row in rows:
                outputs = tuple(
                    c for c in self.outputs_of(row.name, r) if c in counting.get(row.name, ())
                )
                if outputs or sheet != "Processes":
                    yield sheet, row, outputs

    def outputs_of(self, process: str, r: Any) -> list[str]:
        """The outputs of a process that are among the policy's commodities."""
        outputs = self._outputs.get(process, ())
        return [c for c in outputs if not r.commodity or c in r.commodity]

    def cover_demands(self, r: Any) -> list[Any]:
        """The demands a cover is for: those named, else those for the commodities of its stocks."""
        stock_commodities = {s.commodity for s in self.rows_reached(r.of, "Stockpiles", r)}
        rows = self.rows_reached(r.out_of, "Demand", r)
        return rows if r.out_of else [row for row in rows if row.commodity in stock_commodities]

    # -- tonnes -----------------------------------------------------------------------

    def commodities(self, r: Any) -> set[str]:
        """The commodities that a policy counts, on both its sides."""
        if r.measure == "cover":
            rows = (*self.cover_demands(r), *self.rows_reached(r.of, "Stockpiles", r))
            return {row.commodity for row in rows}
        if r.measure in ("service", "stock"):
            sheet = "Demand" if r.measure == "service" else "Stockpiles"
            return {row.commodity for row in self.rows_reached(r.of, sheet, r)}
        names: set[str] = set()
        for _, words, place in self.sides(r):
            for sheet in COUNTED[place]:
                for row in self.rows_reached(words, sheet, r):
                    if sheet == "Processes":
                        names |= set(self.outputs_of(row.name, r))
                    elif sheet != "Facilities":
                        names |= self.row_commodities[sheet].get(row.name, frozenset())
        return names

    def weights(self, r: Any) -> Mapping[str, float]:
        """The weight of a tonne of each commodity: 1, or its oxide content among several."""
        together = self.commodities(r)
        return {c: self.units.weight(c, together) for c in together}

    def demand_weights(self, r: Any) -> dict[str, float]:
        """The demands that a cover or a service is for, and the weight of a tonne of each."""
        if r.measure not in ("cover", "service"):
            return {}
        weight = self.weights(r)
        rows = (
            self.cover_demands(r) if r.measure == "cover" else self.rows_reached(r.of, "Demand", r)
        )
        return {row.name: weight[row.commodity] for row in rows}

    def scale(self, r: Any) -> float:
        """t in one unit of a limit in tonnes."""
        return 1.0 if r.measure == "spend" else self.units.shared(self.commodities(r))
