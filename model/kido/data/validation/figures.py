"""Checks of figures: unusual ones (slips of unit, place or sign), amounts, trunk, currency."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kido.data.currency import SHEETS, is_money, rates
from kido.data.figure import above
from kido.data.months import Month
from kido.data.schema import TRUNK, catalogue, column_term, sheet_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units
from kido.data.validation.checking import BLANK, end_of_plan, fault, warning
from kido.errors import Finding, Place
from kido.messages import phrase
from kido.tolerances import LEAST_AMOUNT_T

# The least probability of the trunk for which no warning is given.
LEAST_TRUNK = 0.1


@dataclass(frozen=True)
class UsualRange:
    """The usual range of a column; figures outside are warned of."""

    sheet: str
    column: str
    key: str  # the message, which says how the figure is read
    least: float = float("-inf")
    most: float = float("inf")
    counts: Callable[[Any], bool] = lambda row: True  # whether the row uses the figure


LEAST_YEN = 10  # for one USD: less is a rate turned upside down
USUAL_RANGES = (
    UsualRange("Processes", "lead", "odd-figure.process_lead", most=12),
    UsualRange("Routes", "lead", "odd-figure.route_lead", most=12),
    UsualRange("Relief", "notice", "odd-figure.notice", most=24),
    UsualRange("Relief", "returns", "odd-figure.returns", most=24),
    UsualRange("Relief", "latest_return", "odd-figure.returns", most=24),
    UsualRange("Facilities", "build_months", "odd-figure.build_months", most=120),
    UsualRange("Policies", "limit", "odd-figure.cover", most=36,
        counts=lambda row: row.measure == "cover"),
    UsualRange("Routes", "loss", "odd-figure.large_loss", most=30),
    UsualRange("Routes", "loss", "odd-figure.small_loss", least=0.005,
        counts=lambda row: row.loss > 0),
    UsualRange("Routes", "tariff", "odd-figure.tariff", most=200),
    UsualRange("Routes", "tariff", "odd-figure.tariff", least=0.1,
        counts=lambda row: row.tariff > 0),
    UsualRange("Demand", "growth", "odd-figure.growth", most=0.5),
    UsualRange("Contracts", "index_factor", "odd-figure.index_factor", most=5),
    UsualRange("Events", "factor", "odd-figure.factor", most=10),
    UsualRange("Events", "factor", "odd-figure.factor", most=3,
        counts=lambda row: row.effect in ("capacity", "demand", "yield") and row.factor <= 10),
    UsualRange("Events", "add", "odd-figure.added_months", most=24,
        counts=lambda row: row.effect in ("lead", "delay")),
    UsualRange("Supply", "price", "odd-figure.price", most=20_000),
    UsualRange("Sales", "price", "odd-figure.price", most=20_000),
    UsualRange("Routes", "price", "odd-figure.price", most=20_000),
    UsualRange("Contracts", "price", "odd-figure.price", most=20_000),
    UsualRange("Routes", "freight", "odd-figure.price", most=1_000),
    UsualRange("Facilities", "life_years", "odd-figure.life", most=60),
    UsualRange("Supply", "price", "odd-figure.received", least=0),
    UsualRange("Sales", "price", "odd-figure.paid", least=0),
    UsualRange("Processes", "cost", "odd-figure.earned_running", least=0),
    UsualRange("Routes", "price", "odd-figure.received", least=0),
    UsualRange("Routes", "freight", "odd-figure.earned_shipping", least=0),
    UsualRange("Contracts", "price", "odd-figure.received", least=0),
    UsualRange("Contracts", "index", "odd-figure.received", least=0,
        counts=lambda row: isinstance(row.index, float)),
    UsualRange("Contracts", "floor", "odd-figure.below_nought", least=0),
    UsualRange("Contracts", "rebate_above", "odd-figure.below_nought", least=0),
    UsualRange("Relief", "cost", "odd-figure.earned_without", least=0),
)  # fmt: skip
USUAL_SETTINGS = (
    UsualRange("Settings", "discount_rate", "odd-figure.discount", most=0.3),
    UsualRange("Settings", "least_cost", "odd-figure.least_cost", most=1),
)  # fmt: skip


def usual_most(sheet: str, column: str) -> float:
    """The upper end of the usual range of a column; inf where there is none."""
    return min(
        (o.most for o in USUAL_RANGES if (o.sheet, o.column) == (sheet, column)), default=math.inf
    )


# Amounts: (sheet, columns). Goods of another unit than tonnes are weighed in it.
AMOUNTS = (
    ("Supply", ("most", "least")), ("Sales", ("most", "least")),
    ("Processes", ("most", "least", "in_works")), ("Routes", ("most", "least", "on_water")),
    ("Facilities", ("capacity", "least_expansion", "most_expansion")),
    ("Contracts", ("least_reserved", "most_reserved", "most_a_month", "lifted_before",
                   "paid_before")),
    ("Stockpiles", ("opening", "capacity", "floor")), ("Demand", ("need",)),
)  # fmt: skip


def check_small_amounts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Reports amounts below the tolerance of the solver (ten grams)."""
    units = Units(tables)
    for sheet, columns in AMOUNTS:
        frame = tables[sheet]
        for row in frame.records():
            scale = units.tonnes(getattr(row, "commodity", ""))
            for column in columns:
                amount = getattr(row, column)
                if 0 < amount * scale < LEAST_AMOUNT_T:
                    yield fault(
                        "too-small", frame, row.Index, column, f"{amount:g}",
                        column=column_term(sheet, column), least=LEAST_AMOUNT_T / scale,
                    )  # fmt: skip


