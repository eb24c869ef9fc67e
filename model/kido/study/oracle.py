"""What the study of a curve asks of the model: answers at places of a lever, and what moves there.

The curve and the break-evens are worked out on these types alone; they solve nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kido.study.point import INFEASIBLE, LIMIT, SOLVED, Outcome


@dataclass(frozen=True, eq=False)
class Probe:
    """What came of one place: the lever's value `at` and its outcome.

    `payload` belongs to the oracle: whatever it needs to compare programs and re-cost plans.
    `weights` are those the histories carry in the risk measure at this answer, in an order
    of the oracle's; two probes of the same weights are bounded with one price of risk. None:
    unknown, or no weight on risk.
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
        """See `kido.study.records.Stretch`; `mixed` too where the two cannot be compared."""

    def straight(self, probe: Probe) -> bool:
        """Whether the program of a built probe is the one the line foretells at its place."""

    def slope(self, probe: Probe) -> float:
        """kUSD for a unit of the lever: of a line that supports the optimal cost at a solved
        probe. Kinds `nothing`, `limits` (from duals) and `costs` (from the plan).
        """

    def recost(self, probe: Probe) -> Callable[[float], float]:
        """Kind `prices`: what the plan of a solved probe costs at other places, kUSD, the risk
        measure worked out anew: convex, and never below the optimal cost.
        """

    def held(self, asks: Sequence[tuple[Probe, float]]) -> list[float | None]:
        """Kind `prices`: the least cost (kUSD) at a place with a probe's history weights held.

        One program to solve for each ask. None where it did not end in an answer. Never above
        the optimal cost, and equal to it at the probe's own place.
        """


class Oracle(Protocol):
    """Solves the book at places of one lever."""

    def solve(self, places: Sequence[float]) -> list[Probe]:
        """A probe for each place, in the same order. A place is solved once and remembered."""

    def piece(self, low: Probe, high: Probe) -> Piece:
        """Of two built probes, `low.at < high.at`."""

    def most(self, probe: Probe, row: str) -> float | None:
        """The most a row could do at a solved probe, in the unit of `Outcome.plan`; None: no
        limit of its own.
        """
