"""Checks of single rows of the sheet Sweeps: names, columns and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.schema import Sheet, catalogue, column_term, sheet_term, word_term
from kido.data.selectors import NameIndex, nearest
from kido.data.tables import Frame, Tables
from kido.data.validation.checking import BLANK, as_typed, did_you_mean, fault, name_list, warning
from kido.errors import Finding
from kido.messages import Term, listed, phrase
from kido.study.checks.designs import check_designs
from kido.study.checks.parameters import check_moves
from kido.study.design.design import VOLUMES
from kido.study.design.sweep_rows import (
    MOST_VALUES,
    TooManyValues,
    find_column,
    find_sheet,
    matching_names,
    parameter_of,
    parse_values,
    row_names,
    rows_of,
    variable_columns,
)
from kido.study.registry import METHODS

ANOTHER, YES = phrase("part.another"), phrase("part.yes")


def check_sweeps(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Findings on every row of Sweeps, then on the rows of one name together."""
    unsound = set()
    for row in tables["Sweeps"].records():
        for finding in _check_row(tables, words, row):
            if not finding.warning:
                unsound.add(row.Index)
            yield finding
    yield from check_designs(tables, words, unsound)


def _check_row(tables: Tables, words: NameIndex, row: Any) -> Iterator[Finding]:
    frame = tables["Sweeps"]
    method = METHODS[row.method]
    blanks = [key for key in method.needed if not getattr(row, key)]
    if "column" in blanks and _on_settings(row):
        blanks.remove("column")
    for key in blanks:
        column = column_term("Sweeps", key)
        yield fault("sweep-blank", frame, row.Index, key, BLANK, method=_method(row), column=column)
    yield from _check_ignored(frame, row)
    sheet = find_sheet(row.sheet)
    if row.sheet and sheet is None:
        titles = [title for s in catalogue().values() for title in (s.name, s.title_ja)]
        nearest_name = find_sheet(nearest(row.sheet, titles))
        yield fault(
            "sweep-sheet", frame, row.Index, "sheet", row.sheet, sheet=row.sheet,
            **_closest(nearest_name.term if nearest_name else ""),
        )  # fmt: skip
    faults = [] if sheet is None else list(_check_cells(tables, words, row, sheet))
    faults += _check_values(frame, row)
    faults += _check_watch(frame, words, row)
    yield from faults
    if sheet is not None and not blanks and not faults and method.has_parameters:
        yield from check_moves(tables, words, row, parameter_of(tables, words, row))


def _on_settings(row: Any) -> bool:
    sheet = find_sheet(row.sheet)
    return sheet is not None and sheet.name == "Settings"


def _check_ignored(frame: Frame, row: Any) -> Iterator[Finding]:
    for key in METHODS[row.method].ignored:
        value = getattr(row, key)
        if value and (value == value):
            text = YES if value is True else as_typed(value)
            yield warning("sweep-ignored", frame, row.Index, key, text, method=_method(row))


def _check_cells(tables: Tables, words: NameIndex, row: Any, sheet: Sheet) -> Iterator[Finding]:
    """Findings on sheet, rows, commodities and column of one row."""
    frame = tables["Sweeps"]
    method = METHODS[row.method]
    if method.sheets and sheet.name not in method.sheets:
        yield fault(
            "sweep-sheet.method", frame, row.Index, "sheet", row.sheet, method=_method(row),
            sheet=sheet.term, sheets=listed(map(sheet_term, method.sheets)),
        )  # fmt: skip
    elif sheet.name == "Settings":
        yield from _check_option(frame, row, sheet)
    else:
        yield from _check_rows(tables, words, row, sheet)
        if method.has_parameters and row.column and find_column(sheet, row.column) is None:
            nearest_name = _nearest_column(sheet, row.column)
            yield fault(
                "sweep-column", frame, row.Index, "column", row.column,
                sheet=sheet.term, column=row.column, **_closest(nearest_name),
            )  # fmt: skip


def _check_option(frame: Frame, row: Any, sheet: Sheet) -> Iterator[Finding]:
    for option in row.row:
        if find_column(sheet, option) is None:
            nearest_name = _nearest_column(sheet, option)
            yield fault(
                "sweep-row.option", frame, row.Index, "row", option,
                option=option, **_closest(nearest_name),
            )  # fmt: skip
    if len(row.row) > 1:
        yield fault("sweep-row.one", frame, row.Index, "row", as_typed(row.row))


def _check_rows(tables: Tables, words: NameIndex, row: Any, sheet: Sheet) -> Iterator[Finding]:
    frame = tables["Sweeps"]
    named_too = METHODS[row.method].names
    unknown = [
        word for word in row.row
        if word not in named_too and not matching_names(tables, words, sheet, word)
    ]  # fmt: skip
    for word in unknown:
        nearest_name = nearest(word, row_names(tables, sheet))
        place, about = (frame, row.Index, "row", word), {"word": word, "sheet": sheet.term}
        if word in tables[sheet.name].unused:
            yield fault("sweep-row.unused", *place, **about)
        else:
            yield fault("sweep-row", *place, **about, **_closest(nearest_name))
    rows = rows_of(tables, words, sheet, row.row, row.commodity)
    if row.row and row.commodity and not unknown and not rows:
        yield fault(
            "sweep-commodity", frame, row.Index, "commodity", as_typed(row.commodity),
            sheet=sheet.term,
        )  # fmt: skip


def _check_values(frame: Frame, row: Any) -> Iterator[Finding]:
    method = METHODS[row.method]
    if not row.values or "values" in method.ignored:
        return
    try:
        values = parse_values(row.values)
    except TooManyValues as problem:
        text = phrase("part.values", count=problem.count)
        yield fault("sweep-points.values", frame, row.Index, "values", text, most=MOST_VALUES)
        return
    except ValueError:
        yield fault("sweep-values", frame, row.Index, "values", row.values)
        return
    yield from method.check_row(frame, row, values)


def _check_watch(frame: Frame, words: NameIndex, row: Any) -> Iterator[Finding]:
    for word in row.watch:
        if not any(words.rows(word, sheet) for sheet in VOLUMES):
            nearest_name = words.nearest(word)
            nearest_name = nearest_name if nearest_name != word else ""
            sheets = name_list(map(sheet_term, VOLUMES))
            yield fault(
                "sweep-watch", frame, row.Index, "watch", word, word=word,
                expected=nearest_name or phrase("part.name_or_tag", sheets=sheets),
                advice=did_you_mean(nearest_name, ANOTHER),
            )  # fmt: skip


def _closest(nearest_name: str | Term) -> dict[str, object]:
    """The arguments `close` and `advice` of a finding on an unknown word."""
    return {"close": nearest_name, "advice": did_you_mean(nearest_name, ANOTHER)}


def _nearest_column(sheet: Sheet, text: str) -> Term | str:
    nearest_name = find_column(sheet, nearest(text, variable_columns(sheet)))
    return nearest_name.term if nearest_name else ""


def _method(row: Any) -> Term:
    return word_term("Sweeps", "method", row.method)
