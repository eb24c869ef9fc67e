"""`Tables`: the workbook as typed frames, with the cell of every value."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import pandas as pd

from kido.errors import Finding, Place

CURRENCIES = {
    **dict.fromkeys(("円", "日本円", "YEN", "¥"), "JPY"),
    **dict.fromkeys(("ドル", "米ドル", "US$", "$", "DOLLAR"), "USD"),
    **dict.fromkeys(("ユーロ", "€", "EURO"), "EUR"),
}


@dataclass(frozen=True)
class Settings:
    """The options of the sheet Settings, typed: months are numbers (see `months`), rates a year."""

    start: int
    title: str = ""
    calendar: tuple[int, ...] = (1,) * 12
    run_out: int = 0
    base_year: int = 0
    discount_rate: float = 0.0
    yard_cost: float | None = None
    least_cost: float = 0.001
    risk_weight: float = 0.0
    cvar_level: float = 0.9
    display_currency: str = ""
    fx: float | None = None
    fiscal_start: int = 4
    language: str = "en"
    data_date: int | None = None
    solver_method: str = "auto"
    time_limit: float | None = None
    draws: int = 0
    seed: int = 1
    draws_probability: float | None = None
    optimality_gap: float = 1e-6
    steady: float = 0.01
    jpy_per_usd: float | None = None
    eur_per_usd: float | None = None
    cny_per_usd: float | None = None
    aud_per_usd: float | None = None
    nervousness: float | None = None

    @property
    def currency(self) -> str:
        """The code of the display currency. Blank: USD, or JPY where there is an exchange rate."""
        if not self.display_currency:
            return "USD" if self.fx is None else "JPY"
        currency = self.display_currency.upper()
        return CURRENCIES.get(currency, currency)

    @property
    def rate(self) -> float:
        """Units of the display currency for one USD. Raises ValueError where there is no rate."""
        return self.rate_of(self.currency)

    def rate_of(self, currency: str) -> float:
        """Units of a currency for one USD. Raises ValueError where its rate is not given."""
        if currency == "USD":
            return 1.0
        rate: float | None = getattr(self, f"{currency.lower()}_per_usd", None)
        if rate is None and currency == self.currency:
            rate = self.fx
        if rate is None:
            raise ValueError(f"no rate for {currency}")
        return rate

    def has_rate(self, currency: str) -> bool:
        """Whether the rate of a currency is given."""
        try:
            return self.rate_of(currency) > 0
        except ValueError:
            return False


@dataclass(frozen=True)
class Frame:
    """The rows of one sheet, typed.

    `rows` is indexed by Excel row number; its columns are the catalogue's keys, all of
    them, typed: numbers are floats (NaN where blank and without default), months are
    ints or None, words are tuples, flags are bools, text is str ('' where blank),
    references are float, str or None. Rows with `use` = no are left out.
    `letters` gives the Excel column of each key ('' where the book has no such column);
    `title` is the title of the sheet in the book, where that is not its English name;
    `unused` are the names on rows with `use` = no. `origins` are, for rows that kido made, the
    frame and row that they were made from.
    """

    sheet: str
    rows: pd.DataFrame
    letters: Mapping[str, str]
    title: str = ""
    unused: tuple[str, ...] = ()
    origins: Mapping[int, tuple[Frame, int]] = field(default_factory=dict)

    def place(self, row: int, key: str = "") -> Place:
        """The sheet and cell of a row and column; of no column, the first of the row."""
        if row in self.origins:
            frame, origin = self.origins[row]
            return frame.place(origin, key)
        letter = self.letters.get(key, "") or next((x for x in self.letters.values() if x), "A")
        return Place(self.title or self.sheet, f"{letter}{row}")

    def records(self) -> Iterator[Any]:
        """An iterator over the rows as named tuples; `.Index` is the Excel row number."""
        return iter(self._records)

    @cached_property
    def _records(self) -> list[Any]:
        # cached, as many modules iterate over the same rows
        shape = _shape(self.sheet, ("Index", *self.rows.columns))
        columns = (self.rows[key].tolist() for key in self.rows.columns)
        return [shape(*values) for values in zip(self.rows.index.tolist(), *columns, strict=True)]

    def __len__(self) -> int:
        return len(self.rows)

    def __getstate__(self) -> dict[str, Any]:
        # the records are of a class made at run time, which another process does not know
        return {key: value for key, value in vars(self).items() if key != "_records"}


@cache
def _shape(sheet: str, keys: tuple[str, ...]) -> Any:
    """The class of a sheet's records; cached, as it is slow to make."""
    return namedtuple(sheet, keys)


@dataclass(frozen=True)
class Tables:
    """A workbook as typed frames; `with_rows` and `with_settings` return edited copies."""

    path: str
    sha256: str
    settings: Settings
    settings_cells: Mapping[str, str]
    frames: Mapping[str, Frame]
    warnings: tuple[Finding, ...] = field(default=())
    settings_title: str = "Settings"

    def __getitem__(self, sheet: str) -> Frame:
        return self.frames[sheet]

    def with_rows(self, sheet: str, rows: pd.DataFrame) -> Tables:
        """A copy with other rows of one sheet."""
        frames = dict(self.frames)
        frames[sheet] = replace(frames[sheet], rows=rows)
        return replace(self, frames=frames)

    def with_settings(self, **changes: Any) -> Tables:
        """A copy with other values of some settings."""
        return replace(self, settings=replace(self.settings, **changes))


def or_else(value: float, instead: float) -> float:
    """The value of a number cell, or `instead` where the cell is blank (NaN)."""
    return instead if math.isnan(value) else value
