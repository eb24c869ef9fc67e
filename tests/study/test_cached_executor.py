"""What is kept is taken up as the answer to the points that ask now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kido.study.checks.book import checked_book
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.execute.executor import Pool
from kido.study.execute.result_cache import ResultCache
from kido.study.point import FAILED, SOLVED, Outcome, Point
from kido.study.resolve import evaluate
from kido.study.resolve.evaluate import Evaluation, Task, evaluate_task, model_of
from parameters import parameter
from places import TUTORIAL


def solved(task: Task) -> list[Evaluation]:
    return [Evaluation(Outcome(p, SOLVED, objective=float(p.values[0] or 0))) for p in task.points]


def task_of(*points: Point) -> Task:
    tables = checked_book(TUTORIAL)
    return Task("book", tables, (parameter(tables, "Demand", ("Magnets",), "need"),), points)


def test_the_same_values_asked_twice_keep_their_numbers(tmp_path: Path) -> None:
    """Chunks of a sample of whole numbers can be alike; each answers its own points."""
    tasks = [task_of(Point(n, (1.0,)), Point(n + 1, (2.0,))) for n in (0, 2, 4)]
    with Pool() as pool:
        first = CachedExecutor(pool, ResultCache(tmp_path / "kept")).map(solved, tasks)
        executor = CachedExecutor(pool, ResultCache(tmp_path / "kept"))
        again = executor.map(solved, tasks)
    assert executor.counts["kept"] == 3
    for found in (first, again):
        assert [f.outcome.point.number for answers in found for f in answers] == list(range(6))


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    def failed(task: Task) -> list[Evaluation]:
        return [Evaluation(Outcome(p, FAILED, "no")) for p in task.points]

    task = task_of(Point(0, (1.0,)))
    with Pool() as pool:
        executor = CachedExecutor(pool, ResultCache(tmp_path / "kept"))
        assert executor.map(failed, [task])[0][0].outcome.status == FAILED
        assert executor.map(solved, [task])[0][0].outcome.status == SOLVED


def test_a_bench_is_of_its_levers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same number at another parameter is another frame."""
    monkeypatch.setattr(evaluate, "_models", {})
    task = task_of(Point(0, (2.0,)))
    priced = parameter(task.tables, "Routes", ("Exporter to Factory",), "price")
    frame = replace(task, frame=Point(0, (2.0,)))
    other = replace(frame, parameters=(priced,))
    assert model_of(frame, None) is model_of(frame, None)
    assert model_of(frame, None) is not model_of(other, None)


def test_solver_words_reach_nobody() -> None:
    task = replace(task_of(Point(0, (1.0,))), parameters=())
    (found,) = evaluate_task(replace(task, points=(Point(0, ("x",)),)))  # type: ignore[arg-type]
    assert found.outcome.status == FAILED and "please report it" in found.outcome.message
