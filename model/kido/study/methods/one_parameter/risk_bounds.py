"""`RiskBounds`: bounds along prices with risk: mixed plans above, crossed weights below.

V(t) is the least over plans x of the worst over history weights Q of Q c(x, t), what x costs.

Above: only costs move, so a plan solved at one place, or a mixture of two, can be carried out
at all others. Its risk is measured anew there. A plan that hedges keeps its worst histories
equally dear; elsewhere they part, but a mixture of the plans on either side keeps them nearly
so.

Below: at a solved place the plan and its Q are a saddle point, so V(a) is the least of Q_a c(x, a)
over all plans, and V(b) that of Q_b c(x, b). A share s of the way from a to b, with weights
mixed likewise, a plan costs (the c are lines along the parameter)

    (1-s)^2 Q_a c(x, a) + s^2 Q_b c(x, b) + 2 s (1-s) [Q_a c(x, b) + Q_b c(x, a)] / 2,

and V there is at least the least of that, which is at least the sum of the three least ones:
the bracket takes one program, of the size of a solve and without risk. Where Q_a = Q_b, it is
concave along the parameter, hence at least (V(a) + V(b)) / 2: the chord, for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from kido.study.methods.one_parameter.linear_pieces import CachedPiece
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Vector
from kido.tolerances import CROSSED_SHARE, SAME_WEIGHT

CrossCosts = Mapping[tuple[float, float], float | None]


@dataclass(frozen=True)
class RiskBounds:
    """Bounds of the kind `prices`.

    `at` and `cost` are those of the solved probes; `cross_costs` by pair of places, kUSD.
    """

    at: Vector
    cost: Vector
    solved: tuple[EvaluatedPoint, ...]
    piece: CachedPiece
    cross_costs: Mapping[tuple[float, float], float]

    @staticmethod
    def of(
        solved: Sequence[EvaluatedPoint], piece: CachedPiece, cross_costs: CrossCosts
    ) -> RiskBounds:
        """The bounds from solved probes; probes of equal weights need no cross cost."""
        at, cost = np.array([p.at for p in solved]), np.array([p.cost for p in solved])
        chords = {
            (a.at, b.at): (a.cost + b.cost) / 2
            for a, b in combinations(solved, 2)
            if same_weights(a, b)
        }
        places = set(at.tolist())
        values = {
            pair: cost
            for pair, cost in cross_costs.items()
            if cost is not None and places >= {*pair}
        }
        return RiskBounds(at, cost, tuple(solved), piece, {**chords, **values})

    def raw(self, places: Vector) -> tuple[Vector, Vector]:
        """See `ValueBounds.raw`."""
        return self._lower(places), self._upper(places)

    def sound(self) -> bool:
        """Whether no upper bound is below a solved cost and no lower bound above one."""
        tolerance = CROSSED_SHARE * np.abs(self.cost)
        lower, upper = self.raw(self.at)
        return bool(
            np.all(upper >= self.cost - tolerance) and np.all(lower <= self.cost + tolerance)
        )

    def optimistic(self, places: Sequence[float]) -> Vector:
        """The least error of the bounds with any history weights, kUSD."""
        points = np.asarray(places, dtype=float)
        gap: Vector = self._upper(points) - np.interp(points, self.at, self.cost)
        return gap

    def hopeful(self, low: EvaluatedPoint, high: EvaluatedPoint, places: Sequence[float]) -> Vector:
        """The error of the bounds, kUSD, if a known plan were the minimum of the cross cost."""
        if low.weights is None or high.weights is None:
            return self.optimistic(places)
        price = [np.array([1.0, *p.weights]) for p in (low, high) if p.weights is not None]
        least = min(
            float(
                price[0] @ self.piece.spending(p, high.at)
                + price[1] @ self.piece.spending(p, low.at)
            )
            for p in self.solved
        )
        points = np.asarray(places, dtype=float)
        gap: Vector = self._upper(points) - self._between(low.at, high.at, least / 2, points)
        return gap

    def _upper(self, places: Vector) -> Vector:
        return np.array([self._cheapest(place) for place in places.tolist()])

    def _cheapest(self, place: float) -> float:
        right = int(np.searchsorted(self.at, place))
        values = [self.piece.recost(probe, place) for probe in self.solved]
        if 0 < right < len(self.at) and self.at[right] != place:
            values.append(
                self.piece.mixture_cost(self.solved[right - 1], self.solved[right], place)
            )
        return min(values)

    def _lower(self, places: Vector) -> Vector:
        lower = np.full(len(places), -np.inf)
        for (low, high), cost in self.cross_costs.items():
            lower = np.maximum(lower, self._between(low, high, cost, places))
        return lower

    def _between(self, low: float, high: float, cost: float, places: Vector) -> Vector:
        """The lower bound from a cross cost between two places; -inf elsewhere."""
        ends = self.cost[np.searchsorted(self.at, [low, high])]
        share = (places - low) / (high - low)
        mixed = (1 - share) ** 2 * ends[0] + share**2 * ends[1] + 2 * share * (1 - share) * cost
        return np.where((low < places) & (places < high), mixed, -np.inf)


def same_weights(one: EvaluatedPoint, other: EvaluatedPoint) -> bool:
    """Whether two probes have the same weights of histories."""
    if one.weights is None or other.weights is None or len(one.weights) != len(other.weights):
        return False
    return bool(np.allclose(one.weights, other.weights, rtol=0, atol=SAME_WEIGHT))
