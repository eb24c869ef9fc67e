"""`Parameter`: numbers of the book that one value of a sweep moves, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kido.data.schema import Column, catalogue
from kido.data.tables import Tables

SET, TIMES, PLUS = "set", "times", "plus"
UNMOVED = {TIMES: 1.0, PLUS: 0.0}
WHOLE = ("integer", "month")


@dataclass(frozen=True)
class Parameter:
    """One column of some rows of a sheet, or one option of Settings.

    `words` are what the planner typed and `rows` the Excel rows they reach (Settings: none);
    `column` is the catalogue's key (Settings: of the option). `operation` is set, times or
    plus. `ranged`: the values were given as a range, not one by one. `line` is the Excel row
    on the sheet Sweeps. `unit` is that of a value: `factor` for times, else the column's.
    `apart`: another parameter beside it would bear the same label without the sheet.
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
    apart: bool = False

    @property
    def about(self) -> Column:
        return catalogue()[self.sheet].columns[self.column]

    @property
    def whole(self) -> bool:
        """Whether only whole numbers may stand in its cells."""
        return self.about.kind in WHOLE

    def label(self, language: str = "en") -> str:
        """`needs of Dy: need`, as a chart names it."""
        ja = language == "ja"
        name = self.about.name_ja if ja else self.about.name
        if self.sheet == "Settings":
            return name
        comma = "、" if ja else ", "
        of = f" ({comma.join(self.commodities)})" if self.commodities else ""
        where = f"{catalogue()[self.sheet].title(language)}, " if self.apart else ""
        return f"{where}{comma.join(self.words)}{of}: {name}"

    def held(self, tables: Tables) -> list[Any]:
        """What stands in its cells: numbers, names of profiles, None or NaN where blank."""
        if self.sheet == "Settings":
            return [getattr(tables.settings, self.column)]
        return tables[self.sheet].rows[self.column].loc[list(self.rows)].tolist()

    def here(self, tables: Tables) -> float | None:
        """The value at which the book stays as it is; None where there is no such value."""
        if self.operation != SET:
            return UNMOVED[self.operation]
        held = self.held(tables)
        if not held or not all(is_number(x) for x in held) or len(set(held)) > 1:
            return None
        return float(held[0])

    def moved(self, number: float, value: float) -> float:
        """What becomes of a number that stands there."""
        if self.operation == SET:
            return value
        return number * value if self.operation == TIMES else number + value

    def edited(self, tables: Tables, value: float) -> Tables:
        """The book with this parameter at a value; frames it does not touch stay the same objects.

        A blank cell stays blank but under `set`. A cell that names a profile takes a moved
        copy of it. Nothing is checked: see `kido.data.check`.
        """
        if UNMOVED.get(self.operation) == value:
            return tables
        before = self.held(tables)
        after = [self._cell(held, value) for held in before]
        if all(map(_same, before, after)):
            return tables
        pairs = zip(before, after, strict=True)
        copies = {old: new for old, new in pairs if isinstance(new, str) and new != old}
        if copies:
            tables = self._with_copies(tables, copies, value)
        return self._with_cells(tables, after)

    def _cell(self, held: Any, value: float) -> Any:
        kind = self.about.kind
        if isinstance(held, str) and not (self.operation == SET and kind == "reference"):
            return f"{held} ({self.line}: {self.operation} {value:.12g})" if held else held
        if self.operation != SET and not is_number(held):
            return held
        number = value if self.operation == SET else self.moved(float(held), value)
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
        """Profiles stand there as they were: others may use them, at other numbers."""
        rows = tables["Profiles"].rows
        added = rows[rows["name"].isin(list(names))].copy()
        added["name"] = added["name"].map(names)
        added["value"] = [self.moved(number, value) for number in added["value"]]
        first = int(rows.index.max()) + 1 if len(rows) else 2
        added.index = pd.RangeIndex(first, first + len(added))
        return tables.with_rows("Profiles", pd.concat([rows, added]))


def is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and math.isfinite(cell)


def _same(one: object, other: object) -> bool:
    return one == other or (one != one and other != other)
