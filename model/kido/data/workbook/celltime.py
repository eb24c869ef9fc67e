"""Parsing of months and calendars in cells."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time

from kido.data.months import month_of
from kido.data.schema import Column
from kido.data.workbook.characters import plain_marks
from kido.data.workbook.raw import BadCell, RawCell, fold, tidy

LONGEST_CALENDAR = 1200
FIRST_YEAR, LAST_YEAR = 1950, 2200
YEARS = {"first": FIRST_YEAR, "last": LAST_YEAR}
DAY_ZERO = date(1899, 12, 30).toordinal()  # of Excel's day numbers
YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*(?:月|[-/.月]\s*(\d{1,2})\s*日?)?")
YEAR_LAST = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
ERA = re.compile(
    r"(令和|平成|昭和|[RHS])\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*(?:月|[-/.月]\s*(\d{1,2})\s*日?)?",
    re.I,
)
ERA_BEFORE = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
CLOCK = re.compile(
    r"[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$", re.I
)
UNIVERSAL = ("", "Z", "UTC", "GMT", "+00:00", "+0000", "-00:00")  # blank included
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
COUNTED = re.compile("[かカヵゕヶケゖ箇個个](?=[月年])")  # each of them as か
LENGTHS = {
    **dict.fromkeys(("month", "months", "か月", "か月間", "月"), 1),
    **dict.fromkeys(("quarter", "quarters", "四半期"), 3),
    **dict.fromkeys(("half-year", "half-years", "half year", "half years", "半期", "半年"), 6),
    **dict.fromkeys(("year", "years", "年", "年間", "か年"), 12),
}
PERIODS = re.compile(r"(\d+)\s*(?:x\s*)?([^\d\s,;].*)")
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
NOON, LAST_SECOND = time(12), time(23, 59, 59)


def month_cell(column: Column, raw: RawCell) -> int:
    """The number of the month in a cell. Raises BadCell."""
    value = raw.value
    nothing = value == 0 or value == time() or raw.number == 0
    if nothing and not isinstance(value, bool):
        raise _no_day(column)
    if isinstance(value, time):
        raise _no_month(column)
    if isinstance(value, date):
        return _dated(column, raw, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _numbered(column, raw, value)
    return _typed(column, plain_marks(tidy(str(value))))


def _dated(column: Column, raw: RawCell, value: date) -> int:
    number = value.toordinal() - DAY_ZERO if raw.number is None else raw.number
    if value.year > LAST_YEAR and float(number).is_integer():
        # 202703 typed into a cell that shows dates
        return _plausible(column, int(number) // 100, int(number) % 100)
    if FIRST_YEAR <= number <= LAST_YEAR:
        raise BadCell("not-a-month.year", number=number, day=f"{value:%Y-%m-%d}", **YEARS)
    if _shows_no_year(raw.number_format):
        raise BadCell("not-a-month.no_year", year=value.year, day=f"{value:%Y-%m-%d}")
    if isinstance(value, datetime):
        _check_clock(column, value)
    return _plausible(column, value.year, value.month)


def _shows_no_year(number_format: str) -> bool:
    symbols = NOT_SHOWN.sub("", number_format.split(";")[0]).casefold()
    return "m" in symbols and not re.search("[yeg]", symbols)


def _check_clock(column: Column, value: datetime) -> None:
    """Raises BadCell for a time on the last day of a month: elsewhere it is the next month.

    Noon is accepted, as programs write it to avoid that; so is the last second of the month.
    """
    last = calendar.monthrange(value.year, value.month)[1]
    clock = value.time().replace(microsecond=0)
    if value.day == last and clock not in (time(), NOON, LAST_SECOND):
        raise BadCell("not-a-month.clock", column=column.term)


def _numbered(column: Column, raw: RawCell, value: float) -> int:
    if raw.percent or not abs(value) < 1e9:
        raise _no_month(column)
    nearest = round(value)
    if abs(value - nearest) > 1e-9 * abs(value):
        raise _no_month(column)
    return _plausible(column, nearest // 100, nearest % 100)


def _typed(column: Column, text: str) -> int:
    clock = CLOCK.search(text)
    text = CLOCK.sub("", text)
    if match := YEAR_FIRST.fullmatch(text):
        return _of_day(column, int(match[1]), match[2], match[3], clock)
    if match := ERA.fullmatch(text):
        since = ERA_BEFORE[match[1].casefold()]
        year = since + (1 if match[2] == "元" else int(match[2]))
        return _of_day(column, year, match[3], match[4], clock)
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


def _of_day(
    column: Column, year: int, month: str, day: str | None, clock: re.Match[str] | None
) -> int:
    number = _plausible(column, year, int(month))
    if not day:
        return number
    try:
        hour, minute, second = (int(part or 0) for part in (clock.groups()[:3] if clock else "000"))
        at = datetime(year, int(month), int(day), hour, minute, second)
    except ValueError:
        raise _no_month(column) from None
    if clock and (clock[4] or "").upper() in UNIVERSAL:
        _check_clock(column, at)
    return number


def _plausible(column: Column, year: int, month: int) -> int:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise _no_month(column)
    return month_of(year, month)


def _no_month(column: Column) -> BadCell:
    return BadCell("not-a-month", column=column.term, **YEARS)


def _no_day(column: Column) -> BadCell:
    return BadCell("not-a-month.nought", column=column.term, **YEARS)


def calendar_cell(column: Column, raw: RawCell) -> tuple[int, ...]:
    """The lengths of the periods in months, of a text such as `12 month, 4 quarter`.

    Raises BadCell.
    """
    lengths: list[int] = []
    for part in re.split(r"[,;、]", fold(raw.text)):
        match = PERIODS.fullmatch(part.strip())
        length = LENGTHS.get(COUNTED.sub("か", match[2].strip())) if match else None
        count = int(match[1]) if match and len(match[1]) < 6 else 0
        if length is None or not 1 <= count <= LONGEST_CALENDAR:
            raise _no_calendar(column)
        lengths += [length] * count
    if sum(lengths) > LONGEST_CALENDAR:
        raise _no_calendar(column)
    return tuple(lengths)


def _no_calendar(column: Column) -> BadCell:
    return BadCell("not-a-calendar", column=column.term)
