"""A late plant moves what hangs on it, and costs no more than what it does not make."""

from __future__ import annotations

import pytest

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from plan import plan
from sheets import Row, tables_of

# A t of Dy a month is needed in Osaka. The line makes it for 2 from ore at 1; spot costs 10.
LATE: Row = {"target": "line", "effect": "delay", "add": 2}
OFFTAKE: Row = {"name": "offtake", "applies_to": "lane", "least_reserved": 12, "most_reserved": 12,
                "fee": 1, "take_or_pay": 1, "settled": "month", "price_rule": "fixed",
                "price": 3, "start": "2027-02"}  # fmt: skip
TO_FEBRUARY, TO_APRIL = "2027-02", "2027-04"


def tables(line: Row | None = None, **sheets: list[Row]) -> Tables:
    plant: Row = {"name": "line", "site": "Plant", "capacity": 12, "start": TO_FEBRUARY}
    world: dict[str, list[Row]] = {
        "Commodities": [{"name": "ore", "kind": "feed"}, {"name": "Dy", "kind": "oxide"}],
        "Sites": [
            {"name": "Plant", "country": "Malaysia"},
            {"name": "Osaka", "country": "Japan"},
        ],
        "Supply": [
            {"name": "mine", "site": "Plant", "commodity": "ore", "price": 1},
            {"name": "spot", "site": "Osaka", "commodity": "Dy", "price": 10},
        ],
        "Facilities": [{**plant, **(line or {})}],
        "Processes": [{"name": "make", "site": "Plant", "cost": 2}],
        "Recipes": [
            {"process": "make", "role": "input", "item": "ore", "amount": 1},
            {"process": "make", "role": "output", "item": "Dy", "amount": 1},
            {"process": "make", "role": "uses", "item": "line", "amount": 1},
        ],
        "Routes": [{"name": "lane", "origin": "Plant", "destination": "Osaka", "commodity": "Dy",
                    "price": 3, "freight": 1}],
        "Demand": [{"name": "need", "site": "Osaka", "commodity": "Dy", "need": 12}],
    }  # fmt: skip
    settings = {"start": "2027-01", "calendar": "6 month"}
    return tables_of(settings, **{**world, **sheets})


def case(line: Row | None = None, **sheets: list[Row]) -> Case:
    return make_case(tables(line, **sheets))


def cost(line: Row | None = None, **sheets: list[Row]) -> float:
    return float(plan(tables(line, **sheets))[1].objective)


def test_minimum_use_is_a_share_of_what_is_there() -> None:
    # a t made and shipped costs 1 + 2 + 3 + 1 = 7: five months of them, and one of spot
    busy: Row = {"minimum_use": 1}
    assert cost(busy) == pytest.approx(10 + 5 * 7)
    # two months late, by its start or by a delay: two more months of spot, and nothing else
    assert cost({**busy, "start": TO_APRIL}) == pytest.approx(3 * 10 + 3 * 7)
    assert cost(busy, Events=[LATE]) == pytest.approx(3 * 10 + 3 * 7)
    idle: Row = {**busy, "idle_cost": 50}
    assert cost(idle, Events=[LATE]) == pytest.approx(3 * 10 + 3 * 7)


def test_what_is_ordered_for_a_late_line_is_as_late() -> None:
    # ordered in January it would be ready in February; two months late it is in April
    line: Row = {"capacity": 0, "start": None, "expansion_cost": 1, "build_months": 1}
    on_time, late = (case(line, Events=events).facilities["line"].ready
                     for events in ([], [LATE]))  # fmt: skip
    assert [bool(parts) for parts in on_time] == [False] + 5 * [True]
    assert [bool(parts) for parts in late] == 3 * [False] + 3 * [True]


@pytest.mark.parametrize(
    ("line", "events"), [({"start": TO_APRIL}, []), ({}, [LATE])], ids=["start", "delay"]
)
def test_a_contract_on_what_a_late_line_makes_begins_with_it(line: Row, events: list[Row]) -> None:
    # on time: 10, then five months of 7, and a fee of 1 a month
    assert cost(Contracts=[OFFTAKE]) == pytest.approx(10 + 5 * (7 + 1))
    # late: nothing is owed, forgone or reserved in February and March
    assert cost(line, Contracts=[OFFTAKE], Events=events) == pytest.approx(3 * 10 + 3 * (7 + 1))
    life = case(line, Contracts=[OFFTAKE], Events=events).contracts["offtake"].life
    assert (12 * life).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_contract_does_not_wait_for_a_line_where_the_goods_come_from_elsewhere_too() -> None:
    other = {"name": "other", "site": "Plant", "commodity": "Dy", "price": 5}
    supply = list(tables()["Supply"].records())
    assert [r.name for r in supply] == ["mine", "spot"]
    rows: list[Row] = [
        {"name": r.name, "site": r.site, "commodity": r.commodity, "price": r.price} for r in supply
    ]
    bought = case(Supply=[*rows, other], Contracts=[OFFTAKE], Events=[LATE])
    assert (12 * bought.contracts["offtake"].life).tolist() == [0, 1, 1, 1, 1, 1]
    # but for one that it depends on it does
    waits = {**OFFTAKE, "depends_on": "line"}
    late = case({"start": TO_APRIL}, Supply=[*rows, other], Contracts=[waits])
    assert (12 * late.contracts["offtake"].life).tolist() == [0, 0, 0, 1, 1, 1]


def test_of_a_site_it_depends_on_only_delays_count() -> None:
    depends = {**OFFTAKE, "applies_to": "spot", "depends_on": "Plant"}
    years_later = case({"start": TO_APRIL}, Contracts=[depends])
    assert (12 * years_later.contracts["offtake"].life).tolist() == [0, 1, 1, 1, 1, 1]
    late = case(Contracts=[depends], Events=[LATE])
    assert (12 * late.contracts["offtake"].life).tolist() == [0, 0, 0, 1, 1, 1]


def test_the_first_of_two_lines_that_make_the_goods_is_enough() -> None:
    second = {"name": "line 2", "site": "Plant", "capacity": 12, "start": "2027-03"}
    recipes: list[Row] = [
        {"process": p, "role": role, "item": item, "amount": 1}
        for p, line in (("make", "line"), ("make 2", "line 2"))
        for role, item in (("input", "ore"), ("output", "Dy"), ("uses", line))
    ]
    both = case(
        Facilities=[{"name": "line", "site": "Plant", "capacity": 12, "start": TO_APRIL}, second],
        Processes=[{"name": "make", "site": "Plant"}, {"name": "make 2", "site": "Plant"}],
        Recipes=recipes, Contracts=[OFFTAKE],
    )  # fmt: skip
    assert (12 * both.contracts["offtake"].life).tolist() == [0, 0, 1, 1, 1, 1]


def test_the_ramp_of_a_late_line_is_late_with_it() -> None:
    ramp: list[Row] = [{"name": "ramp", "period": "2027-02", "value": 6},
                       {"name": "ramp", "period": "2027-03", "value": 12}]  # fmt: skip
    up: Row = {"target": "line", "effect": "capacity", "profile": "ramp"}
    installed = case(Profiles=ramp, Events=[up, LATE]).facilities["line"].installed
    assert installed.tolist() == [0, 0, 0, 0.5, 1, 1]
