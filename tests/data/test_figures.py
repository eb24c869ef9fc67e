"""Figures that are seldom meant are told, and compared and shown as a person would."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kido
from books import read
from example_book import edited_book
from faulty_rows import FIRE, both, hazards, put
from kido.data.figure import above, apart
from kido.data.pairs import PAIRS, without_rounding
from kido.data.tables import Settings
from kido.data.validation.figures import USUAL_RANGES, UsualRange
from kido.result.currency import money_unit
from kido.study.checks.book import check
from tiny_book import small_book

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)


@given(NUMBERS, NUMBERS)
def test_two_numbers_are_never_shown_as_the_same_text(one: float, other: float) -> None:
    texts = apart(one, other)
    assert (texts[0] == texts[1]) == (one == other)
    for number, text in zip((one, other), texts, strict=True):
        assert math.isclose(number, float(text), rel_tol=1e-5, abs_tol=1e-300)


@given(NUMBERS)
def test_a_number_is_not_above_itself_with_rounding(number: float) -> None:
    assert not above(number * (1 + 1e-12), number)
    assert not above(number, number)
    assert above(number + abs(number) * 1e-6 + 1e-6, number)


def test_what_a_spreadsheet_adds_up_is_not_above_the_limit() -> None:
    assert not above(0.1 + 0.2, 0.3) and above(0.30001, 0.3)
    assert apart(300.00001, 300) == ("300.00001", "300")


# A figure to either side of what is seldom meant.
def _beyond(odd: UsualRange) -> tuple[float, float]:
    if odd.most < math.inf:
        return odd.most * 1.5, odd.most
    return (odd.least / 2 if odd.least else -1.0), odd.least


ROWS = {"Policies": 1, "Relief": 1, "Events": 1}  # the row of the good book that looks at it
NEEDS: dict[tuple[str, str], dict[str, object]] = {  # what the row must say for the figure to count
    ("Contracts", "price"): {"price_rule": "fixed", "index": None},
    ("Contracts", "index"): {"index_factor": 1},
    ("Events", "add"): {"effect": "lead", "factor": None},
}


@pytest.mark.parametrize("odd", USUAL_RANGES, ids=lambda odd: f"{odd.sheet}-{odd.column}-{odd.key}")
def test_every_figure_that_is_seldom_meant_is_told(tmp_path: Path, odd: UsualRange) -> None:
    number = ROWS.get(odd.sheet, 0)
    if odd.sheet == "Events" and odd.most == 3:
        number = 0
    told = []
    for figure in _beyond(odd):
        change = {**NEEDS.get((odd.sheet, odd.column), {}), odd.column: figure}
        path = edited_book(tmp_path / "book.xlsx", put(odd.sheet, number, **change))
        tables = read(path)
        place = str(tables[odd.sheet].place(number + 2, odd.column))
        told.append([
            f.sentence for f in check(tables) if f.code == "odd-figure" and str(f.place) == place
        ])  # fmt: skip
    assert [len(sentences) for sentences in told] == [1, 0]
    assert "read as" in told[0][0]


@pytest.mark.parametrize(("option", "figure"), [("discount_rate", 0.4), ("least_cost", 5)])
def test_a_setting_that_is_seldom_meant_is_told(tmp_path: Path, option: str, figure: float) -> None:
    path = small_book(tmp_path / "book.xlsx", **{option: figure})
    hits = [f for f in check(read(path)) if f.code == "odd-figure"]
    assert [f.place.sheet for f in hits] == ["Settings"]


def test_sums_of_a_spreadsheet_are_read_and_planned(tmp_path: Path) -> None:
    """A minimum that rounding puts above its maximum is no fault, and has a plan."""
    edit = both(
        put("Stockpiles", 0, opening=100.00000000000001, capacity=100),
        put("Contracts", 0, most_reserved=50, least_reserved=50.00000000000001),
        put("Facilities", 0, least_expansion=5.000000000000001, most_expansion=5),
    )
    path = edited_book(tmp_path / "book.xlsx", edit)
    assert [f.code for f in check(read(path)) if not f.warning] == []
    assert kido.solve(path, output=tmp_path / "run").facts["status"] == "optimal"


@pytest.mark.parametrize(("sheet", "least", "most"), PAIRS)
def test_no_least_lies_above_its_most(tmp_path: Path, sheet: str, least: str, most: str) -> None:
    edit = both(hazards(FIRE), put(sheet, 0, **{least: 300.00000000000006, most: 300}))
    tables = without_rounding(read(edited_book(tmp_path / "book.xlsx", edit)))
    row = next(tables[sheet].records())
    assert getattr(row, least) == getattr(row, most) == 300


# -- currency --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "fx", "currency", "rate"),
    [
        ("", None, "USD", 1), ("", 170, "JPY", 170), ("USD", None, "USD", 1), ("usd", 1, "USD", 1),
        ("米ドル", None, "USD", 1), ("JPY", 150, "JPY", 150), ("円", 150, "JPY", 150),
        ("eur", 0.9, "EUR", 0.9),
    ],
)  # fmt: skip
def test_the_rate_belongs_to_the_currency(
    given: str, fx: float | None, currency: str, rate: float
) -> None:
    settings = Settings(start=0, display_currency=given, fx=fx)
    assert (settings.currency, settings.rate) == (currency, rate)


@pytest.mark.parametrize("given", ["EUR", "JPY", "円", "AUD"])
def test_no_rate_is_made_up(tmp_path: Path, given: str) -> None:
    path = small_book(tmp_path / "book.xlsx", display_currency=given)
    assert ("rate-missing", False) in [(f.code, f.warning) for f in check(read(path))]


@pytest.mark.parametrize(("given", "unit"), [("USD", "million USD"), ("", "million USD")])
def test_a_board_in_dollars_is_the_cost(tmp_path: Path, given: str, unit: str) -> None:
    run = kido.solve(small_book(tmp_path / "b.xlsx", display_currency=given), output=tmp_path / "r")
    assert money_unit(run.answer) == (unit, pytest.approx(1e-3))
