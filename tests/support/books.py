"""Workbooks made in code: one good small book, and edits of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl

from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.report.excel.template import write_book

Row = Mapping[str, object]
SETTINGS = {"start": "2026-07", "calendar": "6 month"}


def make_book(
    path: str | Path, settings: Mapping[str, object] | None = None, **sheets: Sequence[Row]
) -> Path:
    """Write a workbook: `make_book(p, {"start": "2026-07"}, Sites=[{"name": "A", ...}])`."""
    write_book(path, sheets, SETTINGS if settings is None else settings)
    return Path(path)


def read(path: str | Path) -> Tables:
    return read_book(path)


def edit_cells(path: str | Path, change: Callable[[openpyxl.Workbook], object]) -> Path:
    """Open a workbook as a planner would, change it, save it."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return Path(path)


def without_notes(book: openpyxl.Workbook) -> None:
    """Take out comments and drop-downs, which take time to copy."""
    for sheet in book.worksheets:
        sheet.data_validations.dataValidation = []
        for row in sheet.iter_rows():
            for cell in row:
                cell.comment = None
