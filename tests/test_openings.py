"""The cell that shut the way is named, with what it would have to be."""

from __future__ import annotations

from pathlib import Path

import pytest

import impossible
import kido
from kido.data.tables import Tables
from kido.errors import Finding, NoPlan
from smallbook import both, changed, more, small_book

BOOKS = list(impossible.books())


def named(book: Path | Tables, folder: Path) -> list[Finding]:
    with pytest.raises(NoPlan) as caught:
        kido.solve(book, output=folder / "run")
    return list(caught.value.findings)


@pytest.mark.parametrize("number", range(len(BOOKS)), ids=[name for name, _, _ in BOOKS])
def test_the_cell_that_was_changed_is_named(number: int, tmp_path: Path) -> None:
    _, tables, place = BOOKS[number]
    found = named(tables, tmp_path)
    assert place in [str(f.place) for f in found]
    assert len(found) <= 9
    for finding in found:
        assert finding.sentence and finding.advice


def test_there_are_enough_of_them() -> None:
    assert len(BOOKS) > 50


def test_what_it_would_have_to_be_lets_a_plan_be(tmp_path: Path) -> None:
    """A lane shut by a limit of 0: the number named is enough, and less is not."""
    edit = both(changed("Routes", "Lane", most=0), changed("Supply", "Spot", most=12))
    found = named(small_book(tmp_path / "book.xlsx", edit), tmp_path)
    (lane,) = [f for f in found if f.place.sheet == "Routes"]
    assert lane.code == "shuts-the-way" and lane.found == "0 t/yr"
    # 30 t are needed and 6 t come from the spot offer: 24 t in half a year
    assert lane.expected == "at least 48 t/yr"
    for most, there in ((47.9, False), (48.1, True)):
        edit = both(changed("Routes", "Lane", most=most), changed("Supply", "Spot", most=12))
        book = small_book(tmp_path / "again.xlsx", edit)
        if there:
            kido.solve(book, output=tmp_path / "run")
        else:
            named(book, tmp_path)


def test_a_month_is_told_as_a_month(tmp_path: Path) -> None:
    edit = both(changed("Supply", "Pit", start="2026-11"), changed("Supply", "Spot", most=24))
    found = named(small_book(tmp_path / "book.xlsx", edit), tmp_path)
    (pit,) = [f for f in found if str(f.place) == "Supply!G2"]
    assert pit.found == "2026-11" and pit.expected == "2026-07 or earlier"


def test_what_is_named_by_its_row_is_not_named_twice(tmp_path: Path) -> None:
    found = named(small_book(tmp_path / "book.xlsx", changed("Demand", "Need", need=900)), tmp_path)
    places = [str(f.place) for f in found]
    assert len(places) == len(set(places))


def test_an_event_of_one_future_is_named(tmp_path: Path) -> None:
    edit = both(
        more("Scenarios", name="Shut", probability=0.1, known="2026-09"),
        more("Events", name="Stop", scenario="Shut", target=["Kiln"], effect="capacity",
             factor=0, start="2026-09", months=2),
    )  # fmt: skip
    found = named(small_book(tmp_path / "book.xlsx", edit), tmp_path)
    stop = next(f for f in found if f.place.sheet == "Events")
    assert "'Stop'" in stop.sentence and stop.expected.startswith("at least 0.4")
