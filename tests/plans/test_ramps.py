"""Small plans a reader can solve in the head: how fast rates rise and fall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from kido.data.tables import Tables
from kido.run import evaluate
from sheets import Row, tables_of

DY = {"commodity": "Dy", "site": "Osaka"}
NO_NEED: Row = {"target": "need", "effect": "demand", "factor": 0, "start": "2027-01", "months": 3}
STOP: Row = {"effect": "capacity", "factor": 0, "start": "2027-04", "months": 1}


def book(calendar: str = "6 month", **sheets: Sequence[Row]) -> Tables:
    """40 t of Dy a month: made of free ore at 10 USD/kg, or bought at 50."""
    rows: dict[str, Sequence[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide", "disposal_cost": 0},
                        {"name": "ore", "kind": "feed"}],
        "Sites": [{"name": "Osaka", "country": "Japan"}, {"name": "Perth", "country": "Australia"}],
        "Supply": [{"name": "pit", "site": "Osaka", "commodity": "ore"},
                   {"name": "spot", "price": 50, **DY}],
        "Processes": [{"name": "split", "site": "Osaka", "cost": 10, "ramp": 120}],
        "Recipes": [{"process": "split", "role": "input", "item": "ore", "amount": 1},
                    {"process": "split", "role": "output", "item": "Dy", "amount": 1}],
        "Demand": [{"name": "need", "need": 480, **DY}],
    }  # fmt: skip
    return tables_of({"start": "2027-01", "calendar": calendar, "least_cost": 0}, **rows | sheets)


def ran(tables: Tables, variable: str = "run", *key: str) -> Any:
    return pytest.approx(evaluate(tables).of(variable, *(key or ("split",))).tolist())


def test_a_process_rises_by_its_ramp_from_month_to_month() -> None:
    # nothing may be thrown away: 0, 0, 0, then 10, 20, 30 t of 40; the other 60 t are bought
    tables = book(
        Commodities=[{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
        Events=[NO_NEED],
    )
    assert ran(tables) == [0, 0, 0, 10, 20, 30]
    assert evaluate(tables).solution.objective == pytest.approx(60 * 10 + 60 * 50)


def test_it_may_rise_before_it_is_needed() -> None:
    # what is thrown away costs 10, what is then made saves 50
    assert ran(book(Events=[NO_NEED])) == [10, 20, 30, 40, 40, 40]


def test_the_first_month_follows_nothing() -> None:
    assert ran(book()) == [40] * 6


def test_longer_periods_count_from_middle_to_middle() -> None:
    # two months, a quarter later: 2 t/yr a month x 1 and x 2 of 12, 14, 18 t/yr in 1, 1, 3 months
    tables = book(
        "2 month, 1 quarter",
        Commodities=[{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
        Processes=[{"name": "split", "site": "Osaka", "cost": 10, "ramp": 2}],
        Demand=[{"name": "need", "need": 12, **DY}],
        Events=[{"target": "need", "effect": "demand", "factor": 5, "start": "2027-02"}],
    )
    assert ran(tables) == [1, 14 / 12, 18 / 4]


def test_it_falls_by_its_ramp_and_throws_away_what_is_not_needed() -> None:
    # no more is needed from April: 30, 20, 10 t are thrown away; to fall in March would cost more
    gone: Row = {"target": "need", "effect": "demand", "factor": 0, "start": "2027-04"}
    assert ran(book(Events=[gone])) == [40, 40, 40, 30, 20, 10]


@pytest.mark.parametrize("target", ["split", "line"])
def test_a_fall_that_capacity_forces_is_no_breach_but_the_rise_after_it_takes_time(
    target: str,
) -> None:
    tables = book(
        Recipes=[
            {"process": "split", "role": "input", "item": "ore", "amount": 1},
            {"process": "split", "role": "output", "item": "Dy", "amount": 1},
            {"process": "split", "role": "uses", "item": "line", "amount": 2},
        ],
        Facilities=[{"name": "line", "site": "Osaka", "capacity": 960}],
        Processes=[{"name": "split", "site": "Osaka", "cost": 10, "most": 480, "ramp": 120}],
        Events=[{"target": target, **STOP}],
    )
    assert ran(tables) == [40, 40, 40, 0, 10, 20]


def test_while_a_disruption_is_known_nothing_keeps_a_rate_from_falling() -> None:
    # the pit stops in one history; elsewhere the process runs on as ever
    tables = book(
        Scenarios=[{"name": "halt", "probability": 0.5, "known": "2027-04", "disruption": "yes"}],
        Events=[{"scenario": "halt", "target": "pit", "effect": "capacity", "factor": 0}],
    )
    plan = evaluate(tables)
    halt = [plan.case.tree.branch_of(n).name == "halt" for n in range(len(plan.zeros))]
    assert plan.of("run", "split")[halt] == pytest.approx(0)
    assert plan.of("run", "split")[np.logical_not(halt)] == pytest.approx(40)


def test_a_minimum_that_comes_at_once_is_met_at_once() -> None:
    tables = book(
        Supply=[{"name": "pit", "site": "Osaka", "commodity": "ore"},
                {"name": "spot", "price": 50, "least": 240, "ramp": 12, "start": "2027-04", **DY}],
    )  # fmt: skip
    assert ran(tables, "buy", "spot") == [0, 0, 0, 20, 20, 20]


def test_what_is_lifted_under_a_contract_rises_in_all() -> None:
    # two offers at 50, under a contract at 4: 40 t of need, 0 in January to March
    offers = [{"name": name, "price": 50, **DY} for name in ("spot", "other")]
    deal: Row = {"name": "deal", "applies_to": "spot; other", "price_rule": "fixed", "price": 4,
                 "ramp": 120}  # fmt: skip
    tables = book(
        Commodities=[{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
        Supply=offers, Contracts=[deal], Events=[NO_NEED],
    )  # fmt: skip
    plan = evaluate(tables)
    lifted = plan.of("lift", "deal", "spot") + plan.of("lift", "deal", "other")
    assert lifted == pytest.approx([0, 0, 0, 10, 20, 30])


def test_sales_and_lanes_have_ramps_too() -> None:
    # the lane and the dealer open in February: in June 50 t might be shipped, and 5 are sold
    tables = book(
        Supply=[{"name": "far", "site": "Perth", "commodity": "Dy", "price": 1}],
        Routes=[{"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy",
                 "ramp": 120}],
        Sales=[{"name": "dealer", "price": 5, "ramp": 60, **DY}],
        Relief=[{"name": "lost", "demand": "need", "kind": "lost", "cost": 60}],
        Events=[{"target": "lane", "effect": "capacity", "factor": 0, "start": "2027-01",
                 "months": 1},
                {"target": "dealer", "effect": "capacity", "factor": 0, "start": "2027-01",
                 "months": 1}],
    )  # fmt: skip
    plan = evaluate(tables)
    assert plan.of("ship", "lane") == pytest.approx([0, 10, 20, 30, 40, 45])
    assert plan.of("sell", "dealer") == pytest.approx([0, 0, 0, 0, 0, 5])
