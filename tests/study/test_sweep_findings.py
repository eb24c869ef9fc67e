"""What the summary of a curve says: no more than was found."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

import kido
from books import make_book

SMALL: dict[str, list[dict[str, object]]] = {
    "Commodities": [{"name": "feed", "kind": "feed", "disposal_cost": 0},
                    {"name": "oxide", "kind": "oxide"}],
    "Sites": [{"name": "works", "country": "Japan"}],
    "Demand": [{"name": "magnets", "site": "works", "commodity": "oxide", "need": 10}],
}  # fmt: skip


def said(folder: Path, **sheets: list[dict[str, object]]) -> str:
    """The first page of the only sweep of a small book."""
    rows = {**SMALL, **sheets}
    settings = {"start": "2027-01", "calendar": "1 year", "least_cost": 0}
    book = make_book(folder / "book.xlsx", settings, **rows)
    (done,) = kido.sweep(book, jobs=1, output=folder / "runs")
    page = openpyxl.load_workbook(done.folder / "results.xlsx").worksheets[0]
    cells = (cell for row in page.iter_rows(values_only=True) for cell in row)
    return "\n".join(str(cell) for cell in cells if cell is not None)


def sellers(*most: float) -> list[dict[str, object]]:
    """Each dearer than the one before, the last without a limit."""
    return [
        {"name": f"seller {i}", "site": "works", "commodity": "oxide", "price": 100 + 10 * i,
         "most": size if i < len(most) - 1 else None}
        for i, size in enumerate(most)
    ]  # fmt: skip


def curve(sheet: str, row: str, column: str, values: str, **more: object) -> dict[str, object]:
    return {"name": "asked", "method": "curve", "sheet": sheet, "row": [row], "column": column,
            "operation": "set", "values": values, **more}  # fmt: skip


@pytest.mark.parametrize(("error", "words"), [(None, "at least at 15"), (0, "bends 4 times")])
def test_bends_that_were_not_looked_for_are_not_denied(
    error: float | None, words: str, tmp_path: Path
) -> None:
    need = curve("Demand", "magnets", "need", "10..90 step 10", error=error)
    text = said(tmp_path, Supply=sellers(12, 1, 1, 1, 0), Sweeps=[need])
    assert words in text, text
    assert ("slope goes from 100 to 140" in text) == (error == 0)


def test_a_stock_is_in_the_plan_when_it_is_used(tmp_path: Path) -> None:
    """Ten tonnes of what lies in the heap are needed: more of it changes nothing."""
    text = said(
        tmp_path,
        Supply=sellers(0),
        Stockpiles=[{"name": "heap", "site": "works", "commodity": "feed", "opening": 5}],
        Processes=[{"name": "separate", "site": "works", "cost": 1}],
        Recipes=[
            {"process": "separate", "role": "input", "item": "feed", "amount": 1},
            {"process": "separate", "role": "output", "item": "oxide", "amount": 1},
        ],
        Sweeps=[curve("Stockpiles", "heap", "opening", "0..20 step 1")],
    )
    assert "heap enters" in text and "10 t, heap" not in text


def test_a_lever_that_a_profile_replaces_is_said_to_move_nothing(tmp_path: Path) -> None:
    text = said(
        tmp_path,
        Supply=sellers(0),
        Events=[{"name": "path", "target": "seller 0", "effect": "price", "profile": "market"}],
        Profiles=[{"name": "market", "period": "2027-01", "value": 50}],
        Sweeps=[curve("Supply", "seller 0", "price", "50; 100; 200")],
    )
    assert "changes no number of the plan" in text and "hardly moves" not in text


def test_a_point_that_leaves_a_plant_without_feed_is_planned(tmp_path: Path) -> None:
    """With nothing in the heap the plant cannot run, and a plan there is."""
    book = make_book(
        tmp_path / "book.xlsx",
        {"start": "2027-01", "calendar": "1 year", "least_cost": 0},
        **SMALL,
        Supply=sellers(0),
        Stockpiles=[{"name": "heap", "site": "works", "commodity": "feed", "opening": 5}],
        Processes=[{"name": "separate", "site": "works", "cost": 1}],
        Recipes=[
            {"process": "separate", "role": "input", "item": "feed", "amount": 1},
            {"process": "separate", "role": "output", "item": "oxide", "amount": 1},
        ],
        Sweeps=[curve("Stockpiles", "heap", "opening", "0; 5")],
    )
    (done,) = kido.sweep(book, jobs=1, output=tmp_path / "runs")
    assert {o.status for o in done.result.outcomes} == {"solved"}
    costs = {o.point.values[0]: o.objective for o in done.result.outcomes}
    assert costs[0] == pytest.approx(1000) and costs[5] == pytest.approx(505)


def short_of(values: str, need: float) -> dict[str, list[dict[str, object]]]:
    """A seller of as much as the values say, and a loss of all else of the need."""
    return {
        "Demand": [{"name": "magnets", "site": "works", "commodity": "oxide", "need": need}],
        "Relief": [{"name": "gone", "demand": "magnets", "kind": "lost", "cost": 900}],
        "Supply": sellers(5, 1)[:1],
        "Sweeps": [curve("Supply", "seller 0", "max", values)],
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [("10; 10.3", "What is lost stays as it is: 990 t in all."),
     ("10; 100", "oxide lost: 990 t at 10 t/yr, 900 t at 100 t/yr.")],
)  # fmt: skip
def test_a_loss_that_hardly_changes_is_not_told_as_a_change(
    values: str, words: str, tmp_path: Path
) -> None:
    """Of 1,000 t needed 990 are lost, and 0.3 t more or less are none of them."""
    text = said(tmp_path, **short_of(values, 1000))
    assert words in text, text


@pytest.mark.parametrize(
    ("limit", "words"),
    [("0; 3", "in expectation, and no less is lost."), ("0; 30", "t from being lost")],
)
def test_what_a_rule_buys(limit: str, words: str, tmp_path: Path) -> None:
    """A rule to use so much of the second seller, which costs more than a loss: 3 of 6,000 t lost
    are no less, 30 are.
    """
    second = {"name": "seller 1", "site": "works", "commodity": "oxide", "price": 30_000,
              "most": 100}  # fmt: skip
    book = short_of("5", 6005)
    text = said(
        tmp_path,
        Demand=book["Demand"],
        Relief=book["Relief"],
        Supply=[*book["Supply"], second],
        Policies=[{"name": "rule", "measure": "volume", "of": ["seller 1"], "counted": "bought",
                   "sense": "at least", "limit": 0, "over": "year"}],
        Sweeps=[curve("Policies", "rule", "limit", limit)],
    )  # fmt: skip
    assert words in text, text


@pytest.mark.parametrize(
    ("option", "words"),
    [("fx", "10.0 million USD are 10 oku-yen at 100 and 20 oku-yen at 200 per USD."),
     ("yard cost", "nothing in the book depends on it")],
)  # fmt: skip
def test_an_option_that_moves_no_number(option: str, words: str, tmp_path: Path) -> None:
    """100 t at 100 USD/kg are 10 million USD: 10 oku-yen at 100 yen, 20 at 200."""
    moved = curve("Settings", option, "value", "100; 150; 200")
    rows = {**SMALL, "Supply": sellers(0), "Sweeps": [moved]}
    rows["Demand"] = [{**SMALL["Demand"][0], "need": 100}]
    settings = {"start": "2027-01", "calendar": "1 year", "fx": 150, "display_currency": "JPY"}
    book = make_book(tmp_path / "book.xlsx", settings, **rows)
    (done,) = kido.sweep(book, jobs=1, output=tmp_path / "runs")
    page = openpyxl.load_workbook(done.folder / "results.xlsx").worksheets[0]
    texts = [str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell]
    assert any(words in text for text in texts), "\n".join(texts[:4])


def test_a_rule_that_loses_more_and_costs_more_buys_nothing(tmp_path: Path) -> None:
    """The less may be bought, the more is lost and the dearer is the plan: no price of safety."""
    book = short_of("5", 100)
    text = said(
        tmp_path,
        Demand=book["Demand"],
        Relief=book["Relief"],
        Supply=sellers(0),
        Policies=[{"name": "rule", "measure": "volume", "of": ["seller 0"], "counted": "bought",
                   "sense": "at most", "limit": 50, "over": "year"}],
        Sweeps=[curve("Policies", "rule", "limit", "10; 50; 100")],
    )  # fmt: skip
    assert "oxide lost: 90.0 t at 10 t/yr" in text, text
    assert "no less is lost" not in text and "from being lost" not in text


def test_a_weight_on_risk_is_told_by_mean_and_tail(tmp_path: Path) -> None:
    """With 0.1 the seller stops in July, and 5 t are lost at 900 that cost 100 in time to store.

    Storing 5 t from June on costs 40 USD/kg a month, 200 in all for December: too much for the
    mean, not for the worst tenth. The objectives of the two plans are not of the same thing.
    """
    book: dict[str, list[dict[str, object]]] = {
        "Supply": sellers(0),
        "Relief": [{"name": "gone", "demand": "magnets", "kind": "lost", "cost": 900}],
        "Stockpiles": [{"name": "heap", "site": "works", "commodity": "oxide",
                        "holding_cost": 1200}],
        "Scenarios": [{"name": "stop", "probability": 0.1, "known": "2027-07"}],
        "Events": [{"scenario": "stop", "target": "seller 0", "effect": "capacity", "factor": 0}],
        "Sweeps": [curve("Settings", "risk weight", "value", "0; 0.9")],
    }  # fmt: skip
    text = said(tmp_path, **book)
    assert "from 0 to 0.9, the expected cost changes by +" in text, text
    assert "the mean of the worst futures by -" in text, text


def test_a_row_that_enters_as_soon_as_it_may_is_told_so(tmp_path: Path) -> None:
    """The cheap seller is used from the first tonne it may sell: no break-even to be proud of."""
    first = curve("Supply", "seller 0", "max", "0; 5; 10")
    text = said(tmp_path, Supply=sellers(5, 0), Sweeps=[first])
    assert "Just above 0 t/yr, seller 0 enters" in text, text
