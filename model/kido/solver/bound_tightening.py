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
        self.order = np.argsort(self.column, kind="stable")
        ordered = self.column[self.order]
        self.starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        self.bounded = ordered[self.starts]

    def activity(self) -> tuple[Vector, Vector]:
        """The least and the most activity of each row, from the bounds of its columns alone."""
        least, most, endless_below, endless_above = self._sums()
        return np.where(endless_below > 0, -np.inf, least), np.where(
            endless_above > 0, np.inf, most
        )

    def tighten(self) -> bool:
        """Tighten the sides of columns by one round. Returns whether any changed."""
        least, most, endless_below, endless_above = self._sums()
        own_least, own_most = self._own()
        others_least = _without(own_least, least[self.row], endless_below[self.row], -np.inf)
        others_most = _without(own_most, most[self.row], endless_above[self.row], np.inf)
        with np.errstate(invalid="ignore"):
            at_most = (self.upper[self.row] - others_least) / self.rate
            at_least = (self.lower[self.row] - others_most) / self.rate
        falling = self.rate < 0
        at_least, at_most = (
            np.where(falling, at_most, at_least),
            np.where(falling, at_least, at_most),
        )
        low, high = self.low.copy(), self.high.copy()
        if not len(self.bounded):
            return False
        size = (np.abs(least) + np.abs(most))[self.row] / np.abs(self.rate)
        best = np.maximum.reduceat(_wider(at_least, size, -1.0)[self.order], self.starts)
        low[self.bounded] = np.maximum(low[self.bounded], best)
        best = np.minimum.reduceat(_wider(at_most, size, 1.0)[self.order], self.starts)
        high[self.bounded] = np.minimum(high[self.bounded], best)
        tightened = bool((low > self.low).any() or (high < self.high).any())
        self.low, self.high = low, high
        return tightened

    def _own(self) -> tuple[Vector, Vector]:
        """The least and the most of each term."""
        below, above = self.rate * self.low[self.column], self.rate * self.high[self.column]
        return np.minimum(below, above), np.maximum(below, above)

    def _sums(self) -> tuple[Vector, Vector, Vector, Vector]:
        """Of each row: its finite least and most, and how many terms are without an end."""
        own_least, own_most = self._own()
        size = self.matrix.shape[0]

        def summed(terms: Vector) -> tuple[Vector, Vector]:
            finite = np.isfinite(terms)
            total = np.bincount(self.row, np.where(finite, terms, 0.0), minlength=size)
            unlimited = np.bincount(self.row, ~finite, minlength=size)
            return total.astype(np.float64), unlimited.astype(np.float64)

        (least, endless_below), (most, endless_above) = summed(own_least), summed(own_most)
        return least, most, endless_below, endless_above


def _without(own: Vector, total: Vector, unlimited: Vector, infinity: float) -> Vector:
    """The total of each row without the term itself."""
    finite = np.isfinite(own)
    others = np.where(finite, total - np.where(finite, own, 0.0), total)
    return np.where(unlimited - ~finite > 0, infinity, others)


def _wider(side: Vector, size: Vector, sign: float) -> Vector:
    """The side, widened by what rounding may have cost; infinite where it is NaN."""
    side = np.where(np.isnan(side), sign * np.inf, side)
    return side + sign * IMPLIED_SHARE * (1.0 + np.abs(side) + size)
