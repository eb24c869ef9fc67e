"""Break-evens: between which two values of a parameter a row enters, leaves, fills or falls.

Where a row does something else at one solved place than at the next, the bracket between the
two is closed in by solving. A plan changes hands where the slope of the optimal cost changes, so
the first guess is where the supporting lines of the two ends meet: both sides of it are solved
at once. Where the cost is a line from end to end, the change is at one of them, and the place
beside it is solved. Every other round the middle is solved instead, so that a bracket closes
whatever the lines say, and where there are none.

Both ends of what is reported were solved: that is the proof. Where several plans are best, what
a row does is what it does in the plan that was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kido.study.methods.one_parameter.bounds import Supported, sandwich, within_rounding
from kido.study.methods.one_parameter.linear_pieces import COSTS, LIMITS, Segment
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Oracle
from kido.study.methods.one_parameter.result import BreakEven
from kido.study.methods.one_parameter.value_function import ValueFunction
from kido.study.resolve.measures import used_of, volume_of
from kido.tolerances import USED_SHARE

MOST_SOLVES = 100  # for all rows together
EVENTS = ("enters", "falls", "fills", "leaves")  # in the order they happen at one place


@dataclass(frozen=True)
class _Bracket:
    """Two solved neighbours, and what a row does at one and not at the other."""

    row: str
    event: str
    low: EvaluatedPoint
    high: EvaluatedPoint

    @property
    def record(self) -> BreakEven:
        volume = used_of if self.event in ("enters", "leaves") else volume_of
        volumes = (volume(p.outcome, self.row) for p in (self.low, self.high))
        return BreakEven(self.row, self.event, self.low.at, self.high.at, *volumes)


def find(
    oracle: Oracle, curve: ValueFunction, rows: Sequence[str], width: float, most: int = MOST_SOLVES
) -> list[BreakEven]:
    """Break-evens of rows (keys of `Outcome.plan`), closed to `width` (units of the parameter).

    Wider where nothing between could be solved, or after `most` solves. Ordered by row as
    given, then along the parameter. Raises ValueError for a width that is not positive.
    """
    if width <= 0:
        raise ValueError(f"a break-even cannot be closed to {width:g}")
    search = _Search(oracle, curve, tuple(dict.fromkeys(rows)), width)
    known = {p.at: p for p in curve.probes}
    asked, guess = 0, True
    while asked < most and (places := search.places(known, guess)[: most - asked]):
        known |= dict(zip(places, oracle.solve(places), strict=True))
        asked += len(places)
        guess = not guess
    return [bracket.record for bracket in search.brackets(known)]


@dataclass(frozen=True)
class _Search:
    oracle: Oracle
    curve: ValueFunction
    rows: tuple[str, ...]
    width: float

    def brackets(self, known: dict[float, EvaluatedPoint]) -> list[_Bracket]:
        """All there are between neighbouring answers, ordered."""
        answered = [p for _, p in sorted(known.items()) if p.solved or p.infeasible]
        found = []
        for row in self.rows:
            states = [self._state(row, p) for p in answered]
            for (low, was), (high, does) in pairwise(zip(answered, states, strict=True)):
                found += [_Bracket(row, event, low, high) for event in _events(was, does)]
        return found

    def places(self, known: dict[float, EvaluatedPoint], guess: bool) -> list[float]:
        """What to solve in one round: for each wide bracket its guess, or its middle."""
        wide = (b for b in self.brackets(known) if b.high.at - b.low.at > self.width * (1 + 1e-9))
        ends = {(b.low.at, b.high.at): (b.low, b.high) for b in wide}
        found: set[float] = set()
        for low, high in ends.values():
            tries = [list(self._guess(low, high)), [(low.at + high.at) / 2]]
            for places in tries if guess else tries[::-1]:
                fresh = {p for p in places if low.at < p < high.at and p not in known}
                found |= fresh
                if fresh:
                    break
        return sorted(found)

    def _guess(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Iterator[float]:
        """Either side of where the lines meet; beside a bend where the cost is a line."""
        lines = self._lines(low, high)
        if lines is None:
            return
        place, error = lines.meeting(0)
        if not within_rounding(lines, place, error):
            yield from (place - self.width / 2, place + self.width / 2)
            return
        bends = {b.at for b in self.curve.breakpoints} & {low.at, high.at}
        if low.at in bends or not bends:
            yield low.at + self.width
        if high.at in bends or not bends:
            yield high.at - self.width

    def _lines(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Supported | None:
        """Unproved lines are as good: a guess needs no proof."""
        for segment in self.curve.segments:
            if segment.low <= low.at and high.at <= segment.high:
                if segment.kind not in (LIMITS, COSTS) or not all(
                    segment.piece.straight(p) for p in (low, high)
                ):
                    return None
                known = sandwich(Segment((low, high), segment.piece, segment.kind, True), {})
                return known if isinstance(known, Supported) else None
        return None

    def _state(self, row: str, probe: EvaluatedPoint) -> tuple[bool, bool] | None:
        """Whether the row is used, and as much as it can be; None where there is no plan."""
        if not probe.solved:
            return None
        volume, dust = volume_of(probe.outcome, row), self._dust(row)
        limit = self.oracle.most(probe, row)
        full = limit is not None and volume > dust and volume >= limit - dust
        return used_of(probe.outcome, row) > dust, full

    def _dust(self, row: str) -> float:
        solved = (p for p in self.curve.probes if p.solved)
        volumes = (max(volume_of(p.outcome, row), used_of(p.outcome, row)) for p in solved)
        return USED_SHARE * max(volumes, default=0.0)


def _events(was: tuple[bool, bool] | None, does: tuple[bool, bool] | None) -> list[str]:
    if was is None or does is None:
        return []
    used, full = (b - a for a, b in zip(was, does, strict=True))
    changes = {"enters": used > 0, "falls": full < 0, "fills": full > 0, "leaves": used < 0}
    return [event for event in EVENTS if changes[event]]
