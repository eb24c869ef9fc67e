"""What a planner sees of a sheet is what is read, or a warning names the cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl.styles import Font

from books import edit_cells
from example_book import edited_book, marked_book
from faulty_cells import Change, all_of, cell
from kido.data.schema import catalogue
from kido.data.workbook.read import read_book
from kido.data.workbook.shownunit import units_shown
from kido.errors import Finding


def warned(path: Path) -> list[Finding]:
    return list(read_book(path).warnings)


def hide_row(sheet: str, row: int) -> Change:
    return lambda book: setattr(book[sheet].row_dimensions[row], "hidden", True)


def strike(where: str) -> Change:
    def change(book: Any) -> None:
        sheet, _, at = where.partition("!")
        book[sheet][at].font = Font(strike=True)

    return change


def test_hidden_rows_and_columns_are_pointed_out(tmp_path: Path) -> None:
    def hide_column(book: Any) -> None:
        book["Recipes"].column_dimensions["D"].hidden = True

    change = all_of(hide_row("Recipes", 3), hide_row("Recipes", 5), hide_column)
    (found,) = warned(marked_book(tmp_path / "book.xlsx", change))
    assert (found.code, str(found.place)) == ("hidden-cells", "Recipes!A3")
    assert found.found == "row 3, row 5, column D"


def test_hidden_remarks_and_blank_rows_are_nobodys_business(tmp_path: Path) -> None:
    def hide_source(book: Any) -> None:
        page = book["Supply"]
        column = next(c.column_letter for c in page[1] if c.value == "source")
        page[f"{column}2"].value = "a report"
        page.column_dimensions[column].hidden = True

    change = all_of(hide_row("Supply", 3), hide_row("Supply", 4), cell("Supply!A4", "Old"),
                    cell("Supply!N4", "no"), hide_source)  # fmt: skip
    assert warned(marked_book(tmp_path / "book.xlsx", change)) == []


@pytest.mark.parametrize("title", ["Supply", "Settings"])
def test_a_hidden_sheet_is_pointed_out(tmp_path: Path, title: str) -> None:
    path = marked_book(
        tmp_path / "book.xlsx", lambda book: setattr(book[title], "sheet_state", "hidden")
    )
    assert [(f.code, str(f.place)) for f in warned(path)] == [("hidden-cells", title)]


def test_hidden_options_are_pointed_out(tmp_path: Path) -> None:
    (found,) = warned(marked_book(tmp_path / "book.xlsx", hide_row("Settings", 4)))
    assert (found.code, str(found.place)) == ("hidden-cells", "Settings!B4")


def test_what_is_struck_out_is_pointed_out(tmp_path: Path) -> None:
    change = all_of(strike("Recipes!A3"), strike("Recipes!D4"), strike("Recipes!D9"))
    (found,) = warned(marked_book(tmp_path / "book.xlsx", change))
    assert (found.code, str(found.place)) == ("struck-out", "Recipes!A3")
    assert found.found == "A3, D4"


def test_formats_of_another_unit_are_pointed_out(tmp_path: Path) -> None:
    change = all_of(cell("Supply!D2", 1500, "[$¥-411]#,##0"), cell("Supply!E2", 1200, '#,##0" kg"'))
    (found,) = warned(marked_book(tmp_path / "book.xlsx", change))
    assert (found.code, str(found.place)) == ("shown-otherwise", "Supply!D2")
    assert found.found == "D2: ¥, E2: kg" and found.expected == "price in USD/kg, max in t/yr"


def test_goods_counted_in_kg_may_say_so(tmp_path: Path) -> None:
    def edit(sheets: Any, settings: Any) -> None:
        sheets["Commodities"][0]["unit"] = "kg REO"

    path = edited_book(tmp_path / "book.xlsx", edit)
    before = warned(path)
    edit_cells(path, cell("Supply!E2", 1200, '#,##0" kg"'))
    assert warned(path) == before


@pytest.mark.parametrize(
    ("where", "style", "seen"),
    [
        ("Supply!price", "[$¥-411]#,##0", "¥"), ("Supply!price", '#,##0"円"', "円"),
        ("Supply!price", "¥#,##0", "¥"), ("Supply!price", "[$€-2] #,##0.00", "€"),
        ("Supply!price", '#,##0"千円"', "千円"), ("Supply!price", "#,##0円", "円"),
        ("Supply!price", '0.00" USD/t"', "t"), ("Supply!price", "[$JPY] #,##0", "jpy"),
        ("Supply!price", '"¥"#,##0;[Red]"¥"\\-#,##0', "¥"), ("Supply!most", "$#,##0", "$"),
        ("Supply!most", '0" kg"', "kg"), ("Supply!most", "0\\ \\k\\g", "kg"),
        ("Supply!most", '0" t/month"', "month"), ("Supply!most", '0"万t"', "万t"),
        ("Supply!most", "#,##0,", "only thousands or millions"),
        ("Supply!most", '0.0,,"M"', "only thousands or millions"),
        ("Supply!most", ";;;", "nothing"),
        ("Routes!lead", '0" days"', "days"), ("Facilities!life_years", '0"か月"', "か月"),
        ("Supply!price", "$#,##0.00", ""), ("Supply!price", '0.00" USD/kg"', ""),
        ("Supply!price", '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', ""),
        ("Supply!price", '0.00" ドル"', ""), ("Supply!most", "#,##0", ""), ("Supply!most", "@", ""),
        ("Supply!most", '#,##0" t/年"', ""), ("Supply!most", '#,##0" t a year"', ""),
        ("Supply!most", '"about "0', ""), ("Supply!most", "#,##0_ ;[Red]\\-#,##0\\ ", ""),
        ("Supply!most", "0.00E+00", ""), ("Supply!most", "[$-411]#,##0", ""),
        ("Routes!lead", '0"か月"', ""), ("Relief!share", "0.0%", ""), ("Settings!fx", "¥#,##0", ""),
        ("Routes!loss", '0.0" %"', ""), ("Policies!limit", "0%", ""), ("Supply!most", "G/標準", ""),
    ],
)  # fmt: skip
def test_units_shown(where: str, style: str, seen: str) -> None:
    sheet, key = where.split("!")
    assert units_shown(style, 1500.0, catalogue()[sheet].columns[key]) == seen


def test_text_that_may_be_two_numbers_is_pointed_out(tmp_path: Path) -> None:
    change = all_of(cell("Supply!E2", "1,250"), cell("Supply!D2", "1.200"))
    path = marked_book(tmp_path / "book.xlsx", change)
    assert read_book(path)["Supply"].rows.loc[2, ["price", "most"]].tolist() == [1.2, 1250]
    (found,) = warned(path)
    assert (found.code, str(found.place)) == ("two-readings", "Supply!D2")
    assert found.found == "D2: 1.200 is read as 1.2, E2: 1,250 is read as 1250"


@pytest.mark.parametrize("typed", ["1250", "1 250", "1,250.5", "1,250,000", "0.125", "12.5", 1.25])
def test_text_that_is_one_number_is_not(tmp_path: Path, typed: object) -> None:
    assert warned(marked_book(tmp_path / "book.xlsx", cell("Supply!E2", typed))) == []


def test_a_good_book_as_written_shows_what_it_is(tmp_path: Path) -> None:
    assert warned(edited_book(tmp_path / "book.xlsx", lambda sheets, settings: None)) == []
