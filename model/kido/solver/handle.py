"""The one door to HiGHS: where a solver is made, and where the status of every call is looked at.

HiGHS goes on after a call that it refused: an unknown method leaves the one before, a program
that it cannot take leaves none. So every refusal is an error here. Two warnings are let pass,
as what comes of them is looked at anyway: `passModel` (coefficients below 1e-12 are left out, or
sides exclude each other; answers are audited against the program as it was given) and
`writeModel` (names that HiGHS makes up). A run that warns was stopped: its model status says so.
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
PARTING = 10.0  # seconds a stopped solve is given to end
MAY_WARN = ("passModel", "run", "writeModel")


class SolverCallError(SolverError):
    """The solver does not take what it is given."""


def accepted(status: highspy.HighsStatus | None, call: str) -> None:
    """Raise SolverCallError unless the call did what it was asked for."""
    if status == highspy.HighsStatus.kOk:
        return
    if status == highspy.HighsStatus.kWarning and call.partition(" ")[0] in MAY_WARN:
        return
    raise SolverCallError(f"refused by the solver ({call})")


class SilentHighs(highspy.Highs):
    """Says nothing on the console from the first: making one would print the solver's name."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


def new_solver(options: Mapping[str, Any] | None = None, log: Path | None = None) -> highspy.Highs:
    """A solver with these options, silent but for its log. Raises SolverCallError."""
    solver = SilentHighs()
    set_options(solver, {"log_to_console": False})
    if log is not None:
        set_options(solver, {"log_file": str(log), "output_flag": True})
    set_options(solver, options or {})
    return solver


def set_options(solver: highspy.Highs, options: Mapping[str, Any]) -> None:
    for option, value in options.items():
        accepted(solver.setOptionValue(option, value), f"setOptionValue {option} {value}")


def options_of(solver: highspy.Highs, names: Iterable[str]) -> dict[str, Any]:
    """The values these options have. Raises SolverCallError."""
    values = {}
    for option in names:
        status, values[option] = solver.getOptionValue(option)
        accepted(status, f"getOptionValue {option}")
    return values


def pass_program(solver: highspy.Highs, program: Program) -> None:
    check_numbers(program.cost, program.matrix.data)
    check_sides(program.lower, program.upper, program.low, program.high)
    sizes = np.abs(program.matrix.data)
    if sizes.min(initial=1.0, where=sizes > 0) <= DROPPED_COEFFICIENT:
        # not for every program: the presolve keeps what cancels down to this, and can fail of it
        set_options(solver, {"small_matrix_value": KEPT_COEFFICIENT})
    accepted(solver.passModel(program.highs_lp()), "passModel")


def check_numbers(*parts: NDArray[np.float64]) -> None:
    """HiGHS takes what is no number without a word, and solves something else."""
    if not all(np.isfinite(part).all() for part in parts):
        raise SolverCallError("refused: a cost or a coefficient of the program is no number")


def check_sides(*parts: NDArray[np.float64]) -> None:
    if any(np.isnan(part).any() for part in parts):
        raise SolverCallError("refused: a side of the program is no number")


def run_solver(solver: highspy.Highs) -> None:
    """Run where Ctrl-C is heard: the solver in a thread of its own, stopped if it comes.

    How it ended is the model status. Raises SolverCallError where it could not run. Ctrl-C is heard by the
    main thread alone; in others the solver runs as it is, as many at once as there are.
    """
    if threading.current_thread() is not threading.main_thread():
        accepted(solver.run(), "run")
        return
    if not solver.HandleUserInterrupt:  # each time it is set, it is asked once more
        solver.HandleUserInterrupt = True
    others = set(threading.enumerate())
    try:
        solver.startSolve()
        ended, status = solver.wait(0.2)
        while not ended:
            ended, status = solver.wait(0.2)
    except BaseException:
        solver.cancelSolve()
        ending = time.monotonic() + PARTING
        # its thread, even if it has only just begun
        while set(threading.enumerate()) - others and time.monotonic() < ending:
            time.sleep(0.01)
        raise
    accepted(status, "run")
