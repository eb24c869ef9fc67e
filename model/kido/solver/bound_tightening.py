"""Bound tightening: sides of columns and rows that other rows imply.

From lower <= sum of a x <= upper, each column of a row is bounded by what the least and the
most of the others leave it, and a row by the least and the most of its columns. Every round
propagates bounds by one row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.tolerances import IMPLIED_SHARE

Vector = NDArray[np.float64]


@dataclass
class BoundTightening:
    """The sides of columns (`low`, `high`: tightened in place) and rows (`lower`, `upper`)."""

    matrix: csr_matrix
    lower: Vector
    upper: Vector
    low: Vector
    high: Vector

    def __post_init__(self) -> None:
        self.row = np.repeat(np.arange(self.matrix.shape[0]), np.diff(self.matrix.indptr))
        self.column, self.rate = self.matrix.indices, self.matrix.data
        self.pending = np.ones(self.matrix.shape[0], dtype=bool)  # rows of columns that moved
        everything = np.arange(len(self.row))
        self.endless_below, self.endless_above = (
            self._count(everything, ~np.isfinite(own)) for own in self._own(everything)
        )

    def activity(self, rows: NDArray[np.bool_]) -> tuple[Vector, Vector]:
        """The least and the most activity of the rows of a mask, from their columns alone.

        The numbers of other rows say nothing.
        """
        terms = np.flatnonzero(rows[self.row])
        least, most = self._sums(terms, *self._own(terms))
        return np.where(self.endless_below > 0, -np.inf, least), np.where(
            self.endless_above > 0, np.inf, most
        )

    def tighten(self) -> bool:
        """Tighten the sides of columns by one round. Returns whether any changed.

        A row whose columns have not moved implies nothing new, and one with two terms without an
        end leaves each of its terms without one.
        """
        below, above = self.endless_below, self.endless_above
        upper, lower = np.isfinite(self.upper), np.isfinite(self.lower)
        implies = (upper & (below < 2)) | (lower & (above < 2))
        terms = np.flatnonzero((self.pending & implies)[self.row])
        own_least, own_most = self._own(terms)
        least, most = self._sums(terms, own_least, own_most)
        # where one term has no end, only that one is bounded by the others
        row = self.row[terms]
        bounded = (upper & (below == 0))[row] | (lower & (above == 0))[row]
        kept = np.flatnonzero(bounded | ~np.isfinite(own_least) | ~np.isfinite(own_most))
        terms, row, own_least, own_most = terms[kept], row[kept], own_least[kept], own_most[kept]
        column, rate = self.column[terms], self.rate[terms]
        others_least = _without(own_least, least[row], below[row], -np.inf)
        others_most = _without(own_most, most[row], above[row], np.inf)
        with np.errstate(invalid="ignore"):
            at_most = (self.upper[row] - others_least) / rate
            at_least = (self.lower[row] - others_most) / rate
        falling = rate < 0
        at_least, at_most = (
            np.where(falling, at_most, at_least),
            np.where(falling, at_least, at_most),
        )
        low, high = self.low.copy(), self.high.copy()
        size = (np.abs(least) + np.abs(most))[row] / np.abs(rate)
        np.maximum.at(low, column, _wider(at_least, size, -1.0))
        np.minimum.at(high, column, _wider(at_most, size, 1.0))
        return self._move(low, high)

    def _move(self, low: Vector, high: Vector) -> bool:
        """Set the sides of columns. Returns whether any changed."""
        moved = (low > self.low) | (high < self.high)
        terms = np.flatnonzero(moved[self.column])
        before = self._own(terms)
        self.low, self.high = low, high
        gains = [np.isfinite(new) & ~np.isfinite(old)
                 for new, old in zip(self._own(terms), before, strict=True)]  # fmt: skip
        self.endless_below -= self._count(terms, gains[0])
        self.endless_above -= self._count(terms, gains[1])
        self.pending = self._count(terms, np.ones(len(terms), dtype=bool)) > 0
        return bool(moved.any())

    def _own(self, terms: NDArray[np.intp]) -> tuple[Vector, Vector]:
        """The least and the most of each of these terms."""
        rate, column = self.rate[terms], self.column[terms]
        below, above = rate * self.low[column], rate * self.high[column]
        return np.minimum(below, above), np.maximum(below, above)

    def _sums(self, terms: NDArray[np.intp], least: Vector, most: Vector) -> tuple[Vector, Vector]:
        """Of each row: the sums of the least and of the most of these terms, where finite."""
        row, size = self.row[terms], len(self.lower)
        sums = (np.bincount(row, np.where(np.isfinite(own), own, 0.0), minlength=size)
                for own in (least, most))  # fmt: skip
        least_sum, most_sum = (total.astype(np.float64) for total in sums)
        return least_sum, most_sum

    def _count(self, terms: NDArray[np.intp], mask: NDArray[np.bool_]) -> NDArray[np.intp]:
        """How many of these terms each row has under the mask."""
        return np.bincount(self.row[terms[mask]], minlength=len(self.lower))


def _without(own: Vector, total: Vector, unlimited: Vector, infinity: float) -> Vector:
    """The total of each row without the term itself."""
    finite = np.isfinite(own)
    others = np.where(finite, total - np.where(finite, own, 0.0), total)
    return np.where(unlimited - ~finite > 0, infinity, others)


def _wider(side: Vector, size: Vector, sign: float) -> Vector:
    """The side, widened by what rounding may have cost; infinite where it is NaN."""
    side = np.where(np.isnan(side), sign * np.inf, side)
    return side + sign * IMPLIED_SHARE * (1.0 + np.abs(side) + size)
