"""Whether an answer is the cheapest: proved from the program and the duals, not believed.

For min c x + c0 with L <= A x <= U and l <= x <= u, any prices y of the rows prove a bound.
With z = c - A'y, which is worked out anew, no plan costs less than

    c0 + sum over rows of (y L where y > 0, y U where y < 0)
       + sum over columns of (z l where z > 0, z u where z < 0)

What the plan costs more than that is a sum with one term for each side that a price leans on:
the price times the distance of the plan from that side. At an optimum all of them are nought.
A price that leans on a side which is not there proves nothing by itself. Where the other rows
imply a side (or the plan's own cost does: a cheaper plan costs less), that one is taken. Where
nothing does, the price has to be nought but for the tolerance of the solver, and is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from kido.solver.implied import Sides
from kido.solver.program import Program
from kido.tolerances import BROKEN_SHARE, BROKEN_T, GAP_KUSD, GAP_SHARE, PRICE_USD_KG

Vector = NDArray[np.float64]

ROUNDING = 16 * float(np.finfo(float).eps)  # of the prices added up: not to be told from nought
HIDDEN = 1e4  # of what is allowed: so much may look kept in the units of the solver
ENDLESS = 1e20  # from here on the solver takes a side as none
ROUNDS = 30  # at most, to find sides that rows imply
NAN = float("nan")
ROOM_SHARE = 1e-3  # of the cost: so much dearer than the plan is no cheaper plan


@dataclass(frozen=True)
class Audit:
    """How well an answer is proved. Money in kUSD, or in what else the objective counts.

    No plan costs less than `bound`, this one costs `gap` more: `slack` where the plan keeps away
    from a side that a price leans on (`worst_slack` the most of one), less `broken` where it
    goes beyond. Each may be `allowed` at most. `implied` counts the prices on sides that only
    other rows imply, `unproved` those on sides that nothing does; `dual_broken` is the largest
    of both, USD/kg, `dual_money` what the first are worth. `row_broken` and `limit_broken` are
    in t, the shares are those of what is allowed. `faults` says why the answer is refused.
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
        return not self.faults

    @property
    def near(self) -> bool:
        """Whether it is the cheapest, and breaks rows and limits by what scaling may hide."""
        closely = max(self.row_share, self.limit_share) <= HIDDEN
        return bool(closely and abs(self.gap) <= self.allowed)

    @property
    def words(self) -> str:
        return "; ".join(self.faults)


def allowed_gap(objective: float) -> float:
    """In the unit of the objective: kUSD."""
    return GAP_KUSD + GAP_SHARE * abs(objective)


def reduced_costs(program: Program, duals: Vector) -> Vector:
    """c - A'y; nought where rounding cannot tell it from nought."""
    exact: Vector = program.cost - program.matrix.T @ duals
    size = 1.0 + np.abs(program.cost) + abs(program.matrix).T @ np.abs(duals)
    return np.where(np.abs(exact) <= ROUNDING * size, 0.0, exact)


def audit(program: Program, values: Vector, duals: Vector) -> Audit:
    """The audit of a plan and of the prices of its rows, in the order of the program."""
    if not _whole(program, values, duals):
        return Audit(faults=("a value, a price or a number of the program is none",))
    duals = np.where(np.abs(duals) <= ROUNDING, 0.0, duals)
    lean = _PricedSides.of(program, values, duals)
    objective = float(program.cost @ values) + program.offset
    allowed = allowed_gap(objective)
    side = np.where(lean.price > 0, lean.lower, lean.upper)
    missing = ~np.isfinite(side) & (lean.price != 0)
    far = (np.abs(lean.price) <= PRICE_USD_KG) & (lean.worth(side) > allowed / 100)
    if (missing | far).any():
        side = _implied(program, lean, side, missing | far, objective)
    unproved = missing & ~np.isfinite(side)
    worth = np.where(unproved, 0.0, lean.worth(side))
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
        row_broken=float(lean.beyond[:rows].max(initial=0.0)),
        row_share=float(lean.share[:rows].max(initial=0.0)),
        limit_broken=float(lean.beyond[rows:].max(initial=0.0)),
        limit_share=float(lean.share[rows:].max(initial=0.0)),
        dual_broken=float(np.abs(lean.price[missing]).max(initial=0.0)),
        dual_money=float(worth[missing].sum()),
        implied=int((missing & ~unproved).sum()),
        unproved=int(unproved.sum()),
    )
    return _judged(numbers, program, lean, np.where(unproved, np.abs(lean.price), 0.0))


