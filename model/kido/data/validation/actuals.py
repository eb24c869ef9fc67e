"""Checks of the sheet Actuals."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.schema import sheet_term
from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.errors import Finding
from kido.messages import listed

TOLD = ("Supply", "Sales", "Processes", "Routes", "Contracts", "Stockpiles", "Demand", "Relief",
        "Facilities")  # fmt: skip


def check_actuals(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that actuals are of rows of the book."""
    yield from unknown_actuals(tables, tables["Actuals"])


def unknown_actuals(tables: Tables, frame: Frame) -> Iterator[Finding]:
    """A fault at each row of a sheet of actuals that is of no row of the book."""
    names = {r.name for sheet in TOLD for r in tables[sheet].records()}
    for line in frame.records():
        if line.name not in names:
            place = frame.place(line.Index, "name")
            yield Finding.of(
                "actual-unknown", place, line.name, sheets=listed(map(sheet_term, TOLD))
            )
