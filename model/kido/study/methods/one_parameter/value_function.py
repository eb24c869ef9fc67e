"""Optimal cost along one parameter: the values worth solving, and proved bounds at all others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kido.study.methods.one_parameter.bounds import agrees
from kido.study.methods.one_parameter.conclusions import (
    Conclusion,
    breakpoints,
    complete,
    conclusions,
    unsettled,
)
from kido.study.methods.one_parameter.linear_pieces import MIXED, MOST_SEGMENTS, Lines, Segment
from kido.study.methods.one_parameter.oracle import EvaluatedPoint, Oracle
from kido.study.methods.one_parameter.refinement import (
    RefinementState,
    Request,
    first_places,
    outside,
    wanted,
)
from kido.study.methods.one_parameter.result import Bound, BreakEven, Breakpoint, Curve, Stretch
from kido.study.point import Outcome

EXACT_ASKS = (40, 4)  # programs an exact curve may take: so many, and for each value requested


@dataclass(frozen=True)
class ValueFunction:
    """A curve: every place solved, and a conclusion for every place requested.

    `programs`: solves and crossed solves together. `complete`: `breakpoints` are all there are
    in the certified stretches.
    """

    probes: tuple[EvaluatedPoint, ...]
    segments: tuple[Segment, ...]
    conclusions: tuple[Conclusion, ...]
    breakpoints: tuple[Breakpoint, ...]
    complete: bool
    programs: int

    def record(
        self,
        scenario: str | None,
        outcomes: Sequence[Outcome],
        break_evens: Sequence[BreakEven] = (),
    ) -> Curve:
        """As handed on: `outcomes` for every value requested or solved."""
        return Curve(
            scenario,
            self.stretches,
            self.bounds,
            tuple(outcomes),
            self.breakpoints,
            tuple(break_evens),
            self.complete,
        )

    @property
    def bounds(self) -> tuple[Bound, ...]:
        known = ((c, bool(c.probe and c.probe.solved)) for c in self.conclusions)
        return tuple(Bound(c.at, c.lower, c.upper, solved) for c, solved in known)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Parts of the range; neighbours of which nothing is proved are one."""
        stretches: list[Stretch] = []
        for segment in self.segments:
            if stretches and stretches[-1].kind == segment.kind == MIXED:
                stretches[-1] = replace(stretches[-1], high=segment.high)
            else:
                stretches.append(Stretch(segment.low, segment.high, segment.kind))
        return tuple(stretches)


def trace(
    oracle: Oracle, requested: Sequence[float], always: Sequence[float] = (), error: float = 1e-4
) -> ValueFunction:
    """Bound the optimal cost at every requested place to within a share `error` of it.

    `always` are solved whatever happens, of the others only those needed. Error 0 goes on
    until every breakpoint is exact. Asked is in rounds, each in one call, and what is asked
    depends on earlier answers alone. Where nothing can be proved, every requested place is
    solved; so too when closing the sandwich takes more programs than that would. Raises
    ValueError where nothing is requested.
    """
    places = tuple(sorted({float(at) for at in (*requested, *always)}))
    if not places:
        raise ValueError("a curve needs at least one value")
    walk = _Walk(oracle, RefinementState(places, error))
    walk.ask(Request(tuple(first_places(walk.search, [float(at) for at in always]))))
    base, each = EXACT_ASKS if error == 0 else (0, 1)
    most = base + each * len(places)
    while (step := walk.next_step()) != Request():
        if walk.programs + len(step.places) + len(step.crosses) > most:
            left = conclusions(walk.search, walk.segments())
            walk.ask(Request(tuple(v.at for v in left if unsettled(v))))
            break
        walk.ask(step)
    return walk.trace()


@dataclass
class _Walk:
    """The search as it goes."""

    oracle: Oracle
    search: RefinementState
    programs: int = 0
    stepped: bool = False
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self.lines = Lines(self.oracle, frozenset(self.search.requested))

    @property
    def probes(self) -> list[EvaluatedPoint]:
        return [probe for _, probe in sorted(self.search.asked.items())]

    def ask(self, step: Request) -> None:
        places = sorted(set(step.places))
        answers = self.oracle.solve(places) if places else []
        crossed = dict(self.search.crossed)
        for segment in {id(s): s for s, _, _ in step.crosses}.values():
            pairs = [(low, high) for s, low, high in step.crosses if s is segment]
            costs = segment.piece.crossed(pairs)
            crossed |= {(a.at, b.at): cost for (a, b), cost in zip(pairs, costs, strict=True)}
        asked = {**self.search.asked, **dict(zip(places, answers, strict=True))}
        self.search = replace(self.search, asked=asked, crossed=crossed)
        self.programs += len(places) + len(step.crosses)

    def segments(self) -> list[Segment]:
        """As far as the parameter is straight, and the answers agree with what that implies."""
        segments = [] if self.stepped else self.lines.segments(self.probes)
        self.stepped = self.stepped or len(segments) > MOST_SEGMENTS
        if self.stepped:
            return self.lines.whole(self.probes)
        crossed = self.search.crossed
        return [s if agrees(s, crossed) else replace(s, kind=MIXED, proved=False) for s in segments]

    def next_step(self) -> Request:
        segments = self.segments()
        parts = [wanted(segment, self.search) for segment in segments]
        places = {s for part in parts for s in part.places} | set(outside(self.search, segments))
        crosses = tuple(cross for part in parts for cross in part.crosses)
        return Request(tuple(sorted(places)), crosses)

    def trace(self) -> ValueFunction:
        segments = tuple(self.segments())
        known = conclusions(self.search, segments)
        return ValueFunction(
            probes=tuple(self.probes),
            segments=segments,
            conclusions=tuple(known),
            breakpoints=breakpoints(segments),
            complete=complete(segments),
            programs=self.programs,
        )
