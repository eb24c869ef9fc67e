"""The workers of a Dask cluster, wherever they are."""

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
UNMANNED = 300.0  # seconds to wait for another worker when all are gone
EACH = 2  # tasks given to a worker: one in hand, one waiting beside it
LOOK = 1.0  # seconds between two counts of the workers

_one = threading.Lock()


def one_at_a_time(function: Callable[[Task], Result], task: Task) -> Result:
    """A worker of several threads shares one memory: its tasks wait for one another."""
    with _one:
        return function(task)


class Cluster:
    """A connection to the scheduler at `address`, such as tcp://10.0.0.5:8786.

    The scheduler sends the tasks of a dead worker to another, and gives a task up when it
    was on several that died. Raises NoCluster where it, or any worker, cannot be reached.
    """

    def __init__(self, address: str):
        self._client = _connected(address)
        self._executor = self._client.get_executor(pure=False)
        self._workers, self._looked, self._manned = 1, 0.0, time.monotonic()

    @property
    def width(self) -> int:
        self.watch()
        return EACH * max(self._workers, 1)

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        return self._executor.submit(one_at_a_time, function, task)

    def deaths(self, problem: BaseException) -> int:
        from distributed import KilledWorker

        return problem.allowed_failures + 1 if isinstance(problem, KilledWorker) else 0

    def watch(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        try:
            self._workers, self._looked = len(self._client.nthreads()), now
        except Exception as problem:
            raise lost() from problem
        if self._workers:
            self._manned = now
        elif now - self._manned > UNMANNED:
            raise NoCluster(
                "the Dask cluster has had no worker for 5 minutes: start some, then sweep again; "
                "what was answered is kept"
            )

    def drop(self, left: Iterable[Future[Any]]) -> None:
        for future in left:
            future.cancel()

    def stop(self) -> None:
        self._executor.shutdown(wait=False)
        self._client.close(timeout=2)


def lost() -> NoCluster:
    return NoCluster(
        "the Dask cluster was lost on the way: start it, then sweep again; what was answered "
        "is kept"
    )


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as problem:
        raise NoCluster(
            "a Dask cluster needs the package distributed: pip install 'kido[dask]'"
        ) from problem
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # we tell what happened
    reached: list[Any] = []

    def reach() -> None:
        try:
            reached.append(Client(address, timeout=CONNECT, set_as_default=False))
        except Exception as problem:
            reached.append(problem)

    # a server of another kind may never answer, whatever the client's own patience
    caller = threading.Thread(target=reach, daemon=True)
    caller.start()
    caller.join(CONNECT + 1)
    client = reached[0] if reached else TimeoutError("no answer")
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
