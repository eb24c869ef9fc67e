"""A sweep that was interrupted: what it had found is taken up, and nothing else is changed."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import kido
from books import edit_cells
from command import process
from kido.errors import TimeLimitReached
from kido.study import sweep as study
from kido.study.execute.result_cache import ResultCache
from kido.study.resolve.warm_model import WarmModel
from sweep_by_hand import Move, ask, asking, settled, tutorial

PRICE = Move("Routes", ("Exporter to Factory",), "purchase price", "set")
STOCK = Move("Stockpiles", ("Factory stock",), "capacity", "set")
SWEEPS = (
    ask("Sample", "latin", PRICE.over("90; 390"), STOCK.over("0; 60"), samples=36),
    ask("Curve", "curve", PRICE.over("50..650 step 20"), alone="yes", watch="Factory stock"),
    ask("Alone", "scenarios"),
    ask("Room", "room", Move("", ()).over("1; 5")),
)
KEPT = ".run.kept"


@pytest.fixture(autouse=True, scope="module")
def no_workbook() -> Iterator[None]:
    """The workbooks of results have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "write_sweep", lambda report, result, path: path.write_text("new"))
        yield


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    return asking(tutorial(folder / "plain.xlsx"), folder / "book.xlsx", *SWEEPS)


@pytest.fixture(scope="module")
def undisturbed(source: Path) -> dict[str, Any]:
    """What every sweep of the book finds when nothing happens to it."""
    done = kido.sweep(source, jobs=1, output=source.with_name("runs"))
    return {sweep.facts["sweep"]: found_by(sweep) for sweep in done}


@pytest.fixture
def book(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(source, tmp_path / "book.xlsx"))


def found_by(sweep: kido.Sweep) -> Any:
    return (
        settled(sweep.facts["points"]),
        getattr(sweep.result, "ranges", ()),
        [
            (c.scenario, c.bounds, c.breakpoints, c.break_evens)
            for c in getattr(sweep.result, "curves", ())
        ],
    )


def older_run(folder: Path) -> Path:
    run = folder / "run"
    run.mkdir()
    (run / "run.json").write_text("old")
    return run


def untouched(run: Path) -> bool:
    return [p.name for p in run.iterdir()] == ["run.json"] and (
        run / "run.json"
    ).read_text() == "old"


def swept(book: Path, name: str) -> kido.Sweep:
    (sweep,) = kido.sweep(book, name, jobs=1, output=book.with_name("run"))
    return sweep


def interrupt(book: Path, name: str, monkeypatch: pytest.MonkeyPatch, after: int = 3) -> None:
    """As Ctrl-C does when so many answers are kept."""
    put, calls = ResultCache.put, []

    def counted(self: ResultCache, *given: Any) -> None:
        put(self, *given)
        calls.append(given)
        if len(calls) == after:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(ResultCache, "put", counted)
        swept(book, name)


def kept(book: Path) -> list[Path]:
    return sorted(book.with_name(KEPT).glob("*.npz"))


@pytest.mark.skipif(os.name == "nt", reason="signals are otherwise there")
@pytest.mark.parametrize(
    "number, code, jobs, name",
    [
        (signal.SIGINT, 130, 1, "Curve"),
        (signal.SIGTERM, 143, 2, "Sample"),
        (signal.SIGKILL, -9, 1, "Sample"),
    ],
)
def test_a_process_that_is_ended_half_way(
    book: Path, undisturbed: Any, number: int, code: int, jobs: int, name: str
) -> None:
    run = older_run(book.parent)
    asked = process("-m", "kido", "sweep", book, "--sweep", name, "--jobs", jobs, "-o", run)
    while len(kept(book)) < 3:
        assert asked.poll() is None
        time.sleep(0.005)
    asked.send_signal(number)
    _, said = asked.communicate(timeout=20)
    assert asked.returncode == code
    assert b"Traceback" not in said and b"writing the results" not in said
    assert untouched(run)
    sweep = swept(book, name)
    assert sweep.facts["solves"]["kept"] > 0
    assert found_by(sweep) == undisturbed[name]
    assert sorted(p.name for p in book.parent.iterdir()) == ["book.xlsx", "run"]


