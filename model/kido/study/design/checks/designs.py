"""Do the rows of Sweeps that bear one name make one design?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from kido.data.schema import word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.data.validation.checking import as_typed, fault
from kido.data.workbook.raw import fold
from kido.errors import Finding
from kido.messages import Term, phrase
from kido.study.design.design import (
    CURVE,
    GRID,
    MORRIS,
    SAMPLED,
    SOBOL,
    STILL,
    TORNADO,
    Design,
    design_of,
    grouped,
)
from kido.study.design.parameter import Parameter, is_number

MOST_POINTS = 100_000


def check_designs(tables: Tables, words: NameIndex, unsound: Collection[int]) -> Iterator[Finding]:
    """One method, as many parameters as it takes, and not too many points.

    `unsound` are the Excel rows that have faults of their own.
    """
    frame = tables["Sweeps"]
    for name, rows in grouped(tables).items():
        mixed = list(_check_one(frame, rows))
        counted = list(_check_count(frame, rows))
        twice = list(_check_twice(frame, rows))
        yield from (*mixed, *counted, *twice)
        if (
            not mixed
            and not counted
            and not twice
            and not any(row.Index in unsound for row in rows)
        ):
            design = design_of(tables, words, name, rows)
            yield from _check_overlap(frame, design)
            yield from _check_values(frame, rows, design)
            yield from _check_size(frame, rows, design)


def _check_one(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    """One method, and one number of samples and one error wherever they stand."""
    for key in ("method", "samples", "error"):
        filled = [row for row in rows if key == "method" or is_number(getattr(row, key))]
        for row in filled[1:]:
            given, first = getattr(row, key), getattr(filled[0], key)
            if given != first:
                yield fault(
                    "sweep-mixed", frame, row.Index, key, _value(given),
                    name=row.name, first=_value(first),
                )  # fmt: skip


def _value(given: float | str) -> object:
    return _method(given) if isinstance(given, str) else f"{given:g}"


def _method(code: str) -> Term:
    return word_term("Sweeps", "method", code)


def _check_count(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    method, count = rows[0].method, len(rows)
    if method == GRID and count != 2:
        key = "sweep-levers.grid"
    elif method in SAMPLED and count < 2:
        key = "sweep-levers.sampled"
    elif method in STILL and count > 1:
        key = "sweep-levers.one"
    else:
        return
    yield fault(key, frame, rows[-1].Index, "name", count, method=_method(method))


def _check_twice(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    seen: dict[Any, int] = {}
    for row in rows:
        parameter = (fold(row.sheet), row.row, fold(row.column), row.commodity)
        first = seen.setdefault(parameter, row.Index)
        if first != row.Index and rows[0].method not in STILL:
            yield fault(
                "sweep-twice", frame, row.Index, "row", as_typed(row.row), name=row.name, row=first
            )


def _check_overlap(frame: Frame, design: Design) -> Iterator[Finding]:
    """Parameters moved together must not meet in a cell: the later would undo the earlier."""
    if design.method == TORNADO:
        return
    for parameter, other in combinations(design.parameters, 2):
        met = (parameter.sheet, parameter.column) == (other.sheet, other.column) and (
            parameter.sheet == "Settings" or set(parameter.rows) & set(other.rows)
        )
        if met:
            yield fault(
                "sweep-twice.cell", frame, max(parameter.line, other.line), "row",
                as_typed(parameter.words), name=design.name, row=min(parameter.line, other.line),
            )  # fmt: skip


def _check_values(frame: Frame, rows: list[Any], design: Design) -> Iterator[Finding]:
    counts = {parameter.line: len(parameter.values) for parameter in design.parameters}
    for row in rows:
        if design.method == CURVE and counts[row.Index] != counts[rows[0].Index]:
            yield fault(
                "sweep-lengths", frame, row.Index, "values",
                phrase("part.values_count", count=counts[row.Index]),
                name=row.name, count=counts[rows[0].Index],
            )  # fmt: skip
    first = design.parameters[0] if design.parameters else None
    together = design.method == CURVE and len(design.parameters) > 1
    if first and together and len(set(first.values)) < len(first.values):
        held = phrase("part.one_twice")
        yield fault("sweep-lengths.twice", frame, first.line, "values", held)
    for parameter in design.parameters:
        if design.method in SAMPLED and min(parameter.values) == max(parameter.values):
            yield fault(
                "sweep-sample", frame, parameter.line, "values",
                phrase("part.alone", number=parameter.values[0]), method=_method(design.method),
            )  # fmt: skip
        elif design.method == MORRIS and parameter.whole and _span(parameter) % 3:
            yield fault(
                "sweep-sample.thirds", frame, parameter.line, "values",
                phrase("part.between_ends", span=_span(parameter)),
            )  # fmt: skip


def _span(parameter: Parameter) -> int:
    return round(max(parameter.values) - min(parameter.values))


def _check_size(frame: Frame, rows: list[Any], design: Design) -> Iterator[Finding]:
    sampled = design.method in SAMPLED
    key = "samples" if sampled else "values"
    row = next((row.Index for row in rows if is_number(row.samples)), rows[0].Index)
    samples = design.samples
    if design.method == SOBOL and samples & (samples - 1):
        low = 1 << (samples.bit_length() - 1)
        yield fault("sweep-sample.power", frame, row, key, samples, low=low, high=2 * low)
    if design.size > MOST_POINTS:
        yield fault(
            "sweep-points.samples" if sampled else "sweep-points", frame, row, key,
            f"{design.size:,}", name=design.name, most=MOST_POINTS,
        )  # fmt: skip
