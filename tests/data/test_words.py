"""The words of drop-downs in both languages, and words that were written otherwise once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

import kido
from books import read
from example_book import edited_book, good, good_book, marked_book
from faulty_rows import more
from japanese_books import japanese_book, marked_japanese_book
from kido.data.schema import catalogue
from kido.report.excel.template import write_book
from kido.study.checks.book import check, check_file
from tiny_book import RISKY, both, changed, small_book


@pytest.mark.parametrize("sheet", list(catalogue().values())[1:], ids=lambda sheet: sheet.name)
def test_words_of_a_column_are_distinct_in_each_language(sheet: object) -> None:
    for column in sheet.columns.values():  # type: ignore[attr-defined]
        for language in ("en", "ja"):
            words = [word.term.in_language(language) for word in column.words.values()]
            assert len(set(words)) == len(words)
            assert all(words)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_new_book_writes_its_words_in_its_language(tmp_path: Path, language: str) -> None:
    sheets, settings = good()
    write_book(tmp_path / "book.xlsx", sheets, settings, language)
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    page = book[catalogue()["Stockpiles"].title(language)]
    rule = {str(r.sqref): r for r in page.data_validations.dataValidation}["H2:H2000"]
    assert (
        rule.formula1
        == {
            "en": '"any time,from a month,once a disruption is known"',
            "ja": '"いつでも,指定月以降,途絶判明後"',
        }[language]
    )
    recipes = book[catalogue()["Recipes"].title(language)]
    roles = [row[1] for row in recipes.iter_rows(min_row=2, max_row=5, values_only=True)]
    assert check_file(tmp_path / "book.xlsx")[1] == []
    assert roles == {"en": ["input", "output", "output", "uses"],
                     "ja": ["投入", "産出", "産出", "使用"]}[language]  # fmt: skip


def test_words_of_either_language_are_read_in_any_book(tmp_path: Path) -> None:
    """The same rows, whichever words and titles they are written with."""
    english = read(good_book(tmp_path / "en.xlsx"))
    japanese = read(japanese_book(tmp_path / "ja.xlsx"))
    assert check_file(tmp_path / "ja.xlsx")[1] == []
    assert (english.settings.language, japanese.settings.language) == ("en", "ja")
    mixed = read(marked_japanese_book(tmp_path / "mixed.xlsx", english_words))
    in_english = read(marked_book(tmp_path / "jp.xlsx", japanese_words))
    for other in (japanese, mixed, in_english):
        for name, frame in english.frames.items():
            assert frame.rows.equals(other[name].rows), name


def english_words(book: Any) -> None:
    book["Recipes"]["B2"].value = "input"
    book["Policies"]["C2"].value = "any country"
    book["Policies"]["J3"].value = "Calm"
    book["Scenarios"]["G2"].value = "yes"


def japanese_words(book: Any) -> None:
    book["Recipes"]["B2"].value = "投入"
    book["Policies"]["C2"].value = "国ごと"
    book["Policies"]["J3"].value = "平時"
    book["Scenarios"]["G2"].value = "はい"
    book["Relief"]["C2"].value = "節約"


def test_an_old_word_is_read_and_told_once(tmp_path: Path) -> None:
    def asked(book: Any) -> None:
        page = book["Sweeps"]
        for row, name in ((4, "A"), (5, "B")):
            page.cell(row, 1, name)
            page.cell(row, 2, "room")
            page.cell(row, 8, "1")
        page.cell(6, 1, "C")
        page.cell(6, 2, "scenarios")
        page.cell(6, 4, "Trunk; Stop")
        book["Contracts"]["H1"].value = "settled"

    tables, found = check_file(marked_book(tmp_path / "book.xlsx", asked))
    assert tables is not None
    assert list(tables["Sweeps"].rows["method"])[2:] == ["room", "room", "scenarios"]
    assert [(f.code, str(f.place), f.found, f.expected) for f in found] == [
        ("old-word", "Contracts!H1", "settled", "settlement"),
        ("old-word", "Sweeps!B4", "room", "near-optimal"),
        ("old-word", "Sweeps!D6", "Trunk; Stop", "base case"),
    ]
    assert found[1].in_language("ja").sentence == (
        "「room」は「準最適」に改められました。旧称も引き続き使えます。"
    )


@pytest.mark.parametrize("word", ["near-optimal", "準最適", "Near-Optimal"])
def test_the_new_word_is_not_told(tmp_path: Path, word: str) -> None:
    edit = more("Sweeps", name="A", method=word, values="1")
    tables, found = check_file(edited_book(tmp_path / "book.xlsx", edit))
    assert found == [] and tables is not None
    assert tables["Sweeps"].rows["method"].iloc[-1] == "room"


@pytest.mark.parametrize("name", ["Trunk", "base case", "Base case", "基準ケース"])
def test_the_base_case_may_be_planned_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    path = small_book(tmp_path / "book.xlsx", RISKY)
    assert kido.solve(path, scenario=name, write=False).facts["scenarios"][0]["name"] == "Trunk"


@pytest.mark.parametrize("parent", ["base case", "基準ケース", "Trunk"])
def test_a_scenario_may_part_from_the_base_case_by_name(tmp_path: Path, parent: str) -> None:
    blank = kido.solve(small_book(tmp_path / "blank.xlsx", RISKY), write=False)
    edit = both(RISKY, changed("Scenarios", "Shut", parent=parent))
    named = kido.solve(small_book(tmp_path / "named.xlsx", edit), write=False)
    assert named.facts["objective"] == blank.facts["objective"]
    told = [f.code for f in named.answer.tables.warnings]
    assert told == (["old-word"] if parent == "Trunk" else [])


@pytest.mark.parametrize("name", ["基準ケース", "Base case", "平時", "国ごと"])
def test_no_scenario_bears_a_word_of_kido(tmp_path: Path, name: str) -> None:
    edit = more("Scenarios", name=name, probability=0.01, known="2026-09")
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    assert [f.code for f in found] == ["reserved-word"]
