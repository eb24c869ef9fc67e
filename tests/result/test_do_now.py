"""Do now: lines with their cash, how sure they are, and what would make them wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

import kido
from books import read
from kido.data.case.likelihood import disruption_probability, with_disruptions_at
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


def test_a_price_is_told_in_the_months_without_a_loss(solved: Callable[..., SolvedPlan]) -> None:
    """10 t are needed and 7 t to be had in October; thrift at 80 USD/kg is not enough then.

    In July the lane is worth what the next kg by it costs, in October the 90 that a loss costs.
    """
    edits = both(
        changed("Demand", "Need", need=60),
        more("Events", name="Rush", target=["Need"], effect="demand", factor=2, start="2026-10",
             months=1),
        more("Relief", name="Thin", demand="Need", kind="thrift", share=0.1, cost=80),
        more("Relief", name="Gone", demand="Need", kind="lost", cost=90),
        more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", capacity=0),
    )  # fmt: skip
    plan = solved(edits)
    lines = orders(plan).frame.query("row == 'Lane'").set_index("leaves")
    assert lines.loc["2026-07", "holds"] == "" and lines.loc["2026-07", "worth_up_to"] < 10
    assert lines.loc["2026-10", "holds"] == SHORT  # worth 90, and nothing paid is above 80


# 5 t of Dy a month at 6 USD/kg. In July a second offer sells 5 t at 10; in August nothing comes
# if the disruption strikes, and a t not had costs 100.
TWO_OFFERS = both(
    more("Supply", name="Once", site="Tokyo", commodity="Dy", price=10, most=60, end="2026-07"),
    changed("Supply", "Spot", most=0),
    more("Stockpiles", name="Store", site="Tokyo", commodity="Dy"),
    more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    more("Events", name="Shut", scenario="Stop", target=["Lane"], effect="capacity", factor=0,
         start="2026-08", months=1),
)  # fmt: skip


@pytest.mark.parametrize("how", ["scenario", "event"])
def test_an_order_that_hangs_on_a_disruption(tmp_path: Path, how: str) -> None:
    """A t of the offer costs 10 in July and saves 100 in August if the disruption comes, 6 if not:
    it is worth it from a chance p of 10 = 6 + 94 p, 4.26 %. The book says 20 %: halved, 10 % and
    5 % are enough, 2.5 % is not. What comes by the lane is needed in any case.
    """
    stop = more("Scenarios", name="Stop", probability=0.2, known="2026-08",
                disruption="yes" if how == "scenario" else "no")  # fmt: skip

    def marked(sheets: Any) -> None:
        sheets["Events"][-1]["disruption"] = "yes" if how == "event" else "no"

    book = small_book(tmp_path / "book.xlsx", both(TWO_OFFERS, stop, marked), steady=0)
    plan = kido.evaluate(book, alternatives=True)
    dear, lane = line_of(plan, "buy", "spot", "Tokyo"), line_of(plan, "buy", "spot", "Mine")
    assert dear["amount"] == pytest.approx(5) and lane["amount"] == pytest.approx(5)
    assert dear["left_out_at"] == pytest.approx(0.025)  # less than 4 / 94
    assert dear["placed_from"] == pytest.approx(0.05)  # more
    assert lane["placed_from"] == 0 and np.isnan(lane["left_out_at"])
    for chance, bought in ((dear["left_out_at"], 0), (dear["placed_from"], 5)):
        moved = with_disruptions_at(plan.tables, chance / 0.2)
        other = kido.evaluate(moved)
        assert other.of("buy", "Once")[0] == pytest.approx(bought)
    write_results(make_report(plan), plan, tmp_path / "results.xlsx")
    board = openpyxl.load_workbook(tmp_path / "results.xlsx")["Board"]
    texts = [c.value for row in board.iter_rows() for c in row if isinstance(c.value, str)]
    (sentence,) = [text for text in texts if "disruption" in text and "book: 20 %" in text]
    assert "no disruption is expected (book: 20 %): Dy (Mine); Ore." in sentence
    assert "Dy (Tokyo) (left out at 2.5 %, placed at 5 %)" in sentence


def test_without_the_question_nothing_is_said_of_disruptions(
    solved: Callable[..., SolvedPlan],
) -> None:
    stop = more("Scenarios", name="Stop", probability=0.2, known="2026-08", disruption="yes")
    frame = told(solved(TWO_OFFERS, stop))
    assert frame["placed_from"].isna().all() and frame["left_out_at"].isna().all()


def test_a_scenario_that_parts_from_a_disruption_is_one(tmp_path: Path) -> None:
    """Half the chance of Stop and of what parts from it; at 0 they and their rows are gone."""
    edits = both(
        TWO_OFFERS,
        more("Scenarios", name="Stop", probability=0.2, known="2026-08", disruption="yes"),
        more("Scenarios", name="Longer", parent="Stop", probability=0.1, known="2026-09"),
        more("Scenarios", name="Cheap", probability=0.3, known="2026-09"),
    )
    tables = read(small_book(tmp_path / "book.xlsx", edits))
    assert disruption_probability(tables) == pytest.approx(0.2)
    half = with_disruptions_at(tables, 0.5)["Scenarios"].rows
    assert dict(zip(half["name"], half["probability"], strict=True)) == pytest.approx(
        {"Stop": 0.1, "Longer": 0.05, "Cheap": 0.3}
    )
    none = with_disruptions_at(tables, 0)
    assert none["Scenarios"].rows["name"].to_list() == ["Cheap"]
    assert len(none["Events"].rows) == 0
