"""HiGHS solvers: making them, passing programs, running them, and checking every call's status.

HiGHS goes on after a call that it refused: an unknown method leaves the one before, a program
that it cannot take leaves none. So every refusal is an error here. Three calls may warn:
`passModel` (coefficients below 1e-12 are left out, or sides exclude each other; solutions are
audited against the program as it was passed), `writeModel` (names that HiGHS makes up) and `run`
(it was stopped: the model status says so).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import SolverError
from kido.solver.program import Program
from kido.tolerances import DROPPED_COEFFICIENT, KEPT_COEFFICIENT

Status = highspy.HighsModelStatus
CANCEL_SECONDS = 10.0  # that a cancelled solve may take to end
MAY_WARN = ("passModel", "run", "writeModel")


class SolverCallError(SolverError):
    """The solver refused a call: an option, a program or a basis that it does not take."""


def check_status(status: highspy.HighsStatus | None, call: str) -> None:
    """Raise SolverCallError unless the status of a call is OK, or a warning that is let pass."""
    if status == highspy.HighsStatus.kOk:
        return
    if status == highspy.HighsStatus.kWarning and call.partition(" ")[0] in MAY_WARN:
        return
    raise SolverCallError(f"refused by the solver ({call})")


class SilentHighs(highspy.Highs):
    """HiGHS without console output from its construction on, which would print a banner."""

    def enableCallbacks(self) -> None:
        """Switch output off before the base class prints."""
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def new_solver(options: Mapping[str, Any] | None = None, log: Path | None = None) -> highspy.Highs:
    """A HiGHS solver with these options, silent but for its log file. Raises SolverCallError."""
    solver = SilentHighs()
    set_options(solver, {"log_to_console": False})
    if log is not None:
        set_options(solver, {"log_file": str(log), "output_flag": True})
    set_options(solver, options or {})
    return solver


def set_options(solver: highspy.Highs, options: Mapping[str, Any]) -> None:
    """Set options by name. Raises SolverCallError."""
    for option, value in options.items():
        check_status(solver.setOptionValue(option, value), f"setOptionValue {option} {value}")


def options_of(solver: highspy.Highs, names: Iterable[str]) -> dict[str, Any]:
    """The current values of these options. Raises SolverCallError."""
    values = {}
    for option in names:
        status, values[option] = solver.getOptionValue(option)
        check_status(status, f"getOptionValue {option}")
    return values


def pass_program(solver: highspy.Highs, program: Program) -> None:
    """Pass a program to a solver. Raises SolverCallError, also where a number of it is NaN."""
    check_numbers(program.cost, program.matrix.data)
    check_sides(program.lower, program.upper, program.low, program.high)
    sizes = np.abs(program.matrix.data)
    if sizes.min(initial=1.0, where=sizes > 0) <= DROPPED_COEFFICIENT:
        # not for every program: the presolve keeps what cancels down to this, and can fail of it
        set_options(solver, {"small_matrix_value": KEPT_COEFFICIENT})
    check_status(solver.passModel(program.highs_lp()), "passModel")


class LoadedSolver:
    """A solver and the program that it holds, whose numbers are changed in place."""

    def __init__(self, solver: highspy.Highs, program: Program):
        self.solver, self.program = solver, program
        self.in_sync = True  # whether the solver has the numbers of the program

    def change_to(self, program: Program) -> None:
        """Give the solver the numbers of another program of the same rows and columns.

        Its basis stays where the coefficients of the rows do. Raises SolverCallError.
        """
        old = self.program
        same = self.in_sync and _same_matrix(old, program)
        self.program, self.in_sync = program, False  # a call that is refused leaves a mixture
        if same:
            _change_numbers(self.solver, old, program)
        else:
            pass_program(self.solver, program)
        self.in_sync = True


def check_numbers(*parts: NDArray[np.float64]) -> None:
    """Raise SolverCallError where a cost or coefficient is not finite.

    HiGHS accepts NaN without a word, and solves something else.
    """
    if not all(np.isfinite(part).all() for part in parts):
        raise SolverCallError("refused: a cost or a coefficient of the program is no number")


def check_sides(*parts: NDArray[np.float64]) -> None:
    """Raise SolverCallError where a side of a row or column is NaN."""
    if any(np.isnan(part).any() for part in parts):
        raise SolverCallError("refused: a side of the program is no number")


def run_solver(solver: highspy.Highs) -> None:
    """Run a solver so that Ctrl-C cancels it; the model status says how it ended.

    Ctrl-C reaches the main thread only: there the solver runs in a thread of its own; in other
    threads it runs directly. Raises SolverCallError where it could not run.
    """
    if threading.current_thread() is not threading.main_thread():
        check_status(solver.run(), "run")
        return
    solver.HandleUserInterrupt = True
    others = set(threading.enumerate())
    try:
        solver.startSolve()
        ended, status = solver.wait(0.2)
        while not ended:
            ended, status = solver.wait(0.2)
    except BaseException:
        solver.cancelSolve()
        ending = time.monotonic() + CANCEL_SECONDS
        # its thread, even if it has only just begun
        while set(threading.enumerate()) - others and time.monotonic() < ending:
            time.sleep(0.01)
        raise
    solver.HandleUserInterrupt = False  # a solver that listens to itself would stay in memory
    check_status(status, "run")


def _change_numbers(solver: highspy.Highs, old: Program, program: Program) -> None:
    """Change those numbers of the solver that differ. Raises SolverCallError."""
    columns = np.arange(len(program.columns), dtype=np.int32)
    rows = np.arange(len(program.rows), dtype=np.int32)
    check_numbers(program.cost)
    check_sides(program.lower, program.upper, program.low, program.high)
    indices = columns[old.cost != program.cost]
    if len(indices):
        status = solver.changeColsCost(len(indices), indices, program.cost[indices])
        check_status(status, "changeColsCost")
    indices = columns[(old.low != program.low) | (old.high != program.high)]
    if len(indices):
        status = solver.changeColsBounds(
            len(indices), indices, program.low[indices], program.high[indices]
        )
        check_status(status, "changeColsBounds")
    indices = rows[(old.lower != program.lower) | (old.upper != program.upper)]
    if len(indices):
        sides = program.lower[indices], program.upper[indices]
        status = solver.changeRowsBounds(len(indices), indices, *sides)  # type: ignore[attr-defined]
        check_status(status, "changeRowsBounds")
    if old.offset != program.offset:
        check_status(solver.changeObjectiveOffset(program.offset), "changeObjectiveOffset")


def _same_matrix(old: Program, new: Program) -> bool:
    old_matrix, new_matrix = old.matrix, new.matrix
    return old_matrix is new_matrix or (
        old_matrix.shape == new_matrix.shape
        and np.array_equal(old_matrix.indptr, new_matrix.indptr)
        and np.array_equal(old_matrix.indices, new_matrix.indices)
        and np.array_equal(old_matrix.data, new_matrix.data)
    )
