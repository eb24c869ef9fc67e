"""Many tasks over many processes, or over a Dask cluster. A worker's death loses nothing."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Protocol, TypeVar

import loky

from kido.errors import KidoError
from kido.study.execute.dask_executor import Cluster, lost
from kido.study.execute.local_executor import Processes

Task = TypeVar("Task")
Result = TypeVar("Result")

DEATHS = 3  # of workers with nothing else to do, before a task is given up
WATCH = 1.0  # seconds between looks at workers that say nothing


@dataclass(frozen=True)
class Failure:
    """A task that nobody could do, and why."""

    reason: str


class Workers(Protocol):
    """Who does the tasks. `width`: how many tasks to give them at a time."""

    @property
    def width(self) -> int: ...

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]: ...

    def deaths(self, problem: BaseException) -> int:
        """How many workers died of a task that ended so; 0: it ended by itself."""

    def watch(self) -> None:
        """Raises NoCluster where nobody is left to answer."""

    def drop(self, left: Iterable[Future[Any]]) -> None:
        """Nobody asks for these any more."""

    def stop(self) -> None:
        """End at once, whatever is still being done."""


class Pool:
    """`jobs` processes of this machine, or the Dask cluster at the address `dask`.

    One job works in this process. The same processes do every `run` of a pool, so what they
    keep in memory stays; they end with the `with` block, however that ends.
    Raises NoCluster where `dask` cannot be reached.
    """

    def __init__(self, jobs: int = 1, dask: str | None = None):
        self.jobs, self.dask = jobs, dask
        self._workers: Workers | None = None
        if dask is not None:
            self._workers = Cluster(dask)
        elif jobs > 1:
            self._workers = Processes(jobs)

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._workers is not None:
            self._workers.stop()

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Failure]]:
        """The place of each task and what came of it, as they end.

        Raises NoCluster where the cluster is lost on the way.
        """
        if self._workers is None:
            return _here(function, tasks)
        return _Batch(self._workers, function, tasks).results()


def default_jobs() -> int:
    """The processor cores this process may use."""
    return int(loky.cpu_count(only_physical_cores=False))


def _here(
    function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[int, Result | Failure]]:
    for number, task in enumerate(tasks):
        result: Result | Failure
        try:
            result = function(task)
        except (Exception, SystemExit) as problem:
            result = _failure(problem)
        yield number, result


class _Batch:
    """One run. Who was busy when a worker died is a suspect: done at the end, one at a time."""

    def __init__(
        self, workers: Workers, function: Callable[[Any], Any], tasks: Iterable[Any]
    ) -> None:
        self.workers, self.function = workers, function
        self.waiting = deque(enumerate(tasks))
        self.suspects: deque[tuple[int, Any]] = deque()
        self.flying: dict[Future[Any], tuple[int, Any]] = {}
        self.ended: SimpleQueue[Future[Any]] = SimpleQueue()
        self.died: Counter[int] = Counter()

    def results(self) -> Iterator[tuple[int, Any]]:
        try:
            while self._send():
                future = self._next()
                number, task = self.flying.pop(future)
                result = self._result(future, number)
                if result is None:
                    self.suspects.append((number, task))
                else:
                    self._send()  # nobody waits while the answer is looked at
                    yield number, result[0]
        finally:
            self.workers.drop(self.flying)

    def _send(self) -> bool:
        """Keep the workers busy. False: all is done."""
        while self.waiting and len(self.flying) < self.workers.width:
            self._fly(*self.waiting.popleft())
        if self.suspects and not self.flying:
            number, task = self.suspects.popleft()
            self.died[number] += 0  # from now on alone
            self._fly(number, task)
        return bool(self.flying)

    def _fly(self, number: int, task: Any) -> None:
        future: Future[Any]
        try:
            future = self.workers.submit(self.function, task)
        except KidoError:
            raise
        except Exception as problem:  # it cannot be sent
            future = Future()
            future.set_exception(problem)
        self.flying[future] = number, task
        future.add_done_callback(self.ended.put)

    def _next(self) -> Future[Any]:
        while True:
            try:
                return self.ended.get(timeout=WATCH)
            except Empty:
                self.workers.watch()

    def _result(self, future: Future[Any], number: int) -> tuple[Any] | None:
        """What came of a task; None where its worker died and it is to be tried again."""
        if future.cancelled():
            raise lost()
        problem = future.exception()
        if problem is None:
            return (future.result(),)
        deaths = self.workers.deaths(problem)
        if not deaths:
            return (_failure(problem),)
        if number in self.died:
            self.died[number] += deaths
            if self.died[number] >= DEATHS:
                words = f"the worker died {self.died[number]} times (crashed, or out of memory)"
                return (Failure(words),)
        return None


def _failure(problem: BaseException) -> Failure:
    if isinstance(problem, KidoError):
        return Failure(str(problem))
    return Failure(f"{type(problem).__name__}: {problem}")
