"""Points of a sample, and sensitivity indices of its parameters."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.design.parameter import Parameter
from kido.study.design.points import enumerate_points, nearest_neighbor_order
from kido.study.methods.sampling import samples
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.point import Outcome, Point
from kido.study.session import Session

Array = NDArray[np.float64]


def points(design: Design, tables: Tables) -> list[Point]:
    """The points in nearest-neighbor order. Equal values are two points, each in its own block."""
    shares = samples.unit_design(design.method, len(design.parameters), design.samples)
    columns = [_values(parameter, shares[:, k]) for k, parameter in enumerate(design.parameters)]
    return nearest_neighbor_order(
        design.parameters, enumerate_points(zip(*columns, strict=True)), tables
    )


def run(session: Session) -> SampleResult:
    """The outcomes of all points and the sensitivity indices."""
    design, tables = session.design, session.tables
    outcomes = session.evaluate(points(design, tables))
    measures, left_out = indices(design, outcomes)
    return SampleResult(
        session.method, tables, design, session.base, outcomes, indices=measures, left_out=left_out
    )


def indices(design: Design, outcomes: Iterable[Outcome]) -> tuple[tuple[Index, ...], int]:
    """The sensitivity indices of all parameters, and the number of blocks left out.

    A block (of latin one point, of morris a trajectory, of sobol the points around one draw) is
    left out if a point of it has no cost. No index if too few blocks are left.
    """
    method, parameters = design.method, design.parameters
    unit = samples.unit_design(method, len(parameters), design.samples)
    values = np.full(len(unit), np.nan)
    for outcome in outcomes:
        if outcome.objective is not None:
            values[outcome.point.number] = outcome.objective
    size = samples.block_size(method, len(parameters))
    whole = ~np.isnan(values).reshape(-1, size).any(axis=1)
    used = np.repeat(whole, size)
    rows = tuple(
        Index(parameter.label(), measure, float(number), float(width))
        for measure, numbers, widths in samples.sensitivity(method, unit[used], values[used])
        for parameter, number, width in zip(parameters, numbers, widths, strict=True)
    )
    return rows, int((~whole).sum())


def _values(parameter: Parameter, share: Array) -> list[float]:
    """Values of a parameter at shares of its range; each whole number equally likely."""
    low, high = min(parameter.values), max(parameter.values)
    if parameter.whole:
        span = round(high - low)
        return (low + np.minimum(np.floor(share * (span + 1)), span)).tolist()
    return (low + share * (high - low)).tolist()
