"""`Cluster`: an executor on the workers of a Dask cluster."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any, TypeVar

from kido.errors import NoCluster

Task = TypeVar("Task")
Result = TypeVar("Result")

CONNECT = 8.0  # seconds to wait for the scheduler, and for a first worker
WORKER_TIMEOUT = 300.0  # seconds to wait for another worker when all are gone
TASKS_PER_WORKER = 2  # tasks given to a worker: one in hand, one waiting beside it
COUNT_INTERVAL = 1.0  # seconds between two counts of the workers

_task_lock = threading.Lock()


def run_one_at_a_time(function: Callable[[Task], Result], task: Task) -> Result:
    """Result of a task under a lock: tasks of a worker with several threads share its memory."""
    with _task_lock:
        return function(task)


class Cluster:
    """A connection to the scheduler at `address`, such as tcp://10.0.0.5:8786.

    The scheduler sends the tasks of a dead worker to another, and gives a task up when it
    was on several that died. Raises NoCluster where it, or any worker, cannot be reached.
    """

    def __init__(self, address: str):
        self._client = _connected(address)
        self._executor = self._client.get_executor(pure=False)
        self._workers, self._counted_at, self._manned_at = 1, 0.0, time.monotonic()

    @property
    def width(self) -> int:
        """Number of tasks to submit at a time."""
        self.watch()
        return TASKS_PER_WORKER * max(self._workers, 1)

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Submit a task to the cluster."""
        return self._executor.submit(run_one_at_a_time, function, task)

    def deaths(self, problem: BaseException) -> int:
        """Number of workers that died of a task that ended with `problem`; 0: none."""
        from distributed import KilledWorker

        return problem.allowed_failures + 1 if isinstance(problem, KilledWorker) else 0

    def watch(self) -> None:
        """Count the workers. Raises NoCluster if there has been none for WORKER_TIMEOUT."""
        now = time.monotonic()
        if now - self._counted_at < COUNT_INTERVAL:
            return
        try:
            self._workers, self._counted_at = len(self._client.nthreads()), now
        except Exception as problem:
            raise lost() from problem
        if self._workers:
            self._manned_at = now
        elif now - self._manned_at > WORKER_TIMEOUT:
            raise NoCluster(
                "the Dask cluster has had no worker for 5 minutes: start some, then sweep again; "
                "what was answered is kept"
            )

    def drop(self, futures: Iterable[Future[Any]]) -> None:
        """Cancel tasks whose results are no longer needed."""
        for future in futures:
            future.cancel()

    def stop(self) -> None:
        """Close the connection."""
        self._executor.shutdown(wait=False)
        self._client.close(timeout=2)


def lost() -> NoCluster:
    """The error of a cluster whose connection broke."""
    return NoCluster(
        "the Dask cluster was lost on the way: start it, then sweep again; what was answered "
        "is kept"
    )


def _connected(address: str) -> Any:
    """A client of the scheduler at `address` with at least one worker. Raises NoCluster."""
    try:
        from distributed import Client
    except ImportError as problem:
        raise NoCluster(
            "a Dask cluster needs the package distributed: pip install 'kido[dask]'"
        ) from problem
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # our own error says it
    outcomes: list[Any] = []

    def connect() -> None:
        try:
            outcomes.append(Client(address, timeout=CONNECT, set_as_default=False))
        except Exception as problem:
            outcomes.append(problem)

    # a server of another kind may never answer, whatever the client's own patience
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT + 1)
    client = outcomes[0] if outcomes else TimeoutError("no answer")
    if isinstance(client, Exception):
        raise NoCluster(
            f"no Dask scheduler answers at {address} ({client}): give the address that "
            "`dask scheduler` shows, such as tcp://10.0.0.5:8786, or leave --dask out"
        ) from client
    try:
        client.wait_for_workers(1, timeout=CONNECT)
    except TimeoutError as problem:
        client.close(timeout=2)
        raise NoCluster(
            f"the Dask cluster at {address} has no worker: start some with "
            f"`dask worker {address} --nworkers auto --nthreads 1`"
        ) from problem
    return client
