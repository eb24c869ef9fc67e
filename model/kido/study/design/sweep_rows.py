"""The parser of the sheet Sweeps: values, rows and column of a parameter."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from kido.data.currency import SHEETS, is_money
from kido.data.schema import Column, Sheet, catalogue
from kido.data.selectors import NAMED_SHEETS, NameIndex
from kido.data.tables import Tables
from kido.data.workbook.cellnumber import NUMERIC, PLAIN
from kido.data.workbook.raw import fold, tidy
from kido.study.design.parameter import TIMES, Parameter

MOST_VALUES = 10_000
RANGE = re.compile(r"(\S+?)\s*\.\.\s*(\S+)\s+step\s+(\S+)", re.I)
# The column with the commodity of a row, by sheet; a row of Relief has that of its demand.
COMMODITY = {"Commodities": "name", "Recipes": "item"} | dict.fromkeys(
    ("Supply", "Sales", "Routes", "Stockpiles", "Demand", "Events", "Policies"), "commodity"
)
LIMITS = {"share": "share", "service": "share", "spend": "kUSD", "cover": "months", "stock": "t"}


class TooManyValues(ValueError):
    """A list with `count` values, more than MOST_VALUES."""

    def __init__(self, count: float):
        super().__init__(f"{count:,.0f} values")
        self.count = count


def parse_values(text: str) -> list[float]:
    """The values of `1; 2; 3` or `10..50 step 5` (both ends included), or a mixture.

    Raises TooManyValues for more than MOST_VALUES, ValueError for anything else.
    """
    values: list[float] = []
    for part in _parts(text):
        if match := RANGE.fullmatch(part):
            values += _steps(*(_number(end) for end in match.groups()))
        else:
            values.append(_number(part))
    if len(values) > MOST_VALUES:
        raise TooManyValues(len(values))
    if not values:
        raise ValueError(f"no list of values: {text!r}")
    return values


def is_range(text: str) -> bool:
    """Whether any part of the values is a range."""
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
        raise TooManyValues(steps + 1)
    count = math.floor(steps + 1e-9) + 1
    return [float(f"{first + i * step:.12g}") for i in range(count)]


def find_sheet(text: str) -> Sheet | None:
    """The sheet of the catalogue with this name, in English or Japanese; None if there is none."""
    for sheet in catalogue().values():
        if fold(text) in (fold(sheet.name), fold(sheet.title_ja)) and sheet.name != "Sweeps":
            return sheet
    return None


def find_column(sheet: Sheet, text: str) -> Column | None:
    """The column (on Settings: the option) with this name; None if it is not numeric."""
    for column in sheet.columns.values():
        if fold(text) in (fold(column.name), fold(column.name_ja), fold(column.key)):
            varies = column.kind in (*NUMERIC, "month") or column.refers == "Profiles"
            return column if varies else None
    return None


def variable_columns(sheet: Sheet) -> list[str]:
    """The names of the columns (on Settings: the options) that a parameter may change."""
    columns = [c for c in sheet.columns.values() if find_column(sheet, c.name)]
    return [name for column in columns for name in (column.name, column.name_ja)]


def row_names(tables: Tables, sheet: Sheet) -> list[str]:
    """The names of the rows of a sheet; of a recipe that of its process."""
    rows = tables[sheet.name].rows
    return [str(name) for name in rows["name" if "name" in rows else sheet.keys[0]]]


def matching_names(tables: Tables, words: NameIndex, sheet: Sheet, word: str) -> set[str]:
    """The names of the rows of a sheet that a word (a name or a tag) matches."""
    names = {word} & set(row_names(tables, sheet))
    return names | set(words.rows(word, sheet.name) if sheet.name in NAMED_SHEETS else ())


def rows_of(
    tables: Tables,
    index: NameIndex,
    sheet: Sheet,
    words: Iterable[str],
    commodities: Iterable[str],
) -> tuple[int, ...]:
    """The Excel rows that the words match, restricted to these commodities unless empty."""
    names = set().union(*(matching_names(tables, index, sheet, word) for word in words))
    allowed, commodities_of = set(commodities), _commodities(tables, sheet)
    rows = zip(tables[sheet.name].rows.index, row_names(tables, sheet), strict=True)
    return tuple(
        int(row)
        for row, name in rows
        if name in names and (not allowed or allowed & commodities_of(row))
    )


def _commodities(tables: Tables, sheet: Sheet) -> Callable[[int], set[str]]:
    """A function from an Excel row to the set of its commodities."""
    if sheet.name == "Relief":
        of = {need.name: need.commodity for need in tables["Demand"].records()}
        relieved = {row.Index: {of.get(row.demand, "")} for row in tables["Relief"].records()}
        return relieved.__getitem__
    if sheet.name not in COMMODITY:
        return lambda row: set()
    cells = tables[sheet.name].rows[COMMODITY[sheet.name]]
    commodities_of = {
        row: set(cell) if isinstance(cell, tuple) else {cell} for row, cell in cells.items()
    }
    return commodities_of.__getitem__


def parameter_of(tables: Tables, words: NameIndex, row: Any) -> Parameter:
    """The parameter of a row of Sweeps, which is sound."""
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
    """The unit of a column; if it depends on the row, of these rows, '' if they differ."""
    if column.kind == "month":
        return "months"
    if column.refers == "Profiles":
        return "USD/kg" if column.sheet == "Contracts" else ""
    units = {column.unit}
    records = [] if not rows else [r for r in tables[column.sheet].records() if r.Index in rows]
    if (column.sheet, column.key) == ("Policies", "limit"):
        units = {LIMITS.get(r.measure, "t" if r.over == "horizon" else "t/yr") for r in records}
    elif (column.sheet, column.key) == ("Stockpiles", "ending_amount"):
        units = {"USD/kg" if r.ending == "value per kg" else "t" for r in records}
    if column.sheet in SHEETS:
        money = [r.currency for r in records if is_money(column, r)]
        units = {unit.replace("USD", name) for unit in units for name in money} or units
    return units.pop() if len(units) == 1 else ""
