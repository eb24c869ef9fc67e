"""Tables made in memory: rows as mappings, typed by the parser that reads workbooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kido.data.schema import Column, catalogue
from kido.data.tables import Frame, Settings, Tables
from kido.data.workbook.cells import blank_value, parse
from kido.data.workbook.raw import RawCell

Row = Mapping[str, object]


def tables_of(settings: Row | None = None, **sheets: Sequence[Row]) -> Tables:
    """`tables_of({"start": "2027-01"}, Sites=[{"name": "A", ...}])`, as if read from a book."""
    frames = {name: frame_of(name, sheets.get(name, ())) for name in catalogue()}
    return Tables("", "", settings_of(settings or {}), {}, frames)


def settings_of(given: Row) -> Settings:
    """2027-01 to 2027-12 by month, the base year that of the start, no least cost."""
    chosen = {"start": "2027-01", "least_cost": 0, **given}
    columns = catalogue()["Settings"].columns
    typed = {k: typed_cell(columns[k], value) for k, value in chosen.items() if value is not None}
    start = typed["start"]
    assert isinstance(start, int)
    whole = {key: int(typed[key]) for key in ("run_out", "base_year") if key in typed}  # type: ignore[call-overload]
    return Settings(**{"base_year": start // 12, **typed, **whole})  # type: ignore[arg-type]


def frame_of(sheet: str, rows: Sequence[Row]) -> Frame:
    columns = catalogue()[sheet].columns
    for row in rows:
        assert row.keys() <= columns.keys(), f"no such column on {sheet}: {row.keys() - columns}"
    lines = [{key: typed_cell(c, row.get(key)) for key, c in columns.items()} for row in rows]
    index = range(2, 2 + len(rows))
    series = {
        key: pd.Series([line[key] for line in lines], index=index, dtype=_dtype(column))
        for key, column in columns.items()
    }
    return Frame(sheet, pd.DataFrame(series, index=index), dict.fromkeys(columns, ""))


def typed_cell(column: Column, value: object) -> object:
    if value is None or value == ():
        return blank_value(column)
    if isinstance(value, list | tuple):
        value = "; ".join(str(part) for part in value)
    return parse(column, RawCell(value))


def _dtype(column: Column) -> type:
    if column.kind in ("number", "share", "rate", "integer"):
        return float
    return bool if column.kind == "flag" else object
