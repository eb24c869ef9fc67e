"""The cell that shut the way is named, with what it would have to be."""

from __future__ import annotations

from pathlib import Path

import pytest

import impossible
import kido
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.errors import Finding, InfeasiblePlan
from sheets import tables_of
from tiny_book import both, changed, more, small_book

BOOKS = list(impossible.books())


def named(book: Path | Tables, folder: Path) -> list[Finding]:
    with pytest.raises(InfeasiblePlan) as caught:
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
    assert pit.found == "2026-11" and pit.expected == "not after 2026-07"


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


BASE: dict[str, list[dict[str, object]]] = {
    "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
    "Sites": [{"name": "Tokyo", "country": "Japan"}],
    "Demand": [{"name": "need", "site": "Tokyo", "commodity": "Dy", "need": 120}],
}
SELLER: dict[str, object] = {"name": "s", "site": "Tokyo", "commodity": "Dy", "price": 1}
PLANT: dict[str, list[dict[str, object]]] = {
    "Supply": [{**SELLER, "commodity": "ore"}, {**SELLER, "name": "sp", "end": "2027-05"}],
    "Facilities": [{"name": "k", "site": "Tokyo", "capacity": 0, "expansion_cost": 1,
                    "build_months": 6}],
    "Processes": [{"name": "p", "site": "Tokyo", "cost": 1}],
    "Recipes": [{"process": "p", "role": role, "item": item, "amount": 1}
                for role, item in (("input", "ore"), ("output", "Dy"), ("uses", "k"))],
}  # fmt: skip
# (sheets, sheet and column of the cell, what it would have to be)
EXACT: dict[str, tuple[dict[str, list[dict[str, object]]], tuple[str, str], str]] = {
    "a stock beside an offer that opens late": (
        {"Supply": [{**SELLER, "most": 1000, "start": "2027-03"}],
         "Stockpiles": [{"name": "store", "site": "Tokyo", "commodity": "Dy", "opening": 0}]},
        ("Stockpiles", "opening"), "at least 20 t"),
    "a profile": (
        {"Supply": [{**SELLER, "most": 500}],
         "Events": [{"name": "path", "target": "s", "effect": "capacity", "profile": "low"}],
         "Profiles": [{"name": "low", "period": "2027-01", "value": 100}]},
        ("Profiles", "value"), "at least 120"),
    "more digits than three": (
        {"Supply": [{**SELLER, "most": 0}], "Demand": [{**BASE["Demand"][0], "need": 1234}]},
        ("Supply", "most"), "at least 1234 t/yr"),
    "whole months": (PLANT, ("Facilities", "build_months"), "at most 5 months"),
    "an event on a blank limit": (
        {"Supply": [SELLER],
         "Events": [{"name": "stop", "target": "s", "effect": "capacity", "factor": 0,
                     "start": "2027-03", "months": 2}]},
        ("Events", "factor"), "no event"),
    "grams": (
        {"Commodities": [{"name": "Dy", "kind": "oxide", "unit": "g"}],
         "Supply": [{**SELLER, "most": 0}], "Demand": [{**BASE["Demand"][0], "need": 5e6}]},
        ("Supply", "most"), "at least 5000000 t/yr"),
}  # fmt: skip


@pytest.mark.parametrize("case", EXACT)
def test_what_is_said_is_so(case: str, tmp_path: Path) -> None:
    sheets, (sheet, column), expected = EXACT[case]
    tables = impossible.lettered(tables_of({"calendar": "12 month"}, **{**BASE, **sheets}))
    found = named(tables, tmp_path)
    name = catalogue()[sheet].columns[column].name
    said = [f for f in found if f.code == "shuts-the-way" and f.place.sheet == sheet]
    assert expected in [f.expected for f in said], (name, [(f.found, f.expected) for f in found])