@pytest.mark.parametrize("name", [asked.name for asked in SWEEPS])
def test_every_method_takes_up_what_is_kept(
    book: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    run = older_run(book.parent)
    interrupt(book, name, monkeypatch)
    assert untouched(run) and len(kept(book)) == 3
    edit_cells(book, lambda again: None)  # saved again, as it was
    sweep = swept(book, name)
    assert sweep.facts["solves"]["kept"] > 0
    assert found_by(sweep) == undisturbed[name]
    assert not book.with_name(KEPT).exists()


def test_another_book_does_not_take_it_up(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dearer(edited: openpyxl.Workbook) -> None:
        Move("Relief", ("Lost motors",), "cost").type(edited, 1.5)

    interrupt(book, "Sample", monkeypatch)
    edit_cells(book, dearer)
    other = Path(shutil.copy(book, tmp_path / "other.xlsx"))
    sweep = swept(book, "Sample")
    assert sweep.facts["solves"]["kept"] == 0
    (fresh,) = kido.sweep(other, "Sample", jobs=1, output=tmp_path / "fresh")
    assert found_by(sweep) == found_by(fresh)
    assert not book.with_name(KEPT).exists()


def test_another_sweep_does_not_take_it_up(
    book: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(book, "Sample", monkeypatch)
    sweep = swept(book, "Curve")
    assert sweep.facts["solves"]["kept"] == 0
    assert found_by(sweep) == undisturbed["Curve"]


@pytest.mark.parametrize("name", ["Sample", "Curve"])
def test_damaged_files_are_no_answers(
    book: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    interrupt(book, name, monkeypatch, after=6)
    torn, garbage, empty, foreign, *whole = kept(book)
    torn.write_bytes(torn.read_bytes()[:-40])
    garbage.write_bytes(b"PK\x03\x04" + os.urandom(200))
    empty.write_bytes(b"")
    foreign.unlink()
    foreign.mkdir()
    sweep = swept(book, name)
    assert sweep.facts["solves"]["kept"] <= len(whole)
    assert found_by(sweep) == undisturbed[name]
    assert not book.with_name(KEPT).exists()


def test_what_was_stopped_is_asked_again(
    book: Path, undisturbed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    solve, asked = WarmModel.solve, []

    def tired(self: WarmModel, *given: Any) -> Any:
        asked.append(given)
        if len(asked) % 15 == 0:
            raise TimeLimitReached("no answer within 60 seconds")
        return solve(self, *given)

    with monkeypatch.context() as patch:
        patch.setattr(WarmModel, "solve", tired)
        interrupt(book, "Sample", monkeypatch)
    sweep = swept(book, "Sample")
    assert sweep.facts["statuses"] == {"solved": 36}
    assert found_by(sweep) == undisturbed["Sample"]


def test_where_nothing_can_be_kept_the_sweep_goes_on(book: Path, undisturbed: Any) -> None:
    book.with_name(KEPT).write_text("mine")
    assert found_by(swept(book, "Sample")) == undisturbed["Sample"]
    assert book.with_name(KEPT).read_text() == "mine"


def test_an_answer_that_was_edited_is_not_believed(tmp_path: Path) -> None:
    """Nor one that stands under the name of another question."""
    kept = ResultCache(tmp_path / "kept")
    kept.put("asked", [])
    assert kept.get("asked") == []
    shutil.copy(tmp_path / "kept" / "asked.npz", tmp_path / "kept" / "another.npz")
    assert kept.get("another") is None
    with np.load(tmp_path / "kept" / "asked.npz") as stored:
        arrays = dict(stored)
    arrays["told"] = np.array("[{}]")
    np.savez_compressed(tmp_path / "kept" / "asked.npz", allow_pickle=False, **arrays)
    assert kept.get("asked") is None
