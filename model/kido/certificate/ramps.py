"""Checks of ramps: how fast the rates of rows and of contracts rise and fall."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kido.messages import phrase

from .calendar import Numbers
from .contracts import Terms
from .flow_table import Plan
from .limits import OFFERS, uses_of
from .orders import held
from .recomputed import Facts, blank
from .residuals import Ledger
from .underway import amount_told, told


def check_ramps(facts: Facts, terms: list[Terms], plan: Plan, ledger: Ledger) -> None:
    """Checks that no rate changes faster than its ramp, but for what limits take along."""
    tree, length = facts.tree, facts.tree.months.astype(float)
    for sheet, kind in OFFERS.items():
        for row in facts.rows[sheet]:
            if not blank(row.ramp):
                least, most = facts.limits(sheet, row)
                least = np.maximum(least, held(facts, sheet, row) if sheet != "Sales" else 0.0)
                mass = 1.0 if sheet == "Processes" else facts.masses.tonnes(row.commodity)
                moved = _moved(facts, row, mass)
                ceilings = [most, *_facilities(facts, sheet, row)]
                forced = np.max([_fall(facts, c, length, moved) for c in ceilings], axis=0)
                asked = -_fall(facts, least, length, moved)
                flow = plan(kind, row.name)
                _check(facts, ledger, sheet, row, flow, length, mass, asked, forced)
    for contract in terms:
        row = contract.row
        if not blank(row.ramp):
            forced, in_all = np.zeros(len(tree)), np.zeros(len(tree))
            for sheet, covered in contract.covered:
                most = facts.limits(sheet, covered)[1]
                forced = forced + np.maximum(_fall(facts, most, contract.life), 0.0)
                in_all = in_all + most
            lifted, still = contract.lifted_in_all(plan), np.zeros(len(tree))
            mass = contract.mass
            from_moved = _fall(facts, in_all, contract.life, _moved(facts, row, mass))
            forced = np.where(tree.previous < 0, np.maximum(from_moved, 0.0), forced)
            _check(facts, ledger, "Contracts", row, lifted, contract.life, mass, still, forced)


def _check(
    facts: Facts,
    ledger: Ledger,
    sheet: str,
    row: Any,
    flow: Numbers,
    months: Numbers,
    mass: float,
    asked: Numbers,
    forced: Numbers,
) -> None:
    tree = facts.tree
    length, moved = tree.months.astype(float), _moved(facts, row, mass)
    step = row.ramp * mass * (length + tree.before(length, 1.0)) / 2.0
    place = facts.tables[sheet].place(row.Index, "ramp")
    change = -_fall(facts, flow, months, moved)
    known = 1.0 if told(facts, "moved", row.name) else 0.0
    follows = (months > 0) & (tree.before(months, known) > 0)
    rise, fall = (phrase(f"subject.{way}", name=row.name) for way in ("rise", "fall"))
    size = np.maximum(_rate(flow, months), tree.before(_rate(flow, months), moved))
    most = np.maximum(step, asked)
    ledger.compare("ramp", place, rise, change, "<=", most, where=follows, scale=size)
    most = np.where(tree.calm(), np.maximum(step, forced), np.inf)
    ledger.compare("ramp", place, fall, -change, "<=", most, where=follows, scale=size)


def _moved(facts: Facts, row: Any, mass: float) -> float:
    """t/yr that a row moved in the month before the plan; 0 where that is not told."""
    return 12.0 * mass * amount_told(facts, "moved", row.name)


def _rate(amount: Numbers, months: Numbers) -> Numbers:
    """t/yr of t in so many months; 0 in none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(months > 0, 12.0 * amount / months, 0.0)


def _fall(facts: Facts, amount: Numbers, months: Numbers, moved: float = 0.0) -> Numbers:
    """t/yr that the rate of an amount falls by from the node before; 0 where it stays infinite.

    At a root it falls from the rate `moved` before the plan.
    """
    rate = _rate(amount, months)
    earlier = facts.tree.before(rate, moved)
    with np.errstate(invalid="ignore"):
        return np.where(rate == earlier, 0.0, earlier - rate)


def _facilities(facts: Facts, sheet: str, row: Any) -> Iterator[Numbers]:
    """t of a row that each facility it uses can pass at each node."""
    for facility, amount in uses_of(facts, sheet, row):
        yield facts.installed(facility) / amount
