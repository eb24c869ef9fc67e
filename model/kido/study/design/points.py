"""Points of a design, and their order for warm starts: from each to its nearest neighbor."""

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


def enumerate_points(settings: Iterable[Values]) -> list[Point]:
    """A point for each tuple of parameter values; `number` is its position."""
    return [Point(number, values) for number, values in enumerate(settings)]


def nearest_neighbor_order(
    parameters: Sequence[Parameter], design: Sequence[Point], tables: Tables
) -> list[Point]:
    """The points in nearest-neighbor order, starting at the values of the workbook.

    Distances are Euclidean, in shares of the ranges of the parameters.
    """
    origin = _origin(parameters, tables)
    return [design[k] for k in _visiting_order(_coordinates(parameters, design, origin), origin)]


def _ends(parameter: Parameter) -> tuple[float, float]:
    low, high = min(parameter.values), max(parameter.values)
    return low, (high - low) or 1.0


def _origin(parameters: Sequence[Parameter], tables: Tables) -> Array:
    """Coordinates of the workbook, in shares of the ranges; 0.5 if it has no single value."""
    coordinates = []
    for parameter in parameters:
        (low, span), book_value = _ends(parameter), parameter.book_value(tables)
        coordinates.append(0.5 if book_value is None else (book_value - low) / span)
    return np.array(coordinates)


def _coordinates(parameters: Sequence[Parameter], design: Sequence[Point], origin: Array) -> Array:
    """Coordinates of the points (points x parameters), in shares of the ranges."""
    ends = [_ends(parameter) for parameter in parameters]
    rows = [
        [start if v is None else (v - low) / span
         for v, start, (low, span) in zip(point.values, origin, ends, strict=True)]
        for point in design
    ]  # fmt: skip
    return np.array(rows, dtype=float).reshape(len(design), len(parameters))


def _visiting_order(points: Array, position: Array) -> list[int]:
    """Nearest-neighbor order of the rows of `points`, from a starting position."""
    visits: list[int] = []
    order = np.argsort(points[:, 0], kind="stable")
    for first in range(0, len(order), SLICE):
        rows = np.sort(order[first : first + SLICE])
        coordinates = points[rows]
        unvisited = np.ones(len(rows), dtype=bool)
        for _ in rows:
            distance = np.where(unvisited, ((coordinates - position) ** 2).sum(axis=1), np.inf)
            nearest = int(np.argmin(distance))
            unvisited[nearest], position = False, coordinates[nearest]
            visits.append(int(rows[nearest]))
    return visits
