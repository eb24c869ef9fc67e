"""Do now: lines with their cash, how sure they are, and what would make them wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import kido
from books import read
from kido.report.document import Link
from kido.report.style import CellStyle
from kido.report.text import shown_text
from kido.result.currency import money_unit
from kido.result.do_now import LINES, do_now, least_loss
from kido.result.order import SHORT
from kido.result.orders import orders
from kido.result.pages import write_results
from kido.result.plan import SolvedPlan
from kido.result.report import make_report
from plan import answered
from tiny_book import Edit, both, changed, more, small_book


def told(plan: SolvedPlan) -> pd.DataFrame:
    return do_now(plan, orders(plan).frame).frame.set_index(
        ["act", "counterparty", "origin", "commodity"]
    )


def line_of(plan: SolvedPlan, act: str, who: str, origin: str) -> pd.Series:
    return told(plan).loc[act, who, origin, "Dy"]


@pytest.fixture
def solved(tmp_path: Path) -> Callable[..., SolvedPlan]:
    def solve(*edits: Edit, **settings: object) -> SolvedPlan:
        return answered(read(small_book(tmp_path / "book.xlsx", both(*edits), **settings)))

    return solve


def test_a_line_has_its_cash_and_its_grade(solved: Callable[..., SolvedPlan]) -> None:
    """5 t in July by the lane, which costs 2 USD/kg at the gate and on the water, graded."""
    plan = solved(changed("Routes", "Lane", grade="guessed"))
    line = line_of(plan, "buy", "spot", "Mine")
    assert line["amount"] == pytest.approx(5) and line["price"] == 1
    assert line["cash"] == pytest.approx(10 * money_unit(plan)[1])
    assert line["grade"] == "guessed" and line["by_when"] == "2026-07"
    assert line["worth_up_to"] == pytest.approx(5)  # 6 in Tokyo, less 1 of freight


# A need of 60 t/yr, of which the lane can bring 4 t a month and the spot offer the rest.
NARROW = changed("Routes", "Lane", most=48)


def test_required_is_proved_and_no_more_than_true(solved: Callable[..., SolvedPlan]) -> None:
    """Without the lane in July 1 t more comes from the spot offer, and 3 t are lost at 100 USD/kg.

    The proof: the lane is full, and a t more of it saves 3, as the spot offer costs 9 and it 6.
    """
    lost = more("Relief", name="Gone", demand="Need", kind="lost", cost=100)
    plan = solved(NARROW, lost)
    proved = least_loss(plan, "buy", "spot", ["Lane"])
    without = solved(
        both(NARROW, lost),
        more("Events", name="Shut", target=["Lane"], effect="capacity", factor=0, start="2026-07",
             months=1),
    )  # fmt: skip
    truth = without.solution.objective - plan.solution.objective
    assert 0 < proved <= truth * (1 + 1e-9)
    assert proved == pytest.approx(4 * (9 - 6))  # the spot offer costs 9, the lane 6
    assert line_of(plan, "buy", "spot", "Mine")["needed"] == "required"
    assert line_of(plan, "buy", "spot", "Tokyo")["needed"] == ""


def test_what_is_signed_is_not_called_required(solved: Callable[..., SolvedPlan]) -> None:
    deal = more("Contracts", name="Deal", applies_to=["Lane"], least_reserved=20, most_reserved=20,
                take_or_pay=1, price=1, price_rule="fixed", settled="year")  # fmt: skip
    assert line_of(solved(deal), "buy", "Deal", "Mine")["needed"] == "signed"


def test_no_price_where_only_a_loss_makes_the_worth(solved: Callable[..., SolvedPlan]) -> None:
    """Need of 10 t a month, 7 t to be had: a kg is worth the 100 USD that its loss costs."""
    short = both(
        changed("Demand", "Need", need=120),
        more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    )
    for origin in ("Mine", "Tokyo"):
        line = line_of(solved(short), "buy", "spot", origin)
        assert line["holds"] == SHORT and np.isnan(line["worth_up_to"])
    enough = line_of(solved(), "buy", "spot", "Mine")
    assert enough["holds"] == "" and enough["worth_up_to"] == pytest.approx(5)


def test_a_segment_is_asked_for_thrift_ahead(solved: Callable[..., SolvedPlan]) -> None:
    """Thrift at 4 USD/kg, less than the 6 that a kg costs, from October: 9 % of 5 t a month."""
    thrift = more("Relief", name="Thin", demand="Need", kind="thrift", share=0.09, cost=4,
                  start="2026-10", grade="estimated")  # fmt: skip
    plan = solved(thrift)
    line = line_of(plan, "ask", "EV", "Tokyo")
    assert line["amount"] == pytest.approx(9) and line["unit"] == "% less"
    assert line["by_when"] == "2026-10" and line["price"] == pytest.approx(4)
    assert line["cash"] == pytest.approx(0.45 * 4 * money_unit(plan)[1])
    assert line["worth_up_to"] == pytest.approx(6) and line["grade"] == "estimated"
    asked = orders(plan).frame.query("act == 'ask'")
    assert asked["leaves"].to_list() == ["2026-10"]  # told once, not each month


def test_lots_where_the_book_gives_them(solved: Callable[..., SolvedPlan]) -> None:
    plan = solved()
    plan.cache["kido.result.order.lots"] = {"Lane": 2.0}
    assert line_of(plan, "buy", "spot", "Mine")["lots"] == pytest.approx(2.5)
    path = Path(plan.tables.path).with_name("results.xlsx")
    write_results(make_report(plan), plan, path)
    board = openpyxl.load_workbook(path)["Board"]
    assert any("t (2.5 lots)" in c.number_format for row in board.iter_rows() for c in row)


def test_the_board_leads_to_the_orders_it_leaves_out(
    solved: Callable[..., SolvedPlan], tmp_path: Path
) -> None:
    routes = [more("Routes", name=f"Lane {k}", origin="Mine", destination="Tokyo", commodity="Dy",
                   price=1, freight=0.1, most=1) for k in range(3)]  # fmt: skip
    sites = [more("Sites", name=f"Pit {k}", country="Chile") for k in range(LINES + 2)]
    offers = [
        both(
            more("Supply", name=f"Own {k}", site=f"Pit {k}", commodity="Dy", price=0.1, most=2),
            more("Routes", name=f"From {k}", origin=f"Pit {k}", destination="Tokyo",
                 commodity="Dy", price=0.1),
        )
        for k in range(LINES + 2)
    ]  # fmt: skip
    plan = solved(*routes, *sites, *offers)
    count = len(told(plan))
    assert count > LINES
    write_results(make_report(plan), plan, tmp_path / "results.xlsx")
    board = openpyxl.load_workbook(tmp_path / "results.xlsx")["Board"]
    (link,) = [c for row in board.iter_rows() for c in row if c.hyperlink]
    assert link.value == f"+{count - LINES} more: see Order list"
    assert link.hyperlink.location == "'Order list'!A1"
    assert shown_text(Link("more", "Board"), CellStyle()) == "more"


def test_signing_costs_what_is_then_owed(solved: Callable[..., SolvedPlan]) -> None:
    """20 t/yr for half a year: a fee of 0.1 a kg, and half of the tonnes at 0.5 USD/kg: 3.5 kUSD.

    All 10 t lifted save 0.5 USD/kg each against the price at the gate, so that it is signed.
    """
    deal = more("Contracts", name="Deal", applies_to=["Lane"], least_reserved=0, most_reserved=20,
                take_or_pay=0.5, price=0.5, fee=0.1, price_rule="fixed", settled="year",
                grade="published")  # fmt: skip
    plan = solved(deal)
    line = line_of(plan, "sign", "Deal", "Mine")
    assert line["amount"] == pytest.approx(20) and line["unit"] == "t REO/yr"
    assert line["cash"] == pytest.approx(3.5 * money_unit(plan)[1])
    assert line["price"] == pytest.approx(0.5) and line["grade"] == "published"
    assert line_of(plan, "buy", "Deal", "Mine")["needed"] == ""  # nothing was signed before


def test_a_plant_is_paid_when_it_is_ordered(solved: Callable[..., SolvedPlan]) -> None:
    """A kiln of 60 t/yr, of 120 that are needed: 50 more at 3 USD for a kg a year, at once.

    In half a year a kg a year makes 0.25 kg, each for 6 instead of 90 USD: worth 21 USD.
    """
    kiln = changed("Facilities", "Kiln", capacity=60, expansion_cost=3, most_expansion=50)
    dear = changed("Supply", "Spot", price=90)
    plan = solved(kiln, dear)
    line = told(plan).loc["build", "Mine", "Mine", "Kiln"]
    assert line["amount"] == pytest.approx(50) and line["price"] == pytest.approx(3)
    assert line["cash"] == pytest.approx(150 * money_unit(plan)[1])
    assert line["worth_up_to"] == pytest.approx(21)


@pytest.mark.parametrize("share", [0.999, 1.001])
def test_required_and_optional_are_solved(tmp_path: Path, share: float) -> None:
    """Without the spot offer, 1 t of July is lost at so much that it costs 0.1 % more, or hardly.

    The plan costs 24 x 6 + 6 x 9 = 198 kUSD; of July without the offer it costs `more`: 0.198.
    """
    loss = 9 + 0.198 * share
    lost = more("Relief", name="Gone", demand="Need", kind="lost", cost=loss)
    book = small_book(tmp_path / "book.xlsx", both(NARROW, lost))
    plan = kido.evaluate(book, alternatives=True)
    assert plan.solution.objective == pytest.approx(198)
    line = line_of(plan, "buy", "spot", "Tokyo")
    assert line["needed"] == ("required" if share > 1 else "optional")
    assert line["without"] == pytest.approx((loss - 9) * money_unit(plan)[1])
    proved = line_of(plan, "buy", "spot", "Mine")
    assert proved["needed"] == "required" and proved["without"] > 0


def test_a_line_that_no_plan_does_without(tmp_path: Path) -> None:
    """Nothing but the lane and 2 t a month, and all of 5 t must be met."""
    plan = kido.evaluate(small_book(tmp_path / "book.xlsx"), alternatives=True)
    line = line_of(plan, "buy", "spot", "Mine")
    assert line["needed"] == "required" and line["without"] == np.inf
    write_results(make_report(plan), plan, tmp_path / "results.xlsx")
    board = openpyxl.load_workbook(tmp_path / "results.xlsx")["Board"]
    assert any(c.value == "required (no plan without)" for row in board.iter_rows() for c in row)
