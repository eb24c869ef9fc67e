"""`BlockPlanner`: plans the branches of the tree one by one, each from the basis of its path."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.lp.cost import cost_entries, discounts
from kido.lp.variables import RISK, variables_named
from kido.solver.basis import BASIC, LOWER, Basis, basis_of, set_basis, slack_basis
from kido.solver.blocks import Block, BlockStructure, Indices
from kido.solver.handle import (
    SolverCallError,
    Status,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.program import Name, Program

Vector = NDArray[np.float64]

RISK_ROWS = ("path_cost", "cvar_excess")
INFEASIBLE = (Status.kInfeasible, Status.kUnboundedOrInfeasible)
MOST_ITERATIONS = 10  # times the rows of a block


class NoStart(SolverCallError):
    """Error: no start basis is found this way; the message says why."""


class BlockPlanner:
    """Plans blocks one after another, each with the decisions of its path fixed.

    `values` and `basis` are those of all rows and columns planned so far; rows and columns of
    risk are no part of it. `rates` is what a unit of each column costs in each node, discounted
    kUSD (nodes x columns).
    """

    def __init__(self, program: Program, case: Case, structure: BlockStructure, deadline: float):
        self.program, self.case, self.structure = program, case, structure
        self.deadline = deadline
        self.rates = _discounted_rates(program, case)
        self.row_codes = _codes(program.rows, structure.row_nodes, case)
        self.column_codes = _codes(program.columns, structure.column_nodes, case)
        self.values = np.zeros(len(program.columns))
        self.basis = slack_basis(program.low, program.high, len(program.rows))
        self.of_risk = np.array([name in RISK_ROWS for name, _ in program.rows])
        self.of_risk_columns = np.array([name in RISK for name, _ in program.columns])
        self.places = self._places_in_blocks()
        self.iterations = 0

    def _places_in_blocks(self) -> Indices:
        """The place of each column among those of its block without risk; -1 for one of risk."""
        blocks, kept = self.structure.column_blocks, ~self.of_risk_columns
        order = np.argsort(blocks[kept], kind="stable")
        sizes = np.bincount(blocks[kept], minlength=len(self.structure.blocks))
        places = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        result = np.full(len(blocks), -1, dtype=np.intp)
        result[np.flatnonzero(kept)[order]] = places
        return result

    def plan(self, index: int) -> bool:
        """Plan a block; whether the rows of its path can all hold."""
        block = self.without_risk(self.structure.blocks[index])
        solver = self._run(block)
        self.iterations += max(0, solver.getInfo().simplex_iteration_count)
        values: Vector | None = np.asarray(solver.getSolution().col_value)
        if solver.getModelStatus() != Status.kOptimal:
            # what was decided before it may be what leaves the block without a plan
            values = self._values_on_path(index, block.columns, solver)
        if values is None:
            return False
        if solver.getBasis().valid:
            basis = basis_of(solver)
        else:
            low, high = self.program.low[block.columns], self.program.high[block.columns]
            basis = slack_basis(low, high, len(block.rows))
        self.values[block.columns] = values
        self.basis.columns[block.columns] = basis.columns
        self.basis.rows[block.rows] = basis.rows
        return True

    def _run(self, block: Block) -> highspy.Highs:
        """A solver that has run on a block, from the basis of its path where HiGHS can use it."""
        program = self.sub_program(block)
        limit = {"simplex_iteration_limit": MOST_ITERATIONS * len(block.rows)}
        if block.parent >= 0:
            with suppress(SolverCallError):
                solver = self._solver(program, limit)
                set_basis(solver, self.lifted(block), square=False)
                run_solver(solver)
                return solver
        solver = self._solver(program, limit)
        run_solver(solver)
        return solver

    def _values_on_path(self, index: int, columns: Indices, solver: highspy.Highs) -> Vector | None:
        """Values of the columns of a block where nothing before it is decided.

        `solver` has tried with the decisions fixed. None where the rows of the path cannot hold.
        """
        _check(solver, INFEASIBLE, "in a branch")
        solver = self._solver(self.part([index]), {})
        run_solver(solver)
        if solver.getModelStatus() == Status.kInfeasible:
            return None
        _check(solver, (Status.kOptimal,), "on a path")
        where = np.searchsorted(self._joined("columns", [index]), columns)
        return np.asarray(solver.getSolution().col_value)[where]

    def _solver(self, program: Program, options: dict[str, int]) -> highspy.Highs:
        seconds_left = self.deadline - time.perf_counter()
        if seconds_left <= 0:
            raise NoStart("no time is left")
        solver = new_solver({"solver": "simplex", **options})
        if np.isfinite(seconds_left):
            set_options(solver, {"time_limit": seconds_left})
        pass_program(solver, program)
        return solver

    def without_risk(self, block: Block) -> Block:
        """A block without its rows and columns of risk."""
        return Block(
            block.branches,
            block.parent,
            block.rows[~self.of_risk[block.rows]],
            block.columns[~self.of_risk_columns[block.columns]],
        )

    def sub_program(self, block: Block) -> Program:
        """The program of a block, what is decided before it fixed, at the cost of its nodes."""
        program, rows = self.program, self.program.matrix[block.rows]
        index = self.structure.column_blocks[block.columns[0]] if len(block.columns) else -1
        inside = self.structure.column_blocks[rows.indices] == index
        before = rows @ self.values
        return Program(
            cost=self.own_cost(int(index), len(block.columns)),
            offset=0.0,
            matrix=with_entries(
                rows, inside, self.places[rows.indices[inside]], len(block.columns)
            ),
            lower=program.lower[block.rows] - before,
            upper=program.upper[block.rows] - before,
            low=program.low[block.columns],
            high=program.high[block.columns],
            rows=(),
            columns=(),
        )

    def own_cost(self, index: int, count: int) -> Vector:
        """kUSD that a unit of each of the `count` columns of a block costs in its nodes."""
        rates = self.rates[np.flatnonzero(self.structure.node_blocks == index)]
        inside = self.structure.column_blocks[rates.indices] == index
        places = self.places[rates.indices[inside]]
        return np.bincount(places, rates.data[inside], count).astype(float)

    def _joined(self, part: str, indices: list[int]) -> Indices:
        blocks = {block for index in indices for block in self.structure.path(index)}
        return np.sort(np.concatenate([getattr(self.structure.blocks[b], part) for b in blocks]))

    def part(self, indices: list[int]) -> Program:
        """The program of the rows of the paths to some blocks, without a cost."""
        rows, columns = self._joined("rows", indices), self._joined("columns", indices)
        program = self.program
        return Program(
            cost=np.zeros(len(columns)),
            offset=0.0,
            matrix=csr_matrix(program.matrix[rows][:, columns]),
            lower=program.lower[rows],
            upper=program.upper[rows],
            low=program.low[columns],
            high=program.high[columns],
            rows=tuple(program.rows[i] for i in rows),
            columns=tuple(program.columns[j] for j in columns),
        )

    def lifted(self, block: Block) -> Basis:
        """The basis of the path at the months of a block."""
        path = self.structure.path(block.parent)[::-1]
        blocks = [self.structure.blocks[index] for index in path]
        return Basis(
            _lifted(self.column_codes, self.basis.columns, block.columns,
                    [b.columns for b in blocks], LOWER),
            _lifted(self.row_codes, self.basis.rows, block.rows,
                    [b.rows for b in blocks], BASIC),
        )  # fmt: skip


def with_entries(
    matrix: csr_matrix, chosen: NDArray[np.bool_], columns: Indices, count: int
) -> csr_matrix:
    """The chosen entries of a matrix, moved to these columns of `count`."""
    starts = np.concatenate(([0], np.cumsum(chosen)))[matrix.indptr]
    return csr_matrix((matrix.data[chosen], columns, starts), shape=(matrix.shape[0], count))


def _check(solver: highspy.Highs, statuses: Sequence[Status], where: str) -> None:
    """Raise NoStart where a solver ended in another status."""
    status = solver.getModelStatus()
    if status not in statuses:
        raise NoStart(f"{solver.modelStatusToString(status)} {where}")


def _discounted_rates(program: Program, case: Case) -> csr_matrix:
    """kUSD, discounted, that a unit of each column costs in each node (nodes x columns)."""
    count = len(case.tree.nodes)
    n, rate, columns = cost_entries(case, variables_named(program.columns, count))
    rates = rate * discounts(case)[n]
    return csr_matrix((rates, (n, columns)), shape=(count, len(program.columns)))


def _codes(names: tuple[Name, ...], nodes: Indices, case: Case) -> Indices:
    """A number for each row or column: the same for the same name and key at the same month."""
    numbers: dict[object, int] = {}
    series = np.fromiter(
        (numbers.setdefault((name, key[:-1]), len(numbers)) for name, key in names),
        dtype=np.intp,
        count=len(names),
    )
    months = np.array([node.start - case.tree.start for node in case.tree.nodes])
    return series * (case.tree.end - case.tree.start) + months[nodes]


def _lifted(
    codes: Indices, statuses: NDArray[np.int8], block: Indices, path: list[Indices], missing: int
) -> NDArray[np.int8]:
    """The status of each position of a block, from those of equal code on the path."""
    sources = np.concatenate(path)
    unique, first = np.unique(codes[sources], return_index=True)  # the nearest block comes first
    where = np.minimum(np.searchsorted(unique, codes[block]), len(unique) - 1)
    equal = unique[where] == codes[block]
    return np.where(equal, statuses[sources[first[where]]], missing).astype(np.int8)
