"""Every message in English and Japanese; nothing is said of a book that is not in the file."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import kido
from books import read
from example_book import Edit, edited_book, good, good_book, marked_book
from faulty_cells import PLANTED_CELLS, PLANTED_FILES, Change
from faulty_rows import PLANTED_ROWS, more
from japanese_books import TITLES, english_in, japanese_book, marked_japanese_book, typed
from kido.data.check import check, check_file
from kido.data.schema import catalogue
from kido.data.workbook.template import write_book
from kido.errors import Finding, InfeasiblePlan, Place, WorkbookError
from kido.messages import PARTS, all_messages, listed, phrase
from tiny_book import RISKY, changed, small_book
from tiny_book import more as one_more

SOURCE = Path(kido.__path__[0])
# What makes a finding, a bad cell or a piece of one, and where its key stands.
MAKERS = {
    "Finding.of": 0, "Finding.warn": 0, "fault": 0, "warning": 0, "make": 0, "BadCell": 0,
    "phrase": 0, "_fault": 1, "ledger.count": 0,
}  # fmt: skip


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", list(all_messages()))
def test_every_message_says_the_same_in_both_languages(key: str) -> None:
    for part in PARTS:
        english, japanese = all_messages()[key][part]
        assert fields(english) == fields(japanese)
        assert bool(english) == bool(japanese)
    assert all_messages()[key]["sentence"][0]


def test_a_key_stands_once() -> None:
    lines = (SOURCE / "messages.csv").read_text("utf-8").splitlines()
    assert len(lines) - 1 == len(all_messages())


@pytest.mark.parametrize("path", list(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_what_is_said_stands_in_the_file(path: Path) -> None:
    """A maker of findings gets a key of the file; no value put in is a sentence of its own."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in MAKERS:
            continue
        at = MAKERS[ast.unparse(node.func)]
        key = node.args[at] if len(node.args) > at else None
        if isinstance(key, ast.Constant):
            assert key.value in all_messages(), f"line {node.lineno}"
        values = [*node.args[at + 1 :], *(keyword.value for keyword in node.keywords)]
        for value in values:
            held = [part for part in ast.walk(value) if isinstance(part, ast.Constant)]
            spoken = [p.value for p in held if isinstance(p.value, str) and " " in p.value.strip()]
            assert spoken == [], f"line {node.lineno}"


def test_every_message_is_used() -> None:
    """No line is left over: each key, or the code before its variant, is named in the code."""
    named: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
    begun = tuple(text for text in named if re.fullmatch(r"[a-z-]+\.([a-z]+_)?", text))
    ended = tuple(text for text in named if re.fullmatch(r"\.[a-z_]+", text))
    given = {"policy-unused", "policy-never-holds"}  # `code` of one, and a variant of it
    unused = [
        key
        for key in all_messages()
        if key not in named and not key.startswith(begun)
        and not (key.endswith(ended) and key.partition(".")[0] in given)
    ]  # fmt: skip
    assert unused == []


@pytest.mark.parametrize(
    ("code", "cell", "edit"),
    [(code, cell, edit) for code, cell, _, edit in PLANTED_ROWS],
    ids=[f"{code}-{cell}" for code, cell, *_ in PLANTED_ROWS],
)
def test_a_fault_of_a_row_in_japanese(tmp_path: Path, code: str, cell: str, edit: Edit) -> None:
    path = japanese_book(tmp_path / "book.xlsx", edit)
    found = check(read(path))
    sheet, _, at = cell.partition("!")
    hits = [f for f in found if (f.code, str(f.place)) == (code, f"{TITLES[sheet]}!{at}")]
    assert len(hits) == 1, [(f.code, str(f.place)) for f in found]
    planners = typed(path)
    for finding in found:
        assert english_in(finding, planners) == set(), finding.sentence
        assert finding.advice


