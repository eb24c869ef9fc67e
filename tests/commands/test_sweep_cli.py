"""`kido sweep`: a batch that cannot die, its exit codes, and what is refused before any solving."""

from __future__ import annotations

import errno
import json
import os
import signal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import kido
from command import Command
from kido import cli
from kido.errors import CertificateError, Finding, Place, TimeLimitReached, WorkbookError
from kido.result import plan
from kido.study import session
from kido.study import sweep as study
from kido.study.execute import dask_executor
from kido.study.resolve import evaluate, warm_model
from kido.study.resolve.warm_model import WarmModel
from tiny_book import Edit, both, changed, more, small_book, without

STORE = more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", capacity=8, holding_cost=12)
SHUT = both(
    more("Scenarios", name="Shut", probability=0.2, known="2026-09", disruption="yes"),
    more("Events", name="Stop", scenario="Shut", target=["Kiln"], effect="capacity", factor=0),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder, and leaves the ways to end as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    return tmp_path


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    for console in (cli.out, cli.err):
        monkeypatch.setattr(console, "width", 300)
    return Command(monkeypatch, capsys)


@pytest.fixture
def no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "write_sweep", lambda report, result, path: path.write_text("new"))


def parameter(values: str, sheet: str, row: str, column: str, **more_cells: object) -> Edit:
    """A row of a sweep that sets a column."""
    cells = {"name": "What if", "method": "curve", "operation": "set", **more_cells}
    return more("Sweeps", sheet=sheet, row=row, column=column, values=values, **cells)


def need(values: str, **cells: object) -> Edit:
    return parameter(values, "Demand", "Need", "need", **cells)


def run_of(folder: str = "run") -> tuple[dict[str, Any], str]:
    """`run.json`, and everything the results workbook says."""
    facts = json.loads((Path(folder) / "run.json").read_text("utf-8"))
    book = openpyxl.load_workbook(Path(folder) / "results.xlsx")
    rows = (row for sheet in book for row in sheet.iter_rows(values_only=True))
    return facts, "\n".join(str(cell) for row in rows for cell in row if cell is not None)


def sweep(command: Command, edit: Edit, code: int, **options: object) -> tuple[dict[str, Any], str]:
    """Sweep a small book; whatever happens every point has a row in both files."""
    book = small_book(Path("book.xlsx"), edit, **options)
    ended = command("sweep", book, "--jobs", 1, "-o", "run")
    facts, said = run_of()
    assert ended.code == code, ended.all
    for status, number in facts["statuses"].items():
        assert f"{number} {status}" in " ".join(ended.out.split())
    for point in facts["points"]:
        assert point["status"] in ("solved", "certified") or point["message"] in said
    assert len(ended_of(facts)) == len(facts["points"])
    assert sorted(p.name for p in Path("run").iterdir()) == [
        "results.xlsx",
        "run.json",
        "tables.json",
    ]
    assert [p.name for p in Path().iterdir() if p.name.startswith(".")] == []
    return facts, said


def ended_of(facts: dict[str, Any]) -> dict[tuple[Any, ...], str]:
    """How each point ended, by its values and the branch planned alone, if any."""
    keys = [(*p["values"], *filter(None, [p["scenario"]])) for p in facts["points"]]
    return {key: p["status"] for key, p in zip(keys, facts["points"], strict=True)}


# --- a batch that cannot die ------------------------------------------------


def test_a_corner_without_a_plan(command: Command) -> None:
    edit = both(
        need("60; 84", method="grid"), parameter("12; 24", "Supply", "Spot", "max", method="grid")
    )
    facts, said = sweep(command, edit, 0)
    corner = facts["points"][2]
    assert corner["values"] == [84, 12] and corner["objective"] is None
    assert ended_of(facts) == {
        (60, 12): "solved", (60, 24): "solved", (84, 24): "solved", (84, 12): "infeasible",
    }  # fmt: skip
    for words in ("Demand!E2", "the need of 'Need'", "42 t asked", "36 t"):
        assert words in corner["message"]
    assert "What if" in said


def test_a_curve_that_runs_out_of_plans(command: Command) -> None:
    facts, _ = sweep(command, need("60..120 step 2"), 0)
    ended = ended_of(facts)
    assert all(ended[(at,)] in ("solved", "certified") for at in range(60, 86, 2))
    assert all(ended[(at,)] == "infeasible" for at in range(86, 122, 2))
    assert all(p["message"] for p in facts["points"] if p["status"] == "infeasible")


