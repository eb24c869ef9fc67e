"""Program -> solution, with HiGHS: one method after another, until an answer is proved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import SolverError, TimeLimitReached
from kido.solver.audit import Audit, audit, reduced_costs
from kido.solver.handle import (
    SolverCallError,
    Status,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.program import Name, Program
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
    "hipo": ("hipo", "ipx", "simplex", "simplex without presolve"),
}
ANSWERED = (Status.kOptimal, Status.kModelEmpty)
UNTRUSTED = "the solver gave no answer that can be trusted"


class InfeasibleProgram(Exception):
    """No values satisfy every row."""


class UnboundedProgram(Exception):
    """The objective falls without end."""


@dataclass(frozen=True)
class Attempt:
    """One method: `prepare` gives a solver that holds the program, ready to run.

    `believed`: whether its word counts that there is no plan, or one without end. From a basis
    found before it does not: rounding may have carried it there.
    """

    name: str
    prepare: Callable[[], highspy.Highs]
    believed: bool = True


@dataclass(frozen=True)
class ProvedSolution:
    """An answer that is proved, the attempt it came of, and how every attempt ended."""

    answer: AuditedSolution
    name: str
    solver: highspy.Highs
    attempts: tuple[str, ...]
    seconds: float

    def solution(self, program: Program, priced: bool = True) -> Solution:
        """By name; without its duals and reduced costs where not `priced`."""
        info, answer = self.solver.getInfo(), self.answer
        return Solution(
            objective=answer.audit.objective,
            values=named(program.columns, answer.values),
            duals=named(program.rows, answer.duals) if priced else {},
            reduced=named(program.columns, answer.reduced) if priced else {},
            statistics=Statistics(
                rows=len(program.rows),
                columns=len(program.columns),
                nonzeros=int(program.matrix.nnz),
                method=method_of(self.name, self.solver),
                iterations=int(
                    max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)
                ),
                attempts=self.attempts,
                audit=answer.audit,
            ),
            seconds={"solve": self.seconds},
        )


def solve_program(
    program: Program,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Solution:
    """The answer of the first method that proves one, each begun from nothing.

    Raises as `first_proved`.
    """

    def fresh(name: str) -> highspy.Highs:
        solver = new_solver(METHODS[name], log)
        pass_program(solver, program)
        return solver

    attempts = [Attempt(name, partial(fresh, name)) for name in ORDERS[method]]
    return first_proved(program, attempts, time_limit, say).solution(program)


def first_proved(
    program: Program,
    attempts: Iterable[Attempt],
    time_limit: float | None = None,
    say: Callable[[str], None] = lambda _: None,
    untrusted: str = UNTRUSTED,
) -> ProvedSolution:
    """Only an optimal end that is proved to be one is an answer; else the next attempt is made.

    An answer that breaks rows by what scaling may hide is asked for once more, unscaled and from
    its basis. Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached (`time_limit` is in seconds,
    for all attempts together) or SolverError, which begins with the words `untrusted`.
    """
    began = time.perf_counter()
    endings: list[str] = []

    def left() -> float:
        return np.inf if time_limit is None else time_limit - (time.perf_counter() - began)

    stopped = False
    for attempt in attempts:
        stopped = left() <= 0
        if stopped:
            break
        name = attempt.name
        say(f"solving with {name}" if not endings else f"{endings[-1]}; trying {name}")
        try:
            solver = attempt.prepare()
            status, answer = _ran(program, name, solver, left(), endings)
        except SolverCallError as refusal:
            endings.append(f"{name}: {refusal}")
            continue
        if answer is not None and not answer.audit.passed and answer.audit.near:
            answer = _unscaled(program, solver, left(), endings)
        if answer is not None and answer.audit.passed:
            seconds = time.perf_counter() - began
            return ProvedSolution(answer, name, solver, tuple(endings), seconds)
        if attempt.believed and status == Status.kInfeasible:
            raise InfeasibleProgram
        if attempt.believed and status == Status.kUnbounded:
            raise UnboundedProgram
        stopped = status == Status.kTimeLimit
        if stopped:
            break
    detail = f" ({'; '.join(endings)})" if endings else ""
    if time_limit is not None and (stopped or left() <= 0.02 * time_limit):
        raise TimeLimitReached(f"no answer within {time_limit:g} seconds{detail}")
    raise SolverError(untrusted + detail)


def _ran(
    program: Program, name: str, solver: highspy.Highs, left: float, endings: list[str]
) -> tuple[Status, AuditedSolution | None]:
    """How a run of at most `left` seconds ended, and its audited solution where it is optimal."""
    # HiGHS counts from the first run of a solver
    set_options(solver, {"time_limit": solver.getRunTime() + max(left, 0.0)})
    run_solver(solver)
    status = solver.getModelStatus()
    answer = audited_solution(program, solver) if status in ANSWERED else None
    endings.append(ending(name, solver, answer))
    return status, answer


def _unscaled(
    program: Program, solver: highspy.Highs, left: float, endings: list[str]
) -> AuditedSolution | None:
    """The answer from the same basis, in the units of the program; None where it has none.

    The solver measures in units of its own, in which a row that is broken looks kept.
    """
    try:
        set_options(solver, UNSCALED)
        return _ran(program, "unscaled", solver, left, endings)[1]
    except SolverCallError as refusal:
        endings.append(f"unscaled: {refusal}")
        return None


@dataclass(frozen=True)
class AuditedSolution:
    """What a solver says, in the order of the program, and whether it is so.

    Reduced costs are worked out from the duals; there are none where the audit fails.
    """

    values: Vector
    duals: Vector
    reduced: Vector
    audit: Audit


def audited_solution(program: Program, solver: highspy.Highs) -> AuditedSolution:
    answer = solver.getSolution()
    values, duals = np.asarray(answer.col_value), np.asarray(answer.row_dual)
    audited = audit(program, values, duals)
    reduced = reduced_costs(program, duals) if audited.passed else np.zeros(0)
    return AuditedSolution(values, duals, reduced, audited)


def ending(name: str, solver: highspy.Highs, answer: AuditedSolution | None) -> str:
    """How an attempt ended: `simplex: Optimal`, with what the audit holds against it."""
    words = f"{name}: {solver.modelStatusToString(solver.getModelStatus())}"
    if method_of(name, solver) != name:
        words += f" by {method_of(name, solver)}"
    return words if answer is None or answer.audit.passed else words + REFUSED + answer.audit.words


def method_of(name: str, solver: highspy.Highs) -> str:
    """What really ran: HiGHS turns to the simplex method where another cannot be had."""
    info = solver.getInfo()
    asked = METHODS[name]["solver"] if name in METHODS else "simplex"
    interior = info.ipm_iteration_count > 0
    if asked != "simplex" and not interior and info.simplex_iteration_count > 0:
        return "simplex"
    return name


def named(names: tuple[Name, ...], numbers: Vector) -> dict[str, dict[tuple[Any, ...], float]]:
    """The numbers by variable or family, then by key."""
    series: dict[str, dict[tuple[Any, ...], float]] = {}
    for (name, key), number in zip(names, numbers.tolist(), strict=True):
        series.setdefault(name, {})[key] = number
    return series
