"""The audit of a solution: a proof from the program and the duals that it is optimal.

For min c x + c0 with L <= A x <= U and l <= x <= u, any prices y of the rows prove a bound.
With z = c - A'y, which is computed anew, no plan costs less than

    c0 + sum over rows of (y L where y > 0, y U where y < 0)
       + sum over columns of (z l where z > 0, z u where z < 0)

The duality gap is a sum with one term for each priced side: the price times the distance of the
plan from that side. At an optimum all of them are 0 (complementary slackness).
A price on an infinite side proves nothing by itself. Where the other rows imply a finite side
(or the plan's own cost does: a cheaper plan costs less), that one is taken. Where none is
implied, the price has to be 0 but for the tolerance of the solver, and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from kido.solver.bound_tightening import BoundTightening
from kido.solver.program import Program
from kido.tolerances import (
    BROKEN_SHARE,
    BROKEN_T,
    CHEAPER_SHARE,
    GAP_KUSD,
    GAP_SHARE,
    PRICE_USD_KG,
    ROUNDING_SHARE,
    SCALED_BROKEN_FACTOR,
)

Vector = NDArray[np.float64]

INFINITE_BOUND = 1e20  # from here on the solver takes a side as infinite
ROUNDS = 30  # at most, of bound tightening
NAN = float("nan")


@dataclass(frozen=True)
class Audit:
    """The residuals of a solution and its bound. Money in kUSD, or the unit of the objective.

    No plan costs less than `bound`, this one costs `gap` more: `slack` is the sum of price x
    distance over priced sides that the plan is inside of (`worst_slack` the largest term),
    `broken` that over sides it is beyond. Each may be `allowed` at most. `implied` counts the
    prices on sides that only other rows imply, `unproved` those on sides that nothing implies;
    `dual_broken` is the largest of both, USD/kg, `dual_money` the gap of the first.
    `row_broken` and `limit_broken` are the largest violations, t; `row_share` and `limit_share`
    are violations as shares of what is allowed. `faults` says why the solution is refused.
    """

    objective: float = NAN
    bound: float = NAN
    gap: float = NAN
    allowed: float = NAN
    slack: float = NAN
    worst_slack: float = NAN
    broken: float = NAN
    row_broken: float = NAN
    row_share: float = NAN
    limit_broken: float = NAN
    limit_share: float = NAN
    dual_broken: float = NAN
    dual_money: float = NAN
    implied: int = 0
    unproved: int = 0
    faults: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the audit has no faults."""
        return not self.faults

    @property
    def near(self) -> bool:
        """Whether it is optimal, and breaks rows and limits by no more than scaling may hide."""
        by_scaling = max(self.row_share, self.limit_share) <= SCALED_BROKEN_FACTOR
        return bool(by_scaling and abs(self.gap) <= self.allowed)

    @property
    def words(self) -> str:
        """The faults as one text."""
        return "; ".join(self.faults)


def allowed_gap(objective: float, gap_share: float = GAP_SHARE) -> float:
    """The duality gap that is accepted, in the unit of the objective: kUSD."""
    return GAP_KUSD + gap_share * abs(objective)


def reduced_costs(program: Program, duals: Vector) -> Vector:
    """c - A'y for each column; 0 where it is within rounding of 0."""
    exact: Vector = program.cost - program.matrix.T @ duals
    size = 1.0 + np.abs(program.cost) + abs(program.matrix).T @ np.abs(duals)
    return np.where(np.abs(exact) <= ROUNDING_SHARE * size, 0.0, exact)


def audit(program: Program, values: Vector, duals: Vector, gap_share: float = GAP_SHARE) -> Audit:
    """The audit of values and duals, both in the order of the program.

    `gap_share` is the duality gap that is accepted, as a share of the objective.
    """
    if not _all_finite(program, values, duals):
        return Audit(faults=("a value, a price or a number of the program is none",))
    duals = np.where(np.abs(duals) <= ROUNDING_SHARE, 0.0, duals)
    priced = _PricedSides.of(program, values, duals)
    objective = float(program.cost @ values) + program.offset
    allowed = allowed_gap(objective, gap_share)
    side = np.where(priced.price > 0, priced.lower, priced.upper)
    missing = ~np.isfinite(side) & (priced.price != 0)
    distant = (np.abs(priced.price) <= PRICE_USD_KG) & (priced.worth(side) > allowed / 100)
    if (missing | distant).any():
        side = _implied(program, priced, side, missing | distant, objective)
    unproved = missing & ~np.isfinite(side)
    worth = np.where(unproved, 0.0, priced.worth(side))
    gap = float(worth.sum())
    rows = len(duals)
    numbers = Audit(
        objective=objective,
        bound=objective - gap,
        gap=gap,
        allowed=allowed,
        slack=float(worth[worth > 0].sum()),
        worst_slack=float(worth.max(initial=0.0)),
        broken=float(-worth[worth < 0].sum()),
        row_broken=float(priced.beyond[:rows].max(initial=0.0)),
        row_share=float(priced.share[:rows].max(initial=0.0)),
        limit_broken=float(priced.beyond[rows:].max(initial=0.0)),
        limit_share=float(priced.share[rows:].max(initial=0.0)),
        dual_broken=float(np.abs(priced.price[missing]).max(initial=0.0)),
        dual_money=float(worth[missing].sum()),
        implied=int((missing & ~unproved).sum()),
        unproved=int(unproved.sum()),
    )
    return _with_faults(numbers, program, priced, np.where(unproved, np.abs(priced.price), 0.0))