def test_points_that_contradict_the_book(command: Command) -> None:
    edit = both(STORE, parameter("0; 4; 20", "Stockpiles", "Store", "floor"))
    facts, _ = sweep(command, edit, 0)
    assert ended_of(facts) == {(0,): "solved", (4,): "infeasible", (20,): "bad input"}
    bad = facts["points"][2]
    assert bad["status"] == "bad input"
    for words in ("Stockpiles!G2", "'floor' is above 'capacity'", "20", "8"):
        assert words in bad["message"]


def test_points_stopped_at_a_limit(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    solve, asked = WarmModel.solve, []

    def tired(self: WarmModel, *given: Any) -> Any:
        asked.append(given)
        if len(asked) % 2 == 0:
            raise TimeLimitReached("no answer within 60 seconds")
        return solve(self, *given)

    monkeypatch.setattr(WarmModel, "solve", tired)
    facts, _ = sweep(command, need("30; 40; 50; 60"), 0)
    assert list(ended_of(facts).values()) == ["limit", "solved", "limit", "solved"]
    assert facts["points"][0]["message"] == "no answer within 60 seconds"


def test_a_point_whose_answer_is_wrong(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = plan.verify

    def strict(tables: Any, flows: Any, objective: float, *given: Any) -> Any:
        found = verify(tables, flows, objective, *given)
        if objective > 150:
            lost = Finding.of("moments.branch", Place("Flows"), subject="mass is lost")
            raise CertificateError([lost])
        return found

    monkeypatch.setattr(plan, "verify", strict)
    facts, _ = sweep(command, need("30; 40; 60"), 0)
    assert list(ended_of(facts).values()) == ["solved", "solved", "failed"]
    assert "mass is lost" in facts["points"][2]["message"]


@pytest.mark.parametrize("problem", [ZeroDivisionError("by nought"), SystemExit(3), MemoryError()])
def test_a_point_that_nobody_can_do(
    command: Command, monkeypatch: pytest.MonkeyPatch, problem: BaseException
) -> None:
    def broken(task: evaluate.Task) -> list[evaluate.Evaluation]:
        if any(40 in point.values for point in task.points):
            raise problem
        return evaluate.evaluate_task(task)

    monkeypatch.setattr(session, "evaluate_task", broken)
    monkeypatch.setattr(session, "CHUNK", 1)
    facts, _ = sweep(command, need("30; 40; 60", method="tornado"), 0)
    assert list(ended_of(facts).values()) == ["solved", "failed", "solved"]
    assert type(problem).__name__ in facts["points"][1]["message"]


@pytest.mark.parametrize("method", ["curve", "tornado"])
@pytest.mark.parametrize("nothing", ["need", "lane"])
def test_a_book_without_a_plan_whose_points_have_one(
    command: Command, nothing: str, method: str
) -> None:
    """Too much is needed; or nothing can be had at all, so that there is no program either."""
    none = {
        "need": changed("Demand", "Need", need=120),
        "lane": both(without("Supply", "Spot"), changed("Routes", "Lane", most=0)),
    }
    values = "120; 130" if method == "curve" else "120"
    lane = parameter(values, "Routes", "Lane", "max", method=method)
    facts, _ = sweep(command, both(none[nothing], need("40; 50", method=method), lane), 0)
    assert facts["base"]["status"] == "infeasible" and facts["base"]["message"]
    if method == "curve":
        expected = {(40, 120): "solved", (50, 130): "solved"}
    elif nothing == "need":
        expected = {(40, None): "solved", (50, None): "solved", (None, 120): "infeasible"}
    else:
        expected = {(40, None): "infeasible", (50, None): "infeasible", (None, 120): "solved"}
    assert ended_of(facts) == expected


def test_a_range_of_a_book_without_a_plan(command: Command) -> None:
    edit = both(changed("Demand", "Need", need=120), need("8..100 step 4", alone="yes"), SHUT)
    facts, _ = sweep(command, edit, 0)
    assert facts["base"]["status"] == "infeasible"
    ended = ended_of(facts)
    for at in range(8, 101, 4):
        answered = {
            key[1:]: s in ("solved", "certified") for key, s in ended.items() if key[0] == at
        }
        assert answered == {(): at <= 24, ("Shut",): at <= 24, ("Trunk",): at <= 84}


# --- exit codes -------------------------------------------------------------


@pytest.mark.parametrize("method", ["curve", "tornado"])
def test_3_no_point_has_a_plan(command: Command, method: str) -> None:
    facts, said = sweep(command, need("100; 110; 120", method=method), 3)
    assert facts["statuses"] == {"infeasible": 3} and facts["base"]["status"] == "solved"
    assert "the need of 'Need'" in said


@pytest.mark.parametrize("method", ["scenarios", "room"])
def test_3_nothing_to_look_at(command: Command, method: str) -> None:
    edit = both(
        changed("Demand", "Need", need=120),
        more("Sweeps", name="All", method=method, values="1" if method == "room" else None),
    )
    facts, _ = sweep(command, edit, 3)
    assert facts["base"]["status"] == "infeasible"


@pytest.mark.parametrize("method", ["curve", "tornado", "room"])
def test_4_all_stopped_at_a_limit(
    command: Command, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def hasty(path: Path) -> kido.study.sweep.Tables:
        return kido.load(path).with_settings(time_limit=1e-9)

    monkeypatch.setattr(study, "checked_book", hasty)
    edit = need("40; 50", method=method)
    if method == "room":
        edit = more("Sweeps", name="Room", method="room", values="1")
    facts, _ = sweep(command, edit, 4)
    assert facts["base"]["status"] == "limit"
    assert facts["statuses"] == ({} if method == "room" else {"limit": 2})


def test_2_all_bad_input(command: Command) -> None:
    edit = both(STORE, parameter("10; 20", "Stockpiles", "Store", "floor"))
    facts, _ = sweep(command, edit, 2)
    assert facts["statuses"] == {"bad input": 2}


def test_1_none_answered_for_different_reasons(command: Command) -> None:
    edit = both(
        STORE, need("120", method="tornado"),
        parameter("20", "Stockpiles", "Store", "floor", method="tornado"),
    )  # fmt: skip
    facts, _ = sweep(command, edit, 1)
    assert facts["statuses"] == {"infeasible": 1, "bad input": 1}


def test_1_unexpected(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr(warm_model, "assemble", broken)
    facts, _ = sweep(command, need("40; 50"), 1)
    assert facts["statuses"] == {"failed": 2}
    assert "ZeroDivisionError: by nought" in facts["points"][0]["message"]


def test_of_several_sweeps_one_answer_is_enough(command: Command, no_workbook: None) -> None:
    book = small_book(
        Path("book.xlsx"),
        both(need("40", name="Dear! (1)"), need("120", name="Dear 1"), need("130", name="dear-1")),
    )
    ended = command("sweep", book, "--jobs", 1, "-o", "runs")
    assert ended.code == 0
    held = {p.name: json.loads((p / "run.json").read_text("utf-8")) for p in Path("runs").iterdir()}
    assert {name: facts["sweep"] for name, facts in held.items()} == {
        "dear-1": "Dear! (1)", "dear-1-2": "Dear 1", "dear-1-3": "dear-1",
    }  # fmt: skip
    assert command("sweep", book, "--sweep", "dear-1", "--jobs", 1).code == 3
    assert Path("outputs/book-dear-1-3/run.json").is_file()


def test_1_a_sweep_that_cannot_be_finished_leaves_the_others(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(report: Any, result: Any, path: Path) -> None:
        path.write_text("new")
        if result.design.name == "One":
            raise ZeroDivisionError("by nought")

    monkeypatch.setattr(study, "write_sweep", write)
    book = small_book(Path("book.xlsx"), both(need("40", name="One"), need("50", name="Two")))
    ended = command("sweep", book, "--jobs", 1, "-o", "runs")
    assert ended.code == 1
    assert "One: could not be finished" in ended.err and "by nought" in ended.err
    assert [p.name for p in Path("runs").iterdir() if p.name != ".one.kept"] == ["two"]


def test_130_an_interrupt_that_a_problem_covers_ends_all_sweeps(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_written(*given: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise ValueError("the file is still open")

    monkeypatch.setattr(study, "write_sweep", half_written)
    book = small_book(Path("book.xlsx"), both(need("40", name="One"), need("50", name="Two")))
    ended = command("sweep", book, "--jobs", 1, "-o", "runs")
    assert ended.code == 130
    assert [p.name for p in Path("runs").iterdir()] == [".one.kept"]


# --- refused before any solving ---------------------------------------------


@pytest.fixture
def unsolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object) -> None:
        raise AssertionError("something was solved")

    monkeypatch.setattr(study, "evaluate_task", never)
    monkeypatch.setattr(session, "evaluate_task", never)
    monkeypatch.setattr(dask_executor, "CONNECT", 0.3)


BOOKS = {
    "book.xlsx": need("40; 50"),
    "none swept.xlsx": lambda sheets: None,
    "nobody.xlsx": parameter("1; 2", "Demand", "Nobody", "need"),
    "negative.xlsx": need("-1; 50"),
    "millions.xlsx": need("0..100 step 0.00001"),
}
REFUSED = {
    "no book": (["sweep"], "BOOK"),
    "a book that is not there": (["sweep", "none.xlsx"], "none.xlsx"),
    "unknown sweep": (["sweep", "book.xlsx", "--sweep", "[what] if"], "one of: What if"),
    "no sweeps": (["sweep", "none swept.xlsx"], "add a row"),
    "no such row": (["sweep", "nobody.xlsx"], "Nobody"),
    "below the least": (["sweep", "negative.xlsx"], "Sweeps!H2"),
    "millions": (["sweep", "millions.xlsx"], "Sweeps!H2"),
    "no jobs": (["sweep", "book.xlsx", "--jobs", 0], "jobs"),
    "jobs and dask": (["sweep", "book.xlsx", "--jobs", 1, "--dask", "tcp://a:1"], "not both"),
    "no cluster": (["sweep", "book.xlsx", "--dask", "tcp://127.0.0.1:9"], "no Dask scheduler"),
    "no address": (["sweep", "book.xlsx", "--dask", ""], "no Dask scheduler"),
    "a file": (["sweep", "book.xlsx", "-o", "file"], "is a file"),
    "in a file": (["sweep", "book.xlsx", "--jobs", 1, "-o", "file/run"], "file"),
    "here": (["sweep", "book.xlsx", "-o", "."], "the folder you are in"),
    "above": (["sweep", "book.xlsx", "-o", ".."], "the folder you are in"),
    "nowhere": (["sweep", "book.xlsx", "--jobs", 1, "-o", "/proc/run"], "/proc/run"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused(command: Command, here: Path, unsolved: None, why: str) -> None:
    words, told = REFUSED[why]
    (here / "file").write_text("mine")
    for name in words[1:2]:
        if name in BOOKS:
            small_book(here / name, BOOKS[name])
    before = sorted(p.name for p in here.iterdir())
    ended = command(*words)
    assert ended.code == 2
    assert told in ended.err
    assert sorted(p.name for p in here.iterdir()) == before
    assert (here / "file").read_text() == "mine"


def test_the_same_is_refused_in_python(here: Path, unsolved: None) -> None:
    book = small_book(here / "book.xlsx", need("40; 50"))
    with pytest.raises(WorkbookError) as caught:
        kido.sweep(book, "Nope")
    assert [f.code for f in caught.value.findings] == ["unknown-sweep"]
    with pytest.raises(kido.NoCluster):
        kido.sweep(book, dask="tcp://127.0.0.1:9", output="run")
    with pytest.raises(kido.OutputError):
        kido.sweep(book, output=book)
    assert [p.name for p in here.iterdir()] == ["book.xlsx"]


# --- where results are put --------------------------------------------------


def test_each_sweep_has_a_folder_of_its_own(command: Command, no_workbook: None) -> None:
    book = small_book(Path("book.xlsx"), both(need("40", name="One"), need("50", name="二つ目")))
    assert command("sweep", book, "--jobs", 1).code == 0
    assert sorted(p.name for p in Path("outputs").iterdir()) == ["book-one", "book-二つ目"]
    assert command("sweep", book, "--sweep", "二つ目", "--jobs", 1, "-o", "run").code == 0
    assert json.loads(Path("run/run.json").read_text("utf-8"))["sweep"] == "二つ目"


def test_results_may_live_beside_their_workbook(command: Command, no_workbook: None) -> None:
    Path("plan").mkdir()
    book = small_book(Path("plan/book.xlsx"), need("40; 50"))
    before = book.read_bytes()
    assert command("sweep", book, "--jobs", 1, "-o", "plan").code == 0
    os.replace("plan", ".plan.old")  # as a kill between two renames would leave it
    assert command("sweep", book, "--jobs", 1, "-o", "plan").code == 0
    assert book.read_bytes() == before


def test_a_full_disk(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(report: Any, result: Any, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    Path("run").mkdir()
    Path("run/run.json").write_text("old")
    monkeypatch.setattr(study, "write_sweep", full)
    book = small_book(Path("book.xlsx"), need("40; 50"))
    ended = command("sweep", book, "--jobs", 1, "-o", "run")
    assert (ended.code, "No space left" in ended.err) == (1, True)
    assert [p.name for p in Path("run").iterdir()] == ["run.json"]
    assert Path("run/run.json").read_text() == "old"
