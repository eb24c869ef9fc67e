"""Checks of single rows: bounds, rules and the figures they need."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.case.make_up import was_settled
from kido.data.case.orders import HELD
from kido.data.case.settlements import months_before
from kido.data.currency import rates
from kido.data.figure import above, apart
from kido.data.months import Month
from kido.data.pairs import PAIRS
from kido.data.schema import catalogue, column_term, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import BLANK, end_of_plan, fault, rows_reached, warning
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
    ("Relief", "kind", ("defer",), "latest_return"),
)
# (sheet, column that decides, its value, column it needs, the message where that is missing)
NEEDED_UNDER = (
    ("Contracts", "price_rule", "fixed", "price", "rule-incomplete.price"),
    ("Stockpiles", "release", "from a month", "release_month", "rule-incomplete.release"),
)


def check_limits(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that no lower bound is above its upper bound."""
    for sheet, least, most in PAIRS:
        frame = tables[sheet]
        for row in frame.records():
            low, high = getattr(row, least), getattr(row, most)
            if above(low, high):
                code = "opening-above-capacity" if least == "opening" else "min-above-max"
                text, limit = apart(low, high)
                yield fault(
                    code, frame, row.Index, least, text,
                    least=column_term(sheet, least), most=column_term(sheet, most), limit=limit,
                )  # fmt: skip


def check_expansions(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every expansion has a cost, and that a required one is ready in time."""
    frame = tables["Facilities"]
    held = {r.name for r in tables["Orders"].records() if r.status in HELD and r.amount > 0}
    for row in frame.records():
        has_orders = row.least_expansion > 0 or row.most_expansion > 0 or row.sizes
        has_orders = has_orders or row.name in held
        if has_orders and math.isnan(row.expansion_cost):
            yield fault(
                "expansion-without-cost", frame, row.Index, "expansion_cost", BLANK,
                unit=Unit(catalogue()["Facilities"].columns["expansion_cost"].unit),
            )  # fmt: skip
            continue
        if row.least_expansion > 0:
            yield from _ready_in_time(tables, row)
        for size in row.sizes:
            if size > row.most_expansion:
                yield warning(
                    "size-above-most", frame, row.Index, "sizes", size, limit=row.most_expansion
                )


def _ready_in_time(tables: Tables, row: Any) -> Iterator[Finding]:
    """Checks that a required expansion can be used before the plan or the facility ends."""
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
    """Checks that a rule has the figures it needs; warns of figures that it does not use."""
    for sheet, key, value, needed, message in NEEDED_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            if getattr(row, key) == value and _is_blank(getattr(row, needed)):
                yield fault(message, frame, row.Index, needed, BLANK)
    for sheet, key, values, other in COUNTS_UNDER:
        frame = tables[sheet]
        for row in frame.records():
            value_there = getattr(row, other)
            if getattr(row, key) not in values and not _is_blank(value_there) and value_there != 0:
                rule = word_term(sheet, key, getattr(row, key))
                others = listed((word_term(sheet, key, value) for value in values), joint="or")
                month = catalogue()[sheet].columns[other].kind == "month"
                yield warning(
                    "figure-ignored.rule", frame, row.Index, other,
                    Month(value_there) if month else value_there, rule=rule, others=others,
                )  # fmt: skip


def check_contracts(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that a contract covers rows, and that a rebate has a threshold."""
    frame = tables["Contracts"]
    for row in frame.records():
        for word in row.applies_to:
            kind = words.kind(word)
            if kind and not rows_reached(words, [word], "Supply") + rows_reached(
                words, [word], "Routes"
            ):
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
            for name in rows_reached(words, row.applies_to, sheet)
        ]
        firm = row.least_reserved * row.take_or_pay
        total = sum(limits)
        if limits and above(firm, total):  # a blank limit makes the sum NaN
            yield warning(
                "contract-above-lanes", frame, row.Index, "least_reserved",
                phrase("part.a_year", amount=firm), most=total,
            )  # fmt: skip
        yield from _lifted_before(tables, row)
        yield from _made_up(tables, row)
        if above(firm, 12 * row.most_a_month):  # a blank limit is NaN
            yield warning(
                "contract-above-months", frame, row.Index, "most_a_month",
                phrase("part.a_month", amount=row.most_a_month), least=firm / 12,
            )  # fmt: skip


