"""Whole plants and whole lots: what each costs more than a plan that orders any amount."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kido
from kido.data.check import check_file
from kido.data.tables import Tables
from kido.solver.whole_orders import rounded_to_lots
from sheets import tables_of
from tiny_book import changed, small_book

NONE = float("nan")


def kiln(**more: Any) -> Tables:
    """12 t a year are needed; spot costs 10 USD/kg, ore from the kiln 4.

    A kg a year of new capacity costs 3 USD, whole. In one year each t/yr of it saves 6 x 1 t and
    costs 3: the plan orders 12 t/yr and saves 36 of 120 kUSD.
    """
    return tables_of(
        {"calendar": "12 month", "steady": 0},
        Commodities=[{"name": "ore", "kind": "feed"}, {"name": "Dy", "kind": "oxide"}],
        Sites=[{"name": "Tokyo", "country": "Japan"}],
        Supply=[{"name": "spot", "site": "Tokyo", "commodity": "Dy", "price": 10},
                {"name": "mine", "site": "Tokyo", "commodity": "ore", "price": 4}],
        Facilities=[{"name": "kiln", "site": "Tokyo", "capacity": 0, "expansion_cost": 3, **more}],
        Processes=[{"name": "roast", "site": "Tokyo"}],
        Recipes=[{"process": "roast", "role": "input", "item": "ore", "amount": 1},
                 {"process": "roast", "role": "output", "item": "Dy", "amount": 1},
                 {"process": "roast", "role": "uses", "item": "kiln", "amount": 1}],
        Demand=[{"name": "need", "site": "Tokyo", "commodity": "Dy", "need": 12}],
    )  # fmt: skip


def sizes(tables: Tables) -> dict[float, float | None]:
    return {s.size: s.cost for s in kido.evaluate(tables, alternatives=True).whole_orders.sizes}


def test_none_and_each_size_cost_what_pencil_and_paper_say() -> None:
    """None: 36 are not saved. 8 t/yr: 24 of them are. 20 t/yr: 8 t/yr stand idle for 3 each."""
    assert sizes(kiln(sizes=(8, 20))) == {
        0: pytest.approx(36), 8: pytest.approx(12), 20: pytest.approx(24)
    }  # fmt: skip


def test_an_order_of_a_whole_size_has_no_other() -> None:
    assert sizes(kiln(sizes=(8, 12))) == {}


def test_without_sizes_nothing_is_asked() -> None:
    assert sizes(kiln()) == {}


def test_a_size_that_may_not_be_built_is_no_plan() -> None:
    assert sizes(kiln(sizes=(20,), most_expansion=15)) == {0: pytest.approx(36), 20: None}


def test_on_a_tree_the_size_holds_on_every_future_that_passes_the_order() -> None:
    """A stop that is known in July leaves the kiln the same: it was built before."""
    stop = {"name": "stop", "probability": 0.5, "known": "2027-07"}
    tables = kiln(sizes=(20,))
    rows = tables_of({}, Scenarios=[stop])["Scenarios"].rows
    found = sizes(tables.with_rows("Scenarios", rows))
    assert found == {0: pytest.approx(36), 20: pytest.approx(24)}


def lanes(steady: float = 0, **lane: Any) -> Tables:
    """1 t a month is needed in Tokyo, and comes by sea; a store in Tokyo costs 12 USD/kg a year."""
    return tables_of(
        {"calendar": "4 month", "steady": steady},
        Commodities=[{"name": "Dy", "kind": "oxide"}],
        Sites=[{"name": "Perth", "country": "Australia"}, {"name": "Tokyo", "country": "Japan"}],
        Supply=[{"name": "mine", "site": "Perth", "commodity": "Dy", "price": 10}],
        Routes=[{"name": "sea", "origin": "Perth", "destination": "Tokyo", "commodity": "Dy",
                 **lane}],
        Stockpiles=[{"name": "shed", "site": "Tokyo", "commodity": "Dy", "holding_cost": 12}],
        Demand=[{"name": "need", "site": "Tokyo", "commodity": "Dy", "need": 12}],
        Relief=[{"name": "lost", "demand": "need", "kind": "lost", "cost": 1000}],
    )  # fmt: skip


def test_lots_are_rounded_and_priced_together() -> None:
    """Lots of 2 t: 2, 0, 2, 0 leave. A tonne lies a month twice: 2 x 1 kUSD."""
    whole = kido.evaluate(lanes(lot=2), alternatives=True).whole_orders
    assert [(s.planned, s.rounded) for s in whole.shipments] == [
        (pytest.approx(1), pytest.approx(t)) for t in (2, 0, 2, 0)
    ]
    assert whole.lots_cost == pytest.approx(2)


def test_what_is_whole_costs_nothing() -> None:
    whole = kido.evaluate(lanes(lot=0.5), alternatives=True).whole_orders
    assert whole.lots_cost == pytest.approx(0, abs=1e-6)
    assert all(s.planned == pytest.approx(s.rounded) for s in whole.shipments)


amounts = st.lists(st.floats(0, 100), min_size=1, max_size=24)


@given(amounts, st.floats(0.5, 30), st.one_of(st.just(NONE), st.floats(0, 40)))
def test_lots_are_whole_and_the_sum_is_kept(planned: list[float], lot: float, least: float) -> None:
    rounded = rounded_to_lots(planned, [1e6] * len(planned), lot, least)
    smallest = max(lot, 0 if least != least else least)
    for amount in rounded:
        assert amount == pytest.approx(round(amount / lot) * lot)
        assert amount == 0 or amount >= smallest - 1e-6
    assert abs(sum(rounded) - sum(planned)) <= (smallest + lot) / 2 + 1e-6


@given(amounts, st.floats(0.5, 30), st.floats(0, 50))
def test_no_lot_is_above_what_may_leave(planned: list[float], lot: float, most: float) -> None:
    assert max(rounded_to_lots(planned, [most] * len(planned), lot, NONE)) <= most + 1e-6


def test_a_minimum_lot_alone_rounds_nothing_above_it() -> None:
    """3 stays; 0.4 is less than half of 2 and waits; 0.4 + 0.9 leaves as 2."""
    assert rounded_to_lots([3, 0.4, 0.9], [9, 9, 9], NONE, 2) == [3, 0, 2]


def test_the_page_and_the_board_tell(tmp_path: Path) -> None:
    run = kido.solve(kiln(sizes=(8, 20)), output=tmp_path / "run")
    table = run.report["whole_orders"].frame
    assert list(table["instead_amount"]) == [0, 8, 20]
    assert list(table["costs_more"]) == pytest.approx([0.036, 0.012, 0.024])
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "run" / "results.xlsx")
    assert "Build or not" in book.sheetnames
    board = [str(c.value) for row in book.worksheets[0].iter_rows() for c in row if c.value]
    assert any("kiln (12 t/yr): 0 +0.036, 8 +0.012, 20 +0.024" in text for text in board)


def test_bad_sizes_are_told(tmp_path: Path) -> None:
    def codes(**cells: Any) -> list[str]:
        book = small_book(tmp_path / "book.xlsx", changed("Facilities", "Kiln", **cells))
        return [finding.code for finding in check_file(book)[1]]

    assert codes(sizes="big") == ["not-a-number"]
    assert codes(sizes="20; 40", expansion_cost=None) == ["expansion-without-cost"]
    assert codes(sizes="20; 40", expansion_cost=1, most_expansion=30) == ["size-above-most"]
    assert codes(sizes="20; ４０", expansion_cost=1, most_expansion=40) == []


def test_a_quick_run_asks_for_no_other_choices(tmp_path: Path) -> None:
    run = kido.solve(kiln(sizes=(8, 20)), output=tmp_path / "run", quick=True)
    assert run.report["whole_orders"].frame.empty and not run.answer.cost_without
    assert "alternatives" not in run.facts["seconds"]
    slow = kido.solve(kiln(sizes=(8, 20)), output=tmp_path / "run")
    assert slow.facts["objective"] == run.facts["objective"]
    assert len(slow.report["whole_orders"].frame) == 3
