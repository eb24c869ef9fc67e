"""The rows that an event reaches, by its words, its effect and its commodities."""

from __future__ import annotations

from typing import Any

from kido.data.tables import Tables

# Sheets whose rows have no site: an event reaches them by their own name or tag only.
PLACELESS = ("Contracts", "Relief", "Policies")
# A capacity event reaches these only if it bears their own name.
NAMED_ONLY = ("Stockpiles", "Policies")


def words_of(value: Any) -> frozenset[str]:
    """The words of a cell; empty for a blank or a single text."""
    return frozenset(value) if isinstance(value, tuple | list | set | frozenset) else frozenset()


class Reach:
    """The words and commodities of the rows of a book, and the events that reach each row."""

    def __init__(self, tables: Tables):
        self.tables = tables
        self.events = list(tables["Events"].records())
        self.sites = {row.name: row for row in tables["Sites"].records()}
        self.demand = {row.name: row for row in tables["Demand"].records()}
        self.recipes: dict[str, list[Any]] = {}
        for row in tables["Recipes"].records():
            self.recipes.setdefault(row.process, []).append(row)
        self._targets: dict[str, dict[str, list[int]]] = {}  # effect -> word -> events
        for place, event in enumerate(self.events):
            by_word = self._targets.setdefault(event.effect, {})
            for word in words_of(event.target):
                by_word.setdefault(word, []).append(place)
        self._words: dict[tuple[str, int], frozenset[str]] = {}

    def words(self, sheet: str, row: Any) -> frozenset[str]:
        """The words that reach a row: name, tags, site (lanes: origin), its tags and country."""
        key = sheet, row.Index
        if key not in self._words:
            self._words[key] = self._own_words(sheet, row)
        return self._words[key]

    def _own_words(self, sheet: str, row: Any) -> frozenset[str]:
        own = {row.name} | words_of(getattr(row, "tags", ()))
        if sheet == "Demand":
            own.add(row.segment)
        if sheet == "Stockpiles":
            own.add(row.owner)
        if sheet not in PLACELESS:
            site = self.sites[row.origin if sheet == "Routes" else row.site]
            own |= {site.name, site.country} | words_of(site.tags)
        return frozenset(own - {""})

    def covered_rows(self, contract: Any) -> list[tuple[str, Any]]:
        """(sheet, row) of the supply rows and routes that a word of `applies to` reaches."""
        selectors = words_of(contract.applies_to)
        return [
            (sheet, row)
            for sheet in ("Supply", "Routes")
            for row in self.tables[sheet].records()
            if selectors & self.words(sheet, row)
        ]

    def commodities(self, sheet: str, row: Any) -> frozenset[str] | None:
        """The commodities of a row, for filters; None for sheets that no filter narrows."""
        if sheet in ("Facilities", "Policies"):
            return None
        if sheet == "Processes":
            return frozenset(line.item for line in self.recipes.get(row.name, ()))
        if sheet == "Contracts":
            return frozenset(line.commodity for _, line in self.covered_rows(row))
        if sheet == "Relief":
            return frozenset({self.demand[row.demand].commodity})
        return frozenset({row.commodity})

    def events_reaching(self, sheet: str, row: Any, effect: str, output: str = "") -> list[int]:
        """The indices of the events with this effect that reach the row."""
        own = self.words(sheet, row)
        if effect == "capacity" and sheet in NAMED_ONLY:
            own = frozenset({row.name})
        by_word = self._targets.get(effect, {})
        named = sorted({place for word in own for place in by_word.get(word, ())})
        filters = {place: words_of(self.events[place].commodity) for place in named}
        if not any(filters.values()):
            return named
        own_commodities = frozenset({output}) if output else self.commodities(sheet, row)
        if own_commodities is None:
            return named
        return [place for place in named if not filters[place] or filters[place] & own_commodities]
