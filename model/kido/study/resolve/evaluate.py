"""`Task` and `evaluate_task`: a few neighbouring points of a sweep, solved one after another.

The result of a task depends on the task alone, not on the process that runs it, nor on what
that process did before: so a sweep can be spread over any number of processes.
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
from kido.solver.kept_orders import Decisions
from kido.solver.lexicographic import least_cost
from kido.solver.parametric_program import Plan
from kido.solver.program import Program
from kido.solver.program_diff import Change
from kido.solver.solution import Solution, Statistics
from kido.solver.warm_start import BasicSolution
from kido.study.design.parameter import Parameter
from kido.study.point import BAD_INPUT, FAILED, INFEASIBLE, LIMIT, SOLVED, Outcome, Point
from kido.study.resolve.measures import FREE_COST, limit_of, measures, plan_of
from kido.study.resolve.warm_model import WarmModel, WarmStart

MOST_FINDINGS = 3  # in the message of a point
MODELS = 3  # in the memory of a process
FRAME, OTHER = 0, 1  # the slots of a task: on the frame's rows and columns, or on others


@dataclass(frozen=True)
class Task:
    """Points to solve in turn, each started from the basis before it, the first from `start`.

    `book` is the key of the tables, so that a process builds a model of them once. `frame` is
    the point whose program has the rows and columns of the others; None: the unchanged book.
    `whole`: return programs and basic solutions too, and the limits of the rows `watched`.
    `keep`: decisions of a run that every plan is held to; the programs are then not comparable, as
    what a limit leaves of them is held.
    """

    book: str
    tables: Tables
    parameters: tuple[Parameter, ...]
    points: tuple[Point, ...]
    start: WarmStart | None = None
    frame: Point | None = None
    whole: bool = False
    watched: tuple[str, ...] = ()
    keep: Decisions | None = None

    @property
    def key_parts(self) -> tuple[object, ...]:
        """All that the evaluations depend on: tasks of equal parts have equal evaluations."""
        points = [point.key for point in self.points]
        frame = self.frame and self.frame.key
        kept = self.keep and self.keep.key
        return self.book, self.parameters, points, frame, self.whole, self.watched, kept


@dataclass(frozen=True)
class Evaluation:
    """The outcome of a point and, for a task with `whole`, its program and basic solution.

    `change` is its program as a difference from the frame's, `start` its basis and `plan` its
    primal and dual values; all None if its program has other rows or columns than the frame's.
    `limits`: the upper limit of each watched row, in the unit of `Outcome.plan`.
    """

    outcome: Outcome
    start: WarmStart | None = None
    change: Change | None = None
    plan: Plan | None = None
    limits: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelSlot:
    """A model in memory, and the basis from which the next point starts on it."""

    model: WarmModel
    start: WarmStart | None


_models: dict[Any, WarmModel] = {}
_books: dict[str, Tables] = {}


def model_of(task: Task, scenario: str | None) -> WarmModel:
    """The model of a task's book in the memory of this process, built at most once."""
    key = task.book, scenario, task.frame and (task.parameters, task.frame.values)
    if key not in _models:
        while len(_models) >= MODELS:
            del _models[next(iter(_models))]
        tables = tables_at(task.tables, task.parameters, task.frame) if task.frame else task.tables
        _models[key] = WarmModel.of(tables, scenario)
    return _models[key]


def prepare_model(task: Task) -> None:
    """Build the model of a task's book in this process, where it has one."""
    with suppress(Exception):  # whatever it is, the points tell of it
        model_of(replace(task, tables=_tables_of(task)), None)


def evaluate_task(task: Task) -> list[Evaluation]:
    """The evaluation of every point of a task; raises nothing: an error is a status."""
    task = replace(task, tables=_tables_of(task))
    evaluations: list[Evaluation] = []
    slots: dict[int, ModelSlot] = {}
    for point in task.points:
        planner = PointPlanner(task, point, slots)
        try:
            outcome = _outcome(planner)
        except Exception as problem:  # a batch does not die of one point
            outcome = _unsolved_outcome(point, problem)
        evaluations.append(planner.evaluation(outcome))
    return evaluations


def _tables_of(task: Task) -> Tables:
    """The tables of a task's book, the same objects for all tasks in this process.

    What has been worked out of a frame is kept with it.
    """
    if task.book not in _books:
        _books.clear()
        _books[task.book] = task.tables
    return _books[task.book]


def tables_at(tables: Tables, parameters: tuple[Parameter, ...], point: Point) -> Tables:
    """The tables with every parameter at its value of the point."""
    for parameter, value in zip(parameters, point.values, strict=True):
        if value is not None:
            tables = parameter.with_value(tables, value)
    return tables


