"""Export of a program as an MPS file, for other solvers."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import highspy

from kido.errors import OutputError
from kido.solver.handle import SolverCallError, check_status, new_solver, pass_program
from kido.solver.program import Program

LAST_LINE = b"ENDATA"


def check_export(path: Path) -> None:
    """Raise OutputError where `path` is no .mps file, before time is spent on solving."""
    if path.suffix.lower() != ".mps":
        raise OutputError(f"{path}: the file of the program should end in .mps")
    if path.is_dir():
        raise OutputError(f"{path} is a folder: name a file")


def write_mps(program: Program, path: Path) -> None:
    """Write a program as an MPS file, whole or not at all.

    HiGHS names rows and columns by number: i is that of `program.rows` and `program.columns`.
    Raises OutputError, or OSError where the disk is full.
    """
    path = path.absolute()
    check_export(path)
    solver = new_solver()
    pass_program(solver, program)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export.") as folder:
            draft = Path(folder) / "program.mps"
            if not _write_model(solver, draft) or not _is_whole(draft):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.replace(draft, path)
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise
        reason = problem.strerror or str(problem)
        raise OutputError(f"the program cannot be written to {path}: {reason}") from problem


def _write_model(solver: highspy.Highs, path: Path) -> bool:
    try:
        check_status(solver.writeModel(str(path)), "writeModel")
    except SolverCallError:
        return False
    return True


def _is_whole(path: Path) -> bool:
    """Whether the file ends as an MPS file does: HiGHS does not report a full disk."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 64))
        return file.read().rstrip().endswith(LAST_LINE)
