"""`ResultCache`: results of finished tasks on disk, until the sweep has written its workbook.

One file a task, written atomically: an interrupted sweep goes on where it stopped. The files
hold arrays and JSON only: nothing in them can be executed.
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
from kido.solver.basis import Basis
from kido.solver.parametric_program import Plan
from kido.solver.program_diff import Change
from kido.study.point import Outcome
from kido.study.resolve.evaluate import Evaluation
from kido.study.resolve.warm_model import WarmStart

DIGEST, RECORDS = "sha256", "told"  # names of arrays in the files
SPARSE = ("data", "indices", "indptr", "shape")


class ResultCache:
    """A folder of evaluations by key; with `folder` None an empty cache that stores nothing."""

    def __init__(self, folder: Path | None):
        self.folder = folder

    def get(self, key: str) -> list[Evaluation] | None:
        """The evaluations under a key; None if there are none, or none that can be read."""
        if self.folder is None:
            return None
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as stored:
                arrays = dict(stored)
            if str(arrays.pop(DIGEST)) != _digest(key, arrays):
                return None
            return _evaluations(arrays)
        except Exception:  # a torn or foreign file may raise anything; it is no result
            return None

    def put(self, key: str, evaluations: list[Evaluation]) -> None:
        """Write evaluations atomically; if the disk refuses, the sweep goes on without them."""
        if self.folder is None:
            return
        target = self.folder / f"{key}.npz"
        buffer = BytesIO()
        arrays: dict[str, Any] = _arrays(evaluations)
        stored_digest = {DIGEST: np.array(_digest(key, arrays))}
        np.savez_compressed(buffer, **{**arrays, **stored_digest})
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(target, buffer.getvalue())

    def remove(self) -> None:
        """Delete the folder."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _digest(key: str, arrays: Mapping[str, Any]) -> str:
    """Hash of a key and its arrays, so that an edited or moved file is not taken for a result."""
    digest = sha256(key.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def _arrays(evaluations: list[Evaluation]) -> dict[str, Any]:
    """The evaluations as named arrays, the inverse of `_evaluations`."""
    records = [{"outcome": asdict(e.outcome), "limits": dict(e.limits)} for e in evaluations]
    arrays: dict[str, Any] = {RECORDS: np.array(json.dumps(records))}
    for i, evaluation in enumerate(evaluations):
        if evaluation.start is not None:
            arrays[f"{i}.columns"], arrays[f"{i}.rows"] = (
                evaluation.start.basis.columns,
                evaluation.start.basis.rows,
            )
            arrays[f"{i}.iterations"] = np.array(evaluation.start.iterations)
        if evaluation.plan is not None:
            arrays[f"{i}.values"], arrays[f"{i}.duals"] = (
                evaluation.plan.values,
                evaluation.plan.duals,
            )
            arrays[f"{i}.reduced"] = evaluation.plan.reduced
        if evaluation.change is not None:
            for part in ("vector", "matrix"):
                for name in SPARSE:
                    arrays[f"{i}.{part}.{name}"] = np.array(
                        getattr(getattr(evaluation.change, part), name)
                    )
    return arrays


def _evaluations(arrays: dict[str, Any]) -> list[Evaluation]:
    """The evaluations stored in named arrays, the inverse of `_arrays`."""

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
        for i, record in enumerate(json.loads(str(arrays[RECORDS])))
    ]
