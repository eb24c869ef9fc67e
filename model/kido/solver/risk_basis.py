"""The basis of the rows of risk, once the cost of every history is known.

Histories that cost more than the value at risk have an excess; those that cost less have a slack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree
from kido.lp.cost import MUSD
from kido.lp.variables import RISK
from kido.solver.basis import BASIC, LOWER
from kido.solver.block_planner import RISK_ROWS, BlockPlanner

Vector = NDArray[np.float64]


def path_costs(planner: BlockPlanner) -> Vector:
    """MUSD of the path to each node, at the values planned."""
    return added_along_paths(planner.case.tree, MUSD * (planner.rates @ planner.values))


def added_along_paths(tree: Tree, costs: Vector) -> Vector:
    """The costs of nodes added up along the path to each."""
    for node in tree.nodes:
        if node.previous >= 0:
            costs[node.index] += costs[node.previous]
    return costs


def leaf_at_risk(tree: Tree, costs: Vector, level: float) -> int:
    """The leaf whose history costs as much as the value at risk of this level."""
    tail = 1 - level
    leaves = sorted(tree.leaves, key=lambda leaf: -costs[leaf])
    for leaf in leaves:
        tail -= tree.nodes[leaf].probability
        if tail <= 0:
            return leaf
    return leaves[-1]


def set_risk_basis(
    planner: BlockPlanner,
    costs: Vector,
    nodes: Iterable[int],
    leaves: Sequence[int],
    at_risk: int,
) -> None:
    """Set the status of the rows and columns of risk of these nodes and leaves.

    `costs` are those of paths, `at_risk` is the leaf at the value at risk.
    """
    program, basis = planner.program, planner.basis
    column = {(name, key[0]): j for j, (name, key) in enumerate(program.columns)
              if name in RISK}  # fmt: skip
    row = {(name, key[0]): i for i, (name, key) in enumerate(program.rows)
           if name in RISK_ROWS}  # fmt: skip
    basis.columns[column["tail", 0]] = BASIC
    for node in nodes:
        basis.columns[column["cost_to_date", node]] = BASIC
        basis.rows[row["path_cost", node]] = LOWER
    for leaf in leaves:
        above = leaf != at_risk and costs[leaf] > costs[at_risk]
        slack = leaf != at_risk and not above
        basis.columns[column["excess", leaf]] = BASIC if above else LOWER
        basis.rows[row["cvar_excess", leaf]] = BASIC if slack else LOWER
