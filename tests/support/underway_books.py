"""A book with something under way on the first day: a row or two of each kind that it may have."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

from kido.data.case.counted import PolicyCounter
from kido.data.months import month_text
from kido.data.schema import ANY_COUNTRY
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.underway import CARRYING, RATE
from sheets import Row, frame_of


def with_underway(tables: Tables, seed: int, amount: float = 3.0) -> Tables:
    """The book with rows of Underway, drawn by `seed`; amounts of up to `amount`."""
    draw = Random(seed)
    rows: dict[tuple[object, ...], Row] = {}
    for row in _rows(tables, draw, amount):
        rows.setdefault(tuple(row[key] for key in ("name", "what", "detail", "month")), row)
    return tables.with_rows("Underway", frame_of("Underway", list(rows.values())).rows)


def _rows(tables: Tables, draw: Random, largest: float) -> Iterator[Row]:
    start = tables.settings.start

    def row(name: str, what: str, months: int | None = None, detail: str = "") -> Row:
        month = None if months is None else month_text(start + months)
        amount = round(draw.uniform(-1 if what == "carried over" else 0.1, 1) * largest, 3)
        return {"name": name, "what": what, "month": month, "detail": detail, "amount": amount}

    def often() -> bool:
        return draw.random() < 0.7

    outputs: dict[str, list[str]] = {}
    for line in tables["Recipes"].records():
        if line.role == "output":
            outputs.setdefault(line.process, []).append(line.item)
    for sheet, rate in RATE.items():
        for r in tables[sheet].records():
            for _ in range(2):
                if getattr(r, rate) == 0 and often():
                    items = [""] if sheet == "Routes" else outputs.get(r.name, [])
                    for item in items:
                        yield row(r.name, "lands", draw.choice((0, 1, 2, 5)), item)
    for r in tables["Facilities"].records():
        for months in (-20, -1, 0, 2):
            if often():
                yield row(r.name, "ready", months)
    for r in tables["Relief"].records():
        if r.kind == "defer" and not math.isnan(r.returns):
            again = 0 if math.isnan(r.latest_return) else math.ceil(r.latest_return - r.returns)
            for months in {-again, -min(again, 1), 0, 2}:
                yield row(r.name, "returns", months)
    for sheet in ("Supply", "Sales", "Processes", "Routes", "Contracts"):
        for r in tables[sheet].records():
            if not math.isnan(r.ramp) and often():
                yield row(r.name, "moved", -1)
    counter = PolicyCounter(tables, NameIndex.of(tables))
    for r in tables["Policies"].records():
        if r.over != "month" and r.measure in CARRYING:
            each = counter.countries(r) if ANY_COUNTRY in r.of else [""]
            yield from (row(r.name, "carried over", None, detail) for detail in each)
    for r in tables["Contracts"].records():
        if not math.isnan(r.lifted_before):
            yield row(r.name, "reserved")
        if r.price_rule == "index" and r.rebate_share > 0:
            yield row(r.name, "earned")
    for r in tables["Stockpiles"].records():
        if not math.isnan(r.life_months) and r.opening > 0:
            for months in range(math.ceil(r.life_months)):
                yield {**row(r.name, "expires", months), "amount": r.opening / 8}
