"""Small plans a reader can solve in the head: what was paid for and not taken is taken later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kido.certificate import verify
from kido.certificate.contracts import all_terms
from kido.certificate.flow_table import Plan
from kido.certificate.residuals import Ledger
from kido.certificate.reuse import facts_of
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.lp.family import FAMILIES, rows_of
from kido.lp.variables import variables_of
from kido.result.contracts import contracts
from kido.result.flows import COLUMNS
from kido.result.plan import SolvedPlan
from kido.run import evaluate
from plan import plan as solved
from randombooks import START, books
from sheets import Row, tables_of

DY = {"commodity": "Dy", "site": "Osaka"}
# 10 t a month reserved at 4 USD/kg, all of it to be paid for; the offer costs 10 without it.
DEAL: Row = {
    "name": "deal", "applies_to": "spot", "least_reserved": 120, "most_reserved": 120,
    "price_rule": "fixed", "price": 4, "take_or_pay": 1, "make_up_months": 12,
}  # fmt: skip
RISE: Row = {"name": "Rise", "probability": 0.25}
YEAR = 120 * 4  # kUSD


def book(
    need: Sequence[float],
    deal: Row | None = None,
    calendar: str = "",
    settings: Row | None = None,
    **sheets: Sequence[Row],
) -> Tables:
    """A need of so many t in each month, met by one offer under one contract."""
    months = [
        {"name": "months", "period": f"{2027 + i // 12}-{i % 12 + 1:02d}", "value": 12 * t}
        for i, t in enumerate(need)
    ]
    dated = {
        "start": "2027-01", "calendar": calendar or f"{len(need)} month", "least_cost": 0,
        "fiscal_start": 1,
    }  # fmt: skip
    own: dict[str, Sequence[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide"}],
        "Sites": [{"name": "Osaka", "country": "Japan"}, {"name": "Mine", "country": "Australia"}],
        "Supply": [{"name": "spot", "price": 10, **DY}],
        "Demand": [{"name": "need", "need": 1, **DY}],
        "Contracts": [{**DEAL, **(deal or {})}],
    }
    path: Row = {"target": "need", "effect": "demand", "profile": "months"}
    sheets = {**sheets, "Events": [path, *sheets.get("Events", ())],
              "Profiles": [*months, *sheets.get("Profiles", ())]}  # fmt: skip
    return tables_of({**dated, **(settings or {})}, **own | sheets)


def objective(tables: Tables) -> float:
    return float(evaluate(tables).solution.objective)


def measured(plan: SolvedPlan, measure: str, unit: str = "t") -> float:
    """The sum over the plan of one measure on the page of contracts; 0 where it is not told."""
    lines = contracts(plan).frame
    lines = lines[(lines["measure"] == measure) & (lines["unit"] == unit)]
    return float(lines["plan"].sum())


HALF, MORE = [5.0] * 12, [15.0] * 12


@pytest.mark.parametrize(
    ("months", "cost"),
    [
        (0, 2 * YEAR + 60 * 10),  # 60 t paid for in vain, and 60 bought
        (6, 2 * YEAR + 30 * 10),  # 5 t made up in each month from January to June
        (12, 2 * YEAR),
        (24, 2 * YEAR),
    ],
)
def test_what_was_paid_for_and_not_taken_is_taken_next_year(months: int, cost: float) -> None:
    assert objective(book(HALF + MORE, {"make_up_months": months})) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("months", "cost"),
    [
        (6, 2 * YEAR + 60 * 10),  # lost at the end of June
        (7, 2 * YEAR + 50 * 10),
        (12, 2 * YEAR),
    ],
)
def test_what_is_not_made_up_in_time_is_lost(months: int, cost: float) -> None:
    need = HALF + [10.0] * 6 + [20.0] * 6
    assert objective(book(need, {"make_up_months": months})) == pytest.approx(cost)


def test_a_period_counts_by_its_first_month() -> None:
    # 15 t a quarter paid for in 2027; of 2028 the first two quarters begin within 6 months
    tables = book(HALF + MORE, {"make_up_months": 6}, calendar="8 quarter")
    assert objective(tables) == pytest.approx(2 * YEAR + 30 * 10)
    assert objective(book(HALF + MORE, {"make_up_months": 4}, calendar="8 quarter")) == (
        pytest.approx(2 * YEAR + 30 * 10)
    )


def test_each_history_makes_up_what_was_paid_for_on_its_own_path() -> None:
    """From July on, with 0.25, twice as much is needed: 90 t are lifted in 2027, else 60.

    In 2028 15 t a month are needed. There 30 t are made up and 30 bought; else 60 are made up.
    """
    more: Row = {"target": "need", "effect": "demand", "scenario": "Rise", "add": 60, "months": 6}
    tables = book(HALF + MORE, Scenarios=[{**RISE, "known": "2027-07"}], Events=[more])
    plan = evaluate(tables)
    assert plan.solution.objective == pytest.approx(2 * YEAR + 0.25 * 30 * 10)
    assert sorted(plan.of("forgo", "deal")[plan.of("forgo", "deal") > 1e-6]) == (
        pytest.approx([30, 60])
    )


@pytest.mark.parametrize("method", ["auto", "decomposition"])
def test_what_is_paid_for_before_a_branch_is_made_up_on_every_branch(method: str) -> None:
    # known in January 2028: need stays at 5 t a month and 60 more are forgone, or 15 are needed
    more: Row = {"target": "need", "effect": "demand", "scenario": "Rise", "add": 120}
    tables = book(HALF + HALF, Scenarios=[{**RISE, "known": "2028-01"}], Events=[more])
    assert objective(tables.with_settings(solver_method=method)) == pytest.approx(2 * YEAR, 1e-5)


@pytest.mark.parametrize(
    ("deal", "cost"),
    [
        ({}, YEAR),  # all 60 t that 2028 needs
        ({"make_up_months": 6}, YEAR + 30 * 10),
        # 3 t a month in both years: 36 t lifted, and 36 made up of 84
        ({"most_a_month": 3}, YEAR + 2 * 24 * 10),
    ],
)
def test_it_is_made_up_also_after_the_end(deal: Row, cost: float) -> None:
    assert objective(book(HALF + HALF, {"end": "2027-12", **deal})) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("deal", "cost"),
    [
        ({"paid_before": 30}, YEAR + 30 * 10),
        ({"paid_before": 30, "make_up_months": 0}, YEAR + 60 * 10),
        ({"paid_before": 30, "make_up_months": 2}, YEAR + 50 * 10),
        # a contract of January 2027 was not settled before
        ({"paid_before": 30, "start": "2027-01"}, YEAR + 60 * 10),
    ],
)  # fmt: skip
def test_what_was_paid_for_before_the_plan_is_made_up(deal: Row, cost: float) -> None:
    assert objective(book(MORE, deal)) == pytest.approx(cost)


def test_settled_by_its_own_year_the_months_run_from_there() -> None:
    # paid for in July 2026, for eight months: 5 t are made up in January and in February
    deal: Row = {"paid_before": 30, "start": "2025-07", "settled": "contract year",
                 "make_up_months": 8}  # fmt: skip
    assert objective(book(MORE[:6], deal)) == pytest.approx(60 * 4 + 20 * 10)


@pytest.mark.parametrize("share", [1, 0.5])
def test_nothing_is_paid_for_ahead_where_all_is_lifted(share: float) -> None:
    # 4 paid in 2027 would save 10 in 2028
    plan = evaluate(book([10.0] * 12 + MORE, {"take_or_pay": share}))
    assert plan.solution.objective == pytest.approx(2 * YEAR + 60 * 10)
    assert plan.of("forgo", "deal").sum() == pytest.approx(0)


def test_beyond_what_is_owed_the_firm_share_of_what_is_not_lifted_may_be_paid_for() -> None:
    """Half is firm and half is lifted, all that is needed: half of the other half is paid for.

    30 t at 4 in 2027 save 30 of the 60 t at 10 that 2028 needs beyond the contract.
    """
    plan = evaluate(book(HALF + MORE, {"take_or_pay": 0.5}))
    assert plan.solution.objective == pytest.approx(60 * 4 + 30 * 4 + YEAR + 30 * 10)
    assert measured(plan, "paid for beyond what is owed") == pytest.approx(30)


def test_what_is_owed_is_taken_before_it_is_made_up_where_both_cost_the_same() -> None:
    # settled by month: 5 of 10 t are taken, month after month
    plan = evaluate(book(HALF, {"settled": "month"}, settings={"discount_rate": 0.1}))
    assert plan.of("make_up", "deal").sum() == pytest.approx(0)
    assert plan.of("forgo", "deal").sum() == pytest.approx(60)


def test_what_is_made_up_in_place_of_its_own_is_told() -> None:
    """2028 needs 5 t a month, 2029 20: what was paid for in 2027 would be lost by then.

    So in 2028 60 t are made up, and all 120 of that year are paid for and taken in 2029.
    """
    plan = evaluate(book(HALF + HALF + [20.0] * 12))
    assert plan.solution.objective == pytest.approx(3 * YEAR)
    assert measured(plan, "made up in place of its own") == pytest.approx(60)


def test_an_index_is_credited_at_the_price_of_the_settlement() -> None:
    index = [{"name": "index", "period": "2027-01", "value": 4},
             {"name": "index", "period": "2028-01", "value": 6}]  # fmt: skip
    deal: Row = {"price_rule": "index", "index": "index"}
    plan = evaluate(book(HALF + MORE, deal, Profiles=index))
    assert plan.solution.objective == pytest.approx(120 * 4 + 180 * 6 - 60 * 6)
    assert measured(plan, "made up", "kUSD") == pytest.approx(-60 * 6)
    assert measured(plan, "made up") == pytest.approx(60)


def test_the_tariff_of_what_is_made_up_is_paid() -> None:
    lane: Row = {"name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy",
                 "tariff": 10, "price": 10}  # fmt: skip
    tables = book(HALF + MORE, {"applies_to": "lane"}, Routes=[lane],
                  Supply=[{"name": "ore", "site": "Mine", "commodity": "Dy"}])  # fmt: skip
    lifted = (60 + 180) * 4 * 1.1
    assert objective(tables) == pytest.approx(lifted + 60 * 4 - 60 * 4)


def test_what_is_left_to_be_made_up_stands_on_the_page() -> None:
    plan = evaluate(book(HALF + MORE[:6]))
    assert measured(plan, "still to be made up") == pytest.approx(30)
    assert measured(plan, "made up") == pytest.approx(30)


# -- random books ----------------------------------------------------------------------

SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]
SOME = settings(deadline=None, derandomize=True, max_examples=40, suppress_health_check=SLOW)


@st.composite
def books_made_up(draw: st.DrawFn) -> Tables:
    """A random book with a contract under which something is owed, and may be made up."""
    tables = draw(books())
    rows = tables["Contracts"].rows.copy()
    assume(len(rows))
    rows["least_reserved"] = draw(st.sampled_from([12.0, 24.0]))
    rows["take_or_pay"] = draw(st.sampled_from([1.0, 1.0, 0.5]))
    rows["settled"] = draw(st.sampled_from(["month", "quarter"]))
    rows["start"] = draw(st.sampled_from([None, START - 2]))
    rows["make_up_months"] = draw(st.sampled_from([12.0, 2.0, 1.0]))
    rows["paid_before"] = draw(st.sampled_from([2.0, 0.0]))
    return tables.with_rows("Contracts", rows)


@SOME
@given(books_made_up())
def test_what_may_be_made_up_is_certified_and_never_costs_more(tables: Tables) -> None:
    case, solution = solved(tables)
    answer = SolvedPlan(tables, case, solution, None)
    cost = solution.objective, answer.expected_cost, answer.cvar
    assert verify(tables, answer.flows, *cost).findings == ()
    without = tables["Contracts"].rows.copy()
    without["make_up_months"] = 0.0
    most = solved(tables.with_rows("Contracts", without))[1].objective
    assert solution.objective <= most + 1e-5 + 1e-6 * abs(most)


# -- the rows of the program against a count along histories ---------------------------


@st.composite
def payments(draw: st.DrawFn) -> tuple[Tables, dict[tuple[str, int], float]]:
    """A book of some branches, and what is paid for and made up in its nodes."""
    known = draw(st.sampled_from(["2027-02", "2027-04", "2027-05"]))
    deal: Row = {
        "make_up_months": draw(st.integers(1, 6)),
        "settled": draw(st.sampled_from(["month", "quarter", "contract year"])),
        "paid_before": draw(st.sampled_from([0, 0, 3])),
        "end": draw(st.sampled_from([None, "2027-04"])),
    }
    calendar = draw(st.sampled_from(["8 month", "2 month, 2 quarter"]))
    tables = book([1.0] * 8, deal, calendar, Scenarios=[{**RISE, "known": known}])
    case = make_case(tables)
    amounts = {
        (name, n): draw(st.sampled_from([0.0, 0.0, 1.0, 2.0, 3.0]))
        for name in ("forgo", "make_up")
        for n in np.flatnonzero(case.columns[name].get(("deal",), [])).tolist()
    }
    return tables, amounts


@settings(SOME, max_examples=50)
@given(payments())
def test_the_rows_allow_what_may_be_made_up_oldest_first(
    drawn: tuple[Tables, dict[tuple[str, int], float]],
) -> None:
    """A balance exists if and only if the certificate finds enough, counting oldest first."""
    tables, amounts = drawn
    case = make_case(tables)
    variables = variables_of(case)
    low, high = np.zeros(variables.count), np.full(variables.count, np.inf)
    for (name, n), t in amounts.items():
        low[variables[name]["deal",][n]] = high[variables[name]["deal",][n]] = t
    families = {name: FAMILIES[name] for name in ("make_up_paid", "make_up_expiry")}
    rows = list(rows_of(case, variables, families))
    matrix = np.vstack([part.matrix.toarray() for part in rows])
    upper = np.concatenate([part.upper for part in rows])
    bounds = list(zip(low, high, strict=True))
    allowed = linprog(np.zeros(variables.count), matrix, upper, bounds=bounds).status == 0
    lines = [
        (name, "deal", "", case.tree.branches[m.branch].name, m.start, m.months, t)
        for (name, n), t in amounts.items()
        for m in [case.tree.nodes[n]]
    ]
    facts = facts_of(tables, None)
    plan = Plan(facts.tree, pd.DataFrame(lines, columns=COLUMNS), Ledger(facts.tree))
    (terms,) = all_terms(facts)
    enough = (terms.made_up(plan) <= terms.left_to_make_up(plan) + 1e-9).all()
    assert allowed == enough
