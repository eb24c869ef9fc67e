"""Does a figure look like what was meant, or like a slip of unit, place or sign?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kido.data.figure import above
from kido.data.months import month_text
from kido.data.schema import TRUNK, catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units
from kido.data.validation.checking import end_of_plan, fault, warning
from kido.errors import Finding, Place
from kido.tolerances import LEAST_AMOUNT_T

# The trunk is what a board plans by: less than this, and it hardly is.
LEAST_TRUNK = 0.1


@dataclass(frozen=True)
class Odd:
    """Figures of a column that are seldom meant: those outside a range, but for some."""

    sheet: str
    column: str
    reading: str  # how the figure is read, with {:g} for it
    advice: str
    least: float = float("-inf")
    most: float = float("inf")
    counts: Callable[[Any], bool] = lambda row: True  # whether the row looks at it


DAYS = "type months: 1.5 for 45 days"
SIGN = "drop the minus, unless money really flows the other way"
PERCENT = "type 5 for 5 %"
SHARE = "type 0.4 for two fifths"
PER_KG = "type 200 for 200,000 USD a tonne"
LEAST_YEN = 10  # for one USD: less is a rate turned upside down
ODD = (
    Odd("Processes", "lead", "read as {:g} months from input to output", DAYS, most=12),
    Odd("Routes", "lead", "read as {:g} months on the way", DAYS, most=12),
    Odd("Relief", "notice", "read as {:g} months of notice", DAYS, most=24),
    Odd("Relief", "returns", "read as a return after {:g} months", DAYS, most=24),
    Odd("Facilities", "build_months", "read as {:g} months to build", DAYS, most=120),
    Odd("Policies", "limit", "read as cover for {:g} months", DAYS, most=36,
        counts=lambda row: row.measure == "cover"),
    Odd("Routes", "loss", "read as {:g} % lost on the way", "type 0.2 for 0.2 %", most=30),
    Odd("Routes", "loss", "read as {:g} % lost on the way", PERCENT, least=0.005,
        counts=lambda row: row.loss > 0),
    Odd("Routes", "tariff", "read as a tariff of {:g} %", PERCENT, most=200),
    Odd("Routes", "tariff", "read as a tariff of {:g} %", PERCENT, least=0.1,
        counts=lambda row: row.tariff > 0),
    Odd("Demand", "growth", "read as {:.0%} a year", "type 0.02 for 2 %", most=0.5),
    Odd("Contracts", "index_factor", "read as {:g} times the index", "type 0.95 for 95 %", most=5),
    Odd("Events", "factor", "read as {:g} times the number", SHARE, most=10),
    Odd("Events", "factor", "read as {:g} times the number", SHARE, most=3,
        counts=lambda row: row.effect in ("capacity", "demand", "yield") and row.factor <= 10),
    Odd("Events", "add", "read as {:g} months", DAYS, most=24,
        counts=lambda row: row.effect in ("lead", "delay")),
    Odd("Supply", "price", "read as {:g} USD/kg", PER_KG, most=20_000),
    Odd("Sales", "price", "read as {:g} USD/kg", PER_KG, most=20_000),
    Odd("Routes", "price", "read as {:g} USD/kg", PER_KG, most=20_000),
    Odd("Contracts", "price", "read as {:g} USD/kg", PER_KG, most=20_000),
    Odd("Routes", "freight", "read as {:g} USD/kg", PER_KG, most=1_000),
    Odd("Facilities", "life_years", "read as {:g} years", "type years", most=60),
    Odd("Supply", "price", "read as money received with the goods", SIGN, least=0),
    Odd("Sales", "price", "read as money paid to be rid of the goods", SIGN, least=0),
    Odd("Processes", "cost", "read as money earned by running", SIGN, least=0),
    Odd("Routes", "price", "read as money received with the goods", SIGN, least=0),
    Odd("Routes", "freight", "read as money earned by shipping", SIGN, least=0),
    Odd("Contracts", "price", "read as money received with the goods", SIGN, least=0),
    Odd("Contracts", "index", "read as money received with the goods", SIGN, least=0,
        counts=lambda row: isinstance(row.index, float)),
    Odd("Contracts", "floor", "read as a price below nought", SIGN, least=0),
    Odd("Contracts", "rebate_above", "read as a price below nought", SIGN, least=0),
    Odd("Relief", "cost", "read as money earned by going without", SIGN, least=0),
)  # fmt: skip
ODD_SETTINGS = (
    Odd("Settings", "discount_rate", "read as {:.0%} a year", "type 0.04 for 4 %", most=0.3),
    Odd("Settings", "least_cost", "read as {:g} USD/kg for every leg and run",
        "type a small figure, such as 0.001", most=1),
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
                    name = catalogue()[sheet].columns[column].name
                    yield fault(
                        "too-small", frame, row.Index, column,
                        f"'{name}' is so small that a plan cannot tell it from nothing.",
                        f"{amount:g}", f"0, or at least {LEAST_AMOUNT_T / scale:g}",
                        "correct it, or the unit on the sheet Commodities",
                    )  # fmt: skip


def check_odd_figures(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Figures that are legal but seldom meant are told, with how they are read."""
    for odd in ODD:
        frame = tables[odd.sheet]
        for row in frame.records():
            figure = getattr(row, odd.column)
            if isinstance(figure, float) and odd.counts(row) and _is_odd(odd, figure):
                yield warning("odd-figure", frame, row.Index, odd.column, *_telling(odd, figure))
    for odd in ODD_SETTINGS:
        figure = getattr(tables.settings, odd.column)
        if _is_odd(odd, figure):
            place = _settings_place(tables, odd.column)
            yield Finding("odd-figure", place, *_telling(odd, figure), warning=True)


