"""The block structure of a program: its rows and columns by branch of the scenario tree.

A row has columns of its own branch and of those before it, so the program is block triangular:
the rows of a path have no columns but those of the path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.case.tree import Tree
from kido.solver.program import Name, Program

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Block:
    """The rows and columns of one or more branches, of which each parts from the one before.

    `branches` are a branch with a history of its own, and before it those that have none and
    lead to it. `parent` is the index of the block it parts from, -1 for the first.
    """

    branches: tuple[int, ...]
    parent: int
    rows: Indices
    columns: Indices


@dataclass(frozen=True)
class BlockStructure:
    """The blocks of a program, parents before children.

    `row_nodes` and `column_nodes` are the node of each row and column, `node_blocks` and
    `column_blocks` the block of each node and column.
    """

    blocks: tuple[Block, ...]
    row_nodes: Indices
    column_nodes: Indices
    node_blocks: Indices
    column_blocks: Indices

    def path(self, block: int) -> list[int]:
        """The indices of the blocks from the first to this one."""
        path = []
        while block >= 0:
            path.append(block)
            block = self.blocks[block].parent
        return path[::-1]


def block_structure(program: Program, tree: Tree) -> BlockStructure | None:
    """The blocks of a program; None where a row has a column of another path."""
    row_nodes, column_nodes = nodes_of(program.rows), nodes_of(program.columns)
    branch_of = tree.branch_numbers
    row_branches, column_branches = branch_of[row_nodes], branch_of[column_nodes]
    if not _block_triangular(program, tree, row_branches, column_branches):
        return None
    groups = list(_groups(tree))
    block_of = {branch: index for index, group in enumerate(groups) for branch in group}
    block_at = np.array([block_of.get(branch, -1) for branch in range(len(tree.branches))])
    rows = _by_block(block_at[row_branches], len(groups))
    columns = _by_block(block_at[column_branches], len(groups))
    blocks = [
        Block(
            group,
            block_of.get(_ancestor(tree, group[0], block_of), -1),
            rows[index],
            columns[index],
        )
        for index, group in enumerate(groups)
    ]
    node_blocks, column_blocks = block_at[branch_of], block_at[column_branches]
    return BlockStructure(tuple(blocks), row_nodes, column_nodes, node_blocks, column_blocks)


def nodes_of(names: Sequence[Name]) -> Indices:
    """The node of each row or column."""
    return np.fromiter((key[-1] for _, key in names), dtype=np.intp, count=len(names))


def _block_triangular(
    program: Program, tree: Tree, row_branches: Indices, column_branches: Indices
) -> bool:
    """Whether each row has columns of its own branch and of its ancestors only."""
    count = len(tree.branches)
    rows = np.repeat(row_branches, np.diff(program.matrix.indptr))
    pairs = np.unique(rows * count + column_branches[program.matrix.indices])
    return all(int(column) in _lineage(tree, int(row)) for row, column in
               zip(*np.divmod(pairs, count), strict=True))  # fmt: skip


def _lineage(tree: Tree, branch: int) -> Iterator[int]:
    """A branch and its ancestors."""
    while branch >= 0:
        yield branch
        branch = tree.branches[branch].parent


def _ancestor(tree: Tree, branch: int, among: dict[int, int]) -> int:
    """The nearest ancestor of a branch that is in `among`; -1 where there is none."""
    lineage = iter(_lineage(tree, branch))
    next(lineage)
    return next((ancestor for ancestor in lineage if ancestor in among), -1)


def _groups(tree: Tree) -> Iterator[tuple[int, ...]]:
    """The branches of each block, parents before children.

    A branch without a history of its own would be planned as if the world ended with it: it is
    taken together with its likeliest child.
    """
    present = {branch: branch for branch, nodes in enumerate(tree.of_branch) if nodes}
    children: dict[int, list[int]] = {}
    for branch in present:
        children.setdefault(_ancestor(tree, branch, present), []).append(branch)
    with_history = {tree.nodes[leaf].branch for leaf in tree.leaves}
    grouped: set[int] = set()
    for branch in present:
        if branch in grouped:
            continue
        group = [branch]
        while group[-1] not in with_history:
            group.append(max(children[group[-1]], key=lambda b: tree.branches[b].probability))
        grouped.update(group)
        yield tuple(group)


def _by_block(blocks: Indices, count: int) -> list[Indices]:
    """The positions that are of each block, in order."""
    order = np.argsort(blocks, kind="stable")
    return np.split(order, np.searchsorted(blocks[order], np.arange(1, count)))
