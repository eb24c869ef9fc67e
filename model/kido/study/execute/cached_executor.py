"""Tasks in, answers out: through the workers, past what is already kept."""

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

VERSION = 1, version("kido")  # another program's answers are not taken up


class Work(Protocol):
    """Something to do that a process can be sent."""

    @property
    def points(self) -> tuple[Point, ...]: ...

    @property
    def question(self) -> tuple[object, ...]:
        """All that the answers depend on, in plain words and numbers."""


Asked = TypeVar("Asked", bound=Work)


@dataclass
class CachedExecutor:
    """Answers tasks, in order, whoever does them.

    `on_progress` is called with how many tasks are answered, and of how many.
    """

    pool: Pool
    kept: ResultCache
    on_progress: Callable[[int, int], None] = lambda done, asked: None
    counts: dict[str, int] = field(default_factory=lambda: {"warm": 0, "cold": 0, "kept": 0})

    def map(
        self, function: Callable[[Asked], list[Evaluation]], tasks: Sequence[Asked]
    ) -> list[list[Evaluation]]:
        """For each task its answers. A task nobody could do fails at every point of it."""
        keys = [key_of(task) for task in tasks]
        evaluations = [self._known(key, task) for key, task in zip(keys, tasks, strict=True)]
        left = [i for i, answers in enumerate(evaluations) if answers is None]
        self.counts["kept"] += len(tasks) - len(left)
        self.on_progress(len(tasks) - len(left), len(tasks))
        done = len(tasks) - len(left)
        for place, result in self.pool.run(function, [tasks[i] for i in left]):
            i = left[place]
            if isinstance(result, Failure):
                result = [Evaluation(Outcome(p, FAILED, result.reason)) for p in tasks[i].points]
            else:
                self._keep(keys[i], result)
            evaluations[i] = result
            self._count(result)
            done += 1
            self.on_progress(done, len(tasks))
        return [answers or [] for answers in evaluations]

    def run_locally(
        self, function: Callable[[Asked], list[Evaluation]], task: Asked
    ) -> list[Evaluation]:
        """The same for one task, in this process."""
        key = key_of(task)
        answers = self._known(key, task)
        if answers is None:
            answers = function(task)
            self._keep(key, answers)
            self._count(answers)
        return answers

    def _known(self, key: str, task: Work) -> list[Evaluation] | None:
        """What is kept of the same question, as the answer to these points."""
        answers = self.kept.get(key)
        if answers is None or len(answers) != len(task.points):
            return None
        return [
            replace(answer, outcome=replace(answer.outcome, point=point))
            for answer, point in zip(answers, task.points, strict=True)
        ]

    def _keep(self, key: str, answers: list[Evaluation]) -> None:
        """What may end otherwise another time is asked again then."""
        if not any(answer.outcome.status in (LIMIT, FAILED) for answer in answers):
            self.kept.put(key, answers)

    def _count(self, answers: Sequence[Evaluation]) -> None:
        for answer in answers:
            if answer.outcome.answered:
                self.counts["warm" if answer.outcome.warm else "cold"] += 1


def key_of(task: Work) -> str:
    """The same for the same question, in this process or another."""
    text = json.dumps([VERSION, *task.question], default=repr, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
