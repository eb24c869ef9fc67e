"""The good book in Japanese, and the planted faults in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from books import edit_cells
from example_book import Edit, good
from kido.data.schema import SETTINGS_COLUMNS_JA, Column, catalogue
from kido.errors import Finding

TITLES = {sheet.name: sheet.title_ja for sheet in catalogue().values()}
# Units, currencies, file types and what else is written so in Japanese, too.
SAID_SO = (
    "USD/kg", "kUSD", "USD", "JPY", "EUR", "usd", "t REO", "kg", "kt", "yr", "REO", "Excel",
    "xlsx", "xls", "kido new", "PDF", "MB", "step", "--scenario", "CVaR", "TRUE", "FALSE",
)  # fmt: skip


class Titled:
    """A workbook whose sheets may be called by their English names."""

    def __init__(self, book: openpyxl.Workbook):
        self.book = book

    def __getitem__(self, title: str) -> Any:
        return self.book[TITLES.get(title, title)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.book, name)


def japanese_book(path: Path, edit: Edit = lambda sheets, settings: None) -> Path:
    """The good book as a Japanese planner keeps it, with one edit of its rows: cells alone."""
    sheets, settings = good()
    edit(sheets, settings)
    settings["language"] = "ja"
    book = openpyxl.Workbook(write_only=True)
    options = book.create_sheet(TITLES["Settings"])
    options.append(SETTINGS_COLUMNS_JA)
    for key, option in catalogue()["Settings"].columns.items():
        options.append([option.name_ja, _written(option, settings.get(key))])
    for name, sheet in list(catalogue().items())[1:]:
        page = book.create_sheet(TITLES[name])
        page.append([column.header("ja") for column in sheet.columns.values()])
        for row in sheets.get(name, ()):
            page.append(
                [_written(column, row.get(column.key)) for column in sheet.columns.values()]
            )
    book.save(path)
    return path


def _written(column: Column, value: Any) -> object:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "; ".join(column.spelling_of(word, "ja") for word in value)
    return column.spelling_of(value, "ja") if isinstance(value, str) else value


def marked_japanese_book(path: Path, change: Callable[[Any], object]) -> Path:
    """The same with one change of its cells."""
    return edit_cells(japanese_book(path), lambda book: change(Titled(book)))


def typed(path: Path) -> list[str]:
    """What the planner typed into the rows of a book, the longest first."""
    texts: set[str] = set()
    for sheet in openpyxl.load_workbook(path).worksheets:
        texts |= {sheet.title}
        last = 2 if sheet.title == TITLES["Settings"] else None  # units and meanings follow
        cells = (str(cell.value) for row in sheet.iter_rows(max_col=last) for cell in row)
        texts |= {part.strip() for text in cells for part in (text, *text.split(";"))}
    return sorted(texts, key=len, reverse=True)


def english_in(finding: Finding, planners: list[str]) -> set[str]:
    """English words of a finding that are neither the planner's nor the same in Japanese."""
    found = set()
    for text in (finding.sentence, finding.found, finding.expected, finding.advice):
        rest = text
        for word in (*planners, *SAID_SO):
            rest = re.sub(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])", "・", rest)
        found |= set(re.findall(r"[A-Za-z]{2,}", rest))
    return found
