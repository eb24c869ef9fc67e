"""Does each row of Sweeps name what there is, and values to try?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.schema import TRUNK, Sheet, catalogue
from kido.data.selectors import NameIndex, nearest
from kido.data.tables import Frame, Tables
from kido.data.validation.checking import fault, named, warning
from kido.errors import Finding
from kido.study.design.checks.designs import check_designs
from kido.study.design.checks.parameters import check_moves
from kido.study.design.design import ROOM, SAMPLED, SCENARIOS, STILL, VOLUMES
from kido.study.design.sweep_rows import (
    MOST_VALUES,
    TooMany,
    called,
    find_column,
    find_sheet,
    parameter_of,
    parse_values,
    row_names,
    rows_of,
    varying,
)

NEEDED = {SCENARIOS: (), ROOM: ("values",)}
NEEDED_BY_LEVERS = ("sheet", "row", "column", "values")
# Columns that a method does not look at.
IGNORED = {
    "curve": ("samples",),
    "tornado": ("alone", "samples", "error"),
    "grid": ("alone", "samples", "error"),
    **dict.fromkeys(SAMPLED, ("alone", "error")),
    SCENARIOS: ("column", "commodity", "values", "watch", "alone", "samples", "error"),
    ROOM: ("column", "watch", "alone", "samples", "error"),
}


def check_sweeps(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Every parameter and what it does, then the rows of one name together."""
    unsound = set()
    for row in tables["Sweeps"].records():
        for finding in _check_row(tables, words, row):
            if not finding.warning:
                unsound.add(row.Index)
            yield finding
    yield from check_designs(tables, words, unsound)


def _check_row(tables: Tables, words: NameIndex, row: Any) -> Iterator[Finding]:
    frame = tables["Sweeps"]
    blanks = [key for key in NEEDED.get(row.method, NEEDED_BY_LEVERS) if not getattr(row, key)]
    if "column" in blanks and _on_settings(row):
        blanks.remove("column")
    for key in blanks:
        name = catalogue()["Sweeps"].columns[key].name
        sentence = f"A {row.method} needs '{name}'."
        yield _bad("sweep-blank", frame, row, key, sentence, "blank", "")
    yield from _check_ignored(frame, row)
    sheet = find_sheet(row.sheet)
    if row.sheet and sheet is None:
        close = nearest(row.sheet, [name for name in catalogue() if find_sheet(name)])
        sentence = f"There is no sheet '{row.sheet}' to vary."
        yield _bad("sweep-sheet", frame, row, "sheet", sentence, row.sheet, close)
    faults = [] if sheet is None else list(_check_cells(tables, words, row, sheet))
    faults += _check_values(frame, row)
    faults += _check_watch(frame, words, row)
    yield from faults
    if sheet is not None and not blanks and not faults and row.method not in STILL:
        yield from check_moves(tables, words, row, parameter_of(tables, words, row))


def _on_settings(row: Any) -> bool:
    sheet = find_sheet(row.sheet)
    return sheet is not None and sheet.name == "Settings"


def _check_ignored(frame: Frame, row: Any) -> Iterator[Finding]:
    for key in IGNORED[row.method]:
        given = getattr(row, key)
        if given and (given == given):
            sentence = f"A sweep by the method {row.method} does not look at this."
            found = "; ".join(given) if isinstance(given, tuple) else given
            yield warning(
                "sweep-ignored", frame, row.Index, key, sentence, found, "blank", "clear it"
            )


