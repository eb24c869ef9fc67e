"""Segments of a parameter's range on which the programs are linear: only there are proofs possible.

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
MOST_SEGMENTS = 12  # a parameter with more segments is a step function: solved at every value


@dataclass(frozen=True)
class Segment:
    """A part of the range: its built probes in order, and the line of programs between its ends.

    `kind` is mixed where a parameter bends between two probes, or where it is not what it seems.
    `proved`: straight, with a witness.
    """

    probes: tuple[EvaluatedPoint, ...]
    piece: CachedPiece
    kind: str
    proved: bool

    @property
    def low(self) -> float:
        """The first place."""
        return self.probes[0].at

    @property
    def high(self) -> float:
        """The last place."""
        return self.probes[-1].at

    @property
    def solved(self) -> tuple[EvaluatedPoint, ...]:
        """The solved probes."""
        return tuple(p for p in self.probes if p.solved)

    @property
    def infeasible(self) -> tuple[float, ...]:
        """The places of infeasible probes."""
        return tuple(p.at for p in self.probes if p.infeasible)


@dataclass
class CachedPiece:
    """A piece with a cache of its results."""

    piece: Piece
    results: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """See `Piece.kind`."""
        return self.piece.kind

    def straight(self, probe: EvaluatedPoint) -> bool:
        """See `Piece.straight`."""
        return self._cached(("straight", probe.at), lambda: self.piece.straight(probe))

    def slope(self, probe: EvaluatedPoint) -> float:
        """See `Piece.slope`."""
        return self._cached(("slope", probe.at), lambda: self.piece.slope(probe))

    def spending(self, probe: EvaluatedPoint, place: float) -> Vector:
        """The spending of the plan of a probe at a place; see `Piece.spending`."""
        spending_at = self._cached(("spent", probe.at), lambda: self.piece.spending(probe))
        return self._cached(("spent", probe.at, place), lambda: spending_at(place))

    def recost(self, probe: EvaluatedPoint, place: float) -> float:
        """The cost of the plan of a probe at another place, kUSD."""
        measure = self.piece.measure
        return self._cached(
            ("recost", probe.at, place), lambda: measure(self.spending(probe, place))
        )

    def mixture_cost(self, low: EvaluatedPoint, high: EvaluatedPoint, place: float) -> float:
        """The cost of the cheapest mixture of two plans at a place, kUSD."""
        key = "blended", low.at, high.at, place
        ends = self.spending(low, place), self.spending(high, place)
        return self._cached(key, lambda: cheapest_mixture(*ends, self.piece.measure))

    def cross_costs(
        self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]
    ) -> list[float | None]:
        """See `Piece.cross_costs`; not cached."""
        return self.piece.cross_costs(pairs)

    def _cached(self, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
        if key not in self.results:
            self.results[key] = compute()
        return self.results[key]


@dataclass
class Lines:
    """The pieces of an oracle, each made once."""

    oracle: Oracle
    requested: Collection[float]
    pieces: dict[tuple[float, float], CachedPiece] = field(default_factory=dict)

    def between(self, low: EvaluatedPoint, high: EvaluatedPoint) -> CachedPiece:
        """The piece between two probes."""
        key = low.at, high.at
        if key not in self.pieces:
            self.pieces[key] = CachedPiece(self.oracle.piece(low, high))
        return self.pieces[key]

    def segments(self, probes: Sequence[EvaluatedPoint]) -> list[Segment]:
        """The longest segments, from the left, on which the programs are linear.

        An uneven place of which there is no program (a parameter of whole months has none) is
        witness enough.
        """
        built = [p for p in probes if p.built]
        uneven = [
            p
            for p in probes
            if p.at not in self.requested and (p.built or p.outcome.status == BAD_INPUT)
        ]
        segments = []
        start = 0
        while start < len(built) - 1:
            end = self._furthest(built, start)
            inside = tuple(built[start : end + 1])
            piece = self.between(inside[0], inside[-1])
            kind = piece.kind if len(inside) > 2 else MIXED
            witness = any(inside[0].at < p.at < inside[-1].at for p in uneven)
            segments.append(Segment(inside, piece, kind, witness and kind != MIXED))
            start = end
        return segments

    def whole(self, probes: Sequence[EvaluatedPoint]) -> list[Segment]:
        """One segment of all built probes, not proved."""
        built = tuple(p for p in probes if p.built)
        if len(built) < 2:
            return []
        return [Segment(built, self.between(built[0], built[-1]), MIXED, False)]

    def _furthest(self, built: Sequence[EvaluatedPoint], start: int) -> int:
        """The last probe up to which the programs are linear, by bisection."""
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
