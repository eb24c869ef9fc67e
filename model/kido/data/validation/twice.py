"""Is anything in the book twice, under two spellings or in two rows, or from a place to itself?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kido.data.schema import catalogue
from kido.data.selectors import TAG_COLUMN, NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import fault, warning
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
                    "spelt-twice", frame, row.Index, "name",
                    f"This name and '{other.name}' at {frame.place(other.Index, 'name')} differ "
                    "only in how they are written: to kido they are two things.",
                    row.name, "one spelling, or two names that can be told apart",
                    f"type {other.name}, or rename one of them",
                )  # fmt: skip
    spelt: dict[str, tuple[str, str]] = {}
    for sheet, frame in tables.frames.items():
        for row in frame.records():
            for key in (key for key in TAGS if key in catalogue()[sheet].columns):
                given = getattr(row, key)
                for word in (given,) if isinstance(given, str) else given:
                    place = frame.place(row.Index, key)
                    if key == "tags" and re.search("[,、，]", word):
                        yield warning(
                            "comma-in-tag", frame, row.Index, key,
                            "A comma parts no tags: this is one tag.", word,
                            "tags parted by ;", "type ; between them, if there are several",
                        )  # fmt: skip
                    other, where = spelt.setdefault(fold(word), (word, str(place)))
                    if other != word:
                        yield warning(
                            "tag-spelt-twice", frame, row.Index, key,
                            f"'{word}' here and '{other}' at {where} differ only in how they are "
                            "written: to kido they are two things.",
                            word, "one spelling", f"type {other} if it is the same",
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
                    f"This row says the same as row {other.Index}: it counts twice.",
                    "; ".join(given) if isinstance(given := getattr(row, told[0]), tuple)
                    else given,
                    "one row for each thing", "type no in the column use if it was pasted twice",
                )  # fmt: skip


def check_circles(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No route leads from a site to itself."""
    frame = tables["Routes"]
    for row in frame.records():
        if row.origin == row.destination:
            yield fault(
                "route-to-itself", frame, row.Index, "destination",
                "The route ends where it begins: it can only hide goods on the way.",
                row.destination, f"another site than {row.origin}",
                "correct one of the two; goods that wait belong on the sheet Stockpiles",
            )  # fmt: skip
