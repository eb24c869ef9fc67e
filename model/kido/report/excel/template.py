"""Writing of a workbook from the catalogue: to fill in for `kido new`, or with rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from kido.data.schema import (
    SETTINGS_COLUMNS,
    SETTINGS_COLUMNS_JA,
    Column,
    catalogue,
)
from kido.data.workbook.comment import AUTHOR, comment_of, comment_size
from kido.data.workbook.textwidth import width
from kido.files import write_whole
from kido.report.excel.examples import example_rows
from kido.report.excel.legend import write_legend
from kido.report.excel.setup import row_pixels
from kido.report.excel.typed_cells import (
    TypedCellWriter,
    column_format,
    date_format,
    default_value,
    typed,
)
from kido.report.excel.validation import LAST_ROW, validation_rule
from kido.report.style import GENERAL

Rows = Mapping[str, Sequence[Mapping[str, object]]]

KEY, NEEDED, OTHER = "#1F3864", "#2F5597", "#7F8FA9"
HEADER = {
    "bold": True, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter",
    "bottom": 1, "bottom_color": "#1F3864",
}  # fmt: skip
QUIET = {"font_color": "#7F7F7F"}
EXAMPLE = {"italic": True, "font_color": "#7F7F7F"}
WRAPPED = {"valign": "top", "text_wrap": True}
WIDEST = 60
HEADER_HEIGHT, ZOOM = 34, 90
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
    with _book(path) as writer:
        _write_sheets(writer, rows, settings, language)
        for title, lines in extra.items():
            _write_free(writer, title, lines)


def write_blank(path: str | os.PathLike[str], language: str = "en") -> None:
    """Writes a workbook to fill in: a legend, and examples on every sheet that are not used."""
    with _book(path) as writer:
        samples = {"key": _header_look(KEY), "needed": _header_look(NEEDED)}
        samples |= {"optional": _header_look(OTHER), "example": EXAMPLE}
        write_legend(writer, language, samples)
        _write_sheets(writer, example_rows(language), {"language": language}, language, EXAMPLE)


@contextmanager
def _book(path: str | os.PathLike[str]) -> Iterator[TypedCellWriter]:
    """The writer of a workbook, which replaces the file at `path` once it is complete."""
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    yield TypedCellWriter(book)
    book.close()
    write_whole(Path(path), buffer.getvalue())


def _write_sheets(
    writer: TypedCellWriter,
    rows: Rows,
    settings: Mapping[str, object],
    language: str,
    look: Mapping[str, Any] | None = None,
) -> None:
    """Write every sheet of the catalogue; `look` is that of the rows."""
    _write_settings(writer, settings, language)
    for name, sheet in catalogue().items():
        if name != "Settings":
            columns = tuple(sheet.columns.values())
            of_sheet = rows.get(name, ())
            _write_sheet(writer, sheet.title(language), columns, of_sheet, language, look)


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
    writer: TypedCellWriter,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    language: str,
    look: Mapping[str, Any] | None = None,
) -> None:
    sheet = writer.book.add_worksheet(title)
    for number, column in enumerate(columns):
        color = KEY if column.need == "key" else NEEDED if column.required else OTHER
        head = column.header(language)
        _put_header(writer, sheet, number, head, color)
        _comment(sheet, 0, number, column)
        values = [typed(row.get(column.key), column, language) for row in rows]
        for row, value in enumerate(values, start=1):
            writer.put(sheet, row, number, value, look, dates=date_format(column))
        form = writer.format(num_format=column_format(column))
        sheet.set_column(number, number, _fit(head, values), form)
        if rule := validation_rule(column, language):
            sheet.data_validation(1, number, LAST_ROW - 1, number, rule)
    _finish(sheet, max(len(rows), 1), len(columns) - 1, frozen=(1, 1))


def _write_settings(writer: TypedCellWriter, settings: Mapping[str, object], language: str) -> None:
    sheet = writer.book.add_worksheet(catalogue()["Settings"].title(language))
    options = catalogue()["Settings"].columns
    heads = SETTINGS_COLUMNS_JA if language == "ja" else SETTINGS_COLUMNS
    lines: list[tuple[object, ...]] = []
    for row, column in enumerate(options.values(), start=1):
        option = settings.get(column.key)
        value, source, grade = option if isinstance(option, tuple) else (option, "", "")
        if value is None:
            value = default_value(column, language)
        line = (
            column.name_ja if language == "ja" else column.name,
            typed(value, column, language),
            column.unit_in(language) or None,
            column.explain(language),
            str(source) or None,
            typed(str(grade), GRADE, language),
        )
        looks: tuple[Mapping[str, Any], ...] = (
            {"bold": column.required}, {"align": "left"}, QUIET, QUIET, {}, {},
        )  # fmt: skip
        blanks = ("", column_format(column), "", "", "", "")
        for number, (cell, look, blank) in enumerate(zip(line, looks, blanks, strict=True)):
            writer.put(sheet, row, number, cell, look, blank, date_format(column))
        _comment(sheet, row, 0, column)
        if rule := validation_rule(column, language):
            sheet.data_validation(row, 1, row, 1, rule)
        lines.append(line)
    if rule := validation_rule(GRADE, language):
        sheet.data_validation(1, 5, LAST_ROW - 1, 5, rule)
    for number, head in enumerate(heads):
        _put_header(writer, sheet, number, head, NEEDED)
        values = [line[number] for line in lines]
        sheet.set_column(number, number, _fit(head, values))
    _finish(sheet, len(options), 5, frozen=(1, 1))


def _write_free(writer: TypedCellWriter, title: str, lines: Sequence[Sequence[object]]) -> None:
    sheet = writer.book.add_worksheet(title)
    columns = max((len(line) for line in lines), default=0)
    values = [[typed(value, None) for value in line] for line in lines]
    for row, line in enumerate(values):
        for number, value in enumerate(line):
            if row == 0:
                writer.put(sheet, row, number, value, _header_look(NEEDED))
            else:
                writer.put(sheet, row, number, value, WRAPPED if isinstance(value, str) else {})
    for number in range(columns):
        column = [line[number] for line in values if number < len(line)]
        wide = _fit(column[0] if values and number < len(values[0]) else "", column[1:])
        sheet.set_column(number, number, wide)
    if lines:
        _finish(sheet, len(lines) - 1, max(columns, 1) - 1, frozen=(1, 0))


def _put_header(
    writer: TypedCellWriter, sheet: Worksheet, number: int, text: str, color: str
) -> None:
    form = writer.format(num_format=GENERAL, **_header_look(color))
    sheet.write_string(0, number, text, form)


def _header_look(color: str) -> dict[str, Any]:
    """The properties of the format of a header."""
    return {"bg_color": color, "pattern": 1, **HEADER}


def _comment(sheet: Worksheet, row: int, number: int, column: Column) -> None:
    text = comment_of(column)
    sheet.write_comment(row, number, text, {"author": AUTHOR, **comment_size(text)})


def _fit(head: object, cells: Sequence[object]) -> float:
    """A column width that shows the cells, and the header on at most two lines."""
    longest = max((width(str(value)) for value in cells if value is not None), default=0)
    words = str(head or "").split()
    header = max([width(str(head or "")) / 2, *(width(word) for word in words)])
    return min(WIDEST, max(10, longest + 2, header + 4))


def _finish(sheet: Worksheet, last_row: int, last_column: int, frozen: tuple[int, int]) -> None:
    """Freeze, filter and print setup; rows and columns are counted from 0."""
    sheet.freeze_panes(*frozen)
    sheet.autofilter(0, 0, last_row, last_column)
    sheet.set_row_pixels(0, row_pixels(HEADER_HEIGHT))
    sheet.set_zoom(ZOOM)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
