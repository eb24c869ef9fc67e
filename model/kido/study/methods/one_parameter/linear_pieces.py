"""Where the programs along a parameter lie on straight lines: only there can anything be proved.

A parameter need not move the program evenly. A limit worked out as the smaller of two numbers has
a kink, a start month moves in steps. So the program of every place that is solved is compared
with the line between its neighbours. A kink between two places, with a third anywhere else on
the line, always shows: three programs around one kink are never in line. Steps may hide behind
places as even as themselves, so a stretch is proved straight only by a witness inside that lies
at an uneven place of our own choice, not at one of the values requested.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from kido.study.methods.one_parameter.mixture import cheapest_mixture
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Oracle, Piece, Vector
from kido.study.point import BAD_INPUT

NOTHING, LIMITS, COSTS, PRICES, MIXED = "nothing", "limits", "costs", "prices", "mixed"
MOST_SEGMENTS = 12  # a parameter in more pieces goes in steps, and is sampled


@dataclass(frozen=True)
class Segment:
    """Built probes in order, ends included, and the line between the ends.

    `kind` is mixed where a parameter bends between two probes, or where it is not what it seems.
    `proved`: straight, with a witness.
    """

    probes: tuple[EvaluatedPoint, ...]
    piece: Remembered
    kind: str
    proved: bool

    @property
    def low(self) -> float:
        return self.probes[0].at

    @property
    def high(self) -> float:
        return self.probes[-1].at

    @property
    def solved(self) -> tuple[EvaluatedPoint, ...]:
        return tuple(p for p in self.probes if p.solved)

    @property
    def infeasible(self) -> tuple[float, ...]:
        return tuple(p.at for p in self.probes if p.infeasible)


@dataclass
class Remembered:
    """A piece that answers the same question once."""

    piece: Piece
    told: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.piece.kind

    def straight(self, probe: EvaluatedPoint) -> bool:
        return self._once(("straight", probe.at), lambda: self.piece.straight(probe))

    def slope(self, probe: EvaluatedPoint) -> float:
        return self._once(("slope", probe.at), lambda: self.piece.slope(probe))

    def spent(self, probe: EvaluatedPoint, place: float) -> Vector:
        spender = self._once(("spent", probe.at), lambda: self.piece.spent(probe))
        return self._once(("spent", probe.at, place), lambda: spender(place))

    def recost(self, probe: EvaluatedPoint, place: float) -> float:
        """What the plan of a probe costs at a place, kUSD."""
        measure = self.piece.measure
        return self._once(("recost", probe.at, place), lambda: measure(self.spent(probe, place)))

    def blended(self, low: EvaluatedPoint, high: EvaluatedPoint, place: float) -> float:
        """What the cheapest mixture of two plans costs at a place, kUSD."""
        key = "blended", low.at, high.at, place
        ends = self.spent(low, place), self.spent(high, place)
        return self._once(key, lambda: cheapest_mixture(*ends, self.piece.measure))

    def crossed(self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]) -> list[float | None]:
        return self.piece.crossed(pairs)

    def _once(self, question: tuple[Any, ...], answer: Callable[[], Any]) -> Any:
        if question not in self.told:
            self.told[question] = answer()
        return self.told[question]


@dataclass
class Lines:
    """The pieces of an oracle, each asked for once."""

    oracle: Oracle
    requested: Collection[float]
    pieces: dict[tuple[float, float], Remembered] = field(default_factory=dict)

    def between(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Remembered:
        key = low.at, high.at
        if key not in self.pieces:
            self.pieces[key] = Remembered(self.oracle.piece(low, high))
        return self.pieces[key]

    def segments(self, probes: Sequence[EvaluatedPoint]) -> list[Segment]:
        """Cut where the parameter bends: from the left, each segment as long as it stays straight.

        An uneven place of which there is no program (a parameter of whole months has none) is
        witness enough.
        """
        built = [p for p in probes if p.built]
        uneven = [
            p
            for p in probes
            if p.at not in self.requested and (p.built or p.outcome.status == BAD_INPUT)
        ]
        found = []
        start = 0
        while start < len(built) - 1:
            end = self._furthest(built, start)
            inside = tuple(built[start : end + 1])
            piece = self.between(inside[0], inside[-1])
            kind = piece.kind if len(inside) > 2 else MIXED
            witness = any(inside[0].at < p.at < inside[-1].at for p in uneven)
            found.append(Segment(inside, piece, kind, witness and kind != MIXED))
            start = end
        return found

    def whole(self, probes: Sequence[EvaluatedPoint]) -> list[Segment]:
        """Everything as one segment of which nothing is proved."""
        built = tuple(p for p in probes if p.built)
        if len(built) < 2:
            return []
        return [Segment(built, self.between(built[0], built[-1]), MIXED, False)]

    def _furthest(self, built: Sequence[EvaluatedPoint], start: int) -> int:
        """By bisection: what is straight as a whole is straight in each part."""
        near, far = start + 1, len(built) - 1
        if self._straight(built[start : far + 1]):
            return far
        while far - near > 1:
            middle = (near + far) // 2
            if self._straight(built[start : middle + 1]):
                near = middle
            else:
                far = middle
        return near

    def _straight(self, probes: Sequence[EvaluatedPoint]) -> bool:
        piece = self.between(probes[0], probes[-1])
        return piece.kind != MIXED and all(piece.straight(p) for p in probes[1:-1])
