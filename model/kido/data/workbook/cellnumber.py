"""Numbers as planners type them."""

from __future__ import annotations

import math
import re

from kido.data.schema import Column
from kido.data.workbook.characters import plain_marks
from kido.data.workbook.raw import BadCell, Raw, digits, fold, takes_percent, tidy
from kido.messages import Phrase, Unit, phrase
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
        span = phrase("part.between", low=digits(low), high=digits(high))
    elif low is not None:
        span = phrase("part.least", low=digits(low))
    else:
        span = phrase("part.most", high=digits(high or 0))
    wanted = phrase("part.range_in", range=span, unit=Unit(column.unit)) if column.unit else span
    if takes_percent(column) and value > 1 and high == 1:
        share, percent = f"{value / 100:.10g}", digits(value)
        about = {"column": column.term, "expected": wanted}
        raise BadCell("out-of-range.percent", **about, share=share, percent=percent)
    raise BadCell("out-of-range", column=column.term, expected=wanted, range=span)


def number_cell(column: Column, raw: Raw) -> float:
    value = raw.value
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadCell("not-a-number.cell", column=column.term, expected=number_of(column))
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
        raise BadCell("not-a-number", column=column.term, expected=number_of(column))
    value = float(numeral)
    if abs(value) > LARGEST:
        raise _too_large(column)
    if percent and value != 0 and not takes_percent(column):
        raise _percent(column, value)
    return value / 100 if percent else value


def number_of(column: Column) -> Phrase:
    """`a number in USD/kg`."""
    if not column.unit:
        return phrase("part.number")
    return phrase("part.number_in", unit=Unit(column.unit))


def _not_finite(column: Column) -> BadCell:
    key = "not-finite" if column.required else "not-finite.limit"
    return BadCell(key, column=column.term, expected=number_of(column))


def _too_large(column: Column) -> BadCell:
    key = "out-of-range.large" if column.required else "out-of-range.large_limit"
    return BadCell(key, column=column.term, largest=LARGEST)


def _percent(column: Column, hundredths: float) -> BadCell:
    about = {"column": column.term, "expected": number_of(column)}
    if column.unit == "%":
        return BadCell("percentage.percent", **about, hundredths=hundredths)
    return BadCell("percentage", **about)


def integer_cell(column: Column, raw: Raw) -> float:
    value = number_cell(column, raw)
    whole = float(round(value))
    if abs(value - whole) > LAST_DIGITS_SHARE * max(1.0, abs(value)):
        raise BadCell("not-whole", column=column.term)
    return whole
