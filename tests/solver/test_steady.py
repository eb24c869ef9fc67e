"""Of the plans within a hair of the least cost, a steady one: it does not swing for nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import kido
from drawn_books import drawn
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.errors import SolverError
from kido.evaluation import solved_plan
from kido.lp.steadiness import NEAR_MONTHS, changes_of, near_nodes
from kido.lp.variables import variables_of
from kido.result.plan import SolvedPlan
from kido.solver import steady
from kido.solver.assemble import assemble
from kido.solver.program import in_order
from sheets import tables_of


def late_need(most: float = 144, months: int = 4, **settings: Any) -> Tables:
    """A need of 12 t in the last month only; the offer sells at any time, the store is free."""
    return tables_of(
        {"calendar": f"{months} month", **settings},
        Commodities=[{"name": "Dy", "kind": "oxide"}],
        Sites=[{"name": "Tokyo", "country": "Japan"}],
        Supply=[{"name": "offer", "site": "Tokyo", "commodity": "Dy", "price": 10, "most": most}],
        Stockpiles=[{"name": "shed", "site": "Tokyo", "commodity": "Dy"}],
        Demand=[{"name": "need", "site": "Tokyo", "commodity": "Dy", "need": 144}],
        Events=[
            {"target": "need", "effect": "demand", "factor": 0, "start": "2027-01",
             "months": months - 1},
        ],
    )  # fmt: skip


def dearer_each_month(tables: Tables, share: float, months: int) -> Tables:
    """The offer's price rises by so much each month."""
    more = tables_of(
        {},
        Events=[{"target": "offer", "effect": "price", "add": 10 * share * month,
                 "start": f"2027-{month + 1:02}", "months": 1} for month in range(1, months)],
    )["Events"].rows  # fmt: skip
    rows = tables["Events"].rows
    more.index = more.index + 100
    return tables.with_rows("Events", pd.concat([rows, more]))


def bought(plan: SolvedPlan) -> list[float]:
    return [round(t, 6) for t in plan.solution["buy"].values()]


def test_what_may_be_bought_at_any_time_is_bought_evenly() -> None:
    """12 t at 10 USD/kg whenever: 3 t a month, which no month has to change."""
    plan = kido.evaluate(late_need())
    assert bought(plan) == [3, 3, 3, 3]
    assert plan.solution.objective == pytest.approx(120, rel=1e-12)
    steadiness = plan.solution.statistics.steadiness
    assert steadiness is not None and steadiness.cost == pytest.approx(0, abs=1e-9)
    assert steadiness.swings == pytest.approx(0, abs=1e-9) and steadiness.swings_before >= 1


def test_a_limit_on_each_month_is_kept() -> None:
    """At most 4 t a month and 12 t needed: three months at 4 t, or four at 3 t."""
    assert bought(kido.evaluate(late_need(most=48))) == [3, 3, 3, 3]


def test_nothing_is_steadied_where_it_is_not_asked_for() -> None:
    plan = kido.evaluate(late_need(steady=0))
    assert plan.solution.statistics.steadiness is None
    assert sorted(bought(plan)) != [3, 3, 3, 3]


def test_a_swing_that_saves_more_than_a_hair_stays() -> None:
    """A month later costs 1 % more: 12 t in January are 120 kUSD, spread out they would be
    121.8. The swing is worth a hundred times the hair of 0.01 %."""
    plan = kido.evaluate(dearer_each_month(late_need(), 0.01, 4))
    assert bought(plan) == [12, 0, 0, 0]
    assert plan.solution.objective == pytest.approx(120, rel=1e-12)


def test_no_plan_costs_more_than_the_hair() -> None:
    """A month later costs 0.01 % more: 3 t a month cost 120 + 0.09 * 0.2 = 120.018, which is
    more than the hair of 0.012. Of the way there, two thirds are gone: 12 - 2/3 * 9 = 6 t in
    January and 2 t in each other month."""
    plan = kido.evaluate(dearer_each_month(late_need(), 0.0001, 4))
    assert bought(plan) == [6, 2, 2, 2]
    assert plan.solution.objective == pytest.approx(120.012, rel=1e-9)


def test_a_wider_hair_goes_all_the_way() -> None:
    tables = dearer_each_month(late_need(steady=0.1), 0.0001, 4)
    assert bought(kido.evaluate(tables)) == [3, 3, 3, 3]


