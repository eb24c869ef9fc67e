"""A curve as a line of points: value by value what is known of the cost there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from kido.study.methods.one_parameter.result import Bound, BreakEven, Curve, CurveResult
from kido.study.point import CERTIFIED, SOLVED, Outcome, Point
from kido.study.report.view import View
from kido.tolerances import SAME_VALUE_SHARE

Line = tuple[float, Outcome]


def curve_lines(curve: Curve) -> list[Line]:
    """(value of the parameter, what is known there), from low to high: what was asked for, and
    what was solved on the way. Bounds count before the outcome's own."""
    found: dict[float, Outcome] = {}
    for outcome in curve.outcomes:
        at = place(outcome)
        if at is not None and (at not in found or outcome.status == SOLVED):
            found[at] = outcome
    known = sorted(found)
    for bound in curve.bounds:
        at = _near(known, bound.at)
        found[at] = _bounded(found.get(at), bound, curve.scenario)
    return sorted(found.items())


def place(outcome: Outcome) -> float | None:
    """Where on the axis: the value of the first parameter."""
    return outcome.point.values[0] if outcome.point.values else None


def _near(known: Sequence[float], at: float) -> float:
    """The one within a rounding error of `at`, or `at` itself."""
    i = bisect_left(known, at)
    for near in known[max(0, i - 1) : i + 1]:
        if abs(near - at) <= SAME_VALUE_SHARE * max(1.0, abs(at)):
            return near
    return at


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


def between(found: BreakEven) -> float:
    """The middle, with no more digits than the bracket proves."""
    middle, width = (found.below + found.above) / 2, found.above - found.below
    for digits in range(2, 12):
        rounded = float(f"{middle:.{digits}g}")
        if abs(rounded - middle) <= width / 2:
            return rounded
    return middle


def traced(view: View) -> list[tuple[Curve, list[Line]]]:
    """Each curve with its points: that of the whole book first, then the dearest branches."""
    assert isinstance(view.result, CurveResult)
    pairs = [(curve, curve_lines(curve)) for curve in view.result.curves]

    def dearness(pair: tuple[Curve, list[Line]]) -> tuple[bool, float]:
        costs = [o.objective for _, o in pair[1] if o.objective is not None]
        return pair[0].scenario is not None, -max(costs, default=0.0)

    return sorted(pairs, key=dearness)
