"""Program -> solution, with HiGHS. The solver object lives and dies inside this file."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from kido.errors import NotSolved, StoppedAtLimit
from kido.solve.handover import Name, Program
from kido.solve.solution import Solution, Statistics

Status = highspy.HighsModelStatus
PARTING = 10.0  # seconds a stopped solve is given to end

METHODS: Mapping[str, Mapping[str, Any]] = {
    "ipx": {"solver": "ipx", "run_crossover": "on"},
    "ipx without presolve": {"solver": "ipx", "run_crossover": "on", "presolve": "off"},
    "simplex": {"solver": "simplex"},
    "simplex without presolve": {"solver": "simplex", "presolve": "off"},
    "hipo": {"solver": "hipo", "run_crossover": "on"},
}
ORDERS = {
    # on the Japan book the dual simplex method takes a third of the time of an interior point
    "auto": ("simplex", "ipx", "simplex without presolve", "ipx without presolve"),
    "ipx": ("ipx", "ipx without presolve", "simplex"),
    "simplex": ("simplex", "simplex without presolve", "ipx"),
    "hipo": ("hipo", "ipx", "simplex"),
}


class Infeasible(Exception):
    """No values satisfy every row."""


class WithoutEnd(Exception):
    """The objective falls without end."""


def solve_program(
    program: Program,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Solution:
    """Only an optimal end is an answer; on any other the next method is tried.

    Raises Infeasible, WithoutEnd, StoppedAtLimit (the time is for all attempts together)
    or NotSolved.
    """
    began = time.perf_counter()
    attempts: list[str] = []
    for name in ORDERS[method]:
        left = None if time_limit is None else time_limit - (time.perf_counter() - began)
        if left is not None and left <= 0:
            break
        say(f"solving with {name}" if not attempts else f"{attempts[-1]}; trying {name}")
        solver = solver_of(program, METHODS[name], left, log)
        run_solver(solver)
        status = solver.getModelStatus()
        attempts.append(f"{name}: {solver.modelStatusToString(status)}")
        if status in (Status.kOptimal, Status.kModelEmpty):
            return solution_of(program, solver, name, attempts, time.perf_counter() - began)
        if status == Status.kInfeasible:
            raise Infeasible
        if status == Status.kUnbounded:
            raise WithoutEnd
        if status == Status.kTimeLimit:
            break
    if time_limit is not None and time.perf_counter() - began >= time_limit * 0.98:
        raise StoppedAtLimit(f"no answer within {time_limit:g} seconds ({'; '.join(attempts)})")
    raise NotSolved(f"the solver gave no answer that can be trusted ({'; '.join(attempts)})")


def solver_of(
    program: Program, options: Mapping[str, Any], time_limit: float | None, log: Path | None
) -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("log_to_console", False)
    if log is not None:
        solver.setOptionValue("log_file", str(log))
    else:
        solver.setOptionValue("output_flag", False)
    for option, value in options.items():
        solver.setOptionValue(option, value)
    if time_limit is not None:
        solver.setOptionValue("time_limit", time_limit)
    solver.passModel(program.highs_lp())
    return solver


def run_solver(solver: highspy.Highs) -> None:
    """Run where Ctrl-C is heard: the solver in a thread of its own, stopped if it comes."""
    if not solver.HandleUserInterrupt:  # each time it is set, it is asked once more
        solver.HandleUserInterrupt = True
    others = set(threading.enumerate())
    try:
        solver.startSolve()
        while not solver.wait(0.2)[0]:
            pass
    except BaseException:
        solver.cancelSolve()
        ending = time.monotonic() + PARTING
        # its thread, even if it has only just begun
        while set(threading.enumerate()) - others and time.monotonic() < ending:
            time.sleep(0.01)
        raise


def solution_of(
    program: Program,
    solver: highspy.Highs,
    method: str,
    attempts: list[str],
    seconds: float,
    priced: bool = True,
) -> Solution:
    """By name what the solver found; without its duals and reduced costs where not `priced`."""
    answer, info = solver.getSolution(), solver.getInfo()
    value = np.asarray(answer.col_value)
    dual = np.asarray(answer.row_dual)
    reduced = np.asarray(answer.col_dual)
    primal_objective = float(program.cost @ value) + program.offset
    return Solution(
        objective=primal_objective,
        values=_named(program.columns, value),
        duals=_named(program.rows, dual) if priced else {},
        reduced=_named(program.columns, reduced) if priced else {},
        statistics=Statistics(
            rows=len(program.rows),
            columns=len(program.columns),
            nonzeros=int(program.matrix.nnz),
            method=method,
            iterations=int(max(info.simplex_iteration_count, 0) + max(info.ipm_iteration_count, 0)),
            attempts=tuple(attempts),
            primal_residual=_primal_residual(program, value),
            dual_residual=float(
                np.abs(program.cost - program.matrix.T @ dual - reduced).max(initial=0.0)
            ),
            duality_gap=primal_objective - _dual_objective(program, dual, reduced),
        ),
        seconds={"solve": seconds},
    )


def _named(names: tuple[Name, ...], numbers: Any) -> dict[str, dict[tuple[Any, ...], float]]:
    found: dict[str, dict[tuple[Any, ...], float]] = {}
    for (name, key), number in zip(names, numbers.tolist(), strict=True):
        found.setdefault(name, {})[key] = number
    return found


def _primal_residual(program: Program, value: Any) -> float:
    activity = program.matrix @ value
    broken = [
        program.lower - activity,
        activity - program.upper,
        program.low - value,
        value - program.high,
    ]
    return float(max(side.max(initial=0.0) for side in broken))


def _dual_objective(program: Program, dual: Any, reduced: Any) -> float:
    """The bound the duals prove: each dual times the side of its row or column it leans on."""

    def side(price: Any, lower: Any, upper: Any) -> float:
        leaned = np.where(price > 0, lower, upper)
        counted = (np.abs(price) > 1e-9) & np.isfinite(leaned)
        return float((price[counted] * leaned[counted]).sum())

    rows = side(dual, program.lower, program.upper)
    return rows + side(reduced, program.low, program.high) + program.offset
