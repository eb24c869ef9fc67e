"""The commands: exit codes, words for people, and never a traceback."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from rich.console import Console

from command import Command, process
from faulty_rows import put
from japanese_books import japanese_book
from kido import cli, evaluation
from kido import run as road
from kido.data.workbook.read import read_leniently
from kido.errors import Finding, Place, SolverError, TimeLimitReached
from kido.solver.decomposition import decompose
from places import TUTORIAL
from tiny_book import RISKY, both, changed, more, small_book


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder, and leaves the ways to end as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)
    return tmp_path


@pytest.fixture
def no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    write = lambda report, answer, path, shown: path.write_text("results")  # noqa: E731
    monkeypatch.setattr(road, "write_results", write)


@pytest.fixture
def kido(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


# --- exit codes -------------------------------------------------------------


def test_0_answered(kido: Any) -> None:
    ended = kido("solve", TUTORIAL)
    assert ended.code == 0
    assert "8.176 million USD" in ended.out
    assert "outputs/tutorial/results.xlsx" in ended.out
    assert json.loads(Path("outputs/tutorial/run.json").read_text("utf-8"))["status"] == "optimal"


def test_1_unexpected(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object) -> None:
        raise ZeroDivisionError("[bold]odd[/]")

    monkeypatch.setattr(road, "make_report", broken)
    ended = kido("solve", small_book(here / "book.xlsx"))
    assert ended.code == 1
    assert "ZeroDivisionError: [bold]odd[/]" in ended.err and "KIDO_DEBUG=1" in ended.err
    monkeypatch.setenv("KIDO_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        kido("solve", "book.xlsx")


def test_1_not_solved(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*given: object) -> None:
        raise SolverError("no method gave an answer")

    monkeypatch.setattr(evaluation, "solve_case", failing)
    ended = kido("solve", small_book(here / "book.xlsx"))
    assert (ended.code, "no method gave an answer" in ended.err) == (1, True)


def test_1_no_memory(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def large(*given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(evaluation, "solve_case", large)
    ended = kido("solve", small_book(here / "book.xlsx"))
    assert (ended.code, "the memory of this machine is too small" in ended.err) == (1, True)
    assert not Path("outputs/book").exists()


def test_2_every_fault_at_once(kido: Any, here: Path) -> None:
    faulty = both(
        changed("Supply", "Pit", most="plenty"),
        changed("Routes", "Lane", origin="Mien"),
        changed("Demand", "Need", need=-1),
    )
    for command in ("check", "solve"):
        ended = kido(command, small_book(here / "book.xlsx", faulty))
        assert ended.code == 2
        for words in ("Supply!E2", "Routes!B2", "Demand!E2", "Mine", "fault(s)"):
            assert words in ended.err
    assert sorted(p.name for p in here.iterdir()) == ["book.xlsx"]


def test_3_no_plan(kido: Any, here: Path) -> None:
    ended = kido("solve", small_book(here / "book.xlsx", changed("Demand", "Need", need=120)))
    assert ended.code == 3
    for words in ("Demand!E2", "the need of 'Need'", "2026-07 to 2026-12", "60 t asked", "42 t"):
        assert words in ended.err
    assert not Path("outputs/book").exists()


def test_3_without_end(kido: Any, here: Path) -> None:
    endless = both(
        more("Sales", name="Bin", site="Tokyo", commodity="Dy", price=50),
        changed("Supply", "Spot", most=None),
    )
    ended = kido("solve", small_book(here / "book.xlsx", endless))
    assert ended.code == 3
    assert "without end" in ended.err and "Supply!E3" in ended.err


def test_4_stopped_at_a_limit(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*given: object) -> None:
        raise TimeLimitReached("no answer within 60 seconds (simplex: Time limit reached)")

    monkeypatch.setattr(evaluation, "solve_case", slow)
    ended = kido("solve", small_book(here / "book.xlsx", time_limit=60))
    assert (ended.code, "no answer within 60 seconds" in ended.err) == (4, True)


def test_4_with_the_best_plan_so_far(
    kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = decompose.Decomposition.master_solution

    def last(self: Any, *given: Any) -> Any:
        solution = whole(self, *given)
        if not solution.restricted:
            self.deadline = -1.0  # the time is over once there is a bound
        return solution

    monkeypatch.setattr(decompose.Decomposition, "master_solution", last)
    monkeypatch.setattr(decompose, "WIDTH", 0.01)
    book = small_book(here / "book.xlsx", RISKY, solver_method="decomposition", optimality_gap=0)
    ended = kido("solve", book, "--jobs", "1")
    assert (ended.code, "stopped at the time limit" in ended.err) == (4, True)
    facts = json.loads(Path("outputs/book/run.json").read_text("utf-8"))
    assert facts["status"] == "stopped by the time limit"
    assert facts["objective"] >= facts["proof"]["bound"]
    assert Path("outputs/book/results.xlsx").exists()


# --- bad input --------------------------------------------------------------


def empty_workbook(path: Path) -> None:
    openpyxl.Workbook().save(path)


def another_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "a")


FILES = {
    "missing": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "empty": lambda path: path.write_bytes(b""),
    "garbage": lambda path: path.write_bytes(os.urandom(3000)),
    "text": lambda path: path.write_text("Dy,200\n"),
    "half a workbook": lambda path: path.write_bytes(TUTORIAL.read_bytes()[:9000]),
    "another archive": another_archive,
    "a workbook of nothing": empty_workbook,
}


@pytest.mark.parametrize("kind", FILES)
def test_files_that_are_no_book(kido: Any, here: Path, kind: str) -> None:
    FILES[kind](here / "book.xlsx")
    for command in ("check", "solve"):
        ended = kido(command, "book.xlsx")
        assert ended.code == 2
        assert "fault" in ended.err
    assert not Path("outputs").exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["plan"],
        ["solve"],
        ["solve", "a.xlsx", "--speed"],
        ["new", "a.xlsx", "--lang", "fr"],
        ["new", "a.txt"],
        ["new", "none/a.xlsx"],
        ["new", "folder.xlsx", "--force"],
        ["solve", TUTORIAL, "--scenario", "Nope"],
        ["solve", TUTORIAL, "-o", "file"],
        ["solve", TUTORIAL, "-o", "file/run"],
        ["solve", TUTORIAL, "-o", "."],
        ["solve", TUTORIAL, "-o", "/proc/run"],
        ["solve", TUTORIAL, "--export", "try.txt"],
        ["solve", TUTORIAL, "--export", "file/try.mps"],
    ],
)
def test_commands_that_cannot_be_meant(kido: Any, here: Path, words: list[object]) -> None:
    (here / "file").write_text("mine")
    (here / "folder.xlsx").mkdir()
    ended = kido(*words)
    assert ended.code == 2
    assert ended.all.strip()
    assert (here / "file").read_text() == "mine"
    assert {p.name for p in here.iterdir()} <= {"file", "folder.xlsx", "outputs"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(kido: Any, here: Path) -> None:
    (here / "shut").mkdir(mode=0o555)
    assert kido("solve", TUTORIAL, "-o", "shut/run").code == 2
    assert kido("new", "shut/a.xlsx").code == 1


def test_results_that_are_locked(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "run").mkdir()
    (here / "run" / "results.xlsx").write_text("old")
    (here / "run" / "run.json").write_text("old")
    rename = os.replace

    def held(old: Path, new: Path) -> None:
        if Path(old).name in ("results.xlsx", "run"):
            raise PermissionError(errno.EACCES, "Permission denied", str(old))
        rename(old, new)

    monkeypatch.setattr(os, "replace", held)
    ended = kido("solve", TUTORIAL, "-o", "run")
    assert (ended.code, "open in Excel" in ended.err) == (2, True)
    assert (here / "run" / "results.xlsx").read_text() == "old"


def test_a_full_disk(kido: Any, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results.xlsx")

    monkeypatch.setattr(road, "write_results", full)
    ended = kido("solve", TUTORIAL)
    assert (ended.code, "No space left" in ended.err) == (1, True)
    assert list((here / "outputs").iterdir()) == []


# --- new, check -------------------------------------------------------------


@pytest.mark.parametrize("lang, sheet", [("en", "Demand"), ("ja", "需要")])
def test_new_writes_a_book_that_only_lacks_its_rows(
    kido: Any, here: Path, lang: str, sheet: str
) -> None:
    assert kido("new", "book.xlsx", "--lang", lang).code == 0
    assert sheet in openpyxl.load_workbook("book.xlsx").sheetnames
    codes = {f.code for f in read_leniently("book.xlsx").faults}
    assert "nothing-to-plan" in codes and not any(c.startswith(("sheet", "column")) for c in codes)


def test_new_does_not_overwrite(kido: Any, here: Path) -> None:
    (here / "book.xlsx").write_text("mine")
    ended = kido("new", "book.xlsx")
    assert (ended.code, "--force" in ended.err) == (2, True)
    assert (here / "book.xlsx").read_text() == "mine"
    assert kido("new", "book.xlsx", "--force").code == 0
    assert (here / "book.xlsx").read_bytes().startswith(b"PK")


def test_warnings_do_not_stop(kido: Any, here: Path, no_workbook: None) -> None:
    idle = more("Facilities", name="Spare", site="Mine", capacity=10)
    book = small_book(here / "book.xlsx", idle)
    for command in ("check", "solve"):
        ended = kido(command, book)
        assert ended.code == 0
        assert "warning" in ended.out and "Facilities!" in ended.out and "Spare" in ended.out


def test_a_name_full_of_markup_is_said_as_it_is(kido: Any, here: Path, no_workbook: None) -> None:
    book = small_book(here / "book.xlsx", title="[bold]Plan[/bold] [/]")
    assert "[bold]Plan[/bold] [/]" in kido("solve", book).out
    assert "[red]no[/]" in kido("solve", book, "--scenario", "[red]no[/]").err


# --- how it is said ---------------------------------------------------------

FOUND = [
    Finding.of("not-a-number", Place("Routes", f"F{i}"), "'twelve and a half dollars'",
               column="freight", expected="a number in USD/kg")
    for i in (12, 13)
]  # fmt: skip


@pytest.mark.parametrize("width", [20, 80, 109])
def test_where_it_is_narrow_findings_stay_whole(width: int) -> None:
    said = io.StringIO()
    cli.show_findings(Console(file=said, width=width), FOUND)
    lines = said.getvalue().splitlines()
    assert lines[0] == "fault  Routes!F12  'freight' is a number, and this is not one."
    advice = "type the number alone, with a point for decimals and without a unit"
    assert lines[3] == f"    do:       {advice}"
    assert len(lines) == 8


def test_where_it_is_wide_findings_are_one_table() -> None:
    said = io.StringIO()
    cli.show_findings(Console(file=said, width=120), FOUND)
    assert said.getvalue().count("what to do") == 1
    assert "Routes!F13" in said.getvalue()
    assert max(map(len, said.getvalue().splitlines())) <= 120


def test_no_findings_say_nothing() -> None:
    said = io.StringIO()
    cli.show_findings(Console(file=said, width=120), [])
    assert said.getvalue() == ""


def test_every_phase_is_spoken_of(kido: Any, here: Path, no_workbook: None) -> None:
    said = kido("solve", small_book(here / "book.xlsx")).err
    for words in ("loading", "reading", "building", "handing", "solving", "checking", "writing"):
        assert words in said
    assert not re.search(r"\x1b", said)


# --- as a process -----------------------------------------------------------


def test_a_terminal_that_knows_no_japanese(here: Path) -> None:
    ended = process("-m", "kido", "new", "book.xlsx", "--lang", "ja")
    assert ended.wait() == 0
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for words in (["--help"], ["check", "book.xlsx"]):
        asked = process("-m", "kido", *words, **ascii_only)
        _, err = asked.communicate()
        assert asked.returncode == (2 if words[0] == "check" else 0)
        assert b"Traceback" not in err
        assert b"B3" in err or words == ["--help"]


def test_a_reader_that_leaves_early_is_no_fault(here: Path) -> None:
    asked = process("-m", "kido", "check", TUTORIAL)
    assert asked.stdout is not None and asked.stderr is not None
    asked.stdout.close()
    said = asked.stderr.read()
    asked.wait()
    asked.stderr.close()
    assert said == b"reading the workbook\n"


SLEEPING = """
import sys, time
import kido.evaluation
from kido import cli
def slow(*given):
    print("asleep", flush=True)
    time.sleep(60)
