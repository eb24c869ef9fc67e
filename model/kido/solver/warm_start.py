"""`LiveSolver`: one HiGHS solver whose program is changed in place and solved again, warm."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Case
from kido.solver.basis import DUAL, PRIMAL, Basis, set_basis
from kido.solver.handle import LoadedSolver, new_solver, options_of, pass_program, set_options
from kido.solver.highs import METHODS, ORDERS, UNTRUSTED, Attempt, ProvedSolution, run_attempts
from kido.solver.program import Program
from kido.solver.solution import Solution
from kido.solver.staged_start import STAGED, iteration_limit, pays, staged_start

WARM = "warm simplex"
OPTIONS = (  # what attempts change: as a new solver has them, each time
    "solver",
    "run_crossover",
    "presolve",
    "simplex_strategy",
    "simplex_iteration_limit",
    "simplex_scale_strategy",
)


@dataclass(frozen=True)
class BasicSolution:
    """An optimal basic solution in the order of the program's rows and columns. Money in kUSD.

    `solution` has its values by name, without duals and reduced costs.
    """

    objective: float
    values: NDArray[np.float64]
    duals: NDArray[np.float64]
    reduced: NDArray[np.float64]
    basis: Basis
    solution: Solution = field(repr=False)
    seconds: float = 0.0
    iterations: int = 0
    warm: bool = False


class LiveSolver:
    """A solver of programs that share rows and columns, started from an earlier basis.

    Each solve depends on its program and its starting basis alone, never on what was solved
    before it: results do not depend on order. A warm solve that takes more than
    `iteration_limit` iterations, ends unproved or infeasible, is followed by cold ones.
    """

    cold_methods: Sequence[str] = ORDERS["auto"]
    untrusted = UNTRUSTED

    def __init__(self, program: Program, time_limit: float | None = None):
        self.time_limit = time_limit
        self.solver = new_solver()
        self.plain = options_of(self.solver, OPTIONS)
        pass_program(self.solver, program)
        self.loaded = LoadedSolver(self.solver, program)

    def solve(
        self,
        program: Program,
        start: Basis | None = None,
        primal: bool = False,
        iteration_limit: int | None = None,
        case: Case | None = None,
    ) -> BasicSolution:
        """The optimal basic solution of a program, warm from `start` where there is one.

        `primal`: only the objective has changed since `start`, which is still feasible. `case`:
        that of the program, so that it can be started from its branches.
        Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
        """
        began = time.perf_counter()
        self.loaded.change_to(program)
        attempts = [
            Attempt(name, partial(self._ready, METHODS[name])) for name in self.cold_methods
        ]
        if case is not None and pays(program, case):
            attempts.insert(
                0, Attempt(STAGED, partial(self._staged, program, case), conclusive=False)
            )
        if start is not None:
            limit = highspy.kHighsIInf if iteration_limit is None else iteration_limit
            options = {
                "solver": "simplex",
                "simplex_strategy": PRIMAL if primal else DUAL,
                "simplex_iteration_limit": limit,
            }
            attempts.insert(
                0, Attempt(WARM, partial(self._ready, options, start), conclusive=False)
            )
        proved = run_attempts(program, attempts, self.time_limit, untrusted=self.untrusted)
        return replace(_basic_solution(program, proved), seconds=time.perf_counter() - began)

    def _staged(self, program: Program, case: Case) -> highspy.Highs:
        """The solver with a start from the tree. Raises SolverCallError or InfeasibleProgram."""
        limit = np.inf if self.time_limit is None else self.time_limit
        start = staged_start(program, case, limit)
        options = {"solver": "simplex", "simplex_iteration_limit": iteration_limit(program)}
        return self._ready(options, start.basis)

    def _ready(self, options: Mapping[str, Any], start: Basis | None = None) -> highspy.Highs:
        """The solver with these options and without the basis of another attempt.

        Raises SolverCallError.
        """
        self.solver.clearSolver()
        if start is not None:
            set_basis(self.solver, start)
        set_options(self.solver, {**self.plain, **options})
        return self.solver


def _basic_solution(program: Program, proved: ProvedSolution) -> BasicSolution:
    solution = proved.solution(program, with_duals=False)
    return BasicSolution(
        objective=solution.objective,
        values=proved.audited.values,
        duals=proved.audited.duals,
        reduced=proved.audited.reduced,
        basis=proved.basis,
        solution=solution,
        seconds=proved.seconds,
        iterations=solution.statistics.iterations,
        warm=proved.name == WARM,
    )
