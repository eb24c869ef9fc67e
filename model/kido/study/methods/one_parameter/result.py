"""`CurveResult`: the result of a curve: stretches, bounds, breakpoints and break-evens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kido.study.point import SOLVED, Outcome
from kido.study.results import SweepResult


@dataclass(frozen=True)
class Stretch:
    """A part of a parameter's range in which it changes one kind of number.

    `kind`: `nothing`, `limits` (cost is convex), `costs` (concave), `prices` (costs, with a
    weight on risk: bounded with the weights of the futures held), or `mixed` (neither: sampled,
    not certified).
    """

    low: float
    high: float
    kind: str

    @property
    def certified(self) -> bool:
        """Whether the costs in it have proved bounds."""
        return self.kind != "mixed"


@dataclass(frozen=True)
class Bound:
    """The lower and upper bound of the optimal cost at one value of the parameter, kUSD.

    `solved`: by solving it; else by its neighbours. None if no plan exists or nothing is proved.
    """

    at: float
    lower: float | None
    upper: float | None
    solved: bool


@dataclass(frozen=True)
class Breakpoint:
    """A value of the parameter where the slope of the optimal cost changes.

    Slopes are kUSD for a unit of the parameter. `exact`: proved to be at `at`.
    """

    at: float
    slope_before: float
    slope_after: float
    exact: bool


@dataclass(frozen=True)
class BreakEven:
    """An event of a watched row between the values `below` and `above`, both solved.

    `event`: `enters`, `leaves`, `fills` (reaches its most), `falls` (below its most). Read from
    low values of the parameter to high ones. Volumes as in `Outcome.plan`.
    """

    row: str
    event: str
    below: float
    above: float
    volume_below: float
    volume_above: float


@dataclass(frozen=True)
class Curve:
    """The optimal cost along one parameter; `scenario` None: the whole tree.

    `complete`: `breakpoints` are all there are; else there may be more between the values solved.
    """

    scenario: str | None
    stretches: tuple[Stretch, ...]
    bounds: tuple[Bound, ...]
    outcomes: tuple[Outcome, ...]
    breakpoints: tuple[Breakpoint, ...] = ()
    break_evens: tuple[BreakEven, ...] = ()
    complete: bool = False

    @property
    def idle(self) -> bool:
        """Whether the parameter changes no number of the program in its whole range."""
        return bool(self.stretches) and all(s.kind == "nothing" for s in self.stretches)

    @property
    def bounded(self) -> bool:
        """Whether any requested value has both bounds."""
        return any(b.lower is not None and b.upper is not None for b in self.bounds)

    @property
    def error(self) -> float:
        """The largest certified error of a requested value, as a share of its cost."""
        gaps = [
            (b.upper - b.lower) / max(abs(b.upper), 1e-9)
            for b in self.bounds
            if b.upper is not None and b.lower is not None
        ]
        return max(gaps, default=0.0)


@dataclass(frozen=True)
class CurveResult(SweepResult):
    """The curves; `outcomes` are those of the first, which is of the whole tree."""

    curves: tuple[Curve, ...] = ()

    @property
    def every_outcome(self) -> Iterator[Outcome]:
        """The outcomes of all curves, that of the whole tree first."""
        yield from self.outcomes
        for curve in self.curves:
            if curve.scenario is not None:
                yield from curve.outcomes

    @property
    def shown_outcomes(self) -> Iterator[Outcome]:
        """The outcomes of the design in order, then the others that the curves solved."""
        yield from self.outcomes
        for curve in self.curves:
            yield from (o for o in curve.outcomes if o.status == SOLVED)
            yield from (o for o in curve.outcomes if o.status != SOLVED)

    @property
    def largest_error(self) -> float | None:
        """The largest certified error over all curves, as a share; None if none is bounded."""
        return max((c.error for c in self.curves if c.bounded), default=None)