kido.evaluation.solve_program = slow
cli.main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are otherwise there")
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_process_that_is_ended_clears_up(here: Path, number: int, code: int) -> None:
    (here / "run").mkdir()
    (here / "run" / "run.json").write_text("old")
    asked = process("-c", SLEEPING, "solve", TUTORIAL, "-o", "run")
    assert asked.stdout is not None
    assert asked.stdout.readline() == b"asleep\n"
    began = time.monotonic()
    asked.send_signal(number)
    _, err = asked.communicate()
    assert asked.returncode == code and time.monotonic() - began < 5
    assert b"stopped; earlier results are as they were" in err and b"Traceback" not in err
    assert [p.name for p in here.iterdir()] == ["run"]
    assert (here / "run" / "run.json").read_text() == "old"


@pytest.mark.parametrize(
    "ending, number",
    [(KeyboardInterrupt(), signal.SIGINT), (cli.Termination(signal.SIGTERM), signal.SIGTERM)],
)
def test_an_ending_that_python_swallows_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, ending: BaseException, number: int
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *given: asked.append(given))
    cli.stop_all_the_same(SimpleNamespace(exc_value=ending))  # type: ignore[arg-type]
    deadline = time.monotonic() + 5
    while not asked and time.monotonic() < deadline:
        time.sleep(0.01)
    assert asked == [(os.getpid(), number)]


