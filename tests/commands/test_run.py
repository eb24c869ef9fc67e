"""The road from Python: what a run holds, what stops it, and that nothing is left half done."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import signal
import threading
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import openpyxl
import pytest
from scipy.sparse import csr_matrix

import kido
from kido import evaluation
from kido import run as road
from kido.errors import (
    CertificateError,
    Finding,
    OutputError,
    Place,
    SolverError,
    TimeLimitReached,
    WorkbookError,
)
from kido.result import plan
from kido.solver import highs, lexicographic, mps
from kido.solver.highs import InfeasibleProgram, solve_program
from kido.solver.program import Program
from places import TUTORIAL
from tiny_book import COST, RISKY, changed, small_book

KEYS = {
    "status", "objective", "objective_unit", "expected_cost", "cvar", "scenarios", "moments",
    "rows", "columns", "nonzeros", "seconds", "workbook_sha256", "versions",
}  # fmt: skip
PHASES = {"read", "build", "handover", "solve", "verify", "write", "total"}


@pytest.fixture(autouse=True)
def no_workbook(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results workbook takes most of the time of a small run: few tests look at it."""
    if "real_results" not in request.fixturenames:
        write = lambda report, answer, path, shown: path.write_text("results")  # noqa: E731
        monkeypatch.setattr(road, "write_results", write)


