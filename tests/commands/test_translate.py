"""A workbook in the other language: what is typed stays, and it plans the same."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from command import Command
from kido.data.workbook.read import read_book
from kido.data.workbook.translate import translate
from places import INPUTS


@pytest.fixture
def kido(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


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
    for sheet, frame in before.frames.items():
        assert after[sheet].rows.equals(frame.rows), sheet
        assert after[sheet].unused == frame.unused
    assert asdict(after.settings) == {**asdict(before.settings), "language": "ja"}
    translate(other, "en", back)
    assert cells(back) == cells(book)


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
