"""A workbook in the other language: its titles, headers, units, drop-downs, words and options.

What a planner has typed otherwise (names, tags, sources, figures, other sheets) stays as it is.
Comments of kido are in both languages. Formulas and drop-downs follow the titles of sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.comments import Comment
from openpyxl.utils import column_index_from_string

from kido.data.schema import (
    FLAGS,
    SETTINGS_COLUMNS,
    SETTINGS_COLUMNS_JA,
    Column,
    Sheet,
    catalogue,
)
from kido.data.tables import Frame
from kido.data.workbook.comment import AUTHOR, comment_of, comment_size
from kido.data.workbook.raw import fold, tidy
from kido.data.workbook.read import read_book
from kido.files import write_whole

HEADER_ROWS = 30  # in which the header is looked for
LENGTHS = (("month", "か月"), ("quarter", "四半期"), ("year", "年"))
LISTS = ("words", "numbers")
SEPARATORS = re.compile("([;；\n])")
GRADE = catalogue()["Sites"].columns["grade"]


def translate(book: str | Path, language: str, out: str | Path) -> None:
    """Write the workbook `book` in `language`, en or ja, at `out`.

    Formulas have their values again once it is opened and saved in Excel. Raises WorkbookError
    where the book cannot be read without faults.
    """
    tables = read_book(book)
    file = load_workbook(book)
    sheets = catalogue()
    titles: dict[str, str] = {}
    for name, sheet in sheets.items():
        old = tables.settings_title if name == "Settings" else tables[name].title or name
        if old not in file.sheetnames:
            continue
        page = file[old]
        if name == "Settings":
            _options(page, tables.settings_cells, language)
        else:
            _rows(page, sheet, tables[name], language)
        titles[old] = page.title = sheet.title(language)
    for page in file.worksheets:
        _follow(page, titles)
    buffer = BytesIO()
    file.save(buffer)
    write_whole(Path(out), buffer.getvalue())


def _rows(page: Any, sheet: Sheet, frame: Frame, language: str) -> None:
    """Translate the header, the words and the drop-downs of a sheet of rows."""
    columns = {
        column_index_from_string(letter): sheet.columns[key]
        for key, letter in frame.letters.items() if letter
    }  # fmt: skip
    header = header_row(page, columns)
    for number, column in columns.items():
        cell = page.cell(header, number)
        cell.value = _header(str(cell.value), column, language)
        _remark(cell, column)
    for row in range(header + 1, page.max_row + 1):
        for number, column in columns.items():
            cell = page.cell(row, number)
            cell.value = _in_words(cell.value, column, language)
        if sheet.name == "Sweeps":
            _parameter(page, row, columns, language)
    for rule in page.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            if area.min_col in columns:
                _drop_down(rule, columns[area.min_col], language)


def _remark(cell: Any, column: Column) -> None:
    """Let the comment that kido wrote on a cell say what its column means today."""
    if cell.comment is not None and cell.comment.author == AUTHOR:
        text = comment_of(column)
        cell.comment = Comment(text, AUTHOR, **comment_size(text))


def _parameter(page: Any, row: int, columns: Mapping[int, Column], language: str) -> None:
    """Translate the sheet, the column and the option that a row of Sweeps names."""
    cells = {column.key: page.cell(row, number) for number, column in columns.items()}
    titles = {fold(text): sheet for sheet in catalogue().values()
              for text in (sheet.name, sheet.title_ja)}  # fmt: skip
    named = titles.get(fold(str(cells["sheet"].value))) if "sheet" in cells else None
    if named is None:
        return
    cells["sheet"].value = named.title(language)
    side = 1 if language == "ja" else 0
    pairs = [(_names(column), (column.name, column.name_ja)) for column in named.columns.values()]
    parts = {"row" if named.name == "Settings" else "column": pairs}
    if named.name == "Settings":
        both = zip(SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, strict=True)
        parts["column"] = [(tuple(map(fold, pair)), pair) for pair in both]
    for key, names in parts.items():
        text = fold(str(cells[key].value)) if key in cells else ""
        for spellings, pair in names:
            if text in spellings:
                cells[key].value = pair[side]


def _names(column: Column) -> tuple[str, ...]:
    """The names of a column or an option, folded."""
    return tuple(map(fold, (column.name, column.name_ja, column.key)))


def header_row(page: Any, columns: Mapping[int, Column]) -> int:
    """The row of a page in which most of these columns, by their number, have their names."""

    def known(row: int) -> int:
        return sum(
            fold(str(page.cell(row, number).value or "")).startswith(tuple(map(fold, names)))
            for number, column in columns.items()
            if (names := [n for n in (column.name, column.name_ja, column.old_name) if n])
        )

    return max(range(1, min(HEADER_ROWS, page.max_row) + 1), key=known)


def _header(text: str, column: Column, language: str) -> str:
    """A header in a language; a unit that the planner gave stays as it stands."""
    for name in sorted((column.name, column.name_ja, column.old_name), key=len, reverse=True):
        if name and fold(text).startswith(fold(name)):
            rest = tidy(text)[len(name) :]
            if not rest or fold(text) in (fold(column.header("en")), fold(column.header("ja"))):
                return column.header(language)
            return (column.name_ja if language == "ja" else column.name) + rest
    return text


def _in_words(value: Any, column: Column, language: str) -> Any:
    """A typed value with the words of its column in a language; anything else as it is."""
    if not isinstance(value, str) or value.startswith("="):
        return value
    if column.kind == "flag":
        for code in (0, 1):
            if fold(value) in (fold(FLAGS["en"][code]), fold(FLAGS["ja"][code])):
                return FLAGS[language][code]
        return value
    if column.kind == "calendar":
        return _calendar(value, language)
    if column.kind in LISTS:
        return "".join(_word(part, column, language) for part in SEPARATORS.split(value))
    return _word(value, column, language)


def _word(text: str, column: Column, language: str) -> str:
    """The word in a language, with the blanks around it; a text of no word as it is."""
    for code, word in column.words.items():
        if fold(tidy(text)) in map(fold, word.spellings):
            return text.replace(text.strip(), column.spelling_of(code, language))
    return text


def _calendar(text: str, language: str) -> str:
    """`24 month, 9 quarter`, or the same in Japanese."""
    for english, japanese in LENGTHS:
        if language == "ja":
            text = re.sub(rf"\s*\b{english}s?\b", japanese, text)
        else:
            text = re.sub(rf"\s*{japanese}間?", f" {english}", text)
    return text


def _drop_down(rule: Any, column: Column, language: str) -> None:
    choices = FLAGS[language] if column.kind == "flag" else column.choices(language)
    if rule.type == "list" and choices and str(rule.formula1).startswith('"'):
        rule.formula1 = f'"{",".join(choices)}"'
    if rule.error:
        rule.errorTitle = (column.name_ja if language == "ja" else column.name)[:32]
        rule.error = column.explain(language)[:220]


def _options(page: Any, cells: Mapping[str, str], language: str) -> None:
    """Translate the sheet Settings: option names, words, meanings and its header."""
    options = catalogue()["Settings"].columns
    heads = dict(zip(SETTINGS_COLUMNS, SETTINGS_COLUMNS_JA, strict=True))
    known = {fold(name): pair for pair in heads.items() for name in pair}
    meanings = {fold(c.explain(x)): c for c in options.values() for x in ("en", "ja")}
    names = {name: column for column in options.values() for name in _names(column)}
    units = {fold(c.unit_in(x)): c for c in options.values() for x in ("en", "ja") if c.unit}
    grades = {fold(text) for text in GRADE.spellings}
    side = 1 if language == "ja" else 0
    for key, place in cells.items():
        value, column = page[place], options[key]
        value.value = language if key == "language" else value.value
        value.value = _in_words(value.value, column, language)
        for rule in page.data_validations.dataValidation:
            if place in rule.sqref:
                _drop_down(rule, column, language)
    for cell in _texts(page):
        text = fold(cell.value)
        if text in known and cell.row <= HEADER_ROWS:
            cell.value = known[text][side]
        elif text in meanings:
            cell.value = meanings[text].explain(language)
        elif text in units and cell.coordinate not in cells.values():
            cell.value = units[text].unit_in(language)
        elif text in names and page[cells.get(names[text].key, "A1")].row == cell.row:
            _remark(cell, names[text])
            cell.value = names[text].name_ja if language == "ja" else names[text].name
        elif text in grades and cell.coordinate not in cells.values():
            cell.value = _word(cell.value, GRADE, language)
    for rule in page.data_validations.dataValidation:
        if str(rule.formula1)[1:].startswith(tuple(GRADE.spellings)):
            _drop_down(rule, GRADE, language)


def _texts(page: Any) -> Iterator[Any]:
    for row in page.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                yield cell


def _follow(page: Any, titles: Mapping[str, str]) -> None:
    """Let formulas and drop-downs name sheets by their new titles."""

    def renamed(formula: str) -> str:
        for old, new in titles.items():
            formula = re.sub(rf"'?(?<!\w){re.escape(old)}'?!", f"'{new}'!", formula)
        return formula

    for rule in page.data_validations.dataValidation:
        if rule.formula1 and "!" in str(rule.formula1):
            rule.formula1 = renamed(str(rule.formula1))
    for cell in _texts(page):
        if cell.value.startswith("=") and "!" in cell.value:
            cell.value = renamed(cell.value)