@pytest.mark.parametrize("ending, code", [(KeyboardInterrupt(), 130), (cli.Termination(15), 143)])
def test_an_ending_that_a_problem_covers_is_an_ending(
    kido: Any, monkeypatch: pytest.MonkeyPatch, ending: BaseException, code: int
) -> None:
    def half_written(*given: object) -> None:
        try:
            raise ending
        finally:
            raise ValueError("the file is still open")

    monkeypatch.setattr(road, "write_results", half_written)
    ended = kido("solve", TUTORIAL)
    assert (ended.code, "stopped" in ended.err) == (code, True)


@pytest.mark.parametrize("command", ["solve", "sweep"])
def test_the_planners_book_is_never_replaced(kido: Any, here: Path, command: str) -> None:
    book = here / "own" / "results.xlsx"
    book.parent.mkdir()
    book.write_bytes(TUTORIAL.read_bytes())
    ended = kido(
        command, book, "-o", "own", *(["--sweep", "Exporter price"] * (command == "sweep"))
    )
    assert ended.code == 2 and book.read_bytes() == TUTORIAL.read_bytes()
    assert sorted(p.name for p in book.parent.iterdir()) == ["results.xlsx"]


# --- in Japanese ------------------------------------------------------------


def test_a_japanese_book_is_checked_in_japanese(kido: Any, here: Path) -> None:
    book = japanese_book(here / "book.xlsx", put("Supply", 0, site="Prth", least=1300))
    ended = kido("check", book)
    assert ended.code == 2
    assert ended.err.splitlines() == [
        "reading the workbook",
        "誤り  供給!B2  「Prth」はシート「拠点」にありません。",
        "    現状:     Prth",
        "    想定:     Perth",
        "    対処:     「Perth」ではありませんか",
        "誤り  供給!F2  「最小」が「最大」を上回っています。",
        "    現状:     1300",
        "    想定:     1200以下",
        "    対処:     小さくするか、もう一方を大きくしてください",
        *ended.err.splitlines()[9:-1],
        f"ブックに{ended.err.count('誤り  ')}件の誤りがあります。最初の誤り:供給!B2:"
        "「Prth」はシート「拠点」にありません。",
    ]


def test_a_sound_japanese_book_is_said_to_be_so(kido: Any, here: Path) -> None:
    book = japanese_book(here / "book.xlsx")
    ended = kido("check", book)
    assert (ended.code, ended.out) == (0, f"{book}:誤りなし(31行)\n")


def test_a_table_of_findings_in_japanese() -> None:
    said = io.StringIO()
    cli.show_findings(Console(file=said, width=140), [f.in_language("ja") for f in FOUND])
    for header in ("場所", "内容", "現状", "想定", "対処"):
        assert said.getvalue().count(header) == 1
