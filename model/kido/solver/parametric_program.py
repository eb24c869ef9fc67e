"""Programs along one parameter: what moves, how steep the cost is, what a plan costs elsewhere.

A line of programs P(t) = P(a) + (t - a) x step on the same rows and columns. By the envelope
theorem the slope of the optimal cost is the change of the Lagrangian,

    dV/dt = dc x - y dA x + y db + r dl,

with the plan x, the duals y of the rows and the reduced costs r of the bounds. Where only
limits move it is a line under the convex V; where only costs move, one above the concave V.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import spsolve

from kido.solver.program import Program
from kido.solver.program_diff import Change, Vector
from kido.tolerances import FREE_USD_KG

NOTHING, LIMITS, COSTS, PRICES, MIXED = "nothing", "limits", "costs", "prices", "mixed"


@dataclass(frozen=True)
class Plan:
    """A vertex as numbers in the order of the program: plan, row duals, reduced costs."""

    values: Vector
    duals: Vector
    reduced: Vector


@dataclass(frozen=True)
class Line:
    """The programs between `low` (at `a`) and `high` (at `b`), as changes of `base`."""

    base: Program
    a: float
    low: Change
    b: float
    high: Change

    @cached_property
    def step(self) -> Change:
        """The change for one unit of the parameter."""
        return (self.high - self.low) * (1.0 / (self.b - self.a))

    def change(self, at: float) -> Change:
        return self.low + self.step * (at - self.a)

    def holds(self, at: float, change: Change) -> bool:
        """Whether the program at a place is the one the line foretells."""
        return self.step_is_finite and self.change(at).near(change)

    @cached_property
    def step_is_finite(self) -> bool:
        return self.low.finite and self.high.finite

    @cached_property
    def kind(self) -> str:
        """Which numbers move along the line: see `kido.study.results.Stretch`."""
        if not self.step_is_finite:
            return MIXED
        limits = any(self._moves(part) for part in ("lower", "upper", "low", "high"))
        costs = self._moves("cost")
        if not self.step.matrix.nnz:
            return (MIXED if costs else LIMITS) if limits else (COSTS if costs else NOTHING)
        if limits or not self._only_prices():
            return MIXED
        return PRICES

    def _moves(self, part: str) -> bool:
        return bool(np.any(self.step.part(self.base, part) != 0))

    def _only_prices(self) -> bool:
        """Only unit costs move: in the objective, and in the cost of histories."""
        rows, columns = self.step.matrix.nonzero()
        priced = self.risk.row[rows].all() and not self.risk.column[columns].any()
        return bool(priced and not np.any(self.step.part(self.base, "cost")[self.risk.column]))

    @cached_property
    def risk(self) -> Risk:
        return Risk.of(self.base)

    def slope(self, plan: Plan) -> float:
        """kUSD for a unit of the parameter, at the place the plan was solved for."""
        step, base = self.step, self.base
        steep = float(step.part(base, "cost") @ plan.values)
        steep -= float(plan.duals @ (step.matrix @ plan.values))
        for price, lower, upper in ((plan.duals, "lower", "upper"), (plan.reduced, "low", "high")):
            moved = np.where(price > 0, step.part(base, lower), step.part(base, upper))
            leaned = np.abs(price) > FREE_USD_KG
            steep += float(price[leaned] @ moved[leaned])
        return steep

    def spent(self, at: float, plan: Plan) -> Callable[[float], Vector]:
        """What the plan solved for `at` spends at other places; kinds `costs` and `prices`.

        First, in kUSD, what no history changes; then MUSD by the end of each history.
        """
        base, risk = self.base, self.risk
        here, ahead = self.change(at), self.step
        flows = np.where(risk.column, 0.0, plan.values)
        cost = base.cost + here.part(base, "cost")
        activity = csr_matrix(base.matrix + here.matrix) @ flows
        now = np.append(cost @ flows + base.offset, risk.spent_by(base, activity))
        step = np.append(
            ahead.part(base, "cost") @ flows, risk.spent_by(base, ahead.matrix @ flows)
        )
        return lambda place: now + (place - at) * step

    def measure(self, spent: Vector) -> float:
        """What such spending costs, kUSD, its risk measured anew; convex."""
        return float(spent[0]) + self.risk.tail_cost(self._risk_cost, spent[1:])

    @cached_property
    def _risk_cost(self) -> Vector:
        return self.base.cost + self.low.part(self.base, "cost")

    def crossed(self, one: tuple[float, Plan], other: tuple[float, Plan]) -> Program:
        """The mean of two costs: each plan's history weights at the place of the other.

        The rows of the histories move into the objective, priced with their duals; what the
        tail would choose freely is left out. Every other rule of the book stays.
        """
        here = self.low.on(self.base)
        cost = (self._weighed(one[1], other[0]) + self._weighed(other[1], one[0])) / 2
        return replace(here, cost=np.where(self.risk.column, 0.0, cost))

    def _weighed(self, plan: Plan, at: float) -> Vector:
        there = self.change(at)
        weights = np.where(self.risk.row, plan.duals, 0.0)  # kUSD for a MUSD, by moment
        matrix = csr_matrix(self.base.matrix + there.matrix)
        cost: Vector = self.base.cost + there.part(self.base, "cost") - matrix.T @ weights
        return cost


@dataclass(frozen=True)
class Risk:
    """Which rows and columns measure risk: masks and places in the order of the program."""

    row: NDArray[np.bool_]
    column: NDArray[np.bool_]
    tail_row: NDArray[np.bool_]
    spent: tuple[int, ...]
    tail: tuple[int, ...]
    excess: tuple[int, ...]
    leaves: tuple[int, ...]

    @staticmethod
    def of(program: Program) -> Risk:
        at: dict[str, dict[int, int]] = {"cost_to_date": {}, "tail": {}, "excess": {}}
        for place, (name, key) in enumerate(program.columns):
            if name in at:
                at[name][key[0]] = place
        order = {n: k for k, n in enumerate(at["cost_to_date"])}
        column = np.zeros(len(program.columns), dtype=bool)
        column[[place for places in at.values() for place in places.values()]] = True
        families = np.array([name for name, _ in program.rows])
        return Risk(
            row=families == "path_cost",
            column=column,
            tail_row=families == "cvar_excess",
            spent=tuple(at["cost_to_date"].values()),
            tail=tuple(at["tail"].values()),
            excess=tuple(at["excess"].values()),
            leaves=tuple(order[n] for n in at["excess"]),
        )

    def weights(self, duals: Vector) -> tuple[float, ...]:
        """What a MUSD more on each history costs, kUSD: its weight in the tail."""
        return tuple(duals[self.tail_row].tolist())

    def spent_by(self, program: Program, activity: Vector) -> Vector:
        """MUSD spent at the end of each history, where the flows give the rows `activity`."""
        if not self.leaves:
            return np.zeros(0)
        chain = program.matrix[self.row][:, list(self.spent)]
        levels = np.atleast_1d(spsolve(chain.tocsc(), -activity[self.row]))
        ends: Vector = levels[list(self.leaves)]
        return ends

    def tail_cost(self, cost: Vector, spent: Vector) -> float:
        """kUSD: least over the threshold of what it and the excess of each history cost."""
        if not self.leaves:
            return 0.0
        (tail,) = self.tail
        over = np.maximum(0.0, spent[None, :] - spent[:, None])
        return float((cost[tail] * spent + over @ cost[list(self.excess)]).min())
