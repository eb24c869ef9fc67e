"""Does each row make sense by itself?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.figure import above, apart
from kido.data.months import month_text
from kido.data.pairs import PAIRS
from kido.data.schema import catalogue
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import end_of_plan, fault, reached, warning
from kido.errors import Finding

# (sheet, column that decides, its values under which the other column counts, other column)
COUNTS_UNDER = (
    ("Contracts", "price_rule", ("fixed",), "price"),
    ("Contracts", "price_rule", ("index",), "index"),
    ("Contracts", "price_rule", ("index",), "floor"),
    ("Contracts", "price_rule", ("index",), "rebate_above"),
    ("Stockpiles", "release", ("from a month",), "release_month"),
    ("Stockpiles", "ending", ("at least", "value per kg"), "ending_amount"),
    ("Relief", "kind", ("defer",), "returns"),
)
# (sheet, column that decides, its value, column it needs, what is missing)
NEEDED_UNDER = (
    ("Contracts", "price_rule", "fixed", "price", "A fixed price is asked for but not given."),
    ("Stockpiles", "release", "from a month", "release_month", "The month of release is missing."),
)


def check_limits(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No minimum above its maximum."""
    for sheet, least, most in PAIRS:
        frame = tables[sheet]
        for row in frame.records():
            low, high = getattr(row, least), getattr(row, most)
            if above(low, high):
                code = "opening-above-capacity" if least == "opening" else "min-above-max"
                names = catalogue()[sheet].columns
                sentence = f"'{names[least].name}' is above '{names[most].name}'."
                found, limit = apart(low, high)
                yield fault(
                    code,
                    frame,
                    row.Index,
                    least,
                    sentence,
                    found,
                    f"at most {limit}",
                    "lower it, or raise the other",
                )


