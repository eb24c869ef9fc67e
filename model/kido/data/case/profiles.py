"""Profiles: the named series of the sheet Profiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.tables import Tables

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Profile:
    """A named series: each value holds from its month until the next."""

    months: Array
    values: Array

    def at(self, month: Array) -> Array:
        """The value in each month; NaN before the first."""
        spot = np.searchsorted(self.months, month, side="right") - 1
        return np.where(spot < 0, np.nan, self.values[np.maximum(spot, 0)])


def read_profiles(tables: Tables) -> Mapping[str, Profile]:
    """The series of the sheet Profiles, by name."""
    points: dict[str, list[tuple[int, float]]] = {}
    for r in tables["Profiles"].records():
        points.setdefault(r.name, []).append((r.period, r.value))
    return {
        name: Profile(
            np.array([p for p, _ in sorted(pairs)], dtype=float),
            np.array([v for _, v in sorted(pairs)], dtype=float),
        )
        for name, pairs in points.items()
    }
