"""Which places to ask next, so that few solves close the sandwich.

Limits and costs: between two solved places the error is widest where their supporting lines
meet. That place is solved. Either the cost there lies on both lines, and then it is a
breakpoint and the cost is known on both sides of it; or a third line comes in between, and
each half is narrower (Eisner and Severance 1976). A supporting line taken at a breakpoint may
have any slope between those on either side: the next place then lies beside the breakpoint, and
its own line goes through it.

Prices: neighbours that price risk alike are bounded from below for nothing. For others the
crossed weights (see `risk_bounds`) cost about a solve, so they are asked for only where
the plans that are known leave hope that they close the whole gap. Otherwise a requested place
is solved: the widest one where the plans above are too far apart whatever the weights, else
the middle one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kido.study.methods.one_parameter.bounds import (
    Supported,
    ValueBounds,
    bounds,
    refuted,
    sandwich,
    scale,
    within_rounding,
)
from kido.study.methods.one_parameter.linear_pieces import MIXED, Segment
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Vector
from kido.study.methods.one_parameter.risk_bounds import Crossed, Priced
from kido.tolerances import MET_SHARE, SAME_PLACE_SHARE

MOST_FAILURES = 2  # between two answers, before a stretch is left as it is
WITNESSES = (0.3819660112501051, 0.7236067977499789)  # of a stretch: in step with nothing
FEW = 6  # requested values for which no proof pays

Cross = tuple[Segment, EvaluatedPoint, EvaluatedPoint]


@dataclass(frozen=True)
class Request:
    """Places to solve, and pairs of answers whose history weights are to be crossed."""

    places: tuple[float, ...] = ()
    crosses: tuple[Cross, ...] = ()


NONE = Request()


@dataclass(frozen=True)
class RefinementState:
    """What is sought (`requested`, in order, to within `error`) and what is known by now."""

    requested: tuple[float, ...]
    error: float
    asked: Mapping[float, EvaluatedPoint] = field(default_factory=dict)
    crossed: Crossed = field(default_factory=dict)

    def inside(self, low: float, high: float) -> list[float]:
        """Requested places strictly between that were not asked."""
        return [s for s in self.requested if low < s < high and s not in self.asked]

    def open(self, known: ValueBounds | None, places: Sequence[float]) -> list[float]:
        """Those of the places whose bounds are further apart than the error."""
        if known is None or not places:
            return list(places)
        lower, upper = bounds(known, places)
        close = np.isfinite(upper - lower) & (upper - lower <= self.allowed(known, places))
        return [s for s, done in zip(places, close, strict=True) if not done]

    def allowed(self, known: ValueBounds, places: Sequence[float]) -> Vector:
        """How far apart the bounds may be, kUSD."""
        _, upper = bounds(known, places)
        rounding = MET_SHARE * scale(known, np.asarray(places, dtype=float))
        share: Vector = self.error * np.where(np.isfinite(upper), np.abs(upper), 0.0)
        return np.maximum(share, rounding)

    def clean(self, place: float) -> float:
        """The requested or asked place that is the same but for rounding, if there is one."""
        near = SAME_PLACE_SHARE * (self.requested[-1] - self.requested[0])
        same = (s for s in (*self.requested, *self.asked) if abs(s - place) <= near)
        return next(same, place)


def first_places(search: RefinementState, always: Sequence[float]) -> list[float]:
    """Those to be solved whatever happens, both ends, and two witnesses between."""
    low, high = search.requested[0], search.requested[-1]
    if search.error > 0 and len(search.requested) <= FEW:
        return list(search.requested)
    if search.error > 0 and set(always) == set(search.requested):
        return list(search.requested)
    return sorted({*always, low, high, *(_uneven(low, high, share) for share in WITNESSES)})


def _uneven(low: float, high: float, share: float) -> float:
    """A place of our own choice, written with few digits."""
    place = low + share * (high - low)
    short = round(place, 3 - math.floor(math.log10(high - low))) if high > low else place
    return short if low < short < high else place


def outside(search: RefinementState, segments: Sequence[Segment]) -> list[float]:
    """Requested places that no built neighbours enclose: each is asked."""
    low = min((s.low for s in segments), default=np.inf)
    high = max((s.high for s in segments), default=-np.inf)
    return [s for s in search.requested if s not in search.asked and not low <= s <= high]


def wanted(segment: Segment, search: RefinementState) -> Request:
    """What a segment asks for in one round; nothing once it is closed or given up."""
    if segment.kind == MIXED:
        inside = search.inside(segment.low, segment.high)
        bends = len(segment.probes) == 2
        return Request(tuple(_middle(inside) if bends else inside))
    if not segment.proved:
        needed = search.error == 0 or search.inside(segment.low, segment.high)
        witness = _uneven(segment.low, segment.high, WITNESSES[0])
        return Request((witness,) if needed else ())
    known = sandwich(segment, search.crossed)
    parts = [_gap(segment, low, high, known, search) for low, high in gaps(segment)]
    return Request(
        tuple(place for part in parts for place in part.places),
        tuple(cross for part in parts for cross in part.crosses),
    )


def gaps(segment: Segment) -> list[tuple[EvaluatedPoint, EvaluatedPoint]]:
    """Between neighbours that were answered, and from these to the ends."""
    ends = segment.probes[0], segment.probes[-1]
    return list(pairwise(p for p in segment.probes if p.solved or p.infeasible or p in ends))


def failed_in(search: RefinementState, low: float, high: float) -> list[EvaluatedPoint]:
    """Places, ends included, that were asked and not answered."""
    places = (p for at, p in search.asked.items() if low <= at <= high)
    return [p for p in places if not (p.solved or p.infeasible)]


def _gap(
    segment: Segment,
    low: EvaluatedPoint,
    high: EvaluatedPoint,
    known: ValueBounds | None,
    search: RefinementState,
) -> Request:
    if len(failed_in(search, low.at, high.at)) >= MOST_FAILURES:
        return NONE
    inside = [s for s in search.inside(low.at, high.at) if refuted(segment, s) is None]
    left = search.open(known, inside)
    if low.solved and high.solved:
        if isinstance(known, Supported):
            return _supported(known, low.at, high.at, left, search)
        if isinstance(known, Priced):
            return _priced(known, segment, (low, high), left, search)
        return NONE
    return Request(tuple(_middle(left)))


def _supported(
    known: Supported, low: float, high: float, left: Sequence[float], search: RefinementState
) -> Request:
    place, error = known.meeting(int(np.searchsorted(known.at, low)))
    met = within_rounding(known, place, error)
    if met or (search.error > 0 and not left):
        return NONE
    place = search.clean(place)
    askable = low < place < high and place not in search.asked
    if askable and (search.error == 0 or len(left) > 1):
        return Request((place,))
    return Request(tuple(_widest(known, left)))


def _priced(
    known: Priced,
    segment: Segment,
    ends: tuple[EvaluatedPoint, EvaluatedPoint],
    left: Sequence[float],
    search: RefinementState,
) -> Request:
    if len(left) < 2:
        return Request(tuple(left))
    too_far = known.optimistic(left) - search.allowed(known, left)
    worst = int(np.argmax(too_far))
    if too_far[worst] > 0:
        return Request((left[worst],))
    pair = ends[0].at, ends[1].at
    hopeful = known.hopeful(*ends, left) <= search.allowed(known, left)
    if pair not in search.crossed and hopeful.all():
        return Request(crosses=((segment, *ends),))
    return Request(tuple(_middle(left)))


def _middle(places: Sequence[float]) -> Sequence[float]:
    return places[len(places) // 2 :][:1]


def _widest(known: ValueBounds, places: Sequence[float]) -> list[float]:
    if not places:
        return []
    lower, upper = bounds(known, places)
    return [places[int(np.argmax(upper - lower))]]
