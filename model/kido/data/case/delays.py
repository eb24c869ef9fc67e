"""Delays: the month a row opens in, and the lag of profiles on it.

A delay moves a start still to come: one that is due, as the delays that began before have left
it, no sooner than the delay begins. What runs already stays open; a profile on it (a ramp or a
price path) stands still from the month the delay begins for so many months, and then goes on.
What is ordered for a facility is due when it is built, and waits in the same way; its payments do
not. A contract waits for the plant that makes its goods: see `kido.data.case.waiting`. A fraction
of a month counts as such: a start 1.5 months later opens for half a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Delay:
    """A delay: its first month, its length, and its weight in each month of the horizon."""

    begin: int
    months: float
    weight: Array


def open_share(delays: Sequence[Delay], due: float, month: Array) -> Array:
    """The share of each month in which a start due in month `due` has come, after delays."""
    late, moved = np.zeros(len(month)), due
    for delay in sorted(delays, key=lambda d: d.begin):
        if delay.begin <= moved:
            moved += delay.months
            late = late + delay.months * delay.weight
    return np.clip(month + 1 - (due + late), 0.0, 1.0)


def lag(delays: Sequence[Delay], month: Array) -> Array:
    """Months by which a profile lags in each month: it stands still while delays last."""
    behind, free = np.zeros(len(month)), -np.inf
    for delay in sorted(delays, key=lambda d: d.begin):
        still = max(float(delay.begin), free)
        free = still + max(delay.months, 0.0)
        behind = behind + np.minimum(np.maximum(month - still, 0.0), delay.months) * delay.weight
    return behind