def _check_cells(tables: Tables, words: NameIndex, row: Any, sheet: Sheet) -> Iterator[Finding]:
    """Sheet, rows, commodities and column of one row."""
    frame = tables["Sweeps"]
    wanted = {SCENARIOS: ("Scenarios",), ROOM: VOLUMES}.get(row.method)
    if wanted and sheet.name not in wanted:
        sentence = f"The method {row.method} does not look at the sheet {sheet.name}."
        yield fault(
            "sweep-sheet", frame, row.Index, "sheet", sentence, row.sheet, ", ".join(wanted),
            "name one of these, or leave it blank",
        )  # fmt: skip
    elif sheet.name == "Settings":
        yield from _check_option(frame, row, sheet)
    else:
        yield from _check_rows(tables, words, row, sheet)
        if row.method not in STILL and row.column and find_column(sheet, row.column) is None:
            close = nearest(row.column, varying(sheet))
            sentence = f"{sheet.name} has no column '{row.column}' that can be varied."
            yield _bad("sweep-column", frame, row, "column", sentence, row.column, close)


def _check_option(frame: Frame, row: Any, sheet: Sheet) -> Iterator[Finding]:
    for option in row.row:
        if find_column(sheet, option) is None:
            close = nearest(option, varying(sheet))
            sentence = f"There is no option '{option}' that can be varied."
            yield _bad("sweep-row", frame, row, "row", sentence, option, close)
    if len(row.row) > 1:
        yield fault(
            "sweep-row", frame, row.Index, "row", "A parameter moves one option of Settings.",
            "; ".join(row.row), "one option", "write a row for each option",
        )  # fmt: skip


def _check_rows(tables: Tables, words: NameIndex, row: Any, sheet: Sheet) -> Iterator[Finding]:
    frame = tables["Sweeps"]
    unknown = [word for word in row.row if not called(tables, words, sheet, word)]
    if row.method == SCENARIOS:
        unknown = [word for word in unknown if word != TRUNK]
    for word in unknown:
        close = nearest(word, row_names(tables, sheet))
        sentence = f"The word '{word}' matches no row of {sheet.name}."
        if word in tables[sheet.name].unused:
            sentence = f"'{word}' is switched off: its row on {sheet.name} says use: no."
            close = ""
        yield _bad("sweep-row", frame, row, "row", sentence, word, close)
    reached = rows_of(tables, words, sheet, row.row, row.commodity)
    if row.row and row.commodity and not unknown and not reached:
        yield fault(
            "sweep-commodity", frame, row.Index, "commodity",
            f"None of the rows of {sheet.name} named here is about these commodities.",
            "; ".join(row.commodity), "a commodity of one of these rows",
            "choose another, or clear it",
        )  # fmt: skip


def _check_values(frame: Frame, row: Any) -> Iterator[Finding]:
    if not row.values or row.method == SCENARIOS:
        return
    try:
        values = parse_values(row.values)
    except TooMany as problem:
        sentence = "These are more values than a sweep can try."
        yield fault(
            "sweep-points", frame, row.Index, "values", sentence, str(problem),
            f"at most {MOST_VALUES:,} in a row", "type a larger step",
        )  # fmt: skip
        return
    except ValueError:
        sentence = "These are not values to try."
        advice = "type a list, like 1; 2; 3, or a range, like 10..50 step 5"
        yield fault(
            "sweep-values", frame, row.Index, "values", sentence, row.values,
            "a list or a range of numbers", advice,
        )  # fmt: skip
        return
    if row.method == ROOM and min(values) <= 0:
        yield fault(
            "sweep-room", frame, row.Index, "values",
            "Room is sought at a cost above the least: an extra cost of so many percent.",
            f"{min(values):g}", "more than 0", "type percentages, like 0.5; 2",
        )  # fmt: skip


def _check_watch(frame: Frame, words: NameIndex, row: Any) -> Iterator[Finding]:
    for word in row.watch:
        if not any(words.rows(word, sheet) for sheet in VOLUMES):
            close = words.nearest(word)
            expected = close if close != word else f"a name or tag of {named(VOLUMES)}"
            sentence = f"The word '{word}' calls no row whose volume could be followed."
            yield _bad("sweep-watch", frame, row, "watch", sentence, word, expected)


def _bad(
    code: str, frame: Frame, row: Any, key: str, sentence: str, found: str, close: str
) -> Finding:
    advice = f"did you mean {close}?" if close else "choose another"
    return fault(code, frame, row.Index, key, sentence, found, close, advice)
