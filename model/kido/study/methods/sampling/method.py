"""The points of a sample, and how much each lever of it matters."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kido.data.tables import Tables
from kido.study.design.design import Experiment
from kido.study.design.parameter import Lever
from kido.study.design.points import nearest_next, numbered
from kido.study.methods.sampling import samples
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.point import Outcome, Point
from kido.study.session import Session

Array = NDArray[np.float64]


def points(design: Experiment, tables: Tables) -> list[Point]:
    """In an order in which neighbours are close. Values drawn twice are two points, as each
    stands in a block of its own."""
    drawn = samples.unit_design(design.method, len(design.levers), design.samples)
    columns = [_drawn(lever, drawn[:, k]) for k, lever in enumerate(design.levers)]
    return nearest_next(design.levers, numbered(zip(*columns, strict=True)), tables)


def run(session: Session) -> SampleResult:
    x, tables = session.experiment, session.tables
    outcomes = session.answers(points(x, tables))
    measures, left_out = indices(x, outcomes)
    return SampleResult(
        session.method, tables, x, session.base, outcomes, indices=measures, left_out=left_out
    )


def indices(design: Experiment, outcomes: Iterable[Outcome]) -> tuple[tuple[Index, ...], int]:
    """How much each lever of a sample matters, and how many blocks were left out.

    A block (of latin one point, of morris a path, of sobol the points around one draw) with a
    point that has no answer says nothing. No index where too few blocks are left.
    """
    method, levers = design.method, design.levers
    unit = samples.unit_design(method, len(levers), design.samples)
    values = np.full(len(unit), np.nan)
    for outcome in outcomes:
        if outcome.objective is not None:
            values[outcome.point.number] = outcome.objective
    size = samples.block(method, len(levers))
    whole = ~np.isnan(values).reshape(-1, size).any(axis=1)
    used = np.repeat(whole, size)
    rows = tuple(
        Index(lever.label(), measure, float(number), float(width))
        for measure, numbers, widths in samples.analysed(method, unit[used], values[used])
        for lever, number, width in zip(levers, numbers, widths, strict=True)
    )
    return rows, int((~whole).sum())


def _drawn(lever: Lever, share: Array) -> list[float]:
    """Values between the ends of the lever; each whole number equally likely."""
    low, high = min(lever.values), max(lever.values)
    if lever.whole:
        span = round(high - low)
        return (low + np.minimum(np.floor(share * (span + 1)), span)).tolist()
    return (low + share * (high - low)).tolist()
