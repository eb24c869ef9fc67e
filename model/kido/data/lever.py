"""`Lever`: numbers of the book that one value of a sweep moves, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lever:
    """One column of some rows of a sheet, or one option of Settings.

    `words` are what the planner typed and `rows` the Excel rows they reach (Settings: none);
    `column` is the catalogue's key (Settings: of the option). `operation` is set, times or
    plus. `ranged`: the values were given as a range, not one by one. `line` is the Excel row
    on the sheet Sweeps. `unit` is that of a value: `factor` for times, else the column's.
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
