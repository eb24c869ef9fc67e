"""The least cost of the later part of a program, where the earlier part is decided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.solver.basis import Basis, basis_of, set_basis
from kido.solver.blocks import nodes_of
from kido.solver.handle import Status, new_solver, pass_program, run_solver
from kido.solver.program import Name, Program

SECONDS = 10.0  # for one program: it is a part of one that was solved


@dataclass(frozen=True)
class LaterCost:
    """The least cost of the nodes that are still open, kUSD; None where no plan exists.

    `basis` is where the next program like it may start from.
    """

    kusd: float | None
    basis: Basis | None
    names: tuple[tuple[Name, ...], tuple[Name, ...]]


def later_cost(
    program: Program,
    is_open: NDArray[np.bool_],
    decided: NDArray[np.float64],
    start: LaterCost | None = None,
) -> LaterCost | None:
    """The least cost where columns of nodes that are not open stand at `decided`.

    `is_open` has one value for each node, `decided` one for each column. Rows of nodes that are
    not open are left out, and so is the cost of what is decided. None where the solver does not
    end in time. Raises SolverCallError.
    """
    columns, rows = is_open[nodes_of(program.columns)], is_open[nodes_of(program.rows)]
    before = program.matrix[rows] @ np.where(columns, 0.0, decided)
    part = Program(
        cost=program.cost[columns],
        offset=0.0,
        matrix=program.matrix[rows][:, columns],
        lower=program.lower[rows] - before,
        upper=program.upper[rows] - before,
        low=program.low[columns],
        high=program.high[columns],
        rows=tuple(program.rows[i] for i in np.flatnonzero(rows)),
        columns=tuple(program.columns[j] for j in np.flatnonzero(columns)),
    )
    solver = new_solver({"solver": "simplex", "time_limit": SECONDS})
    pass_program(solver, part)
    names = part.rows, part.columns
    if start is not None and start.basis is not None and start.names == names:
        set_basis(solver, start.basis, square=False)
    run_solver(solver)
    status = solver.getModelStatus()
    if status in (Status.kInfeasible, Status.kUnboundedOrInfeasible):
        return LaterCost(None, None, names)
    if status != Status.kOptimal:
        return None
    basis = basis_of(solver) if solver.getBasis().valid else None
    return LaterCost(float(solver.getInfo().objective_function_value), basis, names)
