"""The blank book: whole, commented, validated, and read back as it was written."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from books import read
from example_book import good, good_book
from kido.data.schema import LANGUAGES, catalogue
from kido.data.workbook.read import read_book
from kido.errors import WorkbookError
from kido.report.excel import template
from kido.report.excel.template import write_book


@pytest.mark.parametrize("language", LANGUAGES)
def test_blank_book_lacks_only_what_a_planner_must_add(tmp_path: Path, language: str) -> None:
    write_book(tmp_path / "blank.xlsx", language=language)
    with pytest.raises(WorkbookError) as fault:
        read_book(tmp_path / "blank.xlsx")
    assert [f.code for f in fault.value.findings] == ["blank", "nothing-to-plan"]
    write_book(
        tmp_path / "begun.xlsx",
        {"Stockpiles": [{"name": "Pile", "site": "S", "commodity": "C"}]},
        {"start": "2026-07"},
        language,
    )
    settings = read(tmp_path / "begun.xlsx").settings
    assert (settings.calendar, settings.cvar_level, settings.yard_cost) == ((1,) * 12, 0.9, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_header_a_comment_and_its_list(tmp_path: Path, language: str) -> None:
    write_book(tmp_path / "blank.xlsx", language=language)
    book = openpyxl.load_workbook(tmp_path / "blank.xlsx")
    assert book.sheetnames == [sheet.title(language) for sheet in catalogue().values()]
    for sheet in list(catalogue().values())[1:]:
        page = book[sheet.title(language)]
        heads = [cell.value for cell in page[1]]
        assert heads == [column.header(language) for column in sheet.columns.values()]
        assert page.freeze_panes == "B2" and page.auto_filter.ref
        lists = {str(rule.sqref): rule for rule in page.data_validations.dataValidation}
        for cell, column in zip(page[1], sheet.columns.values(), strict=True):
            assert column.meaning in cell.comment.text and column.meaning_ja in cell.comment.text
            rule = lists.get(f"{cell.column_letter}2:{cell.column_letter}2000")
            if column.choices():
                words = ",".join(column.choices(language))
                assert rule is not None and rule.formula1 == f'"{words}"'
                assert len(rule.formula1) <= 255 and rule.showErrorMessage
            elif column.refers in catalogue():
                title = catalogue()[column.refers].title(language)
                assert rule is not None and rule.formula1 == f"'{title}'!$A$2:$A$2000"


def test_settings_list_every_option_with_its_default(tmp_path: Path) -> None:
    write_book(tmp_path / "book.xlsx", settings={"start": ("2026-07", "S1", "published")})
    page = openpyxl.load_workbook(tmp_path / "book.xlsx")["Settings"]
    rows = {row[0].value: [cell.value for cell in row[1:]] for row in page.iter_rows(min_row=2)}
    assert list(rows) == [column.name for column in catalogue()["Settings"].columns.values()]
    assert rows["calendar"][0] == "12 month" and rows["CVaR level"][0] == 0.9
    assert rows["start"][0].strftime("%Y-%m") == "2026-07"
    assert rows["start"][3:] == ["S1", "published"]


def test_values_come_back_as_they_were(tmp_path: Path) -> None:
    """Every kind of value, and text that begins like a formula."""
    rows: dict[str, Any] = {
        "Sites": [{"name": "A", "country": "=B", "tags": ["x", "y"], "source": "+1"}],
        "Supply": [{"name": "S", "site": "A", "commodity": "C", "price": 1234567.125,
                    "most": 12000, "start": "2027-03", "end": 24330, "use": True}],
    }  # fmt: skip
    extra = {"Notes": [["what", "how much"], ["=1+1", 2.5], ["long " * 30, None]]}
    write_book(tmp_path / "book.xlsx", rows, {"start": 24318}, extra=extra)
    tables = read(tmp_path / "book.xlsx")
    supply = next(tables["Supply"].records())
    assert (supply.price, supply.most, supply.start, supply.end) == (
        1234567.125,
        12000,
        24326,
        24330,
    )
    site = next(tables["Sites"].records())
    assert (site.country, site.tags, site.source) == ("=B", ("x", "y"), "+1")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames[-1] == "Notes"
    for cell in (book["Notes"]["A2"], book["Sites"]["B2"]):
        assert cell.data_type == "s" and cell.value.startswith("=")
    assert book["Supply"]["G2"].number_format == "yyyy-mm"


@pytest.mark.parametrize(
    ("rows", "settings"),
    [({"Suply": []}, {}), ({"Supply": [{"prize": 1}]}, {}), ({}, {"begin": "2026-07"})],
)
def test_what_the_catalogue_does_not_know_is_refused(
    tmp_path: Path, rows: Any, settings: Any
) -> None:
    with pytest.raises(ValueError, match="not in the catalogue"):
        write_book(tmp_path / "book.xlsx", rows, settings)
    assert list(tmp_path.iterdir()) == []


def test_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk half-way leaves the old book, and nothing beside it."""
    path = good_book(tmp_path / "book.xlsx")
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(template.os, "fsync", full)
    sheets, settings = good()
    with pytest.raises(OSError, match="no space"):
        write_book(path, sheets, settings)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["book.xlsx"]


def test_a_free_sheet_keeps_numbers_and_days(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    lines = [["what", 2026], ["from", date(2026, 5, 1)], ["sum", "=1+1"]]
    write_book(path, extra={"Free": lines})
    page = openpyxl.load_workbook(path)["Free"]
    assert page["B1"].value == 2026
    assert (page["B2"].value.date(), page["B2"].number_format) == (date(2026, 5, 1), "yyyy-mm-dd")
    assert (page["B3"].value, page["B3"].data_type) == ("=1+1", "s")