@pytest.fixture
def real_results() -> None:
    """The results workbook is written."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return small_book(tmp_path / "book.xlsx")


def facts_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "run.json").read_text("utf-8")))


# --- what a run holds -------------------------------------------------------


def test_run_json_says_what_was_solved(book: Path, tmp_path: Path) -> None:
    run = kido.solve(str(book), output=tmp_path / "run")
    facts = facts_of(tmp_path / "run")
    assert facts.keys() >= KEYS
    assert facts["seconds"].keys() >= PHASES
    assert facts["seconds"]["total"] >= sum(facts["seconds"][p] for p in PHASES - {"total"}) - 0.01
    assert facts["status"] == "optimal"
    assert facts["objective"] == pytest.approx(COST)
    assert facts["objective_unit"] == "kUSD"
    assert facts["expected_cost"] == pytest.approx(COST)
    assert facts["cvar"] == pytest.approx(COST)
    assert [(s["name"], s["probability"]) for s in facts["scenarios"]] == [("Trunk", 1.0)]
    assert facts["workbook_sha256"] == hashlib.sha256(book.read_bytes()).hexdigest()
    assert {"kido", "pyomo", "highspy", "python"} <= facts["versions"].keys()
    solution = run.answer.solution
    assert facts["objective"] == solution.objective
    assert facts["columns"] == sum(len(held) for held in solution.values.values())
    assert facts["rows"] == sum(len(held) for held in solution.duals.values())
    assert facts == json.loads(json.dumps(dict(run.facts)))
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == [
        "results.xlsx", "run-book.xlsx", "run.json", "solver.log", "tables.json",
    ]  # fmt: skip
    assert (tmp_path / "run" / "run-book.xlsx").read_bytes() == book.read_bytes()
    edited = kido.load(book).with_settings(title="edited")  # no longer what the file says
    folder = kido.solve(edited, output=tmp_path / "run").folder
    assert folder is not None and not (folder / "run-book.xlsx").exists()


def test_the_scenarios_add_up_and_the_keys_do_not_change(tmp_path: Path) -> None:
    facts = dict(kido.solve(TUTORIAL, output=tmp_path / "run").facts)
    assert {s["name"] for s in facts["scenarios"]} == {"Trunk", "Stop"}
    assert sum(s["probability"] for s in facts["scenarios"]) == pytest.approx(1)
    mean = sum(s["probability"] * s["cost"] for s in facts["scenarios"])
    assert mean == pytest.approx(facts["expected_cost"]) == pytest.approx(facts["objective"])
    assert facts["cvar"] == pytest.approx(max(s["cost"] for s in facts["scenarios"]))
    again = kido.solve(TUTORIAL, scenario="Stop", output=tmp_path / "stop").facts
    assert list(again) == list(facts)
    unlike = {key for key in facts if facts[key] != again[key]}
    assert "workbook_sha256" not in unlike and "versions" not in unlike


def test_the_tutorial_figures_of_the_readme(tmp_path: Path) -> None:
    def cost(scenario: str | None = None) -> float:
        run = kido.solve(TUTORIAL, scenario=scenario, output=tmp_path / "run")
        return float(run.facts["objective"])

    whole, calm, stop = cost(), cost("Trunk"), cost("Stop")
    assert (whole, calm, stop) == pytest.approx((8176, 8000, 8326))
    assert 0.75 * calm + 0.25 * stop == pytest.approx(8081.5)


def test_a_scenario_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert kido.solve(TUTORIAL).folder == Path("outputs/tutorial")
    assert kido.solve(TUTORIAL, scenario="Stop").folder == Path("outputs/tutorial-stop")
    assert facts_of(Path("outputs/tutorial"))["scenario"] is None
    assert facts_of(Path("outputs/tutorial-stop"))["scenario"] == "Stop"


def test_tables_that_were_loaded_are_solved(book: Path, tmp_path: Path) -> None:
    tables = kido.load(book)
    dearer = tables["Supply"].rows.assign(price=[2.0, 9.0])
    run = kido.solve(tables.with_rows("Supply", dearer), output=tmp_path / "run")
    assert run.facts["objective"] == pytest.approx(COST + 60)
    assert not run.report["orders"].frame.empty


def test_results_may_live_beside_their_workbook(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    book = small_book(folder / "book.xlsx")
    before = book.read_bytes()
    kido.solve(book, output=folder)
    assert book.read_bytes() == before
    os.replace(folder, tmp_path / ".plan.old")  # as a kill between two renames would leave it
    assert kido.solve(book, output=folder).facts["status"] == "optimal"


def test_every_phase_is_spoken_of(book: Path, tmp_path: Path) -> None:
    said: list[str] = []
    kido.solve(book, output=tmp_path / "run", export=tmp_path / "book.mps", say=said.append)
    for words in ("reading", "building", "handing", "writing", "solving", "checking", "results"):
        assert any(words in line for line in said)


# --- for other solvers ------------------------------------------------------


@pytest.mark.parametrize("source", ["tutorial", "risky"])
def test_the_exported_program_has_the_same_answer(tmp_path: Path, source: str) -> None:
    book = TUTORIAL
    if source == "risky":
        book = small_book(tmp_path / "book.xlsx", RISKY, risk_weight=0.5)
    run = kido.solve(book, output=tmp_path / "run", export=tmp_path / "out" / "book.mps")
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.readModel(str(tmp_path / "out" / "book.mps"))
    solver.run()
    assert solver.getInfo().objective_function_value == pytest.approx(run.facts["objective"])
    assert (solver.getNumRow(), solver.getNumCol()) == (run.facts["rows"], run.facts["columns"])
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["book.mps"]


@pytest.mark.parametrize("name", ["book.xlsx", "folder.mps", "book.xlsx/a.mps"])
def test_a_program_is_not_written_where_it_would_harm(
    book: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.mps").mkdir()
    before = book.read_bytes()
    with pytest.raises(OutputError):
        kido.solve(book, output=tmp_path / "run", export=tmp_path / name)
    assert book.read_bytes() == before
    assert not (tmp_path / "run").exists()


def test_a_program_cut_off_by_a_full_disk_is_not_kept(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mps, "_is_whole", lambda path: False)
    with pytest.raises(OSError, match="No space left"):
        kido.solve(book, output=tmp_path / "run", export=tmp_path / "book.mps")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["book.xlsx"]


# --- only the tail counts ---------------------------------------------------


def test_of_the_plans_with_the_least_tail_the_cheapest_is_taken(tmp_path: Path) -> None:
    def planned(weight: float) -> kido.Run:
        book = small_book(tmp_path / "book.xlsx", RISKY, risk_weight=weight, cvar_level=0.7)
        return kido.solve(book, output=tmp_path / "run")

    tail, nearly = planned(1), planned(0.999999)
    assert tail.facts["objective"] == pytest.approx(tail.facts["cvar"], rel=1e-8)
    assert tail.facts["cvar"] == pytest.approx(nearly.facts["cvar"], rel=1e-6)
    assert tail.facts["expected_cost"] == pytest.approx(nearly.facts["expected_cost"], rel=1e-6)
    assert tail.facts["expected_cost"] < tail.facts["cvar"]
    weights = tail.answer.solution.duals["cvar_excess"].values()
    assert sum(weights) == pytest.approx(1000)  # those of the first solve: they price the tail


def test_a_second_solve_that_fails_leaves_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def once(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise InfeasibleProgram
        return solve_program(*given)

    def first(program: Any, case: Any, *given: Any) -> Any:  # as the planner calls it
        return once(program, *given[:4])

    monkeypatch.setattr(evaluation, "solve_case", first)
    for room in (evaluation, lexicographic):
        monkeypatch.setattr(room, "solve_program", once)
    book = small_book(tmp_path / "book.xlsx", RISKY, risk_weight=1)
    facts = kido.solve(book, output=tmp_path / "run").facts
    assert len(calls) == 3  # the tail, the mean that fails, the main future alone
    assert facts["objective"] == pytest.approx(facts["cvar"])


# --- what stops a run -------------------------------------------------------


def stopped_runs(tmp_path: Path) -> Path:
    """An old run that a failing one must leave alone."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("results.xlsx", "run.json", "solver.log"):
        (folder / name).write_text("old")
    return folder


