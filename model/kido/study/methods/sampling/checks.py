"""Checks of a design that is sampled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kido.data.schema import word_term
from kido.data.tables import Frame
from kido.data.validation.checking import fault
from kido.errors import Finding
from kido.messages import phrase
from kido.study.design.design import Design
from kido.study.design.parameter import Parameter, is_number


def check(frame: Frame, rows: Sequence[Any], design: Design) -> Iterator[Finding]:
    """Faults of a range without width, of integers for morris, of the sample size for sobol."""
    for parameter in design.parameters:
        if min(parameter.values) == max(parameter.values):
            yield fault(
                "sweep-sample", frame, parameter.line, "values",
                phrase("part.alone", number=parameter.values[0]),
                method=word_term("Sweeps", "method", design.method),
            )  # fmt: skip
        elif design.method == "morris" and parameter.whole and _span(parameter) % 3:
            yield fault(
                "sweep-sample.thirds", frame, parameter.line, "values",
                phrase("part.between_ends", span=_span(parameter)),
            )  # fmt: skip
    samples = design.samples
    if design.method == "sobol" and samples & (samples - 1):
        row = next((row.Index for row in rows if is_number(row.samples)), rows[0].Index)
        low = 1 << (samples.bit_length() - 1)
        yield fault("sweep-sample.power", frame, row, "samples", samples, low=low, high=2 * low)


def _span(parameter: Parameter) -> int:
    return round(max(parameter.values) - min(parameter.values))
