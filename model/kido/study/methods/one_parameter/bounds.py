"""The sandwich: bounds of the optimal cost V between solved places.

Along a straight line of programs (Gass and Saaty 1955; Eisner and Severance 1976):

- *limits*: only right sides move. A mixture of two plans serves the mixture of two right
  sides, so V is convex: it lies below the chord between two solved places. The duals of one
  place stay feasible at all others, and price a line that lies below V everywhere.
- *costs*: only unit costs move. The plan of one place can be carried out at all others, for
  what it costs there: a line above V. A least of lines is concave: V lies above its chords.
- *nothing*: V is constant.
- *prices*: see `kido.study.methods.one_parameter.risk_bounds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kido.study.methods.one_parameter.linear_pieces import LIMITS, NOTHING, PRICES, Segment
from kido.study.methods.one_parameter.oracle import Vector
from kido.study.methods.one_parameter.risk_bounds import CrossCosts, RiskBounds
from kido.tolerances import CROSSED_SHARE, MET_SHARE


class ValueBounds(Protocol):
    """Bounds of the optimal cost on one segment, from its solved places, kUSD."""

    @property
    def at(self) -> Vector: ...

    @property
    def cost(self) -> Vector: ...

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        """(lower, upper) bounds of the cost at the places, kUSD; infinite if nothing is proved."""

    def sound(self) -> bool:
        """Whether the solved places are consistent with the bounds."""


def sandwich(segment: Segment, cross_costs: CrossCosts) -> ValueBounds | None:
    """The bounds on a segment; None if it is not proved or has no solved place."""
    solved = segment.solved
    if not segment.proved or not solved:
        return None
    if segment.kind == PRICES:
        return RiskBounds.of(solved, segment.piece, cross_costs)
    at, cost = np.array([p.at for p in solved]), np.array([p.cost for p in solved])
    if segment.kind == NOTHING:
        return ConstantBounds(at, cost)
    slope = np.array([segment.piece.slope(p) for p in solved])
    return SupportBounds(at, cost, slope, 1.0 if segment.kind == LIMITS else -1.0)


def bounds(value_bounds: ValueBounds, places: Sequence[float]) -> tuple[Vector, Vector]:
    """(lower, upper) bounds at places, kUSD, in order; those within rounding are made equal.

    Bounds that cross by rounding are exchanged, so that the cost lies between them anyway.
    """
    points = np.asarray(places, dtype=float)
    lower, upper = value_bounds.raw(points)
    low, high = np.minimum(lower, upper), np.maximum(lower, upper)
    with np.errstate(invalid="ignore"):
        equal = high - low <= MET_SHARE * scale(value_bounds, points)
        middle = (low + high) / 2
    return np.where(equal, middle, low), np.where(equal, middle, high)


def scale(value_bounds: ValueBounds, places: Vector) -> Vector:
    """The scale of rounding errors: the larger cost of the solved neighbours, kUSD."""
    size = np.abs(value_bounds.cost)
    right = np.searchsorted(value_bounds.at, places)
    left, right = np.maximum(right - 1, 0), np.minimum(right, len(size) - 1)
    values: Vector = np.maximum(np.maximum(size[left], size[right]), 1e-6 * size.max())
    return values


def within_rounding(value_bounds: ValueBounds, place: float, error: float) -> bool:
    """Whether a distance `error` of the bounds (kUSD) at a place is a rounding error."""
    return error <= MET_SHARE * float(scale(value_bounds, np.array([place]))[0])


def is_consistent(segment: Segment, cross_costs: CrossCosts) -> bool:
    """Whether the probes of a segment are consistent with its kind.

    Where only costs move, there is a plan everywhere or nowhere; where limits move, there is
    one on an interval.
    """
    value_bounds = sandwich(segment, cross_costs)
    if value_bounds is None:
        return True
    if segment.kind != LIMITS:
        return not segment.infeasible and value_bounds.sound()
    between = any(value_bounds.at[0] < at < value_bounds.at[-1] for at in segment.infeasible)
    return not between and value_bounds.sound()


def infeasible_neighbor(segment: Segment, place: float) -> float | None:
    """The infeasible place that proves another place infeasible; None if there is none."""
    if not segment.infeasible or not segment.proved:
        return None
    if segment.kind != LIMITS:
        return segment.infeasible[0]
    if not segment.solved:
        return None
    first, last = segment.solved[0].at, segment.solved[-1].at
    below = max((f for f in segment.infeasible if f < first), default=-np.inf)
    above = min((f for f in segment.infeasible if f > last), default=np.inf)
    return below if place < below else above if place > above else None


@dataclass(frozen=True)
class ConstantBounds:
    """Bounds of the kind `nothing`: a constant cost."""

    at: Vector
    cost: Vector

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        """See `ValueBounds.raw`."""
        level = np.full(len(places), self.cost[0])
        return level, level

    def sound(self) -> bool:
        """See `ValueBounds.sound`."""
        return bool(np.ptp(self.cost) <= CROSSED_SHARE * np.abs(self.cost).max())


@dataclass(frozen=True)
class SupportBounds:
    """Bounds by supporting lines and chords of a convex cost; `sign` -1 for a concave one."""

    at: Vector
    cost: Vector
    slope: Vector
    sign: float

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        """See `ValueBounds.raw`."""
        right = np.searchsorted(self.at, places)
        last = len(self.at) - 1
        lines = [self._line(np.clip(k, 0, last), places) for k in (right - 1, right)]
        beneath = np.maximum(*lines)
        above = np.interp(places, self.at, self.sign * self.cost, left=np.inf, right=np.inf)
        return (beneath, above) if self.sign > 0 else (-above, -beneath)

    def _line(self, k: NDArray[np.int_], places: Vector) -> Vector:
        values: Vector = self.sign * (self.cost[k] + self.slope[k] * (places - self.at[k]))
        return values

    def sound(self) -> bool:
        """Whether every supporting line is on the right side of the neighbouring costs."""
        k = np.arange(len(self.at) - 1)
        tolerance = CROSSED_SHARE * np.maximum(np.abs(self.cost[k]), np.abs(self.cost[k + 1]))
        signed = self.sign * self.cost
        ahead = self._line(k, self.at[k + 1]) - signed[k + 1]
        behind = self._line(k + 1, self.at[k]) - signed[k]
        return bool(np.all(ahead <= tolerance) and np.all(behind <= tolerance))

    def meeting(self, k: int) -> tuple[float, float]:
        """Intersection of the lines of places k and k + 1, and the error there, kUSD.

        The error is widest there, as lines and chord are straight on either side of it.
        """
        a, b = float(self.at[k]), float(self.at[k + 1])
        turn = self.sign * float(self.slope[k + 1] - self.slope[k])
        place = (a + b) / 2
        if turn > 0:
            rise = self.sign * float(self.cost[k + 1] - self.cost[k] - self.slope[k] * (b - a))
            place = float(np.clip(b - rise / turn, a, b))
        lower, upper = self.raw(np.array([place]))
        return place, float(upper[0] - lower[0])
