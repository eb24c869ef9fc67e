"""A run folder holds the old results or the new ones, whatever stops the run and whenever."""

from __future__ import annotations

import errno
import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kido.errors import OutputError
from kido.files import OURS, keep_apart, slug, whole_folder

# Runs whole_folder on argv[1] and kills itself at the moment argv[2].
KILLED = """
import os, signal, sys
from pathlib import Path
from kido import files

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

target, moment = Path(sys.argv[1]), sys.argv[2]
rename, renames = os.replace, []

def replace(old, new):
    if moment == f"before rename {len(renames)}":
        die()
    renames.append(new)
    rename(old, new)

with files.whole_folder(target) as fresh:
    files.os.replace = replace
    for name in files.OURS:
        (fresh / name).write_text("new")
        if moment == f"after {name}":
            die()
    if moment == "before clearing":
        files.shutil.rmtree = die
"""


def fill(folder: Path, words: str) -> None:
    for name in OURS:
        (folder / name).write_text(words)


def earlier_run(tmp_path: Path) -> Path:
    """An old run with files of other makers in it."""
    target = tmp_path / "run"
    target.mkdir()
    fill(target, "old")
    (target / "notes.txt").write_text("mine")
    (target / "pictures").mkdir()
    (target / "pictures" / "a.txt").write_text("mine")
    (target / "link").symlink_to("nowhere")
    return target


def assert_whole(target: Path, words: str) -> None:
    assert {(target / name).read_text() for name in OURS} == {words}


def assert_others_kept(target: Path) -> None:
    assert (target / "notes.txt").read_text() == "mine"
    assert (target / "pictures" / "a.txt").read_text() == "mine"
    assert (target / "link").is_symlink()


def beside(target: Path) -> list[str]:
    return sorted(p.name for p in target.parent.iterdir() if p != target)


def test_the_new_takes_the_place_of_the_old(tmp_path: Path) -> None:
    target = earlier_run(tmp_path)
    with whole_folder(target) as fresh:
        fill(fresh, "new")
        assert_whole(target, "old")
    assert_whole(target, "new")
    assert_others_kept(target)
    assert beside(target) == []


def test_folders_above_are_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "run"
    with whole_folder(target) as fresh:
        fill(fresh, "new")
    assert_whole(target, "new")


@pytest.mark.parametrize(
    "problem", [KeyboardInterrupt(), SystemExit(1), OSError(errno.ENOSPC, "No space left")]
)
def test_what_fails_leaves_the_old(tmp_path: Path, problem: BaseException) -> None:
    target = earlier_run(tmp_path)
    with pytest.raises(type(problem)), whole_folder(target) as fresh:
        (fresh / "run.json").write_text("half")
        raise problem
    assert_whole(target, "old")
    assert_others_kept(target)
    assert beside(target) == []


@pytest.mark.parametrize(
    "moment, words",
    [
        ("after run.json", "old"),
        ("before rename 0", "old"),
        ("before rename 1", "old"),
        ("before rename 2", "new"),
        ("before rename 3", "new"),
        ("before clearing", "new"),
    ],
)
def test_a_kill_leaves_the_old_or_the_new(tmp_path: Path, moment: str, words: str) -> None:
    target = earlier_run(tmp_path)
    ended = subprocess.run([sys.executable, "-c", KILLED, str(target), moment], check=False)
    assert ended.returncode == -9
    if target.exists():
        assert_whole(target, words)
    with pytest.raises(RuntimeError), whole_folder(target):  # the next run mends, even if it fails
        raise RuntimeError
    assert_whole(target, words)
    assert_others_kept(target)
    assert beside(target) == []


def test_an_interrupt_between_the_renames_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = earlier_run(tmp_path)
    rename = os.replace

    def interrupted(old: Path, new: Path) -> None:
        rename(old, new)
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), whole_folder(target) as fresh:
        fill(fresh, "new")
        monkeypatch.setattr(os, "replace", interrupted)
    assert_whole(target, "old")
    assert_others_kept(target)
    assert beside(target) == []


def test_a_workbook_open_in_excel_is_noticed_before_the_solve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = earlier_run(tmp_path)
    rename = os.replace

    def held(old: Path, new: Path) -> None:
        if Path(old).name == "results.xlsx":
            raise PermissionError(errno.EACCES, "Permission denied", str(old))
        rename(old, new)

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(OutputError, match=r"results\.xlsx.*open in Excel"), whole_folder(target):
        pytest.fail("the block should not be reached")
    assert_whole(target, "old")


def test_a_folder_that_cannot_be_moved_keeps_the_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = earlier_run(tmp_path)

    def refused(old: Path, new: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(old))

    with pytest.raises(OutputError, match="open in Excel"), whole_folder(target) as fresh:
        fill(fresh, "new")
        monkeypatch.setattr(os, "replace", refused)
    assert_whole(target, "old")
    assert beside(target) == []


