"""Months, calendars and flags: read as they are meant, or a fault at the cell."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from example_book import marked_book
from faulty_cells import cell
from kido.data.months import month_of
from kido.data.schema import Column, catalogue
from kido.data.workbook.cells import parse
from kido.data.workbook.raw import BadCell, RawCell
from kido.data.workbook.read import read_book
from rawbook import SUPPLY, found_at, raw_book, replaced, with_cell
from tiny_book import changed

START = catalogue()["Supply"].columns["start"]
CALENDAR = catalogue()["Settings"].columns["calendar"]
USE = catalogue()["Supply"].columns["use"]


def fault_of(column: Column, raw: RawCell) -> BadCell:
    with pytest.raises(BadCell) as bad:
        parse(column, raw)
    return bad.value


@pytest.mark.parametrize(
    "typed",
    [
        "2027\u221204", "2027\u30fc04", "2027\u201104", "2027\u201304", "2027\u201404",
        "2027\uff0d04", "2027\uff7004", "2027\u250004", "2027\u221504", "2027\u2044\uff14",
        "\u200e2027-04", "2027-04\u200f", "\u202a2027-04\u202c", "2027\u2060-04", "\ufeff2027-04",
        "令和9年4月", "令和 9 年 4 月", "令和９年４月１日", "R9.4", "r9.04", "Ｒ９．４", "R9/4/1",
        "R09-04", "㋿9年4月", "2027-04-01T00:00:00Z", "2027-04-30T15:00:00+09:00",
        "2027-04-30 23:59:59.999999", "2027-04-30T12:00", datetime(2027, 4, 30, 23, 59, 59, 999999),
        datetime(2027, 4, 30, 12), datetime(2027, 4, 29, 15), datetime(2027, 4, 1, 0, 0, 1),
        202704.00000000003,
    ],
)  # fmt: skip
def test_april(typed: object) -> None:
    assert parse(START, RawCell(typed)) == month_of(2027, 4)


@pytest.mark.parametrize(
    ("typed", "month"),
    [("平成31年4月", 2019), ("H31.4", 2019), ("令和元年5月", 2019), ("S64.1", 1989)],
)
def test_eras(typed: str, month: int) -> None:
    found = parse(START, RawCell(typed))
    assert isinstance(found, int) and found // 12 == month


@pytest.mark.parametrize(
    "typed",
    [
        "Apr-27", "27-Apr", "4月", "４月", "Apr", "2028", 2028, "2027", "1905-07",
        date(1905, 7, 20), date(1949, 12, 1), 194912, 220101, "2201-01", date(2201, 1, 1),
        datetime(2250, 1, 1, 5), datetime(2027, 3, 31, 15), datetime(2027, 2, 28, 15),
        datetime(2028, 2, 29, 22),
        "2027-03-31 15:00", "2027-03-31T15:00:00Z", "2027-03-31T15:00:00.000+0000",
        "2027-02-30", time(0), time(12), 0, 0.0, True, "202①04", "2027年4月\u2460",
        "令和9年", "令和九年四月",
        float("inf"), 1e300, 10**400,
    ],
)  # fmt: skip
def test_no_month(typed: object) -> None:
    assert fault_of(START, RawCell(typed)).code == "not-a-month"


@pytest.mark.parametrize(
    "style", ["d-mmm", 'm"月"', 'm"月"d"日"', "mmm", "[$-409]d\\-mmm;@", "mm/dd"]
)
def test_a_date_that_shows_no_year(style: str) -> None:
    """Apr-27 becomes the 27th of April of the year in which it was typed."""
    bad = fault_of(START, RawCell(date(2026, 4, 27), number_format=style))
    assert "no year" in bad.sentence and "2026-04-27" in bad.sentence


@pytest.mark.parametrize(
    "style", ["yyyy-mm", "mmm-yy", 'yyyy"年"m"月"', "[$-411]ge.m.d", "yyyy/m/d;@", "General"]
)
def test_a_date_that_shows_its_year(style: str) -> None:
    raw = RawCell(date(2026, 4, 1), number_format=style, number=46113)
    assert parse(START, raw) == month_of(2026, 4)


def test_a_year_alone_says_so(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Routes!N2", 2028, "yyyy-mm"))
    (found,) = found_at(path, "Routes!N2")
    assert "2028 alone" in found.sentence and "2028-03" in found.advice and not found.warning


@pytest.mark.parametrize("style", ["yyyy-mm", "General"])
def test_a_link_to_a_blank_cell_says_so(tmp_path: Path, style: str) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Routes!N2", 0, style))
    (found,) = found_at(path, "Routes!N2")
    assert "blank cell" in found.sentence and "00:00" not in found.found


@pytest.mark.parametrize(("stored", "month"), [("46477.99999999999", 3), ("46478", 4)])
def test_the_last_instant_of_march_is_march(tmp_path: Path, stored: str, month: int) -> None:
    changes = {
        SUPPLY: with_cell("G2", f'<c r="G2" s="1"><v>{stored}</v></c>'),
        "xl/styles.xml": replaced("</cellXfs>", '<xf numFmtId="17"/></cellXfs>'),
    }
    path = raw_book(tmp_path / "book.xlsx", changes, changed("Supply", "Pit", start="2026-08"))
    assert read_book(path)["Supply"].rows.at[2, "start"] == month_of(2027, month)


@pytest.mark.parametrize("letter", "かカヵヶケゖゕ箇個ｹ")
def test_counted_months_however_spelt(letter: str) -> None:
    assert parse(CALENDAR, RawCell(f"3{letter}月、 2四半期; 1{letter}年")) == (1, 1, 1, 3, 3, 12)


@pytest.mark.parametrize("circle", "\u3007\u25ef\u25cb\u2b55")
def test_a_circle_is_yes(circle: str) -> None:
    assert parse(USE, RawCell(circle)) is True
    assert parse(USE, RawCell(f" {circle}\ufe0f")) is True


@pytest.mark.parametrize("cross", "\u00d7\u2715\u2716")
def test_a_cross_is_no(cross: str) -> None:
    assert parse(USE, RawCell(cross)) is False
