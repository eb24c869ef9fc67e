"""`Processes`: an executor on worker processes of loky, which end with their parent process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from typing import Any, TypeVar

from loky import ProcessPoolExecutor

Task = TypeVar("Task")
Result = TypeVar("Result")

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
ENVIRONMENT = {
    **dict.fromkeys(THREADS, "1"),
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e18",  # bytes: what a worker keeps in memory is no leak
}
PARENT_INTERVAL = 1.0  # seconds between a worker's looks at its parent


class Processes:
    """`jobs` worker processes, started again when one of them died."""

    def __init__(self, jobs: int):
        self.width = jobs
        self._start()

    def _start(self) -> None:
        self._executor = ProcessPoolExecutor(
            self.width,
            initializer=initialize_worker,
            initargs=(os.getpid(),),
            env=ENVIRONMENT,
        )

    def submit(self, function: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Submit a task, with new processes if the old ones broke."""
        with _deaf_to_interrupts():
            try:
                return self._executor.submit(function, task)
            except BrokenExecutor:
                self._start()
                return self._executor.submit(function, task)

    def deaths(self, problem: BaseException) -> int:
        """1 if the worker of a task that ended with `problem` died, else 0."""
        return int(isinstance(problem, BrokenExecutor))

    def watch(self) -> None:
        """Nothing to do: loky watches its processes itself."""

    def drop(self, futures: Iterable[Future[Any]]) -> None:
        """Nothing to do: they are few, finished soon or ended by `stop`."""

    def stop(self) -> None:
        """End all processes at once, with the tasks they are running."""
        self._executor.shutdown(wait=True, kill_workers=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A context in which Ctrl-C waits, so that a worker that starts in it never hears it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def initialize_worker(parent: int) -> None:
    """Prepare a new worker: ignore Ctrl-C, and end when the process `parent` ends."""
    if "fork" in multiprocessing.get_all_start_methods():
        # a lock made from here on (Pyomo makes one) leaves nothing behind when we are ended
        multiprocessing.set_start_method("fork", force=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is heard by the parent, who ends us
    threading.Thread(target=_exit_with_parent, args=(parent,), daemon=True).start()


def _exit_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_INTERVAL)
    os.kill(os.getpid(), signal.SIGTERM)
