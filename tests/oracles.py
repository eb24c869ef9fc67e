"""Small linear programs along a lever, solved with scipy: what a curve is drawn from in tests.

    minimise c x   such that   A x <= b,  x >= 0

Every number may depend on the lever. With histories, c x is what all of them pay, D x what
each pays besides, and the objective weighs their mean against their tail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from kido.study.oracle import Probe
from kido.study.point import BAD_INPUT, FAILED, INFEASIBLE, LIMIT, SOLVED, Outcome, Point

Array = NDArray[np.float64]
SMALL = 1e-9


@dataclass(frozen=True)
class Risk:
    """Probabilities of the histories, the weight on their tail, and where it begins."""

    probability: tuple[float, ...]
    weight: float
    level: float

    def measure(self, costs: Array) -> float:
        """(1 - w) x mean + w x CVaR: the least over the threshold, which is one of the costs."""
        p = np.array(self.probability)
        over = np.maximum(0.0, costs[None, :] - costs[:, None])
        tail = costs + over @ p / (1 - self.level)
        return float((1 - self.weight) * (p @ costs) + self.weight * tail.min())


@dataclass(frozen=True)
class Numbers:
    """A program at one place. `histories`: a row of costs for each."""

    cost: Array
    matrix: Array
    right: Array
    histories: Array | None = None

    @staticmethod
    def of(cost: Any, matrix: Any, right: Any, histories: Any = None) -> Numbers:
        extra = None if histories is None else np.asarray(histories, dtype=float)
        return Numbers(*(np.asarray(x, dtype=float) for x in (cost, matrix, right)), extra)

    @property
    def costs(self) -> Array:
        """One row for each history, or a single one."""
        return self.cost[None, :] if self.histories is None else self.cost + self.histories

    def parts(self) -> list[Array]:
        return [self.costs, self.matrix, self.right]

    def mixed(self, other: Numbers, share: float) -> list[Array]:
        pairs = zip(self.parts(), other.parts(), strict=True)
        return [(1 - share) * mine + share * theirs for mine, theirs in pairs]


@dataclass(frozen=True)
class Solved:
    """A program and what linprog made of it; `weights` are those of the histories."""

    numbers: Numbers
    plan: Array | None = None
    duals: Array | None = None
    weights: Array | None = None


def optimum(numbers: Numbers, risk: Risk | None = None) -> tuple[float | None, Solved]:
    """(cost, all about it); (None, ...) where there is no plan."""
    if risk is None:
        found = linprog(numbers.costs[0], numbers.matrix, numbers.right, method="highs")
        if found.status != 0:
            return None, Solved(numbers)
        duals = found.ineqlin.marginals
        return float(found.fun), Solved(numbers, found.x, duals, np.ones(1))
    (rows, columns), histories = numbers.matrix.shape, len(risk.probability)
    p = np.array(risk.probability)
    tail = risk.weight * p / (1 - risk.level)
    cost = np.concatenate([(1 - risk.weight) * p @ numbers.costs, [risk.weight], tail])
    above = np.hstack([numbers.matrix, np.zeros((rows, 1 + histories))])
    below = np.hstack([numbers.costs, -np.ones((histories, 1)), -np.eye(histories)])
    right = np.concatenate([numbers.right, np.zeros(histories)])
    bounds = [(0, None)] * columns + [(None, None)] + [(0, None)] * histories
    found = linprog(cost, np.vstack([above, below]), right, bounds=bounds, method="highs")
    if found.status != 0:
        return None, Solved(numbers)
    duals = found.ineqlin.marginals
    weights = (1 - risk.weight) * p - duals[rows:]
    return float(found.fun), Solved(numbers, found.x[:columns], duals[:rows], weights)


@dataclass
class Books:
    """An oracle over `book(at)`. `fail` says which places end in what status.

    `batch`: so many places are solved at a time, last first; it must make no difference.
    `noise`: share by which optimal costs are off. `names`: of the columns, for `Outcome.plan`.
    `most`: what a column can do at a place.
    """

    book: Callable[[float], Numbers]
    risk: Risk | None = None
    fail: Mapping[float, str] | Callable[[float], str | None] = field(default_factory=dict)
    batch: int = 1000
    noise: float = 0.0
    names: Sequence[str] = ()
    limits: Mapping[str, Callable[[float], float]] = field(default_factory=dict)
    known: dict[float, Probe] = field(default_factory=dict)
    held: int = 0
    rounds: int = 0

    @property
    def programs(self) -> int:
        return len(self.known) + self.held

    def solve(self, places: Sequence[float]) -> list[Probe]:
        self.rounds += 1
        for start in range(0, len(places), self.batch):
            for at in reversed(places[start : start + self.batch]):
                if at not in self.known:
                    self.known[at] = self._probe(at)
        return [self.known[at] for at in places]

    def piece(self, low: Probe, high: Probe) -> Between:
        return Between(self, low, high)

    def most(self, probe: Probe, row: str) -> float | None:
        limit = self.limits.get(row)
        return limit(probe.at) if limit else None

    def _probe(self, at: float) -> Probe:
        point = Point(len(self.known), (at,))
        told = self.fail(at) if callable(self.fail) else self.fail.get(at)
        if told in (BAD_INPUT, FAILED):
            return Probe(at, Outcome(point, told, "cannot be read"))
        cost, solved = optimum(self.book(at), self.risk)
        if told == LIMIT:
            return Probe(at, Outcome(point, LIMIT, "out of time"), Solved(solved.numbers))
        if cost is None or solved.plan is None:
            return Probe(at, Outcome(point, INFEASIBLE, "no plan"), solved)
        sign = 1 if (hash(at) // 7) % 2 else -1
        plan = dict(zip(self.names, solved.plan.tolist(), strict=bool(self.names)))
        outcome = Outcome(point, SOLVED, objective=cost * (1 + sign * self.noise), plan=plan)
        weights = None if solved.weights is None else tuple(solved.weights.tolist())
        return Probe(at, outcome, solved, weights)


@dataclass(frozen=True)
class Between:
    """The line of programs between two places."""

    books: Books
    low: Probe
    high: Probe

    @property
    def kind(self) -> str:
        costs, matrix, right = (
            bool(np.any(np.abs(x - y) > SMALL))
            for x, y in zip(_of(self.low).parts(), _of(self.high).parts(), strict=True)
        )
        if matrix or (costs and right):
            return "mixed"
        if costs:
            return "prices" if self.books.risk and self.books.risk.weight else "costs"
        return "limits" if right else "nothing"

    def straight(self, probe: Probe) -> bool:
        foretold = _of(self.low).mixed(_of(self.high), self._share(probe.at))
        return all(
            np.allclose(x, y, 1e-9, 1e-9) for x, y in zip(foretold, _of(probe).parts(), strict=True)
        )

    def slope(self, probe: Probe) -> float:
        solved = probe.payload
        assert isinstance(solved, Solved) and solved.plan is not None
        assert solved.duals is not None and solved.weights is not None
        per_unit = 1 / (self.high.at - self.low.at)
        costs, _, right = (
            (high - low) * per_unit
            for low, high in zip(_of(self.low).parts(), _of(self.high).parts(), strict=True)
        )
        return float(solved.weights @ costs @ solved.plan + solved.duals @ right)

    def recost(self, probe: Probe) -> Callable[[float], float]:
        solved, risk = probe.payload, self.books.risk
        assert isinstance(solved, Solved) and risk is not None

        def elsewhere(at: float) -> float:
            costs, _, _ = _of(self.low).mixed(_of(self.high), self._share(at))
            return risk.measure(costs @ solved.plan)

        return elsewhere

    def held(self, asks: Sequence[tuple[Probe, float]]) -> list[float | None]:
        self.books.held += len(asks)
        found = []
        for probe, at in asks:
            solved, there = probe.payload, self.books.book(at)
            assert isinstance(solved, Solved) and solved.weights is not None
            weighed = Numbers(solved.weights @ there.costs, there.matrix, there.right)
            found.append(optimum(weighed)[0])
        return found

    def _share(self, at: float) -> float:
        return (at - self.low.at) / (self.high.at - self.low.at)


def _of(probe: Probe) -> Numbers:
    assert isinstance(probe.payload, Solved)
    return probe.payload.numbers
