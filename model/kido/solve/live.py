"""The live handle: one solver whose numbers are changed in place and solved again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import NotSolved, StoppedAtLimit
from kido.solve.handover import Program
from kido.solve.highs import Infeasible, Status, WithoutEnd, run_solver, solution_of, solver_of
from kido.solve.solution import Solution

Leaning = highspy.HighsBasisStatus

TRUSTED = 1e-6  # relative duality gap, and residual, up to which a warm answer is taken
DUAL, PRIMAL = 1, 4  # the simplex strategies of HiGHS


@dataclass(frozen=True)
class Basis:
    """Which columns and rows a vertex leans on, as HiGHS numbers them."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


@dataclass(frozen=True)
class Vertex:
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
    `patience` iterations, or ends untrusted, is followed by a cold one.
    """

    def __init__(self, program: Program, time_limit: float | None = None):
        self.time_limit = time_limit
        self.program = program
        self.solver = solver_of(program, {"solver": "simplex"}, None, None)

    def solve(
        self,
        program: Program,
        start: Basis | None = None,
        primal: bool = False,
        patience: int | None = None,
        log: Path | None = None,
    ) -> Vertex:
        """`primal` where only the objective is another: the start is then a feasible plan.

        Raises Infeasible, WithoutEnd, StoppedAtLimit or NotSolved.
        """
        began = time.perf_counter()
        self._change_to(program)
        if start is not None:
            found = self._warm(start, primal, patience, began)
            if found is not None:
                return found
        return self._cold(began)

    def _change_to(self, program: Program) -> None:
        old, solver = self.program, self.solver
        same = _same_matrix(old, program)
        self.program = program
        if not same:
            solver.passModel(program.highs_lp())
            return
        columns = np.arange(len(program.columns), dtype=np.int32)
        rows = np.arange(len(program.rows), dtype=np.int32)
        moved = columns[old.cost != program.cost]
        if len(moved):
            solver.changeColsCost(len(moved), moved, program.cost[moved])
        moved = columns[(old.low != program.low) | (old.high != program.high)]
        if len(moved):
            solver.changeColsBounds(len(moved), moved, program.low[moved], program.high[moved])
        moved = rows[(old.lower != program.lower) | (old.upper != program.upper)]
        if len(moved):
            sides = program.lower[moved], program.upper[moved]
            solver.changeRowsBounds(len(moved), moved, *sides)  # type: ignore[attr-defined]
        if old.offset != program.offset:
            solver.changeObjectiveOffset(program.offset)

    def _warm(
        self, start: Basis, primal: bool, patience: int | None, began: float
    ) -> Vertex | None:
        solver = self.solver
        solver.clearSolver()
        solver.setBasis(_highs_basis(start))
        solver.setOptionValue("simplex_strategy", PRIMAL if primal else DUAL)
        solver.setOptionValue(
            "simplex_iteration_limit", highspy.kHighsIInf if patience is None else patience
        )
        status = self._run(began)
        if status in (Status.kOptimal, Status.kModelEmpty):
            return self._trusted(True, began)
        if status == Status.kInfeasible:
            raise Infeasible
        return None

    def _cold(self, began: float) -> Vertex:
        solver = self.solver
        attempts = []
        for method, presolve in (("simplex", "choose"), ("ipx", "choose"), ("simplex", "off")):
            solver.clearSolver()
            solver.setOptionValue("solver", method)
            solver.setOptionValue("presolve", presolve)
            solver.setOptionValue("simplex_strategy", DUAL)
            solver.setOptionValue("simplex_iteration_limit", highspy.kHighsIInf)
            status = self._run(began)
            solver.setOptionValue("solver", "simplex")
            solver.setOptionValue("presolve", "choose")
            attempts.append(f"{method}: {solver.modelStatusToString(status)}")
            if status in (Status.kOptimal, Status.kModelEmpty):
                found = self._trusted(False, began)
                if found is not None:
                    return found
            if status == Status.kInfeasible:
                raise Infeasible
            if status == Status.kUnbounded:
                raise WithoutEnd
        raise NotSolved(f"the solver gave no answer that can be trusted ({'; '.join(attempts)})")

    def _run(self, began: float) -> highspy.HighsModelStatus:
        if self.time_limit is not None:
            left = self.time_limit - (time.perf_counter() - began)
            if left <= 0:
                raise StoppedAtLimit(f"no answer within {self.time_limit:g} seconds")
            # HiGHS counts from the first run of a handle
            self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
        run_solver(self.solver)
        status = self.solver.getModelStatus()
        if status == Status.kTimeLimit:
            raise StoppedAtLimit(f"no answer within {self.time_limit:g} seconds")
        return status

    def _trusted(self, warm: bool, began: float) -> Vertex | None:
        """The vertex, if it keeps its rows and its duals prove it; else None."""
        method = "warm simplex" if warm else "simplex"
        seconds = time.perf_counter() - began
        solution = solution_of(self.program, self.solver, method, [method], seconds, priced=False)
        figures = solution.statistics
        size = max(1.0, abs(solution.objective))
        if abs(figures.duality_gap) > TRUSTED * size or figures.primal_residual > TRUSTED * 10:
            return None
        answer, basis = self.solver.getSolution(), self.solver.getBasis()
        return Vertex(
            objective=solution.objective,
            values=np.asarray(answer.col_value),
            duals=np.asarray(answer.row_dual),
            reduced=np.asarray(answer.col_dual),
            basis=Basis(
                np.array([int(s) for s in basis.col_status], dtype=np.int8),
                np.array([int(s) for s in basis.row_status], dtype=np.int8),
            ),
            solution=solution,
            seconds=seconds,
            iterations=figures.iterations,
            warm=warm,
        )


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
