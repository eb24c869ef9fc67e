"""Selectors: the rows that a word in `target`, `of`, `applies to` or `depends on` reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kido.data.alike import nearest
from kido.data.tables import Tables

# The column with the site of a row; of lanes, with their origin.
SITE_COLUMN = {
    "Supply": "site",
    "Sales": "site",
    "Facilities": "site",
    "Processes": "site",
    "Routes": "origin",
    "Stockpiles": "site",
    "Demand": "site",
}
NAMED_SHEETS = (*SITE_COLUMN, "Contracts", "Relief", "Policies")
KINDS = ("name", "tag", "site", "country")
# Columns whose text works like a tag.
TAG_COLUMN = {"Demand": "segment", "Stockpiles": "owner"}


@dataclass(frozen=True)
class NameIndex:
    """An index of the names, tags, sites and countries of a book, and the rows each reaches.

    `kinds` maps a word to all its kinds, in the order name, tag, site, country: a
    sound book has one kind for each. `reached` maps a sheet to the row names (in book
    order) that each word reaches there.
    """

    kinds: Mapping[str, tuple[str, ...]]
    reached: Mapping[str, Mapping[str, tuple[str, ...]]]

    @classmethod
    def of(cls, tables: Tables) -> NameIndex:
        """The index of a book."""
        places = {
            row.name: ({row.name, row.country, *row.tags} - {""}, row.tags, row.country)
            for row in tables["Sites"].records()
        }
        kinds: dict[str, dict[str, None]] = defaultdict(dict)
        reached: dict[str, dict[str, tuple[str, ...]]] = {}
        for sheet in NAMED_SHEETS:
            index: dict[str, dict[str, None]] = defaultdict(dict)
            for row in tables[sheet].records():
                own = _own_tags(row, sheet)
                site = getattr(row, SITE_COLUMN[sheet]) if sheet in SITE_COLUMN else ""
                about = places[site][0] if site in places else set()
                for word in {row.name, *own, *about}:
                    index[word][row.name] = None
                kinds[row.name]["name"] = None
                for word in own:
                    kinds[word]["tag"] = None
            reached[sheet] = {word: tuple(names) for word, names in index.items()}
        for site, (_, tags, country) in places.items():
            for word in tags:
                kinds[word]["tag"] = None
            kinds[site]["site"] = None
            if country:
                kinds[country]["country"] = None
        ordered = {
            w: tuple(k for k in KINDS if k in word_kinds) for w, word_kinds in kinds.items() if w
        }
        return cls(ordered, reached)

    def kind(self, word: str) -> str | None:
        """The first kind of a word: `name`, `tag`, `site` or `country`; None for unknown words."""
        return self.kinds.get(word, (None,))[0]

    def rows(self, word: str, sheet: str) -> tuple[str, ...]:
        """The rows of a sheet with this name or tag, or with their site (lanes: origin) there."""
        return self.reached.get(sheet, {}).get(word, ())

    def nearest(self, word: str) -> str:
        """The known word most similar to this one; '' if none is close."""
        return nearest(word, self.kinds)


def _own_tags(row: object, sheet: str) -> tuple[str, ...]:
    """The tags of a row, with the text of its tag-like column."""
    column = TAG_COLUMN.get(sheet)
    extra = getattr(row, column) if column else ""
    tags: tuple[str, ...] = getattr(row, "tags", ())
    return (*tags, extra) if extra else tags
