"""`Session`: what every method of a sweep stands on, and how it has points answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.method import Method
from kido.study.point import Outcome, Point
from kido.study.resolve.evaluate import Task, answer_task
from kido.study.resolve.warm_model import WarmStart

CHUNK = 6  # neighbouring points at most that one process answers in turn
SHARES = 16  # tasks at least, so that no process is left with the last of a few long ones


@dataclass(frozen=True)
class Session:
    """A book, one design on it, and who solves.

    `book` names the tables in every process. `base` is the outcome of the book as it stands,
    `start` its basis (None where it has no plan).
    """

    method: Method
    executor: CachedExecutor
    book: str
    tables: Tables
    design: Design
    base: Outcome
    start: WarmStart | None

    @property
    def from_nothing(self) -> Session:
        """The same without a basis to start from: for programs of another size."""
        return replace(self, start=None)

    def answers(self, points: Sequence[Point], chunk: int | None = None) -> tuple[Outcome, ...]:
        """The outcome of every point, by number. Neighbours are answered in turn, `chunk` at most
        by one process (None: as many as keep all processes busy)."""
        size = chunk or max(1, min(CHUNK, len(points) // SHARES))
        parameters = self.design.parameters
        tasks = [
            Task(self.book, self.tables, parameters, tuple(points[i : i + size]), self.start)
            for i in range(0, len(points), size)
        ]
        rows = [f.outcome for answers in self.executor.map(answer_task, tasks) for f in answers]
        return tuple(sorted(rows, key=lambda outcome: outcome.point.number))
