"""Checks of counting: units of commodities, and tonnes that count once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.case.contracts import covered_rows
from kido.data.case.counted import COUNTED, PolicyCounter
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.units import Units, content_of, tonnes_in
from kido.data.validation.checking import (
    as_typed,
    fault,
    in_words,
    name_list,
    rows_reached,
    warning,
)
from kido.errors import Finding
from kido.messages import Phrase, phrase


def check_units(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of units of goods that are no known mass."""
    frame = tables["Commodities"]
    for row in frame.records():
        if tonnes_in(row.unit) is None and row.kind != "service":
            yield warning("unit-unknown", frame, row.Index, "unit", row.unit)


def check_contract_counting(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that a contract counts goods of one unit; warns of a tonne on two of its rows."""
    frame, units = tables["Contracts"], Units(tables)
    rows = {r.name: r for sheet in ("Supply", "Routes") for r in tables[sheet].records()}
    for row in frame.records():
        counting = {name for _, name in covered_rows(tables, words, row.applies_to)}
        every = [
            n for sheet in ("Supply", "Routes") for n in rows_reached(words, row.applies_to, sheet)
        ]
        left = [name for name in every if name not in counting]
        if left:
            yield warning(
                "counted-once.contract", frame, row.Index, "applies_to", as_typed(row.applies_to),
                kept=name_list(name for name in every if name in counting), left=name_list(left),
            )  # fmt: skip
        masses = {units.tonnes(rows[name].commodity) for name in counting}
        if len(masses) > 1:
            yield fault("units-differ", frame, row.Index, "applies_to", as_typed(row.applies_to))


def check_policy_counting(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Checks that a policy adds only what can be added; warns of rows it does not count twice."""
    counted = PolicyCounter(tables, words)
    commodities = {row.name: row for row in tables["Commodities"].records()}
    for row in tables["Policies"].records():
        together = sorted(name for name in counted.commodities(row) if name in commodities)
        if not counted.units.addable(together):
            yield _not_addable(tables, row, together, commodities)
            continue
        weights = {name: counted.units.weight(name, together) for name in together}
        if len(set(weights.values())) > 1:
            yield warning(
                "counted-as-oxide", tables["Policies"], row.Index, "commodity", name_list(together),
                weights=name_list(
                    phrase("part.weight", name=n, weight=w) for n, w in weights.items()
                ),
            )  # fmt: skip
        yield from _counted_once(tables, row, counted)


def _not_addable(tables: Tables, row: Any, together: list[str], things: Any) -> Finding:
    unknown = [name for name in together if content_of(things[name]) != content_of(things[name])]
    return fault(
        "cannot-be-added", tables["Policies"], row.Index, "commodity", name_list(together),
        together=name_list(together), unknown=name_list(unknown),
    )  # fmt: skip


def _counted_once(tables: Tables, row: Any, counted: PolicyCounter) -> Iterator[Finding]:
    for key, selectors, place in counted.sides(row):
        counting = {other.name for _, other, _ in counted.rows(selectors, place, row)}
        left = [
            other.name
            for sheet in COUNTED[place]
            for other in counted.rows_reached(selectors, sheet, row)
            if other.name not in counting
            and (sheet != "Processes" or counted.outputs_of(other.name, row))
        ]
        if left:
            yield warning(
                "counted-once.policy", tables["Policies"], row.Index, key,
                in_words("Policies", key, getattr(row, key)), left=name_list(left),
            )  # fmt: skip


def check_paid_once(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Warns of goods with a price at an offer and again at a gate downstream of it."""
    frame = tables["Routes"]
    sold: dict[tuple[str, str], Phrase] = {}
    for row in tables["Supply"].records():
        if row.price:
            gate = phrase("part.sold_supply", name=row.name, price=row.price)
            sold.setdefault((row.site, row.commodity), gate)
    for row in frame.records():
        if row.price:
            gate = phrase("part.sold_route", name=row.name, price=row.price)
            sold.setdefault((row.destination, row.commodity), gate)
    for row in frame.records():
        before = sold.get((row.origin, row.commodity))
        if row.price and before:
            yield warning(
                "paid-twice", frame, row.Index, "price", f"{row.price:g}",
                commodity=row.commodity, before=before, price=row.price,
            )  # fmt: skip
