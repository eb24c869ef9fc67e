"""`SubProblem`: the block of a leaf branch, solved for given decisions of the branches before it.

Its least cost is convex in these decisions, and its duals are a subgradient. Where it has no
plan, the sum of its violations is such a function too, which must not exceed 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, identity

from kido.errors import SolverError
from kido.solver.basis import Basis, basis_of, set_basis
from kido.solver.handle import SolverCallError, Status, new_solver, pass_program
from kido.solver.program import Program
from kido.tolerances import VIOLATED_T

Vector = NDArray[np.float64]

LOOSE = {"primal_feasibility_tolerance": 1e-6}


@dataclass(frozen=True)
class SubProblem:
    """min cost x + linked_cost m, with lower <= matrix x + linking m <= upper, low <= x <= high.

    m are the values of the linked columns of the master. Costs are discounted kUSD of the branch
    as if it were certain.
    """

    cost: Vector
    linked_cost: Vector
    matrix: csr_matrix
    linking: csr_matrix
    lower: Vector
    upper: Vector
    low: Vector
    high: Vector

    def program(self, linked: Vector) -> Program:
        """The program at these values of the linked columns."""
        before = self.linking @ linked
        return Program(
            cost=self.cost,
            offset=0.0,
            matrix=self.matrix,
            lower=self.lower - before,
            upper=self.upper - before,
            low=self.low,
            high=self.high,
            rows=(),
            columns=(),
        )


@dataclass(frozen=True)
class SubSolution:
    """A sub-problem solved: `value` >= value + gradient (m' - m) bounds it at every other m'.

    `value` is its least cost in kUSD (-inf where that is without end) or, where it is not
    `feasible`, its least violation.
    `duals` are those of its rows, `values` those of its columns, `basis` the next start.
    """

    feasible: bool
    value: float
    gradient: Vector
    duals: Vector
    values: Vector
    basis: Basis
    iterations: int


@dataclass(frozen=True)
class SubTask:
    """Sub-problems to solve one after another, with the decisions and the start basis of each."""

    problems: tuple[SubProblem, ...]
    linked: tuple[Vector, ...]
    starts: tuple[Basis, ...]
    square: bool


def solve_sub_problems(task: SubTask) -> list[SubSolution]:
    """The solution of each sub-problem of a task. Raises SolverError."""
    return [
        _solve(problem, linked, start, task.square)
        for problem, linked, start in zip(task.problems, task.linked, task.starts, strict=True)
    ]


def _solve(problem: SubProblem, linked: Vector, start: Basis, square: bool) -> SubSolution:
    program = problem.program(linked)
    solver = _run(program, start, square)
    status = solver.getModelStatus()
    if status in (Status.kUnbounded, Status.kUnboundedOrInfeasible):
        return _unbounded(problem, start)
    if status == Status.kInfeasible:
        violation = _violation(problem, program, start)
        if violation.value > VIOLATED_T:
            return violation
        solver = _run(program, None, square, LOOSE)  # no more than the tolerance of the solver
        status = solver.getModelStatus()
    if status != Status.kOptimal:
        raise SolverError(f"a branch was not solved: {solver.modelStatusToString(status)}")
    solution, info = solver.getSolution(), solver.getInfo()
    duals = np.asarray(solution.row_dual)
    return SubSolution(
        feasible=True,
        value=info.objective_function_value + float(problem.linked_cost @ linked),
        gradient=problem.linked_cost - problem.linking.T @ duals,
        duals=duals,
        values=np.asarray(solution.col_value),
        basis=basis_of(solver),
        iterations=max(0, info.simplex_iteration_count),
    )


def _run(
    program: Program,
    start: Basis | None,
    square: bool,
    options: dict[str, float] | None = None,
) -> highspy.Highs:
    """A solver that has run on a program: from `start`, or from nothing if HiGHS cannot use it."""
    for basis in [start, None] if start is not None else [None]:
        solver = new_solver({"solver": "simplex", **(options or {})})
        pass_program(solver, program)
        try:
            if basis is not None:
                set_basis(solver, basis, square)
            if solver.run() == highspy.HighsStatus.kOk:
                return solver
        except SolverCallError:
            continue
    raise SolverError("a branch was refused by the solver")


def _unbounded(problem: SubProblem, start: Basis) -> SubSolution:
    rows, columns = problem.matrix.shape
    empty = np.zeros(0)
    return SubSolution(True, -np.inf, empty, np.zeros(rows), np.zeros(columns), start, 0)


def _violation(problem: SubProblem, program: Program, start: Basis) -> SubSolution:
    """The least sum of violations of the rows, t, with its duals as gradient."""
    rows, columns = program.matrix.shape
    slacks = identity(rows, format="csr")
    elastic = Program(
        cost=np.append(np.zeros(columns), np.ones(2 * rows)),
        offset=0.0,
        matrix=csr_matrix(hstack([program.matrix, slacks, -slacks])),
        lower=program.lower,
        upper=program.upper,
        low=np.append(program.low, np.zeros(2 * rows)),
        high=np.append(program.high, np.full(2 * rows, np.inf)),
        rows=(),
        columns=(),
    )
    solver = _run(elastic, None, True)
    if solver.getModelStatus() != Status.kOptimal:
        raise SolverError("a branch without a plan was not explained")
    solution, info = solver.getSolution(), solver.getInfo()
    duals = np.asarray(solution.row_dual)
    return SubSolution(
        feasible=False,
        value=info.objective_function_value,
        gradient=-(problem.linking.T @ duals),
        duals=duals,
        values=np.asarray(solution.col_value)[:columns],
        basis=start,
        iterations=max(0, info.simplex_iteration_count),
    )


def in_tasks(
    problems: Sequence[SubProblem],
    linked: Sequence[Vector],
    starts: Sequence[Basis],
    square: bool,
    size: int,
) -> list[SubTask]:
    """Tasks of `size` sub-problems each, in order."""
    return [
        SubTask(
            tuple(problems[first : first + size]),
            tuple(linked[first : first + size]),
            tuple(starts[first : first + size]),
            square,
        )
        for first in range(0, len(problems), size)
    ]
