"""Conclusions of a refinement: the proved bounds of every place, and the breakpoints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kido.study.methods.one_parameter.bounds import (
    ConstantBounds,
    SupportBounds,
    ValueBounds,
    bounds,
    infeasible_neighbor,
    sandwich,
    within_rounding,
)
from kido.study.methods.one_parameter.linear_pieces import Segment
from kido.study.methods.one_parameter.oracle import EvaluatedPoint
from kido.study.methods.one_parameter.refinement import RefinementState, failed_in
from kido.study.methods.one_parameter.result import Breakpoint
from kido.study.point import CERTIFIED, FAILED, INFEASIBLE, LIMIT
from kido.tolerances import MET_SHARE


@dataclass(frozen=True)
class Conclusion:
    """The bounds of one requested place, kUSD; `status` and `message` as in `Outcome`.

    A bound is None if nothing is proved. `probe`: its result, if it was solved.
    """

    at: float
    status: str
    message: str = ""
    lower: float | None = None
    upper: float | None = None
    probe: EvaluatedPoint | None = None

    @property
    def objective(self) -> float | None:
        """The optimal cost, or the middle of certified bounds, kUSD; None if unknown."""
        if self.probe and self.probe.solved:
            return self.probe.cost
        if self.status != CERTIFIED or self.lower is None or self.upper is None:
            return None
        return (self.lower + self.upper) / 2


def conclusions(state: RefinementState, segments: Sequence[Segment]) -> list[Conclusion]:
    """A conclusion for each requested place, in order."""
    return [_conclusion(place, state, segments) for place in state.requested]


def unsettled(conclusion: Conclusion) -> bool:
    """Whether a place was neither solved nor bounded within the tolerance."""
    return conclusion.probe is None and conclusion.status not in (CERTIFIED, INFEASIBLE)


def breakpoints(segments: Sequence[Segment]) -> tuple[Breakpoint, ...]:
    """The proved breakpoints: solved places between two proved lines of different slopes."""
    bends = []
    for left, right in pairwise(_pieces(segments)):
        if left.high != right.low or not (left.linear and right.linear):
            continue
        share = (left.high - left.low) / (right.high - left.low)
        bend = left.cost_high - (1 - share) * left.cost_low - share * right.cost_high
        if abs(bend) > 2 * MET_SHARE * max(abs(left.cost_low), abs(right.cost_high)):
            bends.append(Breakpoint(left.high, left.slope, right.slope, exact=True))
    return tuple(bends)


def complete(segments: Sequence[Segment]) -> bool:
    """Whether the cost is piecewise linear with all pieces known in the proved segments."""
    lines = [p.linear for p in _pieces(s for s in segments if s.proved)]
    return bool(lines) and all(lines)


@dataclass(frozen=True)
class _Piece:
    """A part of a segment between two solved neighbours.

    `linear`: the optimal cost is proved linear there.
    """

    low: float
    high: float
    cost_low: float
    cost_high: float
    linear: bool

    @property
    def slope(self) -> float:
        return (self.cost_high - self.cost_low) / (self.high - self.low)


def _pieces(segments: Sequence[Segment] | Iterator[Segment]) -> Iterator[_Piece]:
    for segment in segments:
        value_bounds = sandwich(segment, {})
        for k, (low, high) in enumerate(pairwise(segment.solved)):
            yield _Piece(low.at, high.at, low.cost, high.cost, _linear(value_bounds, k))


def _linear(value_bounds: ValueBounds | None, k: int) -> bool:
    if isinstance(value_bounds, SupportBounds):
        return within_rounding(value_bounds, *value_bounds.meeting(k))
    return isinstance(value_bounds, ConstantBounds)


def _conclusion(place: float, state: RefinementState, segments: Sequence[Segment]) -> Conclusion:
    probe = state.probes.get(place)
    if probe and probe.solved:
        return Conclusion(place, probe.outcome.status, "", probe.cost, probe.cost, probe)
    if probe and not (probe.built and probe.outcome.status == LIMIT):
        return Conclusion(place, probe.outcome.status, probe.outcome.message, probe=probe)
    segment = next((s for s in segments if s.low <= place <= s.high), None)
    if segment is None:
        return _unproved(place, state, probe, -math.inf, math.inf)
    wall = infeasible_neighbor(segment, place)
    if wall is not None:
        return Conclusion(place, INFEASIBLE, f"no plan, as there is none at {wall:g}", probe=probe)
    value_bounds = sandwich(segment, state.cross_costs)
    if value_bounds is None:
        return _unproved(place, state, probe, -math.inf, math.inf)
    lower, upper = (float(side[0]) for side in bounds(value_bounds, [place]))
    if state.unresolved(value_bounds, [place]):
        return _unproved(place, state, probe, lower, upper)
    message = probe.outcome.message if probe else ""
    return Conclusion(place, CERTIFIED, message, lower, upper, probe)


def _unproved(
    place: float, state: RefinementState, probe: EvaluatedPoint | None, lower: float, upper: float
) -> Conclusion:
    """A conclusion without close bounds; its message names the unsolved neighbours."""
    low, high = _finite(lower), _finite(upper)
    if probe:
        return Conclusion(place, probe.outcome.status, probe.outcome.message, low, high, probe)
    places = [at for at, p in state.probes.items() if p.solved or p.infeasible]
    left = max((at for at in places if at < place), default=-math.inf)
    right = min((at for at in places if at > place), default=math.inf)
    failed = failed_in(state, left, right)
    names = " and ".join(f"{p.at:g} ({p.outcome.status})" for p in failed)
    status = failed[0].outcome.status if failed else FAILED
    message = f"not solved; bounded loosely, as there is no answer at {names}"
    return Conclusion(place, status, message, low, high)


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None
