"""What workers are given to do in the tests; they import this file alone, and soon."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

kept: dict[str, Any] = {}
here: list[int] = []


def square(number: int) -> int:
    return number * number


def late(number: int) -> int:
    time.sleep(0.02 * (3 - number % 4))
    return number


def where(_: object) -> int:
    time.sleep(0.02)
    return os.getpid()


def hoard(_: object) -> int:
    """Memory grows, as when a process keeps a model."""
    kept["model"] = bytearray(320 << 20)
    kept["model"][::4096] = b"1" * (320 << 8)
    time.sleep(1.05)
    return os.getpid()


def forget(_: object) -> None:
    kept.clear()
    time.sleep(0.1)


def threads(_: object) -> tuple[str | None, ...]:
    return os.environ.get("OMP_NUM_THREADS"), os.environ.get("OPENBLAS_NUM_THREADS")


def crowd(number: int) -> int:
    """How many are in this function at once."""
    here.append(number)
    time.sleep(0.02)
    count = len(here)
    here.remove(number)
    return count


def odd(task: object) -> object:
    from kido.errors import KidoError

    if task == "planned":
        raise KidoError("no plan")
    if task == "bug":
        raise ZeroDivisionError("by nought")
    if task == "exit":
        raise SystemExit(3)
    if task == "unsendable":
        return threading.Lock()
    return task


def deadly(task: tuple[int, str]) -> int:
    """The seventh kills its process: once where there is a file to remember that by."""
    number, flag = task
    if number == 7 and not (flag and Path(flag).exists()):
        if flag:
            Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.02)
    return number


def busy(task: tuple[int, str]) -> int:
    """Leaves word of who does it, then takes a while."""
    number, folder = task
    (Path(folder) / str(number)).write_text(str(os.getpid()), "utf-8")
    time.sleep(0.1)
    return number


def mortal_answers(flag: str, task: Any) -> Any:
    """Answers of a sweep; the first process that is to answer its point 2 is killed over it."""
    from kido.study.resolve.evaluate import evaluate_task

    if any(point.number == 2 for point in task.points) and not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return evaluate_task(task)
