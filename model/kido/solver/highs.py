"""Program -> solution, with HiGHS. The solver object lives and dies inside this file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import NotSolved, TimeLimitReached
from kido.solver.audit import Audit, audit, reduced_costs
from kido.solver.handle import (
    Refused,
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


class Infeasible(Exception):
    """No values satisfy every row."""


class UnboundedProgram(Exception):
    """The objective falls without end."""


def solve_program(
    program: Program,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Solution:
    """Only an optimal end that is proved to be one is an answer; else the next method is tried.

    Raises Infeasible, UnboundedProgram, TimeLimitReached (the time is for all attempts together)
    or NotSolved.
    """
    began = time.perf_counter()
    attempts: list[str] = []
    for name in ORDERS[method]:
        left = None if time_limit is None else time_limit - (time.perf_counter() - began)
        if left is not None and left <= 0:
            break
        say(f"solving with {name}" if not attempts else f"{attempts[-1]}; trying {name}")
        try:
            solver = solver_of(program, METHODS[name], left, log)
            run_solver(solver)
        except Refused as refusal:
            attempts.append(f"{name}: {refusal}")
            continue
        status = solver.getModelStatus()
        found = found_by(program, solver) if status in ANSWERED else None
        attempts.append(ending(name, solver, found))
        if found is not None and not found.audit.passed and found.audit.near:
            found = _unscaled(program, solver, attempts)
        if found is not None and found.audit.passed:
            seconds = time.perf_counter() - began
            return solution_of(program, found, method_of(name, solver), attempts, solver, seconds)
        if status == Status.kInfeasible:
            raise Infeasible
        if status == Status.kUnbounded:
            raise UnboundedProgram
        if status == Status.kTimeLimit:
            break
    if time_limit is not None and time.perf_counter() - began >= time_limit * 0.98:
        raise TimeLimitReached(f"no answer within {time_limit:g} seconds ({'; '.join(attempts)})")
    raise untrusted(attempts)


def _unscaled(program: Program, solver: highspy.Highs, attempts: list[str]) -> Found | None:
    """The answer from the same basis, in the units of the program; None where it has none.

    The solver measures in units of its own, in which a row that is broken looks kept.
    """
    try:
        set_options(solver, UNSCALED)
        run_solver(solver)
    except Refused as refusal:
        attempts.append(f"unscaled: {refusal}")
        return None
    status = solver.getModelStatus()
    found = found_by(program, solver) if status in ANSWERED else None
    attempts.append(ending("unscaled", solver, found))
    return found


def untrusted(attempts: Sequence[str]) -> NotSolved:
    return NotSolved(f"the solver gave no answer that can be trusted ({'; '.join(attempts)})")


def solver_of(
    program: Program, options: Mapping[str, Any], time_limit: float | None, log: Path | None
) -> highspy.Highs:
    limit = {} if time_limit is None else {"time_limit": time_limit}
    solver = new_solver({**options, **limit}, log)
    pass_program(solver, program)
    return solver


@dataclass(frozen=True)
class Found:
    """What a solver found, in the order of the program, and whether it is so.

    Reduced costs are worked out from the duals; there are none where the audit fails.
    """

    values: Vector
    duals: Vector
    reduced: Vector
    audit: Audit


def found_by(program: Program, solver: highspy.Highs) -> Found:
    answer = solver.getSolution()
    values, duals = np.asarray(answer.col_value), np.asarray(answer.row_dual)
    audited = audit(program, values, duals)
    reduced = reduced_costs(program, duals) if audited.passed else np.zeros(0)
    return Found(values, duals, reduced, audited)


def ending(name: str, solver: highspy.Highs, found: Found | None) -> str:
    """How an attempt ended: `simplex: Optimal`, with what the audit holds against it."""
    told = f"{name}: {solver.modelStatusToString(solver.getModelStatus())}"
    if method_of(name, solver) != name:
        told += f" by {method_of(name, solver)}"
    return told if found is None or found.audit.passed else f"{told}{REFUSED}{found.audit.words}"


def method_of(name: str, solver: highspy.Highs) -> str:
    """What really ran: HiGHS turns to the simplex method where another cannot be had."""
    info = solver.getInfo()
    asked = METHODS[name]["solver"] if name in METHODS else "simplex"
    interior = info.ipm_iteration_count > 0
    if asked != "simplex" and not interior and info.simplex_iteration_count > 0:
        return "simplex"
    return name


def solution_of(
    program: Program,
    found: Found,
    method: str,
    attempts: Sequence[str],
    solver: highspy.Highs,
    seconds: float,
    priced: bool = True,
) -> Solution:
    """By name what the solver found; without its duals and reduced costs where not `priced`."""
    info = solver.getInfo()
    return Solution(
        objective=found.audit.objective,
        values=named(program.columns, found.values),
        duals=named(program.rows, found.duals) if priced else {},
        reduced=named(program.columns, found.reduced) if priced else {},
        statistics=Statistics(
            rows=len(program.rows),
            columns=len(program.columns),
            nonzeros=int(program.matrix.nnz),
            method=method,
            iterations=int(max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)),
            attempts=tuple(attempts),
            audit=found.audit,
        ),
        seconds={"solve": seconds},
    )


def named(names: tuple[Name, ...], numbers: Vector) -> dict[str, dict[tuple[Any, ...], float]]:
    found: dict[str, dict[tuple[Any, ...], float]] = {}
    for (name, key), number in zip(names, numbers.tolist(), strict=True):
        found.setdefault(name, {})[key] = number
    return found
