"""Small plans a reader can solve in the head: what a contract owes, and when it is settled."""

from __future__ import annotations

import pytest

from kido.data.case.build import make_case
from kido.run import evaluate
from sheets import Row, tables_of

DY = {"commodity": "Dy", "site": "Osaka"}
# 10 t a month reserved at 4 USD/kg, all of it to be paid for; the offer costs 10 without it.
DEAL: Row = {
    "name": "deal", "applies_to": "spot", "least_reserved": 120, "most_reserved": 120,
    "price_rule": "fixed", "price": 4, "take_or_pay": 1,
}  # fmt: skip


def book(calendar: str, need: list[float], deal: Row, options: Row | None = None, **sheets):
    """A need of so many t in each month, met by one offer under one contract."""
    months = [
        {"name": "months", "period": f"{2027 + i // 12}-{i % 12 + 1:02d}", "value": 12 * t}
        for i, t in enumerate(need)
    ]
    return tables_of(
        {"start": "2027-01", "calendar": calendar, "least_cost": 0, **(options or {})},
        Commodities=[{"name": "Dy", "kind": "oxide"}],
        Sites=[{"name": "Osaka", "country": "Japan"}],
        Supply=[{"name": "spot", "price": 10, **DY}],
        Demand=[{"name": "need", "need": 1, **DY}],
        Events=[{"target": "need", "effect": "demand", "profile": "months"}],
        Profiles=months,
        Contracts=[DEAL | deal],
        **sheets,
    )


def forgone(tables) -> float:
    return sum(evaluate(tables).values["forgo"].get(("deal",), [0.0]))


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
