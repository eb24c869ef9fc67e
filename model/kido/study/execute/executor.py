"""`Pool`: runs tasks on processes of this machine or a Dask cluster, and survives dying workers."""

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

MOST_DEATHS = 3  # of workers with nothing else to do, before a task is given up
WATCH_INTERVAL = 1.0  # seconds between looks at workers that say nothing


@dataclass(frozen=True)
class Failure:
    """The reason why a task has no result."""

    reason: str


class Workers(Protocol):
    """An executor of tasks. `width`: how many tasks to submit at a time."""

    @property
    def width(self) -> int: ...

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]: ...

    def deaths(self, problem: BaseException) -> int:
        """How many workers died of a task that ended with `problem`; 0: none."""

    def watch(self) -> None:
        """Check the workers. Raises NoCluster if none is left."""

    def drop(self, futures: Iterable[Future[Any]]) -> None:
        """Cancel tasks whose results are no longer needed."""

    def stop(self) -> None:
        """End all workers at once, with the tasks they are running."""


class Pool:
    """`jobs` processes of this machine, or the Dask cluster at the address `dask`.

    One job runs in this process. All calls of `run` share the same processes and their memory;
    the processes end with the `with` block, however it ends.
    Raises NoCluster if `dask` cannot be reached.
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

    def prepare(self, function: Callable[[Task], None], task: Task) -> None:
        """Begin to run a function once in each process of this machine, without waiting for it."""
        if isinstance(self._workers, Processes):
            for _ in range(self.jobs):
                self._workers.submit(function, task)

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result | Failure]]:
        """Pairs (position of the task, its result or Failure), in the order they finish.

        Raises NoCluster if the connection to the cluster breaks.
        """
        if self._workers is None:
            return _run_here(function, tasks)
        return _Batch(self._workers, function, tasks).results()


def default_jobs() -> int:
    """Number of processor cores this process may use."""
    return int(loky.cpu_count(only_physical_cores=False))


def _run_here(
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
    """The tasks of one `Pool.run`.

    Tasks that were running when a worker died are `suspects`: they run at the end, one at a time.
    """

    def __init__(
        self, workers: Workers, function: Callable[[Any], Any], tasks: Iterable[Any]
    ) -> None:
        self.workers, self.function = workers, function
        self.waiting = deque(enumerate(tasks))
        self.suspects: deque[tuple[int, Any]] = deque()
        self.running: dict[Future[Any], tuple[int, Any]] = {}
        self.finished: SimpleQueue[Future[Any]] = SimpleQueue()
        self.deaths: Counter[int] = Counter()

    def results(self) -> Iterator[tuple[int, Any]]:
        """Pairs (position of the task, its result or Failure), in the order they finish."""
        try:
            while self._send():
                future = self._next()
                number, task = self.running.pop(future)
                result = self._result(future, number)
                if result is None:
                    self.suspects.append((number, task))
                else:
                    self._send()  # keep the workers busy while the caller uses the result
                    yield number, result[0]
        finally:
            self.workers.drop(self.running)

    def _send(self) -> bool:
        """Submit tasks up to the width of the workers. False: no task is running or waiting."""
        while self.waiting and len(self.running) < self.workers.width:
            self._submit(*self.waiting.popleft())
        if self.suspects and not self.running:
            number, task = self.suspects.popleft()
            self.deaths[number] += 0  # from now on alone
            self._submit(number, task)
        return bool(self.running)

    def _submit(self, number: int, task: Any) -> None:
        future: Future[Any]
        try:
            future = self.workers.submit(self.function, task)
        except KidoError:
            raise
        except Exception as problem:  # it cannot be sent
            future = Future()
            future.set_exception(problem)
        self.running[future] = number, task
        future.add_done_callback(self.finished.put)

    def _next(self) -> Future[Any]:
        while True:
            try:
                return self.finished.get(timeout=WATCH_INTERVAL)
            except Empty:
                self.workers.watch()

    def _result(self, future: Future[Any], number: int) -> tuple[Any] | None:
        """The result of a task in a tuple; None if its worker died and it is to be tried again."""
        if future.cancelled():
            raise lost()
        problem = future.exception()
        if problem is None:
            return (future.result(),)
        deaths = self.workers.deaths(problem)
        if not deaths:
            return (_failure(problem),)
        if number in self.deaths:
            self.deaths[number] += deaths
            if self.deaths[number] >= MOST_DEATHS:
                reason = f"the worker died {self.deaths[number]} times (crashed, or out of memory)"
                return (Failure(reason),)
        return None


def _failure(problem: BaseException) -> Failure:
    if isinstance(problem, KidoError):
        return Failure(str(problem))
    return Failure(f"{type(problem).__name__}: {problem}")
