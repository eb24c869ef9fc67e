"""What counts as calm: crises of the base case, calm that returns, commodities not touched."""

from __future__ import annotations

import pytest

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.months import parse_month
from kido.data.tables import Tables
from kido.result import records
from kido.result.plan import SolvedPlan
from plan import plan
from sheets import Row, tables_of

# One tonne of Dy a month is needed in Osaka. It costs 10 USD/kg there, going without 100.
DY = {"commodity": "Dy", "site": "Osaka"}
STOP: Row = {"target": "spot", "effect": "capacity", "factor": 0, "start": "2027-02", "months": 1,
             "disruption": "yes"}  # fmt: skip
RISE: Row = {**STOP, "effect": "price", "factor": 2}
HALT: Row = {"name": "Halt", "probability": 0.5, "known": "2027-03"}
KEPT: Row = {"name": "store", "opening": 12, "release": "once a disruption is known", **DY}


def tables(calendar: str = "4 month", **sheets: list[Row]) -> Tables:
    world: dict[str, list[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
        "Sites": [{"name": "Osaka", "country": "Japan"}],
        "Supply": [{"name": "spot", "price": 10, **DY}],
        "Demand": [{"name": "need", "need": 12, **DY}],
        "Relief": [{"name": "lost", "demand": "need", "kind": "lost", "cost": 100}],
    }
    return tables_of({"start": "2027-01", "calendar": calendar}, **{**world, **sheets})


def book(calendar: str = "4 month", **sheets: list[Row]) -> Case:
    return make_case(tables(calendar, **sheets))


def cost(calendar: str = "4 month", **sheets: list[Row]) -> float:
    return float(plan(tables(calendar, **sheets))[1].objective)


def test_a_crisis_of_the_base_case_opens_a_stock_while_it_lasts() -> None:
    # without the mark February is lost: 100. With it a tonne of the stock serves it.
    assert cost(Stockpiles=[KEPT], Events=[{**STOP, "disruption": "no"}]) == pytest.approx(130)
    assert cost(Stockpiles=[KEPT], Events=[STOP]) == pytest.approx(30)
    # what it took is back a month later: the stock serves March too
    assert cost(Stockpiles=[KEPT], Events=[{**STOP, "recovery": 1}]) == pytest.approx(20)
    assert cost(Stockpiles=[KEPT], Events=[{**STOP, "months": None}]) == pytest.approx(10)


def test_a_disruption_of_other_commodities_opens_nothing() -> None:
    assert cost(Stockpiles=[KEPT], Events=[{**STOP, "touches": "ore"}]) == pytest.approx(130)
    assert cost(Stockpiles=[KEPT], Events=[{**STOP, "touches": "ore; Dy"}]) == pytest.approx(30)


def test_a_floor_holds_again_when_calm_returns() -> None:
    # 3 t are held until February, which takes one; in March it is bought again: 10 + 0 + 20 + 10
    held = {**KEPT, "opening": 3, "capacity": 3, "floor": 3, "release": "any time"}
    assert cost(Stockpiles=[held], Events=[STOP]) == pytest.approx(40)
    assert cost(Stockpiles=[held], Events=[{**STOP, "touches": "ore"}]) == pytest.approx(130)
    floor = book(Stockpiles=[held], Events=[STOP]).stocks["store"].floor
    assert floor.tolist() == [3, 0, 3, 3]


def test_calm_returns_on_a_branch_whose_events_are_marked() -> None:
    # 20 to February; base case 20; on Halt the stock serves March, April is bought: 10
    stop = {**STOP, "scenario": "Halt", "start": None}
    expected = 20 + 0.5 * 20 + 0.5 * 10
    assert cost(Stockpiles=[KEPT], Scenarios=[HALT], Events=[stop]) == pytest.approx(expected)
    for_ever = {**HALT, "disruption": "yes"}
    unmarked = {**stop, "disruption": "no"}
    expected = 20 + 0.5 * 20 + 0.5 * 0
    assert cost(Stockpiles=[KEPT], Scenarios=[for_ever], Events=[unmarked]) == expected


def test_copies_of_a_scenario_are_disrupted_as_much_later() -> None:
    stop = {**STOP, "scenario": "Halt", "start": None}
    often = {**HALT, "known": "2027-02", "every": 1, "until": "2027-03"}
    tree = book(Scenarios=[often], Events=[stop]).tree
    start = parse_month("2027-01")
    stretches = {b.name: [(d.begin - start, d.end - start) for d in b.disruptions]
                 for b in tree.branches}  # fmt: skip
    assert stretches == {"Trunk": [], "Halt 2027-02": [(1, 2)], "Halt 2027-03": [(2, 3)]}


def test_relief_with_notice_closes_when_calm_returns() -> None:
    thrift: Row = {"name": "thrift", "demand": "need", "kind": "thrift", "cost": 1, "notice": 1}

    def most(*events: Row) -> list[float]:
        return book("5 month", Relief=[thrift], Events=[*events]).tiers["thrift"].most.tolist()  # type: ignore[no-any-return]

    assert most({**STOP, "months": 2}) == [0, 0, 1, 0, 0]
    # one after the other they are one disruption, known in February
    assert most({**STOP, "months": 2}, {**STOP, "start": "2027-04"}) == [0, 0, 1, 1, 0]
    assert most({**STOP, "months": 2}, {**STOP, "start": "2027-04", "touches": "ore"}) == (
        [0, 0, 1, 0, 0]
    )
    assert most({**STOP, "months": 2.5}) == [0, 0, 1, 1, 0]


def test_a_policy_for_calm_times_counts_what_lies_before_and_after_a_crisis_together() -> None:
    rule: Row = {"name": "rule", "measure": "volume", "of": "spot", "counted": "bought",
                 "sense": "at most", "limit": 2, "over": "horizon", "scenario": "calm"}  # fmt: skip
    # of three calm months two are bought and one is lost; February costs 20
    assert cost(Policies=[rule], Events=[RISE]) == pytest.approx(2 * 10 + 100 + 20)
    (window,) = book(Policies=[rule], Events=[RISE]).policies[0].windows
    assert (window.node, window.members) == (3, (0, 2, 3))
    # a rule that names a commodity sleeps only while a disruption touches it
    ore = {**RISE, "touches": "ore"}
    assert cost(Policies=[{**rule, "commodity": "Dy"}], Events=[ore]) == pytest.approx(20 + 200)
    assert cost(Policies=[rule], Events=[ore]) == pytest.approx(2 * 10 + 100 + 20)


def test_cover_is_asked_for_again_when_calm_returns() -> None:
    cover: Row = {"name": "cover", "measure": "cover", "of": "store", "sense": "at least",
                  "limit": 1, "penalty": 1}  # fmt: skip
    case = book(Policies=[cover], Stockpiles=[KEPT], Events=[STOP])
    assert [window.node for window in case.policies[0].windows] == [0, 2, 3]


def test_the_page_of_moments_says_what_is_calm_in_part() -> None:
    for touches, told in ((None, "no"), ("ore", "in part"), ("ore; Dy", "no")):
        world = tables(Events=[{**STOP, "touches": touches}])
        moments = records.moments(SolvedPlan(world, *plan(world), None))
        assert moments.frame["calm"].tolist() == ["yes", told, "yes", "yes"]


def test_a_quarter_is_calm_by_its_first_month() -> None:
    late, first = STOP, {**STOP, "start": "2027-01"}
    assert book("2 quarter", Events=[late]).tree.calm().tolist() == [True, True]
    assert book("2 quarter", Events=[first]).tree.calm().tolist() == [False, True]
