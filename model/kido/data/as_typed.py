"""Values as a planner types them into a cell, in either language."""

from __future__ import annotations

from itertools import groupby

from kido.data.months import month_text
from kido.data.schema import FLAGS, Column
from kido.messages import phrase

PERIODS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value in ("", ()) or value != value


def text_of(column: Column, value: object, language: str) -> str:
    """A value as a planner types it in a language; "" for a blank."""
    if is_blank(value):
        return ""
    if isinstance(value, bool):
        return FLAGS[language][0 if value else 1]
    if column.kind == "month" and isinstance(value, int):
        return month_text(value)
    if column.kind == "calendar" and isinstance(value, tuple):
        return _calendar(value, language)
    if isinstance(value, tuple):
        return "; ".join(text_of(column, part, language) for part in value)
    if isinstance(value, int | float):
        return f"{value:.10g}"
    return column.spelling_of(str(value), language)


def _calendar(months: tuple[int, ...], language: str) -> str:
    """The lengths of periods as they are typed: `24 month, 10 quarter`."""
    parts = ((len(list(run)), length) for length, run in groupby(months))
    words = (
        phrase(f"period.{PERIODS[length]}", count=count).in_language(language)
        if length in PERIODS
        else f"{count} x {length}"
        for count, length in parts
    )
    return ", ".join(words)
