"""A start basis from the scenario tree: branches are planned one by one and put together.

The first block is planned as if nothing parted from it. Each further block is planned with the
decisions of its path fixed, from the basis of the block it parts from: the same rows and columns
at the same months. Where the scenarios change little, so do the bases. As the program is block
triangular, the blocks' bases together are a basis of the program, and feasible; what the blocks
did not foresee, the dual simplex method makes good from there.

The rows of risk are no part of the blocks. Once the cost of every history is known, so is their
basis: the histories that cost more than the value at risk have an excess.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.lp.cost import MUSD, cost_entries
from kido.lp.variables import RISK, Variables
from kido.solver.basis import BASIC, LOWER, Basis, basis_of, set_basis, slack_basis
from kido.solver.blocks import Block, BlockStructure, Indices, block_structure
from kido.solver.handle import (
    SolverCallError,
    Status,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.highs import InfeasibleProgram
from kido.solver.program import Name, Program
from kido.solver.solution import StartRecord

Vector = NDArray[np.float64]

STAGED = "staged simplex"
RISK_ROWS = ("path_cost", "cvar_excess")
LEAST_COLUMNS = 20_000  # below, a program is solved from nothing in about a second
LEAST_BLOCK = 500  # columns a block on average: below, making solvers takes longer than solving
INFEASIBLE = (Status.kInfeasible, Status.kUnboundedOrInfeasible)
LEAST_LIMIT, MOST_SHARE = 1000, 5  # a fifth of the rows: it takes a twentieth where it pays
MOST_ITERATIONS = 10  # times the rows of a block


class NoStart(SolverCallError):
    """Error: no start basis is found this way; the message says why."""


@dataclass(frozen=True)
class StagedStart:
    """A start basis, and what it took."""

    basis: Basis
    record: StartRecord


def pays(program: Program, case: Case) -> bool:
    """Whether a program is large enough, and has branches to start from."""
    columns, histories = len(program.columns), len(case.tree.leaves)
    return histories > 1 and columns >= max(LEAST_COLUMNS, LEAST_BLOCK * histories)


def iteration_limit(program: Program) -> int:
    """The iterations after which a start from the tree has not paid."""
    return LEAST_LIMIT + len(program.rows) // MOST_SHARE


def staged_start(program: Program, case: Case, seconds_left: float = np.inf) -> StagedStart:
    """The start basis of the program of a case with several histories.

    Raises InfeasibleProgram where the rows of a path cannot all hold, and NoStart.
    """
    structure = block_structure(program, case.tree)
    if structure is None:
        raise NoStart("a row has columns of several paths")
    return _Stages(program, case, structure, time.perf_counter() + seconds_left).start()


class _Stages:
    """The blocks planned so far: values and basis status of their columns, status of their rows."""

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
        self.iterations = 0

    def start(self) -> StagedStart:
        """The basis of all blocks together."""
        began = time.perf_counter()
        infeasible: list[int] = []
        for index in range(len(self.structure.blocks)):
            if not set(self.structure.path(index)) & set(infeasible) and not self._plan(index):
                infeasible.append(index)
        if infeasible:
            raise InfeasibleProgram(self._part(infeasible))
        if self.of_risk.any():
            self._price_risk()
        seconds = time.perf_counter() - began
        record = StartRecord(len(self.structure.blocks), self.iterations, seconds)
        return StagedStart(self.basis, record)

    def _plan(self, index: int) -> bool:
        """Plan a block; whether the rows of its path can all hold."""
        block = self._without_risk(self.structure.blocks[index])
        solver = self._planned(block)
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

    def _planned(self, block: Block) -> highspy.Highs:
        """A solver that has run on a block, from the basis of its path where HiGHS can use it."""
        program = self._sub_program(block)
        limit = {"simplex_iteration_limit": MOST_ITERATIONS * len(block.rows)}
        if block.parent >= 0:
            with suppress(SolverCallError):
                solver = self._solver(program, limit)
                set_basis(solver, self._lifted(block), square=False)
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
        solver = self._solver(self._part([index]), {})
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

    def _without_risk(self, block: Block) -> Block:
        return Block(
            block.branches,
            block.parent,
            block.rows[~self.of_risk[block.rows]],
            block.columns[~self.of_risk_columns[block.columns]],
        )

    def _sub_program(self, block: Block) -> Program:
        """The program of a block, what is decided before it fixed, at the cost of its nodes."""
        nodes = np.isin([node.branch for node in self.case.tree.nodes], block.branches)
        program, rows = self.program, self.program.matrix[block.rows]
        before = rows @ self.values
        return Program(
            cost=(nodes.astype(float) @ self.rates)[block.columns],
            offset=0.0,
            matrix=csr_matrix(rows[:, block.columns]),
            lower=program.lower[block.rows] - before,
            upper=program.upper[block.rows] - before,
            low=program.low[block.columns],
            high=program.high[block.columns],
            rows=(),
            columns=(),
        )

    def _joined(self, part: str, indices: list[int]) -> Indices:
        blocks = {block for index in indices for block in self.structure.path(index)}
        return np.sort(np.concatenate([getattr(self.structure.blocks[b], part) for b in blocks]))

    def _part(self, indices: list[int]) -> Program:
        """The rows of the paths to some blocks, without a cost."""
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

    def _lifted(self, block: Block) -> Basis:
        """The basis of the path at the months of a block."""
        path = self.structure.path(block.parent)[::-1]
        blocks = [self.structure.blocks[index] for index in path]
        return Basis(
            _lifted(self.column_codes, self.basis.columns, block.columns,
                    [b.columns for b in blocks], LOWER),
            _lifted(self.row_codes, self.basis.rows, block.rows,
                    [b.rows for b in blocks], BASIC),
        )  # fmt: skip

    def _price_risk(self) -> None:
        """The basis of the rows of risk at the path costs of the blocks."""
        tree, program = self.case.tree, self.program
        costs = MUSD * (self.rates @ self.values)
        for node in tree.nodes:
            if node.previous >= 0:
                costs[node.index] += costs[node.previous]
        leaves = sorted(tree.leaves, key=lambda leaf: -costs[leaf])
        column = {(name, key[0]): j for j, (name, key) in enumerate(program.columns)
                  if name in RISK}  # fmt: skip
        row = {(name, key[0]): i for i, (name, key) in enumerate(program.rows)
               if name in RISK_ROWS}  # fmt: skip
        self.basis.columns[column["tail", 0]] = BASIC
        for node in tree.nodes:
            self.basis.columns[column["cost_to_date", node.index]] = BASIC
            self.basis.rows[row["path_cost", node.index]] = LOWER
        tail, at_risk = 1 - self.case.settings.cvar_level, False
        for leaf in leaves:
            tail -= tree.nodes[leaf].probability
            is_value_at_risk = not at_risk and (tail <= 0 or leaf == leaves[-1])
            beyond = not at_risk and not is_value_at_risk
            at_risk = at_risk or is_value_at_risk
            self.basis.columns[column["excess", leaf]] = BASIC if beyond else LOWER
            self.basis.rows[row["cvar_excess", leaf]] = (
                LOWER if beyond or is_value_at_risk else BASIC
            )


def _check(solver: highspy.Highs, statuses: Sequence[Status], where: str) -> None:
    """Raise NoStart where a solver ended in another status."""
    status = solver.getModelStatus()
    if status not in statuses:
        raise NoStart(f"{solver.modelStatusToString(status)} {where}")


def _discounted_rates(program: Program, case: Case) -> csr_matrix:
    """kUSD, discounted, that a unit of each column costs in each node (nodes x columns)."""
    places: dict[str, dict[tuple[object, ...], int]] = {}
    for place, (name, key) in enumerate(program.columns):
        places.setdefault(name, {})[key] = place
    nodes = case.tree.nodes
    entries = [
        (n, column, rate * nodes[n].discount)
        for n, rate, column in cost_entries(case, Variables(places))
    ]
    counted, columns, rates = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_matrix((rates, (counted, columns)), shape=(len(nodes), len(program.columns)))


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
