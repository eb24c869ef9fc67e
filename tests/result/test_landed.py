"""What goods cost landed: cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kido.data.tables import Tables
from kido.result.landed_cost import unit_costs
from kido.result.plan import SolvedPlan
from kido.result.prices import paid_of, prices
from plan import plan
from sheets import tables_of

Rows = dict[str, list[dict[str, object]]]


def answered(tables: Tables) -> SolvedPlan:
    case, solution = plan(tables)
    return SolvedPlan(tables, case, solution, None)


def world(**changes: list[dict[str, object]]) -> SolvedPlan:
    """Ore from a mine, separated for a fee at a works abroad, its oxide shipped home."""
    rows: Rows = {
        "Commodities": [{"name": "ore", "kind": "feed"},
                        {"name": "Dy", "kind": "oxide", "disposal_cost": 5},
                        {"name": "La", "kind": "oxide", "disposal_cost": 0}],
        "Sites": [{"name": "Works", "country": "Malaysia"}, {"name": "Osaka", "country": "Japan"}],
        "Supply": [{"name": "mine", "site": "Works", "commodity": "ore", "price": 10}],
        "Processes": [{"name": "toll", "site": "Works", "cost": 2}],
        "Recipes": [
            {"process": "toll", "role": "input", "item": "ore", "amount": 2},
            {"process": "toll", "role": "output", "item": "Dy", "amount": 0.5},
        ],
        "Routes": [{"name": "sea", "origin": "Works", "destination": "Osaka", "commodity": "Dy",
                    "freight": 3}],
        "Demand": [{"name": "need", "site": "Osaka", "commodity": "Dy", "need": 12}],
    }  # fmt: skip
    return answered(tables_of({"calendar": "12 month"}, **{**rows, **changes}))


def landed(answer: SolvedPlan, commodity: str = "Dy") -> float:
    kusd, tonnes = paid_of(answer, commodity)
    return float(kusd.sum() / tonnes.sum())


def test_ore_toll_and_freight_make_the_price() -> None:
    answer = world()
    assert landed(answer) == pytest.approx((2 * 10 + 2) / 0.5 + 3)
    assert unit_costs(answer)["Works", "Dy"][0] == pytest.approx(44)
    shown = prices(answer).frame
    row = shown[shown["measure"] == "landed cost"].iloc[0]
    assert row["plan"] == pytest.approx(47)


def test_tariff_loss_and_lead() -> None:
    lane = {"name": "sea", "origin": "Works", "destination": "Osaka", "commodity": "Dy",
            "freight": 3, "tariff": 10, "loss": 5, "lead": 1, "on_water": 13}  # fmt: skip
    assert landed(world(Routes=[lane])) == pytest.approx((44 + 3 * 1.1) / 0.95)


def test_what_is_bought_at_the_gate() -> None:
    """The price of the lane counts; the goods at its origin are free."""
    lane = {"name": "sea", "origin": "Works", "destination": "Osaka", "commodity": "Dy",
            "price": 60, "freight": 3}  # fmt: skip
    free = [{"name": "mine", "site": "Works", "commodity": "Dy"}]
    assert landed(world(Supply=free, Routes=[lane], Processes=[], Recipes=[])) == pytest.approx(63)


def test_joint_products_bear_cost_by_what_they_are_worth() -> None:
    """La that is thrown away bears nothing; sold for half of it all, it bears half."""
    both = [
        {"process": "toll", "role": "input", "item": "ore", "amount": 2},
        {"process": "toll", "role": "output", "item": "Dy", "amount": 0.5},
        {"process": "toll", "role": "output", "item": "La", "amount": 1},
    ]
    assert landed(world(Recipes=both)) == pytest.approx(47)
    # Dy is worth what it costs beyond what La brings: (22 - 11) / 0.5
    sold = [{"name": "bin", "site": "Works", "commodity": "La", "price": 11}]
    answer = world(Recipes=both, Sales=sold)
    assert landed(answer) == pytest.approx(22 + 3)
    assert unit_costs(answer)["Works", "La"][0] == pytest.approx(11)


def test_a_store_keeps_the_cost_of_what_was_put_in() -> None:
    """Half of the first year's need is bought before the mine shuts; held, it costs as bought."""
    mine = [{"name": "mine", "site": "Works", "commodity": "Dy", "price": 10, "end": "2027-06"}]
    store = [{"name": "store", "site": "Works", "commodity": "Dy"}]
    answer = world(Supply=mine, Stockpiles=store, Processes=[], Recipes=[])
    cost = unit_costs(answer)["Works", "Dy"]
    assert cost == pytest.approx(np.full(12, 10.0))
    assert landed(answer) == pytest.approx(13)


def test_what_was_there_before_the_start_has_no_known_cost() -> None:
    store = [{"name": "store", "site": "Works", "commodity": "Dy", "opening": 12}]
    answer = world(Stockpiles=store)
    kusd, tonnes = paid_of(answer, "Dy")
    assert not kusd.any() and not tonnes.any()


def test_a_contract_counts_at_its_own_price() -> None:
    deal = [{"name": "deal", "applies_to": "mine", "least_reserved": 24, "most_reserved": 24,
             "take_or_pay": 1, "price_rule": "fixed", "price": 6}]  # fmt: skip
    answer = world(Contracts=deal)
    # 48 t of ore a year, half of them at 6
    assert landed(answer) == pytest.approx((2 * 8 + 2) / 0.5 + 3)


def test_a_circle_within_a_month_is_worked_out() -> None:
    """Most of what is made goes back and is made again: all of it is paid by what leaves."""
    answer = world(
        Commodities=[{"name": "mid", "kind": "feed"}, {"name": "Dy", "kind": "oxide"}],
        Supply=[{"name": "mine", "site": "Works", "commodity": "mid", "price": 10}],
        Processes=[{"name": "toll", "site": "Works", "cost": 1},
                   {"name": "back", "site": "Works", "cost": 0, "least": 144, "most": 144}],
        Recipes=[
            {"process": "toll", "role": "input", "item": "mid", "amount": 1},
            {"process": "toll", "role": "output", "item": "Dy", "amount": 1},
            {"process": "back", "role": "input", "item": "Dy", "amount": 1},
            {"process": "back", "role": "output", "item": "mid", "amount": 0.99},
        ],
    )  # fmt: skip
    # everything that is spent is spent on the 12 t that come
    assert landed(answer) == pytest.approx(answer.solution.objective / 12)
