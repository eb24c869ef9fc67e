"""Checks of a curve whose parameters change in step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kido.data.tables import Frame
from kido.data.validation.checking import fault
from kido.errors import Finding
from kido.messages import phrase
from kido.study.design.design import Design


def check(frame: Frame, rows: Sequence[Any], design: Design) -> Iterator[Finding]:
    """Faults of parameters with unequal numbers of values, or repeated values of the first."""
    counts = {parameter.line: len(parameter.values) for parameter in design.parameters}
    for row in rows:
        if counts[row.Index] != counts[rows[0].Index]:
            yield fault(
                "sweep-lengths", frame, row.Index, "values",
                phrase("part.values_count", count=counts[row.Index]),
                name=row.name, count=counts[rows[0].Index],
            )  # fmt: skip
    first = design.parameters[0] if design.parameters else None
    if first and len(design.parameters) > 1 and len(set(first.values)) < len(first.values):
        twice = phrase("part.one_twice")
        yield fault("sweep-lengths.twice", frame, first.line, "values", twice)
