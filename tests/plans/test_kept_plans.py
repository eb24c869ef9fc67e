"""Plans that are held to the orders of a run: their cost and regret, by hand and for any book."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kido
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import ComparisonError, InfeasiblePlan
from kido.evaluation import solved_plan
from kido.result.plan import SolvedPlan
from kido.solver.kept_orders import DECISIONS, Decisions, KeptPlan
from places import TUTORIAL
from randombooks import books
from tiny_book import Edit, both, changed, more, small_book

FREE_ORE = changed("Supply", "Pit", price=0)  # a tonne by the lane costs 2 x 1 + 1 + 1 = 4 kUSD
COST = 120.0
DEAR = more("Events", name="dear", target=["Lane"], effect="price", add=10, start="2026-09")
LESS = both(
    more("Events", name="less", target=["Need"], effect="demand", factor=0.8, start="2026-09"),
    more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", capacity=8, holding_cost=12),
)


def run_of(path: Path, *edits: Edit, **settings: object) -> Path:
    """The run folder of the small book whose ore is free."""
    folder = path / "runs" / "then"
    kido.solve(
        small_book(path / "then.xlsx", both(FREE_ORE, *edits), **settings),
        output=folder, quick=True,
    )  # fmt: skip
    return folder


def kept(path: Path, run: Path, *edits: Edit, **more: Any) -> KeptPlan:
    """The same book in a changed world, held to the run."""
    book = small_book(path / "now.xlsx", both(FREE_ORE, *edits))
    plan = kido.solve(book, write=False, keep=run, **more).answer.kept
    assert plan is not None
    return plan


def test_without_news_it_costs_what_it_did(tmp_path: Path) -> None:
    plan = kept(tmp_path, run_of(tmp_path))
    assert (plan.cost, plan.free_cost) == pytest.approx((COST, COST))
    assert plan.regret == pytest.approx(0, abs=1e-9)


def test_a_dearer_lane(tmp_path: Path) -> None:
    """5 t a month by the lane, 10 dearer in four months; a new plan buys 2 of them at 9, not 14.

    To release one order alone saves nothing: what the lane does not bring must come from the spot
    offer, which is held at 0. To keep one alone costs a new plan 2 x 5.
    """
    plan = kept(tmp_path, run_of(tmp_path), DEAR)
    assert plan.cost == pytest.approx(COST + 4 * 5 * 10)
    assert plan.free_cost == pytest.approx(COST + 4 * 5 * 10 - 4 * 2 * 5)
    assert plan.regret == pytest.approx(40)
    moved = [o for o in plan.orders if o.saves is not None]
    assert {(o.row, o.held, round(o.free, 6)) for o in moved} == {("Lane", 5, 3), ("Spot", 0, 2)}
    assert [o.saves for o in moved] == pytest.approx([0] * 8, abs=1e-9)
    assert [o.alone for o in moved] == pytest.approx([10] * 8)


def test_a_smaller_need_order_by_order(tmp_path: Path) -> None:
    """4 t a month are needed from September: a tonne more comes each month, and is stored at 1.

    Released alone, September orders 4 t and nothing of it is stored four months: 4 + 4. October
    orders 3, as a tonne lies there: 8 + 6; November 2: 12 + 6; December 1: 16 + 4.
    """
    plan = kept(tmp_path, run_of(tmp_path), LESS)
    assert plan.cost == pytest.approx(COST + 1 + 2 + 3 + 4)
    assert plan.regret == pytest.approx(26)
    saves = [o.saves for o in plan.orders if o.row == "Lane" and o.saves is not None]
    assert saves == pytest.approx([8, 14, 18, 20])


def test_only_until_a_month(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    costs = [kept(tmp_path, run, DEAR, until=f"2026-{m:02d}").regret for m in (8, 9, 10, 12)]
    assert costs == pytest.approx([0, 10, 20, 40], abs=1e-6)


def test_what_a_limit_leaves_is_held_and_told(tmp_path: Path) -> None:
    cut = both(
        more("Events", name="cut", target=["Lane"], effect="capacity", factor=0, start="2026-12"),
        more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    )
    run = kido.solve(
        small_book(tmp_path / "now.xlsx", both(FREE_ORE, cut)), write=False, keep=run_of(tmp_path)
    )
    frame = run.report["kept_plan"].frame
    told = frame[frame["remark"] == "cut to what is left"]
    assert told[["row", "month"]].to_numpy().tolist() == [["Lane", "2026-12"]]
    assert told[["planned_then", "held"]].to_numpy().tolist() == [[5, 0]]


def test_a_row_that_is_gone_is_told(tmp_path: Path) -> None:
    def renamed(sheets: Any) -> None:
        sheets["Routes"][0]["name"] = "Way"

    book = small_book(tmp_path / "now.xlsx", both(FREE_ORE, renamed, more(
        "Relief", name="Gone", demand="Need", kind="lost", cost=100)))  # fmt: skip
    frame = kido.solve(book, write=False, keep=run_of(tmp_path)).report["kept_plan"].frame
    assert frame[frame["remark"] == "no longer in the book"]["row"].tolist() == ["Lane"]


def test_what_the_network_cannot_hold_names_the_orders(tmp_path: Path) -> None:
    """Nothing may be stored or thrown away: 5 t a month are too much for a need of 4."""
    fewer = more("Events", name="less", target=["Need"], effect="demand", factor=0.8,
                 start="2026-09")  # fmt: skip
    book = small_book(tmp_path / "now.xlsx", both(FREE_ORE, fewer))
    with pytest.raises(InfeasiblePlan) as problem:
        kido.solve(book, write=False, keep=run_of(tmp_path))
    told = [f for f in problem.value.findings if f.code == "no-plan" and "kept" in f.sentence]
    assert told and all("Lane" in f.sentence and f.place.sheet == "Routes" for f in told)


def test_runs_that_cannot_be_kept(tmp_path: Path) -> None:
    run = run_of(tmp_path)

    def code(keep: Path, *edits: Edit, **more: Any) -> str:
        with pytest.raises(ComparisonError) as problem:
            kept(tmp_path, keep, *edits, **more)
        finding = problem.value.findings[0]
        assert finding.sentence and finding.advice
        return finding.code

    assert code(tmp_path / "nowhere") == "no-run"
    assert code(run, until="2027-05") == "kept-until"
    assert code(run, until="soon") == "kept-until"
    assert code(run, changed("Commodities", "Dy", unit="t Dy")) == "kept-other-unit"
    assert code(run, changed("Supply", "Spot", commodity="Ore", site="Mine")) == "kept-other-goods"
    assert code(run, scenario="base case") == "kept-other-scenario"


def dearer_tutorial() -> Tables:
    """The tutorial where the exporter asks 230 USD/kg, not 200."""
    tables = kido.load(TUTORIAL)
    rows = tables["Routes"].rows.copy()
    rows.loc[rows["name"] == "Exporter to Factory", "price"] = 230.0
    return tables.with_rows("Routes", rows)


@pytest.fixture(scope="module")
def tutorial_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tutorial") / "run"
    kido.solve(TUTORIAL, output=folder, quick=True)
    return folder


def test_the_tutorial_as_the_readme_works_it_out(tutorial_run: Path) -> None:
    """31.5 t are bought of the exporter, 30 dearer; a new plan buys 10 t, and 30 of the plant."""
    run = kido.solve(dearer_tutorial(), write=False, keep=tutorial_run)
    plan = run.answer.kept
    assert plan is not None
    assert plan.cost == pytest.approx(8176 + 31.5 * 30)
    assert plan.free_cost == pytest.approx(10 * 230 + 30 * 220)
    assert plan.regret == pytest.approx(221)
    alone = {(o.row, o.node): o.alone for o in plan.orders if o.alone is not None}
    # 12 t in February: 10 t by the plant are 10 cheaper, and 2 t of March cost 231, not 220
    february = [
        kusd
        for (row, n), kusd in alone.items()
        if row == "Exporter to Factory" and run.answer.case.tree.nodes[n].start == 24325
    ]
    assert february == pytest.approx([10 * 10 + 2 * 11])
    guesses = run.report["guesses"].frame
    dear = guesses[(guesses["row"] == "Exporter to Factory") & (guesses["number_of"] == "price")]
    told = guesses[guesses["row"] == "Exporter to Factory"]["ten_percent"].tolist()
    assert len(dear) <= 1 and told == pytest.approx([31.5 * 23])
    assert run.facts["kept"]["regret"] == pytest.approx(221)


def test_a_sweep_of_a_plan_that_is_kept(tutorial_run: Path, tmp_path: Path) -> None:
    """The cost is straight in the price, as nothing gives way; a new plan bends at 218 to 220."""
    (found,) = kido.sweep(
        TUTORIAL, "Exporter price", jobs=1, output=tmp_path / "run", keep=tutorial_run
    )
    frame = found.report["sweep_points"].frame
    unit = 1e-3  # million USD
    prices = frame["parameter 0"]
    assert frame["cost"].tolist() == pytest.approx((unit * (8176 + 31.5 * (prices - 200))).tolist())
    assert (frame["regret"] >= 0).all()
    at = frame.set_index("parameter 0")["free"]
    assert at[200] == pytest.approx(unit * 8176) and at[230] == pytest.approx(unit * 8900)
    assert found.facts["kept"] == str(tutorial_run)


# -- for any book --------------------------------------------------------------------------

SOME = settings(
    max_examples=25, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def decided(plan: SolvedPlan, until: int | None = None) -> Decisions:
    """The decisions of a plan, up to a month."""
    tree = plan.case.tree
    moments = {
        (tree.branch_of(m.index).name, m.start, m.months)
        for m in tree.nodes
        if until is None or m.end <= until
    }
    flows = plan.flows[plan.flows["kind"].isin(DECISIONS)]
    amounts = {
        (r.kind, r.name, (r.branch, int(r.start), int(r.months))): float(r.value)
        for r in flows.itertuples()
    }
    return Decisions("", plan.solution.objective, frozenset(moments), amounts)


def held(tables: Tables, decisions: Decisions) -> KeptPlan | None:
    """What is kept in a plan, which buys, reserves and orders exactly that."""
    try:
        plan = solved_plan(tables, alternatives=False, keep=decisions)
    except InfeasiblePlan:
        return None
    assert plan.kept is not None
    for order in plan.kept.orders:
        assert plan.of(order.variable, order.row)[order.node] == pytest.approx(order.held, abs=1e-6)
    return plan.kept


def free(tables: Tables) -> SolvedPlan | None:
    try:
        return solved_plan(tables, alternatives=False)
    except InfeasiblePlan:
        return None


@SOME
@given(books())
def test_no_news_no_regret(tables: Tables) -> None:
    tables = tables.with_settings(steady=0.0)
    plan = free(tables)
    if plan is None:
        return
    again = held(tables, decided(plan))
    assert again is not None and again.cost is not None
    assert again.cost == pytest.approx(plan.solution.objective, rel=1e-9, abs=1e-7)
    assert again.regret == pytest.approx(0, abs=1e-7 + 1e-9 * abs(again.cost))


@SOME
@given(books(), st.data())
def test_holding_more_costs_more(tables: Tables, data: st.DataObject) -> None:
    plan = free(tables)
    if plan is None:
        return
    factor = data.draw(st.sampled_from([0.5, 1.3, 2.0]))
    rows = tables["Supply"].rows.copy()
    rows["price"] = [p * (factor if i % 2 else 1) for i, p in enumerate(rows["price"])]
    news = tables.with_rows("Supply", rows)
    end = make_case(tables).tree.end
    costs = []
    for until in range(tables.settings.start + 1, end + 1, 2):
        found = held(news, decided(plan, until))
        assert found is not None and found.cost is not None and found.free_cost is not None
        assert found.cost >= found.free_cost - 1e-7 * (1 + abs(found.cost))
        costs.append(found.cost)
    room = 1e-7 * (1 + max(map(abs, costs)))
    assert all(b >= a - room for a, b in pairwise(costs))


@SOME
@given(books(), st.randoms(use_true_random=False))
def test_the_order_of_rows_makes_no_difference(tables: Tables, dice: Any) -> None:
    plan = free(tables)
    if plan is None:
        return
    shuffled = tables
    for sheet in ("Supply", "Routes", "Processes", "Demand"):
        rows = tables[sheet].rows
        shuffled = shuffled.with_rows(sheet, rows.loc[dice.sample(list(rows.index), len(rows))])
    one, other = held(tables, decided(plan)), held(shuffled, decided(plan))
    assert one is not None and other is not None
    assert one.cost == pytest.approx(other.cost, rel=1e-9, abs=1e-7)
