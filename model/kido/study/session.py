"""`Session`: the workbook, the design and the executor that a method of a sweep works with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kido.data.tables import Tables
from kido.solver.kept_orders import Decisions
from kido.study.design.design import Design
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.method import Method
from kido.study.point import Outcome, Point
from kido.study.resolve.evaluate import Task, evaluate_task
from kido.study.resolve.warm_model import WarmStart

CHUNK = 6  # neighbouring points at most that one process solves in turn
LEAST_TASKS = 8  # tasks at least, so that no process is left with the last of a few long ones


def chunk_size(points: int) -> int:
    """How many neighbouring points of these many a process solves in turn."""
    return max(1, min(CHUNK, points // LEAST_TASKS))


@dataclass(frozen=True)
class Session:
    """A workbook, one design on it, and the executor that solves its points.

    `book` is the key of the tables in every process. `base` is the outcome of the unchanged
    book, `start` its basis (None if it has no plan). `keep`: decisions of a run that every plan is
    held to.
    """

    method: Method
    executor: CachedExecutor
    book: str
    tables: Tables
    design: Design
    base: Outcome
    start: WarmStart | None
    keep: Decisions | None = None

    @property
    def without_start(self) -> Session:
        """This session without a starting basis: for programs of another size."""
        return replace(self, start=None)

    def evaluate(self, points: Sequence[Point], chunk: int | None = None) -> tuple[Outcome, ...]:
        """The outcome of every point, ordered by number.

        One process solves at most `chunk` neighbouring points in turn; with `chunk` None, as
        many as keep all processes busy.
        """
        size = chunk or chunk_size(len(points))
        parameters = self.design.parameters
        tasks = [
            Task(
                book=self.book,
                tables=self.tables,
                parameters=parameters,
                points=tuple(points[i : i + size]),
                start=self.start,
                keep=self.keep,
            )
            for i in range(0, len(points), size)
        ]
        outcomes = [
            evaluation.outcome
            for evaluations in self.executor.map(evaluate_task, tasks)
            for evaluation in evaluations
        ]
        return tuple(sorted(outcomes, key=lambda outcome: outcome.point.number))
