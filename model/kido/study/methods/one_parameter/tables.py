"""Tables of a curve: costs with bounds, stretches, breakpoints and break-evens."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kido.report.table import Column, Table
from kido.study.methods.one_parameter.curve_lines import cost_at, curves_with_lines, midpoint
from kido.study.point import SOLVED, Outcome
from kido.study.report.items import item_of
from kido.study.report.points import FUTURES, gap, lost_amounts, lost_columns
from kido.study.report.view import FIRST_UNMET, View


def tables(view: View) -> list[Table]:
    """The tables of costs, stretches, breakpoints and break-evens."""
    return [curves(view), stretches(view), breakpoints(view), break_evens(view)]


def curves(view: View) -> Table:
    """The table of costs at all values, with proved bounds; solved costs have a column."""
    unit, parameter = view.unit, view.parameters[0]
    columns = (
        Column("future", shape="word"),
        Column("at", parameter.unit, "value", label=view.parameter_name(0)),
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
        for curve, line in curves_with_lines(view)
        for at, outcome in line
    ]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_curve", columns, frame)


def _line(view: View, scenario: str | None, at: float, outcome: Outcome) -> tuple[Any, ...]:
    solved, cost = outcome.status == SOLVED, outcome.objective
    lower, upper = (cost, cost) if solved else (outcome.lower, outcome.upper)
    costs = (cost, cost if solved else None, lower, upper)
    return (
        scenario or FUTURES, at, outcome.status,
        *(view.money(n) for n in costs), 0.0 if solved else gap(outcome),
        view.money(view.change(outcome)), view.change_share(outcome),
        view.measure(outcome, "expected_cost") * view.factor,
        view.measure(outcome, "cvar") * view.factor,
        *lost_amounts(view, outcome), view.measure(outcome, FIRST_UNMET), outcome.message,
    )  # fmt: skip


def stretches(view: View) -> Table:
    """The table of stretches: the kind of numbers that change, and whether proved."""
    unit = view.parameters[0].unit
    columns = (
        Column("future", shape="word"), Column("from_value", unit, "value"),
        Column("to_value", unit, "value"), Column("moves", shape="word", words="moves"),
        Column("proved", shape="word", words="proved"),
    )  # fmt: skip
    lines = [
        (c.scenario or FUTURES, s.low, s.high, s.kind, "yes" if s.certified else "no")
        for c, _ in curves_with_lines(view)
        for s in c.stretches
    ]
    return Table("sweep_stretches", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def breakpoints(view: View) -> Table:
    """The table of breakpoints; slopes in `view.unit` per unit of the parameter."""
    columns = (
        Column("future", shape="word"), Column("at", view.parameters[0].unit, "value"),
        Column("cost", view.unit, "money"),
        Column("slope_before", view.unit, "price"), Column("slope_after", view.unit, "price"),
        Column("exact", shape="word"),
    )  # fmt: skip
    lines = []
    for curve, line in curves_with_lines(view):
        for b in curve.breakpoints:
            slopes = (view.money(b.slope_before), view.money(b.slope_after))
            cost, exact = view.money(cost_at(line, b.at)), "yes" if b.exact else "no"
            lines.append((curve.scenario or FUTURES, b.at, cost, *slopes, exact))
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_breakpoints", columns, frame)


def break_evens(view: View) -> Table:
    """The table of break-evens: a row enters, leaves, fills or falls between two solved values.

    `about` is the middle, with no more digits than the bracket proves; `cost` is that there.
    """
    unit = view.parameters[0].unit
    columns = (
        Column("future", shape="word"), Column("kind_of_row", shape="word"), Column("row"),
        Column("event", shape="word", words="event"),
        Column("about", unit, "value"),
        Column("below", unit, "value"), Column("above", unit, "value"),
        Column("unit", shape="unit"), Column("volume_below", shape="number"),
        Column("volume_above", shape="number"), Column("cost", view.unit, "money"),
    )  # fmt: skip
    lines = []
    for curve, line in curves_with_lines(view):
        for b in curve.break_evens:
            item = item_of(view, b.row)
            about = midpoint(b)
            cost = view.money(cost_at(line, about))
            lines.append((
                curve.scenario or FUTURES, item.kind, item.name, b.event, about, b.below,
                b.above, item.unit, b.volume_below, b.volume_above, cost,
            ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_break_evens", columns, frame)
