"""The program as an MPS file, for other solvers."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import highspy

from kido.solve.handover import Program


def write_mps(program: Program, path: Path) -> None:
    """Write the program whole or not at all; rows and columns bear plain names.

    Row and column i of the file are those of `program.rows` and `program.columns`.
    """
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(program.highs_lp())
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export.") as folder:
        written = Path(folder) / f"{path.stem}.mps"
        if solver.writeModel(str(written)) == highspy.HighsStatus.kError:
            raise OSError(f"the program could not be written to {path}")
        os.replace(written, path)
