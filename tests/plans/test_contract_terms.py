"""Small plans a reader can solve in the head: what a contract owes, and when it is settled."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.run import evaluate
from sheets import Row, tables_of

DY = {"commodity": "Dy", "site": "Osaka"}
# 10 t a month reserved at 4 USD/kg, all of it to be paid for; the offer costs 10 without it.
DEAL: Row = {
    "name": "deal", "applies_to": "spot", "least_reserved": 120, "most_reserved": 120,
    "price_rule": "fixed", "price": 4, "take_or_pay": 1,
}  # fmt: skip


def book(calendar: str, need: list[float], deal: Row, events: Sequence[Row] = ()) -> Tables:
    """A need of so many t in each month, met by one offer under one contract."""
    months = [
        {"name": "months", "period": f"{2027 + i // 12}-{i % 12 + 1:02d}", "value": 12 * t}
        for i, t in enumerate(need)
    ]
    return tables_of(
        {"start": "2027-01", "calendar": calendar, "least_cost": 0},
        Commodities=[{"name": "Dy", "kind": "oxide"}],
        Sites=[{"name": "Osaka", "country": "Japan"}],
        Supply=[{"name": "spot", "price": 10, **DY}],
        Demand=[{"name": "need", "need": 1, **DY}],
        Events=[{"target": "need", "effect": "demand", "profile": "months"}, *events],
        Profiles=months,
        Contracts=[DEAL | deal],
    )


def forgone(tables: Tables) -> float:
    return float(evaluate(tables).of("forgo", "deal").sum())


# -- the year of a contract ------------------------------------------------------------


@pytest.mark.parametrize(
    ("settled", "forgone_t"),
    [
        ("year", 5),  # 2027: 45 t owed from April, 60 taken; 2028: 15 owed, 10 taken
        ("contract year", 0),  # 60 owed, 70 taken
    ],
)
def test_a_contract_year_runs_from_its_first_month(settled: str, forgone_t: float) -> None:
    need = [0] * 3 + [10] * 6 + [0] * 5 + [10] + [0]  # of 16 months from January 2027
    deal: Row = {"settled": settled, "start": "2027-04", "end": "2028-03", "take_or_pay": 0.5}
    assert forgone(book("16 month", need, deal)) == pytest.approx(forgone_t)


@pytest.mark.parametrize(
    ("calendar", "start", "months"),
    [
        ("6 month, 4 quarter", None, [12, 6]),  # from the first month of the plan
        ("18 month", "2026-03", [2, 12, 4]),  # from before the plan
        ("6 quarter", "2027-02", [15, 3]),  # a quarter counts by its first month
    ],
)
def test_the_last_contract_year_may_be_short(
    calendar: str, start: str | None, months: list[int]
) -> None:
    case = make_case(book(calendar, [0], {"settled": "contract year", "start": start}))
    settled = case.contracts["deal"].settlements
    assert [sum(case.tree.nodes[n].months for n in w.members) for w in settled] == months


# -- a quantity of the period, and a most a month --------------------------------------


@pytest.mark.parametrize(
    ("most_a_month", "objective"),
    [
        (None, 120 * 4 + 60 * 10),  # 10 t a month: 60 are paid for and not taken, 60 bought
        (15, 120 * 4 + 30 * 10),  # 90 t lifted from July
        (20, 120 * 4),
        (99, 120 * 4),
    ],
)
def test_what_is_reserved_for_a_year_may_be_lifted_in_its_second_half(
    most_a_month: float | None, objective: float
) -> None:
    tables = book("12 month", [0] * 6 + [20] * 6, {"most_a_month": most_a_month})
    assert evaluate(tables).solution.objective == pytest.approx(objective)


def test_a_quantity_does_not_pass_to_the_next_period() -> None:
    # 30 t in each quarter: of 60 t in the second and none in the first, 30 are bought at 10
    deal: Row = {"most_a_month": 20, "settled": "quarter", "take_or_pay": 0}
    plan = evaluate(book("6 month", [0] * 3 + [20] * 3, deal))
    assert plan.solution.objective == pytest.approx(30 * 4 + 30 * 10)


def test_force_majeure_takes_its_months_from_the_quantity() -> None:
    # no ore from January to June: of 120 t a year 60 are left, and as much is owed
    stop: Row = {"target": "spot", "effect": "capacity", "factor": 0, "months": 6}
    tables = book("12 month", [0] * 6 + [20] * 6, {"most_a_month": 20}, events=[stop])
    plan = evaluate(tables)
    assert plan.solution.objective == pytest.approx(60 * 4 + 60 * 10)
    assert plan.of("forgo", "deal").sum() == pytest.approx(0)


# -- a period under way when the plan starts -------------------------------------------

UNDER_WAY: Row = {"settled": "contract year", "start": "2026-07", "end": "2027-06"}


@pytest.mark.parametrize(
    ("before", "objective"),
    [
        (None, 60 * 4),  # six months of the year: 60 t owed, 30 taken and 30 not
        (0, 30 * 4 + 90 * 4),  # 120 t owed for the year
        (60, 30 * 4 + 30 * 4),
        (90, 30 * 4),
        (200, 30 * 4),
    ],
)
def test_what_was_lifted_before_the_plan_counts_in_the_year_under_way(
    before: float | None, objective: float
) -> None:
    tables = book("6 month", [5] * 6, UNDER_WAY | {"lifted_before": before})
    assert evaluate(tables).solution.objective == pytest.approx(objective)


@pytest.mark.parametrize(("before", "lifted_t"), [(None, 60), (20, 100), (70, 50), (200, 0)])
def test_what_was_not_lifted_before_the_plan_may_be_lifted_in_it(
    before: float | None, lifted_t: float
) -> None:
    deal = UNDER_WAY | {"lifted_before": before, "most_a_month": 50}
    plan = evaluate(book("6 month", [20] * 6, deal))
    assert plan.of("lift", "deal", "spot").sum() == pytest.approx(lifted_t)


def test_the_next_year_owes_nothing_of_the_one_before() -> None:
    tables = book("12 month", [10] * 12, {"settled": "contract year", "start": "2026-07",
                                          "lifted_before": 0})  # fmt: skip
    assert evaluate(tables).of("forgo", "deal").tolist() == pytest.approx([0] * 5 + [60] + [0] * 6)
