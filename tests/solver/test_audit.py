"""That an answer is the cheapest is proved: wrong vertices, wrong prices and lies are refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import highspy
import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

import kido
from kido.errors import SolverError, TimeLimitReached
from kido.solver import highs, lexicographic
from kido.solver.audit import Audit, allowed_gap, audit, reduced_costs
from kido.solver.bound_tightening import BoundTightening
from kido.solver.handle import SolverCallError
from kido.solver.highs import InfeasibleProgram, solve_program
from kido.solver.program import Program, with_objective_bounded
from kido.solver.warm_start import LiveSolver
from kido.study.point import FAILED, Outcome, Point
from kido.study.resolve.evaluate import Task, evaluate_task
from parameters import parameter
from tiny_book import COST, RISKY, more, small_book

Vector = NDArray[np.float64]
INF = math.inf


def program(
    cost: list[float] | Vector,
    matrix: list[list[float]] | Vector,
    lower: list[float] | Vector,
    upper: list[float] | Vector,
    low: list[float] | Vector | None = None,
    high: list[float] | Vector | None = None,
    offset: float = 0.0,
) -> Program:
    rates = np.array(matrix, dtype=float).reshape(len(lower), len(cost))
    return Program(
        cost=np.array(cost, dtype=float),
        offset=offset,
        matrix=csr_matrix(rates),
        lower=np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        low=np.zeros(len(cost)) if low is None else np.array(low, dtype=float),
        high=np.full(len(cost), INF) if high is None else np.array(high, dtype=float),
        rows=tuple(("row", (i,)) for i in range(len(lower))),
        columns=tuple(("column", (j,)) for j in range(len(cost))),
    )


TWO = program([-1, -2], [[1, 1]], [-INF], [10])  # both share 10 t; the second earns more


def checked(of: Program, values: list[float], duals: list[float]) -> Audit:
    return audit(of, np.array(values, dtype=float), np.array(duals, dtype=float))


# --- planted by hand ----------------------------------------------------------


def test_the_optimum_is_proved() -> None:
    found = checked(TWO, [0, 10], [-2])
    assert found.passed
    assert (found.objective, found.bound, found.gap) == (-20, -20, 0)


@pytest.mark.parametrize(
    "values, duals, bound",
    [
        # no column beats the price of 1, but the second; the row implies at most 10 of it
        ([10, 0], [-1], -20),
        ([10, 0], [-2], -20),
        ([10, 0], [0], -30),  # each at most 10 by itself
        ([5, 5], [-2], -20),
        ([0, 10], [-3], -30),  # prices that are none
        ([0, 10], [1], None),  # a price on the side that is not there
    ],
)
def test_a_vertex_that_is_not_proved_is_refused(
    values: list[float], duals: list[float], bound: float | None
) -> None:
    found = checked(TWO, values, duals)
    assert not found.passed and "not ruled out" in found.words
    assert found.bound <= -20 + 1e-6 and found.gap > 0
    if bound is not None:
        assert found.bound == pytest.approx(bound, abs=1e-6)
        assert found.slack == pytest.approx(found.objective - bound, abs=1e-6)


@pytest.mark.parametrize("values", [[0, 11], [-1, 11], [0, 10.00002]])
def test_a_plan_that_breaks_a_row_or_a_limit_is_refused(values: list[float]) -> None:
    found = checked(TWO, values, [-2])
    assert not found.passed and "it breaks" in found.words


def test_what_is_broken_is_named() -> None:
    assert "row (0) by 1" in checked(TWO, [0, 11], [-2]).words
    assert "column (0) by 5" in checked(TWO, [-5, 10], [-2]).words


@pytest.mark.parametrize(
    "values, duals",
    [
        ([math.nan, 10], [-2]),
        ([0, 10], [math.nan]),
        ([0, math.inf], [-2]),
        ([0, 10], [-2, 0]),  # of another program
        ([0], [-2]),
        ([], []),
    ],
)
def test_what_is_no_number_or_of_another_program_is_refused(
    values: list[float], duals: list[float]
) -> None:
    found = checked(TWO, values, duals)
    assert not found.passed and "none" in found.words


@pytest.mark.parametrize("part", ["cost", "lower", "high"])
def test_a_program_with_what_is_no_number_proves_nothing(part: str) -> None:
    spoilt = replace(TWO, **{part: np.full_like(getattr(TWO, part), np.nan)})
    assert not checked(spoilt, [0, 10], [-2]).passed


def test_a_gain_without_end_is_refused() -> None:
    """Nothing limits the second column, and its cost is less than nought."""
    free = program([1, -1], [[1, 0]], [2], [INF])
    found = checked(free, [2, 0], [1])
    assert not found.passed and "without end" in found.words and found.unproved == 1
    assert "column (1)" in found.words


def test_a_price_of_rounding_on_a_side_that_nothing_implies_is_counted() -> None:
    barely = program([1, -1e-9], [[1, 0]], [2], [INF])
    found = checked(barely, [2, 0], [1])
    assert found.passed and found.unproved == 1 and found.dual_broken == pytest.approx(1e-9)


def test_a_price_of_rounding_is_worth_the_side_that_rows_imply() -> None:
    """1e-9 times a hundred million tonnes is money; times ten it is not."""
    for limit, passed in ((10, True), (1e8, False)):
        nearly = program([1, -1e-9], [[1, 0], [0, 1]], [2, -INF], [INF, limit])
        found = checked(nearly, [2, 0], [1, 0])
        assert found.passed is passed
        assert found.unproved == 0 and found.implied == 1
        assert found.dual_money == pytest.approx(1e-9 * limit)


def test_the_cost_of_the_plan_implies_a_side() -> None:
    """Nothing limits the first column but that it costs 2: of a cheaper plan it is 1 at most."""
    priced = program([2, 1], [[1, 1]], [2], [INF])
    found = checked(priced, [0, 2], [1.0 + 1e-9])
    assert found.passed and found.unproved == 0
    assert not checked(priced, [2, 0], [2]).passed
    assert not checked(priced, [0, 2], [3]).passed


@pytest.mark.parametrize("wrong", [0.0, 1e-3, -1e-3])
def test_free_and_fixed_columns_and_two_sided_rows(wrong: float) -> None:
    """2 <= x + y + z <= 5 with z held at 1 and x free above y: min 3x + y - 2x."""
    of = program([1, 1, 4], [[1, 1, 1], [1, -1, 0]], [2, 0], [5, 0], [-INF, 0, 1], [INF, INF, 1], 7)
    found = checked(of, [0.5, 0.5, 1], [1 + wrong, 0])
    assert found.passed is (wrong == 0)
    assert wrong or (found.bound, found.gap) == (12, 0)


def test_a_drop_that_a_broken_row_hides_is_refused() -> None:
    """What is broken saves as much as the vertex wastes: the sums would cancel."""
    of = program([1e6, 1], [[1, 0], [0, 1]], [1, 1], [INF, INF])
    found = checked(of, [1 - 5e-7, 1.5], [1e6, 1])
    assert abs(found.gap) < 1e-6 and not found.passed


def test_reduced_costs_are_worked_out_anew() -> None:
    np.testing.assert_allclose(reduced_costs(TWO, np.array([-2.0])), [1, 0])
    np.testing.assert_allclose(reduced_costs(TWO, np.array([-0.5])), [-0.5, -1.5])


def test_rows_imply_sides_from_one_to_the_next() -> None:
    """A store that is filled from a limited offer, month after month."""
    months = 5
    matrix = np.zeros((months, 2 * months))
    for n in range(months):
        matrix[n, n], matrix[n, months + n] = 1, -1  # stock - bought - stock before = 0
        if n:
            matrix[n, n - 1] = -1
    sides = BoundTightening(
        csr_matrix(matrix), np.zeros(months), np.zeros(months), np.zeros(2 * months),
        np.r_[np.full(months, INF), np.full(months, 3.0)],
    )  # fmt: skip
    rounds = 0
    while sides.tighten():
        rounds += 1
        assert rounds < 20
    np.testing.assert_allclose(sides.high[:months], 3.0 * np.arange(1, months + 1), rtol=1e-6)
    assert (sides.high[:months] >= 3.0 * np.arange(1, months + 1)).all()


# --- random programs ----------------------------------------------------------


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Whole numbers, a plan known beforehand; sides of every kind, some of them not there."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(1, 7))
    plan = rng.integers(-3, 6, columns).astype(float)
    matrix = rng.integers(-3, 4, (rows, columns)) * (rng.random((rows, columns)) < 0.7)

    def sides(level: Vector) -> tuple[Vector, Vector]:
        kinds = rng.integers(0, 4, len(level))
        below, above = rng.integers(0, 5, (2, len(level)))
        lower = np.where(kinds == 1, -INF, level - below)
        upper = np.where(kinds == 2, INF, level + above)
        return np.where(kinds == 3, level, lower), np.where(kinds == 3, level, upper)

    return program(
        rng.integers(-4, 9, columns).astype(float), matrix.astype(float),
        *sides(matrix @ plan), *sides(plan), offset=float(rng.integers(-5, 5)),
    )  # fmt: skip


def optimum_of(of: Program) -> float | None:
    """By another road into another build of the solver; None where there is none."""
    rows = of.matrix.toarray()
    above, below = np.isfinite(of.upper), np.isfinite(of.lower)
    found = linprog(
        of.cost,
        A_ub=np.vstack([rows[above], -rows[below]]),
        b_ub=np.concatenate([of.upper[above], -of.lower[below]]),
        bounds=list(zip(of.low, of.high, strict=True)),
    )
    return float(found.fun) + of.offset if found.status == 0 else None


@settings(max_examples=150, deadline=None)
@given(programs(), st.sampled_from(["auto", "ipx", "simplex"]))
def test_an_honest_answer_passes(of: Program, method: str) -> None:
    best = optimum_of(of)
    if best is None:
        return
    found = solve_program(of, method)
    proof = found.statistics.audit
    assert proof.passed and len(found.statistics.attempts) == 1
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert proof.bound <= best + 1e-6 and proof.bound >= best - 1e-6


@settings(max_examples=300, deadline=None)
@given(programs(), st.integers(0, 2**32 - 1))
def test_an_answer_that_is_dearer_never_passes(of: Program, seed: int) -> None:
    """Another vertex, with its own prices or with the right ones, or any prices at all."""
    best = optimum_of(of)
    if best is None:
        return
    rng = np.random.default_rng(seed)
    right = np.array([*solve_program(of).duals.get("row", {}).values()])
    there = np.clip(np.abs(of.cost[::-1]) + rng.integers(0, 3, len(of.cost)), 1, None)
    boxed = replace(of, low=np.maximum(of.low, -50), high=np.minimum(of.high, 50), cost=there)
    other = solve_program(boxed)
    values = np.array([*other.values["column"].values()])
    own = np.array([*other.duals.get("row", {}).values()])
    cost = float(of.cost @ values) + of.offset
    for duals in (right, own, rng.normal(size=len(of.lower)), right + rng.normal(size=len(right))):
        found = audit(of, values, duals)
        assert found.bound <= best + 1e-6 or found.unproved
        assert not found.passed or cost <= best + 2 * allowed_gap(best)
    if cost <= best + allowed_gap(best) / 2:
        assert audit(of, values, right).passed


@settings(max_examples=100, deadline=None)
@given(programs(), st.floats(-3, 3), st.integers(0, 10))
def test_a_plan_that_is_moved_never_passes(of: Program, by: float, at: int) -> None:
    """Off the optimum it is dearer, or it breaks something, or it is another optimum."""
    best = optimum_of(of)
    if best is None:
        return
    found = solve_program(of)
    values = np.array([*found.values["column"].values()])
    values[at % len(values)] += by
    moved = audit(of, values, np.array([*found.duals.get("row", {}).values()]))
    cost = float(of.cost @ values) + of.offset
    assert not moved.passed or cost == pytest.approx(best, abs=2e-5)


# --- a solver that lies -------------------------------------------------------

Lie = Callable[[highspy.Highs, Any], tuple[Any, Any]]


def dearest(solver: highspy.Highs, truth: Any) -> tuple[Any, Any]:
    """A vertex, with its prices, of a program on the same rows where what is dear is cheap."""
    lp = solver.getLp()
    cost = np.array(lp.col_cost_)
    lp.col_cost_ = np.abs(cost).max() + 1 - cost
    other = highspy.Highs()
    other.setOptionValue("output_flag", False)
    other.passModel(lp)
    other.run()
    found = other.getSolution()
    return found.col_value, found.row_dual


LIES: dict[str, Lie] = {
    "a dearer vertex, its own prices": dearest,
    "a dearer vertex, the right prices": lambda s, t: (dearest(s, t)[0], t.row_dual),
    "the right vertex, prices of another": lambda s, t: (t.col_value, dearest(s, t)[1]),
    "the right vertex, no prices": lambda s, t: (t.col_value, [0.0] * len(t.row_dual)),
    "nothing is done": lambda s, t: ([0.0] * len(t.col_value), t.row_dual),
    "what is no number": lambda s, t: ([math.nan] * len(t.col_value), t.row_dual),
    "one price is no number": lambda s, t: (t.col_value, [math.nan, *t.row_dual[1:]]),
    "of a smaller program": lambda s, t: (t.col_value[1:], t.row_dual),
}


@dataclass
class Liar:
    """Runs the solver, and makes it tell something else the first `times`."""

    lie: Lie
    times: float = INF
    runs: int = 0

    def __call__(self, solver: highspy.Highs) -> None:
        honest(solver)
        truth = highspy.Highs.getSolution(solver)
        told = truth.col_value, truth.row_dual
        if self.runs < self.times and solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            told = self.lie(solver, truth)
        self.runs += 1
        answer = SimpleNamespace(col_value=told[0], row_dual=told[1], col_dual=truth.col_dual)
        solver.getSolution = lambda: answer  # type: ignore[method-assign]


honest = highs.run_solver


def lying(monkeypatch: pytest.MonkeyPatch, lie: Lie, times: float = INF) -> Liar:
    liar = Liar(lie, times)
    monkeypatch.setattr(highs, "run_solver", liar)
    return liar


@pytest.fixture
def no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    write = lambda report, answer, path, shown: path.write_text("results")  # noqa: E731
    monkeypatch.setattr("kido.run.write_results", write)


@pytest.mark.parametrize("lie", LIES)
def test_a_solver_that_lies_once_is_asked_another_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_workbook: None, lie: str
) -> None:
    lying(monkeypatch, LIES[lie], times=1)
    said: list[str] = []
    facts = kido.solve(small_book(tmp_path / "b.xlsx"), output=tmp_path / "r", say=said.append)
    told = json.loads((tmp_path / "r" / "run.json").read_text("utf-8"))
    assert told["objective"] == pytest.approx(COST) and facts.facts["proof"]["gap"] < 1e-6
    first, second = told["solver"]["attempts"]
    assert first.startswith("simplex: Optimal, but ") and second.startswith("ipx: Optimal")
    assert told["proof"]["refused"] == told["solver"]["attempts"][:1]
    assert any("trying ipx" in words and ", but " in words for words in said)


@pytest.mark.parametrize("lie", LIES)
def test_a_solver_that_always_lies_is_never_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    liar = lying(monkeypatch, LIES[lie])
    with pytest.raises(SolverError, match=r"can be trusted.*, but ") as caught:
        kido.solve(small_book(tmp_path / "b.xlsx"), output=tmp_path / "r")
    assert caught.value.exit_code == 1 and liar.runs == len(highs.ORDERS["auto"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.xlsx"]


@pytest.mark.parametrize("lie", LIES)
def test_a_warm_answer_that_is_not_so_is_found_again_from_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    liver, of = LiveSolver(TWO), TWO
    start = liver.solve(of).basis
    dearer = replace(TWO, cost=np.array([-3.0, -2.0]))
    lying(monkeypatch, LIES[lie], times=1)
    found = liver.solve(dearer, start)
    assert found.objective == pytest.approx(-30) and not found.warm
    first, last = found.solution.statistics.attempts
    assert first.startswith("warm simplex: Optimal, but ") and last == "simplex: Optimal"
    assert found.solution.statistics.refused == (first,)


@pytest.mark.parametrize("lie", LIES)
def test_points_of_a_sweep_are_solved_again_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    """The book, which is honest, then two points that begin with a lie each."""
    tables = kido.load(small_book(tmp_path / "b.xlsx"))
    parameters = (parameter(tables, "Demand", ("Need",), "need"),)
    task = Task(lie, tables, parameters, (Point(0, (1.0,)),), whole=True)
    (base,) = evaluate_task(task)
    for number, (factor, cost) in enumerate(((0.5, COST / 2), (1.1, COST + 3 * 9))):
        lying(monkeypatch, LIES[lie], times=1)
        point = replace(task, points=(Point(number, (factor,)),), start=base.start)
        outcome = evaluate_task(point)[0].outcome
        assert outcome.objective == pytest.approx(cost) and not outcome.warm
        assert "refused" in outcome.message and outcome.attempts[0].startswith("warm simplex: ")
        assert outcome.gap == pytest.approx(0, abs=1e-6)
        assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome
    lying(monkeypatch, LIES[lie])
    outcome = evaluate_task(replace(task, points=(Point(2, (0.7,)),), start=base.start))[0].outcome
    assert outcome.status == FAILED and outcome.objective is None
    assert "can be trusted" in outcome.message and ", but " in outcome.message


def test_a_sweep_tells_the_worst_of_its_proofs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"name": "Need", "method": "curve", "sheet": "Demand", "row": "Need", "column": "need",
           "operation": "times", "values": "0.5; 0.8; 1.1"}  # fmt: skip
    book = small_book(tmp_path / "b.xlsx", more("Sweeps", **row))
    monkeypatch.setattr("kido.study.sweep.write_sweep", lambda r, x, path: path.write_text("new"))
    liar = lying(monkeypatch, dearest, times=2)
    (sweep,) = kido.sweep(book, jobs=1, output=tmp_path / "r")
    proof = sweep.facts["proof"]
    assert liar.runs >= 4 and proof["points"] == 3
    assert proof["largest_gap_kusd"] == max(p["gap"] for p in sweep.facts["points"]) < 1e-6
    assert [p["objective"] for p in sweep.facts["points"]] == pytest.approx([90, 144, 207])
    told = {str(what): value for _, what, value in sweep.report["sweep_about"].frame.values}
    assert told["proof largest_gap_kusd"] == proof["largest_gap_kusd"]


# --- how it ended -------------------------------------------------------------

OTHER_ENDS = [
    s for s in highspy.HighsModelStatus.__members__.values()
    if s not in (*highs.ANSWERED, highspy.HighsModelStatus.kInfeasible,
                 highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kTimeLimit)
]  # fmt: skip


@pytest.mark.parametrize("status", OTHER_ENDS, ids=str)
def test_no_other_end_is_an_answer(monkeypatch: pytest.MonkeyPatch, status: Any) -> None:
    """Though a solution, the right one even, is there to be had."""

    def ended(solver: highspy.Highs) -> None:
        honest(solver)
        solver.getModelStatus = lambda: status  # type: ignore[method-assign]

    monkeypatch.setattr(highs, "run_solver", ended)
    with pytest.raises(SolverError):
        solve_program(TWO)
    with pytest.raises(SolverError):
        LiveSolver(TWO).solve(TWO)


@pytest.mark.parametrize("told", ["kInfeasible", "kUnbounded"])
def test_from_a_start_nothing_but_an_answer_is_believed(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    solver = LiveSolver(TWO)
    start, runs = solver.solve(TWO).basis, []

    def ended(handle: highspy.Highs) -> None:
        honest(handle)
        runs.append(handle)
        status = getattr(highspy.HighsModelStatus, told)
        real = highspy.Highs.getModelStatus(handle)
        handle.getModelStatus = lambda: status if len(runs) == 1 else real  # type: ignore

    monkeypatch.setattr(highs, "run_solver", ended)
    found = solver.solve(replace(TWO, upper=np.array([7.0])), start)
    assert found.objective == pytest.approx(-14) and not found.warm and len(runs) == 2


def test_no_plan_is_still_no_plan(tmp_path: Path) -> None:
    solver = LiveSolver(TWO)
    start = solver.solve(TWO).basis
    with pytest.raises(InfeasibleProgram):
        solver.solve(replace(TWO, lower=np.array([9.0]), high=np.array([4.0, 4.0])), start)
    with pytest.raises(InfeasibleProgram):
        solve_program(replace(TWO, lower=np.array([9.0]), high=np.array([4.0, 4.0])))


# --- the one door -------------------------------------------------------------


def test_a_method_that_cannot_be_had_is_not_said_to_have_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether the package of `hipo` is there or not: it is refused as HiGHS would."""
    really = highspy.Highs.setOptionValue

    def without(self: highspy.Highs, name: str, value: Any) -> highspy.HighsStatus:
        if (name, value) == ("solver", "hipo"):
            return highspy.HighsStatus.kError
        return really(self, name, value)

    monkeypatch.setattr(highspy.Highs, "setOptionValue", without)
    told = solve_program(TWO, "hipo").statistics
    assert told.method in ("ipx", "simplex")
    assert told.attempts[0].startswith("hipo: refused") and len(told.attempts) == 2
    assert told.attempts[1].startswith("ipx: Optimal")


