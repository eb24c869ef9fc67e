"""Headers and titles as planners type them, and advice that never costs them their data."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import kido.data
from example_book import marked_book
from faulty_cells import cell
from kido.data.alike import nearest
from kido.data.schema import catalogue
from kido.data.workbook.read import read_book, read_leniently
from rawbook import codes, found_at

READ = [
    "price (USD/kg)", "価格（USD/kg）", "価格(USD/kg)", "Price（ＵＳＤ／ｋｇ）", "price\n(USD/kg)",
    "price\n[USD / kg]", "価格【USD/kg】", "価格〔USD/kg〕", "price USD/kg", "price, USD/kg",
    "price ($/kg)", "price (US$/kg)", "価格（ドル/kg）", "価　格", "価 格 [USD/kg]", "price_USD/kg",
    "price [USD per kg]", "価格\n（USD/kg）",
]  # fmt: skip


@pytest.mark.parametrize("header", READ)
def test_a_header_with_its_unit(tmp_path: Path, header: str) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!D1", header))
    assert read_book(path)["Supply"].rows.at[2, "price"] == 5


@pytest.mark.parametrize(
    "header",
    ["max (t/yr)", "max (t/年)", "max（トン/年）", "max [t per year]", "max [t a year]", "max t/y"],
)
def test_units_in_other_words(tmp_path: Path, header: str) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!E1", header))
    assert read_book(path)["Supply"].rows.at[2, "most"] == 1200


@pytest.mark.parametrize(
    ("header", "code", "word"),
    [
        ("price (JPY/kg)", "column-unit", "USD/kg"), ("価格（円/kg）", "column-unit", "USD/kg"),
        ("price [USD/t]", "column-unit", "USD/kg"),
        ("price (new)", "column-unknown", "mean price?"),
        ("価挌", "column-unknown", "mean 価格?"),
        ("価挌（USD/kg）", "column-unknown", "mean 価格?"),
        ("prise (USD/kg)", "column-unknown", "mean price?"),
        ("colour", "column-unknown", "rename it"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_read(tmp_path: Path, header: str, code: str, word: str) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!D1", header))
    (found,) = [f for f in found_at(path, "Supply!D1") if not f.warning]
    assert found.code == code and word in found.advice


def test_a_column_beside_its_remark_is_not_there_twice(tmp_path: Path) -> None:
    path = marked_book(tmp_path / "book.xlsx", cell("Supply!N1", "price (last year)"))
    assert codes(path) == [("column-unknown", "Supply!N1")]


def lowered(title: str) -> Any:
    def change(book: Any) -> None:
        for sheet in book.worksheets:
            sheet.insert_rows(1, 2)
            sheet["A1"].value = title

    return change


@pytest.mark.parametrize(
    "title", ["供給一覧（2026年7月現在）", "Supply, as of July", "name", "2026"]
)
def test_a_title_above_the_headers(tmp_path: Path, title: str) -> None:
    tables = read_book(marked_book(tmp_path / "book.xlsx", lowered(title)))
    assert tables["Supply"].rows["price"].to_dict() == {4: 5}
    assert str(tables["Supply"].place(4, "price")) == "Supply!D4"
    assert tables.settings_cells["start"] == "B5"


def test_headers_that_are_all_misspelt_stay_the_headers(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for cells in book["Sites"].iter_cols(1, 6, 1, 1):
            cells[0].value = f"{cells[0].value}zzzzzzzz"

    found = read_leniently(marked_book(tmp_path / "book.xlsx", change)).faults
    assert {f.code for f in found} >= {"column-unknown"}
    assert all(str(f.place).endswith("1") for f in found if f.place.sheet == "Sites")


def advice() -> Iterator[str]:
    """Every text that the rooms of the data may show."""
    for path in Path(kido.data.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                yield node.value


def test_no_advice_destroys_data() -> None:
    said = [t for t in advice() if re.search(r"\b(remove|delete)\b", t) and "password" not in t]
    assert said == []


def test_the_nearest_among_thousands() -> None:
    known = tuple(f"Site number {i}" for i in range(3000))
    began = time.perf_counter()
    for i in range(3000):
        assert nearest(f"Site nomber {i}", known) == f"Site number {i}"
    assert nearest("Site numbr 2999", known) == "Site number 2999"
    assert nearest("site", known).startswith("Site number")
    assert nearest("Kiln", known) == ""
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    ("word", "known", "close"),
    [
        ("pit", ["Pit", "Port"], "Pit"), ("prot", ["Pit", "Port"], "Port"),
        ("価挌", ["価格", "最大"], "価格"), ("x", ["Pit"], ""), ("", ["Pit"], ""), ("Pit", [], ""),
    ],
)  # fmt: skip
def test_the_nearest_among_few(word: str, known: list[str], close: str) -> None:
    assert nearest(word, known) == close


def test_every_column_is_known_with_its_unit_in_round_brackets(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        for name, sheet in catalogue().items():
            for head in book[name][1] if name != "Settings" else ():
                column = next((c for c in sheet.columns.values() if c.header() == head.value), None)
                if column and column.unit:
                    head.value = f"{column.name_ja}（{column.unit}）"

    assert read_book(marked_book(tmp_path / "book.xlsx", change))
