"""Checks of the numbers that the values of a parameter put in the workbook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.schema import catalogue, word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.after_events import overrides
from kido.data.validation.checking import BLANK, as_typed, fault, name_list, warning
from kido.data.workbook.cellnumber import check_range
from kido.data.workbook.raw import BadCell
from kido.errors import Finding
from kido.messages import Phrase, Term, phrase
from kido.study.design.parameter import PLUS, SET, TIMES, Parameter, is_number
from kido.study.design.sweep_rows import row_names
from kido.study.registry import METHODS


def check_moves(
    tables: Tables, words: NameIndex, row: Any, parameter: Parameter
) -> Iterator[Finding]:
    """Findings on a parameter that changes nothing, breaks months, or leaves a column's range."""
    if parameter.catalogue_column.kind == "month" and parameter.operation != PLUS:
        yield fault(
            "sweep-month", tables["Sweeps"], row.Index, "operation",
            word_term("Sweeps", "operation", parameter.operation),
        )  # fmt: skip
        return
    yield from _check_idle(tables, row, parameter)
    yield from _check_hidden(tables, words, row, parameter)
    yield from _check_whole(tables, row, parameter)
    yield from _check_range(tables, row, parameter)


def _check_idle(tables: Tables, row: Any, parameter: Parameter) -> Iterator[Finding]:
    filled = [x for x in parameter.cells(tables) if is_number(x) or (x and isinstance(x, str))]
    if parameter.operation == SET or (any(filled) if parameter.operation == TIMES else filled):
        return
    yield warning(
        "sweep-idle", tables["Sweeps"], row.Index, "operation", "0" if filled else BLANK
    )  # fmt: skip


def _check_hidden(
    tables: Tables, words: NameIndex, row: Any, parameter: Parameter
) -> Iterator[Finding]:
    """A warning if events override the numbers of a parameter in all months of all futures."""
    if not parameter.rows:  # an option of Settings
        return
    rows = [r for r in tables[parameter.sheet].records() if r.Index in parameter.rows]
    names = overrides(tables, words, parameter.sheet, parameter.column, rows)
    if names:
        yield warning(
            "sweep-hidden", tables["Sweeps"], row.Index, "row", as_typed(row.row),
            names=name_list(names), column=parameter.catalogue_column.term,
        )  # fmt: skip


def _check_whole(tables: Tables, row: Any, parameter: Parameter) -> Iterator[Finding]:
    """A fault if numbers of an integer column become fractional; samples of values are rounded."""
    if not parameter.whole:
        return
    pairs = (
        (v, number) for v in parameter.values for _, number in _new_numbers(tables, parameter, v)
    )
    fractional = [v for v, number in pairs if abs(number - round(number)) > 1e-9]
    if METHODS[row.method].sampled and parameter.operation == TIMES:
        fractional = fractional or list(parameter.values)
    if fractional:
        yield fault(
            "sweep-whole", tables["Sweeps"], row.Index, "values", row.values,
            column=parameter.catalogue_column.term, value=fractional[0],
        )  # fmt: skip


def _check_range(tables: Tables, row: Any, parameter: Parameter) -> Iterator[Finding]:
    for value in parameter.values:
        for name, number in _new_numbers(tables, parameter, value):
            try:
                check_range(parameter.catalogue_column, number)
            except BadCell as bad:
                yield fault(
                    "sweep-range", tables["Sweeps"], row.Index, "values", f"{number:g}",
                    value=value, number=name, range=bad.expected_phrase,
                )  # fmt: skip
                return


def _new_numbers(
    tables: Tables, parameter: Parameter, value: float
) -> Iterator[tuple[Term | Phrase, float]]:
    """Pairs (label, number) of all cells that a parameter changes at a value."""
    column = parameter.catalogue_column.term
    labels: list[Term | Phrase] = [column]
    if parameter.rows:
        every = row_names(tables, catalogue()[parameter.sheet])
        names = dict(zip(tables[parameter.sheet].rows.index, every, strict=True))
        labels = [phrase("part.column_of", column=column, row=names[r]) for r in parameter.rows]
    for name, cell in zip(labels, parameter.cells(tables), strict=True):
        if is_number(cell):
            yield name, parameter.transform(float(cell), value)
        elif parameter.operation == SET and not isinstance(cell, str):
            yield name, value
