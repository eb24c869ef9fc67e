"""The program of a case -> solution: by decomposition, from the tree or from nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highspy
import numpy as np

from kido.data.case.case import Case
from kido.errors import SolverError
from kido.lp.variables import present_in
from kido.solver.audit import allowed_gap, audit, reduced_costs
from kido.solver.basis import set_basis
from kido.solver.decomposition.decompose import Spread, decompose
from kido.solver.handle import new_solver, pass_program
from kido.solver.highs import Attempt, cold_attempts, run_attempts
from kido.solver.program import NamedNumbers, Program
from kido.solver.solution import (
    DECOMPOSITION,
    SecondSolve,
    Solution,
    StartRecord,
    Statistics,
)
from kido.solver.staged_start import STAGED, iteration_limit, pays, staged_start

ANY_GAP = 1.0  # a share of the cost: what is left when the time is over is told, not judged
ONCE = "a decomposed plan is solved for the least tail only"
WHOLE_COLUMNS = 2_000_000  # of a program that one solver takes in good time; more are decomposed


def solve_case(
    program: Program,
    case: Case,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    run: Spread | None = None,
) -> Solution:
    """The proved solution of the program of a case; arguments and errors as in `solve_program`.

    With `auto`, a large program with several histories starts from its branches, and one too
    large for a single solver is decomposed. `run` spreads the tasks of a decomposition.
    """
    if is_decomposed(case, method):
        return _decomposed(program, case, time_limit, run, say)
    return _from_the_tree(program, case, method, time_limit, log, say)


def is_decomposed(case: Case, method: str) -> bool:
    """Whether the program of a case is decomposed: as it is asked for, or too large as a whole."""
    if len(case.tree.leaves) < 2 or method not in ("auto", DECOMPOSITION):
        return False
    return method == DECOMPOSITION or columns_of(case) > WHOLE_COLUMNS


def columns_of(case: Case) -> int:
    """The number of columns of the program of a case."""
    present = present_in(case).values()
    return sum(int(mask.sum()) for masks in present for mask in masks.values())


def _from_the_tree(
    program: Program,
    case: Case,
    method: str,
    time_limit: float | None,
    log: Path | None,
    say: Callable[[str], None],
) -> Solution:
    deadline = np.inf if time_limit is None else time.perf_counter() + time_limit
    starts: list[StartRecord] = []

    def staged_solver() -> highspy.Highs:
        start = staged_start(program, case, deadline - time.perf_counter())
        starts.append(start.record)
        options = {"solver": "simplex", "simplex_iteration_limit": iteration_limit(program)}
        solver = new_solver(options, log)
        pass_program(solver, program)
        set_basis(solver, start.basis)
        return solver

    attempts = cold_attempts(program, method, log)
    if method == "auto" and pays(program, case):
        attempts.insert(0, Attempt(STAGED, staged_solver, conclusive=False))
    proved = run_attempts(program, attempts, time_limit, say)
    solution = proved.solution(program)
    statistics = replace(solution.statistics, start=starts[0] if starts else None)
    return replace(solution, statistics=statistics, solver=proved.loaded(program))


def _decomposed(
    program: Program,
    case: Case,
    time_limit: float | None,
    run: Spread | None,
    say: Callable[[str], None],
) -> Solution:
    """The solution of a decomposition. Raises SolverError where its audit fails."""
    began, gap_share = time.perf_counter(), case.settings.optimality_gap
    result = decompose(program, case, gap_share, time_limit, run, say)
    # the bound of the audit comes of the duals of all rows: it proves the gap anew
    checks = audit(program, result.values, result.duals, ANY_GAP if result.stopped else gap_share)
    if not checks.passed:
        raise SolverError(f"the decomposition gave no answer that can be trusted: {checks.words}")
    checks = replace(checks, allowed=allowed_gap(checks.objective, gap_share))
    gap = max(0.0, checks.gap) / max(1.0, abs(checks.objective))
    ending = "stopped by the time limit" if result.stopped else "Optimal"
    ending = f"{DECOMPOSITION}: {ending}, a gap of {gap:.1e} after {result.rounds} rounds"
    return Solution(
        objective=checks.objective,
        values=NamedNumbers(program.columns, result.values),
        duals=NamedNumbers(program.rows, result.duals),
        reduced=NamedNumbers(program.columns, reduced_costs(program, result.duals)),
        statistics=Statistics(
            rows=len(program.rows),
            columns=len(program.columns),
            nonzeros=int(program.matrix.nnz),
            method=DECOMPOSITION,
            iterations=result.iterations,
            attempts=(ending,),
            audit=checks,
            stopped=result.stopped,
            second=SecondSolve(fallback_reason=ONCE) if case.settings.risk_weight >= 1 else None,
        ),
        seconds={"solve": time.perf_counter() - began},
    )