CALLS = {
    "passModel": lambda: LiveSolver(TWO),
    "setOptionValue": lambda: LiveSolver(TWO),
    "changeColsCost": lambda: LiveSolver(TWO).solve(replace(TWO, cost=np.array([1.0, 1.0]))),
    "changeColsBounds": lambda: LiveSolver(TWO).solve(replace(TWO, high=np.array([1.0, 1.0]))),
    "changeRowsBounds": lambda: LiveSolver(TWO).solve(replace(TWO, upper=np.array([1.0]))),
    "changeObjectiveOffset": lambda: LiveSolver(TWO).solve(replace(TWO, offset=1.0)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", ["kError", "kWarning"])
def test_every_refusal_is_an_error(monkeypatch: pytest.MonkeyPatch, call: str, status: str) -> None:
    if (call, status) == ("passModel", "kWarning"):
        return  # looked at below
    refuse(monkeypatch, call, status)
    with pytest.raises(SolverCallError, match=call):
        CALLS[call]()


def refuse(monkeypatch: pytest.MonkeyPatch, call: str, status: str = "kError") -> None:
    answer = getattr(highspy.HighsStatus, status)
    monkeypatch.setattr(highspy.Highs, call, lambda *given: answer)


def test_a_start_that_is_refused_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    solver = LiveSolver(TWO)
    start = solver.solve(TWO).basis
    for wrong in (start, replace(start, columns=start.columns[:1])):
        if wrong is start:
            refuse(monkeypatch, "setBasis")
        found = solver.solve(replace(TWO, upper=np.array([7.0])), wrong)
        assert found.objective == pytest.approx(-14) and not found.warm
        assert found.solution.statistics.attempts[0].startswith("warm simplex: refused")
        monkeypatch.undo()


def test_after_a_refusal_the_program_is_passed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a change that was made is not built upon."""
    solver = LiveSolver(TWO)
    moved = replace(TWO, cost=np.array([-5.0, -2.0]), upper=np.array([4.0]))
    refuse(monkeypatch, "changeRowsBounds")
    with pytest.raises(SolverCallError):
        solver.solve(moved)
    monkeypatch.undo()
    assert solver.solve(TWO).objective == pytest.approx(-20)
    assert solver.solve(moved).objective == pytest.approx(-20)


@pytest.mark.parametrize("part", ["cost", "matrix", "lower", "upper", "low", "high"])
def test_the_solver_is_not_given_what_is_no_number(part: str) -> None:
    """HiGHS takes it without a word, and solves something else."""
    spoilt = getattr(TWO, part) * math.nan
    of = replace(TWO, **{part: spoilt})
    with pytest.raises(SolverError, match="no number"):
        solve_program(of)
    with pytest.raises(SolverError, match="no number"):
        LiveSolver(TWO).solve(of)


def test_small_coefficients_are_not_left_out() -> None:
    """HiGHS would drop what is below 1e-9: here all there is, and a plan would be none."""
    of = program([1, 1e9], [[1e-10, 1]], [1], [INF], high=[1e11, 0])
    assert solve_program(of).objective == pytest.approx(1e10)
    residue = program([1, 5], [[1, 1e-16]], [1], [INF])
    assert solve_program(residue).objective == pytest.approx(1)


def test_an_attempt_leaves_no_option_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that is stopped while it tries another method begins again with the first."""
    solver, seen = LiveSolver(TWO), []

    def stopped(handle: highspy.Highs) -> None:
        seen.append(tuple(handle.getOptionValue(o)[1] for o in ("solver", "presolve")))
        if len(seen) == 3:
            raise TimeLimitReached("no answer within 3 seconds")
        if len(seen) > 3:
            honest(handle)

    monkeypatch.setattr(highs, "run_solver", stopped)
    with pytest.raises(TimeLimitReached):
        solver.solve(TWO)
    assert solver.solve(TWO).objective == pytest.approx(-20)
    assert seen == [("simplex", "choose"), ("ipx", "choose"), ("simplex", "off"), seen[0]]


def test_a_limit_of_time_is_gone_when_it_is_taken_away() -> None:
    solver = LiveSolver(TWO, 0.0)
    with pytest.raises(TimeLimitReached):
        solver.solve(TWO)
    solver.time_limit = None
    assert solver.solve(TWO).objective == pytest.approx(-20)


# --- where only the tail counts -----------------------------------------------

ENDS: dict[str, BaseException] = {
    "no plan": InfeasibleProgram(),
    "no end": highs.UnboundedProgram(),
    "no time": TimeLimitReached("no answer within 3 seconds"),
    "no proof": SolverError("the solver gave no answer that can be trusted"),
}


def tail_book(folder: Path, **settings: object) -> Path:
    return small_book(folder / "b.xlsx", RISKY, risk_weight=1, cvar_level=0.7, **settings)


def planned(folder: Path, **settings: object) -> dict[str, Any]:
    return dict(kido.solve(tail_book(folder, **settings), output=folder / "r").facts)


def at_a_point(folder: Path, **settings: object) -> Outcome:
    tables = kido.load(tail_book(folder, **settings))
    return evaluate_task(Task(str(folder), tables, (), (Point(0),)))[0].outcome


@pytest.mark.parametrize("end", ENDS)
def test_a_second_solve_that_does_not_end_in_an_answer_leaves_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_workbook: None, end: str
) -> None:
    """The same in a plan and in a sweep, whatever the end; it is said, with the reason."""

    def ended(*given: Any, **named: Any) -> Any:
        raise ENDS[end]

    whole = planned(tmp_path)
    monkeypatch.setattr(lexicographic, "solve_program", ended)
    facts, outcome = planned(tmp_path), at_a_point(tmp_path)
    assert whole["proof"]["expected_cost_made_least"]
    assert not facts["proof"]["expected_cost_made_least"]
    assert facts["cvar"] == pytest.approx(whole["cvar"])
    reason = facts["proof"]["expected_cost_kept_because"]
    assert reason and (not str(ENDS[end]) or reason == str(ENDS[end]))
    assert outcome.objective == pytest.approx(facts["objective"])
    assert outcome.message == f"the expected cost was not made least: {reason}"


def test_both_solves_make_the_same_plan_in_a_sweep(tmp_path: Path, no_workbook: None) -> None:
    facts, outcome = planned(tmp_path), at_a_point(tmp_path)
    assert outcome.measures["expected_cost"] == pytest.approx(facts["expected_cost"])
    assert outcome.objective == pytest.approx(facts["objective"]) and not outcome.message
    assert facts["proof"]["expected_cost_gap"] == pytest.approx(0, abs=1e-6)


def test_the_time_is_for_both_solves_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_workbook: None
) -> None:
    really, given = lexicographic.solve_program, []

    def heard(program: Program, method: str, left: float, *more: Any) -> Any:
        given.append(left)
        return really(program, method, left, *more)

    monkeypatch.setattr(lexicographic, "solve_program", heard)
    planned(tmp_path, time_limit=30)
    at_a_point(tmp_path, time_limit=30)
    assert len(given) == 2 and all(0 < left < 30 for left in given)


