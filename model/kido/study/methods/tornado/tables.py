"""The table of a tornado: one parameter at a time, the widest first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.plan_changes import change_table, outcomes_with_plan
from kido.study.report.summary import parameter_table
from kido.study.report.view import NAN, View


@dataclass(frozen=True)
class Swing:
    """The range of the cost over one parameter. `points`: (value, outcome), in rising order.

    `least` and `most` are changes of the cost, kUSD, over all its points and the unchanged book,
    `width` their difference; NaN if no cost is known.
    """

    place: int
    points: tuple[tuple[float, Outcome], ...]
    least: float
    most: float

    @property
    def width(self) -> float:
        """The range of the cost, kUSD."""
        return self.most - self.least


def swings(view: View) -> list[Swing]:
    """The swings of all parameters, the widest first; those without a cost last."""
    swing_list = [_swing(view, k) for k in range(len(view.parameters))]
    return sorted(swing_list, key=lambda s: -s.width if s.width == s.width else 1.0)


def _swing(view: View, place: int) -> Swing:
    points: list[tuple[float, Outcome]] = []
    for outcome in view.outcomes:
        value = (*outcome.point.values, *([None] * (place + 1)))[place]
        if value is not None:
            points.append((value, outcome))
    points.sort(key=lambda pair: pair[0])
    costs = [o.objective for _, o in points if o.objective is not None]
    if not costs:
        return Swing(place, tuple(points), NAN, NAN)
    base = view.base.objective
    if base is None:
        return Swing(place, tuple(points), 0.0, max(costs) - min(costs))
    return Swing(place, tuple(points), min(0.0, *(c - base for c in costs)) + 0.0,
                 max(0.0, *(c - base for c in costs)))  # fmt: skip


def tables(view: View) -> list[Table]:
    """The tables of the parameters, the swings, and the changes of the plan at their ends."""
    widest = [swing.place for swing in swings(view)]
    return [parameter_table(view, widest), tornado(view), change_table(view, _ends(view))]


def _ends(view: View) -> list[Outcome]:
    """The outcomes at the least and the largest value of each parameter."""
    rows: list[Outcome] = []
    for k in range(len(view.parameters)):
        outcomes = [o for o in outcomes_with_plan(view) if _value(o, k) is not None]
        outcomes.sort(key=lambda o: _value(o, k) or 0.0)
        rows += [outcomes[0], outcomes[-1]] if len(outcomes) > 1 else outcomes
    return rows


def _value(outcome: Outcome, place: int) -> float | None:
    values = outcome.point.values
    return values[place] if place < len(values) else None


def tornado(view: View) -> Table:
    """The table of parameters: their least and largest value, changes of the cost there, swing."""
    unit = view.unit
    columns = (
        Column("parameter"),
        Column("low_value", shape="value"), Column("high_value", shape="value"),
        Column("low_change", unit, "change"), Column("high_change", unit, "change"),
        Column("swing", unit, "money"),
        Column("low_status", shape="word", words="status"),
        Column("high_status", shape="word", words="status"),
        Column("low_lost", "t", "tonnes"), Column("high_lost", "t", "tonnes"),
        Column("grade", shape="word"), Column("cited"),
    )  # fmt: skip
    lines = []
    for swing in swings(view):
        parameter = view.parameters[swing.place]
        if not swing.points:
            continue
        (low, first), (high, last) = swing.points[0], swing.points[-1]
        lines.append((
            _bar_name(view, swing.place, low, high), low, high,
            view.money(view.change(first)), view.money(view.change(last)),
            view.money(swing.width), first.status, last.status,
            view.lost(first), view.lost(last), *view.grade_and_source(parameter),
        ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_tornado", columns, frame)


def _bar_name(view: View, place: int, low: float, high: float) -> str:
    """The name of a bar: the parameter with its range."""
    span = view.wording.span(view.parameters[place], (low, high))
    return view.labels["sweep.ranged"].format(parameter=view.parameter_name(place), span=span)