@dataclass(frozen=True)
class _PricedSides:
    """The rows, then the columns: what the plan makes of each, its sides and its price."""

    level: Vector
    lower: Vector
    upper: Vector
    price: Vector
    beyond: Vector  # how far the level breaks a side
    share: Vector  # the same, of what is allowed

    @staticmethod
    def of(program: Program, values: Vector, duals: Vector) -> _PricedSides:
        level = np.append(program.matrix @ values, values)
        lower = _endless(np.append(program.lower, program.low))
        upper = _endless(np.append(program.upper, program.high))
        size = np.append(abs(program.matrix) @ np.abs(values), np.abs(values))
        beyond = np.maximum(0.0, np.maximum(lower - level, level - upper))
        share = beyond / (BROKEN_T + BROKEN_SHARE * size)
        price = np.append(duals, reduced_costs(program, duals))
        return _PricedSides(level, lower, upper, price, beyond, share)

    def worth(self, side: Vector) -> Vector:
        """Price times the distance from the side; less than nought where the plan is beyond."""
        with np.errstate(invalid="ignore"):
            return np.where(self.price == 0, 0.0, self.price * (self.level - side))


def _endless(side: Vector) -> Vector:
    return np.where(np.abs(side) >= ENDLESS, np.copysign(np.inf, side), side)


def _implied(
    program: Program, lean: _PricedSides, side: Vector, sought: Vector, objective: float
) -> Vector:
    """The sides that prices lean on; of those sought, what rows and the plan's cost imply."""
    rows = len(program.lower)
    room = ROOM_SHARE * max(1.0, abs(objective))
    sides = Sides(
        csr_matrix(vstack([program.matrix, csr_matrix(program.cost.reshape(1, -1))])),
        np.append(lean.lower[:rows], -np.inf),
        np.append(lean.upper[:rows], objective - program.offset + room),
        lean.lower[rows:],
        lean.upper[rows:],
    )
    enough = allowed_gap(objective) / 10
    implied = side
    for _ in range(ROUNDS):
        moved = sides.draw_in()
        least, most = (activity[:rows] for activity in sides.activity())
        lower = np.maximum(lean.lower, np.append(least, sides.low))
        upper = np.minimum(lean.upper, np.append(most, sides.high))
        implied = np.where(sought, np.where(lean.price > 0, lower, upper), side)
        if not moved or float(lean.worth(implied)[sought].sum()) <= enough:
            break
    return implied


def _judged(numbers: Audit, program: Program, lean: _PricedSides, unproved: Vector) -> Audit:
    names = (*program.rows, *program.columns)

    def name(at: int) -> str:
        if len(names) != len(lean.level):
            return f"row {at}"
        kind, key = names[at]
        return f"{kind} ({', '.join(str(part) for part in key)})"

    faults = []
    if max(numbers.row_share, numbers.limit_share) > 1:
        worst = int(lean.share.argmax())
        faults.append(f"it breaks {name(worst)} by {lean.beyond[worst]:.3g}")
    if unproved.max(initial=0.0) > PRICE_USD_KG:
        worst = int(unproved.argmax())
        faults.append(f"more of {name(worst)} would save {unproved[worst]:.3g} each, without end")
    if numbers.slack > numbers.allowed:
        faults.append(
            f"a cheaper one is not ruled out: it costs {numbers.objective:.9g}, and none is proved "
            f"to cost more than {numbers.bound:.9g} at least"
        )
    elif numbers.broken > numbers.allowed:
        faults.append(f"what it breaks is worth {numbers.broken:.3g}")
    return replace(numbers, faults=tuple(faults))


def _whole(program: Program, values: Vector, duals: Vector) -> bool:
    """Whether every number is there, and is one."""
    if (len(duals), len(values)) != program.matrix.shape:
        return False
    numbers = (program.cost, program.matrix.data, program.offset, values, duals)
    sides = (program.lower, program.upper, program.low, program.high)
    return all(np.isfinite(part).all() for part in numbers) and not any(
        np.isnan(part).any() for part in sides
    )
