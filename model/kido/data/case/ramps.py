"""Ramps: how fast the yearly rate of a row may rise and fall from one node to the next.

The rate of a node is what is bought, sold, run, shipped or lifted in it, over its length; of a
contract, all that is lifted under it over the months of its life. From one node to the next the
rate rises and falls by no more than the ramp times the months between the middles of the two. A
rise that a minimum asks for, and a fall that a limit forces, may be as large as the rise of the
minimum or the fall of the limit: the limit is that of the row, of the facilities it uses, or of
the rows that a contract covers. During a disruption nothing keeps a rate from falling.
Before the plan, and before a contract begins, there is no rate to rise or fall from; a row that
opens later rises from nought. Where the sheet Underway says what was moved in the month before the
plan, the first node rises and falls from that rate, which is also what limited it then.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from kido.data.case.case import SHEET_OF, VARIABLE_OF, Array, Case, Facility, Ramp
from kido.data.case.facilities import facility_uses
from kido.data.tables import Tables
from kido.data.units import Units

RAMPED = ("Supply", "Sales", "Processes", "Routes", "Contracts")
# For each sheet whose rows have limits in each node, its records in a case.
RECORDS = {
    "Supply": "supply",
    "Sales": "sales",
    "Facilities": "facilities",
    "Processes": "processes",
    "Routes": "routes",
}


def ramps(tables: Tables, case: Case) -> tuple[Ramp, ...]:
    """The ramps of a case, whose other records are there already."""
    units = Units(tables)
    return tuple(
        ramp_of(sheet, r, case, units)
        for sheet in RAMPED
        for r in tables[sheet].records()
        if not math.isnan(r.ramp)
    )


def record_of(case: Case, sheet: str, name: str) -> Any:
    """The record of a row that has limits in each node."""
    return getattr(case, RECORDS[sheet])[name]


def with_record(case: Case, sheet: str, record: Any) -> Case:
    """The case with another record of a row that has limits in each node."""
    field = RECORDS[sheet]
    changed: dict[str, Any] = {field: {**getattr(case, field), record.name: record}}
    return replace(case, **changed)


def ramp_of(sheet: str, r: Any, case: Case, units: Units) -> Ramp:
    """The ramp of a row, from the records of what limits it."""
    tree, underway = case.tree, case.underway
    columns: tuple[tuple[str, tuple[str, ...]], ...]
    months = np.array([m.months for m in tree.nodes], dtype=float)
    before = tree.previous
    if sheet == "Contracts":
        contract = case.contracts[r.name]
        years, bounds = contract.life, tuple((SHEET_OF[v], row, 1.0) for v, row in contract.covers)
        columns = tuple(("lift", (r.name, row)) for _, row in contract.covers)
        goods = {record_of(case, s, row).commodity for s, row, _ in bounds}
        scale = units.shared(goods)
    else:
        uses = facility_uses(record_of(case, sheet, r.name)).items()
        bounds = (*(("Facilities", name, amount) for name, amount in uses), (sheet, r.name, 1.0))
        years = months / 12
        columns = ((VARIABLE_OF[sheet], (r.name,)),)
        scale = 1.0 if sheet == "Processes" else units.tonnes(r.commodity)
    # the month before the plan, where the sheet Underway tells of it
    first = (before < 0) & underway.has("moved", r.name)
    moved = 12 * underway.total("moved", r.name) * scale

    def rate(amount: Array) -> Array:
        return np.divide(amount, years, out=np.zeros(len(years)), where=years > 0)

    def change(amount: Array) -> Array:
        """What the rate of an amount rises by; 0 between limits that are both infinite."""
        rates = rate(amount)
        earlier = np.where(first, moved, rates[before])
        same = rates == earlier
        return np.where(same, 0.0, rates - np.where(same, 0.0, earlier))

    allowed = r.ramp * scale * (months + np.where(first, 1.0, months[before])) / 2
    limits = [_most(record_of(case, s, name)) / amount for s, name, amount in bounds]
    falls = [-change(limit) for limit in limits]
    if sheet == "Contracts":
        in_all = np.maximum(-change(np.sum(limits, axis=0)), 0.0)
        forced = np.where(first, in_all, np.sum(np.maximum(falls, 0.0), axis=0))
    else:
        forced = np.max(falls, axis=0)
    asked = 0.0 if sheet == "Contracts" else change(record_of(case, sheet, r.name).least)
    follows = (years > 0) & (first | (before >= 0) & (years[before] > 0))
    return Ramp(
        sheet=sheet,
        name=r.name,
        columns=columns,
        bounds=tuple((s, name) for s, name, _ in bounds),
        years=years,
        follows=follows,
        rise=np.maximum(allowed, asked),
        fall=np.where(tree.calm(), np.maximum(allowed, forced), math.inf),
        before=np.where(first, moved, 0.0),
    )


def _most(record: Any) -> Array:
    """t that a row may do in each node; of a facility, what its installed capacity can pass."""
    most: Array = record.installed if isinstance(record, Facility) else record.most
    return most
