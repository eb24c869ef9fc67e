"""`LeafCosts`: what histories cost and how risk weighs them, for the master and for its cuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.lp.cost import MUSD
from kido.solver.block_planner import RISK_ROWS
from kido.solver.blocks import Indices
from kido.solver.decomposition.master import Cut
from kido.solver.decomposition.sub_problem import SubSolution
from kido.solver.program import Program
from kido.solver.risk_basis import added_along_paths

if TYPE_CHECKING:
    from kido.solver.decomposition.decompose import Leaf

Vector = NDArray[np.float64]


class LeafCosts:
    """The costs of the inner nodes' decisions, and the weights of the leaves.

    `master_cost` is the objective of the master's columns without what leaves add, `tail` the
    position of the value at risk among them, None without risk.
    """

    def __init__(
        self,
        program: Program,
        case: Case,
        columns: Indices,
        inner_nodes: NDArray[np.bool_],
        inner_rates: csr_matrix,
    ):
        self.program, self.case, self.rates = program, case, inner_rates
        self.weight, self.share = case.settings.risk_weight, 1 - case.settings.cvar_level
        nodes = case.tree.nodes
        probability = np.array([node.probability for node in nodes])
        self.master_cost = ((1 - self.weight) * probability * inner_nodes) @ inner_rates
        self.tail: int | None = None
        self.to_date: dict[int, int] = {}
        if self.weight > 0:
            for place, column in enumerate(columns.tolist()):
                name, key = program.columns[column]
                if name == "tail":
                    self.tail = place
                    self.master_cost[place] = self.weight / MUSD
                elif name == "excess":
                    weight = self.weight / MUSD * nodes[key[0]].probability / self.share
                    self.master_cost[place] = weight
                elif name == "cost_to_date":
                    self.to_date[key[0]] = place
        self.inner_leaves = [leaf for leaf in case.tree.leaves if inner_nodes[leaf]]

    def paths(self, values: Vector) -> Vector:
        """kUSD of the path to each inner node at the values of the master's columns."""
        return added_along_paths(self.case.tree, self.rates @ values)

    def objective(
        self, values: Vector, leaves: Sequence[Leaf], solutions: Sequence[SubSolution]
    ) -> tuple[float, float]:
        """(objective, value at risk), kUSD; the first is inf where a leaf has no plan."""
        paths = self.paths(values)
        costs = [paths[leaf] for leaf in self.inner_leaves]
        costs += self._of_leaves(paths, leaves, solutions)
        weights = [self.case.tree.nodes[leaf].probability for leaf in self.inner_leaves]
        weights += [leaf.probability for leaf in leaves]
        cost, probability = np.array(costs), np.array(weights)
        order = np.argsort(-cost, kind="stable")
        before = np.cumsum(probability[order]) - probability[order]
        in_tail = np.clip(self.share - before, 0.0, probability[order])
        reached = np.flatnonzero(in_tail > 0)
        at_risk = float(cost[order[reached[-1]]])
        if not all(solution.feasible for solution in solutions):
            return np.inf, at_risk
        cvar = float(in_tail @ cost[order]) / float(in_tail.sum())
        return (1 - self.weight) * float(cost @ probability) + self.weight * cvar, at_risk

    def with_value_at_risk(self, values: Vector, at_risk: float) -> Vector:
        """The master's values with this value at risk, kUSD."""
        if self.tail is None:
            return values
        changed = values.copy()
        changed[self.tail] = MUSD * at_risk
        return changed

    def _of_leaves(
        self, paths: Vector, leaves: Sequence[Leaf], solutions: Sequence[SubSolution]
    ) -> list[float]:
        """kUSD of the history of each leaf; one that parts at the start has no path before it."""
        return [
            (paths[leaf.previous] if leaf.previous >= 0 else 0.0) + solution.value
            for leaf, solution in zip(leaves, solutions, strict=True)
        ]

    def beyond(
        self,
        values: Vector,
        leaves: Sequence[Leaf],
        solutions: Sequence[SubSolution],
        at_risk: float,
    ) -> NDArray[np.bool_]:
        """Whether each history of a leaf costs more than this value at risk, kUSD."""
        if self.tail is None:
            return np.zeros(len(leaves), dtype=bool)
        costs = self._of_leaves(self.paths(values), leaves, solutions)
        return np.array(costs) > at_risk

    def cut(
        self,
        group: int,
        members: Sequence[int],
        leaves: Sequence[Leaf],
        solutions: Sequence[SubSolution],
        values: Vector,
        beyond_risk: NDArray[np.bool_],
    ) -> Cut:
        """The cut of a group at the decisions `values`, with these leaves beyond the risk."""
        gradient, constant, made_of = np.zeros(len(values)), 0.0, []
        for number in members:
            leaf, solution = leaves[number], solutions[number]
            beyond = self.weight * leaf.probability / self.share if beyond_risk[number] else 0.0
            weight = (1 - self.weight) * leaf.probability + beyond
            gradient[leaf.linked] += weight * solution.gradient
            constant += weight * (solution.value - float(solution.gradient @ values[leaf.linked]))
            if beyond > 0 and self.tail is not None:
                if leaf.previous >= 0:
                    gradient[self.to_date[leaf.previous]] += beyond / MUSD
                gradient[self.tail] -= beyond / MUSD
            made_of.append((number, weight, beyond, solution.duals))
        columns = np.flatnonzero(gradient)
        return Cut(group, columns, gradient[columns], constant, tuple(made_of))

    def price_risk(self, values: Vector, rates: csr_matrix) -> None:
        """Set the values of the columns of risk from those of all others."""
        if self.tail is None:
            return
        costs = added_along_paths(self.case.tree, MUSD * (rates @ values))
        tail = 0.0
        for place, (name, key) in enumerate(self.program.columns):
            if name == "tail":
                tail = values[place]
            elif name == "cost_to_date":
                values[place] = costs[key[0]]
        for place, (name, key) in enumerate(self.program.columns):
            if name == "excess":
                values[place] = max(0.0, float(costs[key[0]] - tail))

    def price_risk_rows(self, duals: Vector, leaves: Sequence[Leaf], beyond: Vector) -> None:
        """Set the duals of the rows of risk of the leaves, which weigh `beyond` each."""
        if self.tail is None:
            return
        weight_of = {
            int(node): weight / MUSD
            for leaf, weight in zip(leaves, beyond, strict=True)
            for node in leaf.nodes
        }
        for place, (family, key) in enumerate(self.program.rows):
            if family in RISK_ROWS and key[0] in weight_of:
                duals[place] = weight_of[key[0]]
