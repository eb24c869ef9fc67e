"""The sandwich: what solved places prove about the optimal cost V between them.

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
from kido.study.methods.one_parameter.risk_bounds import Crossed, Priced
from kido.tolerances import CROSSED_SHARE, MET_SHARE


class ValueBounds(Protocol):
    """Bounds of the optimal cost on one segment, from its solved places, kUSD."""

    @property
    def at(self) -> Vector: ...

    @property
    def cost(self) -> Vector: ...

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        """(lower, upper); infinite where nothing is proved."""

    def sound(self) -> bool:
        """Whether what is known agrees with itself."""


def sandwich(segment: Segment, crossed: Crossed) -> ValueBounds | None:
    """None where nothing is proved, or nowhere solved."""
    solved = segment.solved
    if not segment.proved or not solved:
        return None
    if segment.kind == PRICES:
        return Priced.of(solved, segment.piece, crossed)
    at, cost = np.array([p.at for p in solved]), np.array([p.cost for p in solved])
    if segment.kind == NOTHING:
        return Level(at, cost)
    slope = np.array([segment.piece.slope(p) for p in solved])
    return Supported(at, cost, slope, 1.0 if segment.kind == LIMITS else -1.0)


def bounds(known: ValueBounds, places: Sequence[float]) -> tuple[Vector, Vector]:
    """(lower, upper) at places that were not solved, kUSD: never crossing, equal once met.

    Bounds that cross by rounding are exchanged, so that the cost lies between them anyway.
    """
    wanted = np.asarray(places, dtype=float)
    lower, upper = known.raw(wanted)
    low, high = np.minimum(lower, upper), np.maximum(lower, upper)
    with np.errstate(invalid="ignore"):
        met = high - low <= MET_SHARE * scale(known, wanted)
        middle = (low + high) / 2
    return np.where(met, middle, low), np.where(met, middle, high)


def scale(known: ValueBounds, places: Vector) -> Vector:
    """What rounding is measured against: the larger cost of the solved neighbours, kUSD."""
    size = np.abs(known.cost)
    right = np.searchsorted(known.at, places)
    left, right = np.maximum(right - 1, 0), np.minimum(right, len(size) - 1)
    found: Vector = np.maximum(np.maximum(size[left], size[right]), 1e-6 * size.max())
    return found


def within_rounding(known: ValueBounds, place: float, error: float) -> bool:
    """Whether bounds so far apart (kUSD) at a place have met."""
    return error <= MET_SHARE * float(scale(known, np.array([place]))[0])


def agrees(segment: Segment, crossed: Crossed) -> bool:
    """Whether a segment can be what its kind says.

    Where only costs move, there is a plan everywhere or nowhere; where limits move, there is
    one on an interval.
    """
    known = sandwich(segment, crossed)
    if known is None:
        return True
    if segment.kind != LIMITS:
        return not segment.infeasible and known.sound()
    between = any(known.at[0] < at < known.at[-1] for at in segment.infeasible)
    return not between and known.sound()


def refuted(segment: Segment, place: float) -> float | None:
    """The infeasible place, nearest to a plan, by which another place has none either."""
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
class Level:
    """Nothing moves."""

    at: Vector
    cost: Vector

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        level = np.full(len(places), self.cost[0])
        return level, level

    def sound(self) -> bool:
        return bool(np.ptp(self.cost) <= CROSSED_SHARE * np.abs(self.cost).max())


@dataclass(frozen=True)
class Supported:
    """Lines on one side, chords on the other; `sign` -1 turns a concave cost over."""

    at: Vector
    cost: Vector
    slope: Vector
    sign: float

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        right = np.searchsorted(self.at, places)
        last = len(self.at) - 1
        lines = [self._line(np.clip(k, 0, last), places) for k in (right - 1, right)]
        beneath = np.maximum(*lines)
        above = np.interp(places, self.at, self.sign * self.cost, left=np.inf, right=np.inf)
        return (beneath, above) if self.sign > 0 else (-above, -beneath)

    def _line(self, k: NDArray[np.int_], places: Vector) -> Vector:
        found: Vector = self.sign * (self.cost[k] + self.slope[k] * (places - self.at[k]))
        return found

    def sound(self) -> bool:
        """No line passes a neighbour on the wrong side."""
        k = np.arange(len(self.at) - 1)
        allowed = CROSSED_SHARE * np.maximum(np.abs(self.cost[k]), np.abs(self.cost[k + 1]))
        signed = self.sign * self.cost
        ahead = self._line(k, self.at[k + 1]) - signed[k + 1]
        behind = self._line(k + 1, self.at[k]) - signed[k]
        return bool(np.all(ahead <= allowed) and np.all(behind <= allowed))

    def meeting(self, k: int) -> tuple[float, float]:
        """Where the lines of places k and k + 1 meet, and the widest error between the two, kUSD.

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
