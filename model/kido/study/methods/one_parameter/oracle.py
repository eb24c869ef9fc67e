"""`Oracle`: the interface between a curve and the model that solves it at values of a parameter.

The curve and the break-evens are computed from these types alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kido.study.point import INFEASIBLE, LIMIT, SOLVED, Outcome

Vector = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EvaluatedPoint:
    """The result at one place: the parameter's value `at` and its outcome.

    `payload` is data of the oracle, to compare programs and re-cost plans.
    `weights` are those of the histories in the risk measure at this solution, in the order
    of `Piece.spending`. None: unknown, or no weight on risk.
    """

    at: float
    outcome: Outcome
    payload: object = None
    weights: tuple[float, ...] | None = None

    @property
    def solved(self) -> bool:
        return self.outcome.status == SOLVED

    @property
    def infeasible(self) -> bool:
        return self.outcome.status == INFEASIBLE

    @property
    def built(self) -> bool:
        """Whether there was a program to solve, whatever came of it."""
        return self.outcome.status in (SOLVED, INFEASIBLE, LIMIT)

    @property
    def cost(self) -> float:
        """The optimal cost, kUSD. Raises ValueError where there is none."""
        if self.outcome.objective is None:
            raise ValueError(f"no cost at {self.at:g}: {self.outcome.status}")
        return self.outcome.objective


class Piece(Protocol):
    """The straight line of programs between those of two probes."""

    @property
    def kind(self) -> str:
        """See `kido.study.results.Stretch`; `mixed` too where the two cannot be compared."""

    def straight(self, probe: EvaluatedPoint) -> bool:
        """Whether the program of a built probe is the one the line foretells at its place."""

    def slope(self, probe: EvaluatedPoint) -> float:
        """kUSD for a unit of the parameter: of a line that supports the optimal cost at a solved
        probe. Kinds `nothing`, `limits` (from duals) and `costs` (from the plan).
        """

    def spending(self, probe: EvaluatedPoint) -> Callable[[float], Vector]:
        """Kind `prices`: the spending of a solved probe's plan as a function of the place.

        First the part common to all histories, kUSD, then for each history the part in the risk
        measure. Each number is linear in the place and in the plan.
        """

    def measure(self, spending: Vector) -> float:
        """Kind `prices`: the cost of such spending with its risk, kUSD: a convex function.

        At a solved probe it is its cost: the first number plus its `weights` times the others.
        """

    def cross_costs(
        self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]
    ) -> list[float | None]:
        """Kind `prices`: for each pair of solved probes the least over plans, kUSD, of the mean of
        what the plan costs at the place of the second with the history weights of the first, and
        at that of the first with those of the second.

        One program to solve for each pair, with no risk in it, but all rules of the book. None
        if it was not solved.
        """


class Oracle(Protocol):
    """Solves the book at places of one parameter."""

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        """A probe for each place, in the same order. A place is solved once and remembered."""

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Piece:
        """The piece between two built probes, `low.at < high.at`."""

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        """The most a row could do at a solved probe, in the unit of `Outcome.plan`; None: no
        limit of its own.
        """
