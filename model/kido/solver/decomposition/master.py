"""`Master`: the rows and columns of the branches that others part from, and cuts for the leaves.

It has a column more for each group of leaf branches: what they add to the objective. Cuts bound
it from below; they are linear in the decisions before the leaves and in the value at risk:

    what a leaf adds = (1 - w) p cost + w p / (1 - level) max(0, cost to date + cost - tail)

with the cost of the leaf branch, which is convex in the decisions (Van Slyke and Wets, 1969).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from kido.solver.basis import BASIC, LOWER, Basis, set_basis
from kido.solver.blocks import Indices
from kido.solver.handle import (
    SolverCallError,
    Status,
    check_status,
    new_solver,
    pass_program,
    run_solver,
)
from kido.solver.program import Program
from kido.tolerances import DROPPED_COEFFICIENT, PRICED_USD_KG

Vector = NDArray[np.float64]

LEAST_KUSD = -1e12  # that a group adds: HiGHS does not end with columns that are free
AT_LIMIT = 1e-9  # of the trust region's width


@dataclass(frozen=True)
class Cut:
    """constant + gradient m <= what `group` adds to the objective; None: <= 0.

    `columns` are the positions of the gradient among the master's columns. `leaves` are those
    that it was made of, with the weight of each leaf's cost, its weight beyond the value at risk,
    and the duals of its rows.
    """

    group: int | None
    columns: Indices
    gradient: Vector
    constant: float
    leaves: tuple[tuple[int, float, float, Vector], ...] = field(repr=False)


@dataclass(frozen=True)
class MasterSolution:
    """Values of the master's columns, its least objective in kUSD, and duals of rows and cuts.

    `restricted`: whether the trust region holds it at a price, so that the objective bounds
    nothing.
    """

    values: Vector
    objective: float
    row_duals: Vector
    cut_duals: Vector
    restricted: bool


class Master:
    """The master program in a solver's memory; `linked` are the columns of the trust region."""

    def __init__(self, program: Program, groups: int, linked: Indices):
        self.program, self.groups, self.linked = program, groups, linked
        self.cuts: list[Cut] = []
        rows, self.columns = program.matrix.shape
        self.solver = new_solver({"solver": "simplex"})
        pass_program(
            self.solver,
            Program(
                cost=np.append(program.cost, np.ones(groups)),
                offset=0.0,
                matrix=csr_matrix(hstack([program.matrix, csr_matrix((rows, groups))])),
                lower=program.lower,
                upper=program.upper,
                low=np.append(program.low, np.full(groups, LEAST_KUSD)),
                high=np.append(program.high, np.full(groups, np.inf)),
                rows=(),
                columns=(),
            ),
        )

    def add(self, cuts: Sequence[Cut]) -> None:
        """Add cuts as rows."""
        for cut in cuts:
            nonzero = np.abs(cut.gradient) > DROPPED_COEFFICIENT
            columns, numbers = cut.columns[nonzero], -cut.gradient[nonzero]
            if cut.group is not None:
                columns = np.append(columns, self.columns + cut.group)
                numbers = np.append(numbers, 1.0)
            status = self.solver.addRow(
                cut.constant, np.inf, len(columns), columns.astype(np.int32), numbers
            )
            check_status(status, "addRow")
            self.cuts.append(cut)

    def start_from(self, basis: Basis) -> None:
        """Start the next solve from a basis of the program's rows and columns.

        The first cut of each group holds its column; further cuts are slack.
        """
        columns = np.full(self.groups, LOWER, dtype=np.int8)
        rows = np.full(len(self.cuts), BASIC, dtype=np.int8)
        for number, cut in enumerate(self.cuts):
            if cut.group is not None and columns[cut.group] == LOWER:
                columns[cut.group], rows[number] = BASIC, LOWER
        set_basis(
            self.solver,
            Basis(np.append(basis.columns, columns), np.append(basis.rows, rows)),
        )

    def solve(self, center: Vector, width: Vector) -> MasterSolution | None:
        """The least objective with linked columns within `width` of `center`.

        None where there is no plan within. Raises SolverCallError.
        """
        low, high = self.program.low[self.linked], self.program.high[self.linked]
        least = np.maximum(low, center[self.linked] - width)
        most = np.minimum(high, center[self.linked] + width)
        status = self.solver.changeColsBounds(
            len(self.linked), self.linked.astype(np.int32), least, most
        )
        check_status(status, "changeColsBounds")
        try:
            run_solver(self.solver)
        except SolverCallError:  # of rounding, with the basis of the last round
            check_status(self.solver.clearSolver(), "clearSolver")
            run_solver(self.solver)
        if self.solver.getModelStatus() != Status.kOptimal:
            return None
        solution, info = self.solver.getSolution(), self.solver.getInfo()
        values = np.asarray(solution.col_value)
        duals, rows = np.asarray(solution.row_dual), self.program.matrix.shape[0]
        inside, near = values[self.linked], AT_LIMIT * width
        priced = np.abs(np.asarray(solution.col_dual)[self.linked]) > PRICED_USD_KG
        below = (inside <= least + near) & (least > low)
        above = (inside >= most - near) & (most < high)
        held = priced & (below | above)
        return MasterSolution(
            values=values[: self.columns],
            objective=info.objective_function_value,
            row_duals=duals[:rows],
            cut_duals=duals[rows:],
            restricted=bool(held.any()),
        )
