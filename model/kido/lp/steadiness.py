"""Steadiness: how much flows change from one period to the next, counted in whole swings.

A flow that goes from nothing to the most that it does in the near months, or back, has made one
swing: so each lane and plant counts alike, whatever its tonnes. The near months are the first
two years of what is planned until something becomes known: what a planner signs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.data.case.case import Array, Case
from kido.data.case.tree import Tree
from kido.lp.variables import Mask, Variables
from kido.tolerances import ORDERED_T

FLOWS = ("buy", "run", "ship", "lift")
KEPT = ("reserve", "expand")  # a steadier plan takes these decisions over as they are
NOT_MORE = ("relieve", "breach")  # and has no more of these anywhere
NEAR_MONTHS = 24


def near_nodes(tree: Tree) -> Mask:
    """The nodes of the near months on the branch that begins with the plan."""
    base = np.array(tree.base_nodes, dtype=np.intp)
    near: Mask = np.zeros(len(tree.nodes), dtype=bool)
    near[base] = tree.spans[0][base] < tree.start + NEAR_MONTHS
    return near


def changes_of(case: Case, variables: Variables, values: Array) -> csr_matrix:
    """The matrix whose rows times a plan are its changes from node to node, in swings.

    Of monthly rates, as a share of the largest of that flow in `values`, t by column. Where a
    flow has no column it is closed: to open it, or to close it, is no change.
    """
    tree = case.tree
    starts, ends = tree.spans
    months, near = (ends - starts).astype(float), near_nodes(tree)
    coefficients: list[Array] = []
    places: list[NDArray[np.intp]] = []
    for (name, _), columns in zip(variables.blocks, variables.numbers, strict=True):
        if name not in FLOWS:
            continue
        there = np.flatnonzero(near & (columns >= 0))
        largest = (values[columns[there]] / months[there]).max(initial=0.0)
        if largest <= ORDERED_T:
            continue
        there = there[(tree.previous[there] >= 0) & (columns[tree.previous[there]] >= 0)]
        pairs = np.stack((there, tree.previous[there]), axis=1)
        coefficients.append((np.array([1, -1]) / (largest * months[pairs])).ravel())
        places.append(columns[pairs].ravel())
    data = np.concatenate([np.zeros(0), *coefficients])
    indices = np.concatenate([np.zeros(0, dtype=np.intp), *places])
    rows = len(data) // 2
    return csr_matrix((data, indices, 2 * np.arange(rows + 1)), shape=(rows, variables.count))


def steady_bounds(
    case: Case, variables: Variables, values: Array, low: Array, high: Array
) -> tuple[Array, Array]:
    """The bounds, within `low` and `high`, of the columns of a plan steadier than `values`.

    What is reserved and built stays as it is, nobody goes shorter in any month, and no flow is
    begun in the near months that the plan does without.
    """
    low, high, near = low.copy(), high.copy(), near_nodes(case.tree)
    for (name, _), columns in zip(variables.blocks, variables.numbers, strict=True):
        there = columns[columns >= 0]
        if name in FLOWS:
            there = columns[near & (columns >= 0)]
            if (values[there] > ORDERED_T).any():
                continue
        elif name not in (*KEPT, *NOT_MORE):
            continue
        high[there] = np.clip(values[there], low[there], high[there])
        if name in KEPT:
            low[there] = high[there]
    return low, high
