"""The unit of work of a sweep: a few neighbouring points, answered one after another.

What comes of a task depends on the task alone, not on the process that does it, nor on what
that process did before: so a sweep can be spread over any number of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from kido.data.case.case import Case
from kido.data.check import check
from kido.data.tables import Tables
from kido.errors import (
    Finding,
    InfeasiblePlan,
    KidoError,
    TimeLimitReached,
    UnboundedPlan,
    WorkbookError,
)
from kido.evaluation import Clock, solved_plan
from kido.solver.lexicographic import least_cost
from kido.solver.parametric_program import Plan
from kido.solver.program import Program
from kido.solver.program_diff import Change
from kido.solver.solution import Solution, Statistics
from kido.solver.warm_start import BasicSolution
from kido.study.design.parameter import Parameter
from kido.study.point import BAD_INPUT, FAILED, INFEASIBLE, LIMIT, SOLVED, Outcome, Point
from kido.study.resolve.measures import limit_of, measures, plan_of
from kido.study.resolve.warm_model import WarmModel, WarmStart

MOST_NAMED = 3  # findings told with a point
MODELS = 3  # kept by a process
FRAME, OTHER = 0, 1  # the slots of a task: on the frame's rows and columns, or on others


@dataclass(frozen=True)
class Task:
    """Points to answer in turn, each started from the one before, the first from `start`.

    `book` names the tables, so that a process builds a model for them once. `frame` is the
    point whose program the others are put on; None: the book as it stands. `whole`: programs
    and vertices come back too, and the limits of the rows `watched`. `alike`: each point
    starts from `start`.
    """

    book: str
    tables: Tables
    parameters: tuple[Parameter, ...]
    points: tuple[Point, ...]
    start: WarmStart | None = None
    frame: Point | None = None
    whole: bool = False
    alike: bool = False
    watched: tuple[str, ...] = ()

    @property
    def question(self) -> tuple[object, ...]:
        """All that the answers depend on: two tasks with the same one have the same answers."""
        asked = [point.key for point in self.points]
        frame = self.frame and self.frame.key
        return self.book, self.parameters, asked, frame, self.whole, self.alike, self.watched


@dataclass(frozen=True)
class Evaluation:
    """An outcome; with `whole` also its program (as a change of the frame's) and its vertex,
    where it has the frame's rows and columns.

    `limits`: the most each watched row could do, in the unit of `Outcome.plan`.
    """

    outcome: Outcome
    start: WarmStart | None = None
    change: Change | None = None
    plan: Plan | None = None
    limits: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelSlot:
    """A live model, and the answer the next point starts from there."""

    model: WarmModel
    start: WarmStart | None


_models: dict[Any, WarmModel] = {}


def model_of(task: Task, scenario: str | None) -> WarmModel:
    """The live model of this process for a task's book, built at most once."""
    key = task.book, scenario, task.frame and (task.parameters, task.frame.values)
    if key not in _models:
        while len(_models) >= MODELS:
            del _models[next(iter(_models))]
        tables = edited(task.tables, task.parameters, task.frame) if task.frame else task.tables
        _models[key] = WarmModel.of(tables, scenario)
    return _models[key]


def answer_task(task: Task) -> list[Evaluation]:
    """An outcome for every point, whatever happens to it."""
    evaluations: list[Evaluation] = []
    slots: dict[int, ModelSlot] = {}
    for point in task.points:
        planner = PointPlanner(task, point, slots)
        try:
            outcome = _outcome(planner)
        except Exception as problem:  # a batch does not die of one point
            outcome = _unanswered(point, problem)
        evaluations.append(planner.evaluation(outcome))
    return evaluations


def edited(tables: Tables, parameters: tuple[Parameter, ...], point: Point) -> Tables:
    """The book with the parameters set as the point has them."""
    for parameter, value in zip(parameters, point.values, strict=True):
        if value is not None:
            tables = parameter.edited(tables, value)
    return tables


@dataclass
class PointPlanner:
    """Plans one point on a live model of its task, or on one of its own where it fits none.

    `slots` are the models of the task by place; what came of the point stays with the planner.
    """

    task: Task
    point: Point
    slots: dict[int, ModelSlot]
    at: int = FRAME
    change: Change | None = None
    limits: Mapping[str, float | None] = field(default_factory=dict)
    vertex: BasicSolution | None = None

    def program(self, case: Case, clock: Clock) -> Program:
        if FRAME not in self.slots:
            with suppress(InfeasiblePlan):  # what the book itself cannot have, this point may
                model = model_of(self.task, self.point.scenario)
                self.slots[FRAME] = ModelSlot(model, self.task.start)
        program = self._choose_slot(case)
        if self.task.whole and self.at == FRAME:
            self.limits = {row: limit_of(case, row) for row in self.task.watched}
            self.change = Change.of(self.slots[FRAME].model.program, program)
        return program

    def _choose_slot(self, case: Case) -> Program:
        """The program on the first model whose rows and columns the case has.

        Where there is none, one is built: the only thing a live model cannot take.
        """
        for at, slot in self.slots.items():
            program = slot.model.program_of(case)
            if program is not None:
                self.at = at
                return program
        model, first = WarmModel.on(case), self.slots.get(FRAME)
        start = first.model.carried(first.start, model) if first and first.start else None
        self.at, self.slots[OTHER] = OTHER, ModelSlot(model, start)
        return model.program

    def solution(self, program: Program, case: Case, clock: Clock) -> Solution:
        slot = self.slots[self.at]
        slot.model.live.time_limit = case.settings.time_limit
        self.vertex = vertex = slot.model.solve(program, slot.start)
        # the choice among plans of one cost is left out: a point tells what it costs
        return least_cost(program, case, vertex.solution, vertex.duals, choose=False)

    def evaluation(self, outcome: Outcome) -> Evaluation:
        """What is handed on, once the outcome is known; the next point starts from there."""
        evaluation = Evaluation(outcome, change=self.change, limits=self.limits)
        vertex = self.vertex
        if outcome.status != SOLVED or vertex is None:  # there may be a program, but no answer
            return evaluation
        slot = self.slots[self.at]
        reached = WarmStart(vertex.basis, (slot.start or vertex).iterations)
        if not self.task.alike:
            self.slots[self.at] = ModelSlot(slot.model, reached)
        if not self.task.whole or self.at == OTHER:  # on other rows and columns it is of no use
            return evaluation
        plan = Plan(vertex.values, vertex.duals, vertex.reduced)
        return replace(evaluation, start=reached, plan=plan)


def _outcome(planner: PointPlanner) -> Outcome:
    """The point solved. Raises KidoError."""
    task, point = planner.task, planner.point
    tables = edited(task.tables, task.parameters, point)
    faults = [f for f in check(tables) if not f.warning]
    if faults:
        raise WorkbookError(faults)
    plan = solved_plan(tables, point.scenario, planner)
    solution, vertex = plan.solution, planner.vertex
    statistics = solution.statistics
    return Outcome(
        point,
        SOLVED,
        _notes(statistics),
        objective=solution.objective,
        lower=solution.objective,
        upper=solution.objective,
        measures=measures(plan),
        plan=plan_of(plan),
        seconds=vertex.seconds if vertex else 0.0,
        iterations=vertex.iterations if vertex else 0,
        warm=bool(vertex and vertex.warm),
        gap=statistics.duality_gap,
        broken=statistics.primal_residual,
        attempts=statistics.attempts if len(statistics.attempts) > 1 else (),
    )


def _notes(statistics: Statistics) -> str:
    """What a reader of an answered point should know of how it was found."""
    notes = []
    if statistics.refused:
        notes.append("an answer of the solver was not proved and refused; this one is")
    if statistics.second is not None and statistics.second.fallback_reason:
        notes.append(f"the expected cost was not made least: {statistics.second.fallback_reason}")
    return "; ".join(notes)


ENDINGS: Mapping[type[Exception], str] = {
    WorkbookError: BAD_INPUT,
    UnboundedPlan: BAD_INPUT,
    InfeasiblePlan: INFEASIBLE,
    TimeLimitReached: LIMIT,
}


def _unanswered(point: Point, problem: Exception) -> Outcome:
    status = next((s for kind, s in ENDINGS.items() if isinstance(problem, kind)), FAILED)
    if not isinstance(problem, KidoError):
        what = f"{type(problem).__name__}: {problem}"
        said = f"kido failed here unexpectedly; please report it with the workbook ({what})"
        return Outcome(point, status, said)
    findings = tuple(getattr(problem, "findings", ()))
    named = [_told(f) for f in findings[:MOST_NAMED]]
    more = len(findings) - len(named)
    words = [_short(problem)] if not findings or status == INFEASIBLE else []
    return Outcome(point, status, "; ".join([*words, *named, *([f"and {more} more"] * (more > 0))]))


def _short(problem: KidoError) -> str:
    """In a line with its findings: what leads over to them is left out."""
    words = str(problem)
    return words.partition(":")[0] if isinstance(problem, InfeasiblePlan) else words


def _told(finding: Finding) -> str:
    place = f"{finding.place}: " if str(finding.place) else ""
    values = f" (found {finding.found}, expected {finding.expected})" if finding.expected else ""
    return f"{place}{finding.sentence}{values}"
