"""Volumes as linear functions: the same numbers as the plan tells, and what they are a share of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

from books import read
from circular_book import circular
from example_book import good_book
from kido.data.tables import Tables
from kido.result.plan import SolvedPlan
from kido.study.design.design import Design
from kido.study.methods.near_optimal.quantities import expression_of, whole_of
from kido.study.methods.near_optimal.selection import commodities_of, items_of
from kido.study.resolve.measures import plan_of
from places import TUTORIAL
from plan import answered
from randombooks import books


@cache
def circle() -> SolvedPlan:
    return answered(circular())


def looked_at(sheet: str = "", words: tuple[str, ...] = (), *commodities: str) -> list[str]:
    asked = Design("x", "room", sheet=sheet, words=words, commodities=commodities)
    return items_of(circle(), asked)


def agrees(answer: SolvedPlan) -> None:
    """Every volume told is what its function says, and so is every one that is nothing."""
    told = plan_of(answer)
    items = {*told, *items_of(answer, Design("x", "room"))}
    for sheet in ("Supply", "Sales", "Processes", "Routes", "Contracts", "Facilities"):
        items |= {f"{sheet}|{row.name}" for row in answer.tables[sheet].records()}
    for item in items:
        if not item.startswith("use|"):
            worked_out = expression_of(answer, item).of(answer.solution.values)
            assert worked_out == pytest.approx(told.get(item, 0.0), rel=1e-9, abs=2e-6), item


def test_a_function_says_what_the_plan_tells(tmp_path: Path) -> None:
    agrees(answered(read(TUTORIAL)))
    agrees(answered(read(good_book(tmp_path / "good.xlsx"))))
    agrees(circle())


@settings(max_examples=12, deadline=None, derandomize=True)
@given(books())
def test_a_function_says_what_the_plan_tells_of_any_book(tables: Tables) -> None:
    agrees(answered(tables))


def test_what_is_under_way_is_the_constant() -> None:
    assert expression_of(circle(), "country|Dy|Australia").constant == pytest.approx(0.5 * 0.9)
    assert expression_of(circle(), "country|Dy|Japan").constant == pytest.approx(1 * 0.5)


def test_only_months_reported_count_and_each_by_its_chance() -> None:
    lane = expression_of(circle(), "Routes|lane").coefficients
    tree = circle().case.tree
    for (_, (_, n)), counts in lane.items():
        assert tree.nodes[n].reported and counts == tree.nodes[n].probability


def test_the_use_of_a_facility_is_what_takes_its_capacity() -> None:
    flows = plan_of(circle())
    furnace = expression_of(circle(), "use|furnace").of(circle().solution.values)
    harbour = expression_of(circle(), "use|harbour").of(circle().solution.values)
    assert furnace == pytest.approx(2 * flows["Processes|melt"])
    assert harbour == pytest.approx(flows["Routes|lane"])


@pytest.mark.parametrize(
    "item, whole",
    [
        ("country|Dy|Australia", 40),  # need of four months
        ("Routes|lane", 40),
        ("use|furnace", 8),  # installed
        ("use|second furnace", 3),  # what could be built after a month
        ("Supply|turnings", 16),
        ("Supply|mine", None),
        ("Processes|melt", None),
        ("Stockpiles|store", 10),
        ("Contracts|offtake", 60),
        ("Facilities|furnace", 12),
    ],
)
def test_what_an_item_is_a_share_of(item: str, whole: float | None) -> None:
    found = whole_of(circle(), item)
    assert found == (None if whole is None else pytest.approx(whole))


@pytest.mark.parametrize("item", ["use|kiln", "Routes|way", "Stockpiles|barn", "Needs|motors"])
def test_an_item_the_book_does_not_have_is_refused(item: str) -> None:
    with pytest.raises(KeyError):
        expression_of(circle(), item)


def test_everything_worth_looking_at() -> None:
    """Not a country that sends nothing, nor a furnace that nothing uses."""
    assert looked_at() == [
        "country|Dy|Australia", "country|Dy|Japan", "use|furnace", "Facilities|furnace",
        "use|harbour", "Stockpiles|store", "Processes|melt",
    ]  # fmt: skip


def test_rows_of_a_sheet_or_those_that_words_call() -> None:
    assert looked_at("Supply") == ["Supply|mine", "Supply|turnings", "Supply|dealer"]
    assert looked_at("Supply", ("big", "Osaka")) == [
        "Supply|mine", "Supply|turnings", "Supply|dealer",
    ]  # fmt: skip
    assert looked_at("Facilities", ("harbour",)) == ["use|harbour"]  # it cannot be expanded


def test_words_without_a_sheet() -> None:
    assert looked_at("", ("melt", "big")) == ["Processes|melt", "Supply|mine"]
    assert looked_at("", ("Australia",)) == ["country|Dy|Australia", "use|harbour"]
    assert looked_at("", ("Perth",)) == ["use|harbour"]


def test_only_what_is_about_the_commodities() -> None:
    assert looked_at("", (), "swarf") == ["use|furnace", "Facilities|furnace", "Processes|melt"]
    assert looked_at("Contracts", (), "Dy") == ["Contracts|offtake"]
    assert commodities_of(circle(), "use|harbour") == {"Dy"}
