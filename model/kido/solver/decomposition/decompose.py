"""Benders decomposition of a large tree: leaf branches as sub-programs, the others as master.

In each round the leaves are solved for the decisions of the master, each from its own last basis,
and give cuts; the master then finds better decisions within a trust region around the best so far
(Linderoth and Wright, 2003). Every solved round is a plan; every master that its trust region does
not hold proves a bound. The solution does not depend on the number of workers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.lp.cost import MUSD
from kido.solver.basis import Basis
from kido.solver.block_planner import BlockPlanner, with_entries
from kido.solver.blocks import Block, Indices, block_structure
from kido.solver.decomposition.leaf_costs import LeafCosts
from kido.solver.decomposition.master import Cut, Master, MasterSolution
from kido.solver.decomposition.solution_cache import Spread
from kido.solver.decomposition.sub_problem import (
    SubProblem,
    SubSolution,
    in_tasks,
    solve_sub_problems,
)
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.program import Program
from kido.solver.risk_basis import path_costs, set_risk_basis
from kido.solver.staged_start import plan_blocks
from kido.tolerances import NO_WEIGHT

Vector = NDArray[np.float64]
Say = Callable[[str], None]

MOST_GROUPS = 250  # of leaves that share a column of the master
TASK_SIZE = 8  # sub-problems
MOST_ROUNDS = 300
WIDTH = 5.0  # of the trust region at first: times what is decided, or its median
WIDEST = 1e12


@dataclass(frozen=True)
class Decomposed:
    """Values and duals in the order of the program, a bound of its objective, and what it took.

    The values cost at most `gap_share` more than the bound unless `stopped`.
    """

    values: Vector
    duals: Vector
    objective: float
    bound: float
    rounds: int
    iterations: int
    stopped: bool


@dataclass(frozen=True)
class Leaf:
    """A leaf block: its rows and columns in the program, and its linked columns in the master."""

    block: Block
    linked: Indices
    nodes: Indices
    probability: float
    previous: int


def decompose(
    program: Program,
    case: Case,
    gap_share: float,
    time_limit: float | None = None,
    run: Spread | None = None,
    say: Say = lambda _: None,
) -> Decomposed:
    """A solution of the program of a case whose cost is proved to `gap_share` of itself.

    `run` runs a function on tasks, here or elsewhere. After `time_limit` seconds the best
    solution so far is returned, `stopped`. Raises InfeasibleProgram, UnboundedProgram,
    SolverError, or TimeLimitReached where there is no solution and bound yet.
    """
    deadline = time.perf_counter() + (np.inf if time_limit is None else time_limit)
    return Decomposition(program, case, deadline, run or run_here).solved(gap_share, say)


def run_here(function: Callable[[Any], Any], tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
    return ((number, function(task)) for number, task in enumerate(tasks))


class Decomposition:
    def __init__(self, program: Program, case: Case, deadline: float, run: Spread):
        self.program, self.case, self.deadline, self.run = program, case, deadline, run
        structure = block_structure(program, case.tree)
        if structure is None:
            raise SolverError("a row has columns of several paths")
        self.planner = planner = BlockPlanner(program, case, structure, deadline)
        parents = {block.parent for block in structure.blocks}
        parents = (parents - {-1}) | {0}  # the first holds the value at risk
        inner = sorted(parents)
        plan_blocks(planner, inner)
        blocks = structure.blocks
        self.rows = np.sort(np.concatenate([blocks[i].rows for i in inner]))
        self.columns = np.sort(np.concatenate([blocks[i].columns for i in inner]))
        self.master_places = np.full(len(program.columns), -1, dtype=np.intp)
        self.master_places[self.columns] = np.arange(len(self.columns))
        self.inner_nodes = np.isin(structure.node_blocks, inner)
        self.inner_rates = csr_matrix(planner.rates[:, self.columns])
        self.leaves: list[Leaf] = []
        self.problems: list[SubProblem] = []
        for index in range(len(blocks)):
            if index not in parents:
                self._add_leaf(index)
        self.starts: list[Basis] = [planner.lifted(leaf.block) for leaf in self.leaves]
        self.costs = LeafCosts(program, case, self.columns, self.inner_nodes, self.inner_rates)
        groups = min(MOST_GROUPS, len(self.leaves))
        self.group_of = np.arange(len(self.leaves)) * groups // len(self.leaves)
        linked = np.unique(np.concatenate([leaf.linked for leaf in self.leaves]))
        if self.costs.tail is not None:
            linked = np.append(linked, self.costs.tail)
        self.master = Master(self._master_program(), groups, linked)
        self.iterations = planner.iterations

    def _add_leaf(self, index: int) -> None:
        program, planner, tree = self.program, self.planner, self.case.tree
        block = planner.without_risk(planner.structure.blocks[index])
        nodes = np.flatnonzero(planner.structure.node_blocks == index)
        rows, rates = program.matrix[block.rows], planner.rates[nodes]
        inside = planner.structure.column_blocks[rows.indices] == index
        before = planner.structure.column_blocks[rates.indices] != index
        linked = np.unique(np.append(rows.indices[~inside], rates.indices[before]))
        used = self.master_places[linked]
        self.leaves.append(
            Leaf(
                block,
                used,
                nodes,
                tree.nodes[int(nodes[-1])].probability,
                tree.nodes[int(nodes[0])].previous,
            )
        )
        self.problems.append(
            SubProblem(
                cost=planner.own_cost(index, len(block.columns)),
                linked_cost=np.bincount(
                    np.searchsorted(linked, rates.indices[before]),
                    rates.data[before],
                    len(linked),
                ).astype(float),
                matrix=with_entries(
                    rows, inside, planner.places[rows.indices[inside]], len(block.columns)
                ),
                linking=with_entries(
                    rows, ~inside, np.searchsorted(linked, rows.indices[~inside]), len(linked)
                ),
                lower=program.lower[block.rows],
                upper=program.upper[block.rows],
                low=program.low[block.columns],
                high=program.high[block.columns],
            )
        )

    def _master_program(self) -> Program:
        program, columns, rows = self.program, self.columns, self.rows
        return Program(
            cost=self.costs.master_cost,
            offset=0.0,
            matrix=csr_matrix(program.matrix[rows][:, columns]),
            lower=program.lower[rows],
            upper=program.upper[rows],
            low=program.low[columns],
            high=program.high[columns],
            rows=(),
            columns=(),
        )

    def solved(self, gap_share: float, say: Say) -> Decomposed:
        """Rounds of leaves and master until the gap is proved, or no time is left."""
        values = self.planner.values[self.columns]
        best: tuple[Vector, list[SubSolution]] | None = None
        least, bound, proof = np.inf, -np.inf, None
        scale, width, predicted = self._scale(values), WIDTH, -np.inf
        for round_ in range(1, MOST_ROUNDS + 1):
            solutions = self._solve_leaves(values, square=round_ > 1)
            objective, at_risk = self.costs.objective(values, self.leaves, solutions)
            self.master.add(list(self._cuts(values, solutions, at_risk)))
            if objective < least:
                values = self.costs.with_value_at_risk(values, at_risk)
                best, least = (values, solutions), objective
                width = min(2 * width, WIDEST)
            elif objective - least > least - predicted:
                width = width / 2
            if round_ == 1:
                self.master.start_from(self._start_basis(at_risk))
            center = values if best is None else best[0]
            solution = self.master_solution(center, width * scale)
            predicted = solution.objective
            if not solution.restricted and predicted > bound:
                bound, proof = predicted, solution
            elif least - predicted <= gap_share * abs(least):
                width = min(10 * width, WIDEST)  # nothing better near, and no bound yet
            gap = (least - bound) / max(1.0, abs(least))
            say(_progress(round_, least, bound, gap))
            if gap <= gap_share and best is not None and proof is not None:
                return self._decomposed(best, least, bound, proof, round_, stopped=False)
            if time.perf_counter() > self.deadline:
                if best is not None and proof is None:
                    bound, proof = self._bound_of_all(best[0])
                if best is None or proof is None:
                    raise TimeLimitReached("no plan with a proved gap was found in time")
                return self._decomposed(best, least, bound, proof, round_, stopped=True)
            values = solution.values
        raise SolverError(f"the gap was not closed in {MOST_ROUNDS} rounds")

    def _start_basis(self, at_risk: float) -> Basis:
        """The basis of the inner blocks as they were planned, at this value at risk, kUSD."""
        planner, leaves = self.planner, self.costs.inner_leaves
        if planner.of_risk.any():
            costs = path_costs(planner)
            nearest = min(leaves, key=lambda leaf: abs(costs[leaf] - MUSD * at_risk))
            nodes = np.flatnonzero(self.inner_nodes).tolist()
            set_risk_basis(planner, costs, nodes, leaves, nearest)
        return Basis(planner.basis.columns[self.columns], planner.basis.rows[self.rows])

    def _bound_of_all(self, center: Vector) -> tuple[float, MasterSolution | None]:
        """The bound of the master without a trust region, where it has one."""
        solution = self.master.solve(center, np.full(len(self.master.linked), WIDEST))
        if solution is None or solution.restricted:
            return -np.inf, None
        return solution.objective, solution

    def _scale(self, values: Vector) -> Vector:
        """What a linked column may move by, for each width of the trust region."""
        linked = np.abs(values[self.master.linked])
        typical = (
            float(np.median(linked[linked > NO_WEIGHT])) if (linked > NO_WEIGHT).any() else 1.0
        )
        return np.maximum(linked, typical)

    def _solve_leaves(self, values: Vector, square: bool) -> list[SubSolution]:
        linked = [values[leaf.linked] for leaf in self.leaves]
        tasks = in_tasks(self.problems, linked, self.starts, square, TASK_SIZE)
        parts: dict[int, list[SubSolution]] = {}
        for number, result in self.run(solve_sub_problems, tasks):
            if not isinstance(result, list):
                raise SolverError(getattr(result, "reason", "a branch was not solved"))
            parts[number] = result
        solutions = [solution for number in sorted(parts) for solution in parts[number]]
        if any(np.isneginf(solution.value) for solution in solutions):
            raise UnboundedProgram
        self.starts = [solution.basis for solution in solutions]
        self.iterations += sum(solution.iterations for solution in solutions)
        return solutions

    def _cuts(
        self, values: Vector, solutions: Sequence[SubSolution], at_risk: float
    ) -> Iterator[Cut]:
        """A cut for each group whose leaves all have a plan, and one for each leaf without."""
        for number, solution in enumerate(solutions):
            if not solution.feasible:
                linked = self.leaves[number].linked
                yield Cut(
                    None,
                    linked,
                    solution.gradient,
                    solution.value - float(solution.gradient @ values[linked]),
                    ((number, 1.0, 0.0, solution.duals),),
                )
        # at the value at risk of these decisions, and at the one that the master took it for
        levels = [at_risk]
        if self.costs.tail is not None:
            levels.append(values[self.costs.tail] / MUSD)
        beyond = [self.costs.beyond(values, self.leaves, solutions, level) for level in levels]
        for group in np.unique(self.group_of):
            members = np.flatnonzero(self.group_of == group).tolist()
            if all(solutions[number].feasible for number in members):
                for sets in {tuple(level[members]): level for level in beyond}.values():
                    yield self.costs.cut(int(group), members, self.leaves, solutions, values, sets)

    def master_solution(self, center: Vector, width: Vector) -> MasterSolution:
        while True:
            solution = self.master.solve(center, width)
            if solution is not None:
                return solution
            if width.min() > WIDEST:
                raise InfeasibleProgram
            width = 10 * width  # no plan near: cuts of leaves without a plan forbid it

    def _decomposed(
        self,
        best: tuple[Vector, list[SubSolution]],
        least: float,
        bound: float,
        proof: MasterSolution,
        rounds: int,
        stopped: bool,
    ) -> Decomposed:
        master_values, solutions = best
        values = np.zeros(len(self.program.columns))
        values[self.columns] = master_values
        for leaf, solution in zip(self.leaves, solutions, strict=True):
            values[leaf.block.columns] = solution.values
        self.costs.price_risk(values, self.planner.rates)
        duals = np.zeros(len(self.program.rows))
        self._price(duals, proof)
        return Decomposed(values, duals, least, bound, rounds, self.iterations, stopped)

    def _price(self, duals: Vector, proof: MasterSolution) -> None:
        """The duals of all rows: those of the master, and of the leaves weighed by their cuts."""
        duals[self.rows] = proof.row_duals
        beyond = np.zeros(len(self.leaves))
        for cut, weight in zip(self.master.cuts, proof.cut_duals, strict=False):
            if weight == 0:
                continue
            for number, leaf_weight, leaf_beyond, leaf_duals in cut.leaves:
                duals[self.leaves[number].block.rows] += weight * leaf_weight * leaf_duals
                beyond[number] += weight * leaf_beyond
        self.costs.price_risk_rows(duals, self.leaves, beyond)


def _progress(round_: int, least: float, bound: float, gap: float) -> str:
    if not np.isfinite(least):
        return f"round {round_}: no plan for every branch yet"
    if not np.isfinite(bound):
        return f"round {round_}: at most {least:,.0f} kUSD"
    return f"round {round_}: {bound:,.0f} to {least:,.0f} kUSD, a gap of {gap:.1e}"
