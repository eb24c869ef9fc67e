"""What a sweep found, method by method: plain records, ready to be written or read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kido.data.experiment import Experiment
from kido.data.tables import Tables
from kido.study.point import Outcome


@dataclass(frozen=True)
class Stretch:
    """A part of a lever's range along which it moves one kind of number.

    `kind`: `nothing`, `limits` (cost is convex), `costs` (concave), `prices` (costs, with a
    weight on risk: bounded with the weights of the futures held), or `mixed` (neither: sampled,
    not certified).
    """

    low: float
    high: float
    kind: str

    @property
    def certified(self) -> bool:
        return self.kind != "mixed"


@dataclass(frozen=True)
class Bound:
    """Of one value of the lever: the least and most its optimal cost can be, in kUSD.

    `solved`: by solving it; else by its neighbours. None where no plan exists or nothing is
    proved.
    """

    at: float
    lower: float | None
    upper: float | None
    solved: bool


@dataclass(frozen=True)
class Breakpoint:
    """Where the slope of the optimal cost changes, between two values that were solved.

    Slopes are kUSD for a unit of the lever. `exact`: proved to be at `at`.
    """

    at: float
    slope_before: float
    slope_after: float
    exact: bool


@dataclass(frozen=True)
class BreakEven:
    """Between `below` and `above`, both solved, a watched row changes what it does.

    `event`: `enters`, `leaves`, `fills` (reaches its most), `falls` (below its most). Read from
    low values of the lever to high ones. Volumes as in `Outcome.plan`.
    """

    row: str
    event: str
    below: float
    above: float
    volume_below: float
    volume_above: float


@dataclass(frozen=True)
class Curve:
    """Optimal cost along one lever; `scenario` None: the whole tree.

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
        """Whether the lever moves no number of the program anywhere in its range."""
        return bool(self.stretches) and all(s.kind == "nothing" for s in self.stretches)

    @property
    def bounded(self) -> bool:
        """Whether anything is known of any value asked for."""
        return any(b.lower is not None and b.upper is not None for b in self.bounds)

    @property
    def error(self) -> float:
        """The largest certified error of a value asked for, as a share of its cost."""
        gaps = [
            (b.upper - b.lower) / max(abs(b.upper), 1e-9)
            for b in self.bounds
            if b.upper is not None and b.lower is not None
        ]
        return max(gaps, default=0.0)


@dataclass(frozen=True)
class Index:
    """How much a lever matters: `measure` (S1, ST, mu_star, sigma, rank) and its half-width.

    The interval `value` +/- `confidence` holds the true one with probability 0.95.
    """

    lever: str
    measure: str
    value: float
    confidence: float


@dataclass(frozen=True)
class NearOptimalRange:
    """The least and most of one choice at an extra cost of `extra` (a share).

    `item` is a key of `Outcome.plan`; `chosen`, `least`, `most` in its unit, None where the
    search was stopped. `share` of each is of `whole` (the need, or the capacity; None: no share).
    `verdict`: `must` (least > 0), `may`, `never` (most = 0).
    """

    item: str
    unit: str
    extra: float
    chosen: float
    least: float | None
    most: float | None
    whole: float | None
    verdict: str


@dataclass(frozen=True)
class SweepResult:
    """Everything a sweep found. `outcomes` stand in the order of the design.

    `searches`: of a room, what came of looking for each end.
    """

    tables: Tables
    experiment: Experiment
    base: Outcome
    outcomes: tuple[Outcome, ...] = ()
    curves: tuple[Curve, ...] = ()
    indices: tuple[Index, ...] = ()
    left_out: int = 0
    rooms: tuple[NearOptimalRange, ...] = ()
    searches: tuple[Outcome, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
