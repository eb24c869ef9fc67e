"""A hundred runs killed at any instant, and what the next command finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from command import Command
from kido.files import OURS
from places import ROOT
from tiny_book import small_book

KILLER = ROOT / "tests" / "support" / "killer.py"
SEED = "killed at any instant"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_book(tmp_path_factory.mktemp("book") / "book.xlsx")


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="no fork here")
def test_a_hundred_kills_lose_nothing_and_leave_nothing(book: Path, tmp_path: Path) -> None:
    """At each instant the old run or the new one is there, and the next run puts all right."""
    asked = [sys.executable, str(KILLER), str(book), str(tmp_path), SEED, "100"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    first, *lines = done.stdout.splitlines()
    assert int(first.split()[1]) > 10
    told = [line.split() for line in lines]
    assert len(told) == 100
    assert {ended for _, ended, _ in told} == {"9"}
    # among them the instants between two renames, and those after the last
    assert {held for _, _, held in told} == {"old", "aside", "new"}
    for name, _, _ in told:
        assert (tmp_path / name / "notes.txt").read_text() == "mine"
        assert (tmp_path / name / "results.xlsx").read_text() == "new"
        assert sorted(p.name for p in (tmp_path / name).iterdir()) == sorted([*OURS, "notes.txt"])
    left = {p.name for p in tmp_path.iterdir()} - {name for name, _, _ in told}
    assert left == {"calls", "count"}


@pytest.mark.parametrize("command", ["check", "solve", "sweep"])
def test_any_command_finds_the_book_that_a_killed_swap_moved_aside(
    book: Path,
    tmp_path: Path,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A planner keeps a book beside its results; between two renames its folder is elsewhere."""
    monkeypatch.chdir(tmp_path)
    aside = tmp_path / ".plans.old"
    aside.mkdir()
    (aside / "book.xlsx").write_bytes(book.read_bytes())
    (aside / "run.json").write_text("old")
    ended = Command(monkeypatch, capsys)(command, "plans/book.xlsx")
    assert (tmp_path / "plans" / "book.xlsx").read_bytes() == book.read_bytes()
    assert not aside.exists()
    assert ended.code == (2 if command == "sweep" else 0)  # the book has no sweep
