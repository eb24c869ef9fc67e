"""Styles of cells as data: colours, fonts and number formats."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from math import floor, isfinite, isnan, log10

from kido.tolerances import LEFT_OVER_T

ACCENT = "1F3864"
SOFT = "DCE4F0"
QUIET = "6B7280"
INK = "222222"
RULE = "C9D1DE"
RED = "C00000"
PALE_RED = "F2B8B5"
# Supply of one country after another; drawn stock last.
SERIES = (
    "1F3864", "4A6FA5", "7FA3CC", "B3C9E3", "8A9A5B", "B8A15A", "A67F6F", "5F7A76", "9C89B8",
    "7F7F7F", "C7B299", "3E5C50",
)  # fmt: skip
STOCK = "D9D9D9"

GENERAL = "General"
INTEGER = '#,##0;-#,##0;"–"'
ONE = '#,##0.0;-#,##0.0;"–"'
TWO = '#,##0.00;-#,##0.00;"–"'
PERCENT = '0%;-0%;"–"'
FINE_PERCENT = '0.0%;-0.0%;"–"'
TINY_PERCENT = '0.000%;-0.000%;"–"'
SMALL = 0.5  # a number from here on is never printed as 0
DIGITS = re.compile(r"[#,]*0(\.0+)?")


@dataclass(frozen=True)
class CellStyle:
    """The style of a cell. Colours are RRGGBB, sizes points."""

    format: str = GENERAL
    bold: bool = False
    size: float = 10
    color: str = INK
    fill: str = ""
    across: str = ""
    down: str = "center"
    wrap: bool = False
    top: str = ""
    bottom: str = ""
    indent: int = 0


TITLE = CellStyle(bold=True, size=15, color=ACCENT)
NOTE = CellStyle(size=9, color=QUIET, wrap=True, down="top")
HEAD = CellStyle(bold=True, size=9, color="FFFFFF", fill=ACCENT, wrap=True, indent=1)
HEAD_NUMBER = replace(HEAD, indent=0, across="right")
GROUP = CellStyle(bold=True, size=9, color=ACCENT, bottom=ACCENT)


def number_format(unit: str, size: float) -> str:
    """The format of a row or column in a unit whose largest number is `size`."""
    if unit == "%":
        return PERCENT
    if unit == "months":
        return "0.0"  # 0 means something: at once, or no cover
    if unit.startswith("USD"):
        return INTEGER if size >= 1000 else ONE if size >= 100 else TWO
    return INTEGER if size >= 100 else ONE if size >= 1 else TWO


def legible(form: str, value: float) -> str:
    """The format, or one of two digits for a number that it would print as 0."""
    digits = DIGITS.search(form)
    size = abs(value) * (100 if "%" in form else 1)
    if "E" in form or ".#" in form:  # as many digits as it takes, of itself
        return form
    if digits is None or round(size, len(digits[1] or ".") - 1) > 0:
        return form
    return DIGITS.sub("0." + "0" * (1 - floor(log10(size))), form)


def fitted(style: CellStyle, value: object) -> CellStyle:
    """The style for this value, with a format that does not show a small amount as 0."""
    if not isinstance(value, float) or not LEFT_OVER_T <= abs(value) < SMALL:
        return style
    form = legible(style.format, value)
    return style if form == style.format else _with_format(style, form)


@cache
def _with_format(style: CellStyle, form: str) -> CellStyle:
    return replace(style, format=form)


def small_money(value: float) -> str:
    """The format of an amount below SMALL: two decimals, a dash where it has none."""
    return TWO if abs(value) >= 0.005 else '"–";"–";"–"'


def signed(form: str) -> str:
    """The format with a plus before positive numbers."""
    return f"+{form}"


def size_of(values: Iterable[object]) -> float:
    """The largest absolute value, blanks and words left out."""
    return max((abs(v) for v in values if isinstance(v, (int, float)) and isfinite(v)), default=0.0)


def is_blank(value: object) -> bool:
    """Whether a value is None or NaN."""
    return value is None or (isinstance(value, float) and isnan(value))
