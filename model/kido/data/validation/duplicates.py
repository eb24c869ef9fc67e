"""Checks of rows alike: spellings, rows twice, steps of a discount, routes back to their site."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import TAG_COLUMN, NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import fault, in_words, warning
from kido.data.workbook.raw import fold
from kido.errors import Finding

# Sheets of which two rows that say the same count twice.
COUNTED = (
    "Supply", "Sales", "Routes", "Contracts", "Stockpiles", "Demand", "Relief", "Policies",
    "Events",
)  # fmt: skip
IDENTITY_COLUMNS = ("name", "source", "grade", "use")
# Offers of which one may be a later step of the other's price.
ALIKE = ("site", "commodity", "start", "end", "tags", "currency", "least")
TAGS = ("country", "tags", *TAG_COLUMN.values())


def check_spellings(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no two names, tags or countries differ only in capitals, widths or spaces."""
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
    spellings: dict[str, tuple[str, str]] = {}
    for sheet, frame in tables.frames.items():
        for row in frame.records():
            for key in (key for key in TAGS if key in catalogue()[sheet].columns):
                cell = getattr(row, key)
                for word in (cell,) if isinstance(cell, str) else cell:
                    place = frame.place(row.Index, key)
                    if key == "tags" and re.search("[,、，]", word):
                        yield warning("comma-in-tag", frame, row.Index, key, word)
                    other, where = spellings.setdefault(fold(word), (word, str(place)))
                    if other != word:
                        yield warning(
                            "tag-spelt-twice", frame, row.Index, key, word,
                            word=word, other=other, where=where,
                        )  # fmt: skip


def check_rows_twice(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of rows of a sheet that differ in their names only."""
    for sheet in COUNTED:
        frame = tables[sheet]
        columns = [key for key in catalogue()[sheet].columns if key not in IDENTITY_COLUMNS]
        first: dict[tuple[str, ...], Any] = {}
        for row in frame.records():
            other = first.setdefault(tuple(str(getattr(row, key)) for key in columns), row)
            if other is not row:
                yield warning(
                    "row-twice", frame, row.Index, columns[0],
                    in_words(sheet, columns[0], getattr(row, columns[0])), row=other.Index,
                )  # fmt: skip


def check_circles(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no route leads from a site to itself."""
    frame = tables["Routes"]
    for row in frame.records():
        if row.origin == row.destination:
            yield fault(
                "route-to-itself", frame, row.Index, "destination", row.destination,
                site=row.origin,
            )  # fmt: skip


def check_discounts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of offers alike but for a price that falls, and a max that does not, down the rows."""
    frame = tables["Supply"]
    first: dict[tuple[object, ...], Any] = {}
    for row in frame.records():
        alike = tuple(getattr(row, key) for key in ALIKE)
        before = first.get(alike)
        first[alike] = row
        if before is None or math.isnan(before.most):
            continue
        if row.price < before.price and not row.most < before.most:
            yield warning(
                "falls-with-quantity", frame, row.Index, "price", f"{row.price:g}",
                name=row.name, other=before.name, price=before.price,
            )  # fmt: skip
