"""`Rows`: the rows of one key, one for each node, independent of any modelling library."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_matrix

from kido.data.case.case import Array, Arrivals, Stock, Window
from kido.data.case.tree import Tree
from kido.lp.variables import Indices, Key, Mask, Names, keys_at
from kido.tolerances import EMPTY_ROW_T

Terms = tuple[Indices, Array, Indices]  # node, coefficient and column of each


class Rows:
    """The rows lower <= sum of terms <= upper of one key, one for each node of the tree.

    A row without a term is no row of the program.
    """

    def __init__(
        self, key: Names, nodes: int, lower: ArrayLike = -math.inf, upper: ArrayLike = math.inf
    ):
        self.key = key
        self.lower: Array = np.full(nodes, lower, dtype=float)
        self.upper: Array = np.full(nodes, upper, dtype=float)
        self.kept: Mask = np.ones(nodes, dtype=bool)
        self.terms: list[Terms] = []

    def add(self, coefficient: ArrayLike, columns: Indices, at: Indices | None = None) -> None:
        """Add the terms coefficient[i] x columns[i] to the rows of the nodes at[i].

        Without `at` there is one term for each node. Column -1 (there is none) and coefficient 0
        are no terms.
        """
        at = np.arange(len(columns)) if at is None else at
        rate = np.broadcast_to(np.asarray(coefficient, dtype=float), columns.shape)
        there = (columns >= 0) & (rate != 0)
        self.terms.append((at[there], rate[there], columns[there]))

    def add_constant(self, amount: Array) -> None:
        """Add an amount of each node to both sides."""
        self.lower += amount
        self.upper += amount

    def keep(self, where: Mask) -> None:
        """Leave out the rows of all nodes but these."""
        self.kept &= where

    @property
    def counts(self) -> Indices:
        """The number of terms in each node."""
        return np.bincount(joined(self.terms)[0], minlength=len(self.kept))

    def merge(self) -> None:
        """Add up the coefficients of a column that comes twice in a row; those that cancel go."""
        at, rate, columns = joined(self.terms)
        width = columns.max(initial=0) + 1
        cells, place = np.unique(at * width + columns, return_inverse=True)
        self.terms.clear()
        self.add(np.bincount(place, rate, len(cells)), cells % width, cells // width)


class RowsByKey(dict[Names, Rows]):
    """Rows by key, made when first asked for, all with the same sides."""

    def __init__(self, nodes: int, lower: float = -math.inf, upper: float = math.inf):
        super().__init__()
        self.nodes, self.lower, self.upper = nodes, lower, upper

    def __missing__(self, key: Names) -> Rows:
        self[key] = Rows(key, self.nodes, self.lower, self.upper)
        return self[key]


def joined(terms: Sequence[Terms]) -> Terms:
    """Terms one after another."""
    at, rate, columns = zip(*terms, strict=True) if terms else ((), (), ())
    return _concatenated(at, np.intp), _concatenated(rate, float), _concatenated(columns, np.intp)


def triplets(arrivals: Arrivals) -> tuple[Indices, Indices, Array]:
    """The (node, node of sending, share) of arrivals, as three arrays."""
    at = np.repeat(np.arange(len(arrivals)), [len(parts) for parts in arrivals])
    parts = np.array(list(chain.from_iterable(arrivals)), dtype=float).reshape(-1, 2)
    return at, parts[:, 0].astype(np.intp), parts[:, 1]


def members(windows: Sequence[Window]) -> tuple[Indices, Indices]:
    """The (node of the window, node in it) of all nodes of windows, as two arrays."""
    nodes = [n for window in windows for n in window.members]
    at = np.repeat([w.node for w in windows], [len(w.members) for w in windows])
    return at.astype(np.intp), np.array(nodes, dtype=np.intp)


def before(tree: Tree, columns: Indices) -> Indices:
    """For each node the column of the node before it; -1 at a root."""
    return np.append(columns, -1)[tree.previous]


def opening(tree: Tree, stock: Stock) -> Array:
    """t of the opening stock of a stockpile in each node: all of it at a root."""
    return np.where(tree.previous < 0, stock.opening, 0.0)


@dataclass(frozen=True)
class Row:
    """The key and the sides of a row."""

    key: Key
    lower: float
    upper: float


@dataclass(frozen=True)
class FamilyRows:
    """The rows of a family in the order of their keys: lower <= matrix x <= upper.

    `empty` are those without a term that ask for something; they are not among the others.
    """

    family: str
    keys: list[Key]
    lower: Array
    upper: Array
    matrix: csr_matrix
    empty: list[Row]

    @classmethod
    def of(cls, family: str, parts: Iterable[Rows], columns: int) -> FamilyRows:
        """The rows of a family on so many columns; a column's coefficients are added up."""
        blocks = sorted(parts, key=lambda rows: rows.key)
        lower = _concatenated([rows.lower for rows in blocks], float)
        upper = _concatenated([rows.upper for rows in blocks], float)
        kept = _concatenated([rows.kept for rows in blocks], bool)
        at, rate, column = joined(
            [
                (i * len(rows.kept) + at, rate, column)
                for i, rows in enumerate(blocks)
                for at, rate, column in rows.terms
            ]
        )
        filled = np.zeros(len(kept), dtype=bool)
        filled[at] = True
        asking = (lower > EMPTY_ROW_T) | (upper < -EMPTY_ROW_T)
        used, empty = kept & filled, kept & ~filled & asking
        number, inside = np.cumsum(used) - 1, used[at]
        matrix = csr_matrix(
            (rate[inside], (number[at[inside]], column[inside])), shape=(used.sum(), columns)
        )
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        sides = _keys(blocks, empty), lower[empty].tolist(), upper[empty].tolist()
        return cls(
            family=family,
            keys=_keys(blocks, used),
            lower=lower[used],
            upper=upper[used],
            matrix=matrix,
            empty=[Row(*row) for row in zip(*sides, strict=True)],
        )


def _concatenated(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype), *parts])


def _keys(blocks: Sequence[Rows], where: Mask) -> list[Key]:
    """The keys of the rows of blocks, of those in `where`."""
    parts = zip(blocks, np.split(where, len(blocks) or 1), strict=False)
    return [key for rows, there in parts for key in keys_at(rows.key, there)]
