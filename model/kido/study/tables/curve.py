"""The tables of a curve: its values and bounds, its stretches, bends and break-evens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kido.result.table import Column, Table
from kido.study.point import CERTIFIED, SOLVED, Outcome, Point
from kido.study.records import Bound, BreakEven, Curve
from kido.study.tables.items import item_of
from kido.study.tables.points import FUTURES, all_lost, gap, lost_columns
from kido.study.tables.view import FIRST_UNMET, View

Line = tuple[float, Outcome]


def curve_tables(view: View) -> list[Table]:
    return [curves(view), stretches(view), breakpoints(view), break_evens(view)]


def curve_lines(curve: Curve) -> list[Line]:
    """(value of the lever, what is known there), from low to high: what was asked for, and
    what was solved on the way. Bounds count before the outcome's own."""
    found: dict[float, Outcome] = {}
    for outcome in curve.outcomes:
        at = place(outcome)
        if at is not None and (at not in found or outcome.status == SOLVED):
            found[at] = outcome
    for bound in curve.bounds:
        at = _near(found, bound.at)
        found[at] = _bounded(found.get(at), bound, curve.scenario)
    return sorted(found.items())


def place(outcome: Outcome) -> float | None:
    """Where on the axis: the value of the first lever."""
    return outcome.point.values[0] if outcome.point.values else None


def _near(found: dict[float, Outcome], at: float) -> float:
    """The key within a rounding error of `at`, or `at` itself."""
    close = [key for key in found if abs(key - at) <= 1e-9 * max(1.0, abs(at))]
    return close[0] if close else at


def _bounded(outcome: Outcome | None, bound: Bound, scenario: str | None) -> Outcome:
    if outcome is not None and (outcome.status == SOLVED or bound.lower is None):
        return outcome
    number = outcome.point.number if outcome else -1
    lower, upper = bound.lower, bound.upper
    if lower is None or upper is None:
        return outcome or Outcome(Point(number, (bound.at,), scenario), "")
    return Outcome(
        Point(number, (bound.at,), scenario), SOLVED if bound.solved else CERTIFIED,
        objective=(lower + upper) / 2, lower=lower, upper=upper,
    )  # fmt: skip


def cost_at(lines: Sequence[Line], at: float) -> float | None:
    """kUSD on the straight line between the neighbours that are known."""
    known = [(x, o.objective) for x, o in lines if o.objective is not None]
    if not known or not known[0][0] - 1e-9 <= at <= known[-1][0] + 1e-9:
        return None
    return float(np.interp(at, [x for x, _ in known], [cost for _, cost in known]))


def in_order(view: View) -> list[Curve]:
    """The curve of the whole book first, then those of branches alone, the dearest first."""

    def dearness(curve: Curve) -> tuple[bool, float]:
        costs = [o.objective for _, o in curve_lines(curve) if o.objective is not None]
        return curve.scenario is not None, -max(costs, default=0.0)

    return sorted(view.result.curves, key=dearness)


def curves(view: View) -> Table:
    """Cost at every value, with its proved bounds; what was solved stands in a column apart."""
    unit, lever = view.unit, view.levers[0]
    columns = (
        Column("future", shape="word"),
        Column("at", lever.unit, "value", label=view.lever_name(0)),
        Column("status", shape="word", words="status"),
        Column("cost", unit, "money"), Column("solved_cost", unit, "money"),
        Column("lower", unit, "money"), Column("upper", unit, "money"),
        Column("error", "%", "error"), Column("change", unit, "change"),
        Column("change_share", "%", "change"), Column("expected", unit, "money"),
        Column("tail", unit, "money"),
        *lost_columns(view),
        Column("first_unmet_month", "months", "count"), Column("message"),
    )  # fmt: skip
    lines = [
        _line(view, curve.scenario, at, outcome)
        for curve in in_order(view)
        for at, outcome in curve_lines(curve)
    ]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_curve", columns, frame)


def _line(view: View, scenario: str | None, at: float, outcome: Outcome) -> tuple[Any, ...]:
    solved, cost = outcome.status == SOLVED, outcome.objective
    lower, upper = (cost, cost) if solved else (outcome.lower, outcome.upper)
    numbers = (cost, cost if solved else None, lower, upper)
    return (
        scenario or FUTURES, at, outcome.status,
        *(view.money(n) for n in numbers), 0.0 if solved else gap(outcome),
        view.money(view.change(outcome)), view.change_share(outcome),
        view.measure(outcome, "expected_cost") * view.factor,
        view.measure(outcome, "cvar") * view.factor,
        *all_lost(view, outcome), view.measure(outcome, FIRST_UNMET), outcome.message,
    )  # fmt: skip


def stretches(view: View) -> Table:
    """Which kind of number the lever moves where, and so what is proved between points."""
    unit = view.levers[0].unit
    columns = (
        Column("future", shape="word"), Column("from_value", unit, "value"),
        Column("to_value", unit, "value"), Column("moves", shape="word", words="moves"),
        Column("proved", shape="word", words="proved"),
    )  # fmt: skip
    lines = [
        (c.scenario or FUTURES, s.low, s.high, s.kind, "yes" if s.certified else "no")
        for c in in_order(view)
        for s in c.stretches
    ]
    return Table("sweep_stretches", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def breakpoints(view: View) -> Table:
    """Where the slope of the cost changes; slopes in money of the pages a unit of the lever."""
    columns = (
        Column("future", shape="word"), Column("at", view.levers[0].unit, "value"),
        Column("cost", view.unit, "money"),
        Column("slope_before", view.unit, "price"), Column("slope_after", view.unit, "price"),
        Column("exact", shape="word"),
    )  # fmt: skip
    lines = []
    for curve in in_order(view):
        known = curve_lines(curve)
        for b in curve.breakpoints:
            slopes = (view.money(b.slope_before), view.money(b.slope_after))
            cost, exact = view.money(cost_at(known, b.at)), "yes" if b.exact else "no"
            lines.append((curve.scenario or FUTURES, b.at, cost, *slopes, exact))
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_breakpoints", columns, frame)


def break_evens(view: View) -> Table:
    """Where a watched row enters, leaves, fills or falls, between two values that were solved.

    `about` is the middle, with no more digits than the bracket proves; `cost` is that there.
    """
    unit = view.levers[0].unit
    columns = (
        Column("future", shape="word"), Column("kind_of_row", shape="word"), Column("row"),
        Column("event", shape="word", words="event"),
        Column("about", unit, "value"),
        Column("below", unit, "value"), Column("above", unit, "value"),
        Column("unit", shape="unit"), Column("volume_below", shape="number"),
        Column("volume_above", shape="number"), Column("cost", view.unit, "money"),
    )  # fmt: skip
    lines = []
    for curve in in_order(view):
        known = curve_lines(curve)
        for b in curve.break_evens:
            item = item_of(view, b.row)
            about = between(b)
            cost = view.money(cost_at(known, about))
            lines.append((
                curve.scenario or FUTURES, item.kind, item.name, b.event, about, b.below,
                b.above, item.unit, b.volume_below, b.volume_above, cost,
            ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_break_evens", columns, frame)


def between(found: BreakEven) -> float:
    """The middle, with no more digits than the bracket proves."""
    middle, width = (found.below + found.above) / 2, found.above - found.below
    for digits in range(2, 12):
        rounded = float(f"{middle:.{digits}g}")
        if abs(rounded - middle) <= width / 2:
            return rounded
    return middle