def test_where_only_the_tail_counts_it_is_held_and_the_plan_steady() -> None:
    plan = kido.evaluate(late_need(risk_weight=1.0))
    assert bought(plan) == [3, 3, 3, 3]
    assert plan.solution.objective == pytest.approx(120, rel=1e-8)


def test_months_far_away_may_swing() -> None:
    """30 months: the first 24 are as steady as the last 6 allow."""
    plan = kido.evaluate(late_need(months=30))
    near = bought(plan)[:NEAR_MONTHS]
    assert max(near) - min(near) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("number", range(0, 20, 2))
def test_a_steady_plan_keeps_what_it_must(number: int) -> None:
    """Within the hair, no less steady, nobody shorter, nothing else reserved or built; and the
    certificate, which knows nothing of steadiness, holds."""
    tables = drawn()[number].with_settings(steady=1.0)
    try:
        least, plan = kido.evaluate(tables.with_settings(steady=0)), kido.evaluate(tables)
    except kido.KidoError:
        pytest.skip("this book has no plan")
    case = make_case(tables, None)
    program, variables = assemble(case), variables_of(case)
    before, after = (in_order(program.columns, p.solution.values) for p in (least, plan))
    cost = float(program.cost @ (after - before))
    assert -1e-6 <= cost <= 0.01 * abs(least.solution.objective) + 1e-6
    changes = changes_of(case, variables, before)
    assert np.abs(changes @ after).sum() <= np.abs(changes @ before).sum() + 1e-6
    for variable in ("relieve", "breach"):
        for key, amount in plan.solution[variable].items():
            assert amount <= least.solution[variable].get(key, 0.0) + 1e-6
    for variable in ("reserve", "expand"):
        assert plan.solution[variable] == pytest.approx(dict(least.solution[variable]), abs=1e-6)
    assert plan.certificate is not None and not plan.certificate.findings


def test_the_near_months_are_those_before_anything_is_known() -> None:
    """A branch that parts in the second month is another plan than the one that is signed."""
    tables = late_need()
    rows = tables_of({}, Scenarios=[
        {"name": "stop", "probability": 0.5, "known": "2027-02"}])["Scenarios"].rows  # fmt: skip
    tree = make_case(tables.with_rows("Scenarios", rows), None).tree
    near = near_nodes(tree)
    assert {tree.nodes[n].branch for n in np.flatnonzero(near)} == {tree.nodes[0].branch}
    alone = make_case(tables.with_rows("Scenarios", rows), "stop").tree
    assert near_nodes(alone).sum() == 4


def test_where_no_steadier_plan_is_found_the_cheapest_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> None:
        raise SolverError("no steadier plan: not today")

    monkeypatch.setattr(steady, "_solved", refused)
    plan = solved_plan(late_need())
    record = plan.solution.statistics.steadiness
    assert record is not None and record.fallback_reason == "no steadier plan: not today"
    assert plan.solution.objective == pytest.approx(120) and record.cost == 0


def test_an_answer_that_breaks_rows_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = steady._solved
    monkeypatch.setattr(steady, "_solved", lambda *a: 0.5 * solved(*a))
    plan = solved_plan(late_need())
    record = plan.solution.statistics.steadiness
    assert record is not None and record.fallback_reason and record.swings == record.swings_before
    assert sum(bought(plan)) == pytest.approx(12)


def test_the_record_and_the_board_say_what_it_costs(tmp_path: Any) -> None:
    run = kido.solve(dearer_each_month(late_need(), 0.0001, 4), output=tmp_path / "run")
    told = run.facts["solver"]["steadiness"]
    assert told["cost"] == pytest.approx(0.012, rel=1e-6) and told["swings"] < told["swings_before"]
    frame = run.report["certificate"].frame.set_index("what")["value"]
    assert frame["what the steadier plan costs more"] == pytest.approx(0.012, rel=1e-6)
    least = frame["no plan costs less than"]
    assert least == pytest.approx(120, rel=1e-9)


def test_the_order_of_rows_changes_nothing() -> None:
    for tables in drawn()[:4]:
        turned = tables
        for sheet, frame in tables.frames.items():
            if sheet not in ("Profiles", "Recipes", "Settings") and len(frame.rows) > 1:
                turned = turned.with_rows(sheet, frame.rows.iloc[::-1])
        one, other = kido.evaluate(tables), kido.evaluate(turned)
        assert one.solution.objective == pytest.approx(other.solution.objective, rel=1e-9)
        for variable in ("buy", "ship", "run"):
            assert one.solution[variable] == pytest.approx(dict(other.solution[variable]), abs=1e-6)
