"""Reading of the sheet Settings: one option to a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import starmap
from typing import Any

from openpyxl.utils import get_column_letter

from kido.data.alike import nearest
from kido.data.schema import SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, Column, catalogue
from kido.data.tables import Settings
from kido.data.workbook.cells import blank_value
from kido.data.workbook.display import DisplayAudit
from kido.data.workbook.headers import PRIVATE
from kido.data.workbook.page import Page, cell_text, uncalculated
from kido.data.workbook.raw import BadCell, fold
from kido.data.workbook.stored import Cell
from kido.errors import Finding, Place
from kido.messages import Term, phrase

Add = Callable[[Finding], None]
COLUMNS = tuple(starmap(Term, zip(SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, strict=True)))


def read_settings(page: Page, add: Add) -> tuple[Settings | None, dict[str, str]]:
    """(settings, cell of each option); the settings are None where the start is not known."""
    options = catalogue()["Settings"].columns
    heads = _heads(page, add)
    if heads is None:
        return None, {}
    label, value, first = heads
    _check_merged(page, heads, add)
    known = {fold(name): c for c in options.values() for name in (c.name, c.name_ja, c.key)}
    values: dict[str, object] = {}
    cells: dict[str, str] = {}
    display = DisplayAudit(page)
    for row, row_cells in page.cells.items():
        if row <= first:
            continue
        place = page.place(row, label)
        if label not in row_cells:
            if value in row_cells:
                _unlabelled(page, place, row_cells[value], add)
            continue
        if findings := uncalculated(page, row_cells, [label]):
            add(findings[0])
            continue
        text = cell_text(row_cells[label])
        column = known.get(fold(text))
        if column is None:
            if not text.lstrip().startswith(PRIVATE):
                _unknown(text, place, options, add)
        elif column.key in cells:
            where = cells[column.key]
            add(Finding.of("option-twice", place, text, option=column.term, first=where))
        else:
            cells[column.key] = f"{get_column_letter(value)}{row}"
            if value in row_cells:
                _take(page, column, row_cells[value], values, display, add)
    for warning in display.findings():
        add(warning)
    return _settings(page, options, values, cells, add), cells


def _unlabelled(page: Page, place: Place, cell: Cell, add: Add) -> None:
    add(Finding.of("option-missing", place, cell_text(cell)))


def _check_merged(page: Page, heads: tuple[int, int, int], add: Add) -> None:
    """Reports merged cells in the columns of options and values."""
    label, value, first = heads
    last = max(page.cells, default=0)
    for left, top, right, bottom, where in page.sheet.merged:
        if bottom < first or top > last or not any(left <= n <= right for n in (label, value)):
            continue
        add(Finding.of("merged-cells.settings", Place(page.title, where), where))


def _heads(page: Page, add: Add) -> tuple[int, int, int] | None:
    """(column of options, column of values, header row); None where a column is missing."""
    rows = page.top()
    named = {row: [_under(texts, n) for n in (0, 1)] for row, texts in rows.items()}
    # a title may stand above the headers
    row = next((row for row, (options, values) in named.items() if options and values), 0)
    row = row or next(iter(rows), 0)
    for finding in uncalculated(page, page.cells.get(row, {}), rows.get(row, {})):
        add(finding)
    numbered = named.get(row, [[], []])
    for column, numbers in zip(COLUMNS, numbered, strict=False):
        for number in numbers[1:]:
            place, first = page.place(row, number), page.place(row, numbers[0])
            add(Finding.of("column-twice.settings", place, column, column=column, first=first))
    firsts = [numbers[0] if numbers else 0 for numbers in numbered]
    if firsts[0] and firsts[1]:
        return firsts[0], firsts[1], row
    for number, column in zip(firsts, COLUMNS[:2], strict=False):
        if not number:
            place = Place(page.title, f"A{max(row, 1)}")
            add(Finding.of("column-missing.settings", place, column=column))
    return None


def _under(texts: Mapping[int, str], number: int) -> list[int]:
    """The columns with the header of options (`number` 0) or values (1)."""
    spellings = {fold(names[number]) for names in (SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA)}
    return [at for at, text in texts.items() if fold(text) in spellings]


def _unknown(text: str, place: Place, options: Mapping[str, Column], add: Add) -> None:
    known = {name: c.name_ja for c in options.values() for name in (c.name, c.name_ja)}
    near = nearest(text, list(known))
    close = Term(near, known.get(near, ""))
    advice = phrase("part.close", close=close) if near else phrase("part.remark")
    add(Finding.of("option-unknown", place, text, close=close, advice=advice))


def _take(
    page: Page,
    column: Column,
    cell: Cell,
    values: dict[str, object],
    display: DisplayAudit,
    add: Add,
) -> None:
    try:
        values[column.key] = page.value(cell, column)
        display.note(cell, column, values[column.key])
    except BadCell as bad:
        add(bad.at(page.place(cell.row, cell.column), cell_text(cell)))
        values[column.key] = None


def _settings(
    page: Page,
    options: Mapping[str, Column],
    values: dict[str, object],
    cells: dict[str, str],
    add: Add,
) -> Settings | None:
    if "start" not in values:
        add(Finding.of("blank.start", Place(page.title, cells.get("start", ""))))
    start = values.get("start")
    if not isinstance(start, int):
        return None
    typed: dict[str, Any] = {"start": start}
    for key, column in options.items():
        value = values.get(key)
        if key != "start":
            typed[key] = blank_value(column) if value is None else value
    for key in ("run_out", "fiscal_start", "draws", "seed"):
        typed[key] = int(typed[key])
    rates = [key for key in options if key.endswith("_per_usd")]
    for key in ("yard_cost", "time_limit", "fx", "draws_probability", "nervousness", *rates):
        typed[key] = None if typed[key] != typed[key] else typed[key]
    base = typed["base_year"]
    typed["base_year"] = start // 12 if base != base else int(base)
    return Settings(**typed)
