"""Many tasks over many workers: the same answers whoever does them, and none lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import worker_functions
from kido.errors import NoCluster
from kido.study.execute import dask_executor
from kido.study.execute.executor import Failure, Pool, default_jobs


@pytest.fixture(scope="module")
def pair() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_do_not_depend_on_the_workers(jobs: int) -> None:
    with Pool(jobs) as pool:
        assert dict(pool.run(worker_functions.late, range(12))) == {n: n for n in range(12)}
        assert dict(pool.run(worker_functions.square, iter([3, 1, 2]))) == {0: 9, 1: 1, 2: 4}
        assert dict(pool.run(worker_functions.square, [])) == {}


def test_one_job_works_in_this_process() -> None:
    with Pool() as pool:
        assert dict(pool.run(lambda _: os.getpid(), [0])) == {0: os.getpid()}


def test_processes_and_what_they_keep_last_as_long_as_the_pool(pair: Pool) -> None:
    first = {pid for _, pid in pair.run(worker_functions.where, range(20))}
    assert len(first) == 2 and os.getpid() not in first
    assert {pid for _, pid in pair.run(worker_functions.hoard, range(2))} <= first
    assert {pid for _, pid in pair.run(worker_functions.where, range(20))} == first
    list(pair.run(worker_functions.forget, range(2)))


def test_workers_have_one_thread(pair: Pool) -> None:
    assert [told for _, told in pair.run(worker_functions.threads, [0])] == [("1", "1")]


def test_what_a_task_raises_is_its_own_failure(pair: Pool) -> None:
    tasks = ["fine", "planned", "bug", "exit"]
    failures = ["no plan", "ZeroDivisionError: by nought", "SystemExit: 3"]
    expected = ["fine", *map(Failure, failures)]
    assert dict(pair.run(worker_functions.odd, tasks)) == dict(enumerate(expected))
    assert dict(Pool().run(worker_functions.odd, tasks)) == dict(enumerate(expected))


def test_what_cannot_travel_fails_alone(pair: Pool) -> None:
    found = dict(pair.run(worker_functions.odd, ["fine", threading.Lock(), "unsendable", "last"]))
    assert found.pop(0) == "fine" and found.pop(3) == "last"
    assert all(isinstance(f, Failure) and "ickl" in f.reason for f in found.values())


def test_a_run_left_half_way_leaves_the_pool_fit(pair: Pool) -> None:
    run = pair.run(worker_functions.late, range(50))
    next(run)
    del run
    assert dict(pair.run(worker_functions.square, [5])) == {0: 25}


def test_a_task_that_kills_its_worker_once_is_tried_again(pair: Pool, tmp_path: Path) -> None:
    tasks = [(n, str(tmp_path / "died")) for n in range(20)]
    assert sorted(pair.run(worker_functions.deadly, tasks)) == [(n, n) for n in range(20)]


def test_a_task_that_always_kills_its_worker_fails_alone(pair: Pool) -> None:
    found = dict(pair.run(worker_functions.deadly, [(n, "") for n in range(12)]))
    died = found.pop(7)
    assert isinstance(died, Failure) and "the worker died 3 times" in died.reason
    assert found == {n: n for n in range(12) if n != 7}


ENDLESS = """
import multiprocessing, time
from kido.study.execute.executor import Pool
locks = []
def wait(n):
    locks.append(multiprocessing.Lock())
    time.sleep(0 if n == 0 else 60)
if __name__ == "__main__":
    with Pool(2) as pool:
        for _ in pool.run(wait, range(9)):
            print("begun", flush=True)
