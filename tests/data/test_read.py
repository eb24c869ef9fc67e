"""Reading: what is understood however it is typed, and every fault planted."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from books import make_book, read
from example_book import edited_book, good, good_book, marked_book
from faulty_cells import PLANTED_CELLS, PLANTED_FILES, Change, all_of, cell, repack, title
from kido.data.months import month_of
from kido.data.schema import catalogue
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import RawCell
from kido.data.workbook.read import read_book, read_leniently
from kido.errors import Finding, WorkbookError
from kido.report.excel.template import write_book


def findings(path: Path) -> tuple[Finding, ...]:
    with pytest.raises(WorkbookError) as fault:
        read_book(path)
    return fault.value.findings


@pytest.mark.parametrize(
    ("code", "where", "word", "change"),
    PLANTED_CELLS,
    ids=[f"{c}-{at}" for c, at, *_ in PLANTED_CELLS],
)
def test_planted_cells(tmp_path: Path, code: str, where: str, word: str, change: Change) -> None:
    found = findings(marked_book(tmp_path / "book.xlsx", change))
    hits = [f for f in found if f.code == code]
    assert [str(f.place) for f in hits] == [where], [(f.code, str(f.place)) for f in found]
    assert word in " ".join((hits[0].sentence, hits[0].found, hits[0].expected, hits[0].advice))
    assert not hits[0].warning


@pytest.mark.parametrize(
    ("code", "word", "change"), PLANTED_FILES, ids=[f"{c}-{w}" for c, w, _ in PLANTED_FILES]
)
def test_planted_files(tmp_path: Path, code: str, word: str, change: Callable[[Path], Any]) -> None:
    path = good_book(tmp_path / "book.xlsx")
    change(path)
    hits = [f for f in findings(path) if not f.warning]
    assert [f.code for f in hits] == [code]
    assert word in " ".join((hits[0].sentence, hits[0].found, hits[0].expected, hits[0].advice))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError("held by another program")

    path = good_book(tmp_path / "book.xlsx")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert [f.code for f in findings(path)] == ["no-permission"]


def test_a_macro_book_by_its_name(tmp_path: Path) -> None:
    path = good_book(tmp_path / "book.xlsx").rename(tmp_path / "book.xlsm")
    assert [f.code for f in findings(path)] == ["macro-book"]


def test_a_missing_file_offers_the_nearest(tmp_path: Path) -> None:
    good_book(tmp_path / "japan.xlsx")
    assert "japan.xlsx" in findings(tmp_path / "japn.xlsx")[0].advice


def test_a_truncated_book_at_every_length(tmp_path: Path) -> None:
    """However a copy was cut off or garbled, it ends in a finding, not in a crash."""
    whole = good_book(tmp_path / "book.xlsx").read_bytes()
    cut = tmp_path / "cut.xlsx"
    for size in range(0, len(whole) - 1, len(whole) // 12):
        cut.write_bytes(whole[:size])
        assert findings(cut)[0].code in ("truncated", "not-a-workbook", "unreadable")
    for spot in range(200, len(whole), len(whole) // 12):
        cut.write_bytes(whole[:spot] + b"\xff" * 40 + whole[spot + 40 :])
        try:
            read_book(cut)
        except WorkbookError as fault:
            assert fault.findings


@pytest.mark.parametrize("lock", ["~$book.xlsx", ".~lock.book.xlsx#"])
def test_open_in_excel_is_a_warning(tmp_path: Path, lock: str) -> None:
    path = good_book(tmp_path / "book.xlsx")
    (tmp_path / lock).write_text("planner")
    assert [(f.code, f.warning) for f in read_book(path).warnings] == [("open-in-excel", True)]


def test_external_links_are_a_warning(tmp_path: Path) -> None:
    path = good_book(tmp_path / "book.xlsx")
    repack(path, lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b"<x/>"}))
    assert [(f.code, f.warning) for f in read_book(path).warnings] == [("external-links", True)]


@pytest.mark.parametrize(
    "typed",
    [
        "2027-03", "2027/3", "2027.03", "2027年3月", "2027年3月15日", "Mar 2027", "March 2027",
        "2027 mar", "2027-03-15", "２０２７－０３", " 2027 - 03 ", "03/2027", "202703", 202703,
        date(2027, 3, 1), datetime(2027, 3, 31, 12), "2027-03-01 00:00:00",
    ],
)  # fmt: skip
def test_months(typed: object) -> None:
    assert parse(catalogue()["Routes"].columns["start"], RawCell(typed)) == month_of(2027, 3)


@pytest.mark.parametrize("style", ["General", "yyyy-mm"])
def test_a_month_typed_as_a_number(tmp_path: Path, style: str) -> None:
    """In a cell that shows months, Excel takes 202703 for a day far away."""
    path = marked_book(tmp_path / "book.xlsx", cell("Routes!N2", 202703, style))
    assert read(path)["Routes"].rows.at[2, "start"] == month_of(2027, 3)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1200", 1200), (" 1,200 ", 1200), ("１，２００", 1200), ("1 200.5", 1200.5), ("１２", 12),
        ("1.2e3", 1200), ("\u22125", -5), ("- 5", -5), ("+5", 5), (".5", 0.5), (7, 7), (7.5, 7.5),
    ],
)  # fmt: skip
def test_numbers(typed: object, number: float) -> None:
    assert parse(catalogue()["Supply"].columns["price"], RawCell(typed)) == number


def test_shares_may_be_percentages(tmp_path: Path) -> None:
    change = all_of(
        cell("Relief!D2", 0.1, "0%"),
        cell("Relief!D3", "20 %"),
        cell("Demand!F2", "２％"),
        cell("Policies!L2", 0.65, "0.0%"),
        cell("Routes!L2", 0, "0%"),
    )
    tables = read(marked_book(tmp_path / "book.xlsx", change))
    assert tables["Relief"].rows["share"].tolist() == [0.1, 0.2]
    assert tables["Demand"].rows.at[2, "growth"] == 0.02
    assert tables["Policies"].rows.at[2, "limit"] == 0.65
    assert tables["Routes"].rows.at[2, "loss"] == 0


def test_a_quoted_percent_sign_is_no_percentage(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Routes!L2", 5, '0.0" %"'))
    assert read(path)["Routes"].rows.at[2, "loss"] == 5


def test_types_of_the_frames(tmp_path: Path) -> None:
    tables = read(good_book(tmp_path / "book.xlsx"))
    for name, frame in tables.frames.items():
        assert list(frame.rows.columns) == list(catalogue()[name].columns)
    route = next(tables["Routes"].records())
    assert (route.Index, route.tags, route.uses) == (2, (), ("Port",))
    assert route.start == month_of(2026, 7) and type(route.start) is int
    assert type(route.price) is float and route.use is True and route.source == ""
    store = next(tables["Stockpiles"].records())
    assert math.isnan(store.fill) and store.release_month is None and store.release == "any time"
    assert [r.index for r in tables["Contracts"].records()] == ["Nd price"]
    assert str(tables["Routes"].place(2, "loss")) == "Routes!L2"
    assert str(tables["Routes"].place(2, "nothing")) == "Routes!A2"
    assert len(tables.sha256) == 64 and tables.settings_cells["start"] == "B3"


def test_settings(tmp_path: Path) -> None:
    sheets, settings = good()
    settings |= {"calendar": "２ months、 1 Quarter; 1 half-year, 1 year", "run_out": 4,
                 "discount_rate": "4 %", "yard_cost": 0, "data_date": "2026-06"}  # fmt: skip
    found = read(make_book(tmp_path / "book.xlsx", settings, **sheets)).settings
    assert found.calendar == (1, 1, 3, 6, 12)
    assert (found.start, found.run_out, found.base_year) == (month_of(2026, 7), 4, 2026)
    assert (found.discount_rate, found.yard_cost, found.time_limit) == (0.04, 0.0, None)
    assert (found.data_date, found.fiscal_start) == (month_of(2026, 6), 4)


def test_titles_and_headers_as_typed(tmp_path: Path) -> None:
    """Japanese or English, full-width, any case, blanks, with the unit or without."""
    change = all_of(
        title("Supply", " ｓｕｐｐｌｙ"),
        cell(" ｓｕｐｐｌｙ!D1", "  Price\n[ USD/kg ] "),
        cell(" ｓｕｐｐｌｙ!E1", "最大"),
        cell(" ｓｕｐｐｌｙ!N1", "# my own remark"),
        cell(" ｓｕｐｐｌｙ!N2", "anything"),
        cell("Settings!A4", "暦"),
        lambda book: book.create_sheet("Notes").append(["free"]),
        lambda book: book.create_sheet("#Demands").append(["free"]),
    )
    tables = read(marked_book(tmp_path / "book.xlsx", change))
    assert tables["Supply"].rows.loc[2, ["price", "most"]].tolist() == [5, 1200]
    assert tables["Supply"].place(2, "price").sheet == " ｓｕｐｐｌｙ"
    assert tables.warnings == ()


def test_a_japanese_book_is_the_same_book(tmp_path: Path) -> None:
    sheets, settings = good()
    write_book(tmp_path / "ja.xlsx", sheets, settings, language="ja")
    japanese, english = read(tmp_path / "ja.xlsx"), read(good_book(tmp_path / "en.xlsx"))
    assert japanese.settings == replace(english.settings, language="ja")
    for name, frame in english.frames.items():
        assert frame.rows.equals(japanese[name].rows), name
    assert str(japanese["Routes"].place(2, "loss")) == "経路!L2"


def test_rows_left_out(tmp_path: Path) -> None:
    """Blank rows and rows not in use are skipped, with whatever is wrong in them."""
    change = all_of(
        cell("Supply!A4", "Old pit"),
        cell("Supply!D4", "no price"),
        cell("Supply!N4", "no"),
        cell("Supply!A6", "New pit"),
        cell("Supply!B6", "Perth"),
        cell("Supply!C6", "Ore"),
        cell("Supply!D9", "  \u3000 "),
    )
    supply = read(marked_book(tmp_path / "book.xlsx", change))["Supply"]
    assert supply.rows["name"].to_dict() == {2: "Pit", 6: "New pit"}
    assert supply.unused == ("Old pit",)


def test_names_are_tidied_but_prose_is_kept(tmp_path: Path) -> None:
    def edit(sheets: Any, settings: Any) -> None:
        sheets["Sites"][0]["name"] = " Ｐｅｒｔｈ\u3000"
        sheets["Sites"][0]["tags"] = "a ;；b;a"
        sheets["Scenarios"][0]["story"] = "㈱ stops  it"

    tables = read(edited_book(tmp_path / "book.xlsx", edit))
    assert tables["Sites"].rows.at[2, "name"] == "Perth"
    assert tables["Sites"].rows.at[2, "tags"] == ("a", "b")
    assert tables["Scenarios"].rows.at[2, "story"] == "㈱ stops  it"


def test_text_that_begins_like_a_formula(tmp_path: Path) -> None:
    def edit(sheets: Any, settings: Any) -> None:
        sheets["Sites"][0]["tags"] = '=HYPERLINK("x")'
        sheets["Sources"][0]["what"] = "=1+1"

    tables = read(edited_book(tmp_path / "book.xlsx", edit))
    assert tables["Sites"].rows.at[2, "tags"] == ('=HYPERLINK("x")',)
    assert tables["Sources"].rows.at[2, "what"] == "=1+1"


def test_a_formula_with_its_value_is_read(tmp_path: Path) -> None:
    path = good_book(tmp_path / "book.xlsx")

    def calculate(parts: dict[str, bytes]) -> None:
        name = "xl/worksheets/sheet4.xml"
        assert b"<v>5</v>" in parts[name]
        parts[name] = parts[name].replace(b"<v>5</v>", b"<f>2+3</f><v>5</v>")

    repack(path, calculate)
    assert read(path)["Supply"].rows.at[2, "price"] == 5


def test_every_fault_at_once(tmp_path: Path) -> None:
    chosen = [
        ("Supply!D2", "abc"), ("Routes!N2", "soon"), ("Relief!D2", 10), ("Sites!A3", "Perth"),
        ("Commodities!B2", "fed"), ("Demand!C2", None), ("Settings!B4", "24 moons"),
        ("Routes!F1", "frieght"), ("Facilities!K2", 2.5),
    ]  # fmt: skip
    found = findings(marked_book(tmp_path / "book.xlsx", all_of(*(cell(*c) for c in chosen))))
    assert {str(f.place) for f in found} == {where for where, _ in chosen}


def test_cells_that_cannot_be_read_leave_the_rest(tmp_path: Path) -> None:
    change = cell("Supply!D2", "abc")
    reading = read_leniently(marked_book(tmp_path / "book.xlsx", change))
    assert reading.complete and reading.tables is not None
    assert reading.tables["Supply"].rows.at[2, "price"] == 0
    change = cell("Supply!D1", "prize")
    assert not read_leniently(marked_book(tmp_path / "book.xlsx", change)).complete


def test_a_stray_cell_far_away_costs_nothing(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!B1048576", " "))
    began = time.perf_counter()
    assert len(read(path)["Supply"]) == 1
    assert time.perf_counter() - began < 5


def test_a_thousand_rows_are_read_quickly(tmp_path: Path) -> None:
    sheets, settings = good()
    route = sheets["Routes"][0]
    sheets["Routes"] = [{**route, "name": f"Lane {i}"} for i in range(1000)]
    path = make_book(tmp_path / "book.xlsx", settings, **sheets)
    began = time.perf_counter()
    assert len(read(path)["Routes"]) == 1000
    assert time.perf_counter() - began < 5


def test_comments_and_drop_downs_do_not_matter(tmp_path: Path) -> None:
    before = read(good_book(tmp_path / "good.xlsx"))
    after = read(marked_book(tmp_path / "plain.xlsx", lambda book: None))
    assert before.sha256 != after.sha256
    for name, frame in before.frames.items():
        assert frame.rows.equals(after[name].rows)
