"""The steady plan: of the plans within a hair of the least cost, one whose flows change little.

From the plan of least cost x* and its basis, the program

    min cost x + charge * sum over changes of |change x|

is solved by the primal simplex method. A change is a row of `change` times x, its size that of
2 rise - change x with rise >= change x and rise >= 0. With charge = CHARGE * hair / sum |change
x*| the plan seldom costs more than the hair; where it does, the point between both plans is taken
that costs the hair, which is feasible too, and no less steady than its share of the way.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, identity, vstack

from kido.data.case.case import Case
from kido.errors import SolverError
from kido.lp.steadiness import changes_of, steady_bounds
from kido.lp.variables import variables_of
from kido.solver.audit import audit
from kido.solver.basis import BASIC, LOWER, PRIMAL, UPPER, Basis, basis_of, set_basis
from kido.solver.handle import LoadedSolver, Status, run_solver, set_options
from kido.solver.program import NamedNumbers, Program, in_order
from kido.solver.solution import Solution, Steadiness
from kido.tolerances import GAP_SHARE, STEADY_SWINGS

Vector = NDArray[np.float64]

CHARGE = 5.0  # times the hair over the swings: a change may be worth more than the mean of all
LEAST_LIMIT, MOST_SHARE = 1000, 10  # a tenth of the rows: it takes a fortieth on the Japan book


def steadiest(
    program: Program, case: Case, first: Solution, seconds_left: float | None = None
) -> Solution:
    """A steady solution that costs no more than the case allows above `first`, with its duals.

    `first` itself, with a record of why, where none is found or proved.
    """
    share, solver = case.settings.steady / 100, first.solver
    if not share or solver is None or (seconds_left is not None and seconds_left <= 0):
        return first
    began = time.perf_counter()
    variables, values = variables_of(case), in_order(program.columns, first.values)
    change = changes_of(case, variables, values)
    before = _swings(change, values)
    hair = share * abs(first.objective)
    if before <= STEADY_SWINGS or not hair:
        return first
    low, high = steady_bounds(case, variables, values, program.low, program.high)
    bounded = replace(program, low=low, high=high)
    steady = steady_program(bounded, change, CHARGE * hair / before)
    start = steady_basis(basis_of(solver.solver), steady, change, values)
    try:
        found = _solved(solver, steady, start, seconds_left)[: len(values)]
    except SolverError as problem:
        return _as_it_was(first, before, str(problem))
    found = within_hair(program.cost, values, found, hair)
    after = _swings(change, found)
    # the proof that counts: it keeps the rows, and costs little more than the duals allow
    checks = audit(program, found, in_order(program.rows, first.duals), share + GAP_SHARE)
    if not checks.passed or after >= before:
        return _as_it_was(first, before, checks.words)
    record = Steadiness(before, after, checks.objective - first.objective)
    return replace(
        first,
        objective=checks.objective,
        values=NamedNumbers(program.columns, found),
        statistics=replace(first.statistics, audit=checks, steadiness=record),
        seconds={**first.seconds, "steady": time.perf_counter() - began},
    )


def _swings(change: csr_matrix, values: Vector) -> float:
    return float(np.abs(change @ values).sum())


def _as_it_was(first: Solution, swings: float, reason: str) -> Solution:
    record = Steadiness(swings, swings, fallback_reason=reason)
    return replace(first, statistics=replace(first.statistics, steadiness=record))


def steady_program(program: Program, change: csr_matrix, charge: float) -> Program:
    """The program with a charge on each change, kUSD a swing: a row and a column more for each."""
    rows = change.shape[0]
    names = tuple(("change", (row,)) for row in range(rows))
    unlimited, total = np.full(rows, np.inf), change.T @ np.ones(rows)
    return replace(
        program,
        cost=np.concatenate([program.cost - charge * total, np.full(rows, 2 * charge)]),
        matrix=vstack(
            [
                hstack([program.matrix, csr_matrix((len(program.rows), rows))]),
                hstack([change, -identity(rows)]),
            ],
            format="csr",
        ),
        lower=np.concatenate([program.lower, -unlimited]),
        upper=np.concatenate([program.upper, np.zeros(rows)]),
        low=np.concatenate([program.low, np.zeros(rows)]),
        high=np.concatenate([program.high, unlimited]),
        rows=(*program.rows, *names),
        columns=(*program.columns, *names),
    )  # fmt: skip


def steady_basis(basis: Basis, steady: Program, change: csr_matrix, values: Vector) -> Basis:
    """The basis of a plan in its steady program: what rises is basic, its row is at its limit.

    Nonbasic columns and rows stand where the plan has them: the basis may be one on a face, on
    which both sides of a column are the same.
    """
    rises = change @ values > 0
    columns = np.concatenate([basis.columns, np.where(rises, BASIC, LOWER)])
    rows = np.concatenate([basis.rows, np.where(rises, UPPER, BASIC)])
    plan = np.concatenate([values, np.maximum(change @ values, 0)])
    activity = steady.matrix @ plan
    return Basis(
        _at_nearer_side(columns, plan, steady.low, steady.high),
        _at_nearer_side(rows, activity, steady.lower, steady.upper),
    )


def _at_nearer_side(
    status: NDArray[np.int8], level: Vector, low: Vector, high: Vector
) -> NDArray[np.int8]:
    side = np.where(np.abs(level - low) <= np.abs(high - level), LOWER, UPPER)
    bounded = np.isfinite(low) | np.isfinite(high)
    return np.where((status == BASIC) | ~bounded, status, side).astype(np.int8)


def _solved(
    loaded: LoadedSolver, steady: Program, start: Basis, seconds_left: float | None
) -> Vector:
    """The values of the steady program where the simplex method ends, from a feasible basis.

    Also at its limit of iterations: every step before it is a plan. The solver is that of the
    plan of least cost, as two of that size would take twice the memory. Raises SolverError.
    """
    limit = LEAST_LIMIT + len(steady.rows) // MOST_SHARE
    options: dict[str, Any] = {
        "solver": "simplex",
        "simplex_strategy": PRIMAL,
        "simplex_iteration_limit": limit,
    }
    solver = loaded.solver
    if seconds_left is not None:  # HiGHS counts from the first run of a solver
        options["time_limit"] = solver.getRunTime() + seconds_left
    set_options(solver, options)
    loaded.change_to(steady)
    set_basis(solver, start)
    run_solver(solver)
    status = solver.getModelStatus()
    if status not in (Status.kOptimal, Status.kIterationLimit):
        raise SolverError(f"no steadier plan: {solver.modelStatusToString(status)}")
    return np.asarray(solver.getSolution().col_value)


def within_hair(cost: Vector, values: Vector, found: Vector, hair: float) -> Vector:
    """`found`, or the point between it and `values` that costs the hair more than these."""
    dearer = float(cost @ (found - values))
    return found if dearer <= hair else values + hair / dearer * (found - values)
