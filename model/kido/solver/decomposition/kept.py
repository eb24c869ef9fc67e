"""`KeptSolutions`: solutions of sub-problems on disk, so that a killed decomposition goes on.

A decomposition is deterministic: started again, it asks for the same tasks. Those that were
solved are read; one file a task, written whole. The files hold arrays only.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.files import write_whole
from kido.solver.basis import Basis
from kido.solver.decomposition.sub_problem import SubSolution, SubTask

VECTORS = ("gradient", "duals", "values")
NUMBERS = ("feasible", "value", "iterations")

# (function, tasks) -> (position of the task, its result), in any order
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[int, Any]]]


class KeptSolutions:
    """A function that runs tasks like `run`, but for those whose solutions are in a folder."""

    def __init__(self, run: Spread, folder: Path):
        self.run, self.folder = run, folder

    def __call__(
        self, function: Callable[[Any], Any], tasks: Iterable[SubTask]
    ) -> Iterator[tuple[int, Any]]:
        waiting: list[tuple[int, str, SubTask]] = []
        for number, task in enumerate(tasks):
            key = digest(task)
            solutions = self._read(key)
            if solutions is None:
                waiting.append((number, key, task))
            else:
                yield number, solutions
        for place, result in self.run(function, [task for _, _, task in waiting]):
            number, key, _ = waiting[place]
            if isinstance(result, list):
                self._write(key, result)
            yield number, result

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, key: str) -> list[SubSolution] | None:
        try:
            with np.load(self.folder / f"{key}.npz", allow_pickle=False) as stored:
                arrays = dict(stored)
            if str(arrays.pop("sha256")) != _digest_of(arrays):
                return None
            return _solutions(arrays)
        except Exception:  # a torn or foreign file may raise anything; it is no result
            return None

    def _write(self, key: str, solutions: list[SubSolution]) -> None:
        arrays: dict[str, Any] = _arrays(solutions)
        buffer = BytesIO()
        np.savez_compressed(buffer, **{**arrays, "sha256": np.array(_digest_of(arrays))})
        with suppress(OSError):  # without room on the disk the decomposition goes on
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / f"{key}.npz", buffer.getvalue())


def digest(task: SubTask) -> str:
    """The hash of all that the solutions of a task depend on."""
    arrays: dict[str, NDArray[Any]] = {"square": np.array(task.square)}
    for number, problem in enumerate(task.problems):
        for name in ("cost", "linked_cost", "lower", "upper", "low", "high"):
            arrays[f"{number}.{name}"] = getattr(problem, name)
        for name in ("matrix", "linking"):
            matrix = getattr(problem, name)
            for part in ("data", "indices", "indptr"):
                arrays[f"{number}.{name}.{part}"] = getattr(matrix, part)
        arrays[f"{number}.linked"] = task.linked[number]
        arrays[f"{number}.columns"] = task.starts[number].columns
        arrays[f"{number}.rows"] = task.starts[number].rows
    return _digest_of(arrays)


def _digest_of(arrays: dict[str, NDArray[Any]]) -> str:
    result = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        result.update(f"|{name}|{array.dtype.str}|{array.shape}|".encode())
        result.update(array.data if array.ndim else array.tobytes())
    return result.hexdigest()


def _arrays(solutions: list[SubSolution]) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for number, solution in enumerate(solutions):
        for name in (*VECTORS, *NUMBERS):
            arrays[f"{number}.{name}"] = np.asarray(getattr(solution, name))
        arrays[f"{number}.columns"] = solution.basis.columns
        arrays[f"{number}.rows"] = solution.basis.rows
    return arrays


def _solutions(arrays: dict[str, NDArray[Any]]) -> list[SubSolution]:
    count = sum(name.endswith(".value") for name in arrays)
    return [
        SubSolution(
            feasible=bool(arrays[f"{number}.feasible"]),
            value=float(arrays[f"{number}.value"]),
            gradient=arrays[f"{number}.gradient"],
            duals=arrays[f"{number}.duals"],
            values=arrays[f"{number}.values"],
            basis=Basis(arrays[f"{number}.columns"], arrays[f"{number}.rows"]),
            iterations=int(arrays[f"{number}.iterations"]),
        )
        for number in range(count)
    ]