@dataclass(frozen=True)
class _PricedSides:
    """Of the rows, then the columns: level in the plan, sides, price and violation."""

    level: Vector
    lower: Vector
    upper: Vector
    price: Vector
    beyond: Vector  # how far the level breaks a side
    share: Vector  # of what is allowed

    @staticmethod
    def of(program: Program, values: Vector, duals: Vector) -> _PricedSides:
        """The sides of a program at a plan and its duals."""
        level = np.append(program.matrix @ values, values)
        lower = _with_infinities(np.append(program.lower, program.low))
        upper = _with_infinities(np.append(program.upper, program.high))
        size = np.append(abs(program.matrix) @ np.abs(values), np.abs(values))
        beyond = np.maximum(0.0, np.maximum(lower - level, level - upper))
        share = beyond / (BROKEN_T + BROKEN_SHARE * size)
        price = np.append(duals, reduced_costs(program, duals))
        return _PricedSides(level, lower, upper, price, beyond, share)

    def worth(self, side: Vector) -> Vector:
        """Price times the distance from the side; negative where the plan is beyond it."""
        with np.errstate(invalid="ignore"):
            return np.where(self.price == 0, 0.0, self.price * (self.level - side))


def _with_infinities(side: Vector) -> Vector:
    return np.where(np.abs(side) >= INFINITE_BOUND, np.copysign(np.inf, side), side)


def _implied(
    program: Program, priced: _PricedSides, side: Vector, mask: Vector, objective: float
) -> Vector:
    """The priced sides; under the mask those that rows and the plan's cost imply."""
    rows = len(program.lower)
    margin = CHEAPER_SHARE * max(1.0, abs(objective))
    bounds = BoundTightening(
        csr_matrix(vstack([program.matrix, csr_matrix(program.cost.reshape(1, -1))])),
        np.append(priced.lower[:rows], -np.inf),
        np.append(priced.upper[:rows], objective - program.offset + margin),
        priced.lower[rows:],
        priced.upper[rows:],
    )
    enough = allowed_gap(objective) / 10
    priced_rows = np.append(mask[:rows], False)
    implied = side
    for _ in range(ROUNDS):
        tightened = bounds.tighten()
        least, most = (activity[:rows] for activity in bounds.activity(priced_rows))
        lower = np.maximum(priced.lower, np.append(least, bounds.low))
        upper = np.minimum(priced.upper, np.append(most, bounds.high))
        implied = np.where(mask, np.where(priced.price > 0, lower, upper), side)
        if not tightened or float(priced.worth(implied)[mask].sum()) <= enough:
            break
    return implied


def _with_faults(
    numbers: Audit, program: Program, priced: _PricedSides, unproved_prices: Vector
) -> Audit:
    names = (*program.rows, *program.columns)

    def name(at: int) -> str:
        if len(names) != len(priced.level):
            return f"row {at}"
        kind, key = names[at]
        return f"{kind} ({', '.join(str(part) for part in key)})"

    faults = []
    if max(numbers.row_share, numbers.limit_share) > 1:
        worst = int(priced.share.argmax())
        faults.append(f"it breaks {name(worst)} by {priced.beyond[worst]:.3g}")
    if unproved_prices.max(initial=0.0) > PRICE_USD_KG:
        worst = int(unproved_prices.argmax())
        faults.append(
            f"more of {name(worst)} would save {unproved_prices[worst]:.3g} each, without end"
        )
    if numbers.slack > numbers.allowed:
        faults.append(
            f"a cheaper one is not ruled out: it costs {numbers.objective:.9g}, and none is proved "
            f"to cost more than {numbers.bound:.9g} at least"
        )
    elif numbers.broken > numbers.allowed:
        faults.append(f"what it breaks is worth {numbers.broken:.3g}")
    return replace(numbers, faults=tuple(faults))


def _all_finite(program: Program, values: Vector, duals: Vector) -> bool:
    """Whether there are as many numbers as rows and columns, and none is NaN or infinite."""
    if (len(duals), len(values)) != program.matrix.shape:
        return False
    numbers = (program.cost, program.matrix.data, program.offset, values, duals)
    sides = (program.lower, program.upper, program.low, program.high)
    return all(np.isfinite(part).all() for part in numbers) and not any(
        np.isnan(part).any() for part in sides
    )
