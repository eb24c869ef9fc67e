"""Months and calendars as planners type them."""

from __future__ import annotations

import re
from datetime import date

from kido.data.book.raw import BadCell, Raw, fold, tidy
from kido.data.months import month_of
from kido.data.schema import Column

LONGEST_CALENDAR = 1200
FIRST_YEAR, LAST_YEAR = 1900, 2200
DAY_ZERO = date(1899, 12, 30).toordinal()  # of Excel's day numbers
YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月|[-/.月]\s*(\d{1,2})\s*日?)?")
YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2})?(\.\d+)?$")
NAMED_MONTH = re.compile(r"([a-z]+)\.?[\s-]+(\d{4})|(\d{4})[\s-]+([a-z]+)\.?", re.I)
MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
LENGTHS = {
    **dict.fromkeys(("month", "months", "か月", "ヶ月", "カ月", "月"), 1),
    **dict.fromkeys(("quarter", "quarters", "四半期"), 3),
    **dict.fromkeys(("half-year", "half-years", "half year", "half years", "半期", "半年"), 6),
    **dict.fromkeys(("year", "years", "年"), 12),
}
PERIODS = re.compile(r"(\d+)\s*(?:x\s*)?([^\d\s,;].*)")


def month_cell(column: Column, raw: Raw) -> int:
    value = raw.value
    if isinstance(value, date):
        if value.year > LAST_YEAR:  # 202703 typed into a cell that shows dates
            serial = value.toordinal() - DAY_ZERO
            return _plausible(column, serial // 100, serial % 100)
        return _plausible(column, value.year, value.month)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if float(value).is_integer() and not raw.percent:
            return _plausible(column, int(value) // 100, int(value) % 100)
        raise _no_month(column)
    text = tidy(str(value))
    if match := YEAR_FIRST.fullmatch(CLOCK.sub("", text)):
        year, month, day = match.groups()
        if day and not 1 <= int(day) <= 31:
            raise _no_month(column)
        return _plausible(column, int(year), int(month))
    if match := YEAR_LAST.fullmatch(text):
        return _plausible(column, int(match[2]), int(match[1]))
    if match := NAMED_MONTH.fullmatch(text):
        name = (match[1] or match[4]).casefold()
        known = [i for i, full in enumerate(MONTH_NAMES, 1) if name in (full, full[:3])]
        if known or name == "sept":
            return _plausible(column, int(match[2] or match[3]), known[0] if known else 9)
    if text.isdecimal() and len(text) == 6:
        return _plausible(column, int(text[:4]), int(text[4:]))
    raise _no_month(column)


def _plausible(column: Column, year: int, month: int) -> int:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise _no_month(column)
    return month_of(year, month)


def _no_month(column: Column) -> BadCell:
    sentence = f"'{column.name}' is a month, and this is not one."
    return BadCell("not-a-month", sentence, "a month", "type the year and month, like 2027-03")


def calendar_cell(column: Column, raw: Raw) -> tuple[int, ...]:
    lengths: list[int] = []
    for part in re.split(r"[,;、]", fold(raw.shown)):
        match = PERIODS.fullmatch(part.strip())
        length = LENGTHS.get(match[2].strip()) if match else None
        count = int(match[1]) if match and len(match[1]) < 6 else 0
        if length is None or not 1 <= count <= LONGEST_CALENDAR:
            raise _no_calendar(column)
        lengths += [length] * count
    if sum(lengths) > LONGEST_CALENDAR:
        raise _no_calendar(column)
    return tuple(lengths)


def _no_calendar(column: Column) -> BadCell:
    sentence = f"'{column.name}' is a list of numbers of periods, at most 100 years in all."
    expected = "numbers of month, quarter, half-year or year"
    return BadCell("not-a-calendar", sentence, expected, "type for example: 24 month, 10 quarter")
