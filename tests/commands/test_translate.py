"""A workbook in the other language: what is typed stays, and it plans the same."""

from __future__ import annotations

import math
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment

from command import Command
from kido.data.schema import FLAGS, Column, catalogue
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.data.workbook.translate import translate
from kido.report.excel.template import write_book
from kido.study.design.sweep_rows import find_column, find_sheet
from places import INPUTS


@pytest.fixture
def kido(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def same_tables(before: Tables, after: Tables, language: str = "ja") -> None:
    """Holds the rows, options and parameters of sweeps of two books equal, but the language."""
    for sheet, frame in before.frames.items():
        named = ["sheet", "row", "column"] if sheet == "Sweeps" and language == "ja" else []
        assert after[sheet].rows.drop(columns=named).equals(frame.rows.drop(columns=named)), sheet
        assert after[sheet].unused == frame.unused
    assert asdict(after.settings) == {**asdict(before.settings), "language": language}
    for old, new in zip(before["Sweeps"].records(), after["Sweeps"].records(), strict=True):
        sheet = find_sheet(old.sheet)
        assert sheet is find_sheet(new.sheet)
        if sheet is not None:
            assert find_column(sheet, old.column) is find_column(sheet, new.column)


BOOKS = ("tutorial.xlsx", "japan.xlsx", "japan-2025.xlsx")


def cells(path: Path) -> dict[tuple[str, str], Any]:
    return {
        (page.title, cell.coordinate): cell.value
        for page in openpyxl.load_workbook(path)
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }


@pytest.mark.parametrize("name", BOOKS)
def test_the_other_language_says_the_same(name: str, tmp_path: Path) -> None:
    book, other, back = INPUTS / name, tmp_path / "ja.xlsx", tmp_path / "en.xlsx"
    translate(book, "ja", other)
    before, after = read_book(book), read_book(other)
    same_tables(before, after)
    translate(other, "en", back)
    assert cells(back) == cells(book)
    same_tables(before, read_book(back), "en")


def test_titles_headers_words_and_drop_downs_are_japanese(tmp_path: Path) -> None:
    translate(INPUTS / "tutorial.xlsx", "ja", tmp_path / "ja.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ja.xlsx")
    assert book.sheetnames[:3] == ["設定", "品目", "拠点"]
    goods = book["品目"]
    assert [c.value for c in goods[1]][:2] == ["品目", "種別"] and goods["B2"].value == "原料"
    lists = [str(rule.formula1) for page in book for rule in page.data_validations.dataValidation]
    assert '"はい,いいえ"' in lists and not any("'Commodities'!" in text for text in lists)
    assert any(text.startswith("'品目'!") for text in lists)
    assert book["設定"]["A2"].value == "表題"


def test_a_text_of_no_word_keeps_its_blanks(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(INPUTS / "tutorial.xlsx")
    sites = book["Sites"]
    heads = {cell.value: cell.column for cell in sites[1]}
    sites.cell(2, heads["tags"]).value = "near;far ;  own"
    sites.cell(2, heads["source"]).value = " typed by hand "
    book.save(tmp_path / "own.xlsx")
    translate(tmp_path / "own.xlsx", "ja", tmp_path / "ja.xlsx")
    page = openpyxl.load_workbook(tmp_path / "ja.xlsx")["拠点"]
    assert page.cell(2, heads["tags"]).value == "near;far ;  own"
    assert page.cell(2, heads["source"]).value == " typed by hand "


@pytest.mark.parametrize(("name", "language"), [("japan.xlsx", "en"), ("日本.xlsx", "ja")])
def test_a_book_in_its_own_language_is_copied(name: str, language: str, tmp_path: Path) -> None:
    translate(INPUTS / name, language, tmp_path / "copy.xlsx")
    assert cells(tmp_path / "copy.xlsx") == cells(INPUTS / name)


def test_formulas_follow_the_titles_of_sheets(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(INPUTS / "tutorial.xlsx")
    notes = book.create_sheet("Notes")
    notes["A1"].value, notes["A2"].value = "=Supply!A2&'Sites'!A2", "Supply is typed here"
    book.save(tmp_path / "own.xlsx")
    translate(tmp_path / "own.xlsx", "ja", tmp_path / "ja.xlsx")
    found = openpyxl.load_workbook(tmp_path / "ja.xlsx")
    assert found["Notes"]["A1"].value == "='供給'!A2&'拠点'!A2"
    assert found["Notes"]["A2"].value == "Supply is typed here"


def test_the_japanese_book_is_the_english_one(tmp_path: Path) -> None:
    translate(INPUTS / "japan.xlsx", "ja", tmp_path / "ja.xlsx")
    assert cells(INPUTS / "日本.xlsx") == cells(tmp_path / "ja.xlsx")


@pytest.mark.parametrize("name", BOOKS)
def test_no_row_is_added(name: str, tmp_path: Path) -> None:
    """Not even an empty one, which a reader of rows as they are stored would meet."""
    translate(INPUTS / name, "ja", tmp_path / "ja.xlsx")
    counts = []
    for path in (INPUTS / name, tmp_path / "ja.xlsx"):
        book = openpyxl.load_workbook(path, read_only=True)
        counts.append([len(list(page.iter_rows())) for page in book])
        book.close()
    assert counts[0] == counts[1]


def test_what_cannot_be_translated_is_said(kido: Command, tmp_path: Path) -> None:
    book = INPUTS / "tutorial.xlsx"
    there = tmp_path / "there.xlsx"
    there.write_text("mine")
    for arguments, words in (
        ((book, "--lang", "ja", "-o", there), "there already"),
        ((book, "--lang", "fr", "-o", tmp_path / "fr.xlsx"), "fr"),
        ((book, "--lang", "ja", "-o", tmp_path / "none" / "x.xlsx"), "folder"),
        ((there, "--lang", "ja", "-o", tmp_path / "x.xlsx"), "there.xlsx"),
    ):
        answer = kido("translate", *arguments)
        assert answer.code == 2 and words in answer.all, words
    assert there.read_text() == "mine"


NUMBERS = {"number": 1.25, "rate": 0.5, "share": 0.25, "integer": 3}


def some_value(column: Column, row: int, language: str) -> Any:
    """A value that the column takes; words take turns from row to row."""
    if column.kind == "choice":
        return list(column.words)[row % len(column.words)]
    if column.kind == "words" and column.words:
        return [*column.words, f"own {row}"]
    if column.words:  # texts and names with a meaning of their own
        return next(iter(column.words)) if row % 2 else f"own {row}"
    if column.kind in NUMBERS:
        most = math.inf if column.most is None else column.most
        return min(max(NUMBERS[column.kind], column.least or 0), most)
    lengths = {"en": "24 month", "ja": "24か月"}
    plain = {"month": "2027-03", "flag": row % 2 == 0, "words": ["a", "b c"], "numbers": "2; 4",
             "reference": 7.5, "calendar": lengths[language]}  # fmt: skip
    return plain.get(column.kind, f"{column.key} {row}")


def full_book(path: Path, language: str) -> None:
    """Write a book in which every column of every sheet and every option is filled."""
    sheets = {name: sheet for name, sheet in catalogue().items() if name != "Settings"}
    most = max(len(c.words) for sheet in sheets.values() for c in sheet.columns.values())
    rows = {
        name: [
            {c.key: some_value(c, row, language) for c in sheet.columns.values()}
            for row in range(most)
        ]
        for name, sheet in sheets.items()
    }
    parameters = [
        ("Supply", "Pit", "price"), ("Settings", "yard cost", "value"), ("Events", "e", "from"),
    ]  # fmt: skip
    if language == "ja":
        parameters = [("供給", "Pit", "価格"), ("設定", "仮置費用", "値"), ("事象", "e", "開始")]
    for line, (sheet, row, column) in zip(rows["Sweeps"], parameters, strict=False):
        line.update(sheet=sheet, row=[row], column=column)
    options = catalogue()["Settings"].columns.values()
    settings = {
        c.key: (some_value(c, 1, language), f"source of {c.key}", "guessed") for c in options
    }
    write_book(path, rows, {**settings, "language": language}, language)


@pytest.mark.parametrize(("first", "other"), [("en", "ja"), ("ja", "en")])
def test_every_column_and_option_goes_there_and_back(
    first: str, other: str, tmp_path: Path
) -> None:
    book, there, back = tmp_path / "a.xlsx", tmp_path / "b.xlsx", tmp_path / "c.xlsx"
    full_book(book, first)
    translate(book, other, there)
    translate(there, first, back)
    assert cells(back) == cells(book)
    same_tables(read_book(book), read_book(back), first)
    full_book(tmp_path / "written.xlsx", other)
    assert cells(there) == cells(tmp_path / "written.xlsx")


def test_comments_are_of_today_and_whole(tmp_path: Path) -> None:
    """A comment of an older kido says what the column means now, in a box that shows it all."""
    book = openpyxl.load_workbook(INPUTS / "tutorial.xlsx")
    book["Supply"]["A1"].comment = Comment("An older sentence.", "kido", 79, 144)
    book["Supply"]["B1"].comment = Comment("My own remark.", "Sato")
    book.save(tmp_path / "own.xlsx")
    translate(tmp_path / "own.xlsx", "ja", tmp_path / "ja.xlsx")
    page = openpyxl.load_workbook(tmp_path / "ja.xlsx")["供給"]
    name = catalogue()["Supply"].columns["name"]
    assert name.meaning_ja in page["A1"].comment.text and page["A1"].comment.author == "kido"
    assert page["B1"].comment.text == "My own remark."
    with ZipFile(tmp_path / "ja.xlsx") as parts:
        boxes = "".join(parts.read(n).decode() for n in parts.namelist() if n.endswith(".vml"))
    assert boxes.count("width:320px") > 150 and boxes.count("width:144px") == 1


def test_no_word_of_english_is_left_in_headers_units_and_options(tmp_path: Path) -> None:
    """What stays in Latin letters are signs of the trade and names of methods."""
    full_book(tmp_path / "en.xlsx", "en")
    translate(tmp_path / "en.xlsx", "ja", tmp_path / "ja.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ja.xlsx")
    heads = [cell.value for page in book for cell in page[1]]
    options = [cell.value for cell in book["設定"]["A"] + book["設定"]["C"] if cell.value]
    used = next(cell.column_letter for cell in book["供給"][1] if cell.value == "使用")
    assert {cell.value for cell in book["供給"][used][1:]} == set(FLAGS["ja"])
    signs = {"t", "kg", "USD", "kUSD", "REO", "CVaR"}
    for text in (*heads, *options):
        assert set(re.findall("[A-Za-z]+", text)) <= signs, text