def test_what_is_left_that_cannot_be_removed_is_told_before_the_solve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder set aside holds a file that nobody may delete."""
    target = earlier_run(tmp_path)
    (tmp_path / ".run.old").mkdir()
    (tmp_path / ".run.old" / "run.json").write_text("older")
    monkeypatch.setattr("shutil.rmtree", lambda *given, **named: None)
    with pytest.raises(OutputError, match="cannot be removed"), whole_folder(target):
        pytest.fail("the block should not be reached")
    assert_whole(target, "old")


def test_a_folder_that_is_mounted_is_told_before_the_solve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = earlier_run(tmp_path)
    rename = os.replace

    def busy(old: Path, new: Path) -> None:
        if Path(old) == target:
            raise OSError(errno.EBUSY, "Device or resource busy", str(old))
        rename(old, new)

    monkeypatch.setattr(os, "replace", busy)
    with pytest.raises(OutputError, match="busy"), whole_folder(target):
        pytest.fail("the block should not be reached")
    assert_whole(target, "old")


@pytest.mark.parametrize("name", ["loop", "希" * 85, "a" * 240])
def test_names_that_no_folder_can_bear_are_told_before_the_solve(tmp_path: Path, name: str) -> None:
    """A link to itself, and names too long for what is written beside them."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with (
        pytest.raises(OutputError, match="cannot be the run folder"),
        whole_folder(tmp_path / name),
    ):
        pytest.fail("the block should not be reached")
    assert [p.name for p in tmp_path.iterdir()] == ["loop"]


@pytest.mark.parametrize("where", [".", "..", "/", "file", "file/run"])
def test_places_that_cannot_hold_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").write_text("mine")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(OutputError), whole_folder(Path(where)):
        pytest.fail("the block should not be reached")
    assert (tmp_path / "here" / "file").read_text() == "mine"


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    target = earlier_run(tmp_path)
    (tmp_path / "last").symlink_to(target)
    with whole_folder(tmp_path / "last") as fresh:
        fill(fresh, "new")
    assert (tmp_path / "last").is_symlink()
    assert_whole(target, "new")
    assert_others_kept(target)


def test_only_what_nobody_works_on_is_cleared(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here, week = platform.node(), 7 * 24 * 3600
    kept = {
        f".run.{here}-{os.getpid()}.aa.new",  # of a process that lives
        f".run.elsewhere-{gone.pid}.aa.new",  # of another machine
        f".running.{here}-{gone.pid}.aa.new",  # of another folder
        ".run.notes.new",
    }
    cleared = {f".run.{here}-{gone.pid}.aa.new", ".run.elsewhere-1.bb.new"}
    for name in kept | cleared:
        (tmp_path / name).mkdir()
    os.utime(tmp_path / ".run.elsewhere-1.bb.new", (time.time() - 2 * week,) * 2)
    with whole_folder(tmp_path / "run") as fresh:
        fill(fresh, "new")
    assert set(beside(tmp_path / "run")) == kept


@pytest.mark.parametrize("name", [name for name in OURS if name != "run.json"])
def test_what_is_of_no_run_is_never_replaced(tmp_path: Path, name: str) -> None:
    target = tmp_path / "own"
    target.mkdir()
    (target / name).write_text("mine")
    with pytest.raises(OutputError, match="of no run"), whole_folder(target):
        raise AssertionError("the block must not run")
    assert (target / name).read_text() == "mine" and beside(target) == []


@pytest.mark.parametrize("way", ["as it is", "by a link", "by another path"])
def test_results_never_replace_the_workbook_they_are_made_from(tmp_path: Path, way: str) -> None:
    target = earlier_run(tmp_path)
    book = target / "results.xlsx"
    if way == "by a link":
        book = tmp_path / "book.xlsx"
        book.symlink_to(target / "results.xlsx")
    if way == "by another path":
        book = target / "pictures" / ".." / "results.xlsx"
    with pytest.raises(OutputError, match="replace the workbook"):
        keep_apart(str(book), target)
    keep_apart(str(target / "notes.txt"), target)
    keep_apart("", target)
    keep_apart(str(tmp_path / "gone.xlsx"), target)


def test_a_long_name_has_a_folder_of_its_own() -> None:
    long = "希土" * 60
    assert len(slug(long).encode()) <= 100 and slug(long) != slug(f"{long}2")
    assert slug("Dy price") == "dy-price"


def test_runs_into_one_folder_lose_no_file_of_the_planner(tmp_path: Path) -> None:
    """Many at once, in threads: each swap is alone, the last one stays, all are whole."""
    target = earlier_run(tmp_path)

    def run(number: int) -> str:
        with whole_folder(target) as fresh:
            fill(fresh, f"new {number}")
        return "done"

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(run, range(200))) == {"done"}
    words = (target / "results.xlsx").read_text()
    assert words.startswith("new")
    assert_whole(target, words)
    assert_others_kept(target)
    assert beside(target) == []
