"""`ResultCache`: results of finished tasks on disk, until the sweep has written its workbook.

One file a task, written atomically: an interrupted sweep goes on where it stopped. The files
hold arrays and JSON only: nothing in them can be executed.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from kido.solver.array_folder import ArrayFolder
from kido.solver.basis import Basis
from kido.solver.parametric_program import Plan
from kido.solver.program_diff import Change
from kido.study.point import Outcome
from kido.study.resolve.evaluate import Evaluation
from kido.study.resolve.warm_model import WarmStart

RECORDS = "told"  # the name of an array in the files
SPARSE = ("data", "indices", "indptr", "shape")


class ResultCache:
    """A folder of evaluations by key; with `folder` None an empty cache that stores nothing."""

    def __init__(self, folder: Path | None):
        self.stored = None if folder is None else ArrayFolder(folder)

    def get(self, key: str) -> list[Evaluation] | None:
        """The evaluations under a key; None if there are none, or none that can be read."""
        arrays = None if self.stored is None else self.stored.get(key)
        try:
            return None if arrays is None else _evaluations(arrays)
        except Exception:  # of another version: it is no result
            return None

    def put(self, key: str, evaluations: list[Evaluation]) -> None:
        """Write evaluations atomically; if the disk refuses, the sweep goes on without them."""
        if self.stored is not None:
            self.stored.put(key, _arrays(evaluations))

    def remove(self) -> None:
        """Delete the folder."""
        if self.stored is not None:
            self.stored.remove()


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
