"""The points of an experiment, in an order in which neighbours are close; and its indices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, product

import numpy as np
from numpy.typing import NDArray

from kido.data.case.build import tree_of
from kido.data.experiment import CURVE, GRID, SCENARIOS, TORNADO, Experiment
from kido.data.parameter import Lever
from kido.data.tables import Tables
from kido.study.point import Outcome, Point
from kido.study.results import Index

Array = NDArray[np.float64]
Values = tuple[float | None, ...]
SLICE = 4000  # points ordered together: the work grows with the square


def points(experiment: Experiment, tables: Tables) -> list[Point]:
    """Every point, neighbours close to each other; `number` is the place in the design.

    Of a curve the values that are listed. Values asked twice are one point, but in a sample,
    where each stands in a block of its own. A room has no points.
    """
    if experiment.method == SCENARIOS:
        return [Point(k, scenario=name) for k, name in enumerate(_branches(experiment, tables))]
    if not experiment.levers:
        return []
    design = [Point(number, values) for number, values in enumerate(_design(experiment))]
    if experiment.method == CURVE:
        return sorted(design, key=lambda point: point.values)
    if experiment.method == GRID:
        return _serpentine(design)
    home = _home(experiment.levers, tables)
    return [design[k] for k in _nearest_next(_scaled(experiment.levers, design, home), home)]


def indices(experiment: Experiment, outcomes: Iterable[Outcome]) -> tuple[tuple[Index, ...], int]:
    """How much each lever of a sample matters, and how many blocks were left out.

    A block (of latin one point, of morris a path, of sobol the points around one draw) with a
    point that has no answer says nothing. No index where too few blocks are left.
    """
    from kido.study import sample  # takes a second, which only samples should cost

    method, levers = experiment.method, experiment.levers
    design = sample.unit_design(method, len(levers), experiment.samples)
    values = np.full(len(design), np.nan)
    for outcome in outcomes:
        if outcome.objective is not None:
            values[outcome.point.number] = outcome.objective
    size = sample.block(method, len(levers))
    whole = ~np.isnan(values).reshape(-1, size).any(axis=1)
    kept = np.repeat(whole, size)
    found = tuple(
        Index(lever.label(), measure, float(number), float(width))
        for measure, numbers, widths in sample.analysed(method, design[kept], values[kept])
        for lever, number, width in zip(levers, numbers, widths, strict=True)
    )
    return found, int((~whole).sum())


def _branches(experiment: Experiment, tables: Tables) -> list[str]:
    """Every branch, those of probability 0 too, or those of the scenarios named."""
    named = set(experiment.words)
    branches = tree_of(tables).branches
    return [b.name for b in branches if not named or b.scenario in named]


def _design(experiment: Experiment) -> list[Values]:
    levers = experiment.levers
    lists = [lever.values for lever in levers]
    if experiment.method == CURVE:
        return list(dict.fromkeys(zip(*lists, strict=True)))
    if experiment.method == GRID:
        return list(dict.fromkeys(product(*lists)))
    if experiment.method == TORNADO:
        alone = [
            tuple(value if k == at else None for k in range(len(levers)))
            for at, values in enumerate(lists)
            for value in values
        ]
        return list(dict.fromkeys(alone))
    from kido.study import sample

    drawn = sample.unit_design(experiment.method, len(levers), experiment.samples)
    columns = [_drawn(lever, drawn[:, k]) for k, lever in enumerate(levers)]
    return list(zip(*columns, strict=True))


def _drawn(lever: Lever, share: Array) -> list[float]:
    """Values between the ends of the lever; each whole number equally likely."""
    low, high = min(lever.values), max(lever.values)
    if lever.whole:
        span = round(high - low)
        return (low + np.minimum(np.floor(share * (span + 1)), span)).tolist()
    return (low + share * (high - low)).tolist()


def _serpentine(design: Sequence[Point]) -> list[Point]:
    """Along the second lever forth and back, from each value of the first to the next."""
    rows = groupby(sorted(design, key=lambda point: point.values), lambda point: point.values[0])
    found: list[Point] = []
    for k, (_, row) in enumerate(rows):
        found += list(row)[:: -1 if k % 2 else 1]
    return found


def _ends(lever: Lever) -> tuple[float, float]:
    low, high = min(lever.values), max(lever.values)
    return low, (high - low) or 1.0


def _home(levers: Sequence[Lever], tables: Tables) -> Array:
    """Where the book stands, in shares of the ranges; halfway where that is no one number."""
    found = []
    for lever in levers:
        (low, span), here = _ends(lever), lever.here(tables)
        found.append(0.5 if here is None else (here - low) / span)
    return np.array(found)


def _scaled(levers: Sequence[Lever], design: Sequence[Point], home: Array) -> Array:
    """One row a point, in shares of the ranges."""
    ends = [_ends(lever) for lever in levers]
    rows = [
        [at if v is None else (v - low) / span
         for v, at, (low, span) in zip(point.values, home, ends, strict=True)]
        for point in design
    ]  # fmt: skip
    return np.array(rows, dtype=float).reshape(len(design), len(levers))


def _nearest_next(scaled: Array, place: Array) -> list[int]:
    """An order of the rows: from a place always to the nearest not yet visited."""
    found: list[int] = []
    along = np.argsort(scaled[:, 0], kind="stable")
    for begin in range(0, len(along), SLICE):
        rows = np.sort(along[begin : begin + SLICE])
        away = scaled[rows]
        left = np.ones(len(rows), dtype=bool)
        for _ in rows:
            distance = np.where(left, ((away - place) ** 2).sum(axis=1), np.inf)
            at = int(np.argmin(distance))
            left[at], place = False, away[at]
            found.append(int(rows[at]))
    return found
