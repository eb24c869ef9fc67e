"""Orders with a status: what stays in the plan, by books a reader can solve in the head."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

import kido
from kido.data.check import check_file
from kido.data.months import month_text
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan
from kido.report.labels import Labels
from kido.result.nervousness import in_short, order_changes
from kido.result.plan import SolvedPlan
from ordered_books import with_orders
from plan import answered
from randombooks import books
from tiny_book import COST, RISKY, Edit, both, changed, more, small_book, without


def order(name: str, month: str, amount: float, status: str = "approved", **cells: Any) -> Edit:
    return more("Orders", name=name, month=month, amount=amount, status=status, **cells)


def planned(path: Path, *edits: Edit, **settings: object) -> SolvedPlan:
    return kido.evaluate(small_book(path / "book.xlsx", both(*edits), **settings))


def cost(path: Path, *edits: Edit, **settings: object) -> float:
    return planned(path, *edits, **settings).solution.objective


@pytest.mark.parametrize(
    ("status", "dearer"), [("proposed", 0), ("approved", 2 * 3), ("confirmed", 2 * 3)]
)
def test_what_is_approved_stays(tmp_path: Path, status: str, dearer: float) -> None:
    # a tonne of the spot offer costs 9 where one by the lane costs 6
    plan = planned(tmp_path, order("Spot", "2026-08", 2, status))
    assert plan.solution.objective == pytest.approx(COST + dearer)
    assert plan.of("buy", "Spot").tolist() == pytest.approx([0, 2 if dearer else 0, 0, 0, 0, 0])


def test_a_book_without_the_sheet_is_the_same(tmp_path: Path) -> None:
    assert cost(tmp_path) == pytest.approx(COST)


@pytest.mark.parametrize(("scenario", "code"), [("", "duplicate"), ("Shut", None)])
def test_an_order_is_known_by_row_month_and_scenario(
    tmp_path: Path, scenario: str, code: str | None
) -> None:
    edits = RISKY, order("Spot", "2026-10", 1), order("Spot", "2026-10", 2, scenario=scenario)
    _, found = check_file(small_book(tmp_path / "book.xlsx", both(*edits)))
    assert [f.code for f in found if not f.warning] == ([code] if code else [])


def test_more_may_be_added(tmp_path: Path) -> None:
    # the lane has 5 t of Dy a month in the plan: an order of 3 t changes nothing
    assert cost(tmp_path, order("Lane", "2026-08", 3)) == pytest.approx(COST)


def test_an_order_beside_a_minimum_is_part_of_it(tmp_path: Path) -> None:
    edit = both(changed("Supply", "Spot", least=12), order("Spot", "2026-08", 1.5))
    # 1 t in five months, and 1.5 in August
    assert cost(tmp_path, edit) == pytest.approx(COST + 6.5 * 3)


def test_the_orders_of_a_quarter_add_up(tmp_path: Path) -> None:
    edits = order("Spot", "2026-07", 1), order("Spot", "2026-09", 2)
    plan = planned(tmp_path, *edits, calendar="1 quarter, 3 month")
    assert plan.of("buy", "Spot").tolist() == pytest.approx([3, 0, 0, 0])


def test_units_are_those_of_the_commodity(tmp_path: Path) -> None:
    edit = both(
        changed("Commodities", "Dy", unit="kg"), changed("Supply", "Spot", most=24000),
        changed("Demand", "Need", need=60000), order("Spot", "2026-08", 500),
        lambda sheets: sheets["Recipes"][1].update(amount=500),
    )  # fmt: skip
    assert planned(tmp_path, edit).of("buy", "Spot")[1] == pytest.approx(0.5)


def test_a_branch_holds_what_it_still_can(tmp_path: Path) -> None:
    """The kiln stops in one future of five: there nothing is refined, and the order falls away."""
    edits = RISKY, order("Refine", "2026-10", 10)
    assert cost(tmp_path, *edits) == pytest.approx(cost(tmp_path, RISKY))
    # on the base case 11 t are one more than is needed, of which half a t of Dy must go somewhere
    plan = planned(tmp_path, RISKY, order("Spot", "2026-10", 2))
    names = [plan.case.tree.branch_of(n).name for n in range(len(plan.case.tree.nodes))]
    october = [n for n, m in enumerate(plan.case.tree.nodes) if m.start == 2026 * 12 + 9]
    assert sorted(names[n] for n in october) == ["Shut", "Trunk"]
    assert all(plan.of("buy", "Spot")[n] == pytest.approx(2) for n in october)


def test_an_order_of_a_scenario_counts_there_alone(tmp_path: Path) -> None:
    plan = planned(
        tmp_path, RISKY, order("Spot", "2026-10", 1.5), order("Spot", "2026-10", 0, scenario="Shut")
    )
    free = planned(tmp_path, RISKY)
    # 1.5 t at 9 in place of 6, in four futures of five; in the fifth the spot offer is needed
    assert plan.solution.objective - free.solution.objective == pytest.approx(0.8 * 1.5 * 3)


CONTRACT: dict[str, Any] = {
    "name": "Offtake", "applies_to": ["Spot"], "take_or_pay": 1, "price_rule": "fixed", "price": 8,
    "settled": "month",
}  # fmt: skip


def test_a_contract_is_reserved_as_it_is_signed(tmp_path: Path) -> None:
    # 12 t/yr: a tonne a month that is paid for, at 8 in place of 6
    edit = both(more("Contracts", **CONTRACT), order("Offtake", "2026-07", 12, "confirmed"))
    plan = planned(tmp_path, edit)
    assert plan.of("reserve", "Offtake")[0] == pytest.approx(12)
    assert plan.solution.objective == pytest.approx(COST + 6 * 2)


def test_capacity_is_ordered_as_it_is_approved(tmp_path: Path) -> None:
    edit = changed("Facilities", "Kiln", expansion_cost=2, build_months=1)
    plan = planned(tmp_path, edit, order("Kiln", "2026-08", 6))
    assert plan.of("expand", "Kiln").tolist() == pytest.approx([0, 6, 0, 0, 0, 0])
    assert plan.solution.objective == pytest.approx(COST + 12)


def test_what_the_network_cannot_carry_out_names_the_order(tmp_path: Path) -> None:
    """The pit gives 10 t a month, which is 5 t for the lane: not 6."""
    book = small_book(tmp_path / "book.xlsx", order("Lane", "2026-08", 6))
    with pytest.raises(InfeasiblePlan) as problem:
        kido.solve(book, write=False)
    told = [f for f in problem.value.findings if f.place.sheet == "Orders"]
    assert [str(f.place) for f in told] == ["Orders!C2"]
    assert "2026-08" in told[0].sentence and "Lane" in told[0].sentence
    assert "5" in f"{told[0].expected} {told[0].advice}"


def test_a_branch_that_the_network_stops_names_the_order(tmp_path: Path) -> None:
    """Nothing is refined where the kiln is shut, so nothing can leave: the order says so."""
    edits = RISKY, without("Stockpiles", "Store"), order("Lane", "2026-10", 3)
    book = small_book(tmp_path / "book.xlsx", both(*edits))
    with pytest.raises(InfeasiblePlan) as problem:
        kido.solve(book, write=False)
    told = [f for f in problem.value.findings if f.place.sheet == "Orders"]
    assert "Orders!C2" in [str(f.place) for f in told]
    assert "Shut" in " ".join(f.sentence for f in told)
    # what to do: an order of that scenario, of what can still be sent
    edits = *edits, order("Lane", "2026-10", 0, scenario="Shut")
    assert cost(tmp_path, *edits) > 0


def test_what_is_confirmed_is_signed_on_the_pages(tmp_path: Path) -> None:
    """Of 5 t by the lane 3 are approved; of the spot offer 2 t at 9 are confirmed."""
    edits = order("Spot", "2026-07", 2, "confirmed"), order("Lane", "2026-07", 3)
    report = kido.solve(small_book(tmp_path / "book.xlsx", both(*edits)), write=False).report
    listed = report["orders"].frame.query("leaves == '2026-07'").set_index("row")
    assert listed["order_status"].to_dict() == {"Spot": "confirmed", "Lane": "approved", "Pit": ""}
    needed = report["do_now"].frame.set_index("commodity")["needed"]
    assert needed["Dy"].tolist().count("signed") == 1
    cash = report["cash"].frame.query("basis == 'undiscounted'")
    signed = cash[cash["item"] == "signed already"].set_index("of_what")["total"]
    assert signed.to_dict() == pytest.approx({"Spot": 0.018})
    assert cash[cash["item"] == "cash in all"]["total"].item() == pytest.approx(0.186)


def test_a_book_without_orders_has_no_status(tmp_path: Path) -> None:
    report = kido.solve(small_book(tmp_path / "book.xlsx"), write=False).report
    assert "order_status" not in report["orders"].frame


# -- nervousness -------------------------------------------------------------------------

LISTED = order("Spot", "2026-08", 2, "proposed"), order("Lane", "2026-08", 3, "proposed")


@pytest.mark.parametrize(
    ("limit", "dearer", "moved"),
    [
        (0, 6, 0),  # 2 t at 9 in place of 6
        (10, 5.25, 0.5),  # half a tonne of change: a quarter less of the one, more of the other
        (79, 0.075, 3.95),
        (80, 0, 4),
        (100, 0, 4),
        (None, 0, 4),
    ],
)
def test_near_orders_change_by_no_more_than_the_limit(
    tmp_path: Path, limit: float | None, dearer: float, moved: float
) -> None:
    plan = planned(tmp_path, *LISTED, nervousness=limit)
    assert plan.solution.objective == pytest.approx(COST + dearer)
    changes = {c.commodity: (c.before, c.moved) for c in order_changes(plan)}
    assert changes == {"Dy": pytest.approx((5, moved))}


def test_the_price_of_the_limit_is_told(tmp_path: Path) -> None:
    # without it 5.25 kUSD less; one percent more moves 0.025 t from 9 to 6
    book = small_book(tmp_path / "book.xlsx", both(*LISTED), nervousness=10)
    run = kido.solve(book, write=False)
    facts = run.facts["nervousness"]
    assert (facts["limit"], facts["cost"]) == (10, pytest.approx(5.25))
    (change,) = facts["changes"]
    assert change["percent_saves"] == pytest.approx(0.075)
    words = in_short(run.answer, Labels("en"))
    assert "Dy 10 %" in words and "at most 10 %" in words and "costs 0.00525" in words


def test_another_supplier_is_a_change(tmp_path: Path) -> None:
    """The lane is dear in August, and the spot offer is not listed: nothing may be bought there."""
    edits = (
        order("Lane", "2026-08", 5, "proposed"),
        more("Events", name="dear", target=["Lane"], effect="price", factor=20, start="2026-08",
             months=1),
    )  # fmt: skip
    assert planned(tmp_path, *edits).of("buy", "Spot")[1] == pytest.approx(2)
    held = planned(tmp_path, *edits, nervousness=0)
    assert held.of("buy", "Spot").sum() == 0
    assert held.of("ship", "Lane")[1] == pytest.approx(5)


def test_an_approved_order_is_no_change(tmp_path: Path) -> None:
    edits = order("Spot", "2026-08", 2), order("Lane", "2026-08", 3)
    assert cost(tmp_path, *edits, nervousness=0) == pytest.approx(COST + 6)


def test_a_limit_that_cannot_be_kept_names_its_cell(tmp_path: Path) -> None:
    """5 t can leave, 6 were ordered: a tonne of change, of which a tenth is allowed."""
    edit = order("Lane", "2026-08", 6, "proposed")
    book = small_book(tmp_path / "book.xlsx", edit, nervousness=10)
    with pytest.raises(InfeasiblePlan) as problem:
        kido.solve(book, write=False)
    told = [f for f in problem.value.findings if f.place.sheet == "Settings"]
    assert len(told) == 1 and told[0].place.cell
    assert "near orders of Dy" in told[0].sentence and "1 t" in told[0].expected


def test_the_months_of_a_quarter_are_near_together(tmp_path: Path) -> None:
    # 15 t of need: 2 + 13 were ordered in one of its months, all of it is of the quarter
    edits = order("Spot", "2026-08", 2, "proposed"), order("Lane", "2026-08", 13, "proposed")
    settings = {"calendar": "1 quarter, 3 month", "nervousness": 0}
    assert cost(tmp_path, *edits, **settings) == pytest.approx(COST + 6)


def test_only_the_base_case_is_held(tmp_path: Path) -> None:
    orders = [order(n, "2026-10", t, "proposed") for n, t in (("Spot", 1.2), ("Lane", 3.8))]
    edits = RISKY, *orders
    plan = planned(tmp_path, *edits, nervousness=0)
    free = planned(tmp_path, RISKY)
    nodes = plan.case.tree.nodes
    of = {plan.case.tree.branch_of(n).name: n for n, m in enumerate(nodes) if m.start == 24321}
    assert plan.of("buy", "Spot")[of["Trunk"]] == pytest.approx(1.2)
    assert plan.of("buy", "Spot")[of["Shut"]] == pytest.approx(free.of("buy", "Spot")[of["Shut"]])
    assert plan.solution.objective - free.solution.objective == pytest.approx(0.8 * 1.2 * 3)


# -- for any book ------------------------------------------------------------------------

SOME = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def own_orders(plan: SolvedPlan, status: str) -> list[dict[str, Any]]:
    """What a plan buys and sends, as orders of its base case and of each scenario."""
    tree = plan.case.tree
    return [
        {
            "name": name,
            "month": month_text(month),
            "amount": max(0.0, float(plan.of(variable, name)[node.index])) * (month == node.start),
            "status": status,
            "scenario": "" if branch.parent < 0 else branch.scenario,
        }
        for variable, rows in (("buy", plan.case.supply), ("ship", plan.case.routes))
        for name in rows
        for node in tree.nodes
        for branch in (tree.branch_of(node.index),)
        for month in range(node.start, node.end)
    ]


def free_plan(tables: Tables) -> SolvedPlan:
    """The plan of a book whose scenarios do not repeat; others are no example."""
    assume(not any(r.every == r.every for r in tables["Scenarios"].records()))
    try:
        return kido.evaluate(tables)
    except InfeasiblePlan:
        reject()


@SOME
@given(books())
def test_the_orders_of_the_plan_itself_cost_nothing(tables: Tables) -> None:
    plan = free_plan(tables.with_settings(steady=0.0))
    ordered = with_orders(plan.tables, own_orders(plan, "approved"))
    cost = plan.solution.objective
    assert make_again(ordered) == pytest.approx(cost, rel=1e-9, abs=1e-6)
    listed = with_orders(plan.tables, own_orders(plan, "proposed"))
    still = listed.with_settings(nervousness=0.0)
    assert make_again(still) == pytest.approx(cost, rel=1e-9, abs=1e-6)


def make_again(tables: Tables) -> float:
    """The least cost; amounts read off a plan may be above a limit by rounding."""
    return answered(tables).solution.objective


@SOME
@given(books(), st.sampled_from([0.5, 2.0]))
def test_a_wider_limit_never_costs_more(tables: Tables, factor: float) -> None:
    plan = free_plan(tables.with_settings(steady=0.0))
    rows = plan.tables["Supply"].rows
    dear = rows.assign(price=[p * (factor if i % 2 else 1) for i, p in enumerate(rows["price"])])
    news = with_orders(plan.tables.with_rows("Supply", dear), own_orders(plan, "proposed"))
    costs = [make_again(news.with_settings(nervousness=x)) for x in (0.0, 20.0, 200.0)]
    free = make_again(news)
    room = 1e-7 * (1 + abs(costs[0]))
    assert costs[0] >= costs[1] - room and costs[1] >= costs[2] - room
    assert costs[2] >= free - room
