"""Who goes short: whole magnets by the recipe, and one stop of a line counted once."""

from __future__ import annotations

from pathlib import Path

import pytest

from books import read
from kido.result.plan import SolvedPlan
from kido.result.shortages import EVERY, recipes_of_magnets, shortages, shortages_of
from plan import answered
from tiny_book import Sheets, both, more, small_book


def magnets(sheets: Sheets) -> None:
    """A plant needs 30 t of Nd and 2 t of Dy a year: 100 t of magnets, by the recipe.

    15 t of Nd (half) and 0.5 t of Dy (a quarter) can be had, so that a quarter of the magnets is
    made. Lamps need 2 t of Nd more, and lose all of it, since it is worth least.
    """
    sheets["Commodities"] = [
        {"name": "Nd", "kind": "oxide"}, {"name": "Dy", "kind": "oxide"},
        {"name": "Magnet", "kind": "magnet", "unit": "t magnet", "content": 0.32},
    ]  # fmt: skip
    sheets["Sites"] = [{"name": "Tokyo", "country": "Japan"}]
    sheets["Supply"] = [
        {"name": "Nd offer", "site": "Tokyo", "commodity": "Nd", "price": 1, "most": 15},
        {"name": "Dy offer", "site": "Tokyo", "commodity": "Dy", "price": 1, "most": 0.5},
    ]
    sheets["Facilities"], sheets["Routes"] = [], []
    sheets["Processes"] = [{"name": "Sinter", "site": "Tokyo", "cost": 1, "most": 0}]
    sheets["Recipes"] = [
        {"process": "Sinter", "role": "input", "item": "Nd", "amount": 0.30},
        {"process": "Sinter", "role": "input", "item": "Dy", "amount": 0.02},
        {"process": "Sinter", "role": "output", "item": "Magnet", "amount": 1},
    ]
    rows = (("EV Nd", "EV", "Nd", 30, 500), ("EV Dy", "EV", "Dy", 2, 900),
            ("Lamp Nd", "Lamps", "Nd", 2, 100), ("Users", "Users", "Magnet", 6, 50))  # fmt: skip
    sheets["Demand"] = [
        {"name": name, "segment": segment, "site": "Tokyo", "commodity": commodity, "need": need}
        for name, segment, commodity, need, _ in rows
    ]
    sheets["Relief"] = [
        {"name": f"No {name}", "demand": name, "kind": "lost", "cost": cost}
        for name, _, _, _, cost in rows
    ]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SolvedPlan:
    path = tmp_path_factory.mktemp("short") / "book.xlsx"
    later = more("Scenarios", name="Dry", probability=0.2, known="2026-10", disruption=True)
    no_dy = more("Events", name="No Dy", scenario="Dry", target=["Dy offer"], effect="capacity",
                 factor=0)  # fmt: skip
    return answered(read(small_book(path, both(magnets, later, no_dy))))


def test_a_line_that_stops_for_want_of_two_elements_is_counted_once(plan: SolvedPlan) -> None:
    """Of half a year: 75 % of 50 t of magnets, not 50 % and 75 % of them."""
    assert recipes_of_magnets(plan) == {"Magnet": pytest.approx({"Nd": 0.30, "Dy": 0.02})}
    path = plan.reference_path.path
    by_segment = {s.segment: s for s in shortages_of(plan)}
    line = by_segment["EV"]
    assert line.unit == "t magnet" and line.magnets
    assert line.size[path].sum() == pytest.approx(50)
    assert line.short[path].sum() == pytest.approx(37.5)
    assert line.lost["Nd"][path].sum() == pytest.approx(7.5)
    assert line.lost["Dy"][path].sum() == pytest.approx(0.75)
    lamps = by_segment["Lamps"]  # they need one element of the recipe: no magnets
    assert not lamps.magnets and lamps.short[path].sum() == pytest.approx(1)
    bought = by_segment["Users"]
    assert bought.magnets and bought.short[path].sum() == pytest.approx(3)


def test_the_table_has_expected_and_single_futures_by_month(plan: SolvedPlan) -> None:
    """Without any Dy from October, three months of a fifth: 100 % instead of 75 % of 25 t."""
    frame = shortages(plan).frame
    whole = frame[frame["measure"] == "whole magnets"].set_index(["future", "segment"])["plan"]
    assert whole["Trunk", "EV"] == pytest.approx(37.5)
    assert whole["Dry", "EV"] == pytest.approx(18.75 + 25)
    assert whole[EVERY, "EV"] == pytest.approx(0.8 * 37.5 + 0.2 * 43.75)
    assert whole["Trunk", "all segments"] == pytest.approx(37.5 + 3)
    lines = frame.set_index(["future", "segment", "measure", "commodity"])
    share = lines.loc[("Dry", "EV", "share of the output", "")]
    assert share["plan"] == pytest.approx(43.75 / 50)
    assert share["2026-09"] == pytest.approx(0.75) and share["2026-10"] == pytest.approx(1)
    line = lines.loc[("Dry", "EV", "whole magnets", "")]
    months = [f"2026-{m:02d}" for m in range(7, 13)]
    assert line[months].sum() == pytest.approx(line["plan"])
    assert line["FY2026"] == pytest.approx(line["plan"])
    assert ("Trunk", "Lamps", "output", "") not in lines.index  # what is lost says it already
    assert lines.loc[("Trunk", "Lamps", "lost", "Nd"), "plan"] == pytest.approx(1)


def test_nobody_goes_short(tmp_path: Path) -> None:
    assert shortages(answered(read(small_book(tmp_path / "book.xlsx")))).frame.empty
