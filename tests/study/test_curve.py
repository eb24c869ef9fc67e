"""Curves along one parameter: proved where they can be, else solved, few programs either way."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kido.study.methods.one_parameter.oracle import EvaluatedPoint
from kido.study.methods.one_parameter.value_function import ValueFunction, trace
from kido.study.point import CERTIFIED, FAILED, INFEASIBLE, LIMIT, SOLVED
from kido.tolerances import CROSSED_SHARE
from oracles import Between, Books, Numbers, Risk, merit, optimum, random_book, two_stage

HUNDRED = np.linspace(0.5, 3, 100).tolist()
some = settings(max_examples=25, deadline=None, derandomize=True)


def moulder(hours: float = 60, profit: float = 5) -> Numbers:
    """Bradley, Hax and Magnanti (1977), Applied Mathematical Programming, section 1.1.

    Three kinds of glasses: profit 5, 4.5, 6; hours 6, 5, 8 of `hours`; store 10, 20, 10 of 150;
    at most 8 of the first.
    """
    return Numbers.of([-profit, -4.5, -6], [[6, 5, 8], [10, 20, 10], [1, 0, 0]], [hours, 150, 8])


def assert_bounded(curve: ValueFunction, books: Books, error: float) -> None:
    """Every conclusion agrees with the optimum, found anew."""
    for conclusion in curve.conclusions:
        cost, _ = optimum(books.book(conclusion.at), books.risk)
        if conclusion.status == INFEASIBLE:
            assert cost is None, conclusion
            continue
        assert cost is not None and conclusion.lower is not None and conclusion.upper is not None
        slack = CROSSED_SHARE * abs(cost)
        assert conclusion.lower - slack <= cost <= conclusion.upper + slack, (conclusion, cost)
        assert 0 <= conclusion.upper - conclusion.lower <= error * abs(conclusion.upper) + slack


def kinds(curve: ValueFunction) -> list[str]:
    return [stretch.kind for stretch in curve.stretches]


# breakpoints known by hand


def test_breakpoints_of_a_limit_by_hand() -> None:
    """Hours from 20 to 130.

    The second kind earns most an hour (4.5/5) until it fills the store, 7.5 x 20 = 150, at
    7.5 x 5 = 37.5 hours. Then the first replaces it: half a unit less of the second for each of
    the first, 3.5 hours for 2.75, slope 11/14, until there are 8, at 37.5 + 8 x 3.5 = 65.5. The
    third replaces the second likewise: 5.5 hours for 3.75, slope 15/22, until the second is
    gone, 7 of the third, at 65.5 + 7 x 5.5 = 104. The third replaces the first one to one: 2
    hours for 1, until the first is gone, at 104 + 16 = 120. More hours are no use.
    """
    books = Books(lambda hours: moulder(hours=hours))
    curve = trace(books, [20, 40, 60, 80, 100, 130], error=0)
    assert [b.at for b in curve.breakpoints] == pytest.approx([37.5, 65.5, 104, 120], rel=1e-9)
    slopes = [0.9, 11 / 14, 15 / 22, 0.5, 0]
    assert [-b.slope_before for b in curve.breakpoints] == pytest.approx(slopes[:-1], rel=1e-9)
    assert [-b.slope_after for b in curve.breakpoints] == pytest.approx(slopes[1:], abs=1e-9)
    assert curve.complete and all(b.exact for b in curve.breakpoints)
    assert kinds(curve) == ["limits"]
    assert_bounded(curve, books, 0)


def test_breakpoints_of_a_cost_by_hand() -> None:
    """The profit of the first kind from 3 to 7, with 60 hours.

    Without the first, hours and store are worth 15/22 and 3/55, so that one unit of it,
    6 hours and 10 of the store, pays from 6 x 15/22 + 10 x 3/55 = 51/11. Then it replaces the
    third: 45/7 of it. The store is worth nothing once 6 hours, at the 4.5/5 the second kind
    earns, cost less than the first brings: from 6 x 0.9 = 5.4 there are 8.
    """
    books = Books(lambda profit: moulder(profit=profit))
    curve = trace(books, [3, 4, 5, 6, 7], error=0)
    assert [b.at for b in curve.breakpoints] == pytest.approx([51 / 11, 5.4], rel=1e-9)
    made = [0, 45 / 7, 8]
    assert [-b.slope_before for b in curve.breakpoints] == pytest.approx(made[:-1], abs=1e-9)
    assert [-b.slope_after for b in curve.breakpoints] == pytest.approx(made[1:], rel=1e-9)
    assert curve.complete and kinds(curve) == ["costs"]
    assert_bounded(curve, books, 0)


@pytest.mark.parametrize("always", [[37.5, 65.5, 104, 120], [20, 37.5, 104, 130], [65.5, 120]])
def test_places_that_are_themselves_breakpoints(always: list[float]) -> None:
    """A supporting line there may have any slope between those on either side."""
    books = Books(lambda hours: moulder(hours=hours))
    curve = trace(books, [20, 50, 130], always, error=0)
    assert [b.at for b in curve.breakpoints] == pytest.approx([37.5, 65.5, 104, 120], rel=1e-9)
    assert curve.complete and curve.programs <= 14


@pytest.mark.parametrize("lean", [0.0, 0.3, 1.0])
def test_any_supporting_slope_will_do(lean: float) -> None:
    """At each breakpoint the oracle answers with a slope of its choice."""

    class Leaning(Between):
        def slope(self, probe: EvaluatedPoint) -> float:
            step = 1e-4
            before, here, after = (
                optimum(moulder(hours=probe.at + d * step))[0] or 0.0 for d in (-1, 0, 1)
            )
            return (lean * (here - before) + (1 - lean) * (after - here)) / step

    class Leaners(Books):
        def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Between:
            return Leaning(self, low, high)

    books = Leaners(lambda hours: moulder(hours=hours))
    always = [37.5, 104]
    curve = trace(books, [20, 130], always, error=0)
    assert [b.at for b in curve.breakpoints] == pytest.approx([37.5, 65.5, 104, 120], rel=1e-6)
    assert curve.complete and curve.programs <= 16


def test_with_an_error_only_what_was_proved_is_a_breakpoint() -> None:
    books = Books(lambda hours: moulder(hours=hours))
    curve = trace(books, np.linspace(20, 130, 45).tolist(), error=0.01)
    assert not curve.complete
    known = [37.5, 65.5, 104, 120]
    for found in curve.breakpoints:
        assert found.exact and min(abs(found.at - at) for at in known) < 1e-6
    assert_bounded(curve, books, 0.01)


# what is bounded holds, whatever the book


@some
@given(random_book(parameter="limits"), st.sampled_from([0, 1e-4, 0.01]))
def test_random_limits_are_bounded(books: Books, error: float) -> None:
    curve = trace(books, HUNDRED[::4], error=error)
    assert set(kinds(curve)) <= {"limits", "nothing"}
    assert_bounded(curve, books, error)


@some
@given(random_book(parameter="costs"), st.sampled_from([0, 1e-4, 0.01]))
def test_random_costs_are_bounded(books: Books, error: float) -> None:
    curve = trace(books, HUNDRED[::4], error=error)
    assert set(kinds(curve)) <= {"costs", "nothing"}
    assert_bounded(curve, books, error)


@some
@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.6, 1.0]), st.sampled_from([0, 1e-4, 0.01]))
def test_random_prices_under_risk_are_bounded(seed: int, weight: float, error: float) -> None:
    books = Books(*two_stage(seed, "prices", weight=weight, histories=5, offers=3))
    curve = trace(books, HUNDRED[::8], error=error)
    assert_bounded(curve, books, error)


@some
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.2, 1.0]), st.sampled_from([0, 1e-4, 0.01]))
def test_random_limits_under_risk_are_bounded(seed: int, weight: float, error: float) -> None:
    books = Books(*two_stage(seed, "limits", weight=weight, histories=5, offers=3))
    curve = trace(books, HUNDRED[::4], error=error)
    assert kinds(curve) == ["limits"]
    assert_bounded(curve, books, error)


@some
@given(random_book(parameter="limits") | random_book(parameter="costs"), st.integers(0, 100))
def test_an_exact_curve_is_a_line_between_its_breakpoints(books: Books, seed: int) -> None:
    curve = trace(books, [0.5, 1, 2, 3], error=0)
    solved = [p for p in curve.probes if p.solved]
    assert curve.complete
    corners = [solved[0].at, *(b.at for b in curve.breakpoints), solved[-1].at]
    costs = [optimum(books.book(at))[0] for at in corners]
    for at in np.random.default_rng(seed).uniform(corners[0], corners[-1], 5):
        cost, _ = optimum(books.book(at))
        assert np.interp(at, corners, costs) == pytest.approx(cost, rel=1e-7)


@pytest.mark.parametrize("noise", [1e-10, 1e-9])
def test_rounding_neither_crosses_bounds_nor_goes_on_for_ever(noise: float) -> None:
    books = Books(merit, noise=noise)
    curve = trace(books, np.linspace(40, 80, 100).tolist(), error=0)
    assert curve.complete and kinds(curve) == ["limits"]
    assert [b.at for b in curve.breakpoints] == pytest.approx(range(42, 80, 2), abs=1e-3)
    assert curve.programs <= 45
    assert all(v.lower <= v.upper for v in curve.conclusions)  # type: ignore[operator]
    assert_bounded(curve, Books(merit), 0)


# few programs


def test_a_hundred_values_of_a_limit_for_a_dozen_programs() -> None:
    curve = trace(books := Books(merit), np.linspace(54, 66, 100).tolist())
    assert curve.programs <= 14
    assert_bounded(curve, books, 1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_prices_for_a_dozen_programs(seed: int) -> None:
    books = Books(*two_stage(seed, "prices", weight=0.0))
    curve = trace(books, HUNDRED)
    assert kinds(curve) == ["costs"] and curve.programs <= 16
    assert_bounded(curve, books, 1e-4)


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 6])
def test_a_hundred_prices_under_risk_for_twenty_programs(seed: int) -> None:
    books = Books(*two_stage(seed, "prices"))
    curve = trace(books, HUNDRED)
    assert kinds(curve) == ["prices"] and curve.programs == books.programs <= 20
    assert_bounded(curve, books, 1e-4)


def test_neighbours_that_price_risk_alike_ask_nothing_of_each_other() -> None:
    """One history is worst at every price, so its weight never changes."""

    def book(price: float) -> Numbers:
        histories = [[0, 0, 10], [0, price, 20]]
        return Numbers.of([3, 1, 0], [[-1, -1, -1], [0, 1, 0]], [-10, 6], histories)

    books = Books(book, Risk((0.9, 0.1), 0.5, 0.9))
    curve = trace(books, HUNDRED)
    assert kinds(curve) == ["prices"] and books.crossed == 0 and curve.programs < 15
    assert_bounded(curve, books, 1e-4)


def test_crossed_solves_that_fail_are_made_up_for() -> None:
    class Deaf(Between):
        def cross_costs(
            self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]
        ) -> list[float | None]:
            return [None for _ in pairs]

    class Deafs(Books):
        def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Between:
            return Deaf(self, low, high)

    books = Deafs(*two_stage(2, "prices"))
    curve = trace(books, HUNDRED)
    assert {v.status for v in curve.conclusions} <= {SOLVED, CERTIFIED}
    assert_bounded(curve, books, 1e-4)


def test_a_curve_never_takes_twice_the_programs_its_values_would() -> None:
    """So many breakpoints that no proof pays."""
    books = Books(lambda at: merit(at, offers=200))
    curve = trace(books, np.linspace(40, 80, 30).tolist(), error=1e-9)
    assert curve.programs <= 60
    assert {v.status for v in curve.conclusions} <= {SOLVED, CERTIFIED}


def test_an_exact_curve_ends_at_its_cap_with_every_value_solved() -> None:
    books = Books(lambda at: merit(at, offers=400))
    curve = trace(books, np.linspace(5, 115, 8).tolist(), error=0)
    assert not curve.complete and curve.programs <= 40 + 5 * 8
    assert {v.status for v in curve.conclusions} <= {SOLVED, CERTIFIED}
    assert_bounded(curve, books, 0)


def test_results_do_not_depend_on_how_many_are_solved_at_a_time() -> None:
    for book, risk in (two_stage(2, "prices"), two_stage(2, "limits"), (merit, None)):
        values = HUNDRED if risk else np.linspace(40, 80, 50).tolist()
        one, other = (Books(book, risk, batch=batch) for batch in (1, 7))
        first, second = trace(one, values), trace(other, values)
        assert sorted(one.known) == sorted(other.known) and one.crossed == other.crossed
        assert first.bounds == second.bounds and first.breakpoints == second.breakpoints


# where the parameter bends


def test_a_kink_inside_splits_the_range() -> None:
    books = Books(lambda at: merit(min(max(at, 47.3), 66.1)))
    curve = trace(books, np.linspace(40, 80, 100).tolist())
    assert kinds(curve) == ["nothing", "mixed", "limits", "mixed", "nothing"]
    for stretch, kink in zip(curve.stretches[1::2], (47.3, 66.1), strict=True):
        assert stretch.low < kink < stretch.high and stretch.high - stretch.low < 0.41
    assert curve.programs <= 40
    assert_bounded(curve, books, 1e-4)


def test_a_lever_that_turns_is_not_bounded_across_the_turn() -> None:
    """Up and down again: the ends are alike, and the middle is not."""
    books = Books(lambda at: merit(60 - abs(at)))
    curve = trace(books, np.linspace(-20, 17, 75).tolist())
    assert "mixed" not in kinds(curve) or kinds(curve) == ["limits", "mixed", "limits"]
    assert_bounded(curve, books, 1e-4)


@pytest.mark.parametrize("step", [1, 2, 0.4])
def test_a_staircase_is_solved_value_by_value(step: float) -> None:
    books = Books(lambda at: merit(step * floor(at / step)))
    requested = np.linspace(40, 80, 100).tolist()
    curve = trace(books, requested)
    assert kinds(curve) == ["mixed"] and not curve.breakpoints
    assert all(v.status == SOLVED for v in curve.conclusions)
    assert curve.programs <= len(requested) + 8
    assert_bounded(curve, books, 0)


def test_numbers_inside_the_program_are_solved_value_by_value() -> None:
    def book(share: float) -> Numbers:
        return Numbers.of([2, 3], [[-1, -share], [1, 0]], [-10, 4])

    curve = trace(books := Books(book), HUNDRED)
    assert kinds(curve) == ["mixed"] and all(v.status == SOLVED for v in curve.conclusions)
    assert_bounded(curve, books, 0)


def test_a_lever_that_moves_nothing_takes_four_programs() -> None:
    curve = trace(books := Books(lambda _: merit(60)), HUNDRED)
    assert kinds(curve) == ["nothing"] and curve.programs == 4
    assert_bounded(curve, books, 0)


def test_answers_that_refute_the_lines_are_not_bounded() -> None:
    """An oracle whose slopes are wrong is found out, and every value solved."""

    class Wrong(Between):
        def slope(self, probe: EvaluatedPoint) -> float:
            return 1.5 * super().slope(probe)

    class Wrongs(Books):
        def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Between:
            return Wrong(self, low, high)

    curve = trace(books := Wrongs(merit), np.linspace(40, 80, 30).tolist())
    assert kinds(curve) == ["mixed"] and all(v.status == SOLVED for v in curve.conclusions)
    assert_bounded(curve, books, 0)


def test_a_listed_value_is_solved_whatever_happens() -> None:
    books = Books(merit)
    listed = [41.0, 42.5, 77.0]
    curve = trace(books, np.linspace(40, 80, 100).tolist(), listed)
    status = {v.at: v.status for v in curve.conclusions}
    assert all(status[at] == SOLVED for at in listed)
    assert trace(Books(merit), [], listed).programs == 3


def test_nothing_requested_is_a_fault() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        trace(Books(merit), [])


# places without an answer


@pytest.mark.parametrize(("turn", "low", "high"), [(1, 80, 180), (-1, -180, -80)])
def test_beyond_the_last_plan_nothing_is_solved(turn: int, low: float, high: float) -> None:
    """There are 120 t: what asks more has no plan, on whichever side it lies."""
    books = Books(lambda at: merit(turn * at))
    curve = trace(books, np.linspace(low, high, 101).tolist())
    told = [v for v in curve.conclusions if v.status == INFEASIBLE]
    assert sorted(turn * v.at for v in told) == list(range(121, 181))
    assert sum(v.probe is None for v in told) > 45
    assert all(f"{turn * 121}" in v.message for v in told if v.probe is None)
    assert curve.programs < 40
    assert_bounded(curve, books, 1e-4)


def test_a_plan_in_the_middle_only() -> None:
    """At least 10 and at most 12 t of one offer: found however narrow."""

    def book(at: float) -> Numbers:
        return Numbers.of([1, 1], [[-1, 0], [1, 0], [0, 1]], [-at, 12, at - 10])

    requested = np.linspace(0, 100, 101).tolist()
    curve = trace(books := Books(book), requested)
    assert [v.at for v in curve.conclusions if v.status != INFEASIBLE] == [10, 11, 12]
    assert_bounded(curve, books, 1e-4)


def test_without_a_plan_anywhere_a_price_is_tried_four_times() -> None:
    books = Books(lambda price: Numbers.of([price], [[1], [-1]], [1, -2]))
    curve = trace(books, HUNDRED)
    assert {v.status for v in curve.conclusions} == {INFEASIBLE} and curve.programs == 4


def wide(curve: ValueFunction) -> list[float]:
    return [v.at for v in curve.conclusions if v.status == LIMIT]


def test_a_place_stopped_at_a_limit_is_gone_round() -> None:
    """The first witness is stopped: another place does."""
    requested = np.linspace(54, 66, 100).tolist()
    (witness, *_) = [at for at in _asked_first(requested) if at not in requested]
    books = Books(merit, fail={witness: LIMIT})
    curve = trace(books, requested)
    assert not wide(curve)
    assert_bounded(curve, books, 1e-4)


def test_neighbours_of_what_was_stopped_are_bounded_loosely_and_say_so() -> None:
    """Everything between 58 and 62 is stopped: bounded from both sides, not to the error."""
    requested = np.linspace(40, 80, 101).tolist()
    books = Books(merit, fail=lambda at: LIMIT if 58 < at < 62 else None)
    curve = trace(books, requested)
    loose = [v for v in curve.conclusions if v.status == LIMIT]
    assert loose and all(56 < v.at < 64 for v in loose)
    for conclusion in loose:
        cost, _ = optimum(merit(conclusion.at))
        assert conclusion.lower is not None and conclusion.upper is not None and cost is not None
        assert conclusion.lower <= cost <= conclusion.upper
        assert conclusion.probe or "limit" in conclusion.message
    assert curve.programs < 60


def test_an_end_stopped_at_a_limit_is_bounded_from_one_side() -> None:
    requested = np.linspace(40, 80, 101).tolist()
    books = Books(merit, fail=lambda at: LIMIT if at > 70 else None)
    curve = trace(books, requested)
    last = curve.conclusions[-1]
    assert last.status == LIMIT and last.lower is not None and last.upper is None
    assert last.objective is None
    below = [v for v in curve.conclusions if v.at < 60]
    assert {v.status for v in below} <= {SOLVED, CERTIFIED}


@pytest.mark.parametrize("told", [FAILED, "bad input"])
def test_values_without_a_program_lose_only_themselves(told: str) -> None:
    requested = np.linspace(40, 80, 41).tolist()
    books = Books(merit, fail=lambda at: told if at < 45 or at == 60 else None)
    curve = trace(books, requested)
    lost = {v.at for v in curve.conclusions if v.status == told}
    assert lost >= {40, 41, 42, 43, 44} and lost <= {40, 41, 42, 43, 44, 60}
    assert all(v.lower is None for v in curve.conclusions if v.at < 45)
    rest = [v for v in curve.conclusions if v.at not in lost]
    assert {v.status for v in rest} <= {SOLVED, CERTIFIED}


def test_a_book_that_always_fails_ends() -> None:
    curve = trace(Books(merit, fail=lambda _: FAILED), HUNDRED)
    assert {v.status for v in curve.conclusions} == {FAILED} and not curve.stretches


def test_a_lever_of_whole_numbers_is_bounded_at_these() -> None:
    """Between whole numbers there is no book to ask."""
    books = Books(merit, fail=lambda at: None if float(at).is_integer() else "bad input")
    curve = trace(books, np.arange(40.0, 81.0).tolist())
    assert {v.status for v in curve.conclusions} <= {SOLVED, CERTIFIED}
    assert kinds(curve) == ["limits"]
    assert_bounded(curve, books, 1e-4)


def _asked_first(requested: list[float]) -> list[float]:
    asked: list[list[float]] = []

    class Listening(Books):
        def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
            asked.append(list(places))
            return super().solve(places)

    trace(Listening(merit), requested)
    return asked[0]
