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
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kido.data.case.case import Case
from kido.solver.basis import Basis
from kido.solver.block_planner import BlockPlanner, NoStart
from kido.solver.blocks import block_structure
from kido.solver.highs import InfeasibleProgram
from kido.solver.program import Program
from kido.solver.risk_basis import leaf_at_risk, path_costs, set_risk_basis
from kido.solver.solution import StartRecord

STAGED = "staged simplex"
LEAST_COLUMNS = 20_000  # below, a program is solved from nothing in about a second
LEAST_BLOCK = 500  # columns a block on average: below, making solvers takes longer than solving
LEAST_LIMIT, MOST_SHARE = 1000, 5  # a fifth of the rows: it takes a twentieth where it pays


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
    began = time.perf_counter()
    structure = block_structure(program, case.tree)
    if structure is None:
        raise NoStart("a row has columns of several paths")
    planner = BlockPlanner(program, case, structure, began + seconds_left)
    plan_blocks(planner, range(len(structure.blocks)))
    if planner.of_risk.any():
        tree, costs = case.tree, path_costs(planner)
        at_risk = leaf_at_risk(tree, costs, case.settings.cvar_level)
        set_risk_basis(planner, costs, range(len(tree.nodes)), tree.leaves, at_risk)
    seconds = time.perf_counter() - began
    record = StartRecord(len(structure.blocks), planner.iterations, seconds)
    return StagedStart(planner.basis, record)


def plan_blocks(planner: BlockPlanner, indices: Iterable[int]) -> None:
    """Plan these blocks, parents before children.

    Raises InfeasibleProgram with all paths whose rows cannot hold, and NoStart.
    """
    infeasible: set[int] = set()
    for index in indices:
        path = planner.structure.path(index)
        if infeasible.isdisjoint(path) and not planner.plan(index):
            infeasible.add(index)
    if infeasible:
        raise InfeasibleProgram(planner.part(sorted(infeasible)))
