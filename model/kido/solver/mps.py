"""The program as an MPS file, for other solvers."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import highspy

from kido.errors import OutputError
from kido.solver.handle import SolverCallError, accepted, new_solver, pass_program
from kido.solver.program import Program

LAST_LINE = b"ENDATA"


def check_export(path: Path) -> None:
    """Raise OutputError where no program should be written, before time is spent on it."""
    if path.suffix.lower() != ".mps":
        raise OutputError(f"{path}: the file of the program should end in .mps")
    if path.is_dir():
        raise OutputError(f"{path} is a folder: name a file")


def write_mps(program: Program, path: Path) -> None:
    """Write the program whole or not at all; rows and columns bear plain names.

    Row and column i of the file are those of `program.rows` and `program.columns`.
    Raises OutputError.
    """
    path = path.absolute()
    check_export(path)
    solver = new_solver()
    pass_program(solver, program)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export.") as folder:
            written = Path(folder) / "program.mps"
            if not _was_written(solver, written) or not _is_whole(written):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.replace(written, path)
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise
        reason = problem.strerror or str(problem)
        raise OutputError(f"the program cannot be written to {path}: {reason}") from problem


def _was_written(solver: highspy.Highs, path: Path) -> bool:
    try:
        accepted(solver.writeModel(str(path)), "writeModel")
    except SolverCallError:
        return False
    return True


def _is_whole(written: Path) -> bool:
    """HiGHS does not say when the disk is full."""
    if not written.is_file():
        return False
    with written.open("rb") as file:
        file.seek(max(0, written.stat().st_size - 64))
        return file.read().rstrip().endswith(LAST_LINE)
