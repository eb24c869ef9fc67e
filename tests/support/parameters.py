"""Parameters made in memory, for tests."""

from __future__ import annotations

from kido.data.tables import Tables
from kido.study.design.parameter import Parameter


def parameter(
    tables: Tables,
    sheet: str,
    names: tuple[str, ...],
    column: str,
    operation: str = "times",
    values: tuple[float, ...] = (1.0,),
    ranged: bool = False,
) -> Parameter:
    """One that moves a column of the rows with these names (Settings: an option)."""
    if sheet == "Settings":
        return Parameter(sheet, (column,), (), column, operation, values, ranged, 2)
    frame = tables[sheet].rows
    rows = tuple(int(i) for i in frame.index[frame["name"].isin(names)])
    assert len(rows) >= len(names), f"{names} are not all in {sheet}"
    return Parameter(sheet, names, rows, column, operation, values, ranged, 2)
