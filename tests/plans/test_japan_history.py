"""Proof by history: the book of April 2025, planned, beside what was reported to September 2026."""

from __future__ import annotations

import re

import openpyxl
import pandas as pd
import pytest

from books import read
from history import HISTORY, MONTHS, QUARTERS, START, planned, reported, what_came
from japan_book import calibration
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.study.checks.book import check
from places import ROOT

ELEMENTS = ("Y", "Sm", "Gd", "Dy", "Tb", "NdPr")
LAST = QUARTERS[-1]
ROADS = {
    "Lynas": "Lynas",
    "Recycled": "Recycled",
    "China direct": "Direct from China",
    "Other roads": "Other roads",
}


@pytest.fixture(scope="module")
def history() -> Tables:
    return read(HISTORY)


@pytest.fixture(scope="module")
def plan(history: Tables) -> pd.DataFrame:
    return planned(history)


@pytest.fixture(scope="module")
def shares(plan: pd.DataFrame) -> pd.DataFrame:
    """Need given up (%) by element and quarter: planned, and as reported (low, base, high)."""
    told = reported()
    told.index.names = plan.index.names
    return plan.join(told)


def test_nothing_is_found_in_the_book(history: Tables) -> None:
    assert [*history.warnings, *check(history)] == []


def test_every_row_is_sourced_and_graded(history: Tables) -> None:
    known = {row.id for row in history["Sources"].records()}
    for sheet, frame in history.frames.items():
        if sheet == "Sources":
            continue
        for row in frame.records():
            assert row.source and row.grade, (sheet, row.Index)
            assert set(re.findall(r"\[([^\]]+)\]", row.source)) <= known, (sheet, row.Index)


def test_what_came_is_known_in_its_month_and_not_before(history: Tables) -> None:
    rows = list(history["Scenarios"].records())
    assert [r.known for r in rows] == sorted(r.known for r in rows)
    assert [r.parent for r in rows] == ["", *(r.name for r in rows[:-1])]
    known = {r.name: r.known for r in rows}
    for event in history["Events"].records():
        if event.scenario:
            assert event.start == known[event.scenario], event.name


def test_the_scenarios_together_are_the_balance_month_by_month(
    history: Tables, book: openpyxl.Workbook
) -> None:
    """Every lane lets through what landed, as the sheet Calibration of japan.xlsx has it."""
    balance = calibration(book)[1].set_index("Element")
    case = make_case(history, what_came(history).iloc[-1])
    nodes = [node.index for node in case.tree.nodes[:MONTHS]]
    assert [case.tree.nodes[n].start for n in nodes] == list(range(START, START + MONTHS))
    for element in ELEMENTS:
        for road, title in ROADS.items():
            came = balance.loc[element, title].astype(float).to_numpy()[1:]
            lane = case.routes.get(f"{road} {element}")
            limit = lane.most[nodes] if lane else [0.0] * MONTHS
            assert limit == pytest.approx(came, abs=0.01), (road, element)


def test_sign_every_controlled_element_gives_way_and_ndpr_does_not(shares: pd.DataFrame) -> None:
    last = shares.xs(LAST, level="quarter")
    for element in ("Y", "Sm", "Gd", "Dy", "Tb"):
        assert last.at[element, "given up"] > 5 and last.at[element, "Given up, base %"] > 5
    assert last.at["NdPr", "given up"] < 5 and last.at["NdPr", "Given up, high %"] < 5


def test_order_yttrium_most_and_ndpr_least(shares: pd.DataFrame) -> None:
    last = shares.xs(LAST, level="quarter")
    for column in ("given up", "Given up, base %"):
        assert last[column].idxmax() == "Y"
        assert last[column].idxmin() == "NdPr"


def test_size_within_a_factor_of_two_by_september_2026(shares: pd.DataFrame) -> None:
    last = shares.xs(LAST, level="quarter").drop("NdPr")
    ratio = last["given up"] / last["Given up, base %"]
    assert ratio.between(0.5, 2).all(), ratio


def test_no_output_of_dy_and_tb_is_lost_as_no_stop_was_reported(plan: pd.DataFrame) -> None:
    assert plan.loc[["Dy", "Tb"], "lost"].max() < 0.5


def test_companies_hold_half_a_year_to_a_year_on_1_january_2026(
    history: Tables, plan: pd.DataFrame
) -> None:
    """So it was quoted of Dy and Tb; the plan, State's part included, holds as much."""
    for element in ("Dy", "Tb"):
        need = sum(r.need for r in history["Demand"].records() if r.commodity.startswith(element))
        state = next(r for r in history["Stockpiles"].records() if r.name == f"State {element}")
        held = plan.at[(element, "FY2025 Q3"), "stock"] + state.opening
        assert 6 <= 12 * held / need <= 12, element


def test_the_readme_shows_the_plan_beside_what_was_reported(shares: pd.DataFrame) -> None:
    """Cells are `planned (reported)`, in percent; the last two the stock, in tonnes."""
    text = (ROOT / "README.md").read_text("utf-8")
    shown = {}
    for line in text[text.index("### Proof by history") :].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in ELEMENTS:
            shown[cells[0]] = [tuple(map(int, re.findall(r"[\d,]+", c.replace(",", ""))))
                               for c in cells[1:]]  # fmt: skip
    assert set(shown) == set(ELEMENTS)
    for element, cells in shown.items():
        rows = shares.loc[element]
        for quarter, (ours, theirs) in zip(QUARTERS, cells, strict=False):
            assert ours == pytest.approx(rows.at[quarter, "given up"], abs=2), (element, quarter)
            assert theirs == round(rows.at[quarter, "Given up, base %"]), (element, quarter)
        ours, theirs = cells[-1]
        assert ours == pytest.approx(rows.at[LAST, "stock"], rel=0.05)
        assert theirs == round(rows.at[LAST, "Stock base [t]"])
