"""The table of a tornado: one parameter at a time, the widest first."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.plan_changes import changed, each_change
from kido.study.report.summary import varied
from kido.study.report.view import NAN, View


@dataclass(frozen=True)
class Swing:
    """What one parameter does. `points`: (value, outcome) from its least value to its most.

    `least` and `most` are changes in kUSD over all its answered points and the plan of the
    book, `width` what lies between; NaN where nothing is answered.
    """

    place: int
    points: tuple[tuple[float, Outcome], ...]
    least: float
    most: float

    @property
    def width(self) -> float:
        return self.most - self.least


def swings(view: View) -> list[Swing]:
    """Widest first; parameters without an answer last."""
    found = [_swing(view, k) for k in range(len(view.parameters))]
    return sorted(found, key=lambda s: -s.width if s.width == s.width else 1.0)


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
    widest = [swing.place for swing in swings(view)]
    return [varied(view, widest), tornado(view), each_change(view, _ends(view))]


def _ends(view: View) -> list[Outcome]:
    """Of each parameter the points at its least and its most value."""
    rows: list[Outcome] = []
    for k in range(len(view.parameters)):
        mine = [o for o in changed(view) if _value(o, k) is not None]
        mine.sort(key=lambda o: _value(o, k) or 0.0)
        rows += [mine[0], mine[-1]] if len(mine) > 1 else mine
    return rows


def _value(outcome: Outcome, place: int) -> float | None:
    values = outcome.point.values
    return values[place] if place < len(values) else None


def tornado(view: View) -> Table:
    """Of each parameter its ends, the change of the cost there and the widest swing."""
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
            _ranged(view, swing.place, low, high), low, high,
            view.money(view.change(first)), view.money(view.change(last)),
            view.money(swing.width), first.status, last.status,
            view.lost(first), view.lost(last), *view.graded(parameter),
        ))  # fmt: skip
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_tornado", columns, frame)


def _ranged(view: View, place: int, low: float, high: float) -> str:
    """The parameter with its ends, as a bar is named."""
    span = view.wording.span(view.parameters[place], (low, high))
    return view.labels["sweep.ranged"].format(parameter=view.parameter_name(place), span=span)
