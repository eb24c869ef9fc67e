"""Large stocks, and the scenario that would use them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import kido
from kido.report.labels import Labels
from kido.result.large_stocks import large_stocks, told
from kido.result.pages import write_results
from kido.result.report import make_report
from tiny_book import both, changed, more, small_book

# 5 t of Dy a month are needed and 7 can be had; a t not had costs 100. In January exports may stop.
STOP = both(
    more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", holding_cost=0.12),
    more("Relief", name="Gone", demand="Need", kind="lost", cost=100),
    more("Scenarios", name="Shut", probability=0.3, known="2027-01", disruption="yes"),
    more("Scenarios", name="Dear", probability=0.1, known="2027-01"),
    more("Events", name="Stop", scenario="Shut", target=["Lane"], effect="capacity", factor=0,
         months=12),
    changed("Supply", "Spot", most=0),
    changed("Supply", "Pit", most=168),
    changed("Facilities", "Kiln", capacity=168),
    changed("Routes", "Lane", least=48),
)  # fmt: skip


def test_a_stock_is_held_for_the_scenario_that_uses_it(tmp_path: Path) -> None:
    """7 t a month come by the lane until December, 2 more than needed: in six months 12 t, 2.4
    months of need, in nine 18 t. Shut uses all of them by April; else 4 t a month have to come by
    the lane, and 6 t are used in six months.
    """
    book = small_book(tmp_path / "book.xlsx", STOP, calendar="12 month", steady=0)
    plan = kido.evaluate(book)
    assert large_stocks(plan) == []  # less than three months
    more_time = kido.evaluate(
        small_book(tmp_path / "more.xlsx", STOP, start="2026-04", calendar="15 month", steady=0)
    )
    (stock,) = large_stocks(more_time)  # nine months: 18 t, 3.6 months
    assert (stock.commodity, stock.scenario) == ("Dy", "Shut")
    assert stock.tonnes == pytest.approx(18) and stock.cover == pytest.approx(3.6)
    assert stock.used == pytest.approx(18) and stock.kept_on == pytest.approx(6)
    assert stock.month % 12 == 11
    text = told([stock], more_time, Labels("en"))
    assert "18 t REO at the end of 2026-12, 3.6 months" in text
    assert "if 'Shut' comes, 18 t are used within 6 months, else 6 t." in text
    write_results(make_report(more_time), more_time, tmp_path / "results.xlsx")
    page = openpyxl.load_workbook(tmp_path / "results.xlsx")["Stockpiles"]
    assert text in page["A2"].value


def test_what_was_there_already_is_not_told(tmp_path: Path) -> None:
    """40 t, eight months of need, lie in store at the start and are used."""
    stock = more("Stockpiles", name="Store", site="Tokyo", commodity="Dy", opening=40)
    assert large_stocks(kido.evaluate(small_book(tmp_path / "book.xlsx", stock))) == []
