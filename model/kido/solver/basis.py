"""`Basis`: the basis status of each column and row, read from HiGHS and set as a start."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.solver.handle import check_status
from kido.solver.program import Program

LOWER, BASIC, UPPER, ZERO = (
    int(status)
    for status in (
        highspy.HighsBasisStatus.kLower,
        highspy.HighsBasisStatus.kBasic,
        highspy.HighsBasisStatus.kUpper,
        highspy.HighsBasisStatus.kZero,
    )
)
STATUSES = tuple(highspy.HighsBasisStatus(number) for number in range(5))


@dataclass(frozen=True)
class Basis:
    """The basis status of each column and row, as HiGHS numbers them."""

    columns: NDArray[np.int8]
    rows: NDArray[np.int8]


def basis_of(solver: highspy.Highs) -> Basis:
    """The basis of a solver that has run."""
    basis = solver.getBasis()
    return Basis(
        np.array([int(status) for status in basis.col_status], dtype=np.int8),
        np.array([int(status) for status in basis.row_status], dtype=np.int8),
    )


def set_basis(solver: highspy.Highs, basis: Basis, square: bool = True) -> None:
    """Make a solver start from a basis.

    Unless `square`, the number of basic columns and rows need not be that of the rows: HiGHS
    then takes as many as are independent. Raises SolverCallError.
    """
    highs_basis = highspy.HighsBasis()
    highs_basis.col_status = [STATUSES[number] for number in basis.columns]
    highs_basis.row_status = [STATUSES[number] for number in basis.rows]
    highs_basis.valid = True
    highs_basis.alien = not square
    check_status(solver.setBasis(highs_basis), "setBasis")


def slack_basis(low: NDArray[np.float64], high: NDArray[np.float64], rows: int) -> Basis:
    """The basis of the slacks of all rows: each column stands at a finite bound, or at 0."""
    columns = np.where(np.isfinite(low), LOWER, np.where(np.isfinite(high), UPPER, ZERO))
    return Basis(columns.astype(np.int8), np.full(rows, BASIC, dtype=np.int8))


def transfer_basis(basis: Basis, old: Program, new: Program) -> Basis:
    """A basis of one program as a start for another: rows and columns of both keep their status.

    New columns begin at their lower bound, new rows are basic; the solver repairs the number of
    basic ones.
    """
    columns = dict(zip(old.columns, basis.columns.tolist(), strict=True))
    rows = dict(zip(old.rows, basis.rows.tolist(), strict=True))
    return Basis(
        np.array([columns.get(name, LOWER) for name in new.columns], dtype=np.int8),
        np.array([rows.get(name, BASIC) for name in new.rows], dtype=np.int8),
    )
