"""Break-evens: brackets of the values of a parameter where a row enters, leaves, fills or falls.

If the state of a row differs at two neighbouring solved places, the bracket between them is
narrowed by solving. The plan changes where the slope of the optimal cost changes, so the first
guess is the intersection of the supporting lines of the two ends: both sides of it are solved
at once. If the cost is linear from end to end, the change is at one end, and the place
beside it is solved. Every other round bisects instead, so that a bracket closes with any lines,
or without.

Both ends of a reported bracket were solved: that is the proof. If several plans are optimal, the
state of a row is that in the plan of the solver.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kido.study.methods.one_parameter.bounds import SupportBounds, sandwich, within_rounding
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
    """Two solved neighbours, and the event of a row between them."""

    row: str
    event: str
    low: EvaluatedPoint
    high: EvaluatedPoint

    @property
    def record(self) -> BreakEven:
        """The break-even of the bracket."""
        volume = used_of if self.event in ("enters", "leaves") else volume_of
        volumes = (volume(p.outcome, self.row) for p in (self.low, self.high))
        return BreakEven(self.row, self.event, self.low.at, self.high.at, *volumes)


def find_break_evens(
    oracle: Oracle,
    function: ValueFunction,
    rows: Sequence[str],
    width: float,
    most: int = MOST_SOLVES,
) -> list[BreakEven]:
    """Break-evens of rows (keys of `Outcome.plan`), narrowed to `width` (units of the parameter).

    A bracket is wider if nothing between could be solved, or after `most` solves. Ordered by row
    as in `rows`, then along the parameter. Raises ValueError for a width that is not positive.
    """
    if width <= 0:
        raise ValueError(f"a break-even cannot be closed to {width:g}")
    search = _BreakEvenSearch(oracle, function, tuple(dict.fromkeys(rows)), width)
    probes = {p.at: p for p in function.probes}
    solves, guess = 0, True
    while solves < most and (places := search.places(probes, guess)[: most - solves]):
        probes |= dict(zip(places, oracle.solve(places), strict=True))
        solves += len(places)
        guess = not guess
    return [bracket.record for bracket in search.brackets(probes)]


@dataclass(frozen=True)
class _BreakEvenSearch:
    oracle: Oracle
    function: ValueFunction
    rows: tuple[str, ...]
    width: float

    def brackets(self, probes: dict[float, EvaluatedPoint]) -> list[_Bracket]:
        """All brackets between neighbouring probes, ordered by row and place."""
        solved_probes = [p for _, p in sorted(probes.items()) if p.solved or p.infeasible]
        brackets = []
        for row in self.rows:
            states = [self._state(row, p) for p in solved_probes]
            for (low, before), (high, after) in pairwise(zip(solved_probes, states, strict=True)):
                brackets += [_Bracket(row, event, low, high) for event in _events(before, after)]
        return brackets

    def places(self, probes: dict[float, EvaluatedPoint], guess: bool) -> list[float]:
        """The places to solve in one round: for each wide bracket its guess, or its middle."""
        wide = (b for b in self.brackets(probes) if b.high.at - b.low.at > self.width * (1 + 1e-9))
        ends = {(b.low.at, b.high.at): (b.low, b.high) for b in wide}
        places: set[float] = set()
        for low, high in ends.values():
            candidates = [list(self._guess(low, high)), [(low.at + high.at) / 2]]
            for candidate in candidates if guess else candidates[::-1]:
                new = {p for p in candidate if low.at < p < high.at and p not in probes}
                places |= new
                if new:
                    break
        return sorted(places)

    def _guess(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Iterator[float]:
        """Both sides of the intersection of the lines; if the cost is linear, beside an end."""
        lines = self._lines(low, high)
        if lines is None:
            return
        place, error = lines.meeting(0)
        if not within_rounding(lines, place, error):
            yield from (place - self.width / 2, place + self.width / 2)
            return
        bends = {b.at for b in self.function.breakpoints} & {low.at, high.at}
        if low.at in bends or not bends:
            yield low.at + self.width
        if high.at in bends or not bends:
            yield high.at - self.width

    def _lines(self, low: EvaluatedPoint, high: EvaluatedPoint) -> SupportBounds | None:
        """The supporting lines of the two ends, proved or not; None if there are none."""
        for segment in self.function.segments:
            if segment.low <= low.at and high.at <= segment.high:
                if segment.kind not in (LIMITS, COSTS) or not all(
                    segment.piece.straight(p) for p in (low, high)
                ):
                    return None
                gap = Segment((low, high), segment.piece, segment.kind, True)
                value_bounds = sandwich(gap, {})
                return value_bounds if isinstance(value_bounds, SupportBounds) else None
        return None

    def _state(self, row: str, probe: EvaluatedPoint) -> tuple[bool, bool] | None:
        """Whether the row is used, and whether it is at its limit; None without a plan."""
        if not probe.solved:
            return None
        volume, dust = volume_of(probe.outcome, row), self._dust(row)
        limit = self.oracle.most(probe, row)
        full = limit is not None and volume > dust and volume >= limit - dust
        return used_of(probe.outcome, row) > dust, full

    def _dust(self, row: str) -> float:
        solved = (p for p in self.function.probes if p.solved)
        volumes = (max(volume_of(p.outcome, row), used_of(p.outcome, row)) for p in solved)
        return USED_SHARE * max(volumes, default=0.0)


def _events(before: tuple[bool, bool] | None, after: tuple[bool, bool] | None) -> list[str]:
    if before is None or after is None:
        return []
    used, full = (b - a for a, b in zip(before, after, strict=True))
    changes = {"enters": used > 0, "falls": full < 0, "fills": full > 0, "leaves": used < 0}
    return [event for event in EVENTS if changes[event]]
