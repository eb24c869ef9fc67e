"""A point is the same in a process that has solved others, and the same as a cold plan of it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

import kido
from kido.certificate import reuse
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.errors import KidoError
from kido.study.design.parameter import Parameter
from kido.study.point import SOLVED, Outcome, Point
from kido.study.resolve import evaluate
from kido.study.resolve.evaluate import Task, evaluate_task, tables_at
from places import TUTORIAL

FACTORS = (0.5, 0.9, 1.1, 2.0)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return kido.load(TUTORIAL)


def drawn(tables: Tables, seed: int) -> Parameter:
    """A number of some row of the book, times a factor."""
    draw = random.Random(seed)
    cells = [
        (sheet, column.key, int(row))
        for sheet, frame in tables.frames.items()
        if sheet not in ("Settings", "Sweeps", "Sources")
        for column in catalogue()[sheet].columns.values()
        if column.kind in ("number", "share", "rate")
        for row in frame.rows.index[frame.rows[column.key].notna()]
    ]
    sheet, column, row = draw.choice(cells)
    values = tuple(draw.sample(FACTORS, 3))
    return Parameter(sheet, ("x",), (row,), column, "times", values, False, 2)


def forget() -> None:
    for memory in (evaluate._models, evaluate._books, reuse._last):
        memory.clear()


def outcomes(task: Task) -> list[Outcome]:
    return [replace(e.outcome, seconds=0.0) for e in evaluate_task(task)]


@pytest.mark.parametrize("seed", range(6))
def test_a_point_depends_on_its_task_alone(tables: Tables, seed: int) -> None:
    parameter = drawn(tables, seed)
    points = tuple(Point(n, (value,)) for n, value in enumerate(parameter.values))
    task = Task("tutorial", tables, (parameter,), points)
    forget()
    alone = outcomes(task)
    other = drawn(tables, seed + 100)
    evaluate_task(Task("tutorial", tables, (other,), (Point(0, (other.values[0],)),)))
    assert outcomes(task) == alone
    assert {o.status for o in alone} & {SOLVED} or all(o.message for o in alone)


@pytest.mark.parametrize("seed", range(6))
def test_a_point_costs_what_a_cold_plan_costs(tables: Tables, seed: int) -> None:
    parameter = drawn(tables, seed)
    points = tuple(Point(n, (value,)) for n, value in enumerate(parameter.values))
    for outcome in outcomes(Task("tutorial", tables, (parameter,), points)):
        edited = tables_at(tables, (parameter,), outcome.point)
        try:
            cold = kido.evaluate(edited).solution.objective
        except KidoError:
            assert outcome.status != SOLVED
            continue
        assert outcome.objective == pytest.approx(cold, rel=1e-7, abs=1e-3)