"""


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, "utf-8")
    runs = [
        subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for _ in range(2)
    ]
    children = []
    for run in runs:
        assert run.stdout is not None and run.stdout.readline() == "begun\n"
        children += psutil.Process(run.pid).children(recursive=True)
    os.killpg(runs[0].pid, signal.SIGINT)  # as Ctrl-C does
    runs[1].kill()
    assert len(children) >= 4
    asked = time.monotonic()
    gone, left = psutil.wait_procs(children, timeout=10)
    assert not left and len(gone) == len(children)
    assert time.monotonic() - asked < 8
    told = [run.communicate()[1] for run in runs]
    # once, and by the parent alone; a wait that it cut short may be told before it
    assert told[0].rstrip().endswith("KeyboardInterrupt")
    assert told[0].count("KeyboardInterrupt\n") == 1 and "SpawnProcess" not in told[0]


def test_an_interrupted_consumer_ends_the_workers() -> None:
    with pytest.raises(KeyboardInterrupt), Pool(2) as pool:
        for _, pid in pool.run(worker_functions.where, range(1000)):
            worker = psutil.Process(pid)
            raise KeyboardInterrupt
    assert not worker.is_running()


def test_default_jobs() -> None:
    assert 1 <= default_jobs() <= (os.cpu_count() or 1)


QUIET = {"dashboard_address": ":0", "silence_logs": 60}


@pytest.fixture(scope="module")
def far() -> Iterator[dask_executor.Any]:
    """A scheduler with two separate worker processes."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **QUIET) as made:
        yield made


@pytest.fixture
def near() -> Iterator[dask_executor.Any]:
    """A scheduler with one worker of three threads, in this process."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=3, processes=False, **QUIET) as made:
        yield made


def test_dask_gives_the_same_answers(far: dask_executor.Any) -> None:
    with Pool(dask=far.scheduler_address) as pool:
        assert dict(pool.run(worker_functions.late, range(12))) == {n: n for n in range(12)}
        assert len({pid for _, pid in pool.run(worker_functions.where, range(12))}) == 2
        found = dict(pool.run(worker_functions.odd, ["fine", "planned", "bug", threading.Lock()]))
    assert found[0] == "fine" and found[1] == Failure("no plan")
    assert found[2] == Failure("ZeroDivisionError: by nought")
    assert isinstance(found[3], Failure)


def test_dask_worker_killed_half_way(far: dask_executor.Any, tmp_path: Path) -> None:
    tasks = [(n, str(tmp_path)) for n in range(24)]
    found = []
    with Pool(dask=far.scheduler_address) as pool:
        for number, result in pool.run(worker_functions.busy, tasks):
            found.append((number, result))
            if len(found) == 8:
                doer = (tmp_path / str(number)).read_text("utf-8")
                os.kill(int(doer), signal.SIGKILL)
    assert sorted(found) == [(n, n) for n in range(24)]


def test_dask_task_that_always_kills_its_worker_fails_alone(far: dask_executor.Any) -> None:
    far.scheduler.allowed_failures = 0
    with Pool(dask=far.scheduler_address) as pool:
        found = dict(pool.run(worker_functions.deadly, [(n, "") for n in range(12)]))
    died = found.pop(7)
    assert isinstance(died, Failure) and "the worker died 3 times" in died.reason
    assert found == {n: n for n in range(12) if n != 7}


def test_threads_of_one_dask_worker_wait_for_one_another(near: dask_executor.Any) -> None:
    with Pool(dask=near.scheduler_address) as pool:
        assert {count for _, count in pool.run(worker_functions.crowd, range(9))} == {1}


def test_dask_lost_on_the_way(near: dask_executor.Any) -> None:
    with Pool(dask=near.scheduler_address) as pool, pytest.raises(NoCluster, match="lost"):
        for _ in pool.run(worker_functions.late, range(200)):
            near.close()


def test_dask_without_workers(near: dask_executor.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_executor, "CONNECT", 1.0)
    monkeypatch.setattr(dask_executor, "WORKER_TIMEOUT", 0.1)
    with Pool(dask=near.scheduler_address) as pool:
        with pytest.raises(NoCluster, match="has had no worker"):
            for _ in pool.run(worker_functions.late, range(200)):
                near.scale(0)
        with pytest.raises(NoCluster, match="start some with"):
            Pool(dask=near.scheduler_address)


def test_dask_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dask_executor.CONNECT + 1 < 10
    monkeypatch.setattr(dask_executor, "CONNECT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        for wrong in (address, "tcp://127.0.0.1:9", "nowhere", "foo://a:1", ""):
            asked = time.monotonic()
            with pytest.raises(NoCluster, match="no Dask scheduler answers"):
                Pool(dask=wrong)
            assert time.monotonic() - asked < 5
    assert NoCluster.exit_code == 2


def test_dask_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoCluster, match="pip install"):
        Pool(dask="tcp://127.0.0.1:9")
