"""The points of a design in an order in which neighbours are close."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kido.data.tables import Tables
from kido.study.design.parameter import Parameter
from kido.study.point import Point

Array = NDArray[np.float64]
Values = tuple[float | None, ...]
SLICE = 4000  # points ordered together: the work grows with the square


def numbered(settings: Iterable[Values]) -> list[Point]:
    """A point for each setting of the parameters; `number` is the place in the design."""
    return [Point(number, values) for number, values in enumerate(settings)]


def nearest_next(
    parameters: Sequence[Parameter], design: Sequence[Point], tables: Tables
) -> list[Point]:
    """From where the book stands always to the nearest point not yet visited.

    Distances are in shares of the ranges of the parameters.
    """
    home = _home(parameters, tables)
    return [design[k] for k in _visited(_scaled(parameters, design, home), home)]


def _ends(parameter: Parameter) -> tuple[float, float]:
    low, high = min(parameter.values), max(parameter.values)
    return low, (high - low) or 1.0


def _home(parameters: Sequence[Parameter], tables: Tables) -> Array:
    """Where the book stands, in shares of the ranges; halfway where that is no one number."""
    found = []
    for parameter in parameters:
        (low, span), here = _ends(parameter), parameter.here(tables)
        found.append(0.5 if here is None else (here - low) / span)
    return np.array(found)


def _scaled(parameters: Sequence[Parameter], design: Sequence[Point], home: Array) -> Array:
    """One row a point, in shares of the ranges."""
    ends = [_ends(parameter) for parameter in parameters]
    rows = [
        [at if v is None else (v - low) / span
         for v, at, (low, span) in zip(point.values, home, ends, strict=True)]
        for point in design
    ]  # fmt: skip
    return np.array(rows, dtype=float).reshape(len(design), len(parameters))


def _visited(scaled: Array, place: Array) -> list[int]:
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
