"""Plans a book again and again, each time in a child that is killed at one call of the system.

`killer.py BOOK FOLDER SEED COUNT`: prints a line for each child: its folder, how it ended, and
what stood in the folder then. Children come by `fork`, so that a hundred take seconds.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kido
import kido.run
from kido.files import OURS

WATCHED = ("replace", "rename", "unlink", "mkdir", "rmdir", "open", "scandir", "fsync")


def earlier(target: Path) -> None:
    """An old run, and a file of the planner's in its folder."""
    target.mkdir()
    for name in OURS:
        (target / name).write_text("old")
    (target / "notes.txt").write_text("mine")


def planned(book: Path, target: Path) -> None:
    kido.run.write_results = lambda report, answer, path, shown: path.write_text("new")  # type: ignore[assignment]
    kido.solve(book, output=target)


def counted(book: Path, target: Path, last: int) -> int:
    """Calls of the system that a plan takes; the process ends at number `last`."""
    calls = 0

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*given, **named)

        return call

    for name in WATCHED:
        setattr(os, name, watched(getattr(os, name)))
    planned(book, target)
    return calls


def child(work: Callable[[], Any], seconds: float | None = None) -> int:
    """How it ended; killed after so many seconds, if it still runs."""
    pid = os.fork()
    if not pid:
        try:
            work()
        finally:
            os._exit(0)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def length(book: Path, folder: Path) -> int:
    target = folder / "count"
    if not target.exists():
        earlier(target)
    note = folder / "calls"
    child(lambda: note.write_text(str(counted(book, target, 0))))
    return int(note.read_text())


def main() -> None:
    book, folder, seed, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    calls, instants = length(book, folder), random.Random(seed)
    began = time.perf_counter()
    length(book, folder)
    took = time.perf_counter() - began
    print("calls", calls)
    for number in range(count):
        target = folder / f"run-{number}"
        earlier(target)
        # every other at a call of the system, as between two renames, the rest at any time
        last = instants.randint(1, calls) if number % 2 else 0
        if number % 10 == 7:
            last = calls  # the last of all, once the new results are there
        if number % 10 == 5:  # before the second rename: then each old file and its folder go
            last = calls - len(OURS) - 4
        wait = None if last else instants.uniform(0, took)
        ended = child(lambda last=last, target=target: counted(book, target, last), wait)  # type: ignore[misc]
        while ended != signal.SIGKILL and wait is not None:  # it was done before: sooner
            shutil.rmtree(target)
            earlier(target)
            wait /= 2
            ended = child(lambda target=target: counted(book, target, 0), wait)  # type: ignore[misc]
        held = (target / "results.xlsx").read_text() if target.exists() else "aside"
        child(lambda target=target: planned(book, target))  # type: ignore[misc]
        print(target.name, ended, held)


if __name__ == "__main__":
    main()