def _is_odd(odd: Odd, figure: float) -> bool:
    return above(figure, odd.most) or above(odd.least, figure)


def _telling(odd: Odd, figure: float) -> tuple[str, str, str, str]:
    name = catalogue()[odd.sheet].columns[odd.column].name
    usual = f"up to {odd.most:g}" if figure > odd.most else f"at least {odd.least:g}"
    reading = odd.reading.format(figure)
    return f"This '{name}' is seldom meant: it is {reading}.", f"{figure:g}", usual, odd.advice


def check_trunk(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """The trunk keeps enough probability to be planned by."""
    frame = tables["Scenarios"]
    children = [row for row in frame.records() if row.parent in ("", TRUNK)]
    left = 1 - sum(row.probability for row in children)
    if children and above(LEAST_TRUNK, left) and left > -1e-9:
        largest = max(children, key=lambda row: row.probability)
        yield warning(
            "small-trunk", frame, largest.Index, "probability",
            f"The scenarios leave {max(left, 0):.3g} to the trunk, which the first page is about: "
            "a plan for what hardly ever happens.",
            f"{largest.probability:g}", f"at least {LEAST_TRUNK:g} left for the trunk",
            "lower it, or make what is likely the trunk",
        )  # fmt: skip


def check_release(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A stock that waits for its month of release is released within the plan."""
    frame, after = tables["Stockpiles"], end_of_plan(tables)
    for row in frame.records():
        late = row.release_month is not None and row.release_month >= after
        if row.release == "from a month" and late:
            yield warning(
                "never-released", frame, row.Index, "release_month",
                "The plan is over before this stock may be drawn: it is never used.",
                month_text(row.release_month), f"{month_text(after - 1)} or earlier",
                "type an earlier month, or choose another release rule",
            )  # fmt: skip


def check_currency(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """USD is 1 USD; any other display currency has its rate."""
    given, fx = tables.settings.currency, tables.settings.fx
    place = _settings_place(tables, "fx")
    if given == "USD" and fx is not None and fx != 1:
        yield Finding(
            "rate-of-usd", place, "A USD is worth 1 USD.", f"{fx:g}", "1 or blank",
            "clear it, or name the currency it is the rate of in 'display currency'",
        )  # fmt: skip
    elif given == "JPY" and fx is not None and fx < LEAST_YEN:
        yield Finding(
            "odd-figure", place, f"One USD is read as {fx:g} yen.", f"{fx:g}", "yen for one USD",
            f"type {1 / fx:.4g} if this is what a yen is worth", warning=True,
        )  # fmt: skip
    elif given != "USD" and fx is None:
        yield Finding(
            "rate-missing", place, f"How many {given} one USD costs is not said.", "blank",
            f"{given} for one USD", "type the rate, or choose USD",
        )  # fmt: skip


def _settings_place(tables: Tables, option: str) -> Place:
    """The cell of an option; of one that is not there, where the display currency stands."""
    cells = tables.settings_cells
    return Place(tables.settings_title, cells.get(option) or cells.get("display_currency", "A1"))
