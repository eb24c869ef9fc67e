"""Writing of a workbook from the catalogue: blank for `kido new`, or with rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kido.data.schema import (
    LANGUAGES,
    SETTINGS_COLUMNS,
    SETTINGS_COLUMNS_JA,
    Column,
    catalogue,
)
from kido.data.workbook.dropdowns import column_rule, option_rule
from kido.data.workbook.putcell import column_format, default_value, put, put_text
from kido.data.workbook.textwidth import width
from kido.files import write_whole

Rows = Mapping[str, Sequence[Mapping[str, object]]]

FONT = "Calibri"
HEADER_FONT = Font(FONT, 11, bold=True, color="FFFFFF")
KEY_FILL = PatternFill("solid", fgColor="1F3864")
NEEDED_FILL = PatternFill("solid", fgColor="2F5597")
OTHER_FILL = PatternFill("solid", fgColor="7F8FA9")
HEADER_ALIGNMENT = Alignment(vertical="center", wrap_text=True)
HEADER_EDGE = Border(bottom=Side(style="thin", color="1F3864"))
QUIET = Font(FONT, 11, color="7F7F7F")
LOUD, PLAIN = Font(FONT, 11, bold=True), Font(FONT, 11)
WIDEST = 60
GRADE = catalogue()["Sites"].columns["grade"]


def write_book(
    path: str | os.PathLike[str],
    rows: Rows | None = None,
    settings: Mapping[str, object] | None = None,
    language: str = "en",
    extra: Mapping[str, Sequence[Sequence[object]]] | None = None,
) -> None:
    """Writes a workbook at `path`, replacing an older file only once it is complete.

    `rows` gives, for each sheet, one mapping of catalogue keys to values a row; months
    are `2027-03` or month numbers, lists become words. `settings` gives a value, or a
    tuple (value, source, grade), for each option. `extra` are free sheets, appended.
    Raises ValueError for a sheet, column or option that the catalogue does not have.
    """
    rows, extra = rows or {}, extra or {}
    settings = {"language": language, **(settings or {})}
    _refuse_unknown(rows, settings)
    book = Workbook()
    book.remove(book.active)
    _write_settings(book.create_sheet(), settings, language)
    for name, sheet in catalogue().items():
        if name != "Settings":
            page = book.create_sheet(sheet.title(language))
            _write_sheet(page, tuple(sheet.columns.values()), rows.get(name, ()), language)
    for title, lines in extra.items():
        _write_free(book.create_sheet(title), lines)
    _save(book, Path(path))


def _refuse_unknown(rows: Rows, settings: Mapping[str, object]) -> None:
    sheets = catalogue()
    unknown = [f"sheet {name}" for name in rows if name not in sheets or name == "Settings"]
    unknown += [f"option {key}" for key in settings if key not in sheets["Settings"].columns]
    for name in rows:
        if name in sheets:
            keys = {key for row in rows[name] for key in row}
            unknown += [f"column {name}.{key}" for key in sorted(keys - set(sheets[name].columns))]
    if unknown:
        raise ValueError("not in the catalogue: " + ", ".join(unknown))


def _write_sheet(
    page: Worksheet,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    language: str,
) -> None:
    for number, column in enumerate(columns, start=1):
        head = page.cell(1, number, column.header(language))
        fill = KEY_FILL if column.need == "key" else NEEDED_FILL if column.required else OTHER_FILL
        _style_header(head, fill)
        head.comment = _note(column)
        letter = get_column_letter(number)
        page.column_dimensions[letter].number_format = column_format(column)
        for offset, row in enumerate(rows, start=2):
            put(page.cell(offset, number), row.get(column.key), column, language)
        cells = [page.cell(i, number).value for i in range(2, len(rows) + 2)]
        page.column_dimensions[letter].width = _fit(head.value, cells)
        _attach(page, column_rule(column, letter, language))
    _finish(page, f"A1:{get_column_letter(len(columns))}{max(len(rows) + 1, 2)}", freeze="B2")


def _write_settings(page: Worksheet, settings: Mapping[str, object], language: str) -> None:
    page.title = catalogue()["Settings"].title(language)
    heads = SETTINGS_COLUMNS_JA if language == "ja" else SETTINGS_COLUMNS
    for number, head in enumerate(heads, start=1):
        _style_header(page.cell(1, number, head), NEEDED_FILL)
    for row, column in enumerate(catalogue()["Settings"].columns.values(), start=2):
        option = settings.get(column.key)
        value, source, grade = option if isinstance(option, tuple) else (option, "", "")
        label = page.cell(row, 1, column.name_ja if language == "ja" else column.name)
        label.font = LOUD if column.required else PLAIN
        label.comment = _note(column)
        cell = page.cell(row, 2)
        cell.number_format = column_format(column)
        shown_value = default_value(column, language) if value is None else value
        put(cell, shown_value, column, language)
        cell.alignment = Alignment(horizontal="left")
        put_text(page.cell(row, 3), column.unit)
        put_text(page.cell(row, 4), column.explain(language))
        put_text(page.cell(row, 5), str(source))
        put(page.cell(row, 6), str(grade), GRADE, language)
        page.cell(row, 3).font = page.cell(row, 4).font = QUIET
        _attach(page, option_rule(column, f"B{row}", language))
    last = len(catalogue()["Settings"].columns) + 1
    _attach(page, column_rule(GRADE, "F", language))
    for number in range(1, len(heads) + 1):
        cells = [page.cell(i, number).value for i in range(2, last + 1)]
        page.column_dimensions[get_column_letter(number)].width = _fit(heads[number - 1], cells)
    _finish(page, f"A1:F{last}", freeze="B2")


def _write_free(page: Worksheet, lines: Sequence[Sequence[object]]) -> None:
    columns = max((len(line) for line in lines), default=0)
    for row, line in enumerate(lines, start=1):
        for number, value in enumerate(line, start=1):
            cell = page.cell(row, number)
            put(cell, value, None)
            if row == 1:
                _style_header(cell, NEEDED_FILL)
            elif isinstance(cell.value, str):
                cell.alignment = Alignment(vertical="top", wrap_text=True)
    for number in range(1, columns + 1):
        cells = [page.cell(i, number).value for i in range(2, len(lines) + 1)]
        letter = get_column_letter(number)
        page.column_dimensions[letter].width = _fit(page.cell(1, number).value, cells)
    if lines:
        _finish(page, f"A1:{get_column_letter(max(columns, 1))}{len(lines)}", freeze="A2")


def _style_header(cell: Cell, fill: PatternFill) -> None:
    cell.font = HEADER_FONT
    cell.fill = fill
    cell.alignment = HEADER_ALIGNMENT
    cell.border = HEADER_EDGE


def _note(column: Column) -> Comment:
    parts = [column.meaning, column.meaning_ja]
    if column.unit:
        parts.append(f"Unit 単位: {column.unit}")
    if column.choices():
        pairs = zip(column.choices("en"), column.choices("ja"), strict=True)
        parts.append("One of 選択肢: " + ", ".join(" ".join(dict.fromkeys(pair)) for pair in pairs))
    if column.default:
        both = (str(column.spelling_of(column.default, language)) for language in LANGUAGES)
        parts.append("Default 既定値: " + " ".join(dict.fromkeys(both)))
    if column.required:
        parts.append("Must be filled. 必須")
    text = "\n".join(parts)
    lines = sum(1 + width(part) // 46 for part in parts)
    return Comment(text, "kido", height=24 + 17 * lines, width=320)


def _fit(head: object, cells: Sequence[object]) -> float:
    """A column width that shows the cells, and the header on at most two lines."""
    longest = max((width(str(value)) for value in cells if value is not None), default=0)
    words = str(head or "").split()
    header = max([width(str(head or "")) / 2, *(width(word) for word in words)])
    return min(WIDEST, max(10, longest + 2, header + 4))


def _attach(page: Worksheet, rule: DataValidation | None) -> None:
    if rule is not None:
        page.add_data_validation(rule)


def _finish(page: Worksheet, extent: str, freeze: str) -> None:
    page.freeze_panes = freeze
    page.auto_filter.ref = extent
    page.row_dimensions[1].height = 34
    page.sheet_view.zoomScale = 90
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"


def _save(book: Workbook, path: Path) -> None:
    buffer = BytesIO()
    book.save(buffer)
    write_whole(path, buffer.getvalue())
