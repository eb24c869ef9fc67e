"""Disruptions: the stretches of months that are not calm, for the commodities they touch.

One definition for the base case and for scenarios. A scenario marked as a disruption is one from
the month it is known to the end, for every commodity. An event so marked, of a scenario or of
none, is one while it is in force, its recovery included: what it took is not back before. A period
counts by its first month, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kido.data.case.events import read_events
from kido.data.tables import Tables


@dataclass(frozen=True)
class Disruption:
    """Months from `begin` to before `end` (inf: for ever) that are not calm.

    `touches` are the commodities they are so for; none: all.
    """

    begin: int
    end: float
    touches: frozenset[str] = frozenset()

    def later(self, months: int) -> Disruption:
        """The disruption so many months later."""
        return replace(self, begin=self.begin + months, end=self.end + months)

    def concerns(self, commodities: frozenset[str]) -> bool:
        """Whether it touches one of these commodities; of none named, whether it touches any."""
        return not (self.touches and commodities) or not self.touches.isdisjoint(commodities)


def disruptions_by_scenario(tables: Tables) -> Mapping[str, tuple[Disruption, ...]]:
    """The events marked as a disruption, by scenario ("": of none), as in its first copy."""
    result: dict[str, tuple[Disruption, ...]] = {}
    rows = tables["Events"].records()
    for row, event in zip(rows, read_events(tables), strict=True):
        if row.disruption and event.months > 0:
            recovery = 0 if event.profile else event.recovery
            end = event.start + event.months + recovery
            disruption = Disruption(event.start, end, frozenset(row.touches))
            result[event.scenario] = (*result.get(event.scenario, ()), disruption)
    return result


def spells(disruptions: Iterable[Disruption], commodity: str) -> list[Disruption]:
    """The disruptions that touch a commodity, those that meet or overlap joined, in order."""
    joined: list[Disruption] = []
    for each in sorted(disruptions, key=lambda d: d.begin):
        if not each.concerns(frozenset((commodity,))):
            continue
        if joined and each.begin <= joined[-1].end:
            joined[-1] = replace(joined[-1], end=max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def known_for(
    disruptions: Iterable[Disruption], commodity: str, notice: float, month: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The share of each month in which a disruption has been known for `notice` months."""
    known = np.zeros(len(month))
    for spell in spells(disruptions, commodity):
        since = np.clip(month + 1 - (spell.begin + notice), 0.0, 1.0)
        known = np.maximum(known, np.where(month < spell.end, since, 0.0))
    return known
