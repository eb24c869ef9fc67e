"""Checks of the sheet Orders: what is ordered, when, and whether it can be carried out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from kido.data.case.build import offer, route, tree_of
from kido.data.case.case import Array, Offer, Process, Route
from kido.data.case.contracts import life_of
from kido.data.case.effects import Effects
from kido.data.case.facilities import facilities, process, recipe_lines
from kido.data.case.lead_times import ArrivalShares
from kido.data.case.orders import HELD, ORDERED_SHEETS, held_orders, most_left, tonnes_of
from kido.data.case.tree import Node, Tree
from kido.data.case.underway import Underway
from kido.data.figure import above
from kido.data.months import Month
from kido.data.schema import TRUNK, sheet_term
from kido.data.selectors import NAMED_SHEETS, NameIndex, nearest
from kido.data.tables import Tables, or_else
from kido.data.units import Units
from kido.data.validation.after_events import sound_events
from kido.data.validation.checking import by_name, did_you_mean, end_of_plan, fault, warning
from kido.data.validation.dates import in_circle
from kido.errors import Finding, Place
from kido.messages import Phrase, phrase


def check_order_names(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that every order is of a row that can carry it out."""
    frame, known = tables["Orders"], _sheet_of(tables)
    for row in frame.records():
        if row.name in known:
            continue
        close = nearest(row.name, known)
        advice = did_you_mean(close, phrase("part.type_order_row"))
        for sheet in NAMED_SHEETS:
            if row.name in by_name(tables[sheet]):
                close, advice = "", phrase("part.of_sheet", sheet=sheet_term(sheet))
            elif row.name in tables[sheet].unused and sheet in ORDERED_SHEETS:
                advice = phrase("part.unused", sheet=sheet_term(sheet))
        yield fault(
            "order-of-nothing", frame, row.Index, "name", row.name,
            name=row.name, expected=close or phrase("part.an_order_row"), advice=advice,
        )  # fmt: skip


