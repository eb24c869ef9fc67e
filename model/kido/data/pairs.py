"""Pairs of columns that are the lower and the upper bound of one number."""

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
    ("Hazards", "factor", "largest_factor"),
)


def without_rounding(tables: Tables) -> Tables:
    """The tables of a checked book, with lower bounds cut to their upper bounds.

    In a checked book they can be above by no more than rounding.
    """
    for sheet, least, most in PAIRS:
        rows = tables[sheet].rows
        over = rows[least] > rows[most]
        if over.any():
            tables = tables.with_rows(
                sheet, rows.assign(**{least: rows[least].where(~over, rows[most])})
            )
    return tables
