"""The unit of work of a sweep: a few neighbouring points, answered one after another.

What comes of a task depends on the task alone, not on the process that does it, nor on what
that process did before: so a sweep can be spread over any number of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.check import check
from kido.data.tables import Tables
from kido.errors import (
    Finding,
    InfeasiblePlan,
    KidoError,
    TimeLimitReached,
    Unbounded,
    WorkbookError,
)
from kido.result.plan import certified
from kido.solver.explain import explain_empty_rows, explain_infeasible, explain_unbounded
from kido.solver.highs import Infeasible, UnboundedProgram
from kido.solver.lexicographic import least_cost
from kido.solver.parametric_program import Plan
from kido.solver.program import Program
from kido.solver.program_diff import Change
from kido.solver.solution import Statistics
from kido.solver.warm_start import BasicSolution
from kido.study.design.parameter import Parameter
from kido.study.point import BAD_INPUT, FAILED, INFEASIBLE, LIMIT, SOLVED, Outcome, Point
from kido.study.resolve.measures import limit_of, measures, plan_of
from kido.study.resolve.warm_model import WarmModel, WarmStart

MOST_NAMED = 3  # findings told with a point
BENCHES = 3  # kept by a process
FRAME, OTHER = 0, 1  # where a task stands: on the frame's rows and columns, or on others


@dataclass(frozen=True)
class Task:
    """Points to answer in turn, each started from the one before, the first from `start`.

    `book` names the tables, so that a process builds a bench for them once. `frame` is the
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
class Found:
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
    """A bench, and the answer the next point starts from there."""

    bench: WarmModel
    start: WarmStart | None


_benches: dict[Any, WarmModel] = {}


def bench_of(task: Task, scenario: str | None) -> WarmModel:
    """The bench of this process for a task's book, built at most once."""
    key = task.book, scenario, task.frame and (task.parameters, task.frame.values)
    if key not in _benches:
        while len(_benches) >= BENCHES:
            del _benches[next(iter(_benches))]
        tables = edited(task.tables, task.parameters, task.frame) if task.frame else task.tables
        _benches[key] = WarmModel.of(tables, scenario)
    return _benches[key]


def answer_task(task: Task) -> list[Found]:
    """An outcome for every point, whatever happens to it."""
    found: list[Found] = []
    stands: dict[int, ModelSlot] = {}
    for point in task.points:
        try:
            found.append(_answer(task, point, stands))
        except Exception as problem:  # a batch does not die of one point
            found.append(Found(_unanswered(point, problem)))
    return found


def edited(tables: Tables, parameters: tuple[Parameter, ...], point: Point) -> Tables:
    """The book with the parameters set as the point has them."""
    for parameter, value in zip(parameters, point.values, strict=True):
        if value is not None:
            tables = parameter.edited(tables, value)
    return tables


def _answer(task: Task, point: Point, stands: dict[int, ModelSlot]) -> Found:
    tables = edited(task.tables, task.parameters, point)
    faults = [f for f in check(tables) if not f.warning]
    if faults:
        raise WorkbookError(faults)
    case = make_case(tables, point.scenario)
    if FRAME not in stands:
        with suppress(InfeasiblePlan):  # what the book itself cannot have, this point may
            stands[FRAME] = ModelSlot(bench_of(task, point.scenario), task.start)
    at, program = _stand_for(case, tables, stands)
    stand = stands[at]
    found = Found(Outcome(point, FAILED))
    if task.whole and at == FRAME:
        limits = {row: limit_of(case, row) for row in task.watched}
        found = replace(found, change=Change.of(stand.bench.program, program), limits=limits)
    try:
        vertex = _vertex(stand, program, case, tables)
        found = replace(found, outcome=_outcome(tables, case, program, vertex, point))
    except Exception as problem:  # there is a program, though no answer
        return replace(found, outcome=_unanswered(point, problem))
    reached = WarmStart(vertex.basis, stand.start.iterations if stand.start else vertex.iterations)
    if not task.alike:
        stands[at] = ModelSlot(stand.bench, reached)
    if not task.whole or at == OTHER:  # on other rows and columns it is of no use to anyone else
        return found
    return replace(found, start=reached, plan=Plan(vertex.values, vertex.duals, vertex.reduced))


def _vertex(stand: ModelSlot, program: Program, case: Case, tables: Tables) -> BasicSolution:
    stand.bench.live.time_limit = case.settings.time_limit
    try:
        return stand.bench.solve(program, stand.start)
    except Infeasible:
        words = "no plan keeps every rule of the book"
        raise InfeasiblePlan(words, explain_infeasible(program, case, tables)) from None
    except UnboundedProgram:
        words = "the book lets money be made without end"
        raise Unbounded(words, explain_unbounded(program, case, tables)) from None


def _stand_for(case: Case, tables: Tables, stands: dict[int, ModelSlot]) -> tuple[int, Program]:
    """The first stand whose rows and columns the case has, with its program there.

    Where there is none, one is built: the only thing a live model cannot take.
    """
    for at, stand in stands.items():
        program = stand.bench.program_of(case)
        if program is not None:
            return at, program
    try:
        fresh = WarmModel.on(case)
    except InfeasiblePlan as nothing:
        raise InfeasiblePlan(
            str(nothing), explain_empty_rows(case, tables) or nothing.findings
        ) from None
    first = stands.get(FRAME)
    start = first.bench.carried(first.start, fresh) if first and first.start else None
    stands[OTHER] = ModelSlot(fresh, start)
    return OTHER, fresh.program


def _outcome(
    tables: Tables, case: Case, program: Program, vertex: BasicSolution, point: Point
) -> Outcome:
    # the choice among plans of one cost is left out: a point tells what it costs
    solution = least_cost(program, case, vertex.solution, vertex.duals, choose=False)
    answer = certified(tables, case, solution, point.scenario)
    statistics = solution.statistics
    return Outcome(
        point,
        SOLVED,
        _notes(statistics),
        objective=solution.objective,
        lower=solution.objective,
        upper=solution.objective,
        measures=measures(answer),
        plan=plan_of(answer),
        seconds=vertex.seconds,
        iterations=vertex.iterations,
        warm=vertex.warm,
        gap=statistics.duality_gap,
        broken=statistics.primal_residual,
        attempts=statistics.attempts if len(statistics.attempts) > 1 else (),
    )


def _notes(statistics: Statistics) -> str:
    """What a reader of an answered point should know of how it was found."""
    notes = []
    if statistics.refused:
        notes.append("an answer of the solver was not proved and refused; this one is")
    if statistics.second is not None and statistics.second.kept:
        notes.append(f"the expected cost was not made least: {statistics.second.kept}")
    return "; ".join(notes)


ENDINGS: Mapping[type[Exception], str] = {
    WorkbookError: BAD_INPUT,
    Unbounded: BAD_INPUT,
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
    told = [_told(f) for f in findings[:MOST_NAMED]]
    more = len(findings) - len(told)
    words = [str(problem)] if not findings or status == INFEASIBLE else []
    return Outcome(point, status, "; ".join([*words, *told, *([f"and {more} more"] * (more > 0))]))


def _told(finding: Finding) -> str:
    place = f"{finding.place}: " if str(finding.place) else ""
    values = f" (found {finding.found}, expected {finding.expected})" if finding.expected else ""
    return f"{place}{finding.sentence}{values}"
