"""The points of every method, their order, and what their answers say of the parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from example_book import good
from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.design.parameter import Parameter
from kido.study.designs import size
from kido.study.methods.sampling.method import indices
from kido.study.methods.sampling.result import Index
from kido.study.point import INFEASIBLE, SOLVED, Outcome, Point
from kido.study.registry import METHODS
from sheets import tables_of

NAMES = ("a", "b", "c", "d")
NEEDS = [{"name": n, "site": "S", "commodity": "C", "need": 1} for n in NAMES]
BOOK = tables_of({}, Demand=NEEDS, Routes=[{"name": "R", "start": "2027-03"}])


def need(place: int, *values: float, operation: str = "set") -> Parameter:
    at = (2 + place,)
    return Parameter("Demand", (NAMES[place],), at, "need", operation, values, False, at[0])


def design(method: str, *parameters: Parameter, **more: Any) -> Design:
    return Design("X", method, parameters, **more)


def points(x: Design, book: Tables) -> Sequence[Point]:
    return METHODS[x.method].points(x, book)


def values(x: Design, book: Tables = BOOK) -> list[tuple[float | None, ...]]:
    return [point.values for point in points(x, book)]


def answered(x: Design, cost: Callable[..., float]) -> list[Outcome]:
    return [Outcome(p, SOLVED, objective=cost(*p.values)) for p in points(x, BOOK)]


def by_measure(found: tuple[Index, ...], measure: str) -> tuple[np.ndarray, np.ndarray]:
    chosen = [i for i in found if i.measure == measure]
    assert [i.parameter for i in chosen] == [f"{n}: need" for n in NAMES[: len(chosen)]]
    return np.array([i.value for i in chosen]), np.array([i.confidence for i in chosen])


# --- points ---------------------------------------------------------------------------


def test_a_curve_goes_along_its_values() -> None:
    x = design("curve", need(0, 3, 1, 2, 1), need(1, 30, 10, 20, 10))
    assert [(p.number, p.values) for p in points(x, BOOK)] == [(1, (1, 10)), (2, (2, 20)),
                                                              (0, (3, 30))]  # fmt: skip


def test_a_tornado_moves_one_lever_at_a_time() -> None:
    x = design("tornado", need(0, 0.5, 2), need(1, 3, 3))
    found = points(x, BOOK)
    assert {p.number: p.values for p in found} == {0: (0.5, None), 1: (2, None), 2: (None, 3)}
    assert [p.key for p in found] == list(dict.fromkeys(p.key for p in found))


def test_a_grid_is_walked_like_a_field() -> None:
    x = design("grid", need(0, 2, 1), need(1, 5, 3, 4))
    assert values(x) == [(1, 3), (1, 4), (1, 5), (2, 5), (2, 4), (2, 3)]
    assert sorted(p.number for p in points(x, BOOK)) == list(range(6))


@pytest.mark.parametrize(("method", "count"), [("latin", 8), ("morris", 32), ("sobol", 40)])
def test_samples_lie_between_the_ends(method: str, count: int) -> None:
    x = design(method, need(0, 1, 3, 2), need(1, 10, 20), need(2, 0, 1), samples=8)
    found = points(x, BOOK)
    assert len(found) == size(x) == count
    drawn = np.array([p.values for p in found], dtype=float)
    assert (drawn >= [1, 10, 0]).all() and (drawn <= [3, 20, 1]).all()
    assert [p.values for p in points(x, BOOK)] == [p.values for p in found], "on every run"
    if method == "latin":
        eighths = np.floor((drawn - [1, 10, 0]) / [2, 10, 1] * 8)
        assert all(sorted(column) == list(range(8)) for column in eighths.T)


def test_samples_of_whole_numbers_are_whole_and_reach_both_ends_alike() -> None:
    months = Parameter("Routes", ("R",), (2,), "start", "plus", (-1, 2), False, 9)
    x = design("latin", months, need(0, 0, 1), samples=400)
    drawn = [v for v, _ in values(x)]
    assert [drawn.count(month) for month in (-1, 0, 1, 2)] == [100] * 4
    path = design("morris", months, need(0, 0, 1), samples=4)
    assert {v for v, _ in values(path)} == {-1, 0, 1, 2}


def test_scenarios_are_branches() -> None:
    sheets, options = good()
    sheets["Scenarios"] += [
        {"name": "Rare", "probability": 0, "known": "2026-09"},
        {"name": "Quake", "probability": 0.02, "known": "2026-08", "every": 6,
         "until": "2027-02"},
    ]  # fmt: skip
    book = tables_of(options, **sheets)
    every = points(design("scenarios"), book)
    assert [p.number for p in every] == list(range(6))
    assert {p.scenario for p in every} == {
        "Trunk", "Stop", "Long stop", "Rare", "Quake 2026-08", "Quake 2027-02",
    }  # fmt: skip
    named = points(design("scenarios", words=("Quake", "Trunk")), book)
    assert [p.scenario for p in named] == ["Trunk", "Quake 2026-08", "Quake 2027-02"]


def test_a_room_has_no_points() -> None:
    assert points(design("room", values=(0.01,)), BOOK) == []


# --- order ----------------------------------------------------------------------------


def length(found: list[Point], parameters: tuple[Parameter, ...]) -> float:
    """How far a walk along the points goes, in shares of the ranges; unmoved: where 1 is."""
    rows = [[1 if v is None else v for v in p.values] for p in found]
    spans = [max(at.values) - min(at.values) or 1 for at in parameters]
    steps = np.diff(np.array(rows) / spans, axis=0)
    return float(np.sqrt((steps**2).sum(axis=1)).sum())


LISTS = st.lists(st.integers(-9, 9).map(float), min_size=1, max_size=6)


@given(LISTS, LISTS)
@settings(deadline=None)
def test_a_grid_is_no_longer_a_walk_than_as_written(
    first: list[float], second: list[float]
) -> None:
    x = design("grid", need(0, *first), need(1, *second))
    found = points(x, BOOK)
    raw = sorted(found, key=lambda p: p.number)
    assert [p.number for p in raw] == list(range(len(set(first)) * len(set(second))))
    assert length(found, x.parameters) <= length(raw, x.parameters) + 1e-9


@given(st.sampled_from(["latin", "morris", "sobol", "tornado"]),
       st.lists(st.tuples(st.floats(-5, 0), st.floats(1, 5)), min_size=2, max_size=4),
       st.sampled_from([4, 8]))  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_the_order_is_a_permutation(
    method: str, ends: list[tuple[float, float]], samples: int
) -> None:
    x = design(method, *(need(k, *pair) for k, pair in enumerate(ends)), samples=samples)
    found = points(x, BOOK)
    assert sorted(p.number for p in found) == list(range(size(x)))


def test_neighbours_are_close() -> None:
    x = design("sobol", need(0, 0, 2), need(1, 0, 2), need(2, 0, 2), samples=64)
    found = points(x, BOOK)
    raw = sorted(found, key=lambda p: p.number)
    assert length(found, x.parameters) < 0.6 * length(raw, x.parameters)
    first = np.array(found[0].values, dtype=float)
    away = [float(np.linalg.norm(np.array(p.values, dtype=float) - 1)) for p in found]
    assert np.linalg.norm(first - 1) == min(away), "the book stands at 1: begin beside it"


def test_a_long_design_is_ordered_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kido.study.design.points.SLICE", 10)
    x = design("latin", need(0, 0, 1), need(1, 0, 1), samples=64)
    assert sorted(p.number for p in points(x, BOOK)) == list(range(64))


# --- indices --------------------------------------------------------------------------


def ishigami(a: float, b: float, c: float) -> float:
    """Ishigami and Homma (1990), a = 7, b = 0.1."""
    return math.sin(a) + 7 * math.sin(b) ** 2 + 0.1 * c**4 * math.sin(a)


def around_zero(method: str, samples: int) -> Design:
    ends = (-math.pi, math.pi)
    return design(method, *(need(k, *ends) for k in range(3)), samples=samples)


def test_sobol_indices_of_the_ishigami_function() -> None:
    x = around_zero("sobol", 1024)
    found, left_out = indices(x, answered(x, ishigami))
    assert left_out == 0
    for measure, truth in (("S1", [0.3139, 0.4424, 0]), ("ST", [0.5576, 0.4424, 0.2437])):
        value, width = by_measure(found, measure)
        assert (np.abs(value - truth) < width).all()
        assert_allclose(value, truth, atol=0.05)


def test_effects_of_a_line() -> None:
    """4 a - 5 b + 3, a from 0 to 10, b from -1 to 1: 40 and -10 across the range, never else."""
    x = design("morris", need(0, 0, 10), need(1, -1, 1), need(2, 5, 6), samples=8)
    found, left_out = indices(x, answered(x, lambda a, b, c: 4 * a - 5 * b + 3))
    assert left_out == 0
    for measure, truth in (("mu", [40, -10, 0]), ("mu_star", [40, 10, 0]), ("sigma", [0, 0, 0])):
        value, width = by_measure(found, measure)
        assert_allclose(value, truth, atol=1e-9)
        assert_allclose(width, 0, atol=1e-9)


def test_effects_of_whole_months() -> None:
    """2 a month, from 6 early to 6 late: 24 across the range."""
    months = Parameter("Routes", ("R",), (2,), "start", "plus", (-6, 6), False, 9)
    x = design("morris", months, need(0, 0, 1), samples=8)
    found, _ = indices(x, answered(x, lambda a, b: 2 * a))
    assert [i.value for i in found if i.measure == "mu"] == pytest.approx([24, 0])


def test_effects_that_turn() -> None:
    """(a - 1/2) squared goes down and up: no effect in the mean, one in size."""
    x = design("morris", need(0, 0, 1), need(1, 0, 1), samples=64)
    found, _ = indices(x, answered(x, lambda a, b: (a - 0.5) ** 2 + b))
    mu, _ = by_measure(found, "mu")
    star, width = by_measure(found, "mu_star")
    sigma, _ = by_measure(found, "sigma")
    assert abs(mu[0]) < 0.15 and star[0] == pytest.approx(1 / 3) and sigma[0] > 0.2
    assert star[1] == pytest.approx(1) and width[1] == pytest.approx(0, abs=1e-9)


def test_rank_correlation() -> None:
    x = design("latin", need(0, 0, 1), need(1, 0, 1), need(2, 0, 1), samples=200)
    found, _ = indices(x, answered(x, lambda a, b, c: math.exp(5 * a) - 0.01 * b))
    rank, width = by_measure(found, "rank")
    assert rank[0] > 0.99 and (np.abs(rank[1:]) < 0.2).all()
    assert width[0] < 0.01 and ((width[1:] > 0.1) & (width[1:] < 0.2)).all()


@pytest.mark.parametrize(
    ("method", "failed", "blocks"),
    [("latin", (0, 9), 3), ("morris", (0, 3, 9), 3), ("sobol", (0, 4, 9), 3)],
)
def test_blocks_with_a_failure_are_left_out(
    method: str, failed: tuple[int, ...], blocks: int
) -> None:
    """Two failures in the first block where it has several points; the last answer is missing."""
    x = design(method, *(need(k, 0, 1) for k in range(3)), samples=64)
    outcomes = sorted(answered(x, lambda a, b, c: 4 * a + b), key=lambda o: o.point.number)
    for number in failed:
        outcomes[number] = Outcome(outcomes[number].point, INFEASIBLE, "no plan")
    found, left_out = indices(x, outcomes[:-1])
    assert left_out == blocks
    value, _ = by_measure(found, {"latin": "rank", "morris": "mu_star", "sobol": "ST"}[method])
    assert value[0] > value[1] > abs(value[2]) - 0.2
    if method == "morris":
        assert_allclose(value, [4, 1, 0], atol=1e-9)


@pytest.mark.parametrize("method", ["latin", "morris", "sobol"])
def test_nothing_is_made_of_too_little(method: str) -> None:
    x = around_zero(method, 8)
    outcomes = answered(x, ishigami)
    assert indices(x, []) == ((), 8)
    flat, left_out = indices(x, answered(x, lambda a, b, c: 5.0))
    assert left_out == 0 and {(i.value, i.confidence) for i in flat} == {(0, 0)}
    few = [o for o in outcomes if o.point.number < 3 * size(x) // 8]
    assert indices(x, few) == ((), 5)


def test_answers_may_come_in_any_order() -> None:
    x = around_zero("sobol", 32)
    outcomes = answered(x, ishigami)
    assert indices(x, outcomes) == indices(x, sorted(outcomes, key=lambda o: o.point.values))
