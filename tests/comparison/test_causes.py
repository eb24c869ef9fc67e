"""Why a plan costs more: each cause by hand, and the parts that add up whatever the books."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import kido
from kido.comparison.causes import PATH, SHAPLEY
from kido.comparison.compare import compare_runs
from kido.comparison.comparison import Comparison
from kido.comparison.match import match
from kido.comparison.mixture import groups_of, mixed
from kido.data.tables import Tables
from kido.evaluation import proved_bound
from kido.result.stored_run import StoredRun
from randombooks import books
from tiny_book import COST, Edit, both, changed, more, small_book, without


def stored(book: Path | Tables, name: str = "run") -> StoredRun:
    """A run of a book, as it would be read back."""
    run = kido.solve(book, write=False)
    frames = {name: table.frame for name, table in run.report.items()}
    return StoredRun(Path(name), run.facts, run.answer.tables, frames)


def compared(tmp_path: Path, *edits: Edit, **options: object) -> Comparison:
    """The small book against the same with these edits."""
    one = stored(small_book(tmp_path / "one.xlsx"))
    return compare_runs(one, stored(small_book(tmp_path / "two.xlsx", both(*edits), **options)))


def told(comparison: Comparison) -> Mapping[str, float]:
    """kUSD of each cause by its name."""
    return {
        "; ".join(str(group.label.in_language("en")) for group in cause.groups): cause.kusd
        for cause in comparison.causes
    }


def test_one_change_is_the_whole_difference(tmp_path: Path) -> None:
    """Freight 2 for 1: 30 t cost 1 kUSD more each."""
    comparison = compared(tmp_path, changed("Routes", "Lane", freight=2))
    assert told(comparison) == {"Lane": pytest.approx(30)}
    assert comparison.change == pytest.approx(30)
    assert comparison.version == 0 and comparison.solving == pytest.approx(0, abs=1e-6)


def test_two_changes_that_meet_share_what_neither_makes_alone(tmp_path: Path) -> None:
    """36 t for 30: 6 t from the spot offer, at 9: 54. At 10 they cost 60; the price alone nothing.

    So the need is worth (54 + 60) / 2, the price (0 + 6) / 2.
    """
    comparison = compared(
        tmp_path, changed("Demand", "Need", need=72), changed("Supply", "Spot", price=10)
    )
    assert comparison.how == SHAPLEY
    assert told(comparison) == {"Need": pytest.approx(57), "Spot": pytest.approx(3)}


def test_of_more_than_four_changes_each_counts_after_those_before(tmp_path: Path) -> None:
    """A t by the lane costs 6. Pit at 2: 8, so 60 for 30 t. Spot at 10: nothing, it is not used.

    Refine at 2: 10, so 60. Freight 2: 11, so 12 t come from the spot offer at 10, 18 t at 11: 18.
    Need 36 t: 6 t more by the lane: 66.
    """
    comparison = compared(
        tmp_path,
        changed("Supply", "Pit", price=2),
        changed("Supply", "Spot", price=10),
        changed("Processes", "Refine", cost=2),
        changed("Routes", "Lane", freight=2),
        changed("Demand", "Need", need=72),
    )
    expected = {"Pit": 60.0, "Spot": 0.0, "Refine": 60.0, "Lane": 18.0, "Need": 66.0}
    assert comparison.how == PATH
    assert told(comparison) == pytest.approx(expected, abs=1e-4)
    assert list(told(comparison)) == list(expected)
    assert comparison.change == pytest.approx(204)


def test_changes_that_have_no_plan_without_one_another_are_told_together(tmp_path: Path) -> None:
    """The pit gives half: 15 t, and 12 t of the spot offer are too few for 30 t; 15 t are enough.

    15 x 6 + 15 x 9 = 225.
    """
    comparison = compared(
        tmp_path, changed("Supply", "Pit", most=60), changed("Supply", "Spot", most=30)
    )
    assert comparison.how == PATH
    assert told(comparison) == {"Pit; Spot": pytest.approx(45)}


def test_new_rows_that_need_one_another_are_one_cause(tmp_path: Path) -> None:
    """6 t from Perth for 3 instead of 6; when they are gone again they cost that again."""
    perth = (
        more("Sites", name="Perth", country="Australia"),
        more("Supply", name="Vein", site="Perth", commodity="Dy", price=2, most=12),
        more("Routes", name="Boat", origin="Perth", destination="Tokyo", commodity="Dy", freight=1),
    )
    comparison = compared(tmp_path, *perth, changed("Routes", "Lane", freight=2))
    name = "Perth and what belongs to it (2 more rows)"
    # alone it saves 3 a t, with the dearer lane 4; the lane costs 1 more for 30 t, or for 24 t
    assert told(comparison) == {"Lane": pytest.approx(27), name: pytest.approx(-21)}
    back = compare_runs(comparison.after, comparison.before)
    assert told(back) == {"Lane": pytest.approx(-27), name: pytest.approx(21)}


def test_a_process_and_its_recipe_are_one_cause(tmp_path: Path) -> None:
    """A roast that needs less ore: 1 t for 0.6 t of Dy at a cost of 1: (1 + 1) / 0.6 + 2 a t."""
    recipe = [("input", "Ore", 1), ("output", "Dy", 0.6), ("uses", "Kiln", 1)]
    rows = [more("Recipes", process="Roast", role=r, item=i, amount=a) for r, i, a in recipe]
    roast = more("Processes", name="Roast", site="Mine", cost=1)
    comparison = compared(tmp_path, roast, *rows, changed("Demand", "Need", need=72))
    assert set(told(comparison)) == {"Roast", "Need"}
    assert sum(told(comparison).values()) == pytest.approx(36 * (2 / 0.6 + 2) - COST, abs=1e-3)


def test_a_new_profile_and_what_follows_it_are_one_cause(tmp_path: Path) -> None:
    """The gate price is 1 until September and 3 from then on: 4 months of 5 t cost 2 more."""
    profile = [more("Profiles", name="gate", period=p, value=v)
               for p, v in (("2026-07", 1), ("2026-09", 3))]  # fmt: skip
    event = more("Events", target=["Lane"], effect="price", profile="gate")
    comparison = compared(tmp_path, *profile, event, changed("Demand", "Need", need=48))
    # 24 t instead of 30 t: 6 t at 6, or at 6 for two months and 8 for four; 20 t or 16 t dearer
    expected = {
        "Need": pytest.approx(-(36 + 36 + 8) / 2),
        "price, Lane and what belongs to it (2 more rows)": pytest.approx((40 + 32) / 2),
    }
    assert told(comparison) == expected


def test_names_remarks_and_how_it_is_solved_cost_nothing(tmp_path: Path) -> None:
    comparison = compared(
        tmp_path,
        changed("Supply", "Pit", source="a talk", grade="guessed"),
        lambda sheets: sheets["Facilities"][0].update(name="Oven"),
        lambda sheets: sheets["Recipes"][2].update(item="Oven"),
        title="another", solver_method="simplex",
    )  # fmt: skip
    assert comparison.causes == () and comparison.change == pytest.approx(0, abs=1e-6)
    assert len(comparison.changes) == 5


def test_of_many_changes_the_sheets_are_the_causes(tmp_path: Path) -> None:
    """Twenty new events, one for each month of two years: one line, not twenty."""
    events = [more("Events", name=f"e{i}", target=["Lane"], effect="price", factor=1 + i / 100,
                   start="2026-07", months=1) for i in range(1, 15)]  # fmt: skip
    comparison = compared(tmp_path, *events, changed("Routes", "Lane", freight=2))
    assert set(told(comparison)) == {"Events: new rows", "Routes: edited rows"}


def test_what_steadiness_costs_has_a_line_of_its_own(tmp_path: Path) -> None:
    """No input that costs was changed: only how much may be spent on a steadier plan.

    The least cost buys what August needs in July, to save a thousandth of a kUSD on each of 5 t.
    """

    def uneven(sheets: dict[str, list[dict[str, object]]]) -> None:
        sheets["Stockpiles"] = [{"name": "Store", "site": "Tokyo", "commodity": "Dy",
                                 "capacity": 20}]  # fmt: skip
        sheets["Supply"][0]["most"] = sheets["Facilities"][0]["capacity"] = 240
        sheets["Events"] = [{"target": ["Lane"], "effect": "price", "factor": 1.001,
                             "start": "2026-08", "months": 1}]  # fmt: skip

    one = stored(small_book(tmp_path / "one.xlsx", uneven, steady=0))
    comparison = compare_runs(one, stored(small_book(tmp_path / "two.xlsx", uneven, steady=1)))
    assert comparison.causes == ()
    assert comparison.solving == comparison.change == pytest.approx(0.005)


def test_another_version_of_kido_has_a_line_of_its_own(tmp_path: Path) -> None:
    """The earlier kido found 10 kUSD less: that is no doing of the freight."""
    two = stored(small_book(tmp_path / "two.xlsx", changed("Routes", "Lane", freight=2)))
    one = stored(small_book(tmp_path / "one.xlsx"))
    proof = {**one.facts["proof"], "bound": one.bound - 10}
    facts = {**one.facts, "objective": one.objective - 10, "proof": proof,
             "versions": {**one.facts["versions"], "kido": "0.0.1"}}  # fmt: skip
    comparison = compare_runs(StoredRun(one.folder, facts, one.tables, one.report), two)
    assert told(comparison) == {"Lane": pytest.approx(30)}
    assert comparison.version == pytest.approx(10) and comparison.change == pytest.approx(40)
    assert [w.code for w in comparison.warnings] == ["other-version"]


def test_a_longer_calendar_is_a_cause(tmp_path: Path) -> None:
    """Two more months of 5 t at 6; what differs only in the calendar is compared where both are."""
    comparison = compared(tmp_path, calendar="8 month")
    assert told(comparison) == {"calendar": pytest.approx(60)}
    assert [w.code for w in comparison.warnings] == ["other-calendar"]
    assert all(len(line.months) == 6 for line in comparison.decisions)
    assert all(line.moved == pytest.approx(0, abs=1e-6) for line in comparison.decisions)


def test_a_month_that_passed_is_no_news(tmp_path: Path) -> None:
    """The month that is over is in no plan: 5 t at 6 less. Nothing else costs more or less."""
    comparison = compared(tmp_path, start="2026-08", calendar="5 month")
    assert comparison.rolled and comparison.passed == pytest.approx(-30)
    assert set(told(comparison).values()) <= {0.0}


def test_a_start_a_month_earlier_is_a_cause(tmp_path: Path) -> None:
    """5 t more at 6: a plan that begins earlier does not follow from the other."""
    comparison = compared(tmp_path, start="2026-06", calendar="7 month")
    assert told(comparison) == {"start, calendar": pytest.approx(30)}


def test_a_rate_of_exchange_is_a_cause_where_prices_are_in_that_currency(tmp_path: Path) -> None:
    """60 t of ore at 1 EUR: 2 USD at half a EUR for one, then 1 USD."""
    in_euro = changed("Supply", "Pit", currency="EUR")
    one, two = (
        stored(small_book(tmp_path / f"{fx}.xlsx", in_euro, display_currency="EUR", fx=fx))
        for fx in (0.5, 1)
    )
    comparison = compare_runs(one, two)
    assert told(comparison) == {"fx": pytest.approx(-60)}
    assert [w.code for w in comparison.warnings] == ["other-currency"]


def test_rows_that_are_gone(tmp_path: Path) -> None:
    """The spot offer was not used: nothing is lost with it."""
    comparison = compared(tmp_path, without("Supply", "Spot"))
    assert told(comparison) == {"Spot": pytest.approx(0, abs=1e-6)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_pairs_add_up(data: st.DataObject) -> None:
    """Inputs to cost, cost to categories and rows; and both books are the ends of the mixtures."""
    calendar = data.draw(st.sampled_from(("6 month", "3 month, 1 quarter")))
    one, two = (data.draw(books(calendar=calendar)) for _ in range(2))
    try:
        before, after = stored(one), stored(two)
    except kido.InfeasiblePlan:
        reject()
    comparison = compare_runs(before, after)
    near = 1e-5 * max(1.0, abs(before.objective), abs(after.objective))
    parts = sum(cause.kusd for cause in comparison.causes)
    assert parts == pytest.approx(after.bound - before.bound, abs=near)
    gaps = (after.objective - after.bound) - (before.objective - before.bound)
    assert comparison.solving == pytest.approx(gaps, abs=near)
    categories = sum(amount.change for amount in comparison.by_category)
    assert categories == pytest.approx(comparison.change, abs=near)
    expected = after.facts["expected_cost"] - before.facts["expected_cost"]
    assert sum(a.change for a in comparison.by_row) == pytest.approx(expected, abs=near)
    rows = match(one, two)
    groups = groups_of(rows, comparison.changes)
    for made, run in (((), before), (groups, after)):
        assert proved_bound(mixed(rows, made, groups)) == pytest.approx(run.bound, abs=near)
