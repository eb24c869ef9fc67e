"""What a sweep has already worked out, kept on disk until its results are written.

One file for each answer, whole or not there: an interrupted sweep takes up where it stopped.
Arrays and JSON only: nothing in them can be run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from kido.files import write_whole
from kido.solver.parametric_program import Plan
from kido.solver.program_diff import Change
from kido.solver.warm_start import Basis
from kido.study.point import Outcome
from kido.study.resolve.evaluate import Evaluation
from kido.study.resolve.warm_model import WarmStart

SEAL = "sha256"
SPARSE = ("data", "indices", "indptr", "shape")


class ResultCache:
    """A folder of answers by key. `folder` None: nothing is kept."""

    def __init__(self, folder: Path | None):
        self.folder = folder

    def get(self, key: str) -> list[Evaluation] | None:
        """The answers under a key; None where there are none, or none that can be read."""
        if self.folder is None:
            return None
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as stored:
                arrays = dict(stored)
            if str(arrays.pop(SEAL)) != _seal(key, arrays):
                return None
            return _found(arrays)
        except Exception:  # whatever a torn or foreign file is mistaken for, it is no answer
            return None

    def put(self, key: str, evaluations: list[Evaluation]) -> None:
        """Kept whole or not at all; where nothing can be kept the sweep goes on."""
        if self.folder is None:
            return
        target = self.folder / f"{key}.npz"
        buffer = BytesIO()
        arrays: dict[str, Any] = _arrays(evaluations)
        seal = {SEAL: np.array(_seal(key, arrays))}
        np.savez_compressed(buffer, **{**arrays, **seal})
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(target, buffer.getvalue())

    def remove(self) -> None:
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _seal(key: str, arrays: Mapping[str, Any]) -> str:
    """The hash of an answer and its question: one that was edited or moved is no answer."""
    digest = sha256(key.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _arrays(evaluations: list[Evaluation]) -> dict[str, Any]:
    records = [{"outcome": asdict(f.outcome), "limits": dict(f.limits)} for f in evaluations]
    arrays: dict[str, Any] = {"told": np.array(json.dumps(records))}
    for i, f in enumerate(evaluations):
        if f.start is not None:
            arrays[f"{i}.columns"], arrays[f"{i}.rows"] = f.start.basis.columns, f.start.basis.rows
            arrays[f"{i}.iterations"] = np.array(f.start.iterations)
        if f.plan is not None:
            arrays[f"{i}.values"], arrays[f"{i}.duals"] = f.plan.values, f.plan.duals
            arrays[f"{i}.reduced"] = f.plan.reduced
        if f.change is not None:
            for part in ("vector", "matrix"):
                for name in SPARSE:
                    arrays[f"{i}.{part}.{name}"] = np.array(getattr(getattr(f.change, part), name))
    return arrays


def _found(arrays: dict[str, Any]) -> list[Evaluation]:
    def start(i: int) -> WarmStart | None:
        if f"{i}.columns" not in arrays:
            return None
        basis = Basis(arrays[f"{i}.columns"], arrays[f"{i}.rows"])
        return WarmStart(basis, int(arrays[f"{i}.iterations"]))

    def plan(i: int) -> Plan | None:
        names = [f"{i}.{name}" for name in ("values", "duals", "reduced")]
        return Plan(*(arrays[name] for name in names)) if names[0] in arrays else None

    def sparse(i: int, part: str) -> csr_matrix:
        data, indices, indptr, shape = (arrays[f"{i}.{part}.{name}"] for name in SPARSE)
        return csr_matrix((data, indices, indptr), shape=tuple(shape.tolist()))

    def change(i: int) -> Change | None:
        if f"{i}.vector.data" not in arrays:
            return None
        return Change(sparse(i, "vector"), sparse(i, "matrix"))

    return [
        Evaluation(
            Outcome.from_json(record["outcome"]), start(i), change(i), plan(i), record["limits"]
        )
        for i, record in enumerate(json.loads(str(arrays["told"])))
    ]
