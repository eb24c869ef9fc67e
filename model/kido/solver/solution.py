"""`Solution`: values, duals and statistics of a solve as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kido.lp.variables import check_variable
from kido.solver.audit import Audit
from kido.solver.basis import Basis
from kido.solver.handle import LoadedSolver

Key = tuple[Any, ...]
DECOMPOSITION = "decomposition"  # a method: its plan costs the least within a gap
REFUSED = ", but "  # in the text of an attempt, before the faults that the audit found


@dataclass(frozen=True)
class SecondSolve:
    """The record of the second solve at risk weight 1: least cost among plans of least tail.

    `fallback_reason` says why the first plan was kept instead; "" where it was not. `audit` is
    that of the program with the tail bounded.
    """

    audit: Audit | None = None
    attempts: tuple[str, ...] = ()
    fallback_reason: str = ""


@dataclass(frozen=True)
class StartRecord:
    """How many blocks a start basis is made of, and the simplex iterations and seconds it took."""

    blocks: int
    iterations: int
    seconds: float


@dataclass(frozen=True)
class Steadiness:
    """How many swings the near months have in the plan of least cost, and how many in the plan.

    `cost`: kUSD that the plan costs more. `fallback_reason` says why none is steadier; "" where
    one is.
    """

    swings_before: float
    swings: float
    cost: float = 0.0
    fallback_reason: str = ""


@dataclass(frozen=True)
class Statistics:
    """Size, method, attempts and audit of a solve.

    `attempts` says how each attempt ended, the last of them with the solution. `second` is the
    record of the second solve where only the tail counts, `start` of a start from the tree; else
    None. `steadiness` is the record of the choice of a steady plan, None where none was to be
    chosen. `stopped`: the time limit came before the gap was as small as it was to be.
    """

    rows: int
    columns: int
    nonzeros: int
    method: str
    iterations: int
    attempts: tuple[str, ...]
    audit: Audit
    second: SecondSolve | None = None
    start: StartRecord | None = None
    stopped: bool = False
    steadiness: Steadiness | None = None

    @property
    def refused(self) -> tuple[str, ...]:
        """The attempts that the solver called optimal and the audit did not."""
        return tuple(attempt for attempt in self.attempts if REFUSED in attempt)

    @property
    def primal_residual(self) -> float:
        """The largest violation of a row or limit, in its unit."""
        return max(self.audit.row_broken, self.audit.limit_broken)

    @property
    def dual_residual(self) -> float:
        """The largest price on an infinite side, USD/kg."""
        return self.audit.dual_broken

    @property
    def gap_share(self) -> float:
        """The gap as a share of the cost."""
        return max(0.0, self.audit.gap) / max(1.0, abs(self.audit.objective))

    @property
    def duality_gap(self) -> float:
        """kUSD of the objective above the proved bound."""
        return self.audit.gap


@dataclass(frozen=True)
class Solution:
    """Values and reduced costs by variable and key, duals by family and key, objective in kUSD.

    A dual is the change of the objective per unit of the row's right side, a reduced cost that
    per unit of the active bound of the variable. `solver` holds its program and its basis, to go
    on from; None where it is no vertex, or nothing is to follow. `basis` is that of the least
    cost, where whole orders are to be solved from it.
    """

    objective: float
    values: Mapping[str, Mapping[Key, float]]
    duals: Mapping[str, Mapping[Key, float]]
    statistics: Statistics
    reduced: Mapping[str, Mapping[Key, float]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    solver: LoadedSolver | None = field(default=None, repr=False)
    basis: Basis | None = field(default=None, repr=False)

    def __getitem__(self, variable: str) -> Mapping[Key, float]:
        """Values of a variable by key; empty where it has no column. Raises UnknownVariable."""
        return self.values.get(check_variable(variable), {})