def check_expansions(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """An expansion that is asked for or allowed has a cost."""
    frame = tables["Facilities"]
    for row in frame.records():
        asked = row.least_expansion > 0 or row.most_expansion > 0
        if asked and math.isnan(row.expansion_cost):
            sentence = "An expansion is given but no cost: it cannot be ordered."
            advice = "type its cost (0 if it costs nothing), or clear the expansion"
            yield fault(
                "expansion-without-cost", frame, row.Index, "expansion_cost", sentence, "blank",
                "a number in USD per kg/yr", advice,
            )  # fmt: skip
        elif row.least_expansion > 0:
            yield from _ready_in_time(tables, row)


def _ready_in_time(tables: Tables, row: Any) -> Iterator[Finding]:
    """What must be built can be used before the plan or the facility ends."""
    ready = tables.settings.start + int(row.build_months)
    last = end_of_plan(tables) - 1
    whose = "the plan, run-out included, is over"
    if row.end is not None and row.end < last:
        last, whose = row.end, "the facility has closed"
    if ready > last:
        sentence = f"An expansion ordered at once is ready when {whose}: none can be ordered."
        yield fault(
            "expansion-too-late", tables["Facilities"], row.Index, "least_expansion", sentence,
            f"{row.least_expansion:g}, ready in {month_text(ready)}",
            f"ready in {month_text(last)} or earlier",
            "clear it, shorten the build months, or lengthen the calendar",
        )  # fmt: skip


def check_rules(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A rule has the figures it needs; figures that no rule looks at are pointed out."""
    for sheet, key, value, needed, sentence in NEEDED_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            if getattr(row, key) == value and _is_blank(getattr(row, needed)):
                advice = "fill it in, or choose another rule"
                yield fault(
                    "rule-incomplete", frame, row.Index, needed, sentence, "blank", "", advice
                )
    for sheet, key, values, other in COUNTS_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            given = getattr(row, other)
            if getattr(row, key) not in values and not _is_blank(given) and given != 0:
                sentence = f"This does not count under the rule '{getattr(row, key)}'."
                advice = f"clear it, or choose {' or '.join(values)}"
                yield warning(
                    "figure-ignored", frame, row.Index, other, sentence, given, "blank", advice
                )


def check_contracts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A contract covers supply rows or routes, and a rebate has its threshold."""
    frame = tables["Contracts"]
    for row in frame.records():
        for word in row.applies_to:
            kind = words.kind(word)
            if kind and not reached(words, [word], "Supply") + reached(words, [word], "Routes"):
                sentence = f"The {kind} '{word}' covers no row of Supply or Routes."
                advice = "name supply rows or routes, or a tag they bear"
                yield fault(
                    "contract-covers-nothing", frame, row.Index, "applies_to", sentence, word,
                    "supply rows or routes", advice,
                )  # fmt: skip
        if row.rebate_share > 0 and row.price_rule == "index" and math.isnan(row.rebate_above):
            sentence = "A rebate is given but not the index price above which it is paid."
            yield fault(
                "rule-incomplete", frame, row.Index, "rebate_above", sentence, "blank",
                "a number in USD/kg", "fill it in, or clear the rebate share",
            )  # fmt: skip
    most = {
        (sheet, r.name): r.most for sheet in ("Supply", "Routes") for r in tables[sheet].records()
    }
    for row in frame.records():
        limits = [
            most[sheet, name]
            for sheet in ("Supply", "Routes")
            for name in reached(words, row.applies_to, sheet)
        ]
        firm = row.least_reserved * row.take_or_pay
        carried = sum(limits)
        if limits and above(firm, carried):  # a blank limit makes the sum none, and no comparison
            yield warning(
                "contract-above-lanes", frame, row.Index, "least_reserved",
                "More must be taken or paid for than the rows of the contract can carry: the rest "
                "is paid for and not taken.",
                f"{firm:g} a year", f"at most {carried:g}",
                "lower it, or raise the limits of its supply rows or routes",
            )  # fmt: skip


def check_rebates(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No index at which a contract pays back more than it charges."""
    frame = tables["Contracts"]
    series: dict[str, list[float]] = {}
    for row in tables["Profiles"].records():
        series.setdefault(row.name, []).append(row.value)
    plain = {r.name: r.price for s in ("Supply", "Routes") for r in tables[s].records()}
    for row in frame.records():
        if row.price_rule != "index" or not row.rebate_share > 0:
            continue
        if row.index is None:
            covered = (n for s in ("Supply", "Routes") for n in reached(words, row.applies_to, s))
            indices = [plain[name] for name in covered]
        else:
            indices = series.get(row.index, []) if isinstance(row.index, str) else [row.index]
        below = [x for x in indices if _net_price(row, x) < 0]
        if below:
            sentence = "The rebate can be more than the price: a tonne would then earn money."
            yield warning(
                "rebate-above-price", frame, row.Index, "rebate_share", sentence,
                f"a net price of {_net_price(row, below[0]):g} at the index {below[0]:g}",
                "a net price of at least 0", "lower the share, or raise the factor or the floor",
            )  # fmt: skip


def _net_price(row: Any, index: float) -> float:
    """USD/kg after the rebate; NaN where a figure is blank."""
    price = row.index_factor * index
    price = price if math.isnan(row.floor) else max(row.floor, price)
    return float(price - row.rebate_share * max(0.0, index - row.rebate_above))


def check_stocks_and_relief(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Openings below the floor, an end that has no room, deferral that never comes back."""
    frame = tables["Stockpiles"]
    for row in frame.records():
        if above(row.floor, row.opening):
            sentence = "The stock opens below its floor and must be filled at once."
            found, least = apart(row.opening, row.floor)
            yield warning(
                "opening-below-floor", frame, row.Index, "opening", sentence, found,
                f"at least {least}", "lower the floor, or hold it by a policy of cover",
            )  # fmt: skip
        if row.ending == "at least" and above(row.ending_amount, row.capacity):
            sentence = "The stock must end above its capacity."
            found, most = apart(row.ending_amount, row.capacity)
            yield fault(
                "min-above-max", frame, row.Index, "ending_amount", sentence, found,
                f"at most {most}", "lower it",
            )  # fmt: skip
    frame = tables["Relief"]
    for row in frame.records():
        if row.kind == "defer" and math.isnan(row.returns):
            sentence = "What is deferred here never comes back: it is as good as lost."
            yield warning(
                "deferred-for-ever", frame, row.Index, "returns", sentence, "blank",
                "a number of months", "type the months until it is needed after all",
            )  # fmt: skip


def _is_blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
