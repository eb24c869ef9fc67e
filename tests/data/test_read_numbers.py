"""Numbers and options: nothing is read that was not typed, and numbers have bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from example_book import marked_book
from faulty_cells import all_of, cell
from kido.data.schema import catalogue
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import BadCell, Raw
from kido.study.checks.book import check_file
from rawbook import SUPPLY, codes, raw_book, with_cell

PRICE = catalogue()["Supply"].columns["price"]


@pytest.mark.parametrize(
    "typed",
    ["200\u2460", "10\u00b3", "5\u00bd", "\u2462", "7\u2079", "12\u2081", "1\u2474", "3\u33e0"],
)
def test_a_footnote_sign_is_no_digit(typed: str) -> None:
    with pytest.raises(BadCell) as bad:
        parse(PRICE, Raw(typed))
    assert "U+" in bad.value.sentence


@pytest.mark.parametrize(
    ("where", "typed"),
    [("Settings!calendar", "6\u00b2 month"), ("Contracts!index", "7\u00b2"),
     ("Sweeps!values", "1; 10\u00b3"), ("Settings!run_out", "1\u2460"),
     ("Profiles!period", "2027-0\u2463")],
)  # fmt: skip
def test_nor_in_anything_that_holds_numbers(where: str, typed: str) -> None:
    sheet, key = where.split("!")
    with pytest.raises(BadCell):
        parse(catalogue()[sheet].columns[key], Raw(typed))


@pytest.mark.parametrize("typed", ["\uff11\uff12", "\u0661\u0662", "\U0001d7cf\U0001d7d0"])
def test_digits_of_other_scripts_are_digits(typed: str) -> None:
    assert parse(PRICE, Raw(typed)) == 12


@pytest.mark.parametrize(
    ("typed", "number"), [("\u22125", -5), ("\uff0d5", -5), ("\u20135", -5), ("\u30fc5", -5),
                          ("\u200e5\u200f", 5), ("1e\u22123", 0.001), ("5\u200b", 5)]
)  # fmt: skip
def test_look_alikes_in_numbers(typed: str, number: float) -> None:
    assert parse(PRICE, Raw(typed)) == number


@pytest.mark.parametrize(
    "typed", [1e308, -1e15, 1.1e12, "9" * 400, 10**400, float("inf"), "1e15", "1e999"]
)
def test_numbers_have_bounds(typed: object) -> None:
    for column in (PRICE, catalogue()["Facilities"].columns["life_years"],
                   catalogue()["Policies"].columns["limit"]):  # fmt: skip
        with pytest.raises(BadCell) as bad:
            parse(column, Raw(typed))
        assert bad.value.code == "out-of-range" and "1,000,000,000,000" in bad.value.expected


@pytest.mark.parametrize("stored", ["9" * 400, "1e308", "-1E+100", "1e999"])
def test_stored_numbers_have_bounds(tmp_path: Path, stored: str) -> None:
    path = raw_book(
        tmp_path / "book.xlsx", {SUPPLY: with_cell("D2", f'<c r="D2"><v>{stored}</v></c>')}
    )
    assert codes(path) == [("out-of-range", "Supply!D2")]
    assert check_file(path)[0] is None


@pytest.mark.parametrize("number", [1e12, -1e12, 1e-300, 5e-324])
def test_small_numbers_have_none(number: float) -> None:
    assert parse(PRICE, Raw(number)) == number


def test_two_columns_of_values(tmp_path: Path) -> None:
    change = all_of(cell("Settings!G1", "値"), cell("Settings!G3", "2027-01"))
    path = marked_book(tmp_path / "book.xlsx", change)
    assert ("column-twice", "Settings!G1") in codes(path)
    path = marked_book(tmp_path / "book.xlsx", cell("Settings!G1", "option"))
    assert ("column-twice", "Settings!G1") in codes(path)


@pytest.mark.parametrize("where", ["A3:A4", "B3:B4", "B4:C4", "A4:B4"])
def test_merged_cells_among_the_options(tmp_path: Path, where: str) -> None:
    def merge(book: Any) -> None:
        book["Settings"].merge_cells(where)

    path = marked_book(tmp_path / "book.xlsx", merge)
    assert ("merged-cells", f"Settings!{where}") in codes(path)


def test_merged_remarks_beside_the_options_are_none(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book["Settings"].merge_cells("D3:D6")

    assert codes(marked_book(tmp_path / "book.xlsx", merge)) == []


def test_an_option_whose_label_was_cleared(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Settings!A4", " \u200b"))
    assert codes(path) == [("option-missing", "Settings!A4")]
    path = marked_book(tmp_path / "book.xlsx", cell("Settings!A4", "# not now"))
    assert codes(path) == []


@pytest.mark.parametrize("sheet", [name for name in catalogue() if name != "Settings"])
def test_a_header_twice_on_any_sheet(tmp_path: Path, sheet: str) -> None:
    def again(book: Any) -> None:
        page = book[sheet]
        page.cell(1, page.max_column + 1, page["A1"].value)

    found = codes(marked_book(tmp_path / "book.xlsx", again))
    assert [code for code, where in found if where.startswith(sheet)] == ["column-twice"]
