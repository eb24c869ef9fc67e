"""Is anything in the book twice, under two spellings or in two rows, or from a place to itself?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import TAG_COLUMN, NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import fault, shown, warning
from kido.data.workbook.raw import fold
from kido.errors import Finding

# Sheets of which two rows that say the same count twice.
COUNTED = (
    "Supply", "Sales", "Routes", "Contracts", "Stockpiles", "Demand", "Relief", "Policies",
    "Events",
)  # fmt: skip
SAID_APART = ("name", "source", "grade", "use")
TAGS = ("country", "tags", *TAG_COLUMN.values())


def check_spellings(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No two names of a sheet, and no two tags or countries, differ only in how they are written.

    Capitals, widths and spaces make no difference to a reader.
    """
    for sheet, frame in tables.frames.items():
        keys = catalogue()[sheet].keys
        if keys != ("name",):
            continue
        first: dict[str, Any] = {}
        for row in frame.records():
            other = first.setdefault(fold(row.name), row)
            if other.name != row.name:
                yield fault(
                    "spelt-twice", frame, row.Index, "name", row.name,
                    other=other.name, where=frame.place(other.Index, "name"),
                )  # fmt: skip
    spelt: dict[str, tuple[str, str]] = {}
    for sheet, frame in tables.frames.items():
        for row in frame.records():
            for key in (key for key in TAGS if key in catalogue()[sheet].columns):
                given = getattr(row, key)
                for word in (given,) if isinstance(given, str) else given:
                    place = frame.place(row.Index, key)
                    if key == "tags" and re.search("[,、，]", word):
                        yield warning("comma-in-tag", frame, row.Index, key, word)
                    other, where = spelt.setdefault(fold(word), (word, str(place)))
                    if other != word:
                        yield warning(
                            "tag-spelt-twice", frame, row.Index, key, word,
                            word=word, other=other, where=where,
                        )  # fmt: skip


def check_rows_twice(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No two rows of a sheet say the same, whatever they are called."""
    for sheet in COUNTED:
        frame = tables[sheet]
        told = [key for key in catalogue()[sheet].columns if key not in SAID_APART]
        first: dict[tuple[str, ...], Any] = {}
        for row in frame.records():
            other = first.setdefault(tuple(str(getattr(row, key)) for key in told), row)
            if other is not row:
                yield warning(
                    "row-twice", frame, row.Index, told[0],
                    shown(sheet, told[0], getattr(row, told[0])), row=other.Index,
                )  # fmt: skip


def check_circles(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No route leads from a site to itself."""
    frame = tables["Routes"]
    for row in frame.records():
        if row.origin == row.destination:
            yield fault(
                "route-to-itself", frame, row.Index, "destination", row.destination,
                site=row.origin,
            )  # fmt: skip
