"""Numbers as planners type them."""

from __future__ import annotations

import math
import re

from kido.data.schema import Column
from kido.data.workbook.characters import plain_marks
from kido.data.workbook.raw import BadCell, Raw, digits, fold, takes_percent, tidy
from kido.tolerances import LAST_DIGITS_SHARE

NUMERIC = ("number", "integer", "share", "rate")
LARGEST = 1e12  # of any number, in any unit: what is larger was not meant
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([, ]\d{3})+(\.\d+)?")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.I)
# A comma or a point before three digits: where a planner grew up, it may be the other.
TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3}|\.\d{3})%?")


def settled(column: Column, value: float) -> float:
    """A number within the range of its column; one that misses a bound by a hair is put on it.

    Raises BadCell for one out of range.
    """
    for bound in (column.least, column.most):
        if bound is not None and abs(value - bound) <= LAST_DIGITS_SHARE * max(1.0, abs(bound)):
            return bound if (bound == column.least) == (value < bound) else value
    check_range(column, value)
    return value


def check_range(column: Column, value: float) -> None:
    if abs(value) > LARGEST:
        raise _too_large(column)
    low, high = column.least, column.most
    if (low is None or value >= low) and (high is None or value <= high):
        return
    if low is not None and high is not None:
        expected = f"between {digits(low)} and {digits(high)}"
    else:
        expected = f"at least {digits(low)}" if low is not None else f"at most {digits(high or 0)}"
    advice = f"type a number {expected}"
    if takes_percent(column) and value > 1 and high == 1:
        advice = f"type {digits(value / 100)} for {digits(value)} %"
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
    if isinstance(value, float) and math.isnan(value):
        raise _not_finite(column)
    if not -LARGEST <= value <= LARGEST:
        raise _too_large(column)
    if raw.percent and value != 0 and not takes_percent(column):
        raise _percent(column, value * 100)
    return float(value)


def two_readings(column: Column, raw: Raw) -> bool:
    """True for text like 1,250 or 1.200 in a column of numbers."""
    if column.kind not in NUMERIC or not isinstance(raw.value, str):
        return False
    return TWO_WAYS.fullmatch(_numeral(raw.value)) is not None


def _numeral(typed: str) -> str:
    text = plain_marks(tidy(typed))
    return re.sub(r"^([+-]) ", r"\1", re.sub(r"\s+%$", "%", text))


def _number_text(column: Column, typed: str) -> float:
    text = _numeral(typed)
    percent = text.endswith("%")
    numeral = text.removesuffix("%")
    if fold(numeral).lstrip("+-") in ("inf", "infinity", "nan"):
        raise _not_finite(column)
    if GROUPED.fullmatch(numeral):
        numeral = numeral.replace(",", "").replace(" ", "")
    if not PLAIN.fullmatch(numeral):
        sentence = f"'{column.name}' is a number, and this is not one."
        advice = "type the number alone, with a point for decimals and without a unit"
        raise BadCell("not-a-number", sentence, _unit(column), advice)
    value = float(numeral)
    if abs(value) > LARGEST:
        raise _too_large(column)
    if percent and value != 0 and not takes_percent(column):
        raise _percent(column, value)
    return value / 100 if percent else value


def _unit(column: Column) -> str:
    return f"a number in {column.unit}" if column.unit else "a number"


def _not_finite(column: Column) -> BadCell:
    advice = "leave the cell blank for no limit" if not column.required else "type a number"
    return BadCell("not-finite", f"'{column.name}' is not a finite number.", _unit(column), advice)


def _too_large(column: Column) -> BadCell:
    sentence = f"'{column.name}' is beyond any number that can be planned with."
    expected = f"a number between -{LARGEST:,.0f} and {LARGEST:,.0f}"
    advice = "type the number that is meant"
    if not column.required:
        advice += ", or leave the cell blank for no limit"
    return BadCell("out-of-range", sentence, expected, advice)


def _percent(column: Column, hundredths: float) -> BadCell:
    advice = "format the cell as General and type the number in the unit of the column"
    if column.unit == "%":
        advice = f"format the cell as General and type {hundredths:g} for {hundredths:g} %"
    sentence = f"'{column.name}' is not a share, but the cell is a percentage."
    return BadCell("percentage", sentence, _unit(column), advice)


def integer_cell(column: Column, raw: Raw) -> float:
    value = number_cell(column, raw)
    whole = float(round(value))
    if abs(value - whole) > LAST_DIGITS_SHARE * max(1.0, abs(value)):
        sentence, advice = f"'{column.name}' is a whole number.", "type a number without a fraction"
        raise BadCell("not-whole", sentence, "a whole number", advice)
    return whole
