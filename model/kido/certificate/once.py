"""Where a tonne counts when words reach several rows on its way.

Goods flow from each row to the rows that begin where it ends. Rows that goods come back to lie
beside one another, not behind.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from .calendar import Marks

Flow = tuple[frozenset[Hashable], frozenset[Hashable]]  # what a row takes, what it brings


def behind(flows: Sequence[Flow]) -> Marks:
    """Whether goods of the row of each line come to the row of each column, and never back."""
    size = len(flows)
    reach = np.array(
        [[bool(brings & flows[n][0]) for n in range(size)] for _, brings in flows], dtype=bool
    ).reshape(size, size)
    for middle in range(size):
        reach |= np.outer(reach[:, middle], reach[middle, :])
    found: Marks = reach & ~reach.T
    return found


def place(site: str, commodity: str) -> frozenset[Hashable]:
    return frozenset({(site, commodity)})


def last_lanes(lanes: Sequence[Any]) -> list[Any]:
    """Lanes whose goods do not go on by another of them."""
    flows = [(place(r.origin, r.commodity), place(r.destination, r.commodity)) for r in lanes]
    later = behind(flows)
    return [lane for n, lane in enumerate(lanes) if not later[n].any()]


def titles(covered: Sequence[tuple[str, Any]], ways: Sequence[Any]) -> list[tuple[str, Any]]:
    """Of the offers and lanes a contract reaches, those at which it counts a tonne.

    A way counts at its first row with a price, at its first row where none has one. Goods go
    from row to row by those reached, or by any of Routes.
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
    found = []
    for n, line in enumerate(covered):
        before, after = later[:, n], later[n]
        better = before & priced if priced[n] else before | (after & priced)
        if not better.any():
            found.append(line)
    return found


def _places(onward: Mapping[Hashable, Sequence[Hashable]], start: Hashable) -> set[Hashable]:
    """A place and every place that goods go on to from it."""
    found, ahead = {start}, [start]
    while ahead:
        new = set(onward.get(ahead.pop(), ())) - found
        found |= new
        ahead += new
    return found
