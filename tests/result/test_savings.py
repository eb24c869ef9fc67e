"""Branches that cost less than their parent: what each rule saves in them, solved by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from kido.data.case.subtree import subtree
from kido.data.tables import Tables
from kido.report.labels import Labels
from kido.result.pages.board import board_page
from kido.result.plan import SolvedPlan
from kido.result.report import make_report
from kido.result.savings import Replanned, savings
from kido.result.scenarios import scenarios
from kido.solver.assemble import assemble
from plan import plan
from randombooks import EVERYTHING, books
from sheets import Row, tables_of

# One tonne of Dy a month is needed in Osaka. It costs 10 USD/kg there, going without 100.
DY = {"commodity": "Dy", "site": "Osaka"}
HALT: Row = {"name": "Halt", "probability": 0.5, "known": "2027-03", "disruption": "yes"}
STORE: Row = {"name": "store", **DY}


def planned(**sheets: list[Row]) -> SolvedPlan:
    world: dict[str, list[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide"}],
        "Sites": [{"name": "Osaka", "country": "Japan"}],
        "Supply": [{"name": "spot", "price": 10, **DY}],
        "Demand": [{"name": "need", "need": 12, **DY}],
        "Relief": [{"name": "lost", "demand": "need", "kind": "lost", "cost": 100}],
        "Scenarios": [HALT],
    }
    tables = tables_of({"start": "2027-01", "calendar": "4 month"}, **{**world, **sheets})
    return SolvedPlan(tables, *plan(tables), None)


def saved(**sheets: list[Row]) -> dict[str, float]:
    """kUSD that Halt costs less than the base case in all, and by rule."""
    (saving,) = savings(planned(**sheets))
    return pytest.approx({"in all": saving.kusd, **dict(saving.rules)})  # type: ignore[return-value]


def halt(target: str, effect: str, **more: object) -> Row:
    return {"scenario": "Halt", "target": target, "effect": effect, **more}


def test_a_branch_that_changes_nothing_saves_nothing() -> None:
    assert savings(planned()) == ()
    # nor does one that costs more
    assert savings(planned(Events=[halt("spot", "price", factor=2)])) == ()


def test_a_floor_that_is_freed() -> None:
    # in March and April the 2 t held are used: 20 are not spent
    held: Row = {**STORE, "opening": 2, "floor": 2, "capacity": 2}
    assert saved(Stockpiles=[held]) == {"in all": 20, "floors freed": 20}


def test_a_stock_that_is_opened() -> None:
    shut: Row = {**STORE, "opening": 2, "release": "once a disruption is known"}
    assert saved(Stockpiles=[shut]) == {"in all": 20, "stocks opened": 20}


def test_relief_that_opens() -> None:
    # one t a month is done without for 1 instead of 10
    thrift: Row = {"name": "thrift", "demand": "need", "kind": "thrift", "cost": 1, "notice": 0}
    assert saved(Relief=[thrift]) == {"in all": 18, "relief opened": 18}


def test_a_cover_that_is_not_asked_for() -> None:
    # without a stock each month is a month short: a t at 3
    cover: Row = {"name": "cover", "measure": "cover", "of": "store", "sense": "at least",
                  "limit": 1, "penalty": 3}  # fmt: skip
    empty: Row = {**STORE, "capacity": 0}
    assert saved(Policies=[cover], Stockpiles=[empty]) == {"in all": 6, "policies lifted": 6}


def test_prices_and_needs_that_fall() -> None:
    calm = [{**HALT, "disruption": "no"}]
    cheap, less = halt("spot", "price", factor=0.5), halt("need", "demand", factor=0.5)
    assert saved(Scenarios=calm, Events=[cheap]) == {"in all": 10, "prices changed": 10}
    assert saved(Scenarios=calm, Events=[less]) == {"in all": 10, "need changed": 10}
    # each by itself 2 x 2.5, half of what it saves without the other; the rest is both together
    assert saved(Scenarios=calm, Events=[cheap, less]) == {
        "in all": 15,
        "prices changed": 5,
        "need changed": 5,
        "together": 5,
    }


def test_take_or_pay_that_is_excused() -> None:
    # a t a month is firm at 20 where spot costs 10: stopped, it is not paid for
    deal: Row = {"name": "deal", "price": 20, **DY}
    spot: Row = {"name": "spot", "price": 10, **DY}
    firm: Row = {"name": "firm", "applies_to": "deal", "least_reserved": 12, "most_reserved": 12,
                 "take_or_pay": 1, "settled": "month"}  # fmt: skip
    stop = halt("deal", "capacity", factor=0)
    # excused by itself: 2 x 20 would be paid for nothing; undone, the two are lifted instead
    assert saved(
        Supply=[spot, deal],
        Contracts=[firm],
        Events=[stop],
        Scenarios=[{**HALT, "disruption": "no"}],
    ) == {"in all": 20, "take-or-pay excused": 40, "flows changed": 20, "together": -40}


def test_minimum_use_that_is_excused() -> None:
    # the line must run at 30 a t, or idle for 50, where spot costs 10
    line: dict[str, list[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
        "Supply": [
            {"name": "spot", "price": 10, **DY},
            {"name": "ore", "site": "Osaka", "commodity": "ore"},
        ],
        "Facilities": [{"name": "line", "site": "Osaka", "capacity": 12, "minimum_use": 1,
                        "idle_cost": 50}],
        "Processes": [{"name": "make", "site": "Osaka", "cost": 30}],
        "Recipes": [
            {"process": "make", "role": "input", "item": "ore", "amount": 1},
            {"process": "make", "role": "output", "item": "Dy", "amount": 1},
            {"process": "make", "role": "uses", "item": "line", "amount": 1},
        ],
        "Scenarios": [{**HALT, "disruption": "no"}],
        "Events": [halt("line", "capacity", factor=0)],
    }  # fmt: skip
    told = {"in all": 40, "minimum use excused": 100, "flows changed": 40, "together": -100}
    assert told == saved(**line)
    line["Facilities"][0]["idle_cost"] = None
    (saving,) = savings(planned(**line))
    assert saving.kusd == pytest.approx(40)
    rules = dict(saving.rules)  # a line that is stopped cannot be used: no plan keeps the rule
    assert rules["minimum use excused"] != rules["minimum use excused"]
    assert rules["flows changed"] == pytest.approx(40)


def test_a_branch_on_which_nothing_more_can_happen() -> None:
    # the base case holds 2 t for the stop that may come in March, at 1 a month each: 2 + 1
    store: Row = {**STORE, "holding_cost": 12}
    news: Row = {"name": "News", "probability": 0.25, "known": "2027-02"}
    stop = halt("spot", "capacity", factor=0)
    (saving,) = savings(planned(Stockpiles=[store], Scenarios=[HALT, news], Events=[stop]))
    assert (saving.kusd, saving.rules) == (
        pytest.approx(3), (("nothing more to be ready for", pytest.approx(3)),)
    )  # fmt: skip


def test_calm_that_does_not_return_and_calm_that_does() -> None:
    # as a disruption while its event lasts, Halt opens the stock in March only
    shut: Row = {**STORE, "opening": 2, "release": "once a disruption is known"}
    mark = halt("spot", "price", factor=1, months=1, disruption="yes")
    calm = [{**HALT, "disruption": "no"}]
    assert saved(Stockpiles=[shut], Scenarios=calm, Events=[mark]) == {
        "in all": 10,
        "stocks opened": 10,
    }


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_stands_on_the_page_of_scenarios_and_on_the_board(language: str) -> None:
    held: Row = {**STORE, "opening": 2, "floor": 2, "capacity": 2}
    answer = planned(Stockpiles=[held])
    frame = scenarios(answer).frame
    rows = frame[frame["measure"] == "less than its parent"]
    assert rows["item"].tolist() == ["in all", "floors freed"]
    assert rows["history 1"].tolist() == pytest.approx([0.02, 0.02])
    assert rows["history 0"].isna().all()
    labels = Labels(language)
    page = board_page(make_report(answer), answer, labels)
    texts = [str(cell.value) for block in page.blocks for cell in getattr(block, "cells", ())]
    assert sum(labels.word("floors freed") in text and "Halt" in text for text in texts) == 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(books(replace(EVERYTHING, risk=False)))
def test_a_branch_planned_again_as_it_is_costs_what_it_does_in_the_plan(tables: Tables) -> None:
    answer = SolvedPlan(tables, *plan(tables), None)
    tree = answer.case.tree
    for branch, own in enumerate(tree.of_branch):
        if not own or own[0].previous < 0:
            continue
        part = subtree(tree, branch)
        again = Replanned(answer, part)
        program = assemble(again.case)
        values = [
            answer.solution[name][(*key[:-1], int(part.origin[key[-1]]))]
            for name, key in program.columns
        ]
        is_open = [part.inside[key[-1]] for _, key in program.columns]
        cost = again.cost(lambda program=program: program)
        assert cost is not None and cost.kusd is not None
        expected = float(program.cost[is_open] @ np.array(values)[is_open])
        assert cost.kusd == pytest.approx(expected, rel=1e-6, abs=1e-4)
