"""The levers of a sweep: which values, on which rows and column."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from kido.data.book.cellnumber import NUMERIC, PLAIN
from kido.data.book.raw import fold, tidy
from kido.data.checks.checking import fault
from kido.data.schema import Column, Sheet, catalogue
from kido.data.tables import Tables
from kido.data.words import NAMED_SHEETS, Words, nearest
from kido.errors import Finding

MOST_VALUES = 10_000
RANGE = re.compile(r"(\S+?)\s*\.\.\s*(\S+)\s+step\s+(\S+)", re.I)


def parse_values(text: str) -> list[float]:
    """`1; 2; 3` or `10..50 step 5` (both ends included), or a mixture.

    Raises ValueError for anything else.
    """
    values: list[float] = []
    for part in tidy(text).split(";"):
        part = part.strip()
        if match := RANGE.fullmatch(part):
            values += _steps(*(_number(end) for end in match.groups()))
        elif part:
            values.append(_number(part))
    if not values or len(values) > MOST_VALUES:
        raise ValueError(f"no list of values: {text!r}")
    return values


def _number(text: str) -> float:
    if not PLAIN.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"no number: {text!r}")
    return float(text)


def _steps(first: float, last: float, step: float) -> list[float]:
    if step == 0 or (last - first) / step < 0 or (last - first) / step > MOST_VALUES:
        raise ValueError("the steps do not lead from the first value to the last")
    count = math.floor((last - first) / step + 1e-9) + 1
    return [first + i * step for i in range(count)]


def find_sheet(text: str) -> Sheet | None:
    """The catalogue sheet a lever names, in English or Japanese."""
    for sheet in catalogue().values():
        if fold(text) in (fold(sheet.name), fold(sheet.title_ja)):
            return sheet
    return None


def find_column(sheet: Sheet, text: str) -> Column | None:
    """The column (on Settings: the option) a lever names; None where it does not vary."""
    for column in sheet.columns.values():
        if fold(text) in (fold(column.name), fold(column.name_ja), fold(column.key)):
            return column if column.kind in (*NUMERIC, "month", "reference") else None
    return None


def check_sweeps(tables: Tables, words: Words) -> Iterator[Finding]:
    """The sheet, rows, column and values of every lever exist."""
    frame = tables["Sweeps"]
    for row in frame.records():
        sheet = find_sheet(row.sheet)
        if sheet is None:
            close = nearest(row.sheet, list(catalogue()))
            sentence = f"There is no sheet '{row.sheet}' to vary."
            yield _bad("sweep-sheet", frame, row, "sheet", sentence, row.sheet, close)
        elif sheet.name == "Settings":
            for option in row.row:
                if find_column(sheet, option) is None:
                    close = nearest(option, _varying(sheet))
                    sentence = f"There is no option '{option}' that can be varied."
                    yield _bad("sweep-row", frame, row, "row", sentence, option, close)
        else:
            yield from _check_rows(tables, words, row, sheet)
            if find_column(sheet, row.column) is None:
                close = nearest(row.column, _varying(sheet))
                sentence = f"{sheet.name} has no column '{row.column}' that can be varied."
                yield _bad("sweep-column", frame, row, "column", sentence, row.column, close)
        yield from _check_values(frame, row)


def _check_rows(tables: Tables, words: Words, row: Any, sheet: Sheet) -> Iterator[Finding]:
    key = (*sheet.keys, "target")[0]
    held = tables[sheet.name].rows
    names = [str(n) for n in held["name" if "name" in held else key]] if len(held) else []
    for word in row.row:
        known = word in names
        if sheet.name in NAMED_SHEETS:
            known = known or bool(words.rows(word, sheet.name))
        if not known:
            close = nearest(word, names)
            sentence = f"The word '{word}' matches no row of {sheet.name}."
            yield _bad("sweep-row", tables["Sweeps"], row, "row", sentence, word, close)


def _check_values(frame: Any, row: Any) -> Iterator[Finding]:
    try:
        parse_values(row.values)
    except ValueError:
        sentence = "These are not values to try."
        advice = "type a list, like 1; 2; 3, or a range, like 10..50 step 5"
        yield fault(
            "sweep-values", frame, row.Index, "values", sentence, row.values,
            "a list or a range of numbers", advice,
        )  # fmt: skip


def _varying(sheet: Sheet) -> list[str]:
    return [c.name for c in sheet.columns.values() if find_column(sheet, c.name)]


def _bad(
    code: str, frame: Any, row: Any, key: str, sentence: str, found: str, close: str
) -> Finding:
    advice = f"did you mean {close}?" if close else "choose another"
    return fault(code, frame, row.Index, key, sentence, found, close, advice)
