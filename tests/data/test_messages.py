"""Every message in English and Japanese; nothing is said of a book that is not in the file."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import openpyxl
import pytest

import kido
from books import read
from example_book import Edit, good_book
from faulty_cells import PLANTED_CELLS, PLANTED_FILES, Change
from faulty_rows import PLANTED_ROWS
from japanese_books import TITLES, english_in, japanese_book, marked_japanese_book, typed
from kido.certificate import verify
from kido.data.schema import catalogue
from kido.errors import Finding, InfeasiblePlan, Place, WorkbookError
from kido.messages import PARTS, all_messages, listed, phrase
from kido.study.checks.book import check, check_file
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


def test_the_certificate_speaks_the_language_of_the_book(tmp_path: Path) -> None:
    path = small_book(tmp_path / "book.xlsx", RISKY, language="ja")
    answer = kido.solve(path, write=False).answer
    flows = answer.flows.assign(value=answer.flows["value"] * 1.5)
    found = verify(answer.tables, flows, 1.0, 2.0, 3.0)
    assert len({f.code for f in found.findings}) > 4
    planners = typed(path)
    for finding in found.findings:
        assert english_in(finding, planners) == set(), finding.sentence
    assert answer.certificate is not None
    assert any("計画全体" in where for where in answer.certificate.residuals["where"])
