"""What a row of the sheet Sweeps says: which values, on which rows and column."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from kido.data.schema import Column, Sheet, catalogue
from kido.data.selectors import NAMED_SHEETS, NameIndex
from kido.data.tables import Tables
from kido.data.workbook.cellnumber import NUMERIC, PLAIN
from kido.data.workbook.raw import fold, tidy
from kido.study.design.parameter import TIMES, Parameter

MOST_VALUES = 10_000
RANGE = re.compile(r"(\S+?)\s*\.\.\s*(\S+)\s+step\s+(\S+)", re.I)
# Where a sheet says which commodity a row is about; Relief says it of its demand.
COMMODITY = {"Commodities": "name", "Recipes": "item"} | dict.fromkeys(
    ("Supply", "Sales", "Routes", "Stockpiles", "Demand", "Events", "Policies"), "commodity"
)
LIMITS = {"share": "share", "service": "share", "spend": "kUSD", "cover": "months"}


class TooMany(ValueError):
    """More values than anyone can want: `count` of them."""

    def __init__(self, count: float):
        super().__init__(f"{count:,.0f} values")
        self.count = count


def parse_values(text: str) -> list[float]:
    """`1; 2; 3` or `10..50 step 5` (both ends included), or a mixture.

    Raises TooMany for more than MOST_VALUES, ValueError for anything else.
    """
    values: list[float] = []
    for part in _parts(text):
        if match := RANGE.fullmatch(part):
            values += _steps(*(_number(end) for end in match.groups()))
        else:
            values.append(_number(part))
    if len(values) > MOST_VALUES:
        raise TooMany(len(values))
    if not values:
        raise ValueError(f"no list of values: {text!r}")
    return values


def is_range(text: str) -> bool:
    """Whether any part of the values was given from end to end."""
    return any(RANGE.fullmatch(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in tidy(text).split(";") if part.strip()]


def _number(text: str) -> float:
    if not PLAIN.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"no number: {text!r}")
    return float(text)


def _steps(first: float, last: float, step: float) -> list[float]:
    if step == 0 or (last - first) / step < 0:
        raise ValueError("the steps do not lead from the first value to the last")
    steps = (last - first) / step
    if steps >= MOST_VALUES:
        raise TooMany(steps + 1)
    count = math.floor(steps + 1e-9) + 1
    return [float(f"{first + i * step:.12g}") for i in range(count)]


def find_sheet(text: str) -> Sheet | None:
    """The catalogue sheet a parameter names, in English or Japanese."""
    for sheet in catalogue().values():
        if fold(text) in (fold(sheet.name), fold(sheet.title_ja)) and sheet.name != "Sweeps":
            return sheet
    return None


def find_column(sheet: Sheet, text: str) -> Column | None:
    """The column (on Settings: the option) a parameter names; None where it does not vary."""
    for column in sheet.columns.values():
        if fold(text) in (fold(column.name), fold(column.name_ja), fold(column.key)):
            varies = column.kind in (*NUMERIC, "month") or column.refers == "Profiles"
            return column if varies else None
    return None


def varying(sheet: Sheet) -> list[str]:
    """The names of the columns (on Settings: the options) that a lever may move."""
    columns = [c for c in sheet.columns.values() if find_column(sheet, c.name)]
    return [name for column in columns for name in (column.name, column.name_ja)]


def row_names(tables: Tables, sheet: Sheet) -> list[str]:
    """What the rows of a sheet are called on the sheet Sweeps: a recipe by its process."""
    held = tables[sheet.name].rows
    return [str(name) for name in held["name" if "name" in held else sheet.keys[0]]]


def called(tables: Tables, words: NameIndex, sheet: Sheet, word: str) -> set[str]:
    """The names of the rows of a sheet that a word calls."""
    names = {word} & set(row_names(tables, sheet))
    return names | set(words.rows(word, sheet.name) if sheet.name in NAMED_SHEETS else ())


def rows_of(
    tables: Tables, words: NameIndex, sheet: Sheet, given: Iterable[str], commodities: Iterable[str]
) -> tuple[int, ...]:
    """The Excel rows that the words call, of these commodities alone where any is given."""
    names = set().union(*(called(tables, words, sheet, word) for word in given))
    wanted, about = set(commodities), _commodities(tables, sheet)
    rows = zip(tables[sheet.name].rows.index, row_names(tables, sheet), strict=True)
    return tuple(
        int(row) for row, name in rows if name in names and (not wanted or wanted & about(row))
    )


def _commodities(tables: Tables, sheet: Sheet) -> Callable[[int], set[str]]:
    """Of an Excel row: the commodities it is about."""
    if sheet.name == "Relief":
        of = {need.name: need.commodity for need in tables["Demand"].records()}
        relieved = {row.Index: {of.get(row.demand, "")} for row in tables["Relief"].records()}
        return relieved.__getitem__
    if sheet.name not in COMMODITY:
        return lambda row: set()
    cells = tables[sheet.name].rows[COMMODITY[sheet.name]]
    about = {row: set(held) if isinstance(held, tuple) else {held} for row, held in cells.items()}
    return about.__getitem__


def parameter_of(tables: Tables, words: NameIndex, row: Any) -> Parameter:
    """The parameter of a sound row of Sweeps."""
    sheet = find_sheet(row.sheet)
    assert sheet is not None
    option = sheet.name == "Settings"
    column = find_column(sheet, row.row[0] if option else row.column)
    assert column is not None
    rows = () if option else rows_of(tables, words, sheet, row.row, row.commodity)
    return Parameter(
        sheet=sheet.name,
        words=row.row,
        rows=rows,
        column=column.key,
        operation=row.operation,
        values=tuple(parse_values(row.values)),
        ranged=is_range(row.values),
        line=int(row.Index),
        commodities=row.commodity,
        unit="factor" if row.operation == TIMES else _unit(tables, column, rows),
    )


def _unit(tables: Tables, column: Column, rows: tuple[int, ...]) -> str:
    """The unit of the column; where that hangs on the row, of these rows, '' if they differ."""
    if column.kind == "month":
        return "months"
    if column.refers == "Profiles":
        return "USD/kg" if column.sheet == "Contracts" else ""
    units = {column.unit}
    moved = [] if not rows else [r for r in tables[column.sheet].records() if r.Index in rows]
    if (column.sheet, column.key) == ("Policies", "limit"):
        units = {LIMITS.get(r.measure, "t" if r.over == "horizon" else "t/yr") for r in moved}
    elif (column.sheet, column.key) == ("Stockpiles", "ending_amount"):
        units = {"USD/kg" if r.ending == "value per kg" else "t" for r in moved}
    return units.pop() if len(units) == 1 else ""
