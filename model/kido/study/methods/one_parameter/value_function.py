"""`trace`: the optimal cost along one parameter, solved at some values, bounded at the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kido.study.methods.one_parameter.bounds import is_consistent
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
    request_of,
)
from kido.study.methods.one_parameter.result import Bound, BreakEven, Breakpoint, Curve, Stretch
from kido.study.point import Outcome

EXACT_ASKS = (40, 4)  # programs an exact curve may take: so many, and for each value requested


@dataclass(frozen=True)
class ValueFunction:
    """The optimal cost by value of a parameter: solved probes, and a conclusion for each request.

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
        """The curve as a result; `outcomes` are those of every requested or solved value."""
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
        """The bounds of the cost at every requested place."""
        pairs = ((c, bool(c.probe and c.probe.solved)) for c in self.conclusions)
        return tuple(Bound(c.at, c.lower, c.upper, solved) for c, solved in pairs)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The parts of the range; neighbouring unproved parts are merged."""
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
    """The optimal cost at every requested place, bounded to within a share `error` of it.

    The places `always` are solved in any case, of the others only those needed. Error 0 goes on
    until every breakpoint is exact. Places are solved in rounds of one call each, chosen by
    earlier results alone. If nothing can be proved, every requested place is solved; so too if
    closing the sandwich takes more programs than that. Raises ValueError without any place.
    """
    places = tuple(sorted({float(at) for at in (*requested, *always)}))
    if not places:
        raise ValueError("a curve needs at least one value")
    tracer = _Tracer(oracle, RefinementState(places, error))
    tracer.solve(Request(tuple(first_places(tracer.state, [float(at) for at in always]))))
    base, each = EXACT_ASKS if error == 0 else (0, 1)
    most = base + each * len(places)
    while (step := tracer.next_step()) != Request():
        if tracer.programs + len(step.places) + len(step.crosses) > most:
            open_conclusions = conclusions(tracer.state, tracer.segments())
            tracer.solve(Request(tuple(v.at for v in open_conclusions if unsettled(v))))
            break
        tracer.solve(step)
    return tracer.trace()


@dataclass
class _Tracer:
    """The algorithm of `trace`: its state, and the number of programs solved."""

    oracle: Oracle
    state: RefinementState
    programs: int = 0
    stepped: bool = False
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self.lines = Lines(self.oracle, frozenset(self.state.requested))

    @property
    def probes(self) -> list[EvaluatedPoint]:
        """All probes, in the order of their places."""
        return [probe for _, probe in sorted(self.state.probes.items())]

    def solve(self, step: Request) -> None:
        """Solve the places and cross costs of a request."""
        places = sorted(set(step.places))
        results = self.oracle.solve(places) if places else []
        cross_costs = dict(self.state.cross_costs)
        for segment in {id(s): s for s, _, _ in step.crosses}.values():
            pairs = [(low, high) for s, low, high in step.crosses if s is segment]
            costs = segment.piece.cross_costs(pairs)
            cross_costs |= {(a.at, b.at): cost for (a, b), cost in zip(pairs, costs, strict=True)}
        probes = {**self.state.probes, **dict(zip(places, results, strict=True))}
        self.state = replace(self.state, probes=probes, cross_costs=cross_costs)
        self.programs += len(places) + len(step.crosses)

    def segments(self) -> list[Segment]:
        """The segments; one inconsistent with its kind is `mixed` and not proved."""
        segments = [] if self.stepped else self.lines.segments(self.probes)
        self.stepped = self.stepped or len(segments) > MOST_SEGMENTS
        if self.stepped:
            return self.lines.whole(self.probes)
        cross_costs = self.state.cross_costs
        return [
            s if is_consistent(s, cross_costs) else replace(s, kind=MIXED, proved=False)
            for s in segments
        ]

    def next_step(self) -> Request:
        """The request of the next round; empty at the end."""
        segments = self.segments()
        parts = [request_of(segment, self.state) for segment in segments]
        places = {s for part in parts for s in part.places} | set(outside(self.state, segments))
        crosses = tuple(cross for part in parts for cross in part.crosses)
        return Request(tuple(sorted(places)), crosses)

    def trace(self) -> ValueFunction:
        """The value function from all results so far."""
        segments = tuple(self.segments())
        conclusions_of_state = conclusions(self.state, segments)
        return ValueFunction(
            probes=tuple(self.probes),
            segments=segments,
            conclusions=tuple(conclusions_of_state),
            breakpoints=breakpoints(segments),
            complete=complete(segments),
            programs=self.programs,
        )
