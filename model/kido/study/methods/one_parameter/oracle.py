"""What a curve asks of the model: answers at values of a parameter, and what moves there.

The curve and the break-evens are worked out on these types alone; they solve nothing.
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
    """What came of one place: the parameter's value `at` and its outcome.

    `payload` belongs to the oracle: whatever it needs to compare programs and re-cost plans.
    `weights` are those the histories carry in the risk measure at this answer, in the order
    of `Piece.spent`: its price of risk. None: unknown, or no weight on risk.
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

    def spent(self, probe: EvaluatedPoint) -> Callable[[float], Vector]:
        """Kind `prices`: what the plan of a solved probe spends at other places of the line.

        First what no history changes, kUSD, then for each history what enters the measure of
        its risk. Each number moves in proportion to the place and to the plan.
        """

    def measure(self, spent: Vector) -> float:
        """Kind `prices`: what such spending costs with its risk measured anew, kUSD: convex.

        At a solved probe it is its cost, and its `weights` times what the histories spend, and
        the first number, make it up.
        """

    def crossed(self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]) -> list[float | None]:
        """Kind `prices`: for each pair of solved probes the least over plans, kUSD, of the mean of
        what the plan costs at the place of the second with the history weights of the first, and
        at that of the first with those of the second.

        One program to solve for each pair, with no risk in it, but all rules of the book. None
        where it did not end in an answer.
        """


class Oracle(Protocol):
    """Solves the book at places of one parameter."""

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        """A probe for each place, in the same order. A place is solved once and remembered."""

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Piece:
        """Of two built probes, `low.at < high.at`."""

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        """The most a row could do at a solved probe, in the unit of `Outcome.plan`; None: no
        limit of its own.
        """
