"""The row at which a tonne counts, where words reach several rows on its way.

Goods flow from each row to the rows that begin where it ends. Of two rows in a circle
neither is downstream of the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from .calendar import Marks

Flow = tuple[frozenset[Hashable], frozenset[Hashable]]  # what a row takes, what it brings


def downstream(flows: Sequence[Flow]) -> Marks:
    """A matrix: whether the flow of the column is downstream of that of the line, one way."""
    size = len(flows)
    reach = np.array(
        [[bool(brings & flows[n][0]) for n in range(size)] for _, brings in flows], dtype=bool
    ).reshape(size, size)
    for middle in range(size):
        reach |= np.outer(reach[:, middle], reach[middle, :])
    later: Marks = reach & ~reach.T
    return later


def location(site: str, commodity: str) -> frozenset[Hashable]:
    """The one node of the flow graph that a site and a commodity make."""
    return frozenset({(site, commodity)})


def last_lanes(lanes: Sequence[Any]) -> list[Any]:
    """The lanes whose goods do not go on by another of these lanes."""
    flows = [(location(r.origin, r.commodity), location(r.destination, r.commodity)) for r in lanes]
    later = downstream(flows)
    return [lane for n, lane in enumerate(lanes) if not later[n].any()]


def counting_rows(covered: Sequence[tuple[str, Any]], ways: Sequence[Any]) -> list[tuple[str, Any]]:
    """The offers and lanes, of those a contract reaches, at which it counts a tonne.

    A tonne counts at the first row with a price on its way, at the first row where none has
    one. Goods go from row to row by the lanes reached, or by any of Routes.
    """
    size = len(covered)
    later = np.zeros((size, size), dtype=bool)
    for open_ways in ([row for sheet, row in covered if sheet == "Routes"], ways):
        onward: dict[Hashable, list[Hashable]] = {}
        for way in open_ways:
            onward.setdefault((way.origin, way.commodity), []).append(
                (way.destination, way.commodity)
            )
        reach = np.zeros((size, size), dtype=bool)
        for n, (sheet, row) in enumerate(covered):
            places = _places(onward, (row.site if sheet == "Supply" else row.destination,
                                      row.commodity))  # fmt: skip
            for m, (other, beyond) in enumerate(covered):
                reach[n, m] = other == "Routes" and (beyond.origin, beyond.commodity) in places
        later |= reach & ~reach.T
    priced = np.array([bool(r.price) for _, r in covered], dtype=bool)
    lines = []
    for n, line in enumerate(covered):
        before, after = later[:, n], later[n]
        better = before & priced if priced[n] else before | (after & priced)
        if not better.any():
            lines.append(line)
    return lines


def _places(onward: Mapping[Hashable, Sequence[Hashable]], start: Hashable) -> set[Hashable]:
    """The places that can be reached from `start`, itself included."""
    places, ahead = {start}, [start]
    while ahead:
        new = set(onward.get(ahead.pop(), ())) - places
        places |= new
        ahead += new
    return places
