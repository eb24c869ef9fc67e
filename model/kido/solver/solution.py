"""`Solution`: the answer as plain numbers, with no solver object in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kido.lp.variables import known
from kido.solver.audit import Audit

Key = tuple[Any, ...]
REFUSED = ", but "  # in an attempt: what the audit holds against it follows


@dataclass(frozen=True)
class SecondSolve:
    """The second solve at risk weight 1: of the plans with the least tail, the cheapest.

    `kept` says why the first plan was kept instead; '' where the second stands. `audit` is that
    of the program with the tail held.
    """

    audit: Audit | None = None
    attempts: tuple[str, ...] = ()
    kept: str = ""


@dataclass(frozen=True)
class Statistics:
    """What was solved, how, and how well it is proved.

    `attempts` tells how each method ended that was tried, the last of them with the answer.
    `second` is there where only the tail counts: how the expected cost was made least.
    """

    rows: int
    columns: int
    nonzeros: int
    method: str
    iterations: int
    attempts: tuple[str, ...]
    audit: Audit
    second: SecondSolve | None = None

    @property
    def refused(self) -> tuple[str, ...]:
        """The attempts that the solver called optimal and the audit did not."""
        return tuple(attempt for attempt in self.attempts if REFUSED in attempt)

    @property
    def primal_residual(self) -> float:
        """How far the worst row or limit is broken, in its unit."""
        return max(self.audit.row_broken, self.audit.limit_broken)

    @property
    def dual_residual(self) -> float:
        """The largest price on a side that is not there, USD/kg."""
        return self.audit.dual_broken

    @property
    def duality_gap(self) -> float:
        """kUSD that the plan costs more than is proved of every plan."""
        return self.audit.gap


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
        """Empty where the program has no column of it. Raises UnknownVariable."""
        return self.values.get(known(variable), {})
