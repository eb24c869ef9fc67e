"""`Solution`: the answer as plain numbers, with no solver object in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Statistics:
    """What was solved, how, and how well. Residuals are the solver's own."""

    rows: int
    columns: int
    nonzeros: int
    method: str
    iterations: int
    attempts: tuple[str, ...]
    primal_residual: float
    dual_residual: float
    duality_gap: float


@dataclass(frozen=True)
class Solution:
    """`values[variable][key]`, `duals[family][key]`; the objective is in kUSD.

    A dual is the change of the objective for one more unit on the right side of the row, a
    reduced cost that for one more unit of the limit a variable leans on.
    """

    objective: float
    values: Mapping[str, Mapping[Key, float]]
    duals: Mapping[str, Mapping[Key, float]]
    statistics: Statistics
    reduced: Mapping[str, Mapping[Key, float]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, variable: str) -> Mapping[Key, float]:
        return self.values.get(variable, {})
