"""Volumes as linear functions: the same numbers as the plan tells, and what they are a share of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

from books import read
from example_book import good_book
from kido.data.tables import Tables
from kido.result.flows import flows_of
from kido.result.plan import SolvedPlan
from kido.study.design.design import Design
from kido.study.methods.near_optimal.quantities import functional_of, whole_of
from kido.study.methods.near_optimal.selection import about, items_of
from kido.study.resolve.measures import plan_of
from plan import plan
from randombooks import books
from sheets import tables_of

TUTORIAL = Path(__file__).parent.parent / "inputs" / "tutorial.xlsx"


def answered(tables: Tables) -> SolvedPlan:
    case, solution = plan(tables)
    return SolvedPlan(tables, case, solution, None, flows_of(case, solution))


def circular() -> Tables:
    """Dy by sea from Perth, and from swarf in a furnace in Osaka that is too small.

    On the water 12 t/yr for half a month, less 10 %; in the works 12 t/yr for a month. In half
    a year 30 t are needed at each of two makers, and 24 t of swarf turn up.
    """
    osaka = {"site": "Osaka", "commodity": "Dy"}
    return tables_of(
        {"calendar": "4 month", "run_out": 2, "yard_cost": 0.1, "least_cost": 0.01},
        Commodities=[
            {"name": "Dy", "kind": "oxide"},
            {"name": "swarf", "kind": "scrap", "disposal_cost": 1},
        ],
        Sites=[
            {"name": "Perth", "country": "Australia", "tags": "western"},
            {"name": "Osaka", "country": "Japan"},
            {"name": "Lab", "country": "Chile"},
        ],
        Supply=[
            {"name": "mine", "site": "Perth", "commodity": "Dy", "price": 5, "tags": "big"},
            {"name": "turnings", "site": "Osaka", "commodity": "swarf", "most": 48},
            {"name": "dealer", **osaka, "price": 30, "most": 60},
        ],
        Facilities=[
            {"name": "furnace", "site": "Osaka", "capacity": 24, "expansion_cost": 1,
             "most_expansion": 12},
            {"name": "second furnace", "site": "Osaka", "capacity": 0, "expansion_cost": 400,
             "most_expansion": 12, "build_months": 1},
            {"name": "harbour", "site": "Perth", "capacity": 120},
        ],
        Processes=[{"name": "melt", "site": "Osaka", "cost": 1, "lead": 1, "in_works": 12}],
        Recipes=[
            {"process": "melt", "role": "input", "item": "swarf", "amount": 1},
            {"process": "melt", "role": "output", "item": "Dy", "amount": 0.5},
            {"process": "melt", "role": "uses", "item": "furnace", "amount": 2},
        ],
        Routes=[
            {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy",
             "freight": 15, "lead": 0.5, "loss": 10, "on_water": 12, "uses": "harbour"},
        ],
        Contracts=[
            {"name": "offtake", "applies_to": "lane", "most_reserved": 60, "take_or_pay": 0.5,
             "price_rule": "fixed", "price": 3},
        ],
        Stockpiles=[{"name": "store", **osaka, "opening": 6, "capacity": 10}],
        Demand=[
            {"name": "motors", "segment": "EV", **osaka, "need": 60},
            {"name": "discs", "segment": "PC", **osaka, "need": 60},
        ],
        Relief=[
            {"name": f"{maker} lost", "demand": maker, "kind": "lost", "cost": 99}
            for maker in ("motors", "discs")
        ],
        Scenarios=[{"name": "Stop", "probability": 0.25, "known": "2027-03"}],
        Events=[{"scenario": "Stop", "target": "lane", "effect": "capacity", "factor": 0}],
    )  # fmt: skip


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
            worked_out = functional_of(answer, item).of(answer.solution.values)
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
    assert functional_of(circle(), "country|Dy|Australia").constant == pytest.approx(0.5 * 0.9)
    assert functional_of(circle(), "country|Dy|Japan").constant == pytest.approx(1 * 0.5)


def test_only_months_reported_count_and_each_by_its_chance() -> None:
    lane = functional_of(circle(), "Routes|lane").coefficients
    tree = circle().case.tree
    for (_, (_, n)), counts in lane.items():
        assert tree.nodes[n].reported and counts == tree.nodes[n].probability


def test_the_use_of_a_facility_is_what_takes_its_capacity() -> None:
    flows = plan_of(circle())
    furnace = functional_of(circle(), "use|furnace").of(circle().solution.values)
    harbour = functional_of(circle(), "use|harbour").of(circle().solution.values)
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
        functional_of(circle(), item)


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
    assert about(circle(), "use|harbour") == {"Dy"}
