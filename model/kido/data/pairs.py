"""Columns of which one is the least and the other the most of the same thing."""

from __future__ import annotations

from kido.data.tables import Tables

# (sheet, column of the least, column of the most)
PAIRS = (
    ("Supply", "least", "most"),
    ("Sales", "least", "most"),
    ("Processes", "least", "most"),
    ("Routes", "least", "most"),
    ("Contracts", "least_reserved", "most_reserved"),
    ("Facilities", "least_expansion", "most_expansion"),
    ("Stockpiles", "floor", "capacity"),
    ("Stockpiles", "opening", "capacity"),
)


def without_rounding(tables: Tables) -> Tables:
    """A checked book in which no least lies above its most, be it by the last digit of a sum."""
    for sheet, least, most in PAIRS:
        rows = tables[sheet].rows
        over = rows[least] > rows[most]
        if over.any():
            tables = tables.with_rows(
                sheet, rows.assign(**{least: rows[least].where(~over, rows[most])})
            )
    return tables
