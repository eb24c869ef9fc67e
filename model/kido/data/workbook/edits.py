"""`BookEdits`: what is typed into a book to make another one, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from kido.data.schema import catalogue
from kido.data.tables import Frame, Tables
from kido.data.workbook.cells import blank_value

Row = Mapping[str, object]  # typed values by key of their column


@dataclass(frozen=True)
class BookEdits:
    """Changes of a book.

    `settings` are options by key, `cells` values by (sheet, Excel row, key), `unused` are the rows
    of each sheet that are taken out of use; `replaced` are all rows of a sheet, instead of those
    that it has, `added` rows below them.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    cells: Mapping[tuple[str, int, str], Any] = field(default_factory=dict)
    unused: Mapping[str, frozenset[int]] = field(default_factory=dict)
    replaced: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    added: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def rows_of(self, sheet: str) -> tuple[Row, ...]:
        """The new rows of a sheet."""
        return (*self.replaced.get(sheet, ()), *self.added.get(sheet, ()))


def edited(tables: Tables, edits: BookEdits) -> Tables:
    """The tables of the book once it is edited; new rows follow the last one."""
    frames = dict(tables.frames)
    for sheet in catalogue():
        if sheet != "Settings":
            frames[sheet] = _frame(tables[sheet], edits)
    return replace(tables, frames=frames, warnings=()).with_settings(**edits.settings)


def _frame(frame: Frame, edits: BookEdits) -> Frame:
    sheet, rows = frame.sheet, frame.rows
    cells = {at: value for at, value in edits.cells.items() if at[0] == sheet}
    gone, new = edits.unused.get(sheet, frozenset()), edits.rows_of(sheet)
    if not (cells or gone or new or sheet in edits.replaced):
        return frame
    lines = {row: dict(zip(rows.columns, values, strict=True))
             for row, *values in rows.itertuples(name=None)}  # fmt: skip
    for (_, row, key), value in cells.items():
        lines[row][key] = value
    if sheet in edits.replaced:
        lines = {}
    kept = [(row, line) for row, line in lines.items() if row not in gone]
    first = max((*rows.index, 1)) + 1
    blank = {key: blank_value(column) for key, column in catalogue()[sheet].columns.items()}
    kept += [(first + n, {**blank, **row}) for n, row in enumerate(new)]
    index = pd.Index([row for row, _ in kept], dtype=int)
    columns = {
        key: pd.Series([line[key] for _, line in kept], index=index, dtype=rows[key].dtype)
        for key in rows.columns
    }
    return replace(frame, rows=pd.DataFrame(columns, index=index))
