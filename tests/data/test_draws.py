"""Draws: strikes at the rate, duration and severity typed, the same for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

import kido
from books import edit_cells
from kido.data.case.build import tree_of
from kido.data.draws import LAST_EXCEL_ROW, strikes_of, with_draws, without_draws
from kido.data.months import parse_month
from kido.data.tables import Tables
from kido.report.excel.template import write_book
from kido.study.checks.book import check_file
from kido.study.design.parameter import Parameter
from tiny_book import SHEETS, both, more, small_book

START = parse_month("2026-07")
FIRE: dict[str, Any] = {"name": "Fire", "target": ["Kiln"], "effect": "capacity", "factor": 0,
                        "rate": 0.5, "mean_months": 3, "disruption": "yes"}  # fmt: skip
RISE: dict[str, Any] = {"name": "Rise", "target": ["Spot"], "effect": "price", "factor": 1.5,
                        "largest_factor": 2.5, "rate": 0.4, "mean_months": 1}  # fmt: skip
LOST = more("Relief", name="Gone", demand="Need", kind="lost", cost=100)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def book(folder: Path, *hazards: dict[str, Any], **options: object) -> Tables:
    """The small book with hazards, drawn 200 times in ten years unless told otherwise."""
    edits = [more("Hazards", **row) for row in hazards]
    options = {"draws": 200, "calendar": "120 month", **options}
    return kido.load(small_book(folder / "book.xlsx", both(LOST, *edits), **options))


def typed(tables: Tables, sheet: str, *keys: str) -> list[tuple[Any, ...]]:
    rows = tables[sheet].rows
    return list(rows[list(keys)].itertuples(index=False, name=None))


def dates(tables: Tables, name: str) -> list[list[tuple[int, int, float]]]:
    """The strikes of one hazard in each draw: (month, months, factor)."""
    return [
        [(s.start, s.months, s.factor) for s in strikes_of(tables, n) if s.hazard.name == name]
        for n in range(1, tables.settings.draws + 1)
    ]


def test_a_hazard_that_strikes_every_month(folder: Path) -> None:
    """By hand: three months, a hundred strikes in each, of one month, all known in the second."""
    often = {**FIRE, "rate": 1200, "mean_months": 1, "factor": 0.25}
    tables = book(folder, often, draws=2, calendar="3 month")
    scenarios = typed(tables, "Scenarios", "name", "parent", "probability", "known", "disruption")
    assert scenarios == [("draw 0001", "", 0.5, START + 1, True),
                         ("draw 0002", "", 0.5, START + 1, True)]  # fmt: skip
    events = set(typed(tables, "Events", "target", "effect", "start", "months", "factor"))
    assert events == {(("Kiln",), "capacity", START + month, 1.0, 0.25) for month in (1, 2)}
    tree = tree_of(tables)
    assert [(b.name, b.own_probability) for b in tree.branches] == [
        ("Trunk", 0.0), ("draw 0001", 0.5), ("draw 0002", 0.5)]  # fmt: skip
    assert [node.start - START for node in tree.nodes if node.branch == 0] == [0]


def test_what_nothing_strikes_stays_with_the_base_case(folder: Path) -> None:
    assert len(book(folder, {**FIRE, "rate": 0})["Scenarios"]) == 0
    tables = book(folder, {**FIRE, "rate": 0.1}, draws_probability=0.5)
    struck = sum(bool(strikes_of(tables, n)) for n in range(1, 201))
    assert 0 < struck < 200
    assert len(tables["Scenarios"]) == struck
    base = tree_of(tables).branches[0]
    assert base.own_probability == pytest.approx(1 - 0.5 * struck / 200)


def test_typed_scenarios_leave_the_rest_to_the_draws(folder: Path) -> None:
    edit = both(LOST, more("Hazards", **FIRE),
                more("Scenarios", name="Flood", probability=0.3, known="2026-09"),
                more("Scenarios", name="Long flood", parent="Flood", probability=0.1,
                     known="2026-10"))  # fmt: skip
    tables = kido.load(small_book(folder / "book.xlsx", edit, draws=10, calendar="240 month"))
    shares = dict(typed(tables, "Scenarios", "name", "probability"))
    assert (shares["Flood"], shares["Long flood"]) == (0.3, 0.1)
    assert {name: p for name, p in shares.items() if name.startswith("draw")} == pytest.approx(
        {f"draw {n:04}": 0.07 for n in range(1, 11)}
    )


def test_a_disruption_counts_from_its_own_month(folder: Path) -> None:
    """A price rises first: the branch is calm until the fire, and parts from itself there."""
    tables = book(folder, FIRE, RISE)
    rows = {r.name: r for r in tables["Scenarios"].records()}
    late = [n for n in range(1, 201) if f"draw {n:04} calm" in rows]
    assert late
    branches = {b.name: b for b in tree_of(tables).branches}
    for n in late:
        strikes = strikes_of(tables, n)
        fire = min(s.start for s in strikes if s.hazard.name == "Fire")
        calm, last = rows[f"draw {n:04} calm"], rows[f"draw {n:04}"]
        assert (calm.known, calm.disruption) == (strikes[0].start, False)
        assert (last.parent, last.known, last.disruption) == (calm.name, fire, True)
        assert branches[last.name].disrupted_from == fire
        assert branches[calm.name].own_probability == 0 and branches[calm.name].end == fire
    for row in tables["Events"].records():
        assert row.start >= rows[row.scenario].known


def test_mean_numbers(folder: Path) -> None:
    """Of 2,000 draws of ten years: number, duration and factor within four standard errors."""
    tables = book(folder, FIRE, RISE, draws=2000)
    years = 119 / 12
    for hazard, mean_factor in ((FIRE, 0.0), (RISE, 2.0)):
        draws = dates(tables, hazard["name"])
        counts = np.array([len(strikes) for strikes in draws])
        expected = hazard["rate"] * years
        assert counts.mean() == pytest.approx(expected, abs=4 * (expected / 2000) ** 0.5)
        assert counts.var() == pytest.approx(expected, rel=0.15)  # a Poisson number
        strikes = np.array([strike for draw in draws for strike in draw])
        month, length, factor = strikes.T
        mean, many = hazard["mean_months"], len(strikes)
        error = (mean * (mean - 1) / many) ** 0.5
        assert length.min() == 1 and length.mean() == pytest.approx(mean, abs=4 * error + 1e-12)
        assert factor.mean() == pytest.approx(mean_factor, abs=4 * (1 / 12 / many) ** 0.5)
        assert month.min() >= START + 1 and month.max() < START + 120
        middle = START + 1 + 59.5
        assert (month < middle).mean() == pytest.approx(0.5, abs=4 * (0.25 / many) ** 0.5 + 0.01)


def test_factors_stay_between_the_two_typed(folder: Path) -> None:
    factors = [f for draw in dates(book(folder, RISE), "Rise") for _, _, f in draw]
    assert 1.5 <= min(factors) < 1.6 and 2.4 < max(factors) <= 2.5


def test_the_same_seed_gives_the_same_draws(folder: Path) -> None:
    """Also on another machine and in another year: these months are known."""
    first, second = book(folder, FIRE, RISE), book(folder, FIRE, RISE)
    for sheet in ("Scenarios", "Events"):
        pd.testing.assert_frame_equal(first[sheet].rows, second[sheet].rows)
    assert dates(book(folder, FIRE, RISE, seed=2), "Fire") != dates(first, "Fire")
    strikes = [[(month - START, months) for month, months, _ in d] for d in dates(first, "Fire")]
    assert strikes[0] == [(3, 1), (18, 1), (26, 5), (42, 2)]
    assert strikes[3] == [(53, 2), (61, 4), (90, 4), (96, 3)]


def test_other_hazards_and_the_order_of_rows_change_nothing(folder: Path) -> None:
    alone, with_rise = book(folder, FIRE), book(folder, FIRE, RISE)
    assert dates(alone, "Fire") == dates(with_rise, "Fire")
    turned = book(folder, RISE, FIRE)
    keys = ("name", "parent", "probability", "known", "disruption", "story")
    assert typed(with_rise, "Scenarios", *keys) == typed(turned, "Scenarios", *keys)
    keys = ("name", "scenario", "target", "effect", "factor", "start", "months")
    assert typed(with_rise, "Events", *keys) == typed(turned, "Events", *keys)


@settings(max_examples=15, deadline=None)
@given(
    rate=st.floats(0.01, 5), mean=st.floats(1, 12), draws=st.integers(1, 30), seed=st.integers(0, 9)
)
def test_more_draws_and_months_add_to_those_before(
    tmp_path_factory: pytest.TempPathFactory, rate: float, mean: float, draws: int, seed: int
) -> None:
    hazard = {**FIRE, "rate": rate, "mean_months": mean}
    folder = tmp_path_factory.mktemp("book")
    few = book(folder, hazard, draws=draws, seed=seed, calendar="24 month")
    many = book(folder, hazard, draws=draws + 7, seed=seed, calendar="48 month")
    early = [[strike for strike in draw if strike[0] < START + 24] for draw in dates(many, "Fire")]
    assert dates(few, "Fire") == early[:draws]
    share = few["Scenarios"].rows["probability"]
    assert share.to_numpy() == pytest.approx(np.full(len(share), 1 / draws))


def test_a_rate_typed_anew_moves_the_strikes(folder: Path) -> None:
    """Twice the rate: each strike waits half as long, so the same draws have the sooner ones."""
    slow, fast = book(folder, FIRE), book(folder, {**FIRE, "rate": 1})
    for before, after in zip(dates(slow, "Fire"), dates(fast, "Fire"), strict=True):
        assert len(after) >= len(before)
        for (late, months, _), (soon, same, _) in zip(before, after, strict=False):
            assert abs((late - START - 1) / 2 - (soon - START - 1)) <= 1 and months == same


def test_drawing_again_replaces_what_was_drawn(folder: Path) -> None:
    tables = book(folder, FIRE, RISE)
    again = with_draws(tables)
    for sheet in ("Scenarios", "Events"):
        pd.testing.assert_frame_equal(tables[sheet].rows, again[sheet].rows)
        assert (tables[sheet].rows.index > LAST_EXCEL_ROW).all()
        assert len(without_draws(tables)[sheet]) == 0
    none = tables.with_rows("Hazards", tables["Hazards"].rows.iloc[:0])
    assert len(with_draws(none)["Scenarios"]) == 0


def test_a_drawn_row_is_told_of_as_its_hazard(folder: Path) -> None:
    tables = book(folder, FIRE, RISE)
    event = next(r for r in tables["Events"].records() if r.name == "Rise")
    assert str(tables["Events"].place(event.Index, "factor")) == "Hazards!E3"
    assert str(tables["Events"].place(event.Index, "months")) == "Hazards!A3"


def test_a_parameter_draws_anew(folder: Path) -> None:
    """Rate, seed, number and probability move what is drawn; a price leaves it as it is."""
    tables = book(folder, FIRE, RISE)

    def at(sheet: str, column: str, value: float, *rows: int) -> Tables:
        parameter = Parameter(sheet, ("x",), rows, column, "set", (value,), False, 2)
        return parameter.with_value(tables, value)

    assert dates(at("Hazards", "rate", 3, 2), "Fire") != dates(tables, "Fire")
    never = at("Hazards", "rate", 0, 2)
    assert set(never["Events"].rows["name"]) == {"Rise"}
    assert len(at("Settings", "draws", 5)["Scenarios"].rows["story"].unique()) <= 5
    assert set(at("Settings", "draws_probability", 0.1)["Scenarios"].rows["probability"]) == {
        0.1 / 200
    }
    assert dates(at("Settings", "seed", 9), "Fire") != dates(tables, "Fire")
    assert at("Supply", "price", 3, 2)["Scenarios"] is tables["Scenarios"]


def test_the_names_of_draws_follow_the_language(folder: Path) -> None:
    names = {row[0] for row in typed(book(folder, FIRE, language="ja"), "Scenarios", "name")}
    assert "抽出 0001" in names


def test_a_book_without_hazards_is_as_it_was(folder: Path) -> None:
    """Neither the sheet nor its options are missed, and nothing is drawn."""

    def before(book: Workbook) -> None:
        book.remove(book["Hazards"])
        options = book["Settings"]
        new = ("draws", "seed", "draws probability")
        for row in [cell.row for cell in options["A"] if cell.value in new][::-1]:
            options.delete_rows(row)

    for change in (before, lambda book: None):
        tables, findings = check_file(edit_cells(small_book(folder / "book.xlsx"), change))
        assert tables is not None and findings == []
        assert with_draws(tables) is tables


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hazards_are_read_in_both_languages(folder: Path, language: str) -> None:
    sheets = {**SHEETS, "Hazards": [{**FIRE, "disruption": True}]}
    options = {"start": "2026-07", "calendar": "6 month", "draws": 20, "language": language}
    write_book(folder / "book.xlsx", sheets, options, language)
    tables = kido.load(folder / "book.xlsx")
    (fire,) = tables["Hazards"].records()
    assert (fire.effect, fire.rate, fire.mean_months, fire.disruption) == ("capacity", 0.5, 3, True)
    assert len(tables["Scenarios"]) > 0
