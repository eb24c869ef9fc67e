"""report -> workbook: sheet after sheet, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook

from kido.report.labels import Labels
from kido.report.table import Report
from kido.result.book.board import write_board
from kido.result.book.costs import write_costs
from kido.result.book.pictures import write_pictures
from kido.result.book.sheet import Placed, write_table
from kido.result.book.style import ACCENT, QUIET, Styles
from kido.result.plan import SolvedPlan
from kido.result.records import certificate

# The sheets after the board page and the pictures, in order.
SHEETS = (
    "orders", "order_book", "sourcing", "refining", "stockpiles", "contracts", "shortfalls",
    "costs", "scenarios", "prices", "guesses", "flows", "moments", "certificate",
)  # fmt: skip
RECORDS = ("flows", "moments", "certificate")


def write_results(
    report: Report,
    answer: SolvedPlan,
    path: str | os.PathLike[str],
    facts: Mapping[str, object] | None = None,
) -> None:
    """Writes the results workbook at `path`, replacing what stands there only once it is whole.

    `facts` (versions, seconds, hashes; they may nest) go on the certificate sheet.
    """
    book = make_workbook(report, answer, facts)
    buffer = BytesIO()
    book.save(buffer)
    replace_file(Path(path), buffer.getvalue())


def make_workbook(
    report: Report, answer: SolvedPlan, facts: Mapping[str, object] | None = None
) -> Workbook:
    language = answer.case.settings.language
    labels = Labels(language)
    book = Workbook()
    board = book.active
    board.title = labels["sheet.board"]
    pictures = book.create_sheet(labels["sheet.charts"])
    styles = Styles(book, language)
    placed: dict[str, Placed] = {}
    for name in SHEETS:
        table = certificate(answer, facts) if name == "certificate" else report[name]
        if name == "costs":
            placed[name] = write_costs(book, styles, labels, report, answer)
        else:
            placed[name] = write_table(book, styles, labels, table)
        page = placed[name].page
        page.sheet_properties.tabColor = QUIET if name in RECORDS else ACCENT
    write_board(board, styles, labels, report, answer, placed)
    write_pictures(pictures, styles, labels, report, answer, placed)
    styles.close()
    book.active = 0
    book.properties.title = answer.tables.settings.title or "kido"
    book.properties.creator = "kido"
    book.calculation.fullCalcOnLoad = True
    return book


def replace_file(path: Path, content: bytes) -> None:
    """Whole or not at all: written beside the target, flushed, then moved over it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
