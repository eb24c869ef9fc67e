"""Do the rows of Sweeps that bear one name make one experiment?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from kido.data.experiment import (
    CURVE,
    GRID,
    MORRIS,
    SAMPLED,
    SOBOL,
    STILL,
    TORNADO,
    Experiment,
    experiment_of,
    grouped,
)
from kido.data.parameter import Lever, is_number
from kido.data.schema import word_term
from kido.data.selectors import NameIndex
from kido.data.tables import Frame, Tables
from kido.data.validation.checking import fault, typed
from kido.data.workbook.raw import fold
from kido.errors import Finding
from kido.messages import Term, phrase

MOST_POINTS = 100_000


def check_experiments(
    tables: Tables, words: NameIndex, unsound: Collection[int]
) -> Iterator[Finding]:
    """One method, as many levers as it takes, and not too many points.

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
            experiment = experiment_of(tables, words, name, rows)
            yield from _check_overlap(frame, experiment)
            yield from _check_values(frame, rows, experiment)
            yield from _check_size(frame, rows, experiment)


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
        lever = (fold(row.sheet), row.row, fold(row.column), row.commodity)
        first = seen.setdefault(lever, row.Index)
        if first != row.Index and rows[0].method not in STILL:
            yield fault(
                "sweep-twice", frame, row.Index, "row", typed(row.row), name=row.name, row=first
            )


def _check_overlap(frame: Frame, experiment: Experiment) -> Iterator[Finding]:
    """Levers that are moved together must not meet in a cell: the later would undo the earlier."""
    if experiment.method == TORNADO:
        return
    for lever, other in combinations(experiment.levers, 2):
        met = (lever.sheet, lever.column) == (other.sheet, other.column) and (
            lever.sheet == "Settings" or set(lever.rows) & set(other.rows)
        )
        if met:
            yield fault(
                "sweep-twice.cell", frame, max(lever.line, other.line), "row",
                typed(lever.words), name=experiment.name, row=min(lever.line, other.line),
            )  # fmt: skip


def _check_values(frame: Frame, rows: list[Any], experiment: Experiment) -> Iterator[Finding]:
    counts = {lever.line: len(lever.values) for lever in experiment.levers}
    for row in rows:
        if experiment.method == CURVE and counts[row.Index] != counts[rows[0].Index]:
            yield fault(
                "sweep-lengths", frame, row.Index, "values",
                phrase("part.values_count", count=counts[row.Index]),
                name=row.name, count=counts[rows[0].Index],
            )  # fmt: skip
    first = experiment.levers[0] if experiment.levers else None
    together = experiment.method == CURVE and len(experiment.levers) > 1
    if first and together and len(set(first.values)) < len(first.values):
        held = phrase("part.one_twice")
        yield fault("sweep-lengths.twice", frame, first.line, "values", held)
    for lever in experiment.levers:
        if experiment.method in SAMPLED and min(lever.values) == max(lever.values):
            yield fault(
                "sweep-sample", frame, lever.line, "values",
                phrase("part.alone", number=lever.values[0]), method=_method(experiment.method),
            )  # fmt: skip
        elif experiment.method == MORRIS and lever.whole and _span(lever) % 3:
            yield fault(
                "sweep-sample.thirds", frame, lever.line, "values",
                phrase("part.between_ends", span=_span(lever)),
            )  # fmt: skip


def _span(lever: Lever) -> int:
    return round(max(lever.values) - min(lever.values))


def _check_size(frame: Frame, rows: list[Any], experiment: Experiment) -> Iterator[Finding]:
    sampled = experiment.method in SAMPLED
    key = "samples" if sampled else "values"
    row = next((row.Index for row in rows if is_number(row.samples)), rows[0].Index)
    samples = experiment.samples
    if experiment.method == SOBOL and samples & (samples - 1):
        low = 1 << (samples.bit_length() - 1)
        yield fault("sweep-sample.power", frame, row, key, samples, low=low, high=2 * low)
    if experiment.size > MOST_POINTS:
        yield fault(
            "sweep-points.samples" if sampled else "sweep-points", frame, row, key,
            f"{experiment.size:,}", name=experiment.name, most=MOST_POINTS,
        )  # fmt: skip
