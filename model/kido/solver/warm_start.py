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

from kido.solver.handle import (
    check_numbers,
    check_sides,
    check_status,
    new_solver,
    options_of,
    pass_program,
    set_options,
)
from kido.solver.highs import METHODS, ORDERS, UNTRUSTED, Attempt, ProvedSolution, run_attempts
from kido.solver.program import Program
from kido.solver.solution import Solution

Leaning = highspy.HighsBasisStatus

DUAL, PRIMAL = 1, 4  # the simplex strategies of HiGHS
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
class Basis:
    """The basis status of each column and row, as HiGHS numbers them."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


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
        self.program = program
        self.solver = new_solver()
        self.plain = options_of(self.solver, OPTIONS)
        pass_program(self.solver, program)
        self.in_sync = True  # whether the solver has the numbers of `self.program`

    def solve(
        self,
        program: Program,
        start: Basis | None = None,
        primal: bool = False,
        iteration_limit: int | None = None,
    ) -> BasicSolution:
        """The optimal basic solution of a program, warm from `start` where there is one.

        `primal`: only the objective has changed since `start`, which is still feasible.
        Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
        """
        began = time.perf_counter()
        self._change_to(program)
        attempts = [
            Attempt(name, partial(self._ready, METHODS[name])) for name in self.cold_methods
        ]
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

    def _change_to(self, program: Program) -> None:
        old, solver = self.program, self.solver
        same = self.in_sync and _same_matrix(old, program)
        self.program, self.in_sync = program, False  # a call that is refused leaves a mixture
        if same:
            _change_numbers(solver, old, program)
        else:
            pass_program(solver, program)
        self.in_sync = True

    def _ready(self, options: Mapping[str, Any], start: Basis | None = None) -> highspy.Highs:
        """The solver with these options and without the basis of another attempt.

        Raises SolverCallError.
        """
        self.solver.clearSolver()
        if start is not None:
            check_status(self.solver.setBasis(_highs_basis(start)), "setBasis")
        set_options(self.solver, {**self.plain, **options})
        return self.solver


def _basic_solution(program: Program, proved: ProvedSolution) -> BasicSolution:
    solution, basis = proved.solution(program, with_duals=False), proved.solver.getBasis()
    return BasicSolution(
        objective=solution.objective,
        values=proved.audited.values,
        duals=proved.audited.duals,
        reduced=proved.audited.reduced,
        basis=Basis(
            np.array([int(s) for s in basis.col_status], dtype=np.int8),
            np.array([int(s) for s in basis.row_status], dtype=np.int8),
        ),
        solution=solution,
        seconds=proved.seconds,
        iterations=solution.statistics.iterations,
        warm=proved.name == WARM,
    )


def _change_numbers(solver: highspy.Highs, old: Program, program: Program) -> None:
    """Change those numbers of the solver that differ. Raises SolverCallError."""
    columns = np.arange(len(program.columns), dtype=np.int32)
    rows = np.arange(len(program.rows), dtype=np.int32)
    check_numbers(program.cost)
    check_sides(program.lower, program.upper, program.low, program.high)
    indices = columns[old.cost != program.cost]
    if len(indices):
        status = solver.changeColsCost(len(indices), indices, program.cost[indices])
        check_status(status, "changeColsCost")
    indices = columns[(old.low != program.low) | (old.high != program.high)]
    if len(indices):
        status = solver.changeColsBounds(
            len(indices), indices, program.low[indices], program.high[indices]
        )
        check_status(status, "changeColsBounds")
    indices = rows[(old.lower != program.lower) | (old.upper != program.upper)]
    if len(indices):
        sides = program.lower[indices], program.upper[indices]
        status = solver.changeRowsBounds(len(indices), indices, *sides)  # type: ignore[attr-defined]
        check_status(status, "changeRowsBounds")
    if old.offset != program.offset:
        check_status(solver.changeObjectiveOffset(program.offset), "changeObjectiveOffset")


def transfer_basis(basis: Basis, old: Program, new: Program) -> Basis:
    """A basis of one program as a start for another: rows and columns of both keep their status.

    New columns begin at their lower bound, new rows are basic; the solver repairs the number of
    basic ones.
    """
    lower, basic = (int(s) for s in (Leaning.kLower, Leaning.kBasic))
    columns = dict(zip(old.columns, basis.columns.tolist(), strict=True))
    rows = dict(zip(old.rows, basis.rows.tolist(), strict=True))
    return Basis(
        np.array([columns.get(name, lower) for name in new.columns], dtype=np.int8),
        np.array([rows.get(name, basic) for name in new.rows], dtype=np.int8),
    )


def _same_matrix(old: Program, new: Program) -> bool:
    old_matrix, new_matrix = old.matrix, new.matrix
    return old_matrix is new_matrix or (
        old_matrix.shape == new_matrix.shape
        and np.array_equal(old_matrix.indptr, new_matrix.indptr)
        and np.array_equal(old_matrix.indices, new_matrix.indices)
        and np.array_equal(old_matrix.data, new_matrix.data)
    )


def _highs_basis(basis: Basis) -> highspy.HighsBasis:
    highs_basis = highspy.HighsBasis()
    statuses = [Leaning(k) for k in range(5)]
    highs_basis.col_status = [statuses[k] for k in basis.columns]
    highs_basis.row_status = [statuses[k] for k in basis.rows]
    highs_basis.valid = True
    return highs_basis
