"""What a sample found: how much each parameter matters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kido.study.results import SweepResult


@dataclass(frozen=True)
class Index:
    """How much a parameter matters: `measure` (S1, ST, mu_star, sigma, rank) and its half-width.

    The interval `value` +/- `confidence` holds the true one with probability 0.95.
    """

    parameter: str
    measure: str
    value: float
    confidence: float


@dataclass(frozen=True)
class SampleResult(SweepResult):
    """`left_out`: blocks of points that say nothing, as one of them has no answer."""

    indices: tuple[Index, ...] = ()
    left_out: int = 0

    @property
    def notes(self) -> Mapping[str, object]:
        return {"blocks left out": self.left_out} if self.left_out else {}
