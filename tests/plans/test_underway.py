"""Small plans a reader can solve in the head: what is in progress on the first day, and its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

import kido
from drawn_books import drawn
from kido.comparison.diff import book_changes
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.data.workbook.translate import translate
from kido.errors import InfeasiblePlan
from kido.result.input_sensitivity import guesses
from kido.result.plan import SolvedPlan
from kido.run import evaluate
from sheets import Row, tables_of
from tiny_book import Edit, both, changed, more, small_book
from underway_books import with_underway

SITES = [{"name": "Mine", "country": "Australia"}, {"name": "Osaka", "country": "Japan"}]
DY = {"name": "Dy", "kind": "oxide"}
# A spot offer at 10 USD/kg for 10 t a month.
SPOT = {"name": "spot", "site": "Osaka", "commodity": "Dy", "price": 10}
NEED = {"name": "need", "site": "Osaka", "commodity": "Dy", "need": 120}
LANE = {"name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy"}
# A future that is known in March, and changes nothing.
FUTURE = {"name": "later", "probability": 0.4, "known": "2027-03"}


def book(
    underway: Sequence[Row], calendar: str = "6 month", discount: float = 0, **sheets: Any
) -> Tables:
    rows = {"Commodities": [DY], "Sites": SITES, "Supply": [SPOT], "Demand": [NEED]} | sheets
    settings = {"calendar": calendar, "discount_rate": discount, "fiscal_start": 4}
    return tables_of(settings, Underway=underway, **rows)


def row(name: str, what: str, amount: float, month: str | None = None, detail: str = "") -> Row:
    return {"name": name, "what": what, "month": month, "amount": amount, "detail": detail}


def cost(tables: Tables) -> float:
    return evaluate(tables).solution.objective


def bought(plan: SolvedPlan) -> list[float]:
    return [round(t, 6) for t in plan.of("buy", "spot").tolist()]


# -- lands ------------------------------------------------------------------------------


def test_what_lands_need_not_be_bought() -> None:
    plan = evaluate(book([row("lane", "lands", 4, "2027-02"), row("lane", "lands", 3, "2027-03")],
                         Routes=[LANE | {"lead": 2, "loss": 50}]))  # fmt: skip
    assert bought(plan) == [10, 6, 7, 10, 10, 10]


def test_what_lands_lands_on_every_branch_and_waits_in_a_yard() -> None:
    tables = book([row("lane", "lands", 14, "2027-03")], Routes=[LANE | {"lead": 2}],
                  Scenarios=[FUTURE]).with_settings(yard_cost=12)  # fmt: skip
    # of 14 t in March 10 are used, and 4 wait a month at 1 USD/kg: 560 kUSD and 4
    assert cost(tables) == pytest.approx(2 * 100 + 0 + 60 + 4 + 2 * 100)


def test_a_node_has_what_lands_in_its_months() -> None:
    plan = evaluate(book([row("lane", "lands", 4, "2027-06")], "1 quarter, 1 quarter",
                         Routes=[LANE | {"lead": 2}]))  # fmt: skip
    assert bought(plan) == [30, 26]


def test_what_lands_and_cannot_be_taken_is_told() -> None:
    shed = {"name": "shed", "site": "Osaka", "commodity": "Dy", "capacity": 5}
    with pytest.raises(InfeasiblePlan) as told:
        evaluate(book([row("lane", "lands", 20, "2027-01")], Routes=[LANE | {"lead": 2}],
                      Stockpiles=[shed]))  # fmt: skip
    (finding, *_) = (f for f in told.value.findings if f.place.sheet == "Underway")
    assert str(finding.place) == "Underway!A2" and "lane" in finding.sentence


def test_goods_are_counted_in_their_unit() -> None:
    kilograms = DY | {"unit": "kg REO"}
    plan = evaluate(book([row("lane", "lands", 4000, "2027-02")], Commodities=[kilograms],
                         Demand=[NEED | {"need": 120_000}],
                         Routes=[LANE | {"lead": 2}]))  # fmt: skip
    assert bought(plan) == [10, 6, 10, 10, 10, 10]


ORE = {"name": "ore", "kind": "feed", "content": 1}
FREE = {"name": "pit", "site": "Osaka", "commodity": "ore"}
PLANT: dict[str, Any] = {
    "Commodities": [DY, ORE, {"name": "La", "kind": "oxide", "disposal_cost": 1}],
    "Processes": [{"name": "split", "site": "Osaka", "lead": 2, "most": 0}],
    "Supply": [SPOT, FREE],
    "Recipes": [{"process": "split", "role": "input", "item": "ore", "amount": 1}] + [
                {"process": "split", "role": "output", "item": item, "amount": 0.5}
                for item in ("Dy", "La")],
}  # fmt: skip


def test_an_output_comes_out_of_a_process() -> None:
    tables = book([row("split", "lands", 4, "2027-01", "Dy"),
                   row("split", "lands", 7, "2027-01", "La")], **PLANT)  # fmt: skip
    assert cost(tables) == pytest.approx(560 + 7)


# -- ready ------------------------------------------------------------------------------

# Makes 1 t at 1 USD/kg; its line has no capacity but what was ordered.
LINE: dict[str, Any] = {
    "Commodities": [DY, ORE],
    "Supply": [SPOT, FREE],
    "Processes": [{"name": "make", "site": "Osaka", "cost": 1}],
    "Recipes": [{"process": "make", "role": "input", "item": "ore", "amount": 1},
                {"process": "make", "role": "output", "item": "Dy", "amount": 1},
                {"process": "make", "role": "uses", "item": "line", "amount": 1}],
}  # fmt: skip
STEEL: Row = {"name": "line", "site": "Osaka", "capacity": 0}


def made(plan: SolvedPlan) -> list[float]:
    return [round(t, 6) for t in plan.of("run", "make").tolist()]


def line(underway: Sequence[Row], facility: Row, **sheets: Any) -> Tables:
    return book(underway, **LINE, Facilities=[STEEL | facility], **sheets)


def test_capacity_ordered_before_is_there_from_its_month_on() -> None:
    plan = evaluate(line([row("line", "ready", 48, "2027-03"), row("line", "ready", 24, "2026-01")],
                         {"expansion_cost": 99, "most_expansion": 0}))  # fmt: skip
    assert made(plan) == [2, 2, 6, 6, 6, 6]
    assert plan.solution.objective == pytest.approx(600 - 9 * 28)  # paid before


def test_what_cannot_be_expanded_may_have_been() -> None:
    assert made(evaluate(line([row("line", "ready", 48, "2027-05")], {}))) == [0, 0, 0, 0, 4, 4]


@pytest.mark.parametrize("discount", [0, 0.08])
def test_its_life_runs_from_its_month_and_its_annuity_goes_on(discount: float) -> None:
    """Half a year of a life of one is over: three months before the start, three after."""
    facility = {"expansion_cost": 12, "life_years": 0.5, "build_months": 6}
    tables = line([row("line", "ready", 24, "2026-10")], facility | {"most_expansion": 0},
                  ).with_settings(discount_rate=discount)  # fmt: skip
    plan = evaluate(tables)
    assert made(plan) == [2, 2, 2, 0, 0, 0]
    month = (1 + discount) ** (-1 / 12)
    # 6 payments in advance, the first half a year after the order, are worth 24 x 12 then
    payment = 24 * 12 / sum(month ** (6 + k) for k in range(6))
    paid = sum(payment * month**k for k in range(3))
    bought_for = sum(10 * t * month**k for k, t in enumerate((8, 8, 8, 10, 10, 10)))
    running = sum(2 * month**k for k in range(3))
    assert plan.solution.objective == pytest.approx(paid + bought_for + running)


def test_it_is_like_an_order_of_the_plan() -> None:
    """The same book seen a quarter later, after an order of January, ready in April."""
    facility = {"expansion_cost": 5, "life_years": 3, "build_months": 3, "minimum_use": 0.5}
    stop = {"target": "line", "effect": "capacity", "factor": 0.5, "start": "2027-05", "months": 2}
    late = {"target": "line", "effect": "delay", "add": 1, "start": "2027-02"}
    order = {"least_expansion": 24, "most_expansion": 24}
    early = evaluate(line([], facility | order, Events=[stop, late]).with_settings(
        calendar=(1,) * 9, discount_rate=0.05))  # fmt: skip
    orders = early.of("expand", "line")
    first, after = int(np.flatnonzero(orders)[0]), orders[3:].sum()
    assert first == 0 and after == 0
    rest = evaluate(
        line([row("line", "ready", 24, "2027-04")], facility | {"most_expansion": 0},
             Events=[stop, late]).with_settings(start=early.case.tree.start + 3, discount_rate=0.05)
    )  # fmt: skip
    assert rest.of("run", "make").tolist() == pytest.approx(early.of("run", "make")[3:].tolist())
    ended = sum(
        kusd * discount
        for _, series in early.kusd_by_term
        for kusd, discount in zip(series[3:], early.discount[3:], strict=True)
    )
    assert rest.solution.objective == pytest.approx(ended / early.discount[3])


def test_neither_expansions_nor_budgets_count_it() -> None:
    budget = {"name": "budget", "measure": "spend", "of": "line", "kinds": "expansion",
              "sense": "at most", "limit": 0}  # fmt: skip
    ordered = {"name": "ordered", "measure": "volume", "of": "line", "counted": "ordered",
               "sense": "at most", "limit": 0}  # fmt: skip
    tables = line([row("line", "ready", 24, "2026-01")],
                  {"expansion_cost": 4, "life_years": 10, "least_expansion": 12,
                   "most_expansion": 12})  # fmt: skip
    assert evaluate(tables).of("expand", "line").sum() == pytest.approx(12)
    tables = line([row("line", "ready", 24, "2026-01")],
                  {"expansion_cost": 4, "life_years": 10}, Policies=[budget, ordered])  # fmt: skip
    assert made(evaluate(tables)) == [2] * 6


# -- returns ----------------------------------------------------------------------------

WAIT: Row = {"name": "wait", "demand": "need", "kind": "defer", "cost": 1, "share": 0,
             "returns": 1}  # fmt: skip


def test_need_put_off_before_comes_back() -> None:
    plan = evaluate(book([row("wait", "returns", 3, "2027-02")], Relief=[WAIT]))
    assert bought(plan) == [10, 13, 10, 10, 10, 10]


def test_it_may_be_put_off_again_until_its_latest_return() -> None:
    """3 t fell due in December and 2 t do in February: each may wait for two months more.

    The price falls by more than a kg costs to wait: from 90 in January to 10 in April.
    """
    prices = [{"name": "falls", "period": f"2027-0{m}", "value": x}
              for m, x in enumerate((90, 80, 70, 10), start=1)]  # fmt: skip
    tables = book([row("wait", "returns", 3, "2026-12"), row("wait", "returns", 2, "2027-02")],
                  Relief=[WAIT | {"latest_return": 3}],
                  Events=[{"target": "spot", "effect": "price", "profile": "falls"}],
                  Profiles=prices)  # fmt: skip
    plan = evaluate(tables)
    assert bought(plan) == [10, 13, 10, 12, 10, 10]
    assert plan.of("postpone", "wait").tolist() == pytest.approx([3, 2, 2, 0, 0, 0])
    assert plan.of("relieve", "wait").any() == 0


# -- moved ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moved", "first"),
    [(None, 10), (0, 4), (3, 7), (8, 10)],  # t/month: 48 t/yr are 4 t a month more each month
)
def test_a_ramp_begins_from_what_was_moved(moved: float | None, first: float) -> None:
    dear = SPOT | {"name": "dear", "price": 90}
    tables = book([] if moved is None else [row("spot", "moved", moved, "2026-12")],
                  Supply=[SPOT | {"ramp": 48}, dear])  # fmt: skip
    assert bought(evaluate(tables))[0] == pytest.approx(first)


def test_a_quarter_is_two_months_from_the_month_before() -> None:
    dear = SPOT | {"name": "dear", "price": 90}
    tables = book([row("spot", "moved", 1, "2026-12")], "2 quarter",
                  Supply=[SPOT | {"ramp": 12}, dear])  # fmt: skip
    assert bought(evaluate(tables)) == pytest.approx([3 * (1 + 2), 3 * (1 + 2 + 3)])


def test_a_limit_below_what_was_moved_takes_the_rate_along() -> None:
    tables = book(
        [row("spot", "moved", 9, "2026-12")],
        Supply=[SPOT | {"ramp": 12, "most": 36}, SPOT | {"name": "dear", "price": 90}],
    )
    assert bought(evaluate(tables))[0] == pytest.approx(3)
    tables = book([row("deal", "moved", 9, "2026-12")],
                  Contracts=[{"name": "deal", "applies_to": "spot", "most_reserved": 999,
                              "price_rule": "fixed", "price": 30, "ramp": 12}])  # fmt: skip
    lifted = evaluate(tables).of("lift", "deal", "spot")
    assert lifted.tolist() == pytest.approx([8, 7, 6, 5, 4, 3])


# -- carried over -----------------------------------------------------------------------

CAP: Row = {"name": "cap", "measure": "volume", "of": "spot", "counted": "bought",
            "sense": "at most", "limit": 60}  # fmt: skip
DEAR = SPOT | {"name": "dear", "price": 30}


@pytest.mark.parametrize(
    ("over", "carried", "allowed"),
    [
        ("year", 8, [15 + 8, 15]),  # January to March, and the year from April on
        ("calendar year", -12, [30 - 12, 0]),
        ("horizon", 5, [60, 0]),
    ],
)
def test_an_allowance_is_carried_over(over: str, carried: float, allowed: list[float]) -> None:
    tables = book([row("cap", "carried over", carried)], Supply=[SPOT, DEAR],
                  Policies=[CAP | {"over": over}])  # fmt: skip
    plan = evaluate(tables)
    first = plan.of("buy", "spot")[:3].sum()
    if over == "year":
        assert [first, plan.of("buy", "spot")[3:].sum()] == pytest.approx(allowed)
    else:
        assert plan.of("buy", "spot").sum() == pytest.approx(min(60, sum(allowed)))


def test_shares_and_services_and_budgets_carry_over() -> None:
    share = CAP | {"measure": "share", "limit": 0.5, "over": "year"}
    plan = evaluate(book([row("cap", "carried over", 4)], Supply=[SPOT, DEAR], Policies=[share]))
    assert plan.of("buy", "spot")[:3].sum() == pytest.approx(15 + 4)
    assert plan.of("buy", "spot")[3:].sum() == pytest.approx(15)

    budget = {"name": "cap", "measure": "spend", "of": "spot", "sense": "at most", "limit": 240,
              "over": "year"}  # fmt: skip
    plan = evaluate(book([row("cap", "carried over", 50)], Supply=[SPOT, DEAR], Policies=[budget]))
    assert plan.of("buy", "spot")[:3].sum() == pytest.approx(6 + 5)

    lost = {"name": "lost", "demand": "need", "kind": "lost", "cost": 1}
    service = {"name": "cap", "measure": "service", "of": "need", "sense": "at least",
               "limit": 0.8, "over": "year"}  # fmt: skip
    plan = evaluate(book([row("cap", "carried over", -6)], Relief=[lost], Policies=[service]))
    assert plan.of("meet", "need")[:3].sum() == pytest.approx(24 - 6)
    assert plan.of("meet", "need")[3:].sum() == pytest.approx(24)


def test_each_country_has_its_own_allowance() -> None:
    half = CAP | {"measure": "share", "of": "any country", "over": "year", "limit": 0.5}
    mine = {"name": "far", "site": "Mine", "commodity": "Dy", "price": 1}
    plan = evaluate(
        book([row("cap", "carried over", 7, detail="Australia")], Routes=[LANE],
             Supply=[SPOT | {"price": 20}, mine], Policies=[half])
    )  # fmt: skip
    assert plan.of("buy", "far")[:3].sum() == pytest.approx(15 + 7)
    assert plan.of("buy", "far")[3:].sum() == pytest.approx(15)


# -- reserved, earned -------------------------------------------------------------------

DEAL: Row = {
    "name": "deal", "applies_to": "spot", "least_reserved": 60, "most_reserved": 60,
    "price_rule": "fixed", "price": 4, "take_or_pay": 1, "settled": "contract year",
    "start": "2026-07", "end": "2027-06", "lifted_before": 20,
}  # fmt: skip


@pytest.mark.parametrize(
    ("reserved", "owed"),
    [(None, 30 - 20 + 30), (20, 30), (45, 45 - 20 + 30), (5, 15)],
)
def test_what_was_reserved_for_the_months_before_is_owed(
    reserved: float | None, owed: float
) -> None:
    tables = book([] if reserved is None else [row("deal", "reserved", reserved)],
                  Contracts=[DEAL], Demand=[NEED | {"need": 12}])  # fmt: skip
    plan = evaluate(tables)
    lifted = plan.of("lift", "deal", "spot").sum()
    assert lifted + plan.of("forgo", "deal").sum() == pytest.approx(owed)


def test_what_was_reserved_may_be_lifted() -> None:
    deal = DEAL | {"most_a_month": 50, "take_or_pay": 0}
    plan = evaluate(book([row("deal", "reserved", 26)], Contracts=[deal]))
    assert plan.of("lift", "deal", "spot").sum() == pytest.approx(26 - 20 + 30)


INDEX: Row = {
    "name": "deal", "applies_to": "spot", "least_reserved": 120, "most_reserved": 120,
    "price_rule": "index", "index": 10, "rebate_above": 8, "rebate_share": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(("cap", "back"), [(None, [60 + 9, 60]), (64, [64, 60])])
def test_what_was_earned_before_is_paid_back_at_the_end_of_the_year(
    cap: float | None, back: list[float]
) -> None:
    tables = book([row("deal", "earned", 9)], "9 month", Contracts=[INDEX | {"rebate_cap": cap}])
    plan = evaluate(tables.with_settings(start=tables.settings.start + 6))  # July to March
    paid = plan.of("rebate", "deal")
    assert [paid[:6].sum(), paid[6:].sum()] == pytest.approx([back[0], back[1] / 2])


# -- expires ----------------------------------------------------------------------------


def test_what_expires_has_left() -> None:
    """5 t a month are used; of 12 t, 6 must have left in January and all by the end of February."""
    store = {"name": "store", "site": "Osaka", "commodity": "Dy", "opening": 12, "life_months": 4}
    sale = SPOT | {"name": "sale", "price": 0}
    base = {"Stockpiles": [store], "Demand": [NEED | {"need": 60}], "Sales": [sale]}
    assert cost(book([], **base)) == pytest.approx(10 * (30 - 12))
    expires = [row("store", "expires", 6, "2027-01"), row("store", "expires", 6, "2027-02")]
    plan = evaluate(book(expires, **base))
    assert plan.solution.objective == pytest.approx(10 * (30 - 12 + 2))
    assert plan.of("sell", "sale")[0] >= 1 - 1e-6


# -- in a workbook -----------------------------------------------------------------------


def landing(tonnes: float = 2) -> Edit:
    """Of the small book: so much lands in August, when the spot offer is not needed for it."""
    return both(
        changed("Routes", "Lane", lead=1, most=36),
        more("Underway", name="Lane", what="lands", month="2026-08", amount=tonnes,
             grade="measured"),
        more("Underway", name="Kiln", what="ready", month="2026-09", amount=30),
        more("Underway", name="Kiln", what="ready", month="2026-11", amount=5, use="no"),
        more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    )  # fmt: skip


LANDING = landing()


def test_it_is_typed_in_either_language(tmp_path: Path) -> None:
    english, japanese = small_book(tmp_path / "en.xlsx", LANDING), tmp_path / "ja.xlsx"
    translate(english, "ja", japanese)
    page = openpyxl.load_workbook(japanese)["進行中"]
    assert [cell.value for cell in page[2]][:5] == ["Lane", "到着", None, "2026-08", 2]
    assert [cell.value for cell in page[3]][1] == "完成"
    assert read_book(japanese)["Underway"].rows.equals(read_book(english)["Underway"].rows)
    assert len(read_book(english)["Underway"]) == 2
    plan = evaluate(english)
    assert plan.solution.objective == pytest.approx(evaluate(japanese).solution.objective)
    # a need of 5 t a month: 3 t arrive from August on beside what lands, and 2 t of the spot offer
    assert plan.of("buy", "Spot").tolist() == pytest.approx([2, 0, 2, 2, 2, 2])
    assert plan.of("relieve", "Gone").tolist() == pytest.approx([3, 0, 0, 0, 0, 0])


def test_the_same_thing_twice_is_a_fault(tmp_path: Path) -> None:
    twice = more("Underway", name="Lane", what="lands", month="2026-08", amount=3)
    with pytest.raises(kido.WorkbookError) as told:
        read_book(small_book(tmp_path / "book.xlsx", both(LANDING, twice)))
    (finding,) = told.value.findings
    assert finding.code == "duplicate" and str(finding.place) == "Underway!D5"
    assert "Underway!D2" in finding.sentence
    two_months = more("Underway", name="Lane", what="lands", month="2026-10", amount=3)
    read_book(small_book(tmp_path / "book.xlsx", both(LANDING, two_months)))


def test_its_rows_are_told_apart_by_their_keys(tmp_path: Path) -> None:
    before = small_book(tmp_path / "one.xlsx", LANDING)
    edit = both(
        landing(3),
        lambda sheets: sheets["Underway"].reverse(),
        more("Underway", name="Lane", what="lands", month="2026-09", amount=1),
    )
    lines, _ = book_changes(before, small_book(tmp_path / "two.xlsx", edit))
    assert lines == [
        "Underway!E4  Lane · lands · 2026-08: amount 2 -> 3",
        "Underway!A5  + Lane · lands · 2026-09: amount 1",
    ]


def test_an_amount_can_be_swept(tmp_path: Path) -> None:
    sweep = more("Sweeps", name="Landing", sheet="Underway", row=["Lane"], column="amount",
                 operation="set", values="0..5 step 1")  # fmt: skip
    book = small_book(tmp_path / "book.xlsx", both(LANDING, sweep))
    (done,) = kido.sweep(book, jobs=1, output=tmp_path / "sweep")
    costs = [cost(read_book(small_book(tmp_path / "other.xlsx", landing(t)))) for t in (0, 5)]
    swept = {o.point.values[0]: o.objective for o in done.result.outcomes}
    assert [swept[0], swept[5]] == pytest.approx(costs)


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Lane, lands, 2026-08"), ("ja", "Lane, 到着, 2026-08")]
)
def test_confidence_tells_of_it_and_of_its_grade(tmp_path: Path, language: str, name: str) -> None:
    plan = evaluate(small_book(tmp_path / "book.xlsx", LANDING, language=language))
    told = guesses(plan).frame
    (line,) = told[told["sheet"] == "Underway"].to_dict("records")
    assert (line["row"], line["grade"]) == (name, "measured")
    # a tenth of 2 t more is as much less of the lane, or of the spot offer
    assert -0.2 * 9 <= line["ten_percent"] <= -0.2 * 6


# -- all of it at once -------------------------------------------------------------------


@pytest.mark.parametrize("number", range(8))
def test_random_books_with_everything_under_way(number: int) -> None:
    """The certificate finds nothing; by parts the cost is the same."""
    tables = with_underway(drawn()[number], number, amount=0.4).with_settings(steady=0)
    try:
        plan = evaluate(tables)
    except InfeasiblePlan:
        return
    assert len(tables["Underway"]) > 2
    if len(plan.case.tree.leaves) > 1:
        parts = evaluate(tables.with_settings(solver_method="decomposition"))
        size = max(1.0, abs(plan.solution.objective))
        assert abs(parts.solution.objective - plan.solution.objective) <= 2e-6 * size
