"""What a finished search proves: a conclusion for every place, and the breakpoints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kido.study.methods.one_parameter.bounds import (
    Level,
    Supported,
    ValueBounds,
    bounds,
    refuted,
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
    """What is known of one requested place; `status` and `message` as in `Outcome`, kUSD.

    A bound is None where nothing is proved. `probe`: what came of it where it was asked.
    """

    at: float
    status: str
    message: str = ""
    lower: float | None = None
    upper: float | None = None
    probe: EvaluatedPoint | None = None

    @property
    def objective(self) -> float | None:
        """The optimal cost, or the middle of what is certified."""
        if self.probe and self.probe.solved:
            return self.probe.cost
        if self.status != CERTIFIED or self.lower is None or self.upper is None:
            return None
        return (self.lower + self.upper) / 2


def conclusions(search: RefinementState, segments: Sequence[Segment]) -> list[Conclusion]:
    """One for each requested place, in order."""
    return [_conclusion(place, search, segments) for place in search.requested]


def unsettled(conclusion: Conclusion) -> bool:
    """Whether a place was neither asked nor bounded well enough."""
    return conclusion.probe is None and conclusion.status not in (CERTIFIED, INFEASIBLE)


def breakpoints(segments: Sequence[Segment]) -> tuple[Breakpoint, ...]:
    """Solved places with a proved line on either side, of different slopes."""
    found = []
    for left, right in pairwise(_pieces(segments)):
        if left.high != right.low or not (left.linear and right.linear):
            continue
        share = (left.high - left.low) / (right.high - left.low)
        bend = left.cost_high - (1 - share) * left.cost_low - share * right.cost_high
        if abs(bend) > 2 * MET_SHARE * max(abs(left.cost_low), abs(right.cost_high)):
            found.append(Breakpoint(left.high, left.slope, right.slope, exact=True))
    return tuple(found)


def complete(segments: Sequence[Segment]) -> bool:
    """Whether every line of the cost is known where anything is proved."""
    lines = [p.linear for p in _pieces(s for s in segments if s.proved)]
    return bool(lines) and all(lines)


@dataclass(frozen=True)
class _Piece:
    """Between two solved neighbours; `linear`: the optimal cost is proved a line."""

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
        known = sandwich(segment, {})
        for k, (low, high) in enumerate(pairwise(segment.solved)):
            yield _Piece(low.at, high.at, low.cost, high.cost, _linear(known, k))


def _linear(known: ValueBounds | None, k: int) -> bool:
    if isinstance(known, Supported):
        return within_rounding(known, *known.meeting(k))
    return isinstance(known, Level)


def _conclusion(place: float, search: RefinementState, segments: Sequence[Segment]) -> Conclusion:
    probe = search.asked.get(place)
    if probe and probe.solved:
        return Conclusion(place, probe.outcome.status, "", probe.cost, probe.cost, probe)
    if probe and not (probe.built and probe.outcome.status == LIMIT):
        return Conclusion(place, probe.outcome.status, probe.outcome.message, probe=probe)
    segment = next((s for s in segments if s.low <= place <= s.high), None)
    if segment is None:
        return _unproved(place, search, probe, -math.inf, math.inf)
    wall = refuted(segment, place)
    if wall is not None:
        return Conclusion(place, INFEASIBLE, f"no plan, as there is none at {wall:g}", probe=probe)
    known = sandwich(segment, search.crossed)
    if known is None:
        return _unproved(place, search, probe, -math.inf, math.inf)
    lower, upper = (float(side[0]) for side in bounds(known, [place]))
    if search.open(known, [place]):
        return _unproved(place, search, probe, lower, upper)
    said = probe.outcome.message if probe else ""
    return Conclusion(place, CERTIFIED, said, lower, upper, probe)


def _unproved(
    place: float, search: RefinementState, probe: EvaluatedPoint | None, lower: float, upper: float
) -> Conclusion:
    """Not as narrow as asked for: says which neighbours were not answered."""
    low, high = _finite(lower), _finite(upper)
    if probe:
        return Conclusion(place, probe.outcome.status, probe.outcome.message, low, high, probe)
    answered = [at for at, p in search.asked.items() if p.solved or p.infeasible]
    left = max((at for at in answered if at < place), default=-math.inf)
    right = min((at for at in answered if at > place), default=math.inf)
    failed = failed_in(search, left, right)
    names = " and ".join(f"{p.at:g} ({p.outcome.status})" for p in failed)
    status = failed[0].outcome.status if failed else FAILED
    message = f"not solved; bounded loosely, as there is no answer at {names}"
    return Conclusion(place, status, message, low, high)


def _finite(bound: float) -> float | None:
    return bound if math.isfinite(bound) else None
