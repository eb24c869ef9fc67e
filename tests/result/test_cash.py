"""Cash by fiscal year: what is owed already, what is chosen, and its ties to the costs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from test_results import lively

from books import read
from example_book import edited_book
from kido.result.cash import SUMS, cash, committed, outlays
from kido.result.costs import costs
from kido.result.currency import money_unit
from kido.result.plan import SolvedPlan
from plan import answered
from tiny_book import RISKY, both, changed, more, small_book


@pytest.fixture(scope="module", params=["example", "risky"])
def plan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SolvedPlan:
    path = tmp_path_factory.mktemp("cash") / "book.xlsx"
    if request.param == "example":
        return answered(read(edited_book(path, lively)))
    return answered(read(small_book(path, RISKY, discount_rate=0.1)))


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:, 3:]


def test_cash_ties_to_the_costs(plan: SolvedPlan) -> None:
    """Each year and in all: discounted to the table of costs, undiscounted to the same terms."""
    factor = money_unit(plan)[1]
    frame = cash(plan).frame
    whole = numbers(frame[frame["item"] == "cost in all"])
    table = costs(plan).frame.iloc[:, 1:].sum() * factor
    assert whole.iloc[1, :-1].to_list() == pytest.approx(table.to_list())
    assert whole.iloc[1, -1] == pytest.approx(plan.expected_cost * factor)
    paid = sum(float(kusd @ plan.probability) for _, kusd in plan.kusd_by_term)
    assert whole.iloc[0, -1] == pytest.approx(paid * factor)


def test_lines_sum_to_their_totals(plan: SolvedPlan) -> None:
    for _, lines in cash(plan).frame.groupby("basis"):
        items = lines["item"].to_list()
        last = items.index("cash in all")
        parts, total = numbers(lines).iloc[:last].sum(), numbers(lines).iloc[last]
        assert parts.to_list() == pytest.approx(total.to_list(), abs=1e-6)
        rest = numbers(lines[~lines["item"].isin(SUMS)]).sum()
        assert rest.to_list() == pytest.approx(numbers(lines).iloc[-1].to_list(), abs=1e-6)
        assert items[-1] == "cost in all"


def test_what_is_signed_is_owed(tmp_path: Path) -> None:
    """Half a year of 20 t/yr, half of it firm, at 3 USD/kg: 5 t, 15 kUSD. The fee: 2 x 20 / 2.

    10 t/yr of kiln must be ordered at 4 USD per kg/yr: 40 kUSD.
    """
    deal = more(
        "Contracts", name="Deal", applies_to=["Lane"], least_reserved=20, most_reserved=20,
        take_or_pay=0.5, price=3, fee=2, price_rule="fixed", settled="year",
    )  # fmt: skip
    kiln = changed("Facilities", "Kiln", expansion_cost=4, least_expansion=10, most_expansion=50)
    plan = answered(read(small_book(tmp_path / "book.xlsx", both(deal, kiln))))
    owed = {key: float(kusd.sum()) for key, kusd in committed(plan).items()}
    wanted = {("purchase", "Deal"): 15, ("fee", "Deal"): 20, ("expansion", "Kiln"): 40}
    assert owed == pytest.approx(wanted)
    assert float(outlays(plan)["Kiln"].sum()) == pytest.approx(40)
    frame = cash(plan).frame
    factor = money_unit(plan)[1]
    now = frame[frame["basis"] == "undiscounted"]
    signed = now[now["item"] == "signed already"].set_index("of_what")["total"] / factor
    assert signed.to_dict() == pytest.approx({"Deal": 35, "Kiln": 40})
    assert "capital, when it is paid" not in set(now["item"])  # no more of it than must be


def test_capital_is_paid_when_it_is_ordered(tmp_path: Path) -> None:
    """A short kiln, with a life: an annuity in the costs, the whole price in the cash."""
    kiln = changed(
        "Facilities", "Kiln", capacity=60, expansion_cost=1, most_expansion=500, life_years=10,
        build_months=1,
    )  # fmt: skip
    spot = changed("Supply", "Spot", price=60, most=60)
    plan = answered(read(small_book(tmp_path / "book.xlsx", both(kiln, spot))))
    ordered = plan.of("expand", "Kiln")
    assert ordered.sum() > 1
    factor = money_unit(plan)[1]
    frame = cash(plan).frame
    now = frame[frame["basis"] == "undiscounted"].set_index("item")["total"] / factor
    assert now["capital, when it is paid"] == pytest.approx(ordered.sum())
    charged = float(plan.kusd_by_category["expansion"].sum())
    spread = now["capital spread over its life, less what is paid"]
    assert 0 < charged < ordered.sum()
    assert spread == pytest.approx(charged - ordered.sum())