@dataclass
class PointPlanner:
    """Solves one point on a model of its task, or on a new one if its program fits none.

    `slots` are the models of the task by place (FRAME, OTHER), `at` the place used; `change`,
    `limits` and `vertex` are results for the `Evaluation` of the point. Where decisions are kept,
    `free` is the program without them, and `free_cost` its least objective, kUSD.
    """

    task: Task
    point: Point
    slots: dict[int, ModelSlot]
    at: int = FRAME
    change: Change | None = None
    limits: Mapping[str, float | None] = field(default_factory=dict)
    vertex: BasicSolution | None = None
    free: Program | None = None
    free_cost: float | None = None

    def program(self, case: Case, clock: Clock) -> Program:
        """The program of the case, on a model of the task."""
        if FRAME not in self.slots:
            with suppress(InfeasiblePlan):  # the book may have no plan where this point has one
                model = model_of(self.task, self.point.scenario)
                self.slots[FRAME] = ModelSlot(model, self.task.start)
        program = self.free = self._program_on_slot(case)
        if self.task.whole and self.at == FRAME and self.task.keep is None:
            self.limits = {row: limit_of(case, row) for row in self.task.watched}
            self.change = Change.of(self.slots[FRAME].model.program, program)
        return program

    def _program_on_slot(self, case: Case) -> Program:
        """The program of the case on the first model with its rows and columns.

        If there is none, a new model is built.
        """
        for at, slot in self.slots.items():
            program = slot.model.program_of(case)
            if program is not None:
                self.at = at
                return program
        model, first = WarmModel.on(case), self.slots.get(FRAME)
        start = first.model.start_for(first.start, model) if first and first.start else None
        self.at, self.slots[OTHER] = OTHER, ModelSlot(model, start)
        return model.program

    def solution(self, program: Program, case: Case, clock: Clock) -> Solution:
        """The optimal solution of the program, from the basis of its slot."""
        slot = self.slots[self.at]
        slot.model.live.time_limit = case.settings.time_limit
        self.vertex = vertex = slot.model.solve(program, slot.start, case)
        if self.task.keep is not None and self.free is not None:
            self.free_cost = slot.model.solve(self.free, WarmStart(vertex.basis, 0), case).objective
        # no second objective among plans of equal cost: a point reports its cost
        return least_cost(program, case, vertex.solution, vertex.duals, choose=False)

    def evaluation(self, outcome: Outcome) -> Evaluation:
        """The evaluation of the point with its outcome; sets the start of the next point."""
        evaluation = Evaluation(outcome, change=self.change, limits=self.limits)
        vertex = self.vertex
        if outcome.status != SOLVED or vertex is None:  # there may be a program without a plan
            return evaluation
        slot = self.slots[self.at]
        start = WarmStart(vertex.basis, (slot.start or vertex).iterations)
        self.slots[self.at] = ModelSlot(slot.model, start)
        if not self.task.whole or self.at == OTHER:  # other rows and columns: not comparable
            return evaluation
        if self.task.keep is not None:
            return replace(evaluation, start=start)
        plan = Plan(vertex.values, vertex.duals, vertex.reduced)
        return replace(evaluation, start=start, plan=plan)


def _outcome(planner: PointPlanner) -> Outcome:
    """The outcome of a point that has a plan. Raises KidoError."""
    task, point = planner.task, planner.point
    tables = tables_at(task.tables, task.parameters, point)
    errors = [f for f in check(tables) if not f.warning]
    if errors:
        raise WorkbookError(errors)
    plan = solved_plan(tables, point.scenario, planner, keep=task.keep)
    solution, vertex = plan.solution, planner.vertex
    statistics = solution.statistics
    return Outcome(
        point,
        SOLVED,
        _notes(statistics),
        objective=solution.objective,
        lower=solution.objective,
        upper=solution.objective,
        measures=measures(plan) | _free_cost(planner),
        plan=plan_of(plan),
        seconds=vertex.seconds if vertex else 0.0,
        iterations=vertex.iterations if vertex else 0,
        warm=bool(vertex and vertex.warm),
        gap=statistics.duality_gap,
        broken=statistics.primal_residual,
        attempts=statistics.attempts if len(statistics.attempts) > 1 else (),
    )


def _free_cost(planner: PointPlanner) -> dict[str, float]:
    return {} if planner.free_cost is None else {FREE_COST: planner.free_cost}


def _notes(statistics: Statistics) -> str:
    """What a planner should know about how a point was solved, joined by semicolons."""
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


def _unsolved_outcome(point: Point, problem: Exception) -> Outcome:
    """The outcome of a point that ended in an exception."""
    status = next((s for kind, s in ENDINGS.items() if isinstance(problem, kind)), FAILED)
    if not isinstance(problem, KidoError):
        what = f"{type(problem).__name__}: {problem}"
        message = f"kido failed here unexpectedly; please report it with the workbook ({what})"
        return Outcome(point, status, message)
    findings = tuple(getattr(problem, "findings", ()))
    texts = [_finding_text(f) for f in findings[:MOST_FINDINGS]]
    more = len(findings) - len(texts)
    messages = [_first_clause(problem)] if not findings or status == INFEASIBLE else []
    return Outcome(
        point, status, "; ".join([*messages, *texts, *([f"and {more} more"] * (more > 0))])
    )


def _first_clause(problem: KidoError) -> str:
    """The message of an error without the colon that leads over to its findings."""
    messages = str(problem)
    return messages.partition(":")[0] if isinstance(problem, InfeasiblePlan) else messages


def _finding_text(finding: Finding) -> str:
    place = f"{finding.place}: " if str(finding.place) else ""
    values = f" (found {finding.found}, expected {finding.expected})" if finding.expected else ""
    return f"{place}{finding.sentence}{values}"
