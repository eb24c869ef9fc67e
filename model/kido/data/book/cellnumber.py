"""Numbers as planners type them."""

from __future__ import annotations

import math
import re

from kido.data.book.raw import BadCell, Raw, fold, takes_percent, tidy
from kido.data.schema import Column

NUMERIC = ("number", "integer", "share", "rate")
MINUS = str.maketrans("\u2212\u2013", "--")
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([, ]\d{3})+(\.\d+)?")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)


def check_range(column: Column, value: float) -> None:
    low, high = column.least, column.most
    if (low is None or value >= low) and (high is None or value <= high):
        return
    if low is not None and high is not None:
        expected = f"between {low:g} and {high:g}"
    else:
        expected = f"at least {low:g}" if low is not None else f"at most {high:g}"
    advice = f"type a number {expected}"
    if takes_percent(column) and value > 1 and high == 1:
        advice = f"type {value / 100:g} for {value:g} %"
    sentence = f"'{column.name}' is out of its range."
    raise BadCell("out-of-range", sentence, f"{expected} {column.unit}".strip(), advice)


def number_cell(column: Column, raw: Raw) -> float:
    value = raw.value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        sentence = f"'{column.name}' is a number, and this is not one."
        advice = "format the cell as General and type the number again"
        raise BadCell("not-a-number", sentence, _unit(column), advice)
    if isinstance(value, str):
        return _number_text(column, value)
    if not math.isfinite(value):
        raise _not_finite(column)
    if raw.percent and value != 0 and not takes_percent(column):
        raise _percent(column, value * 100)
    return float(value)


def _number_text(column: Column, typed: str) -> float:
    text = tidy(typed).translate(MINUS)
    percent = text.endswith("%")
    digits = text[:-1].strip() if percent else text
    if fold(digits).lstrip("+-") in ("inf", "infinity", "nan"):
        raise _not_finite(column)
    digits = re.sub(r"^([+-]) ", r"\1", digits)
    if GROUPED.fullmatch(digits):
        digits = digits.replace(",", "").replace(" ", "")
    if not PLAIN.fullmatch(digits):
        sentence = f"'{column.name}' is a number, and this is not one."
        advice = "type the number alone, with a point for decimals and without a unit"
        raise BadCell("not-a-number", sentence, _unit(column), advice)
    value = float(digits)
    if not math.isfinite(value):
        raise _not_finite(column)
    if percent and value != 0 and not takes_percent(column):
        raise _percent(column, value)
    return value / 100 if percent else value


def _unit(column: Column) -> str:
    return f"a number in {column.unit}" if column.unit else "a number"


def _not_finite(column: Column) -> BadCell:
    advice = "leave the cell blank for no limit" if not column.required else "type a number"
    return BadCell("not-finite", f"'{column.name}' is not a finite number.", _unit(column), advice)


def _percent(column: Column, hundredths: float) -> BadCell:
    advice = "format the cell as General and type the number in the unit of the column"
    if column.unit == "%":
        advice = f"format the cell as General and type {hundredths:g} for {hundredths:g} %"
    sentence = f"'{column.name}' is not a share, but the cell is a percentage."
    return BadCell("percentage", sentence, _unit(column), advice)


def integer_cell(column: Column, raw: Raw) -> float:
    value = number_cell(column, raw)
    if not value.is_integer():
        raise BadCell("not-whole", f"'{column.name}' is a whole number.", "a whole number")
    return value
