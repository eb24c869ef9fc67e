"""What counts as a change between two books, and what does not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from books import edit_cells
from command import Command
from kido.comparison.changes import ADDED, CHANGED, REMOVED, RENAMED, changes_of
from kido.comparison.diff import book_changes
from kido.comparison.match import match
from kido.data.schema import SHEET_TITLES_JA
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.data.workbook.translate import translate
from places import JAPAN, TUTORIAL
from randombooks import books
from tiny_book import RISKY, Edit, both, changed, more, small_book, without


@pytest.fixture
def kido(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def told(tmp_path: Path, before: Edit, after: Edit, **options: object) -> list[str]:
    one = small_book(tmp_path / "one.xlsx", before)
    return book_changes(one, small_book(tmp_path / "two.xlsx", after, **options))[0]


def nothing(sheets: Any) -> None:
    """The small book as it is."""


def test_a_cell_an_option_a_new_row_and_one_that_is_gone(tmp_path: Path) -> None:
    after = both(
        changed("Supply", "Pit", price=2, most=None),
        more("Sales", name="Out", site="Mine", commodity="Ore", price=0.5),
        without("Supply", "Spot"),
    )
    assert told(tmp_path, nothing, after, risk_weight=0.5, calendar="3 month, 1 quarter") == [
        "Settings!B3  calendar: 6 month -> 3 month, 1 quarter",
        "Settings!B4  risk weight: 0 -> 0.5",
        "Supply!D2  Pit: price [USD/kg] 1 -> 2",
        "Supply!E2  Pit: max [t/yr] 120 -> blank",
        "Supply!A3  - Spot: site Tokyo; commodity Dy; price [USD/kg] 9; max [t/yr] 24",
        "Sales!A2  + Out: site Mine; commodity Ore; price [USD/kg] 0.5",
    ]  # fmt: skip


def test_a_renamed_row_is_one_rename_and_what_names_it_follows(tmp_path: Path) -> None:
    """A site, named by four rows; a process, named by its recipe; two names that change at once."""

    def renamed(sheets: Any) -> None:
        names = {"Mine": "Mount Weld", "Refine": "Separate", "Ore": "Concentrate", "Pit": "Pit 1"}
        for rows in sheets.values():
            for row in rows:
                row.update({k: names.get(v, v) for k, v in row.items() if isinstance(v, str)})

    assert told(tmp_path, nothing, renamed) == [
        "Commodities!A3  Ore -> Concentrate (renamed)",
        "Sites!A2  Mine -> Mount Weld (renamed)",
        "Supply!A2  Pit -> Pit 1 (renamed)",
        "Processes!A2  Refine -> Separate (renamed)",
    ]


def test_a_profile_of_many_rows_is_renamed_once(tmp_path: Path) -> None:
    def profile(name: str) -> Edit:
        return both(*(more("Profiles", name=name, period=f"2026-{m:02d}", value=m) for m in (7, 9)),
                    more("Events", target=["Lane"], effect="price", profile=name))  # fmt: skip

    assert told(tmp_path, profile("gate"), profile("door")) == [
        "Profiles!A2  gate -> door (renamed)"
    ]


def test_what_has_another_content_is_no_rename(tmp_path: Path) -> None:
    shop = more("Supply", name="Shop", site="Tokyo", commodity="Dy", price=8, most=24)
    after = both(without("Supply", "Spot"), shop)
    assert [line.split()[1] for line in told(tmp_path, nothing, after)] == ["+", "-"]


def test_a_site_that_others_use_is_not_taken_for_a_renamed_one(tmp_path: Path) -> None:
    """The same country, but nothing that stood at the one stands at the other."""
    before = both(more("Sites", name="Perth", country="Australia"),
                  more("Supply", name="Heap", site="Perth", commodity="Ore", price=1))  # fmt: skip
    after = both(more("Sites", name="Darwin", country="Australia"),
                 more("Sales", name="Out", site="Darwin", commodity="Ore", price=0))  # fmt: skip
    lines = told(tmp_path, before, after)
    assert not any("renamed" in line for line in lines)
    assert [line for line in lines if line.startswith("Sites")] == [
        "Sites!A4  + Darwin: country Australia", "Sites!A4  - Perth: country Australia",
    ]  # fmt: skip


def test_a_hazard_under_another_name_is_another(tmp_path: Path) -> None:
    """Its draws come of its name: the plan may change."""

    def hazard(name: str) -> Edit:
        return more("Hazards", name=name, target=["Kiln"], effect="capacity", factor=0, rate=0.1,
                    mean_months=2)  # fmt: skip

    lines = told(tmp_path, hazard("fire"), hazard("blaze"))
    assert [line.split()[1] for line in lines] == ["+", "-"]


def test_events_have_no_key_but_are_the_same_rows(tmp_path: Path) -> None:
    def events(*factors: float, name: str = "") -> Edit:
        row = {"name": name, "target": ["Lane"], "effect": "price", "months": 1}
        dates = enumerate(factors, start=8)
        return both(*(more("Events", factor=f, start=f"2026-{m:02d}", **row) for m, f in dates))

    assert told(tmp_path, events(1.5, 2), events(1.5, 3)) == [
        "Events!F3  price · Lane: factor 2 -> 3"
    ]
    assert told(tmp_path, events(1.5, name="dear"), events(2, name="dear")) == [
        "Events!F2  dear: factor 1.5 -> 2"
    ]


def test_what_formulas_lose_is_no_change(tmp_path: Path) -> None:
    dear = changed("Supply", "Pit", price=82.5 * 1.1)
    assert told(tmp_path, changed("Supply", "Pit", price=90.75), dear) == []


def test_a_row_not_in_use_is_not_lost(tmp_path: Path) -> None:
    off = changed("Supply", "Spot", use="no")
    (line,) = told(tmp_path, nothing, off)
    assert line.startswith("Supply!A3  - Spot:") and line.endswith("(no longer used)")
    (line,) = told(tmp_path, off, nothing)
    assert line.startswith("Supply!A3  + Spot:") and line.endswith("(used again)")


def shuffled(book: openpyxl.Workbook) -> None:
    """Rows sorted otherwise, columns in another order, sheets in Japanese, notes added."""
    luck = random.Random(1)
    for sheet in book.worksheets:
        head, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        rows = [row for row in rows if any(value is not None for value in row)]
        luck.shuffle(rows)
        order = list(range(len(head)))
        if sheet.title != "Settings":
            luck.shuffle(order)
        sheet.delete_rows(1, sheet.max_row)
        for number, row in enumerate((head, *rows)):
            note = "# a note" if number == 0 else "anything"
            sheet.append([*(row[k] for k in order), note])
        sheet.title = SHEET_TITLES_JA[sheet.title]


def test_sorting_added_columns_and_renamed_sheets_are_no_change(tmp_path: Path) -> None:
    for number, path in enumerate((small_book(tmp_path / "one.xlsx", RISKY), TUTORIAL)):
        other = tmp_path / f"other{number}.xlsx"
        other.write_bytes(path.read_bytes())
        edit_cells(other, shuffled)
        assert read_book(other)["Supply"].rows.index.tolist()
        assert book_changes(path, other)[0] == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), st.randoms())
def test_a_book_is_as_it_was_however_its_rows_stand(book: Tables, luck: random.Random) -> None:
    other = book
    for sheet, frame in book.frames.items():
        rows = list(frame.rows.index)
        luck.shuffle(rows)
        if sheet != "Settings":
            other = other.with_rows(sheet, frame.rows.loc[rows].set_axis(sorted(rows)))
    assert changes_of(match(book, other)) == ()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), books())
def test_what_is_new_one_way_is_gone_the_other(one: Tables, other: Tables) -> None:
    forth, back = changes_of(match(one, other)), changes_of(match(other, one))
    opposite = {CHANGED: CHANGED, RENAMED: RENAMED, ADDED: REMOVED, REMOVED: ADDED}
    assert sorted((opposite[c.kind], c.sheet) for c in forth) == sorted(
        (c.kind, c.sheet) for c in back
    )


def with_name(book: Tables, old: str, new: str) -> Tables:
    """The book with another name wherever it stands."""

    def later(value: object) -> object:
        if isinstance(value, tuple):
            return tuple(new if word == old else word for word in value)
        return new if isinstance(value, str) and value == old else value

    for sheet, frame in book.frames.items():
        columns = {
            key: pd.Series([later(value) for value in column], column.index, column.dtype)
            for key, column in frame.rows.items()
        }
        book = book.with_rows(sheet, pd.DataFrame(columns, index=frame.rows.index))
    return book


NAMES = ("ore", "Dy", "North", "Plant", "Osaka", "south", "outlet", "kiln", "split", "ore by sea",
         "store", "need")  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books(), st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
def test_random_renames_are_renames(book: Tables, names: list[str]) -> None:
    other = book
    for name in names:
        other = with_name(other, name, f"new {name}")
    changes = changes_of(match(book, other))
    assert {c.kind for c in changes} == {RENAMED}
    assert sorted((str(c.before), str(c.after)) for c in changes) == sorted(
        (name, f"new {name}") for name in names
    )


def test_the_command(tmp_path: Path, kido: Command) -> None:
    one = small_book(tmp_path / "one.xlsx")
    two = small_book(tmp_path / "two.xlsx", changed("Supply", "Pit", price=2), language="ja")
    ended = kido("diff", one, two)
    assert ended.code == 0
    assert "Supply!D2  Pit:価格 [USD/kg] 1 → 2" in ended.out.splitlines()
    assert kido("diff", one, one).all == ""
    assert kido("diff", one).code == kido("diff", one, two, two).code == 2
    ended = kido("diff", one, tmp_path / "gone.xlsx")
    assert ended.code == 2 and "no such file" in ended.err


def test_a_fault_is_said_and_the_rest_compared(tmp_path: Path, kido: Command) -> None:
    one = small_book(tmp_path / "one.xlsx")
    two = small_book(tmp_path / "two.xlsx", changed("Supply", "Pit", price="dear", most=60))
    ended = kido("diff", one, two)
    assert ended.code == 0 and "Supply!D2" in ended.err
    assert "Supply!E2  Pit: max [t/yr] 120 -> 60" in ended.out.splitlines()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (lambda a, b: ("x.xlsx", a, "0", "100644", b, "0", "100644"), "Supply!D2"),
        (lambda a, b: ("x.xlsx", "/dev/null", ".", ".", b, "0", "100644"), "a new workbook"),
        (lambda a, b: ("x.xlsx", a, "0", "100644", "/dev/null", ".", "."), "is gone"),
    ],
)
def test_git_gives_seven_words(
    tmp_path: Path, kido: Command, words: Callable[..., tuple[object, ...]], line: str
) -> None:
    one = small_book(tmp_path / "one.xlsx")
    two = small_book(tmp_path / "two.xlsx", changed("Supply", "Pit", price=2))
    ended = kido("diff", *words(one, two))
    assert ended.code == 0
    assert ended.out.splitlines()[0] == "x.xlsx:" and line in ended.out.splitlines()[1]


def test_what_git_kept_and_is_no_workbook_does_not_end_its_log(
    tmp_path: Path, kido: Command
) -> None:
    one, two = small_book(tmp_path / "one.xlsx"), tmp_path / "two.xlsx"
    two.write_text("<<<<<<< HEAD")
    ended = kido("diff", "x.xlsx", one, "0", "100644", two, "0", "100644")
    assert ended.code == 0 and "not an Excel workbook" in ended.out


def test_the_language_of_a_book_is_no_change(tmp_path: Path) -> None:
    for book in (TUTORIAL, JAPAN):
        out = tmp_path / f"{book.stem}.xlsx"
        translate(book, "ja", out)
        lines, _ = book_changes(book, out)
        assert len(lines) == 1 and "言語" in lines[0]