def check_unusual_figures(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of figures that are legal but unusual, with how they are read."""
    known = rates(tables)
    for usual in USUAL_RANGES:
        frame, columns = tables[usual.sheet], catalogue()[usual.sheet].columns
        for row in frame.records():
            figure = getattr(row, usual.column)
            if isinstance(figure, float) and is_money(columns[usual.column], row):
                figure /= known.get((usual.sheet, row.name), 1.0)
            if isinstance(figure, float) and usual.counts(row) and _is_unusual(usual, figure):
                yield warning(
                    usual.key,
                    frame,
                    row.Index,
                    usual.column,
                    f"{getattr(row, usual.column):g}",
                    **_message_values(usual, figure),
                )
    for usual in USUAL_SETTINGS:
        figure = getattr(tables.settings, usual.column)
        if _is_unusual(usual, figure):
            place = _settings_place(tables, usual.column)
            yield Finding.warn(usual.key, place, f"{figure:g}", **_message_values(usual, figure))


def _is_unusual(usual: UsualRange, figure: float) -> bool:
    return above(figure, usual.most) or above(usual.least, figure)


def _message_values(usual: UsualRange, figure: float) -> dict[str, object]:
    """The values that go into the message of an unusual figure."""
    span = phrase("part.at_least", number=usual.least)
    if figure > usual.most:
        span = phrase("part.up_to", number=usual.most)
    return {"column": column_term(usual.sheet, usual.column), "figure": figure, "usual": span}


def check_trunk(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of a trunk with too little probability to plan by."""
    frame = tables["Scenarios"]
    children = [row for row in frame.records() if row.parent in ("", TRUNK)]
    left = 1 - sum(row.probability for row in children)
    if children and above(LEAST_TRUNK, left) and left > -1e-9:
        largest = max(children, key=lambda row: row.probability)
        yield warning(
            "small-trunk", frame, largest.Index, "probability", f"{largest.probability:g}",
            left=max(left, 0), least=LEAST_TRUNK,
        )  # fmt: skip


def check_release(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of stocks whose month of release lies after the plan."""
    frame, after = tables["Stockpiles"], end_of_plan(tables)
    for row in frame.records():
        late = row.release_month is not None and row.release_month >= after
        if row.release == "from a month" and late:
            yield warning(
                "never-released", frame, row.Index, "release_month", Month(row.release_month),
                month=Month(after - 1),
            )  # fmt: skip


def check_currency(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that each currency in use has one rate, and USD a rate of 1."""
    settings, fx = tables.settings, tables.settings.fx
    place = _settings_place(tables, "fx")
    if settings.currency == "USD" and fx is not None and fx != 1:
        yield Finding.of("rate-of-usd", place, f"{fx:g}")
    elif not settings.has_rate(settings.currency):
        yield Finding.of("rate-missing", place, BLANK, currency=settings.currency)
    for option, column in catalogue()["Settings"].columns.items():
        rate = getattr(settings, option) if option.endswith("_per_usd") else None
        if rate is not None and fx is not None and column.name.startswith(settings.currency):
            at = _settings_place(tables, option)
            yield Finding.of("rate-twice", at, f"{rate:g}", currency=settings.currency, other=place)
    for option in ("fx", "jpy_per_usd"):
        rate = getattr(settings, option)
        if option == "fx" and settings.currency != "JPY":
            continue
        if rate is not None and rate < LEAST_YEN:
            at = _settings_place(tables, option)
            yield Finding.warn("odd-figure.yen", at, f"{rate:g}", fx=rate, inverse=1 / rate)
    for sheet in SHEETS:
        frame = tables[sheet]
        for row in frame.records():
            if not settings.has_rate(row.currency):
                wanted = column_term("Settings", f"{row.currency.lower()}_per_usd")
                yield fault(
                    "rate-missing.row", frame, row.Index, "currency", row.currency,
                    currency=row.currency, option=wanted, settings=sheet_term("Settings"),
                )  # fmt: skip


def _settings_place(tables: Tables, option: str) -> Place:
    """The cell of an option; where it has none, that of the display currency."""
    cells = tables.settings_cells
    return Place(tables.settings_title, cells.get(option) or cells.get("display_currency", "A1"))
