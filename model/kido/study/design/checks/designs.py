"""Do the rows of Sweeps that bear one name make one design?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.data.validation.checking import fault
from kido.data.workbook.raw import fold
from kido.errors import Finding
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
                    "sweep-mixed", frame, row.Index, key,
                    f"The rows of the sweep '{row.name}' differ here, and are one design.",
                    _text(given), _text(first), "make them agree, or rename this row",
                )  # fmt: skip


def _text(given: float | str) -> str:
    return given if isinstance(given, str) else f"{given:g}"


def _check_count(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    method, count = rows[0].method, len(rows)
    if method == GRID and count != 2:
        expected, advice = "two rows of one name", "a grid has two parameters: write a row for each"
    elif method in SAMPLED and count < 2:
        expected, advice = "two rows or more", "write a row for each parameter, or choose curve"
    elif method in STILL and count > 1:
        expected, advice = "one row", "give each row a name of its own"
    else:
        return
    sentence = f"A {method} cannot be made of so many rows of one name."
    yield fault(
        "sweep-levers", frame, rows[-1].Index, "name", sentence, str(count), expected, advice
    )


def _check_twice(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    seen: dict[Any, int] = {}
    for row in rows:
        parameter = (fold(row.sheet), row.row, fold(row.column), row.commodity)
        first = seen.setdefault(parameter, row.Index)
        if first != row.Index and rows[0].method not in STILL:
            yield fault(
                "sweep-twice", frame, row.Index, "row",
                f"The sweep '{row.name}' moves this already in row {first}.",
                "; ".join(row.row), "each parameter once",
                "type no in the column use of one, or rename it",
            )  # fmt: skip


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
                "sweep-twice", frame, max(parameter.line, other.line), "row",
                f"The sweep '{design.name}' moves a cell of these in row "
                f"{min(parameter.line, other.line)} already.",
                "; ".join(parameter.words), "each cell once", "name rows that the two do not share",
            )  # fmt: skip


def _check_values(frame: Frame, rows: list[Any], design: Design) -> Iterator[Finding]:
    counts = {parameter.line: len(parameter.values) for parameter in design.parameters}
    for row in rows:
        if design.method == CURVE and counts[row.Index] != counts[rows[0].Index]:
            yield fault(
                "sweep-lengths", frame, row.Index, "values",
                f"The rows of the sweep '{row.name}' move together, value by value.",
                f"{counts[row.Index]} values", f"{counts[rows[0].Index]} values",
                "type as many values in each row",
            )  # fmt: skip
    first = design.parameters[0] if design.parameters else None
    together = design.method == CURVE and len(design.parameters) > 1
    if first and together and len(set(first.values)) < len(first.values):
        yield fault(
            "sweep-lengths", frame, first.line, "values",
            "Rows that move together are told apart by the values of the first.",
            "one of them twice", "each value once", "put the row whose values all differ first",
        )  # fmt: skip
    for parameter in design.parameters:
        if design.method in SAMPLED and min(parameter.values) == max(parameter.values):
            yield fault(
                "sweep-sample", frame, parameter.line, "values",
                f"A {design.method} draws values between the least and the largest.",
                f"{parameter.values[0]:g} alone", "two different numbers",
                "type both ends, like 1; 3",
            )  # fmt: skip
        elif design.method == MORRIS and parameter.whole and _span(parameter) % 3:
            yield fault(
                "sweep-sample", frame, parameter.line, "values",
                "A morris moves by thirds of the range, and these must be whole numbers.",
                f"{_span(parameter)} between the ends", "3, 6, 9 ...",
                "move one end, or choose latin",
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
        yield fault(
            "sweep-sample", frame, row, key,
            "The points of a sobol fill the space evenly only in powers of 2.",
            f"{samples}", f"{low} or {2 * low}", f"type {low} or {2 * low}",
        )  # fmt: skip
    if design.size > MOST_POINTS:
        yield fault(
            "sweep-points", frame, row, key,
            f"The sweep '{design.name}' would make more points than can be solved.",
            f"{design.size:,}", f"at most {MOST_POINTS:,}",
            "type fewer samples" if sampled else "type fewer values, or a larger step",
        )  # fmt: skip
