"""The live handle: one solver whose numbers are changed in place and solved again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import TimeLimitReached
from kido.solver.handle import (
    Refused,
    Status,
    accepted,
    check_numbers,
    check_sides,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.highs import (
    ANSWERED,
    METHODS,
    ORDERS,
    Found,
    Infeasible,
    UnboundedProgram,
    ending,
    found_by,
    method_of,
    solution_of,
    solver_of,
    untrusted,
)
from kido.solver.program import Program
from kido.solver.solution import Solution

Leaning = highspy.HighsBasisStatus

DUAL, PRIMAL = 1, 4  # the simplex strategies of HiGHS
WARM = "warm simplex"
PLAIN: Mapping[str, Any] = {  # an attempt leaves no trace in the next
    "solver": "simplex",
    "presolve": "choose",
    "simplex_strategy": DUAL,
    "simplex_iteration_limit": highspy.kHighsIInf,
}


@dataclass(frozen=True)
class Basis:
    """Which columns and rows a vertex leans on, as HiGHS numbers them."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True)
class BasicSolution:
    """An optimal vertex in the order of the program's rows and columns. Money in kUSD.

    `solution` has its values by name; duals and reduced costs stand here alone.
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
    """Solves programs that share rows and columns, from the basis of an answer found before.

    Each solve depends on its program and its starting basis alone, never on what was solved
    before it: results do not depend on order. A warm solve that takes more than
    `patience` iterations, ends unproved or finds no plan, is followed by a cold one.
    """

    def __init__(self, program: Program, time_limit: float | None = None):
        self.time_limit = time_limit
        self.program = program
        self.solver = solver_of(program, {}, None, None)
        self.held = True  # whether the solver has the program as it stands

    def solve(
        self,
        program: Program,
        start: Basis | None = None,
        primal: bool = False,
        patience: int | None = None,
    ) -> BasicSolution:
        """`primal` where only the objective is another: the start is then a feasible plan.

        Raises Infeasible, UnboundedProgram, TimeLimitReached or NotSolved.
        """
        began = time.perf_counter()
        self._change_to(program)
        attempts: list[str] = []
        if start is not None:
            found = self._warm(start, primal, patience, began, attempts)
            if found is not None:
                return found
        return self._cold(began, attempts)

    def _change_to(self, program: Program) -> None:
        old, solver = self.program, self.solver
        same = self.held and _same_matrix(old, program)
        self.program, self.held = program, False  # a call that is refused leaves a mixture
        if same:
            _change(solver, old, program)
        else:
            pass_program(solver, program)
        self.held = True

    def _warm(
        self, start: Basis, primal: bool, patience: int | None, began: float, attempts: list[str]
    ) -> BasicSolution | None:
        """The answer from there; None where it is none, or not proved. No plan is believed cold."""
        self.solver.clearSolver()
        try:
            accepted(self.solver.setBasis(_highs_basis(start)), "setBasis")
        except Refused as refusal:
            attempts.append(f"{WARM}: {refusal}")
            return None
        options = {
            "simplex_strategy": PRIMAL if primal else DUAL,
            "simplex_iteration_limit": highspy.kHighsIInf if patience is None else patience,
        }
        return self._attempt(WARM, options, began, attempts)

    def _cold(self, began: float, attempts: list[str]) -> BasicSolution:
        for name in ORDERS["auto"]:
            self.solver.clearSolver()
            found = self._attempt(name, METHODS[name], began, attempts)
            if found is not None:
                return found
            status = self.solver.getModelStatus()
            if status == Status.kInfeasible:
                raise Infeasible
            if status == Status.kUnbounded:
                raise UnboundedProgram
        raise untrusted(attempts)

    def _attempt(
        self, name: str, options: Mapping[str, Any], began: float, attempts: list[str]
    ) -> BasicSolution | None:
        """The vertex, if the audit proves it; how it ended is added to `attempts`."""
        solver = self.solver
        try:
            set_options(solver, {**PLAIN, **options, "time_limit": self._until(began)})
            run_solver(solver)
        except Refused as refusal:
            attempts.append(f"{name}: {refusal}")
            return None
        status = solver.getModelStatus()
        if status == Status.kTimeLimit:
            raise TimeLimitReached(f"no answer within {self.time_limit:g} seconds")
        found = found_by(self.program, solver) if status in ANSWERED else None
        attempts.append(ending(name, solver, found))
        if found is None or not found.audit.passed:
            return None
        return self._vertex(name, found, attempts, began)

    def _until(self, began: float) -> float:
        """Seconds, as HiGHS counts them: from the first run of a handle."""
        if self.time_limit is None:
            return float("inf")
        left = self.time_limit - (time.perf_counter() - began)
        if left <= 0:
            raise TimeLimitReached(f"no answer within {self.time_limit:g} seconds")
        return float(self.solver.getRunTime()) + left

    def _vertex(self, name: str, found: Found, attempts: list[str], began: float) -> BasicSolution:
        solver, seconds = self.solver, time.perf_counter() - began
        method = method_of(name, solver)
        solution = solution_of(self.program, found, method, attempts, solver, seconds, priced=False)
        basis = solver.getBasis()
        return BasicSolution(
            objective=solution.objective,
            values=found.values,
            duals=found.duals,
            reduced=found.reduced,
            basis=Basis(
                np.array([int(s) for s in basis.col_status], dtype=np.int8),
                np.array([int(s) for s in basis.row_status], dtype=np.int8),
            ),
            solution=solution,
            seconds=seconds,
            iterations=solution.statistics.iterations,
            warm=name == WARM,
        )


def _change(solver: highspy.Highs, old: Program, program: Program) -> None:
    """Only what differs. Raises Refused."""
    columns = np.arange(len(program.columns), dtype=np.int32)
    rows = np.arange(len(program.rows), dtype=np.int32)
    check_numbers(program.cost)
    check_sides(program.lower, program.upper, program.low, program.high)
    moved = columns[old.cost != program.cost]
    if len(moved):
        status = solver.changeColsCost(len(moved), moved, program.cost[moved])
        accepted(status, "changeColsCost")
    moved = columns[(old.low != program.low) | (old.high != program.high)]
    if len(moved):
        status = solver.changeColsBounds(len(moved), moved, program.low[moved], program.high[moved])
        accepted(status, "changeColsBounds")
    moved = rows[(old.lower != program.lower) | (old.upper != program.upper)]
    if len(moved):
        sides = program.lower[moved], program.upper[moved]
        status = solver.changeRowsBounds(len(moved), moved, *sides)  # type: ignore[attr-defined]
        accepted(status, "changeRowsBounds")
    if old.offset != program.offset:
        accepted(solver.changeObjectiveOffset(program.offset), "changeObjectiveOffset")


def carried_over(basis: Basis, old: Program, new: Program) -> Basis:
    """A basis of one program as a start for another: what both have keeps its place.

    New columns begin at their lower limit, new rows are not leaned on; the solver mends
    the count.
    """
    lower, basic = (int(s) for s in (Leaning.kLower, Leaning.kBasic))
    columns = dict(zip(old.columns, basis.columns.tolist(), strict=True))
    rows = dict(zip(old.rows, basis.rows.tolist(), strict=True))
    return Basis(
        np.array([columns.get(name, lower) for name in new.columns], dtype=np.int8),
        np.array([rows.get(name, basic) for name in new.rows], dtype=np.int8),
    )


def _same_matrix(one: Program, other: Program) -> bool:
    mine, theirs = one.matrix, other.matrix
    return mine is theirs or (
        mine.shape == theirs.shape
        and np.array_equal(mine.indptr, theirs.indptr)
        and np.array_equal(mine.indices, theirs.indices)
        and np.array_equal(mine.data, theirs.data)
    )


def _highs_basis(basis: Basis) -> highspy.HighsBasis:
    found = highspy.HighsBasis()
    kinds = [Leaning(k) for k in range(5)]
    found.col_status = [kinds[k] for k in basis.columns]
    found.row_status = [kinds[k] for k in basis.rows]
    found.valid = True
    return found
