"""What the plan does otherwise, by hand: periods of other lengths, levels, names, nervousness."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_causes import stored

from kido.comparison.compare import compare_runs
from kido.comparison.comparison import Comparison
from kido.comparison.decisions import Decision
from tiny_book import Edit, both, changed, more, small_book

JULY = 2026 * 12 + 6


def compared(tmp_path: Path, before: Edit, after: Edit, **options: object) -> Comparison:
    one = stored(small_book(tmp_path / "one.xlsx", before))
    return compare_runs(one, stored(small_book(tmp_path / "two.xlsx", after, **options)))


def line(comparison: Comparison, name: str, measure: str) -> Decision:
    (found,) = [d for d in comparison.decisions if (d.name, d.measure) == (name, measure)]
    return found


def nothing(sheets: object) -> None:
    """The small book as it is."""


def test_what_was_by_the_lane_is_bought_at_the_door(tmp_path: Path) -> None:
    """Freight 5: a t by the lane costs 10, the spot offer 9, 2 t a month."""
    comparison = compared(tmp_path, nothing, changed("Routes", "Lane", freight=5))
    lane, spot = line(comparison, "Lane", "leaves"), line(comparison, "Spot", "leaves")
    assert (lane.before, lane.after, lane.moved) == pytest.approx((30, 18, 12))
    assert (spot.before, spot.after, spot.moved) == pytest.approx((0, 12, 12))
    assert spot.months[JULY] == pytest.approx((0, 2)) and spot.place == "spot"
    assert line(comparison, "Refine", "activity").after == pytest.approx(36)
    assert line(comparison, "Kiln", "used").after == pytest.approx(36)
    # of 30 t of Dy by the lane 12 are gone, and 12 t come from elsewhere; of 60 t of ore 24
    dy, ore, whole = (next(n for n in comparison.nervousness if n.commodity == c)
                      for c in ("Dy", "Ore", "all orders"))  # fmt: skip
    assert (dy.before, dy.after, dy.moved, dy.share) == pytest.approx((30, 30, 24, 0.8))
    assert (ore.moved, ore.share) == pytest.approx((24, 0.4))
    assert whole.share == pytest.approx(48 / 90)


def test_a_quarter_is_compared_month_by_month(tmp_path: Path) -> None:
    """The same plan by month and by quarter: nothing moved."""
    comparison = compared(tmp_path, nothing, nothing, calendar="3 month, 1 quarter")
    assert len(line(comparison, "Lane", "leaves").months) == 6
    assert all(d.moved == pytest.approx(0, abs=1e-6) for d in comparison.decisions)
    assert all(n.share == pytest.approx(0, abs=1e-6) for n in comparison.nervousness)


def test_a_stock_is_compared_where_both_plans_end_a_period(tmp_path: Path) -> None:
    """6 t that are never drawn, then 9; in July, August, September and December (a quarter)."""

    def store(opening: float) -> Edit:
        return more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", opening=opening,
                    capacity=20, floor=opening)  # fmt: skip

    comparison = compared(tmp_path, store(6), store(9), calendar="3 month, 1 quarter")
    held = line(comparison, "Store", "level at the end")
    assert [month - JULY for month in held.months] == [0, 1, 2, 5]
    assert (held.before, held.after) == pytest.approx((6, 9))


def test_names_of_the_earlier_book_follow(tmp_path: Path) -> None:
    def renamed(sheets: dict[str, list[dict[str, object]]]) -> None:
        names = {"Lane": "Sea way", "Dy": "Dysprosium", "Tokyo": "Osaka", "Kiln": "Oven"}
        for rows in sheets.values():
            for row in rows:
                row.update({k: names.get(str(v), v) for k, v in row.items()})

    comparison = compared(tmp_path, nothing, renamed)
    assert line(comparison, "Sea way", "leaves").moved == pytest.approx(0, abs=1e-6)
    assert line(comparison, "Oven", "used").moved == pytest.approx(0, abs=1e-6)
    assert all(a.change == pytest.approx(0, abs=1e-6) for a in comparison.by_row)
    assert {d.name for d in comparison.decisions} >= {"Sea way", "Oven"}
    assert not {d.name for d in comparison.decisions} & {"Lane", "Kiln"}


def test_what_is_lost_is_a_line(tmp_path: Path) -> None:
    """The lane takes 2 t a month for 5, the spot offer gives 2: 1 t of 5 is lost."""
    gone = more("Relief", name="Gone", demand="Need", kind="lost", cost=100)
    comparison = compared(tmp_path, gone, both(gone, changed("Routes", "Lane", most=24)))
    lost = line(comparison, "EV", "lost")
    assert (lost.before, lost.after) == pytest.approx((0, 6))


def test_tonnes_of_another_kind_are_not_compared(tmp_path: Path) -> None:
    comparison = compared(tmp_path, nothing, changed("Commodities", "Dy", unit="t Dy2O3"))
    assert [w.code for w in comparison.warnings] == ["other-unit"]
    assert not any(d.commodity == "Dy" for d in comparison.decisions)
    assert any(d.commodity == "Ore" for d in comparison.decisions)
    before = changed("Commodities", "Ore", unit="t ore")
    in_kilos = both(
        changed("Commodities", "Ore", unit="kg ore"),
        changed("Supply", "Pit", most=120_000),
        lambda sheets: sheets["Recipes"][0].update(amount=1000),
    )
    kilos = compared(tmp_path, before, in_kilos)
    assert "other-unit" not in [w.code for w in kilos.warnings]
    assert line(kilos, "Pit", "leaves").moved == pytest.approx(0, abs=1e-6)
