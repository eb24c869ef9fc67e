"""Small linear programs along a parameter, solved with scipy: what a curve is drawn from in tests.

    minimise c x   such that   A x <= b,  x >= 0

Every number may depend on the parameter. With histories, c x is what all of them pay, D x what
each pays besides, and the objective weighs their mean against their tail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from kido.study.methods.one_parameter.oracle import EvaluatedPoint
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
    known: dict[float, EvaluatedPoint] = field(default_factory=dict)
    crossed: int = 0
    rounds: int = 0

    @property
    def programs(self) -> int:
        return len(self.known) + self.crossed

    def solve(self, places: Sequence[float]) -> list[EvaluatedPoint]:
        self.rounds += 1
        for start in range(0, len(places), self.batch):
            for at in reversed(places[start : start + self.batch]):
                if at not in self.known:
                    self.known[at] = self._probe(at)
        return [self.known[at] for at in places]

    def piece(self, low: EvaluatedPoint, high: EvaluatedPoint) -> Between:
        return Between(self, low, high)

    def most(self, probe: EvaluatedPoint, row: str) -> float | None:
        limit = self.limits.get(row)
        return limit(probe.at) if limit else None

    def _probe(self, at: float) -> EvaluatedPoint:
        point = Point(len(self.known), (at,))
        told = self.fail(at) if callable(self.fail) else self.fail.get(at)
        if told in (BAD_INPUT, FAILED):
            return EvaluatedPoint(at, Outcome(point, told, "cannot be read"))
        cost, solved = optimum(self.book(at), self.risk)
        if told == LIMIT:
            return EvaluatedPoint(at, Outcome(point, LIMIT, "out of time"), Solved(solved.numbers))
        if cost is None or solved.plan is None:
            return EvaluatedPoint(at, Outcome(point, INFEASIBLE, "no plan"), solved)
        sign = 1 if (hash(at) // 7) % 2 else -1
        plan = dict(zip(self.names, solved.plan.tolist(), strict=bool(self.names)))
        outcome = Outcome(point, SOLVED, objective=cost * (1 + sign * self.noise), plan=plan)
        weights = None if solved.weights is None else tuple(solved.weights.tolist())
        return EvaluatedPoint(at, outcome, solved, weights)


@dataclass(frozen=True)
class Between:
    """The line of programs between two places."""

    books: Books
    low: EvaluatedPoint
    high: EvaluatedPoint

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

    def straight(self, probe: EvaluatedPoint) -> bool:
        foretold = _of(self.low).mixed(_of(self.high), self._share(probe.at))
        return all(
            np.allclose(x, y, 1e-9, 1e-9) for x, y in zip(foretold, _of(probe).parts(), strict=True)
        )

    def slope(self, probe: EvaluatedPoint) -> float:
        solved = probe.payload
        assert isinstance(solved, Solved) and solved.plan is not None
        assert solved.duals is not None and solved.weights is not None
        per_unit = 1 / (self.high.at - self.low.at)
        costs, _, right = (
            (high - low) * per_unit
            for low, high in zip(_of(self.low).parts(), _of(self.high).parts(), strict=True)
        )
        return float(solved.weights @ costs @ solved.plan + solved.duals @ right)

    def spending(self, probe: EvaluatedPoint) -> Callable[[float], Array]:
        solved = probe.payload
        assert isinstance(solved, Solved)
        low, high = (_of(end).costs @ solved.plan for end in (self.low, self.high))

        def elsewhere(at: float) -> Array:
            share = self._share(at)
            return np.concatenate([[0.0], (1 - share) * low + share * high])

        return elsewhere

    def measure(self, spent: Array) -> float:
        assert self.books.risk is not None
        return self.books.risk.measure(spent[1:])

    def cross_costs(
        self, pairs: Sequence[tuple[EvaluatedPoint, EvaluatedPoint]]
    ) -> list[float | None]:
        self.books.crossed += len(pairs)
        found = []
        for low, high in pairs:
            (q, costs), (p, others) = (
                (solved.weights, solved.numbers.costs) for solved in (_solved(low), _solved(high))
            )
            weighed = (q @ others + p @ costs) / 2
            found.append(optimum(replace(_of(low), cost=weighed, histories=None))[0])
        return found

    def _share(self, at: float) -> float:
        return (at - self.low.at) / (self.high.at - self.low.at)


def _of(probe: EvaluatedPoint) -> Numbers:
    assert isinstance(probe.payload, Solved)
    return probe.payload.numbers


def merit(need: float, offers: int = 60) -> Numbers:
    """120 t from equal offers at 4 to 8 a tonne: a cost that bends at every offer."""
    matrix = np.vstack([-np.ones(offers), np.eye(offers)])
    right = np.concatenate([[-need], np.full(offers, 120 / offers)])
    return Numbers.of(np.linspace(4, 8, offers), matrix, right)


@st.composite
def random_book(draw: st.DrawFn, parameter: str) -> Books:
    """Offers for two needs that can also be gone without, dearly: there is always a plan.

    `limits`: the parameter scales one need and some offers. `costs`: the cost of some offers.
    """
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n = draw(st.integers(2, 6))
    cost = np.concatenate([rng.integers(1, 10, n), [25, 30]]).astype(float)
    serves = rng.integers(0, 3, (2, n)).astype(float)
    matrix = np.vstack([-np.hstack([serves, np.eye(2)]), np.eye(n, n + 2)])
    right = np.concatenate([-rng.integers(5, 20, 2), rng.integers(1, 8, n)]).astype(float)
    moved = rng.random(n) < 0.5
    if parameter == "costs":
        per_unit = np.concatenate([moved * rng.integers(1, 8, n), [0, 0]])
        return Books(lambda at: Numbers.of(cost + at * per_unit, matrix, right))
    per_unit = np.concatenate([[-rng.integers(1, 10), 0], moved * rng.integers(0, 3, n)])
    return Books(lambda at: Numbers.of(cost, matrix, right + at * per_unit))


def two_stage(
    seed: int,
    parameter: str,
    weight: float = 0.3,
    level: float = 0.9,
    histories: int = 12,
    offers: int = 8,
) -> tuple[Callable[[float], Numbers], Risk]:
    """Contracts now, buying under them once it is known what each history leaves of them.

    The need of 100 t may be met from a spot market, dearer in bad histories, or go unmet.
    `prices`: the parameter scales the price of some offers. `limits`: the need.
    """
    rng = np.random.default_rng(seed)
    probability = np.full(histories, 0.4 / histories)
    probability[0] = 1 - probability[1:].sum()
    fee, price = rng.uniform(1, 3, offers), rng.uniform(5, 12, offers)
    most = rng.uniform(10, 30, offers)
    left = (rng.random((histories, offers)) > 0.35) * rng.uniform(0.5, 1, (histories, offers))
    spot = 20 * rng.uniform(1, 3, histories)
    moved = rng.random(offers) < 0.25
    moved[0] = True
    wide = offers + 2
    matrix = np.zeros((histories * (offers + 2) + offers, offers + histories * wide))
    right = np.zeros(len(matrix))
    needs = []
    for h in range(histories):
        row, column = h * (offers + 2), offers + h * wide
        needs.append(row)
        matrix[row, column : column + wide] = -1
        matrix[row + 1, column + offers], right[row + 1] = 1, 25
        matrix[row + 2 : row + 2 + offers, column : column + offers] = np.eye(offers)
        matrix[row + 2 : row + 2 + offers, :offers] = -np.diag(left[h])
    matrix[-offers:, :offers], right[-offers:] = np.eye(offers), most

    def book(at: float) -> Numbers:
        scaled = price * np.where(moved, at, 1) if parameter == "prices" else price
        later = np.zeros((histories, matrix.shape[1]))
        for h in range(histories):
            later[h, offers + h * wide : offers + (h + 1) * wide] = [*scaled, spot[h], 80]
        need = right.copy()
        need[needs] = -100 * (at if parameter == "limits" else 1)
        now = np.concatenate([fee, np.zeros(histories * wide)])
        return Numbers.of(now, matrix, need, later)

    return book, Risk(tuple(probability), weight, level)


def _solved(probe: EvaluatedPoint) -> Solved:
    assert isinstance(probe.payload, Solved)
    return probe.payload
