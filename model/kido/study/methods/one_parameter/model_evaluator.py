"""`ModelOracle`: solves the workbook along one parameter in the workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import KidoError
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.kept_orders import Decisions
from kido.solver.parametric_program import MIXED, Line, Plan, Risk
from kido.solver.program_diff import Change, Vector
from kido.study.design.parameter import Parameter
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.methods.one_parameter.oracle import EvaluatedPoint
from kido.study.point import CERTIFIED, LIMIT, Outcome, Point
from kido.study.resolve.evaluate import Evaluation, Task, evaluate_task, model_of, tables_at
from kido.study.resolve.warm_model import WarmStart
from kido.study.session import chunk_size


class ModelOracle:
    """Solves a workbook at values of its parameters, which change in step with the first.

    `start` is the basis of the unchanged book. Programs are compared on the rows and columns
    of the book or, if they have more at one end of the range, of that end.
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
        keep: Decisions | None = None,
    ):
        self.executor, self.scenario, self.parameters = executor, scenario, parameters
        self.base = Task(
            book, tables, parameters, (), start, whole=True, watched=tuple(watched), keep=keep
        )
        self.probes: dict[float, EvaluatedPoint] = {}
        self._choose_frame()

    def point(self, place: float) -> Point:
        """The point at which the first parameter is at `place` and the others in step with it."""
        order = np.argsort(self.parameters[0].values)
        first = np.asarray(self.parameters[0].values, dtype=float)[order]
        others = [
            float(np.interp(place, first, np.asarray(parameter.values, dtype=float)[order]))
            for parameter in self.parameters[1:]
        ]
        return Point(len(self.probes), (place, *others), self.scenario)

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        """A probe for each place, solved once, started from the nearest earlier basis.

        Of many places at once, neighbours are solved in turn, each from the one before.
        """
        new = sorted(set(places) - set(self.probes))
        size = chunk_size(len(new))
        chunks = [new[i : i + size] for i in range(0, len(new), size)]
        tasks = [
            replace(self.base, points=tuple(map(self.point, chunk)), start=self._nearest(chunk[0]))
            for chunk in chunks
        ]
        for chunk, results in zip(chunks, self.executor.map(evaluate_task, tasks), strict=True):
            for place, evaluation in zip(chunk, results, strict=True):
                self.probes[place] = self._probe(place, evaluation)
        return [self.probes[place] for place in places]

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> ProgramSegment:
        """See `Oracle.piece`."""
        return ProgramSegment(self, low, high)

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        """See `Oracle.most`."""
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
            (abs(at - place), at, payload_of(probe).start) for at, probe in self.probes.items()
        ]
        candidates = [(distance, at, start) for distance, at, start in starts if start is not None]
        return min(candidates, key=lambda x: x[:2])[2] if candidates else self.base.start

    def _choose_frame(self) -> None:
        """Set the frame: the book or an end whose rows and columns both ends of the range have."""
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
    """The straight line of programs between two probes."""

    oracle: ModelOracle
    low: EvaluatedPoint
    high: EvaluatedPoint

    @cached_property
    def line(self) -> Line | None:
        """The line of programs; None if the two programs cannot be compared."""
        low, high = payload_of(self.low).change, payload_of(self.high).change
        if low is None or high is None:
            return None
        program = model_of(self.oracle.base, self.oracle.scenario).program
        return Line(program, self.low.at, low, self.high.at, high)

    @cached_property
    def kind(self) -> str:
        """See `Piece.kind`."""
        return self.line.kind if self.line else MIXED

    def straight(self, probe: EvaluatedPoint) -> bool:
        """See `Piece.straight`."""
        change = payload_of(probe).change
        return self.line is not None and change is not None and self.line.matches(probe.at, change)

    def slope(self, probe: EvaluatedPoint) -> float:
        """See `Piece.slope`."""
        line, plan = self._line_and_plan(probe)
        return line.slope(plan)

    def spending(self, probe: EvaluatedPoint) -> Callable[[float], Vector]:
        """See `Piece.spending`."""
        line, plan = self._line_and_plan(probe)
        return line.costs_of(probe.at, plan)

    def measure(self, spending: Vector) -> float:
        """See `Piece.measure`. Raises ValueError without a line."""
        if self.line is None:
            raise ValueError("no line to measure on")
        return self.line.measure(spending)

    def cross_costs(
        self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]
    ) -> list[float | None]:
        """See `Piece.cross_costs`."""
        tasks = [self._bound_task(one, other) for one, other in pairs]
        return [
            evaluation.outcome.objective
            for (evaluation,) in self.oracle.executor.map(bound_task, tasks)
        ]

    def _line_and_plan(self, probe: EvaluatedPoint) -> tuple[Line, Plan]:
        plan = payload_of(probe).plan
        if self.line is None or plan is None:
            raise ValueError(f"no plan on a line at {probe.at:g}")
        return self.line, plan

    def _bound_task(self, one: EvaluatedPoint, other: EvaluatedPoint) -> BoundTask:
        base = replace(self.oracle.base, points=(self.oracle.point(one.at),))
        base = replace(base, start=payload_of(one).start)
        line, empty = self._line_and_plan(one)[0], np.zeros(0)
        weights = tuple(
            (probe.at, Plan(empty, np.where(line.risk.row, plan.duals, 0.0), empty))
            for probe, (_, plan) in (
                (one, self._line_and_plan(one)),
                (other, self._line_and_plan(other)),
            )
        )
        return BoundTask(base, (line.a, line.low, line.b, line.high), weights)


@dataclass(frozen=True)
class BoundTask:
    """The program of the cross cost of a pair of plans, with their weights."""

    base: Task
    ends: tuple[float, Change, float, Change]
    weights: tuple[tuple[float, Plan], ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The point of the first plan."""
        return self.base.points

    @property
    def key_parts(self) -> tuple[object, ...]:
        """All that the bound depends on."""
        places = [at for at, _ in self.weights]
        return "crossed", places, self.ends[0], self.ends[2], *self.base.key_parts


def bound_task(task: BoundTask) -> list[Evaluation]:
    """An evaluation with the lower bound of a cross cost; status LIMIT if it was not solved."""
    (point,) = task.points
    model = model_of(task.base, point.scenario)
    one, other = task.weights
    try:
        program = Line(model.program, *task.ends).with_crossed_weights(one, other)
        vertex = model.solve(program, task.base.start)
    except (KidoError, InfeasibleProgram, UnboundedProgram) as problem:
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
    """The evaluation of a probe. Raises TypeError for a probe of another oracle."""
    payload = probe.payload
    if not isinstance(payload, Evaluation):
        raise TypeError("a probe of another oracle")
    return payload
