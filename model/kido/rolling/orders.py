"""The sheet Orders of the new book: what the plan orders next, and what was approved before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.case.case import SHEET_OF
from kido.data.case.near_orders import bought_rows
from kido.data.case.orders import HELD, tonnes_of
from kido.data.months import Month
from kido.data.selectors import NameIndex
from kido.errors import Finding
from kido.rolling.past import Past
from kido.rolling.scenarios import OpenScenarios
from kido.tolerances import MOVED_T, ORDERED_T

NEAR = 6  # months: orders so near are hard to change, and are proposed
Line = dict[str, object]


def next_orders(past: Past, scenarios: OpenScenarios) -> list[Line]:
    """The rows of the sheet: those approved or confirmed that are still to come, then proposals."""
    kept = [
        _line(r, scenarios)
        for r in past.tables["Orders"].records()
        if r.status in HELD and r.month >= past.start and r.scenario not in scenarios.over
    ]
    listed = {(line["name"], line["month"]) for line in kept if not line["scenario"]}
    return [*kept, *(p for p in _proposed(past) if (p["name"], p["month"]) not in listed)]


def _line(r: Any, scenarios: OpenScenarios) -> Line:
    scenario = "" if r.scenario in scenarios.came else r.scenario
    return {"name": r.name, "month": r.month, "amount": r.amount, "status": r.status,
            "scenario": scenario, "source": r.source, "grade": r.grade}  # fmt: skip


def _proposed(past: Past) -> Iterator[Line]:
    """What the plan buys, signs and builds in its next months on the future that came."""
    tree, words = past.tree, NameIndex.of(past.tables)
    near = [
        m
        for m in tree.nodes
        if m.branch == past.branch and past.start <= m.start < past.start + NEAR
    ]
    keys = sorted(bought_rows(past.case))
    keys += [("reserve", name) for name in past.case.contracts]
    keys += [("expand", name) for name in past.case.facilities]
    for variable, name in keys:
        amounts = past.at(variable, name)
        if not amounts.any():
            continue
        scale = tonnes_of(past.tables, words, SHEET_OF[variable], name)
        for m in near:
            if amounts[m.index] > ORDERED_T:
                yield {"name": name, "month": m.start, "amount": float(amounts[m.index]) / scale,
                       "status": "proposed"}  # fmt: skip


def late_orders(past: Past) -> Iterator[Finding]:
    """Orders approved or confirmed for months that have passed and not carried out in full."""
    words, frame = NameIndex.of(past.tables), past.tables["Orders"]
    variable = {sheet: name for name, sheet in SHEET_OF.items()}
    sheet_of = {r.name: s for s in ("Supply", "Routes", "Processes")
                for r in past.tables[s].records()}  # fmt: skip
    for r in frame.records():
        over = past.tree.start <= r.month < past.start
        if r.status not in HELD or not over or r.name not in sheet_of:
            continue
        sheet = sheet_of[r.name]
        scale = tonnes_of(past.tables, words, sheet, r.name)
        done = past.by_month(past.at(variable[sheet], r.name))[r.month - past.tree.start] / scale
        if done < r.amount - MOVED_T:
            yield Finding.warn(
                "roll-order-late", frame.place(r.Index, "amount"), f"{r.amount:,.4g}",
                name=r.name, month=Month(r.month), done=f"{done:,.4g}",
            )  # fmt: skip