def test_a_second_plan_with_a_larger_tail_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_workbook: None
) -> None:
    """Whatever comes back is held against the prices of the first solve."""
    loose = lambda program, cost, objective: with_objective_bounded(program, cost, objective + 50)  # noqa: E731
    monkeypatch.setattr(lexicographic, "with_objective_bounded", loose)
    facts = planned(tmp_path)
    assert "tail is not proved" in facts["proof"]["expected_cost_kept_because"]
    assert facts["objective"] == pytest.approx(facts["cvar"], rel=1e-8)


def test_the_pages_say_what_is_proved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*given: Any, **named: Any) -> Any:
        raise TimeLimitReached("no answer within 3 seconds")

    monkeypatch.setattr(lexicographic, "solve_program", ended)
    run = kido.solve(tail_book(tmp_path), output=tmp_path / "r")
    book = openpyxl.load_workbook(tmp_path / "r" / "results.xlsx", read_only=True)
    cells = {
        name: [c for row in book[name].iter_rows(values_only=True) for c in row if c is not None]
        for name in book.sheetnames
    }
    board, certificate = (cells[book.sheetnames[at]] for at in (0, -1))
    assert any("could not be made least" in str(c) for c in board)
    assert {"no plan costs less than", "complementarity, at worst"} <= set(map(str, certificate))
    assert "no answer within 3 seconds" in certificate
    proof = run.answer.solution.statistics.audit
    numbers = [c for c in certificate if isinstance(c, int | float)]
    for shown in (proof.bound, proof.allowed):
        assert any(number == pytest.approx(shown, rel=1e-11) for number in numbers)