@pytest.mark.parametrize(
    ("code", "cell", "change"),
    [(code, cell, change) for code, cell, _, change in PLANTED_CELLS if "供給" not in cell],
    ids=[f"{code}-{cell}" for code, cell, *_ in PLANTED_CELLS if "供給" not in cell],
)
def test_a_fault_of_a_cell_in_japanese(
    tmp_path: Path, code: str, cell: str, change: Change
) -> None:
    path = marked_japanese_book(tmp_path / "book.xlsx", change)
    found = check_file(path)[1]
    sheet, bang, at = cell.partition("!")
    place = f"{TITLES.get(sheet, sheet)}{bang}{at}"
    assert [f for f in found if (f.code, str(f.place)) == (code, place)]
    planners = typed(path)
    for finding in found:
        assert english_in(finding, planners) == set(), finding.sentence


@pytest.mark.parametrize(("code", "word", "damage"), PLANTED_FILES)
def test_a_fault_of_a_file_can_be_said_in_japanese(
    tmp_path: Path, code: str, word: str, damage: object
) -> None:
    """The language of a book that cannot be opened is not known: it is said in English."""
    path = good_book(tmp_path / "book.xlsx")
    damage(path)  # type: ignore[operator]
    try:
        found = check_file(path)[1]
    except WorkbookError as problem:
        found = list(problem.findings)
    hits = [f for f in found if f.code == code]
    assert hits and all(f.language == "en" for f in found)
    assert all(any(ord(c) > 0x3000 for c in f.in_language("ja").sentence) for f in hits)


def test_the_language_is_that_of_the_sheets_where_the_settings_cannot_be_read(
    tmp_path: Path,
) -> None:
    path = marked_japanese_book(
        tmp_path / "book.xlsx", lambda book: setattr(book["Settings"]["B3"], "value", None)
    )
    (found,) = [f for f in check_file(path)[1] if f.code == "blank"]
    assert found.sentence == "「開始」は必須です(計画できる最初の月)。"


def test_a_finding_in_either_language() -> None:
    months = phrase("part.row", row=3), phrase("part.column", letter="D")
    finding = Finding.warn("hidden-cells", Place("供給", "D3"), listed((*months, "x"), most=2))
    assert finding.found == "row 3, column D and 1 more"
    assert finding.in_language("ja").found == "3行目、D列、ほか1件"
    assert finding.in_language("ja").code == finding.code == "hidden-cells"


@pytest.mark.parametrize("sheet", list(catalogue().values())[1:], ids=lambda sheet: sheet.name)
def test_words_of_a_column_are_distinct_in_each_language(sheet: object) -> None:
    for column in sheet.columns.values():  # type: ignore[attr-defined]
        for language in ("en", "ja"):
            words = [word.term.in_language(language) for word in column.words.values()]
            assert len(set(words)) == len(words)
            assert all(words)


# --- words of drop-downs, and words that were written otherwise once ------------


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


@pytest.mark.parametrize("name", ["基準ケース", "Base case", "平時", "国ごと"])
def test_no_scenario_bears_a_word_of_kido(tmp_path: Path, name: str) -> None:
    edit = more("Scenarios", name=name, probability=0.01, known="2026-09")
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    assert [f.code for f in found] == ["reserved-word"]


def test_no_plan_is_explained_in_the_language_of_the_book(tmp_path: Path) -> None:
    """What clashes, what shuts the way, and a price that earns without end."""
    titles = {s.name: s.title_ja for s in catalogue().values()}
    edit = changed("Supply", "Pit", most=0)
    path = small_book(tmp_path / "book.xlsx", edit, language="日本語")
    with pytest.raises(InfeasiblePlan) as nothing:
        kido.solve(path, write=False)
    found = nothing.value.findings
    assert {f.code for f in found} == {"no-plan", "shuts-the-way"}
    planners = [*typed(path), *titles]
    for finding in found:
        assert english_in(finding, planners) == set(), finding.sentence
    free = small_book(
        tmp_path / "free.xlsx",
        one_more("Sales", name="Out", site="Tokyo", commodity="Dy", price=20),
        language="ja",
    )
    book = openpyxl.load_workbook(free)
    book["Supply"]["E3"].value = None  # the spot offer, at 9, without a limit
    book.save(free)
    with pytest.raises(InfeasiblePlan) as endless:
        kido.solve(free, write=False)
    assert {f.code for f in endless.value.findings} == {"without-end"}
    for finding in endless.value.findings:
        assert english_in(finding, typed(free)) == set(), finding.sentence
