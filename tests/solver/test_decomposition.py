"""Decomposition: the plan of a solver that has the whole, within the gap, proved by all duals."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from test_staged_start import stopped, two_futures, with_risk

import kido
import worker_functions
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import SolverError, TimeLimitReached, UnboundedPlan
from kido.lp.family import EmptyRows
from kido.solver.assemble import assemble
from kido.solver.audit import audit
from kido.solver.decomposition import decompose as module
from kido.solver.decomposition.decompose import decompose
from kido.solver.decomposition.solution_cache import SolutionCache
from kido.solver.decomposition.sub_problem import SubTask, solve_sub_problems
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.study.execute.executor import Pool
from places import TUTORIAL
from randombooks import books
from widebooks import wide_books

GAP = 1e-6
ANY_BOOK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def decomposed(tables: Tables, **changes: Any) -> Tables:
    changed = replace(tables.settings, solver_method="decomposition", **changes)
    return replace(tables, settings=changed)


@ANY_BOOK
@given(
    tables=st.one_of(books(), wide_books()),
    weight=st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
    level=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_the_cost_is_that_of_the_whole_within_the_gap(
    tables: Tables, weight: float, level: float
) -> None:
    case = make_case(with_risk(tables, weight, level))
    if len(case.tree.leaves) < 2:
        reject()
    try:
        program = assemble(case)
        plain = solve_program(program)
    except (EmptyRows, UnboundedProgram):
        reject()
    except InfeasibleProgram:
        with pytest.raises(InfeasibleProgram):
            decompose(program, case, GAP)
        return
    result = decompose(program, case, GAP)
    allowed = GAP * max(1.0, abs(plain.objective)) + 1e-5
    assert result.bound - allowed <= plain.objective <= result.objective + allowed
    checks = audit(program, result.values, result.duals, GAP)
    assert checks.passed, checks.words
    assert checks.objective == pytest.approx(result.objective, rel=1e-7, abs=1e-5)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tables=books(), weight=st.sampled_from([0.0, 0.3]))
def test_its_plan_passes_the_certificate_and_its_money_adds_up(
    tables: Tables, weight: float
) -> None:
    tables = with_risk(tables, weight, 0.5).with_settings(steady=0)
    plan = kido.evaluate(decomposed(tables))  # the certificate is part of it
    whole = kido.evaluate(tables)
    gap = 2 * GAP * abs(whole.solution.objective) + 1e-4
    assert plan.solution.objective == pytest.approx(whole.solution.objective, abs=gap)


def test_a_plan_by_hand(tmp_path: Path) -> None:
    run = kido.solve(decomposed(two_futures()), output=tmp_path / "run", jobs=1)
    assert run.facts["solver"]["method"] == "decomposition"
    assert run.facts["objective"] == pytest.approx(120 + 0.4 * 6 * 10, abs=1e-3)
    assert run.facts["status"] == "optimal"
    assert (tmp_path / "run" / "results.xlsx").exists()


def shuffled(function: Any, tasks: Iterable[SubTask]) -> Iterator[tuple[int, Any]]:
    """The tasks in another order, as many workers would end them."""
    numbered = list(enumerate(tasks))
    for number, task in reversed(numbered):
        yield number, function(task)


def test_the_solution_does_not_depend_on_the_number_of_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TASK_SIZE", 1)
    case = make_case(with_risk(two_futures(), 0.3, 0.5))
    program = assemble(case)
    one, other = (decompose(program, case, GAP, run=run) for run in (None, shuffled))
    assert np.array_equal(one.values, other.values)
    assert np.array_equal(one.duals, other.duals)


def test_a_branch_that_cannot_be_met_is_named(tmp_path: Path) -> None:
    with pytest.raises(kido.InfeasiblePlan) as refused:
        kido.solve(decomposed(two_futures(Events=stopped("dear"))), output=tmp_path / "run", jobs=1)
    assert "dear" in " ".join(f.sentence for f in refused.value.findings)
    assert not (tmp_path / "run").exists()


def test_what_is_without_end_in_a_leaf_is_told(tmp_path: Path) -> None:
    sales = [{"name": "outlet", "site": "Tokyo", "commodity": "Dy", "price": 5}]
    supply = [{"name": "offer", "site": "Tokyo", "commodity": "Dy", "price": 10}]
    events = [{"scenario": "dear", "target": "outlet", "effect": "price", "factor": 3}]
    book = two_futures(Sales=sales, Supply=supply, Events=events)
    with pytest.raises(UnboundedPlan):
        kido.solve(decomposed(book), output=tmp_path / "run", jobs=1)


def test_a_task_that_fails_for_good_is_told() -> None:
    class Failure:
        reason = "the worker died 3 times (crashed, or out of memory)"

    case = make_case(two_futures())
    with pytest.raises(SolverError, match="died 3 times"):
        decompose(assemble(case), case, GAP, run=lambda _, tasks: ((0, Failure()) for _ in tasks))


def test_no_time_at_all_leaves_no_plan(tmp_path: Path) -> None:
    case = make_case(two_futures())
    program = assemble(case)
    with pytest.raises((TimeLimitReached, SolverError)):
        decompose(program, case, GAP, time_limit=0.0)


def test_the_time_limit_leaves_the_best_plan_so_far_with_its_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # after the first proved bound, the time is over
    whole, ended = module.Decomposition.master_solution, []

    def last(self: Any, *given: Any) -> Any:
        solution = whole(self, *given)
        if not solution.restricted:
            self.deadline = -1.0
            ended.append(solution)
        return solution

    monkeypatch.setattr(module.Decomposition, "master_solution", last)
    book = decomposed(with_risk(two_futures(), 0.3, 0.5), optimality_gap=0.0)
    run = kido.solve(book, output=tmp_path / "run", jobs=1)
    assert len(ended) == 1
    assert run.facts["status"] == "stopped by the time limit"
    assert run.facts["solver"]["duality_gap"] >= 0
    assert "stopped by the time limit, a gap of" in run.facts["solver"]["attempts"][0]
    board = openpyxl.load_workbook(tmp_path / "run" / "results.xlsx")["Board"]
    words = " ".join(str(cell.value) for row in board["A1:T4"] for cell in row if cell.value)
    assert "Stopped at the time limit: at most" in words
    assert "Optimal plan" not in words


def test_a_sub_problem_bounds_itself_at_other_decisions() -> None:
    case = make_case(two_futures())
    parts = module.Decomposition(assemble(case), case, np.inf, module.run_here)
    problem, start = parts.problems[0], parts.starts[0]
    points = [np.full(len(problem.linked_cost), level) for level in (0.0, 1.0, 3.0)]
    solutions = [
        solve_sub_problems(SubTask((problem,), (point,), (start,), False))[0] for point in points
    ]
    for one, at in zip(solutions, points, strict=True):
        for other, there in zip(solutions, points, strict=True):
            if one.feasible and other.feasible:
                assert other.value >= one.value + one.gradient @ (there - at) - 1e-6


def test_a_worker_that_dies_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TASK_SIZE", 1)
    case = make_case(with_risk(two_futures(), 0.3, 0.5))
    program = assemble(case)
    killed: list[int] = []
    with Pool(2) as pool:

        def with_a_death(function: Any, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
            if not killed:
                killed.extend({pid for _, pid in pool.run(worker_functions.where, range(4))})
                os.kill(killed[0], signal.SIGKILL)
            return pool.run(function, tasks)

        spread = decompose(program, case, GAP, run=with_a_death)
    assert killed
    assert np.array_equal(spread.values, decompose(program, case, GAP).values)


def test_a_cluster_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    from distributed import LocalCluster

    monkeypatch.setattr(module, "TASK_SIZE", 1)
    case = make_case(with_risk(two_futures(), 0.3, 0.5))
    program = assemble(case)
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, processes=False,
                     dashboard_address=None) as cluster,
        Pool(dask=cluster.scheduler_address) as pool,
    ):  # fmt: skip
        far = decompose(program, case, GAP, run=pool.run)
    assert np.array_equal(far.values, decompose(program, case, GAP).values)


def test_a_decomposition_that_was_stopped_goes_on(tmp_path: Path) -> None:
    case = make_case(with_risk(two_futures(), 0.3, 0.5))
    program = assemble(case)
    solved: list[int] = []

    def counted(function: Any, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        for number, task in enumerate(tasks):
            solved.append(number)
            yield number, function(task)

    def killed(function: Any, tasks: Iterable[Any]) -> Iterator[tuple[int, Any]]:
        yield from counted(function, tasks)
        raise KeyboardInterrupt

    whole = decompose(program, case, GAP, run=counted)
    rounds = len(solved)
    assert rounds > 1
    solved.clear()
    with pytest.raises(KeyboardInterrupt):
        decompose(program, case, GAP, run=SolutionCache(killed, tmp_path / "kept"))
    kept = SolutionCache(counted, tmp_path / "kept")
    again = decompose(program, case, GAP, run=kept)
    assert len(solved) == rounds
    assert np.array_equal(again.values, whole.values)
    assert np.array_equal(again.duals, whole.duals)
    for file in sorted((tmp_path / "kept").iterdir())[:1]:
        file.write_bytes(file.read_bytes()[:100])  # torn
    decompose(program, case, GAP, run=kept)
    assert len(solved) == rounds + 1
    kept.remove()
    assert not (tmp_path / "kept").exists()


def test_nothing_is_left_beside_the_results(tmp_path: Path) -> None:
    kido.solve(decomposed(two_futures()), output=tmp_path / "run", jobs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_plan_of_least_tail_says_that_its_mean_may_not_be_least(tmp_path: Path) -> None:
    book = decomposed(with_risk(two_futures(), 1.0, 0.5))
    proof = kido.solve(book, output=tmp_path / "run", jobs=1).facts["proof"]
    assert proof["expected_cost_made_least"] is False
    assert "least tail only" in proof["expected_cost_kept_because"]


def test_it_follows_an_ordinary_solve_in_the_same_process() -> None:
    """HiGHS keeps its number of threads for the life of a process and refuses another."""
    tables = kido.load(TUTORIAL)
    assert kido.evaluate(tables).solution.objective == pytest.approx(8176)
    decomposed = kido.evaluate(tables.with_settings(solver_method="decomposition"))
    assert decomposed.solution.objective == pytest.approx(8176, rel=1e-5)
