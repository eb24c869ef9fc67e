"""Currencies: what a row of the workbook costs in USD.

Every number of money in a row is in the currency of the row, and so are the amounts that events add
to it, the profiles they put in its place, and the profile of a contract's index. The rate of a
currency is an option of the sheet Settings, such as `JPY per USD`; of the display currency it may
be `fx`. Budgets and penalties of the sheet Policies are in USD.
"""

from __future__ import annotations

from typing import Any

from kido.data.schema import Column, catalogue
from kido.data.tables import Tables

SHEETS = tuple(name for name, sheet in catalogue().items() if "currency" in sheet.columns)


def is_money(column: Column, row: Any) -> bool:
    """Whether a number of a row is one of money."""
    if (column.sheet, column.key) == ("Stockpiles", "ending_amount"):
        return bool(row.ending == "value per kg")
    return "USD" in column.unit or (column.sheet, column.key) == ("Contracts", "index")


def rate_of_row(tables: Tables, row: Any) -> float:
    """Units of the currency of a row for one USD. Raises ValueError where its rate is not given."""
    return tables.settings.rate_of(row.currency)


def in_usd(tables: Tables) -> Tables:
    """The tables with all money in USD. Raises ValueError where a rate is not given."""
    for sheet in SHEETS:
        foreign = [r for r in tables[sheet].records() if r.currency != "USD"]
        if not foreign:
            continue
        rows = tables[sheet].rows.copy()
        for r in foreign:
            cheaper = scaled(sheet, r, 1 / rate_of_row(tables, r))
            for column in catalogue()[sheet].columns:
                if getattr(cheaper, column) is not getattr(r, column):
                    rows.at[r.Index, column] = getattr(cheaper, column)
        tables = tables.with_rows(sheet, rows)
    return tables


def scaled(sheet: str, row: Any, factor: float) -> Any:
    """A row with all its money multiplied by `factor`."""
    values = {
        c.key: getattr(row, c.key) * factor
        for c in catalogue()[sheet].columns.values()
        if isinstance(getattr(row, c.key), float) and is_money(c, row)
    }
    return row._replace(**values)


def rates(tables: Tables) -> dict[tuple[str, str], float]:
    """Units of its currency for one USD, for each (sheet, row) whose money is not in USD.

    Rows whose rate is not given are left out.
    """
    given: dict[tuple[str, str], float] = {}
    for sheet in SHEETS:
        for r in tables[sheet].records():
            if r.currency != "USD" and tables.settings.has_rate(r.currency):
                given[sheet, r.name] = rate_of_row(tables, r)
    return given
