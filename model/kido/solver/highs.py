"""Program -> solution, with HiGHS: one method after another, until a solution is proved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import SolverError, TimeLimitReached
from kido.solver.audit import Audit, audit, reduced_costs
from kido.solver.basis import Basis, basis_of
from kido.solver.handle import (
    LoadedSolver,
    SolverCallError,
    Status,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.program import NamedNumbers, Program
from kido.solver.solution import REFUSED, Solution, Statistics

Vector = NDArray[np.float64]

METHODS: Mapping[str, Mapping[str, Any]] = {
    "ipx": {"solver": "ipx", "run_crossover": "on"},
    "ipx without presolve": {"solver": "ipx", "run_crossover": "on", "presolve": "off"},
    "simplex": {"solver": "simplex"},
    "simplex without presolve": {"solver": "simplex", "presolve": "off"},
    "hipo": {"solver": "hipo", "run_crossover": "on"},
}
UNSCALED = {"solver": "simplex", "presolve": "off", "simplex_scale_strategy": 0}
ORDERS = {
    # on the Japan book the dual simplex method takes a third of the time of an interior point
    "auto": ("simplex", "ipx", "simplex without presolve", "ipx without presolve"),
    "ipx": ("ipx", "ipx without presolve", "simplex", "simplex without presolve"),
    "simplex": ("simplex", "simplex without presolve", "ipx"),
    "decomposition": ("simplex", "ipx", "simplex without presolve", "ipx without presolve"),
    "hipo": ("hipo", "ipx", "simplex", "simplex without presolve"),
}
ANSWERED = (Status.kOptimal, Status.kModelEmpty)
UNTRUSTED = "the solver gave no answer that can be trusted"


class InfeasibleProgram(Exception):
    """Error: no values satisfy every row; `part`: rows and columns of it that are infeasible alone.

    None where it is not known to be less than the whole program.
    """

    def __init__(self, part: Program | None = None):
        super().__init__()
        self.part = part


class UnboundedProgram(Exception):
    """Error: the objective is unbounded from below."""


@dataclass(frozen=True)
class Attempt:
    """One method to solve a program: `prepare` returns a solver with the program, ready to run.

    `conclusive`: whether its statuses infeasible and unbounded are taken for the truth. From an
    earlier basis they are not: they may come of rounding.
    """

    name: str
    prepare: Callable[[], highspy.Highs]
    conclusive: bool = True


@dataclass(frozen=True)
class ProvedSolution:
    """A solution that passed its audit, its attempt, and how every attempt ended."""

    audited: AuditedSolution
    name: str
    solver: highspy.Highs
    attempts: tuple[str, ...]
    seconds: float

    @cached_property
    def basis(self) -> Basis:
        """The basis of the solution, if it is a vertex."""
        return basis_of(self.solver)

    def solution(self, program: Program, with_duals: bool = True) -> Solution:
        """The solution by name; `with_duals`: with its duals and reduced costs."""
        info, audited = self.solver.getInfo(), self.audited
        return Solution(
            objective=audited.audit.objective,
            values=NamedNumbers(program.columns, audited.values),
            duals=NamedNumbers(program.rows, audited.duals) if with_duals else {},
            reduced=NamedNumbers(program.columns, audited.reduced) if with_duals else {},
            statistics=Statistics(
                rows=len(program.rows),
                columns=len(program.columns),
                nonzeros=int(program.matrix.nnz),
                method=method_of(self.name, self.solver),
                iterations=int(
                    max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)
                ),
                attempts=self.attempts,
                audit=audited.audit,
            ),
            seconds={"solve": self.seconds},
        )

    def loaded(self, program: Program) -> LoadedSolver | None:
        """The solver with its program, to go on from; None where it has no vertex."""
        return LoadedSolver(self.solver, program) if self.solver.getBasis().valid else None


def solve_program(
    program: Program,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Solution:
    """The proved solution of the first method that finds one, each started cold.

    `method` is a key of ORDERS, `time_limit` in seconds for all methods together. Raises
    InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
    """

    attempts = cold_attempts(program, method, log)
    proved = run_attempts(program, attempts, time_limit, say)
    return replace(proved.solution(program), solver=proved.loaded(program))


def cold_attempts(program: Program, method: str = "auto", log: Path | None = None) -> list[Attempt]:
    """The attempts of a method, a key of ORDERS, each with a solver of its own."""

    def cold_solver(name: str) -> highspy.Highs:
        solver = new_solver(METHODS[name], log)
        pass_program(solver, program)
        return solver

    return [Attempt(name, partial(cold_solver, name)) for name in ORDERS[method]]


def run_attempts(
    program: Program,
    attempts: Iterable[Attempt],
    time_limit: float | None = None,
    say: Callable[[str], None] = lambda _: None,
    untrusted: str = UNTRUSTED,
) -> ProvedSolution:
    """The first optimal solution of the attempts that passes its audit.

    One that breaks rows by no more than scaling may hide is solved again, unscaled and from its
    basis. `time_limit` is in seconds, for all attempts together. Raises InfeasibleProgram,
    UnboundedProgram, TimeLimitReached or SolverError, whose text begins with `untrusted`.
    """
    began = time.perf_counter()
    endings: list[str] = []

    def seconds_left() -> float:
        return np.inf if time_limit is None else time_limit - (time.perf_counter() - began)

    stopped = False
    for attempt in attempts:
        stopped = seconds_left() <= 0
        if stopped:
            break
        name = attempt.name
        say(f"solving with {name}" if not endings else f"{endings[-1]}; trying {name}")
        try:
            solver = attempt.prepare()
            status, audited = _run_audited(program, name, solver, seconds_left(), endings)
        except SolverCallError as refusal:
            endings.append(f"{name}: {refusal}")
            continue
        if audited is not None and not audited.audit.passed and audited.audit.near:
            audited = _run_unscaled(program, solver, seconds_left(), endings)
        if audited is not None and audited.audit.passed:
            seconds = time.perf_counter() - began
            return ProvedSolution(audited, name, solver, tuple(endings), seconds)
        if attempt.conclusive and status == Status.kInfeasible:
            raise InfeasibleProgram
        if attempt.conclusive and status == Status.kUnbounded:
            raise UnboundedProgram
        stopped = status == Status.kTimeLimit
        if stopped:
            break
    detail = f" ({'; '.join(endings)})" if endings else ""
    if time_limit is not None and (stopped or seconds_left() <= 0.02 * time_limit):
        raise TimeLimitReached(f"no answer within {time_limit:g} seconds{detail}")
    raise SolverError(untrusted + detail)


def _run_audited(
    program: Program, name: str, solver: highspy.Highs, seconds_left: float, endings: list[str]
) -> tuple[Status, AuditedSolution | None]:
    """The status of a run of at most `seconds_left`, and its audited solution where optimal."""
    # HiGHS counts from the first run of a solver
    set_options(solver, {"time_limit": solver.getRunTime() + max(seconds_left, 0.0)})
    run_solver(solver)
    status = solver.getModelStatus()
    audited = audited_solution(program, solver) if status in ANSWERED else None
    endings.append(ending(name, solver, audited))
    return status, audited


def _run_unscaled(
    program: Program, solver: highspy.Highs, seconds_left: float, endings: list[str]
) -> AuditedSolution | None:
    """The solution from the same basis, in the units of the program; None where there is none.

    The solver measures violations in scaled units, in which a broken row may seem to hold.
    """
    try:
        set_options(solver, UNSCALED)
        return _run_audited(program, "unscaled", solver, seconds_left, endings)[1]
    except SolverCallError as refusal:
        endings.append(f"unscaled: {refusal}")
        return None


@dataclass(frozen=True)
class AuditedSolution:
    """The numbers of a solver, in the order of the program, and their audit.

    Reduced costs are computed from the duals; empty where the audit fails.
    """

    values: Vector
    duals: Vector
    reduced: Vector
    audit: Audit


def audited_solution(program: Program, solver: highspy.Highs) -> AuditedSolution:
    """The solution of a solver that has run, audited against the program."""
    solution = solver.getSolution()
    values, duals = np.asarray(solution.col_value), np.asarray(solution.row_dual)
    checks = audit(program, values, duals)
    reduced = reduced_costs(program, duals) if checks.passed else np.zeros(0)
    return AuditedSolution(values, duals, reduced, checks)


def ending(name: str, solver: highspy.Highs, audited: AuditedSolution | None) -> str:
    """How an attempt ended: `simplex: Optimal`, with the faults that its audit found."""
    text = f"{name}: {solver.modelStatusToString(solver.getModelStatus())}"
    if method_of(name, solver) != name:
        text += f" by {method_of(name, solver)}"
    return text if audited is None or audited.audit.passed else text + REFUSED + audited.audit.words


def method_of(name: str, solver: highspy.Highs) -> str:
    """The method that really ran: HiGHS turns to simplex where another is not available."""
    info = solver.getInfo()
    requested = METHODS[name]["solver"] if name in METHODS else "simplex"
    interior = info.ipm_iteration_count > 0
    if requested != "simplex" and not interior and info.simplex_iteration_count > 0:
        return "simplex"
    return name
