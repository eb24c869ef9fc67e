"""The live model along one parameter: what the study of a curve asks, answered by workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import KidoError
from kido.solver.highs import Infeasible, UnboundedProgram
from kido.solver.parametric_program import MIXED, Line, Plan, Risk
from kido.solver.program_diff import Change, Vector
from kido.study.design.parameter import Parameter
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.methods.one_parameter.oracle import EvaluatedPoint
from kido.study.point import CERTIFIED, LIMIT, Outcome, Point
from kido.study.resolve.evaluate import Evaluation, Task, evaluate_task, model_of, tables_at
from kido.study.resolve.warm_model import WarmStart


class ModelOracle:
    """Solves a book at values of its parameters, which move together with the first.

    `start` is the answer to the book itself. Programs are compared on the rows and columns
    of the book, or, where they have more at one end of the range, of that end.
    """

    def __init__(
        self,
        executor: CachedExecutor,
        book: str,
        tables: Tables,
        parameters: tuple[Parameter, ...],
        scenario: str | None,
        start: WarmStart | None,
        watched: Sequence[str] = (),
    ):
        self.executor, self.scenario, self.parameters = executor, scenario, parameters
        self.base = Task(book, tables, parameters, (), start, whole=True, watched=tuple(watched))
        self.found: dict[float, EvaluatedPoint] = {}
        self._choose_frame()

    def point(self, place: float) -> Point:
        """The parameters where the first is at `place`: the others in step with it."""
        order = np.argsort(self.parameters[0].values)
        first = np.asarray(self.parameters[0].values, dtype=float)[order]
        others = [
            float(np.interp(place, first, np.asarray(parameter.values, dtype=float)[order]))
            for parameter in self.parameters[1:]
        ]
        return Point(len(self.found), (place, *others), self.scenario)

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        """Each place once, started from the nearest answer there was before."""
        new = [p for p in dict.fromkeys(places) if p not in self.found]
        tasks = [replace(self.base, points=(self.point(p),), start=self._nearest(p)) for p in new]
        for place, (evaluation,) in zip(new, self.executor.map(evaluate_task, tasks), strict=True):
            self.found[place] = self._probe(place, evaluation)
        return [self.found[place] for place in places]

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> ProgramSegment:
        return ProgramSegment(self, low, high)

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        return payload_of(probe).limits.get(row)

    def _probe(self, place: float, evaluation: Evaluation) -> EvaluatedPoint:
        weights = None
        if evaluation.plan is not None:
            weights = self._risk.weights(evaluation.plan.duals) or None
        return EvaluatedPoint(place, evaluation.outcome, evaluation, weights)

    @cached_property
    def _risk(self) -> Risk:
        return Risk.of(model_of(self.base, self.scenario).program)

    def _nearest(self, place: float) -> WarmStart | None:
        starts = [
            (abs(at - place), at, payload_of(probe).start) for at, probe in self.found.items()
        ]
        known = [(apart, at, start) for apart, at, start in starts if start is not None]
        return min(known, key=lambda x: x[:2])[2] if known else self.base.start

    def _choose_frame(self) -> None:
        """Rows and columns that both ends of the range have, if the book or an end has them."""
        ends = [
            self.point(min(self.parameters[0].values)),
            self.point(max(self.parameters[0].values)),
        ]
        for frame in (None, *ends):
            task = replace(self.base, frame=frame)
            if self._fits(task, ends):
                if frame is not None and task.start is not None:
                    book = model_of(self.base, self.scenario)
                    start = book.start_for(task.start, model_of(task, self.scenario))
                    task = replace(task, start=start)
                self.base = task
                return

    def _fits(self, task: Task, ends: Sequence[Point]) -> bool:
        try:
            model = model_of(task, self.scenario)
            cases = [
                make_case(tables_at(task.tables, task.parameters, end), self.scenario)
                for end in ends
            ]
            return all(model.program_of(case) is not None for case in cases)
        except Exception:  # whatever it is, the points tell of it
            return False


@dataclass(frozen=True)
class ProgramSegment:
    """The line of programs between two probes."""

    along: ModelOracle
    low: EvaluatedPoint
    high: EvaluatedPoint

    @cached_property
    def line(self) -> Line | None:
        low, high = payload_of(self.low).change, payload_of(self.high).change
        if low is None or high is None:
            return None
        program = model_of(self.along.base, self.along.scenario).program
        return Line(program, self.low.at, low, self.high.at, high)

    @cached_property
    def kind(self) -> str:
        return self.line.kind if self.line else MIXED

    def straight(self, probe: EvaluatedPoint) -> bool:
        change = payload_of(probe).change
        return self.line is not None and change is not None and self.line.holds(probe.at, change)

    def slope(self, probe: EvaluatedPoint) -> float:
        line, plan = self._of(probe)
        return line.slope(plan)

    def spent(self, probe: EvaluatedPoint) -> Callable[[float], Vector]:
        line, plan = self._of(probe)
        return line.spent(probe.at, plan)

    def measure(self, spent: Vector) -> float:
        if self.line is None:
            raise ValueError("no line to measure on")
        return self.line.measure(spent)

    def crossed(self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]) -> list[float | None]:
        tasks = [self._crossed(one, other) for one, other in pairs]
        return [
            evaluation.outcome.objective
            for (evaluation,) in self.along.executor.map(bound_task, tasks)
        ]

    def _of(self, probe: EvaluatedPoint) -> tuple[Line, Plan]:
        plan = payload_of(probe).plan
        if self.line is None or plan is None:
            raise ValueError(f"no plan on a line at {probe.at:g}")
        return self.line, plan

    def _crossed(self, one: EvaluatedPoint, other: EvaluatedPoint) -> BoundTask:
        ask = replace(self.along.base, points=(self.along.point(one.at),))
        ask = replace(ask, start=payload_of(one).start)
        line, none = self._of(one)[0], np.zeros(0)
        weights = tuple(
            (probe.at, Plan(none, np.where(line.risk.row, plan.duals, 0.0), none))
            for probe, (_, plan) in ((one, self._of(one)), (other, self._of(other)))
        )
        return BoundTask(ask, (line.a, line.low, line.b, line.high), weights)


@dataclass(frozen=True)
class BoundTask:
    """The least of the two crossed costs of a pair of plans, given by their weights."""

    ask: Task
    ends: tuple[float, Change, float, Change]
    weights: tuple[tuple[float, Plan], ...]

    @property
    def points(self) -> tuple[Point, ...]:
        return self.ask.points

    @property
    def key_parts(self) -> tuple[object, ...]:
        places = [at for at, _ in self.weights]
        return "crossed", places, self.ends[0], self.ends[2], *self.ask.key_parts


def bound_task(task: BoundTask) -> list[Evaluation]:
    """One bound from below; none where the program did not end in an answer."""
    (point,) = task.points
    model = model_of(task.ask, point.scenario)
    one, other = task.weights
    try:
        program = Line(model.program, *task.ends).crossed(one, other)
        vertex = model.solve(program, task.ask.start)
    except (KidoError, Infeasible, UnboundedProgram) as problem:
        return [Evaluation(Outcome(point, LIMIT, str(problem)))]
    bound = Outcome(
        point,
        CERTIFIED,
        objective=vertex.solution.statistics.audit.bound,
        lower=vertex.solution.statistics.audit.bound,
        seconds=vertex.seconds,
        iterations=vertex.iterations,
        warm=vertex.warm,
    )
    return [Evaluation(bound)]


def payload_of(probe: EvaluatedPoint) -> Evaluation:
    payload = probe.payload
    if not isinstance(payload, Evaluation):
        raise TypeError("a probe of another oracle")
    return payload
