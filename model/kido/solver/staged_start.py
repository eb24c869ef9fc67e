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
from kido.lp.cost import MUSD
from kido.lp.variables import RISK
from kido.solver.basis import BASIC, LOWER, Basis
from kido.solver.block_planner import RISK_ROWS, BlockPlanner, NoStart
from kido.solver.blocks import block_structure
from kido.solver.highs import InfeasibleProgram
from kido.solver.program import Program
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
        _price_risk(planner)
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


def _price_risk(planner: BlockPlanner) -> None:
    """Set the basis of the rows of risk at the path costs of the blocks."""
    tree, program, basis = planner.case.tree, planner.program, planner.basis
    costs = MUSD * (planner.rates @ planner.values)
    for node in tree.nodes:
        if node.previous >= 0:
            costs[node.index] += costs[node.previous]
    leaves = sorted(tree.leaves, key=lambda leaf: -costs[leaf])
    column = {(name, key[0]): j for j, (name, key) in enumerate(program.columns)
              if name in RISK}  # fmt: skip
    row = {(name, key[0]): i for i, (name, key) in enumerate(program.rows)
           if name in RISK_ROWS}  # fmt: skip
    basis.columns[column["tail", 0]] = BASIC
    for node in tree.nodes:
        basis.columns[column["cost_to_date", node.index]] = BASIC
        basis.rows[row["path_cost", node.index]] = LOWER
    tail, at_risk = 1 - planner.case.settings.cvar_level, False
    for leaf in leaves:
        tail -= tree.nodes[leaf].probability
        is_value_at_risk = not at_risk and (tail <= 0 or leaf == leaves[-1])
        beyond = not at_risk and not is_value_at_risk
        at_risk = at_risk or is_value_at_risk
        basis.columns[column["excess", leaf]] = BASIC if beyond else LOWER
        basis.rows[row["cvar_excess", leaf]] = LOWER if beyond or is_value_at_risk else BASIC
