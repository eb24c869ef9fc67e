"""The sheets that carry the reasons: Reconciliation, Calibration, Conflicts."""

from __future__ import annotations

import re

import openpyxl
import pytest

from japan_book import FROM_CHINA_2024, NEEDS, WITHOUT_CHINA, calibration, column, lines, oxide
from kido.data.tables import Tables


def test_the_reconciliation_sheet_says_the_same(book: openpyxl.Workbook) -> None:
    rows = {row[0]: row for row in lines(book, "Reconciliation") if row and row[0]}
    header = next(iter(rows.values()))
    total, share = header.index("2024 in all [t]"), header.index("China share")
    need, gap = header.index("Base-year need in this book [t]"), header.index("Difference [t]")
    for element, tonnes in NEEDS.items():
        row = rows[oxide(element)]
        assert (row[total], row[need], row[gap]) == (tonnes, tonnes, 0)
        assert row[1] == FROM_CHINA_2024[element]
    assert rows["All"][total] == 18835
    assert rows["All"][share] == pytest.approx(0.59, abs=0.005)
    assert rows["Dy oxide"][share] == pytest.approx(0.95, abs=0.005)
    for item, (tonnes, _) in WITHOUT_CHINA.items():
        assert rows[f"{item}, made for Japan [t a year]"][1:6] == tonnes


ROADS = ("Lynas", "Recycled", "Direct from China", "Other roads")


def test_calibration_closes_month_by_month(book: openpyxl.Workbook) -> None:
    """Stock of companies = stock before + what came - need, from April 2025 to September 2026."""
    balance = calibration(book)[1]
    for element, rows in balance.groupby("Element"):
        assert len(rows) == 19, element
        rows = rows.set_index("Month")
        months = rows.iloc[1:]
        came = months[list(ROADS)].astype(float).sum(axis=1)
        assert came.to_numpy() == pytest.approx(months["Came in all"].astype(float), abs=1e-6)
        change = rows["Stock base"].astype(float).diff().iloc[1:]
        assert change.to_numpy() == pytest.approx(came - months["Need"].astype(float), abs=1e-6)
        low, high = months["Stock low"].astype(float), months["Stock high"].astype(float)
        assert (low <= months["Stock base"].astype(float)).all()
        assert (months["Stock base"].astype(float) <= high).all()


def test_stocks_open_at_the_calibrated_base_and_the_sweep_tries_both_ends(
    tables: Tables, book: openpyxl.Workbook
) -> None:
    opens = {r.name: r.opening for r in tables["Stockpiles"].records()}
    tried = {
        r.row[0]: {float(x) for x in r.values.split(";")}
        for r in tables["Sweeps"].records()
        if r.name == "Stocks low and high"
    }
    left_open = calibration(book)[0]
    for owner in ("Companies", "State"):
        what = left_open.iloc[:, 0] == f"{owner} on 1 October 2026"
        rows = left_open[what]
        assert len(rows) == 6
        for element, low, base, high in rows[["Element", "Low", "Base", "High"]].itertuples(
            index=False
        ):
            name = f"{owner} {element}"
            assert opens[name] == pytest.approx(base, abs=1), name
            assert tried[name] == {low, high}


def test_need_and_spot_are_swept(tables: Tables) -> None:
    """The need of Dy from 220 to 383 t, the spot market from nothing up."""
    rows = {r.name: r for r in tables["Sweeps"].records()}
    low, high = (float(x) * 280 for x in rows["Dy need"].values.split(" ")[0].split(".."))
    assert (round(low), round(high)) == (220, 384)
    assert rows["Spot volume"].row == ("spot",)
    assert rows["Spot volume"].values.startswith("0;")


@pytest.mark.parametrize("sheet", ["Calibration", "Conflicts"])
def test_the_sheets_of_reasons_cite_what_is_listed(book: openpyxl.Workbook, sheet: str) -> None:
    known = set(column(book, "Sources", "id"))
    text = " ".join(str(cell) for row in lines(book, sheet) for cell in row if cell)
    assert set(re.findall(r"\[([A-Z0-9-]+)\]", text)) <= known


def test_every_conflict_says_what_is_used_and_why(book: openpyxl.Workbook) -> None:
    rows = [row for row in lines(book, "Conflicts")[1:] if row[0]]
    heading = "Where the shape of the book made us depart"
    assert all(row[1] and row[2] for row in rows if not str(row[0]).startswith(heading))
    first = {str(row[0]) for row in rows}
    assert {
        "Dy from China in 2024",
        "December 2025",
        "Overlapping cuts",
        "Third countries",
    } <= first
