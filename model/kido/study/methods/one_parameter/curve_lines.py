"""Curves as lists of points: the outcome at each value of the parameter."""

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
    """Pairs (value of the parameter, outcome) of all requested and solved values, in order.

    The bounds of the curve replace those of an outcome that was not solved.
    """
    outcomes: dict[float, Outcome] = {}
    for outcome in curve.outcomes:
        at = place(outcome)
        if at is not None and (at not in outcomes or outcome.status == SOLVED):
            outcomes[at] = outcome
    values = sorted(outcomes)
    for bound in curve.bounds:
        at = _near(values, bound.at)
        outcomes[at] = _bounded(outcomes.get(at), bound, curve.scenario)
    return sorted(outcomes.items())


def place(outcome: Outcome) -> float | None:
    """The value of the first parameter; None for a point without values."""
    return outcome.point.values[0] if outcome.point.values else None


def _near(values: Sequence[float], at: float) -> float:
    """The value within a rounding error of `at`, or `at` itself."""
    i = bisect_left(values, at)
    for value in values[max(0, i - 1) : i + 1]:
        if abs(value - at) <= SAME_VALUE_SHARE * max(1.0, abs(at)):
            return value
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
    """The cost, kUSD, interpolated between the neighbours; None outside of the known values."""
    values = [(x, o.objective) for x, o in lines if o.objective is not None]
    if not values or not values[0][0] - 1e-9 <= at <= values[-1][0] + 1e-9:
        return None
    return float(np.interp(at, [x for x, _ in values], [cost for _, cost in values]))


def midpoint(event: BreakEven) -> float:
    """The middle of a break-even's bracket, with no more digits than the bracket proves."""
    middle, width = (event.below + event.above) / 2, event.above - event.below
    for digits in range(2, 12):
        rounded = float(f"{middle:.{digits}g}")
        if abs(rounded - middle) <= width / 2:
            return rounded
    return middle


def curves_with_lines(view: View) -> list[tuple[Curve, list[Line]]]:
    """Each curve with its points: that of the whole tree first, then branches by falling cost."""
    assert isinstance(view.result, CurveResult)
    pairs = [(curve, curve_lines(curve)) for curve in view.result.curves]

    def dearness(pair: tuple[Curve, list[Line]]) -> tuple[bool, float]:
        costs = [o.objective for _, o in pair[1] if o.objective is not None]
        return pair[0].scenario is not None, -max(costs, default=0.0)

    return sorted(pairs, key=dearness)
