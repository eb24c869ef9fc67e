"""`CachedExecutor`: maps a function over tasks in the workers, with a cache of results on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Protocol, TypeVar

from kido.study.execute.executor import Failure, Pool
from kido.study.execute.result_cache import ResultCache
from kido.study.point import FAILED, LIMIT, Outcome, Point
from kido.study.resolve.evaluate import Evaluation

VERSION = 2, version("kido")  # results of another version are not reused


class Work(Protocol):
    """A task that can be sent to a process."""

    @property
    def points(self) -> tuple[Point, ...]: ...

    @property
    def key_parts(self) -> tuple[object, ...]:
        """All that the results depend on, as strings and numbers."""


WorkT = TypeVar("WorkT", bound=Work)


@dataclass
class CachedExecutor:
    """Evaluates tasks in a pool of workers, reusing the results of a cache.

    `on_progress` is called with the number of finished tasks and the number of all tasks.
    """

    pool: Pool
    cache: ResultCache
    on_progress: Callable[[int, int], None] = lambda done, total: None
    counts: dict[str, int] = field(default_factory=lambda: {"warm": 0, "cold": 0, "kept": 0})

    def map(
        self, function: Callable[[WorkT], list[Evaluation]], tasks: Sequence[WorkT]
    ) -> list[list[Evaluation]]:
        """The evaluations of each task, in order; all FAILED for a task no worker could do."""
        keys = [key_of(task) for task in tasks]
        evaluations = [self._cached(key, task) for key, task in zip(keys, tasks, strict=True)]
        missing = [i for i, rows in enumerate(evaluations) if rows is None]
        done = len(tasks) - len(missing)
        self.counts["kept"] += done
        self.on_progress(done, len(tasks))
        for position, result in self.pool.run(function, [tasks[i] for i in missing]):
            i = missing[position]
            if isinstance(result, Failure):
                result = [Evaluation(Outcome(p, FAILED, result.reason)) for p in tasks[i].points]
            else:
                self._store(keys[i], result)
            evaluations[i] = result
            self._count(result)
            done += 1
            self.on_progress(done, len(tasks))
        return [rows or [] for rows in evaluations]

    def run_locally(
        self, function: Callable[[WorkT], list[Evaluation]], task: WorkT
    ) -> list[Evaluation]:
        """The evaluations of one task, worked out in this process."""
        key = key_of(task)
        evaluations = self._cached(key, task)
        if evaluations is None:
            evaluations = function(task)
            self._store(key, evaluations)
            self._count(evaluations)
        return evaluations

    def _cached(self, key: str, task: Work) -> list[Evaluation] | None:
        """The cached evaluations of the same key, with the points of this task."""
        evaluations = self.cache.get(key)
        if evaluations is None or len(evaluations) != len(task.points):
            return None
        return [
            replace(evaluation, outcome=replace(evaluation.outcome, point=point))
            for evaluation, point in zip(evaluations, task.points, strict=True)
        ]

    def _store(self, key: str, evaluations: list[Evaluation]) -> None:
        """Write to the cache; not if a point hit a limit or failed: it may end otherwise later."""
        if not any(evaluation.outcome.status in (LIMIT, FAILED) for evaluation in evaluations):
            self.cache.put(key, evaluations)

    def _count(self, evaluations: Sequence[Evaluation]) -> None:
        for evaluation in evaluations:
            if evaluation.outcome.answered:
                self.counts["warm" if evaluation.outcome.warm else "cold"] += 1


def key_of(task: Work) -> str:
    """Hash of all that the results of a task depend on, equal in every process."""
    text = json.dumps([VERSION, *task.key_parts], default=repr, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
