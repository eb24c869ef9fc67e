"""Errors come whole out of other processes, and ask for what the caller can give."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import kido
from kido.errors import Finding, InfeasiblePlan, KidoError, Place, WorkbookError
from places import TUTORIAL
from tiny_book import COST, changed, small_book

FINDING = Finding.of("sweep-points.values", Place("Sweeps", "H2"), "many", most=10)


def kinds(of: type[KidoError] = KidoError) -> list[type[KidoError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in kinds(below))]


def made(kind: type[KidoError]) -> KidoError:
    for given in (([FINDING],), ("no", [FINDING]), ("no",)):
        try:
            return kind(*given)
        except (TypeError, AttributeError):
            continue
    raise AssertionError(kind)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_error_can_be_sent(kind: type[KidoError]) -> None:
    error = made(kind)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind and str(back) == str(error) and vars(back) == vars(error)


def test_a_bad_book_in_a_pool_of_processes(tmp_path: Path) -> None:
    book = small_book(
        tmp_path / "book.xlsx", lambda sheets: sheets["Supply"][0].update(site="Mars")
    )
    pools = multiprocessing.get_context("spawn").Pool(1)
    with pools as pool, pytest.raises(WorkbookError, match="Mars") as fault:
        pool.map_async(kido.load, [str(book)]).get(timeout=120)
    assert fault.value.findings[0].place.sheet == "Supply"


def test_a_scenario_that_is_no_name(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="no scenario of this name"):
        kido.solve(small_book(tmp_path / "book.xlsx"), scenario=5)  # type: ignore[arg-type]


def test_no_processes_do_no_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        kido.sweep(small_book(tmp_path / "book.xlsx"), jobs=0)


def test_findings_of_a_plan_that_is_none() -> None:
    back = pickle.loads(pickle.dumps(InfeasiblePlan("none", [FINDING])))
    assert back.findings == (FINDING,)


# --- used from Python ----------------------------------------------------------


def test_plans_in_threads_at_once(tmp_path: Path) -> None:
    """Each thread has a book of its own; none waits for, or takes, the answer of another."""
    books = [
        small_book(tmp_path / f"{need}.xlsx", changed("Demand", "Need", need=need))
        for need in (12, 24, 36, 48, 60, 72)
    ]
    with ThreadPoolExecutor(3) as pool:
        plans = [pool.submit(kido.solve, book, write=False) for book in books * 2]
        costs = [plan.result(timeout=120).facts["objective"] for plan in plans]
    one_by_one = [kido.solve(book, write=False).facts["objective"] for book in books]
    assert costs == pytest.approx(one_by_one * 2)
    assert one_by_one[4] == pytest.approx(COST)


def test_a_plan_that_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = small_book(tmp_path / "book.xlsx")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    run = kido.solve(book, write=False)
    assert run.folder is None and run.facts["objective"] == pytest.approx(COST)
    assert len(run.report["orders"].frame)
    assert list((tmp_path / "here").iterdir()) == []


def test_an_evaluation_is_the_plan_of_solve_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = small_book(tmp_path / "book.xlsx")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = sorted(tmp_path.rglob("*"))
    for scenario in (None, "Stop", "Trunk"):
        tables = kido.load(TUTORIAL)
        solved = kido.solve(tables, scenario, write=False).answer
        for given in (TUTORIAL, tables):
            plan = kido.evaluate(given, scenario)
            assert plan.reference_cost_alone is None and plan.scenario == scenario
            assert plan.solution.objective == solved.solution.objective
            assert plan.solution.values == solved.solution.values
            assert plan.solution.duals == solved.solution.duals
            assert plan.flows.equals(solved.flows)
            assert plan.certificate is not None and not plan.certificate.findings
    assert kido.evaluate(str(book)).solution.objective == pytest.approx(COST)
    assert sorted(tmp_path.rglob("*")) == before


def test_an_evaluation_ends_as_solve_does(tmp_path: Path) -> None:
    with pytest.raises(kido.WorkbookError, match="no scenario"):
        kido.evaluate(TUTORIAL, "Nowhere")
    shut = kido.load(small_book(tmp_path / "book.xlsx", changed("Demand", "Need", need=100)))
    with pytest.raises(InfeasiblePlan, match="cannot all hold together") as evaluated:
        kido.evaluate(shut)
    with pytest.raises(InfeasiblePlan, match="cannot all hold together") as solved:
        kido.solve(shut, write=False)
    rows = evaluated.value.findings
    assert rows and solved.value.findings[: len(rows)] == rows


def test_evaluations_in_threads_at_once(tmp_path: Path) -> None:
    tables = [
        kido.load(small_book(tmp_path / f"{n}.xlsx", changed("Demand", "Need", need=n)))
        for n in (12, 36, 60, 72)
    ]
    with ThreadPoolExecutor(3) as pool:
        plans = list(pool.map(kido.evaluate, tables * 2, timeout=120))
    for of, plan in zip(tables * 2, plans, strict=True):
        assert plan.tables is of
        assert plan.solution.values == kido.evaluate(of).solution.values


def test_the_solvers_module_has_a_name() -> None:
    import kido.solver.highs as module

    assert module.solve_program.__module__ == "kido.solver.highs"


def test_names_may_hold_the_bar_that_parts_keys(tmp_path: Path) -> None:
    """A room of countries: what is about `Dy|Tb` is told of it, and not of `Dy`."""

    def barred(sheets: dict[str, list[dict[str, object]]]) -> None:
        for rows in sheets.values():
            for row in rows:
                for key, value in row.items():
                    if value == "Dy":
                        row[key] = "Dy|Tb"
        sheets["Sweeps"] = [{"name": "free", "method": "room", "values": "5"}]

    (done,) = kido.sweep(small_book(tmp_path / "b.xlsx", barred), jobs=1, output=tmp_path / "out")
    frame = done.report["sweep_near_optimal"].frame
    countries = frame[frame["kind_of_row"] == "country"]
    assert set(countries["commodity"]) == {"Dy|Tb"}
    assert {"Australia (Dy|Tb)", "Japan (Dy|Tb)"} <= set(countries["choice"])
