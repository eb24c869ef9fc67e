"""`Parameter`: cells of the workbook that one value of a sweep changes, and the operation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kido.data.draws import moves_draws, with_draws
from kido.data.schema import Column, catalogue
from kido.data.tables import Tables

SET, TIMES, PLUS = "set", "times", "plus"
UNMOVED = {TIMES: 1.0, PLUS: 0.0}
WHOLE = ("integer", "month")


@dataclass(frozen=True)
class Parameter:
    """One column of some rows of a sheet, or one option of Settings, with the values to try.

    `words` are what the planner typed and `rows` the Excel rows they select (Settings: none);
    `column` is the catalogue's key (Settings: of the option). `operation` is set, times or
    plus. `ranged`: the values were typed as a range, not one by one. `line` is the Excel row
    on the sheet Sweeps. `unit` is that of a value: `factor` for times, else the column's.
    `qualified`: its label starts with the sheet, as another parameter has the same label.
    """

    sheet: str
    words: tuple[str, ...]
    rows: tuple[int, ...]
    column: str
    operation: str
    values: tuple[float, ...]
    ranged: bool
    line: int
    commodities: tuple[str, ...] = ()
    unit: str = ""
    qualified: bool = False

    @property
    def catalogue_column(self) -> Column:
        """The column (Settings: option) in the catalogue."""
        return catalogue()[self.sheet].columns[self.column]

    @property
    def whole(self) -> bool:
        """Whether its cells are integers."""
        return self.catalogue_column.kind in WHOLE

    def label(self, language: str = "en") -> str:
        """The name of the parameter in tables and charts, such as `needs of Dy: need`."""
        ja = language == "ja"
        name = self.catalogue_column.name_ja if ja else self.catalogue_column.name
        if self.sheet == "Settings":
            return name
        comma = "、" if ja else ", "
        of = f" ({comma.join(self.commodities)})" if self.commodities else ""
        where = f"{catalogue()[self.sheet].title(language)}, " if self.qualified else ""
        return f"{where}{comma.join(self.words)}{of}: {name}"

    def cells(self, tables: Tables) -> list[Any]:
        """The contents of its cells: numbers, names of profiles, None or NaN where blank."""
        if self.sheet == "Settings":
            return [getattr(tables.settings, self.column)]
        return tables[self.sheet].rows[self.column].loc[list(self.rows)].tolist()

    def book_value(self, tables: Tables) -> float | None:
        """The value that leaves the workbook unchanged; None if there is no such value."""
        if self.operation != SET:
            return UNMOVED[self.operation]
        cells = self.cells(tables)
        if not cells or not all(is_number(x) for x in cells) or len(set(cells)) > 1:
            return None
        return float(cells[0])

    def transform(self, number: float, value: float) -> float:
        """The number that replaces `number` in a cell at a value of the parameter."""
        if self.operation == SET:
            return value
        return number * value if self.operation == TIMES else number + value

    def with_value(self, tables: Tables, value: float) -> Tables:
        """The tables with this parameter at a value; frames that do not change are shared.

        A blank cell stays blank except under `set`. A cell with the name of a profile gets a
        transformed copy of it; hazards are drawn anew. Nothing is checked: see `kido.data.check`.
        """
        if UNMOVED.get(self.operation) == value:
            return tables
        old_cells = self.cells(tables)
        new_cells = [self._cell(cell, value) for cell in old_cells]
        if all(map(_same, old_cells, new_cells)):
            return tables
        pairs = zip(old_cells, new_cells, strict=True)
        copies = {old: new for old, new in pairs if isinstance(new, str) and new != old}
        if copies:
            tables = self._with_copies(tables, copies, value)
        tables = self._with_cells(tables, new_cells)
        return with_draws(tables) if moves_draws(self.sheet, self.column) else tables

    def _cell(self, cell: Any, value: float) -> Any:
        kind = self.catalogue_column.kind
        if isinstance(cell, str) and not (self.operation == SET and kind == "reference"):
            return f"{cell} ({self.line}: {self.operation} {value:.12g})" if cell else cell
        if self.operation != SET and not is_number(cell):
            return cell
        number = value if self.operation == SET else self.transform(float(cell), value)
        return round(number) if self.whole else number

    def _with_cells(self, tables: Tables, cells: list[Any]) -> Tables:
        if self.sheet == "Settings":
            return tables.with_settings(**{self.column: cells[0]})
        rows = tables[self.sheet].rows.copy()
        column = rows[self.column].copy()
        column.loc[list(self.rows)] = cells
        rows[self.column] = column
        return tables.with_rows(self.sheet, rows)

    def _with_copies(self, tables: Tables, names: Mapping[str, str], value: float) -> Tables:
        """The tables with transformed copies of profiles, {old name: name of the copy}."""
        rows = tables["Profiles"].rows
        added = rows[rows["name"].isin(list(names))].copy()
        added["name"] = added["name"].map(names)
        added["value"] = [self.transform(number, value) for number in added["value"]]
        first = int(rows.index.max()) + 1 if len(rows) else 2
        added.index = pd.RangeIndex(first, first + len(added))
        return tables.with_rows("Profiles", pd.concat([rows, added]))


def is_number(cell: object) -> bool:
    """Whether a cell is a finite number."""
    return isinstance(cell, (int, float)) and math.isfinite(cell)


def _same(one: object, other: object) -> bool:
    return one == other or (one != one and other != other)
