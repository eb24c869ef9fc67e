"""Checks of the rows of Sweeps with one name: together they must be one design."""

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
from kido.messages import Term
from kido.study.design.design import Design, rows_by_name
from kido.study.design.parameter import is_number
from kido.study.designs import build_design, size
from kido.study.registry import METHODS

MOST_POINTS = 100_000


def check_designs(tables: Tables, words: NameIndex, unsound: Collection[int]) -> Iterator[Finding]:
    """Findings on each design: one method, its number of parameters, not too many points.

    `unsound` are the Excel rows with faults of their own.
    """
    frame = tables["Sweeps"]
    for name, rows in rows_by_name(tables).items():
        mixed_findings = list(_check_one(frame, rows))
        count_findings = list(_check_count(frame, rows))
        repeat_findings = list(_check_twice(frame, rows))
        yield from (*mixed_findings, *count_findings, *repeat_findings)
        if (
            not mixed_findings
            and not count_findings
            and not repeat_findings
            and not any(row.Index in unsound for row in rows)
        ):
            design = build_design(tables, words, name, rows)
            yield from _check_overlap(frame, design)
            yield from METHODS[design.method].check(frame, rows, design)
            yield from _check_size(frame, rows, design)


def _check_one(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    """Findings on rows with another method, number of samples or error than the first."""
    for key in ("method", "samples", "error"):
        filled = [row for row in rows if key == "method" or is_number(getattr(row, key))]
        for row in filled[1:]:
            value, first = getattr(row, key), getattr(filled[0], key)
            if value != first:
                yield fault(
                    "sweep-mixed", frame, row.Index, key, _value(value),
                    name=row.name, first=_value(first),
                )  # fmt: skip


def _value(value: float | str) -> object:
    return _method(value) if isinstance(value, str) else f"{value:g}"


def _method(code: str) -> Term:
    return word_term("Sweeps", "method", code)


def _check_count(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    method, count = METHODS[rows[0].method], len(rows)
    least, most = method.rows
    if least <= count and (most is None or count <= most):
        return
    key = "one" if most == 1 else "grid" if least == most else "sampled"
    term = _method(method.name)
    yield fault(f"sweep-levers.{key}", frame, rows[-1].Index, "name", count, method=term)


def _check_twice(frame: Frame, rows: list[Any]) -> Iterator[Finding]:
    first_rows: dict[Any, int] = {}
    for row in rows:
        parameter = (fold(row.sheet), row.row, fold(row.column), row.commodity)
        first = first_rows.setdefault(parameter, row.Index)
        if first != row.Index and METHODS[rows[0].method].has_parameters:
            yield fault(
                "sweep-twice", frame, row.Index, "row", as_typed(row.row), name=row.name, row=first
            )


def _check_overlap(frame: Frame, design: Design) -> Iterator[Finding]:
    """Findings on parameters that change the same cell: the later would overwrite the earlier."""
    if METHODS[design.method].one_at_a_time:
        return
    for parameter, other in combinations(design.parameters, 2):
        overlap = (parameter.sheet, parameter.column) == (other.sheet, other.column) and (
            parameter.sheet == "Settings" or set(parameter.rows) & set(other.rows)
        )
        if overlap:
            yield fault(
                "sweep-twice.cell", frame, max(parameter.line, other.line), "row",
                as_typed(parameter.words), name=design.name, row=min(parameter.line, other.line),
            )  # fmt: skip


def _check_size(frame: Frame, rows: list[Any], design: Design) -> Iterator[Finding]:
    points = size(design)
    if points <= MOST_POINTS:
        return
    sampled = METHODS[design.method].sampled
    key, column = ("sweep-points.samples", "samples") if sampled else ("sweep-points", "values")
    row = next((row.Index for row in rows if is_number(row.samples)), rows[0].Index)
    yield fault(key, frame, row, column, f"{points:,}", name=design.name, most=MOST_POINTS)
