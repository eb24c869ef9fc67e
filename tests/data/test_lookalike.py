"""No message shows what was found and what was expected as the same text."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from example_book import marked_book
from faulty_cells import all_of, cell
from kido.data.schema import catalogue
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import BadCell, Raw, digits, fold, tidy
from kido.data.workbook.read import read_book
from kido.errors import Finding, Place
from kido.lookalike import INVISIBLE
from kido.study.checks.book import check_file

COLUMNS = [c for sheet in catalogue().values() for c in sheet.columns.values()]
BOUNDED = [c for c in COLUMNS if c.least is not None or c.most is not None]
MARKS = "\u200e\u200f\u202a\u202c\u2066\u2069\u200b\u2060\ufeff\u00ad\ufe0f\u061c\u180e\x07"


def seen(text: str) -> str:
    """The text as eyes have it, at best."""
    return " ".join(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).split())


@given(st.text(max_size=8), st.text(max_size=8))
@example("Tokyo\u200e", "Tokyo")
@example("\u202aTokyo\u202c", "Tokyo")
@example("2027\u221204", "2027-04")
@example("\u041ailn", "Kiln")
@example("エ程", "工程")
@example("力\u30fb", "カ\u30fb")
@example("か\u3099", "が")
@example(" a", "a")
@example("\u2014", "\u2013")
@example("\uff11", "1")
def test_found_and_expected_differ(found: str, expected: str) -> None:
    told = Finding.of("sheet-unknown", Place("S", "A1"), found, sheet=expected)
    if found != expected:
        assert seen(told.found) != seen(told.expected)


@pytest.mark.parametrize(
    ("found", "expected", "code"),
    [
        ("2027\u221204", "2027-04", "U+2212"),
        ("Tokyo\u200e", "Tokyo", "U+200E"),
        ("Tokyo\u202a", "", "U+202A"),
        ("\u041ailn", "Kiln", "U+041A"),
        ("モ\u2015タ", "モータ", "U+2015"),
        ("エ場", "工場", "U+30A8"),
    ],
)
def test_characters_are_named_by_their_code(found: str, expected: str, code: str) -> None:
    told = Finding.of("sheet-unknown", Place("S", "A1"), found, sheet=expected)
    assert code in told.found + told.expected


def test_what_can_be_told_apart_is_left_alone() -> None:
    told = Finding.of("sheet-unknown", Place("S", "A1"), "価挌", sheet="価格")
    assert (told.found, told.expected) == ("価挌", "価格")


@given(st.sampled_from(BOUNDED), st.floats(-2e12, 2e12), st.floats(-3e-9, 3e-9))
def test_numbers_have_as_many_digits_as_make_them_differ(
    column: object, far: float, near: float
) -> None:
    bounds = [b for b in (column.least, column.most) if b is not None]  # type: ignore[attr-defined]
    for value in (far, *(b + near for b in bounds), *(b * (1 + near) for b in bounds)):
        try:
            parse(column, Raw(value))  # type: ignore[arg-type]
        except BadCell as bad:
            shown = Raw(value).told
            assert shown not in re.split(r"[\s,]+", bad.expected), (shown, bad.expected)
            assert float(shown) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_digits_tell_a_number_from_its_neighbours(value: float) -> None:
    assert float(digits(value)) == value


@pytest.mark.parametrize(
    ("where", "typed", "number"),
    [
        ("Relief!share", 1.0000000000000002, 1), ("Relief!share", -5e-17, 0),
        ("Processes!lead", 120.00000000000001, 120), ("Processes!lead", -0.0, 0),
        ("Settings!fiscal_start", 12.000000000000002, 12), ("Settings!fx", 0.0001, 0.0001),
        ("Facilities!build_months", 2.9999999999999996, 3), ("Policies!limit", "1.0", 1),
        ("Settings!run_out", "240.00000000000003", 240),
    ],
)  # fmt: skip
def test_the_last_digits_do_not_count(where: str, typed: object, number: float) -> None:
    sheet, key = where.split("!")
    assert parse(catalogue()[sheet].columns[key], Raw(typed)) == number


@pytest.mark.parametrize(
    ("where", "typed"),
    [
        ("Relief!share", 1.00001), ("Relief!share", -1e-6), ("Processes!lead", 120.001),
        ("Facilities!build_months", 2.999), ("Settings!fx", 0),
    ],
)  # fmt: skip
def test_but_the_first_ones_do(where: str, typed: object) -> None:
    sheet, key = where.split("!")
    with pytest.raises(BadCell):
        parse(catalogue()[sheet].columns[key], Raw(typed))


@given(st.sampled_from(MARKS), st.integers(0, 5))
def test_marks_that_nobody_sees_do_not_count(mark: str, at: int) -> None:
    assert tidy("Tokyo"[:at] + mark + "Tokyo"[at:]) == "Tokyo"
    assert fold("A\u301cB") == fold("A\uff5eB") == "a~b"


def test_a_name_with_a_mark_is_the_name(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!B2", "\u202aPerth\u200e\u202c"))
    assert read_book(path)["Supply"].rows.at[2, "site"] == "Perth"


def test_a_name_with_a_letter_of_another_script(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!B2", "\u0420erth"))
    (found,) = [f for f in check_file(path)[1] if f.code == "reference-to-nothing"]
    assert "U+0420" in found.found and found.expected == "Perth"


def test_a_name_that_a_formula_makes_is_what_excel_shows(tmp_path: Path) -> None:
    change = all_of(cell("Sites!A2", 0.1 + 0.2), cell("Supply!B2", 0.3))
    tables = read_book(marked_book(tmp_path / "book.xlsx", change))
    assert tables["Sites"].rows.at[2, "name"] == tables["Supply"].rows.at[2, "site"] == "0.3"
