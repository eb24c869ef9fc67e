"""The program of a case -> solution: from the tree where that pays, else from nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highspy

from kido.data.case.case import Case
from kido.solver.basis import set_basis
from kido.solver.handle import new_solver, pass_program
from kido.solver.highs import Attempt, cold_attempts, run_attempts
from kido.solver.program import Program
from kido.solver.solution import Solution, StartRecord
from kido.solver.staged_start import STAGED, iteration_limit, pays, staged_start


def solve_case(
    program: Program,
    case: Case,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Solution:
    """The proved solution of the program of a case; arguments and errors as in `solve_program`.

    With `auto`, a large program with several histories starts from its branches.
    """
    deadline = None if time_limit is None else time.perf_counter() + time_limit
    starts: list[StartRecord] = []

    def staged_solver() -> highspy.Highs:
        seconds = float("inf") if deadline is None else deadline - time.perf_counter()
        start = staged_start(program, case, seconds)
        starts.append(start.record)
        options = {"solver": "simplex", "simplex_iteration_limit": iteration_limit(program)}
        solver = new_solver(options, log)
        pass_program(solver, program)
        set_basis(solver, start.basis)
        return solver

    attempts = cold_attempts(program, method, log)
    if method == "auto" and pays(program, case):
        attempts.insert(0, Attempt(STAGED, staged_solver, conclusive=False))
    solution = run_attempts(program, attempts, time_limit, say).solution(program)
    statistics = replace(solution.statistics, start=starts[0] if starts else None)
    return replace(solution, statistics=statistics)