def _lifted_before(tables: Tables, row: Any) -> Iterator[Finding]:
    """Warns of what was lifted before the plan where no settlement counts it."""
    if not math.isnan(row.lifted_before):
        key = ""
        if not row.take_or_pay > 0 and math.isnan(row.most_a_month):
            key = "figure-ignored.not_settled"
        elif not months_before(row, tables.settings.start):
            key = "figure-ignored.not_under_way"
        if key:
            yield warning(key, tables["Contracts"], row.Index, "lifted_before", row.lifted_before)


def _made_up(tables: Tables, row: Any) -> Iterator[Finding]:
    """Warns of make-up months where nothing is paid for, and of payments before that are lost."""
    start, frame = tables.settings.start, tables["Contracts"]
    if row.make_up_months > 0 and not row.take_or_pay > 0:
        yield warning(
            "figure-ignored.not_paid_for", frame, row.Index, "make_up_months", row.make_up_months
        )
    elif row.paid_before > 0:
        key = ""
        if not row.make_up_months > 0:
            key = "figure-ignored.not_made_up"
        elif not was_settled(row, start) or (row.end is not None and row.end < start):
            key = "figure-ignored.not_settled_before"
        elif months_before(row, start) >= row.make_up_months:
            key = "figure-ignored.lost_before"
        if key:
            yield warning(key, frame, row.Index, "paid_before", row.paid_before)


def check_rebates(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of contracts that pay back more than they charge at some index."""
    frame = tables["Contracts"]
    series: dict[str, list[float]] = {}
    for row in tables["Profiles"].records():
        series.setdefault(row.name, []).append(row.value)
    known = rates(tables)
    base_prices = {
        r.name: r.price / known.get((sheet, r.name), 1.0)
        for sheet in ("Supply", "Routes")
        for r in tables[sheet].records()
    }  # in USD
    for row in frame.records():
        if row.price_rule != "index" or not row.rebate_share > 0:
            continue
        if row.index is None:
            names = (
                n for s in ("Supply", "Routes") for n in rows_reached(words, row.applies_to, s)
            )
            rate = known.get(("Contracts", row.name), 1.0)
            indices = [base_prices[name] * rate for name in names]
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
    """Checks openings and endings of stocks; warns of deferrals that never come back."""
    frame, after = tables["Stockpiles"], end_of_plan(tables)
    for row in frame.records():
        if row.opening > 0 and row.start is not None and row.start > tables.settings.start:
            yield fault(
                "opening-before-start", frame, row.Index, "opening", f"{row.opening:g}",
                month=Month(row.start),
            )  # fmt: skip
        if row.end is not None and row.end < after and row.ending != "free":
            rule = word_term("Stockpiles", "ending", row.ending)
            yield fault("ending-after-end", frame, row.Index, "ending", rule, month=Month(row.end))
        if above(row.floor, row.opening) and row.start is None:
            text, least = apart(row.opening, row.floor)
            yield warning("opening-below-floor", frame, row.Index, "opening", text, limit=least)
        if row.ending == "at least" and above(row.ending_amount, row.capacity):
            text, most = apart(row.ending_amount, row.capacity)
            yield fault("min-above-max.ending", frame, row.Index, "ending_amount", text, limit=most)
    frame = tables["Relief"]
    for row in frame.records():
        if row.kind != "defer":
            continue
        if math.isnan(row.latest_return):
            if math.isnan(row.returns):
                yield warning("deferred-for-ever", frame, row.Index, "returns", BLANK)
        elif not row.returns > 0:
            value = BLANK if math.isnan(row.returns) else f"{row.returns:g}"
            yield fault("rule-incomplete.returns", frame, row.Index, "returns", value)
        elif above(row.returns, row.latest_return):
            text, limit = apart(row.latest_return, row.returns)
            yield fault("returns-too-early", frame, row.Index, "latest_return", text, limit=limit)


def _is_blank(value: object) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
