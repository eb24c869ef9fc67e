"""What the values of a lever make of the numbers that stand in the book."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.experiment import SAMPLED
from kido.data.parameter import PLUS, SET, TIMES, Lever, is_number
from kido.data.schema import catalogue, word_term
from kido.data.selectors import NameIndex
from kido.data.sweeps import row_names
from kido.data.tables import Tables
from kido.data.validation.aftermath import hiding
from kido.data.validation.checking import BLANK, fault, named, typed, warning
from kido.data.workbook.cellnumber import check_range
from kido.data.workbook.raw import BadCell
from kido.errors import Finding
from kido.messages import Phrase, Term, phrase


def check_moves(tables: Tables, words: NameIndex, row: Any, lever: Lever) -> Iterator[Finding]:
    """A lever moves something, by whole months, and keeps every number in its range."""
    if lever.about.kind == "month" and lever.operation != PLUS:
        yield fault(
            "sweep-month", tables["Sweeps"], row.Index, "operation",
            word_term("Sweeps", "operation", lever.operation),
        )  # fmt: skip
        return
    yield from _check_idle(tables, row, lever)
    yield from _check_hidden(tables, words, row, lever)
    yield from _check_whole(tables, row, lever)
    yield from _check_range(tables, row, lever)


def _check_idle(tables: Tables, row: Any, lever: Lever) -> Iterator[Finding]:
    filled = [x for x in lever.held(tables) if is_number(x) or (x and isinstance(x, str))]
    if lever.operation == SET or (any(filled) if lever.operation == TIMES else filled):
        return
    yield warning(
        "sweep-idle", tables["Sweeps"], row.Index, "operation", "0" if filled else BLANK
    )  # fmt: skip


def _check_hidden(tables: Tables, words: NameIndex, row: Any, lever: Lever) -> Iterator[Finding]:
    """In some month of some future the number that is moved counts, and not an event's."""
    if not lever.rows:  # an option of Settings
        return
    rows = [r for r in tables[lever.sheet].records() if r.Index in lever.rows]
    names = hiding(tables, words, lever.sheet, lever.column, rows)
    if names:
        yield warning(
            "sweep-hidden", tables["Sweeps"], row.Index, "row", typed(row.row),
            names=named(names), column=lever.about.term,
        )  # fmt: skip


def _check_whole(tables: Tables, row: Any, lever: Lever) -> Iterator[Finding]:
    """A column of whole numbers stays one. A sample is rounded, but a factor cannot be."""
    if not lever.whole:
        return
    made = ((v, number) for v in lever.values for _, number in _made(tables, lever, v))
    broken = [v for v, number in made if abs(number - round(number)) > 1e-9]
    if row.method in SAMPLED and lever.operation == TIMES:
        broken = broken or list(lever.values)
    if broken:
        yield fault(
            "sweep-whole", tables["Sweeps"], row.Index, "values", row.values,
            column=lever.about.term, value=broken[0],
        )  # fmt: skip


def _check_range(tables: Tables, row: Any, lever: Lever) -> Iterator[Finding]:
    for value in lever.values:
        for name, number in _made(tables, lever, value):
            try:
                check_range(lever.about, number)
            except BadCell as bad:
                yield fault(
                    "sweep-range", tables["Sweeps"], row.Index, "values", f"{number:g}",
                    value=value, number=name, range=bad.wanted,
                )  # fmt: skip
                return


def _made(tables: Tables, lever: Lever, value: float) -> Iterator[tuple[Term | Phrase, float]]:
    """Every number that a value makes, and what it is called."""
    column = lever.about.term
    called: list[Term | Phrase] = [column]
    if lever.rows:
        every = row_names(tables, catalogue()[lever.sheet])
        names = dict(zip(tables[lever.sheet].rows.index, every, strict=True))
        called = [phrase("part.column_of", column=column, row=names[r]) for r in lever.rows]
    for name, held in zip(called, lever.held(tables), strict=True):
        if is_number(held):
            yield name, lever.moved(float(held), value)
        elif lever.operation == SET and not isinstance(held, str):
            yield name, value
