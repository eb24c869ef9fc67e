"""What a search for near-optimal plans found: how far each choice can move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kido.study.point import Outcome
from kido.study.results import SweepResult


@dataclass(frozen=True)
class NearOptimalRange:
    """The least and most of one choice at an extra cost of `extra` (a share).

    `item` is a key of `Outcome.plan`; `chosen`, `least`, `most` in its unit, None where the
    search was stopped. `share` of each is of `whole` (the need, or the capacity; None: no share).
    `status`: `required` (least > 0), `optional`, `unused` (most = 0).
    """

    item: str
    unit: str
    extra: float
    chosen: float
    least: float | None
    most: float | None
    whole: float | None
    status: str


@dataclass(frozen=True)
class NearOptimalResult(SweepResult):
    """`searches`: what came of looking for each end of each range. There are no `outcomes`."""

    ranges: tuple[NearOptimalRange, ...] = ()
    searches: tuple[Outcome, ...] = ()

    @property
    def every_outcome(self) -> Iterator[Outcome]:
        yield from self.searches
