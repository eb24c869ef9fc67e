"""`SampleResult`: the result of a sample, with its sensitivity indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kido.study.results import SweepResult


@dataclass(frozen=True)
class Index:
    """A sensitivity index: `measure` (S1, ST, mu, mu_star, sigma, rank) of a parameter.

    `value` +/- `confidence` is its confidence interval of 95 %.
    """

    parameter: str
    measure: str
    value: float
    confidence: float


@dataclass(frozen=True)
class SampleResult(SweepResult):
    """The result of a sample. `left_out`: number of blocks with a point without a cost."""

    indices: tuple[Index, ...] = ()
    left_out: int = 0

    @property
    def notes(self) -> Mapping[str, object]:
        """The number of blocks left out, if any."""
        return {"blocks left out": self.left_out} if self.left_out else {}
