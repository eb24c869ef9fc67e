"""`NearOptimalResult`: the result of a search for near-optimal ranges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kido.study.point import Outcome
from kido.study.results import SweepResult


@dataclass(frozen=True)
class NearOptimalRange:
    """The range of one choice over all plans within an extra cost of `extra` (a share).

    `item` is a key of `Outcome.plan`; `at_optimum`, `least`, `most` are its values in its unit,
    None if the search was stopped; `whole` is the need or the capacity (None: no limit).
    `status`: `required` (least > 0), `optional`, `unused` (most = 0).
    """

    item: str
    unit: str
    extra: float
    at_optimum: float
    least: float | None
    most: float | None
    whole: float | None
    status: str


@dataclass(frozen=True)
class NearOptimalResult(SweepResult):
    """The ranges, and in `searches` the outcome of each search; `outcomes` is empty."""

    ranges: tuple[NearOptimalRange, ...] = ()
    searches: tuple[Outcome, ...] = ()

    @property
    def every_outcome(self) -> Iterator[Outcome]:
        yield from self.searches
