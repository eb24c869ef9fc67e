"""Does a figure look like what was meant, or like a slip of unit, place or sign?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kido.data.figure import above
from kido.data.months import Month
from kido.data.schema import TRUNK, column_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units
from kido.data.validation.checking import BLANK, end_of_plan, fault, warning
from kido.errors import Finding, Place
from kido.messages import phrase
from kido.tolerances import LEAST_AMOUNT_T

# The trunk is what a board plans by: less than this, and it hardly is.
LEAST_TRUNK = 0.1


@dataclass(frozen=True)
class Odd:
    """Figures of a column that are seldom meant: those outside a range, but for some."""

    sheet: str
    column: str
    key: str  # the message that says how the figure is read
    least: float = float("-inf")
    most: float = float("inf")
    counts: Callable[[Any], bool] = lambda row: True  # whether the row looks at it


LEAST_YEN = 10  # for one USD: less is a rate turned upside down
ODD = (
    Odd("Processes", "lead", "odd-figure.process_lead", most=12),
    Odd("Routes", "lead", "odd-figure.route_lead", most=12),
    Odd("Relief", "notice", "odd-figure.notice", most=24),
    Odd("Relief", "returns", "odd-figure.returns", most=24),
    Odd("Facilities", "build_months", "odd-figure.build_months", most=120),
    Odd("Policies", "limit", "odd-figure.cover", most=36,
        counts=lambda row: row.measure == "cover"),
    Odd("Routes", "loss", "odd-figure.large_loss", most=30),
    Odd("Routes", "loss", "odd-figure.small_loss", least=0.005,
        counts=lambda row: row.loss > 0),
    Odd("Routes", "tariff", "odd-figure.tariff", most=200),
    Odd("Routes", "tariff", "odd-figure.tariff", least=0.1,
        counts=lambda row: row.tariff > 0),
    Odd("Demand", "growth", "odd-figure.growth", most=0.5),
    Odd("Contracts", "index_factor", "odd-figure.index_factor", most=5),
    Odd("Events", "factor", "odd-figure.factor", most=10),
    Odd("Events", "factor", "odd-figure.factor", most=3,
        counts=lambda row: row.effect in ("capacity", "demand", "yield") and row.factor <= 10),
    Odd("Events", "add", "odd-figure.added_months", most=24,
        counts=lambda row: row.effect in ("lead", "delay")),
    Odd("Supply", "price", "odd-figure.price", most=20_000),
    Odd("Sales", "price", "odd-figure.price", most=20_000),
    Odd("Routes", "price", "odd-figure.price", most=20_000),
    Odd("Contracts", "price", "odd-figure.price", most=20_000),
    Odd("Routes", "freight", "odd-figure.price", most=1_000),
    Odd("Facilities", "life_years", "odd-figure.life", most=60),
    Odd("Supply", "price", "odd-figure.received", least=0),
    Odd("Sales", "price", "odd-figure.paid", least=0),
    Odd("Processes", "cost", "odd-figure.earned_running", least=0),
    Odd("Routes", "price", "odd-figure.received", least=0),
    Odd("Routes", "freight", "odd-figure.earned_shipping", least=0),
    Odd("Contracts", "price", "odd-figure.received", least=0),
    Odd("Contracts", "index", "odd-figure.received", least=0,
        counts=lambda row: isinstance(row.index, float)),
    Odd("Contracts", "floor", "odd-figure.below_nought", least=0),
    Odd("Contracts", "rebate_above", "odd-figure.below_nought", least=0),
    Odd("Relief", "cost", "odd-figure.earned_without", least=0),
)  # fmt: skip
ODD_SETTINGS = (
    Odd("Settings", "discount_rate", "odd-figure.discount", most=0.3),
    Odd("Settings", "least_cost", "odd-figure.least_cost", most=1),
)  # fmt: skip


def usual_most(sheet: str, column: str) -> float:
    """What a figure of a column seldom passes; inf where nothing is said of it."""
    return min((o.most for o in ODD if (o.sheet, o.column) == (sheet, column)), default=math.inf)


# Amounts: (sheet, columns). Goods of another unit than tonnes are weighed in it.
AMOUNTS = (
    ("Supply", ("most", "least")), ("Sales", ("most", "least")),
    ("Processes", ("most", "least", "in_works")), ("Routes", ("most", "least", "on_water")),
    ("Facilities", ("capacity", "least_expansion", "most_expansion")),
    ("Contracts", ("least_reserved", "most_reserved")),
    ("Stockpiles", ("opening", "capacity", "floor")), ("Demand", ("need",)),
)  # fmt: skip


def check_small_amounts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Amounts that a plan cannot tell from nothing: ten grams or less."""
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


def check_odd_figures(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Figures that are legal but seldom meant are told, with how they are read."""
    for odd in ODD:
        frame = tables[odd.sheet]
        for row in frame.records():
            figure = getattr(row, odd.column)
            if isinstance(figure, float) and odd.counts(row) and _is_odd(odd, figure):
                yield warning(
                    odd.key, frame, row.Index, odd.column, f"{figure:g}", **_telling(odd, figure)
                )
    for odd in ODD_SETTINGS:
        figure = getattr(tables.settings, odd.column)
        if _is_odd(odd, figure):
            place = _settings_place(tables, odd.column)
            yield Finding.warn(odd.key, place, f"{figure:g}", **_telling(odd, figure))


def _is_odd(odd: Odd, figure: float) -> bool:
    return above(figure, odd.most) or above(odd.least, figure)


def _telling(odd: Odd, figure: float) -> dict[str, object]:
    usual = phrase("part.at_least", number=odd.least)
    if figure > odd.most:
        usual = phrase("part.up_to", number=odd.most)
    return {"column": column_term(odd.sheet, odd.column), "figure": figure, "usual": usual}


def check_trunk(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """The trunk keeps enough probability to be planned by."""
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
    """A stock that waits for its month of release is released within the plan."""
    frame, after = tables["Stockpiles"], end_of_plan(tables)
    for row in frame.records():
        late = row.release_month is not None and row.release_month >= after
        if row.release == "from a month" and late:
            yield warning(
                "never-released", frame, row.Index, "release_month", Month(row.release_month),
                month=Month(after - 1),
            )  # fmt: skip


def check_currency(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """USD is 1 USD; any other display currency has its rate."""
    given, fx = tables.settings.currency, tables.settings.fx
    place = _settings_place(tables, "fx")
    if given == "USD" and fx is not None and fx != 1:
        yield Finding.of("rate-of-usd", place, f"{fx:g}")
    elif given == "JPY" and fx is not None and fx < LEAST_YEN:
        yield Finding.warn("odd-figure.yen", place, f"{fx:g}", fx=fx, inverse=1 / fx)
    elif given != "USD" and fx is None:
        yield Finding.of("rate-missing", place, BLANK, currency=given)


def _settings_place(tables: Tables, option: str) -> Place:
    """The cell of an option; of one that is not there, where the display currency stands."""
    cells = tables.settings_cells
    return Place(tables.settings_title, cells.get(option) or cells.get("display_currency", "A1"))
