"""Months as whole numbers: year x 12 + month - 1, so that March 2027 is 24326."""

from __future__ import annotations

from dataclasses import dataclass


def month_of(year: int, month: int) -> int:
    """The number of a month (1 to 12) of a year."""
    return year * 12 + month - 1


def parse_month(text: str) -> int:
    """The number of a month such as `2027-03`. Raises ValueError for any other text."""
    year, _, month = text.partition("-")
    number = int(month)
    if not 1 <= number <= 12:
        raise ValueError(f"no month {text!r}")
    return month_of(int(year), number)


def month_text(month: int) -> str:
    """The text of a month number: `2027-03`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


@dataclass(frozen=True)
class Month:
    """A month in a message: `2027-03`, or as a Japanese reader writes it."""

    number: int

    def in_language(self, language: str) -> str:
        """The text of the month in a language."""
        if language == "ja":
            return f"{self.number // 12}年{self.number % 12 + 1}月"
        return month_text(self.number)


def fiscal_quarter(month: int, fiscal_start: int) -> str:
    """The fiscal quarter of a month: `FY2026 Q2`, by the year the fiscal year begins in."""
    since = month - (fiscal_start - 1)
    return f"FY{since // 12} Q{since % 12 // 3 + 1}"


def fiscal_year(month: int, fiscal_start: int) -> int:
    """The calendar year in which the fiscal year of a month begins (in month `fiscal_start`)."""
    return (month - (fiscal_start - 1)) // 12