def check_order_months(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that orders lie within the plan, and those of a scenario after it is known."""
    frame, first, after = tables["Orders"], tables.settings.start, end_of_plan(tables)
    scenarios = by_name(tables["Scenarios"])
    for row in frame.records():
        place, known = (frame, row.Index, "month"), getattr(scenarios.get(row.scenario), "known", 0)
        if row.status in HELD and row.month < first:
            yield warning("order-late", *place, Month(row.month), name=row.name, month=Month(first))
        elif row.status in HELD and row.month >= after:
            yield warning(
                "order-after-end", *place, Month(row.month),
                name=row.name, first=Month(first), last=Month(after - 1),
            )  # fmt: skip
        elif known and row.month < known:
            yield fault(
                "order-before-known", *place, Month(row.month),
                scenario=row.scenario, month=Month(known),
            )  # fmt: skip


def check_nervousness(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of a nervousness limit without orders that it could hold the plan to."""
    bought = {*by_name(tables["Supply"]), *by_name(tables["Routes"])}
    orders = tables["Orders"].records()
    if tables.settings.nervousness is None:
        return
    if not any(row.name in bought and not row.scenario for row in orders):
        place = Place(tables.settings_title, tables.settings_cells.get("nervousness", ""))
        found = f"{tables.settings.nervousness:g}"
        yield Finding.warn("figure-ignored.no_orders", place, found)


def check_order_limits(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that the base case can carry out the orders that stay in the plan."""
    if not any(row.status in HELD for row in tables["Orders"].records()):
        return
    if not _tree_is_sound(tables):
        return  # reported on the sheet Scenarios
    tree, tables = tree_of(tables), sound_events(tables)
    effects = Effects(tables, words, tree)
    base = [node for node in tree.nodes if tree.branch_of(node.index).scenario == TRUNK]
    orders = held_orders(tables, words, tree)
    lines = facilities(tables, effects, Underway.of(tables))
    for (sheet, name), held in orders.items():
        row, scale = by_name(tables[sheet])[name], tonnes_of(tables, words, sheet, name)
        if sheet == "Facilities":
            yield from _of_facility(tables, row, lines[name].orders, base)
            continue
        if sheet == "Contracts":
            yield from _of_contract(tables, row, tree, base)
            most = np.full(len(held), or_else(row.most_reserved, math.inf) * scale)
        else:
            most = most_left(_record(tables, sheet, row, effects), orders, lines)
        yield from _beyond(tables, name, base, held / scale, most / scale)


def _record(tables: Tables, sheet: str, row: Any, effects: Effects) -> Offer | Process | Route:
    landing, units = ArrivalShares(effects.tree), Units(tables)
    if sheet == "Supply":
        return offer(sheet, row, effects, units)
    if sheet == "Routes":
        return route(row, "", effects, landing, units)
    return process(row, recipe_lines(tables).get(row.name, []), effects, landing, units)


def _beyond(
    tables: Tables, name: str, base: list[Node], held: Array, most: Array
) -> Iterator[Finding]:
    """A fault at the last order of each period in which a row cannot carry them all out."""
    for node in base:
        ordered, can = float(held[node.index]), float(most[node.index])
        if above(ordered, can):
            last = _orders_in(tables, name, node)[-1]
            yield fault(
                "order-beyond-limits", tables["Orders"], last.Index, "amount", f"{last.amount:g}",
                name=name, ordered=ordered, most=can, period=_period(node),
                left=max(0.0, can - (ordered - last.amount)),
            )  # fmt: skip


def _of_contract(tables: Tables, row: Any, tree: Tree, base: list[Node]) -> Iterator[Finding]:
    """A fault at each order of a contract that is not of the period in which it begins."""
    first, _ = life_of(row, tree)
    for node in base:
        if not node.start <= first < node.end:
            for order in _orders_in(tables, row.name, node):
                yield fault(
                    "order-off-contract", tables["Orders"], order.Index, "month",
                    Month(order.month), name=row.name, month=Month(first),
                )  # fmt: skip


def _of_facility(
    tables: Tables, row: Any, useful: tuple[int, ...], base: list[Node]
) -> Iterator[Finding]:
    """Findings at orders of capacity that are of no use, or beyond the most expansion."""
    total = 0.0
    for node in base:
        for order in _orders_in(tables, row.name, node):
            place = tables["Orders"], order.Index
            if node.index not in useful and not math.isnan(row.expansion_cost):
                yield warning("order-without-use", *place, "month", Month(order.month),
                              name=row.name)  # fmt: skip
                continue
            total += order.amount
            if above(total, row.most_expansion):
                yield fault(
                    "order-beyond-limits.expansion", *place, "amount", f"{order.amount:g}",
                    name=row.name, ordered=total, most=row.most_expansion,
                    left=max(0.0, row.most_expansion - (total - order.amount)),
                )  # fmt: skip


def _orders_in(tables: Tables, name: str, node: Node) -> list[Any]:
    """The orders of a row that stay in the plan on the base case, of the months of a node."""
    rows = [
        row
        for row in tables["Orders"].records()
        if row.name == name and row.status in HELD and not row.scenario
        and node.start <= row.month < node.end
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row.month)


def _period(node: Node) -> Month | Phrase:
    if node.months == 1:
        return Month(node.start)
    return phrase("part.period", first=Month(node.start), last=Month(node.end - 1))


def _sheet_of(tables: Tables) -> Mapping[str, str]:
    """The sheet of each row that may be ordered."""
    return {name: sheet for sheet in ORDERED_SHEETS for name in by_name(tables[sheet])}


def _tree_is_sound(tables: Tables) -> bool:
    """Whether the scenarios make a tree."""
    rows = by_name(tables["Scenarios"])
    return all(
        row.known is not None
        and row.parent in ("", TRUNK, *rows)
        and not in_circle(row, rows)
        and (row.every == row.every) == (row.until is not None)
        for row in rows.values()
    )
