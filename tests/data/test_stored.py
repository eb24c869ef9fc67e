"""What is stored in a workbook: formulas never calculated, and what is no fault at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from example_book import marked_book
from faulty_cells import cell
from kido.data.months import month_of
from kido.data.workbook.links import links_out
from kido.data.workbook.read import read_book
from kido.data.workbook.stored import stored_sheets
from places import INPUTS
from rawbook import SUPPLY, WORKBOOK, codes, found_at, raw_book, replaced, with_cell

TRUSTED = replaced('fullCalcOnLoad="1"', "")
NEVER = [("formula-without-value", "Supply!D2")]


@pytest.mark.parametrize(
    "stored",
    [
        '<c r="D2"><f>1+1</f></c>',
        '<c r="D2"><f>1+1</f><v></v></c>',
        '<c r="D2"><f>1+1</f><v/></c>',
        '<c r="D2" t="n"><f>1+1</f><v> </v></c>',
        '<c r="D2"><f t="shared" si="0"/></c>',
        "<c r='D2'><f>1+1</f></c>",
        '<c t="n"><f>1+1</f></c>',
    ],
)
def test_a_formula_without_a_stored_value(tmp_path: Path, stored: str) -> None:
    """Whatever way it is written down; a cell without a coordinate follows the one before."""
    changes = {SUPPLY: with_cell("D2", stored), WORKBOOK: TRUSTED}
    assert codes(raw_book(tmp_path / "book.xlsx", changes)) == NEVER


@pytest.mark.parametrize(
    "stored",
    [
        '<c r="D2"><f>1+1</f><v>0</v></c>',
        '<c r="D2"><f>1+1</f><v>0.0</v></c>',
        '<c r="D2" t="str"><f>1+1</f><v></v></c>',
        '<c r="D2"><f t="array" ref="D2:D9">A1:A8</f><v>0</v></c>',
    ],
)
def test_a_nought_that_waits_for_excel(tmp_path: Path, stored: str) -> None:
    """Programs store 0 with every formula and ask Excel to calculate on opening."""
    path = raw_book(tmp_path / "book.xlsx", {SUPPLY: with_cell("D2", stored)})
    assert NEVER[0] in codes(path)
    assert "calculate" in found_at(path, "Supply!D2")[0].advice


def test_the_rest_of_an_array_waits_with_it(tmp_path: Path) -> None:
    def put(text: str) -> str:
        array = '<c r="D2"><f t="array" ref="D2:D3">E2:E3</f><v>3</v></c>'
        return with_cell("D3", '<c r="D3"><v>0</v></c>')(with_cell("D2", array)(text))

    path = raw_book(tmp_path / "book.xlsx", {SUPPLY: put})
    assert codes(path) == [("formula-without-value", "Supply!D3")]


def test_the_last_calculation_was_broken_off(tmp_path: Path) -> None:
    changes = {
        SUPPLY: with_cell("D2", '<c r="D2"><f>1+1</f><v>0</v></c>'),
        WORKBOOK: replaced('fullCalcOnLoad="1"', 'calcCompleted="0"'),
    }
    assert codes(raw_book(tmp_path / "book.xlsx", changes)) == NEVER


@pytest.mark.parametrize(
    ("stored", "options", "price"),
    [
        ('<c r="D2"><f>1+1</f><v>7</v></c>', None, 7),  # the program gave the value
        ('<c r="D2"><v>0</v></c>', None, 0),  # no formula
        ('<c r="D2"><f>1-1</f><v>0</v></c>', TRUSTED, 0),  # calculated
    ],
)
def test_values_to_be_trusted(tmp_path: Path, stored: str, options: object, price: float) -> None:
    changes = {SUPPLY: with_cell("D2", stored)} | ({WORKBOOK: options} if options else {})
    path = raw_book(tmp_path / "book.xlsx", changes)  # type: ignore[arg-type]
    assert read_book(path)["Supply"].rows.at[2, "price"] == price


def test_labels_and_headers_that_wait_for_excel(tmp_path: Path) -> None:
    """A row whose option is not known, or a column, must not be left out in silence."""
    settings = "xl/worksheets/sheet1.xml"
    path = raw_book(
        tmp_path / "book.xlsx", {settings: with_cell("A3", '<c r="A3"><f>B9</f><v>0</v></c>')}
    )
    assert ("formula-without-value", "Settings!A3") in codes(path)
    changes = {SUPPLY: with_cell("E1", '<c r="E1"><f>B9</f></c>')}
    path = raw_book(tmp_path / "book.xlsx", changes)
    assert ("formula-without-value", "Supply!E1") in codes(path)


def test_single_quotes_and_prefixes_are_read(tmp_path: Path) -> None:
    def put(text: str) -> str:
        text = with_cell("D2", "<c r='D2'><v>3</v></c>")(text)
        return (
            text.replace("<c ", "<x:c ")
            .replace("</c>", "</x:c>")
            .replace(
                "<worksheet ",
                '<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ',
            )
        )

    path = raw_book(tmp_path / "book.xlsx", {SUPPLY: put})
    assert read_book(path)["Supply"].rows.at[2, "price"] == 3


@pytest.mark.parametrize(
    ("formula", "linked"),
    [
        ("[1]Prices!B2", True),
        ("'[2]My prices'!B2*3", True),
        ("SUM([1]Jan:Mar!B2)", True),
        ("[1]!Price", True),
        ("SUM(Plan[2027])*FX!B2", False),
        ("Plan[[#This Row],[1]]*FX!B2", False),
        ("SUM(Plan[[1]:[2]])+FX!B2", False),
        ('"[1]Prices!"&B2', False),
        ("[7]Prices!B2", False),
        ("Rate*2", True),
        ("Rates*2", False),
        ('"Rate"', False),
    ],
)
def test_links_to_other_workbooks(formula: str, linked: bool) -> None:
    assert links_out(formula, frozenset({"rate"}), links=2) is linked


def test_a_column_of_a_table_is_no_link(tmp_path: Path) -> None:
    stored = '<c r="E3"><f>SUM(Plan[2027])*FX!B2</f><v>24</v></c>'
    path = raw_book(tmp_path / "book.xlsx", {SUPPLY: with_cell("E3", stored)})
    assert read_book(path)["Supply"].rows.at[3, "most"] == 24


def test_dates_of_a_book_that_counts_from_1904(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904
        cell("Routes!N2", date(2027, 3, 1), "yyyy-mm")(book)
        cell("Routes!O2", date(2027, 5, 1), "yyyy-mm")(book)

    route = read_book(marked_book(tmp_path / "book.xlsx", change))["Routes"].rows.loc[2]
    assert (route["start"], route["end"]) == (month_of(2027, 3), month_of(2027, 5))


def test_a_japanese_format_that_is_known_by_its_number(tmp_path: Path) -> None:
    changes = {
        SUPPLY: with_cell("G2", '<c r="G2" s="1"><v>46477</v></c>'),
        "xl/styles.xml": replaced("</cellXfs>", '<xf numFmtId="55"/></cellXfs>'),
    }

    def dated(sheets: Any) -> None:
        sheets["Supply"][0]["start"] = "2026-08"

    path = raw_book(tmp_path / "book.xlsx", changes, dated)
    assert read_book(path)["Supply"].rows.at[2, "start"] == month_of(2027, 3)


@pytest.mark.parametrize("name", ["japan.xlsx", "japan-2025.xlsx", "tutorial.xlsx"])
def test_the_shipped_books_are_read_as_openpyxl_reads_them(name: str) -> None:
    path = INPUTS / name
    book = openpyxl.load_workbook(path, data_only=True)
    ours = {page.title: page for page in stored_sheets(path.read_bytes())}
    assert list(ours) == book.sheetnames
    for page in book.worksheets:
        theirs = {
            (cell.row, cell.column): cell.value
            for row in page.iter_rows()
            for cell in row
            if cell.value is not None
        }
        read = {(c.row, c.column): c.value for row in ours[page.title].cells.values()
                for c in row.values()}  # fmt: skip
        assert read == theirs
