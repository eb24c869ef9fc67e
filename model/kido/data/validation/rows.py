"""Does each row make sense by itself?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.figure import above, apart
from kido.data.months import Month
from kido.data.pairs import PAIRS
from kido.data.schema import catalogue, column_term, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import BLANK, end_of_plan, fault, reached, warning
from kido.errors import Finding
from kido.messages import Unit, listed, phrase

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
# (sheet, column that decides, its value, column it needs, the message where that is missing)
NEEDED_UNDER = (
    ("Contracts", "price_rule", "fixed", "price", "rule-incomplete.price"),
    ("Stockpiles", "release", "from a month", "release_month", "rule-incomplete.release"),
)


def check_limits(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """No minimum above its maximum."""
    for sheet, least, most in PAIRS:
        frame = tables[sheet]
        for row in frame.records():
            low, high = getattr(row, least), getattr(row, most)
            if above(low, high):
                code = "opening-above-capacity" if least == "opening" else "min-above-max"
                found, limit = apart(low, high)
                yield fault(
                    code, frame, row.Index, least, found,
                    least=column_term(sheet, least), most=column_term(sheet, most), limit=limit,
                )  # fmt: skip


def check_expansions(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """An expansion that is asked for or allowed has a cost."""
    frame = tables["Facilities"]
    for row in frame.records():
        asked = row.least_expansion > 0 or row.most_expansion > 0
        if asked and math.isnan(row.expansion_cost):
            yield fault(
                "expansion-without-cost", frame, row.Index, "expansion_cost", BLANK,
                unit=Unit(catalogue()["Facilities"].columns["expansion_cost"].unit),
            )  # fmt: skip
        elif row.least_expansion > 0:
            yield from _ready_in_time(tables, row)


def _ready_in_time(tables: Tables, row: Any) -> Iterator[Finding]:
    """What must be built can be used before the plan or the facility ends."""
    ready = tables.settings.start + int(row.build_months)
    last = end_of_plan(tables) - 1
    key = "expansion-too-late.plan"
    if row.end is not None and row.end < last:
        last, key = row.end, "expansion-too-late.facility"
    if ready > last:
        yield fault(
            key, tables["Facilities"], row.Index, "least_expansion",
            phrase("part.ready", amount=row.least_expansion, month=Month(ready)),
            last=Month(last),
        )  # fmt: skip


def check_rules(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A rule has the figures it needs; figures that no rule looks at are pointed out."""
    for sheet, key, value, needed, message in NEEDED_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            if getattr(row, key) == value and _is_blank(getattr(row, needed)):
                yield fault(message, frame, row.Index, needed, BLANK)
    for sheet, key, values, other in COUNTS_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            given = getattr(row, other)
            if getattr(row, key) not in values and not _is_blank(given) and given != 0:
                rule = word_term(sheet, key, getattr(row, key))
                others = listed((word_term(sheet, key, value) for value in values), joint="or")
                month = catalogue()[sheet].columns[other].kind == "month"
                yield warning(
                    "figure-ignored.rule", frame, row.Index, other,
                    Month(given) if month else given, rule=rule, others=others,
                )  # fmt: skip


def check_contracts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """A contract covers supply rows or routes, and a rebate has its threshold."""
    frame = tables["Contracts"]
    for row in frame.records():
        for word in row.applies_to:
            kind = words.kind(word)
            if kind and not reached(words, [word], "Supply") + reached(words, [word], "Routes"):
                yield fault(
                    "contract-covers-nothing", frame, row.Index, "applies_to", word,
                    kind=phrase(f"kind.{kind}"), word=word,
                )  # fmt: skip
        if row.rebate_share > 0 and row.price_rule == "index" and math.isnan(row.rebate_above):
            unit = Unit(catalogue()["Contracts"].columns["rebate_above"].unit)
            yield fault(
                "rule-incomplete.rebate", frame, row.Index, "rebate_above", BLANK, unit=unit
            )
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
                phrase("part.a_year", amount=firm), most=carried,
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
            price = _net_price(row, below[0])
            yield warning(
                "rebate-above-price", frame, row.Index, "rebate_share",
                phrase("part.net_price", price=price, index=below[0]),
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
            found, least = apart(row.opening, row.floor)
            yield warning("opening-below-floor", frame, row.Index, "opening", found, limit=least)
        if row.ending == "at least" and above(row.ending_amount, row.capacity):
            found, most = apart(row.ending_amount, row.capacity)
            yield fault(
                "min-above-max.ending", frame, row.Index, "ending_amount", found, limit=most
            )
    frame = tables["Relief"]
    for row in frame.records():
        if row.kind == "defer" and math.isnan(row.returns):
            yield warning("deferred-for-ever", frame, row.Index, "returns", BLANK)


def _is_blank(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
