"""Refinement: the places to solve next, so that few solves close the sandwich of bounds.

Limits and costs: between two solved places the error is widest where their supporting lines
meet. That place is solved. Either the cost there lies on both lines, and then it is a
breakpoint and the cost is known on both sides of it; or a third line comes in between, and
each half is narrower (Eisner and Severance 1976). A supporting line taken at a breakpoint may
have any slope between those on either side: the next place then lies beside the breakpoint, and
its own line goes through it.

Prices: neighbours of equal history weights have a lower bound without a solve. For others the
cross costs (see `risk_bounds`) take about a solve, so they are requested only if, by the plans
known so far, they may close the whole gap. Otherwise a requested place is solved: that of the
widest error if the upper bounds are too high with any weights, else the middle one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kido.study.methods.one_parameter.bounds import (
    SupportBounds,
    ValueBounds,
    bounds,
    infeasible_neighbor,
    sandwich,
    scale,
    within_rounding,
)
from kido.study.methods.one_parameter.linear_pieces import MIXED, Segment
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Vector
from kido.study.methods.one_parameter.risk_bounds import CrossCosts, RiskBounds
from kido.tolerances import MET_SHARE, SAME_PLACE_SHARE

MOST_FAILURES = 2  # between two solved places, before a stretch is left as it is
WITNESSES = (0.3819660112501051, 0.7236067977499789)  # of a stretch: in step with nothing
FEW = 6  # requested values for which no proof pays

Cross = tuple[Segment, EvaluatedPoint, EvaluatedPoint]


@dataclass(frozen=True)
class Request:
    """Places to solve, and pairs of probes whose cross costs are needed."""

    places: tuple[float, ...] = ()
    crosses: tuple[Cross, ...] = ()


NONE = Request()


@dataclass(frozen=True)
class RefinementState:
    """Requested places in order, the tolerance `error` (a share), and all results so far."""

    requested: tuple[float, ...]
    error: float
    probes: Mapping[float, EvaluatedPoint] = field(default_factory=dict)
    cross_costs: CrossCosts = field(default_factory=dict)

    def unsolved_between(self, low: float, high: float) -> list[float]:
        """Requested places strictly between two places that were not solved."""
        return [s for s in self.requested if low < s < high and s not in self.probes]

    def unresolved(self, value_bounds: ValueBounds | None, places: Sequence[float]) -> list[float]:
        """The places whose bounds are further apart than the tolerance."""
        if value_bounds is None or not places:
            return list(places)
        lower, upper = bounds(value_bounds, places)
        close = np.isfinite(upper - lower) & (upper - lower <= self.tolerance(value_bounds, places))
        return [s for s, done in zip(places, close, strict=True) if not done]

    def tolerance(self, value_bounds: ValueBounds, places: Sequence[float]) -> Vector:
        """The largest allowed distance of the bounds at each place, kUSD."""
        _, upper = bounds(value_bounds, places)
        rounding = MET_SHARE * scale(value_bounds, np.asarray(places, dtype=float))
        share: Vector = self.error * np.where(np.isfinite(upper), np.abs(upper), 0.0)
        return np.maximum(share, rounding)

    def snap(self, place: float) -> float:
        """The requested or solved place that equals `place` but for rounding; else `place`."""
        tolerance = SAME_PLACE_SHARE * (self.requested[-1] - self.requested[0])
        same = (s for s in (*self.requested, *self.probes) if abs(s - place) <= tolerance)
        return next(same, place)


def first_places(state: RefinementState, always: Sequence[float]) -> list[float]:
    """The places of the first round: those always solved, both ends, and two witnesses."""
    low, high = state.requested[0], state.requested[-1]
    if state.error > 0 and len(state.requested) <= FEW:
        return list(state.requested)
    if state.error > 0 and set(always) == set(state.requested):
        return list(state.requested)
    return sorted({*always, low, high, *(_uneven(low, high, share) for share in WITNESSES)})


def _uneven(low: float, high: float, share: float) -> float:
    """The place at a share of the range, rounded to few digits."""
    place = low + share * (high - low)
    short = round(place, 3 - math.floor(math.log10(high - low))) if high > low else place
    return short if low < short < high else place


def outside(state: RefinementState, segments: Sequence[Segment]) -> list[float]:
    """Requested places outside of all segments: each is to be solved."""
    low = min((s.low for s in segments), default=np.inf)
    high = max((s.high for s in segments), default=-np.inf)
    return [s for s in state.requested if s not in state.probes and not low <= s <= high]


def request_of(segment: Segment, state: RefinementState) -> Request:
    """The request of a segment in one round; empty once it is closed or given up."""
    if segment.kind == MIXED:
        inside = state.unsolved_between(segment.low, segment.high)
        bends = len(segment.probes) == 2
        return Request(tuple(_middle(inside) if bends else inside))
    if not segment.proved:
        needed = state.error == 0 or state.unsolved_between(segment.low, segment.high)
        witness = _uneven(segment.low, segment.high, WITNESSES[0])
        return Request((witness,) if needed else ())
    value_bounds = sandwich(segment, state.cross_costs)
    parts = [_gap(segment, low, high, value_bounds, state) for low, high in gaps(segment)]
    return Request(
        tuple(place for part in parts for place in part.places),
        tuple(cross for part in parts for cross in part.crosses),
    )


def gaps(segment: Segment) -> list[tuple[EvaluatedPoint, EvaluatedPoint]]:
    """Pairs of neighbouring probes with a result; the ends count too."""
    ends = segment.probes[0], segment.probes[-1]
    return list(pairwise(p for p in segment.probes if p.solved or p.infeasible or p in ends))


def failed_in(state: RefinementState, low: float, high: float) -> list[EvaluatedPoint]:
    """Probes without a result between two places, ends included."""
    places = (p for at, p in state.probes.items() if low <= at <= high)
    return [p for p in places if not (p.solved or p.infeasible)]


def _gap(
    segment: Segment,
    low: EvaluatedPoint,
    high: EvaluatedPoint,
    value_bounds: ValueBounds | None,
    state: RefinementState,
) -> Request:
    if len(failed_in(state, low.at, high.at)) >= MOST_FAILURES:
        return NONE
    inside = [
        s
        for s in state.unsolved_between(low.at, high.at)
        if infeasible_neighbor(segment, s) is None
    ]
    open_places = state.unresolved(value_bounds, inside)
    if low.solved and high.solved:
        if isinstance(value_bounds, SupportBounds):
            return _supported(value_bounds, low.at, high.at, open_places, state)
        if isinstance(value_bounds, RiskBounds):
            return _priced(value_bounds, segment, (low, high), open_places, state)
        return NONE
    return Request(tuple(_middle(open_places)))


def _supported(
    value_bounds: SupportBounds,
    low: float,
    high: float,
    open_places: Sequence[float],
    state: RefinementState,
) -> Request:
    place, error = value_bounds.meeting(int(np.searchsorted(value_bounds.at, low)))
    closed = within_rounding(value_bounds, place, error)
    if closed or (state.error > 0 and not open_places):
        return NONE
    place = state.snap(place)
    askable = low < place < high and place not in state.probes
    if askable and (state.error == 0 or len(open_places) > 1):
        return Request((place,))
    return Request(tuple(_widest(value_bounds, open_places)))


def _priced(
    value_bounds: RiskBounds,
    segment: Segment,
    ends: tuple[EvaluatedPoint, EvaluatedPoint],
    open_places: Sequence[float],
    state: RefinementState,
) -> Request:
    if len(open_places) < 2:
        return Request(tuple(open_places))
    too_far = value_bounds.optimistic(open_places) - state.tolerance(value_bounds, open_places)
    worst = int(np.argmax(too_far))
    if too_far[worst] > 0:
        return Request((open_places[worst],))
    pair = ends[0].at, ends[1].at
    closable = value_bounds.hopeful(*ends, open_places) <= state.tolerance(
        value_bounds, open_places
    )
    if pair not in state.cross_costs and closable.all():
        return Request(crosses=((segment, *ends),))
    return Request(tuple(_middle(open_places)))


def _middle(places: Sequence[float]) -> Sequence[float]:
    return places[len(places) // 2 :][:1]


def _widest(value_bounds: ValueBounds, places: Sequence[float]) -> list[float]:
    if not places:
        return []
    lower, upper = bounds(value_bounds, places)
    return [places[int(np.argmax(upper - lower))]]