def assert_untouched(folder: Path) -> None:
    assert {p.read_text() for p in folder.iterdir()} == {"old"}
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("scenario", ["Shut", "stop", ""])
def test_a_scenario_that_is_not_there(tmp_path: Path, scenario: str) -> None:
    folder = stopped_runs(tmp_path)
    with pytest.raises(WorkbookError) as caught:
        kido.solve(TUTORIAL, scenario=scenario, output=folder)
    (finding,) = caught.value.findings
    assert finding.code == "unknown-scenario" and "base case, Stop" in finding.expected
    assert "'Stop'" in finding.advice or scenario != "stop"
    assert_untouched(folder)


def test_a_full_disk(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped_runs(tmp_path)

    def full(report: Any, answer: Any, path: Path, shown: Any) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(road, "write_results", full)
    with pytest.raises(OSError, match="No space left"):
        kido.solve(book, output=folder)
    assert_untouched(folder)


@pytest.mark.parametrize("step", ["solve_case", "write_results", "make_report"])
def test_an_interrupt(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder = stopped_runs(tmp_path)

    def interrupted(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation if step == "solve_case" else road, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        kido.solve(book, output=folder)
    assert_untouched(folder)


def test_an_answer_that_fails_its_certificate(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stopped_runs(tmp_path)
    wrong = type(
        "Wrong",
        (),
        {"findings": (Finding.of("moments.branch", Place("Flows"), subject="mass is lost"),)},
    )
    monkeypatch.setattr(plan, "verify", lambda *given: wrong)
    with pytest.raises(CertificateError, match="mass is lost"):
        kido.solve(book, output=folder)
    assert_untouched(folder)


# --- the solver -------------------------------------------------------------


def large_program(size: int = 700) -> Program:
    """A dense program that takes HiGHS a while."""
    random = np.random.default_rng(1)
    ones = np.ones(size)
    return Program(
        cost=random.random(size),
        offset=0.0,
        matrix=csr_matrix(random.random((size, size))),
        lower=size * random.random(size),
        upper=math.inf * ones,
        low=0 * ones,
        high=math.inf * ones,
        rows=tuple(("row", (i,)) for i in range(size)),
        columns=tuple(("column", (i,)) for i in range(size)),
    )


def test_the_limit_of_time(book: Path, tmp_path: Path) -> None:
    with pytest.raises(TimeLimitReached, match=r"0\.01 seconds") as caught:
        solve_program(large_program(), time_limit=0.01)
    assert caught.value.exit_code == 4


def test_the_limit_of_time_in_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = stopped_runs(tmp_path)
    monkeypatch.setattr(evaluation, "hand_over", lambda *given: large_program())
    hurried = kido.load(small_book(tmp_path / "book.xlsx")).with_settings(time_limit=0.01)
    with pytest.raises(TimeLimitReached):
        kido.solve(hurried, output=folder)
    assert_untouched(folder)


def test_methods_are_tried_in_order(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, tried = highs.run_solver, []

    def failing(solver: highspy.Highs) -> None:
        tried.append(solver)
        if len(tried) == 3:
            really(solver)

    said: list[str] = []
    monkeypatch.setattr(highs, "run_solver", failing)
    facts = kido.solve(book, output=tmp_path / "run", say=said.append).facts
    assert facts["solver"]["method"] == "simplex without presolve"
    assert [a.partition(":")[0] for a in facts["solver"]["attempts"]] == [
        "simplex", "ipx", "simplex without presolve",
    ]  # fmt: skip
    assert any("trying ipx" in words for words in said)


def test_when_every_method_fails_nothing_is_written(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stopped_runs(tmp_path)
    monkeypatch.setattr(highs, "run_solver", lambda solver: None)
    with pytest.raises(SolverError) as caught:
        kido.solve(book, output=folder)
    assert caught.value.exit_code == 1
    assert_untouched(folder)


def test_an_interrupt_is_heard_while_the_solver_works() -> None:
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    program = large_program(1500)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        solve_program(program, "simplex")


def test_the_workbook_of_a_run_opens(book: Path, tmp_path: Path, real_results: None) -> None:
    kido.solve(book, output=tmp_path / "run")
    assert openpyxl.load_workbook(tmp_path / "run" / "results.xlsx").sheetnames


def test_a_changed_need_changes_the_plan(tmp_path: Path) -> None:
    book = small_book(tmp_path / "book.xlsx", changed("Demand", "Need", need=30))
    assert kido.solve(book, output=tmp_path / "run").facts["objective"] == pytest.approx(COST / 2)


def test_the_solver_says_nothing_on_the_console(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Nor does the road from Python say anything itself."""
    kido.solve(small_book(tmp_path / "book.xlsx"), output=tmp_path / "run")
    assert capfd.readouterr().out == ""
    assert "HiGHS" in (tmp_path / "run" / "solver.log").read_text()


def test_edited_tables_are_checked_again(tmp_path: Path) -> None:
    tables = kido.load(small_book(tmp_path / "book.xlsx"))
    rows = tables["Supply"].rows.assign(site="Mars")
    edited = tables.with_rows("Supply", rows)
    for asked in (kido.solve, kido.sweep):
        with pytest.raises(WorkbookError, match="Mars"):
            asked(edited, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()
