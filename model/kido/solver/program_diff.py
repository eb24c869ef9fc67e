"""`Change`: the difference of two programs on the same rows and columns, and its arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from kido.solver.program import Program
from kido.tolerances import SAME_COEFFICIENT_SHARE

Vector = NDArray[np.float64]
PARTS = ("cost", "lower", "upper", "low", "high")


@dataclass(frozen=True)
class Change:
    """Sparse numbers to add to a program: to each of its five vectors, and to its matrix.

    `vector` holds the five parts one after another, as one sparse row.
    """

    vector: csr_matrix
    matrix: csr_matrix

    @staticmethod
    def of(base: Program, program: Program) -> Change:
        """The change from `base` to `program`; infinite for a limit that comes or goes."""
        parts = [_difference(getattr(program, part), getattr(base, part)) for part in PARTS]
        differences = np.concatenate(parts)
        matrix = csr_matrix(program.matrix - base.matrix)
        matrix.eliminate_zeros()
        return Change(csr_matrix(differences.reshape(1, -1)), matrix)

    def part(self, base: Program, name: str) -> Vector:
        """One vector of PARTS in full length."""
        sizes = [len(getattr(base, part)) for part in PARTS]
        ends = np.cumsum(sizes)
        at = PARTS.index(name)
        numbers: Vector = self.vector[0, ends[at] - sizes[at] : ends[at]].toarray().ravel()
        return numbers

    def on(self, base: Program) -> Program:
        """The program that this change of `base` leads to."""
        vectors = {part: getattr(base, part) + self.part(base, part) for part in PARTS}
        matrix = csr_matrix(base.matrix + self.matrix) if self.matrix.nnz else base.matrix
        return replace(base, matrix=matrix, **vectors)

    def __sub__(self, other: Change) -> Change:
        return Change(
            csr_matrix(self.vector - other.vector), csr_matrix(self.matrix - other.matrix)
        )

    def __mul__(self, factor: float) -> Change:
        return Change(self.vector * factor, self.matrix * factor)

    def __add__(self, other: Change) -> Change:
        return Change(
            csr_matrix(self.vector + other.vector), csr_matrix(self.matrix + other.matrix)
        )

    def near(self, other: Change) -> bool:
        """Whether both changes are the same but for rounding."""
        return all(
            _near_zero(mine, theirs)
            for mine, theirs in ((self.vector, other.vector), (self.matrix, other.matrix))
        )

    @property
    def finite(self) -> bool:
        """Whether no limit comes or goes."""
        return bool(np.isfinite(self.vector.data).all())


def _difference(first: Vector, second: Vector) -> Vector:
    same = first == second
    with np.errstate(invalid="ignore"):
        difference = first - second
    return np.where(same, 0.0, difference)


def _near_zero(first: csr_matrix, second: csr_matrix) -> bool:
    difference = csr_matrix(first - second)
    positions = difference.nonzero()
    if not len(positions[0]):
        return True
    size = np.asarray((abs(first) + abs(second))[positions]).ravel()
    return bool(
        np.all(
            np.abs(np.asarray(difference[positions]).ravel())
            <= SAME_COEFFICIENT_SHARE * size + SAME_COEFFICIENT_SHARE
        )
    )
