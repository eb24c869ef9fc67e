"""`SolutionCache`: solutions of sub-problems on disk, so that a killed decomposition goes on.

A decomposition is deterministic: started again, it asks for the same tasks. Those that were
solved are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.solver.array_folder import ArrayFolder, digest
from kido.solver.basis import Basis
from kido.solver.decomposition.sub_problem import SubSolution, SubTask

VECTORS = ("gradient", "duals", "values")
NUMBERS = ("feasible", "value", "iterations")

# (function, tasks) -> (position of the task, its result), in any order
Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[tuple[int, Any]]]


class SolutionCache:
    """A function that runs tasks like `run`, but for those whose solutions are in a folder."""

    def __init__(self, run: Spread, folder: Path):
        self.run, self.stored = run, ArrayFolder(folder)

    def __call__(
        self, function: Callable[[Any], Any], tasks: Iterable[SubTask]
    ) -> Iterator[tuple[int, Any]]:
        waiting: list[tuple[int, str, SubTask]] = []
        for number, task in enumerate(tasks):
            key = key_of(task)
            arrays = self.stored.get(key)
            if arrays is None:
                waiting.append((number, key, task))
            else:
                yield number, _solutions(arrays)
        for place, result in self.run(function, [task for _, _, task in waiting]):
            number, key, _ = waiting[place]
            if isinstance(result, list):
                self.stored.put(key, _arrays(result))
            yield number, result

    def remove(self) -> None:
        """Delete the folder."""
        self.stored.remove()


def key_of(task: SubTask) -> str:
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
    return digest(arrays)


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
