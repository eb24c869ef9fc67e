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
        """Whether there was a program to solve."""
        return self.outcome.status in (SOLVED, INFEASIBLE, LIMIT)

    @property
    def cost(self) -> float:
        """The optimal cost, kUSD. Raises ValueError if there is none."""
        if self.outcome.objective is None:
            raise ValueError(f"no cost at {self.at:g}: {self.outcome.status}")
        return self.outcome.objective


class Piece(Protocol):
    """The line of programs between two probes, and what the kinds of lines prove."""

    @property
    def kind(self) -> str:
        """A kind as of `Stretch`; also `mixed` if the two programs cannot be compared."""

    def straight(self, probe: EvaluatedPoint) -> bool:
        """Whether the program of a built probe is that of the line at its place."""

    def slope(self, probe: EvaluatedPoint) -> float:
        """Slope of a supporting line of the optimal cost at a solved probe, kUSD per unit.

        Kinds `nothing`, `limits` (from duals) and `costs` (from the plan).
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
        """Kind `prices`: the cross cost of each pair of solved probes, kUSD; None if not solved.

        The minimum over plans of the mean of two costs: at the place of the second probe with the
        history weights of the first, and at that of the first with those of the second.
        Each takes one program, without risk but with all other rules of the book.
        """


class Oracle(Protocol):
    """A solver of the workbook at places of one parameter."""

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        """A probe for each place, in the same order. Each place is solved only once."""

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Piece:
        """The piece between two built probes, `low.at < high.at`."""

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        """The upper limit of a row at a solved probe, in the unit of `Outcome.plan`; None: none."""
