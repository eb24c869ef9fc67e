"""Programs that are linear in one parameter: the slope of their optimal cost, and bounds on it.

P(t) = P(a) + (t - a) x step, on the same rows and columns. By the envelope theorem the slope of
the optimal cost V is that of the Lagrangian,

    dV/dt = dc x - y dA x + y db + r dl,

with the plan x, the duals y of the rows and the reduced costs r of the bounds. Where only
limits change, the tangent lies under the convex V; where only costs change, above the concave V.
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
    """A basic solution in the order of the program: values, row duals, reduced costs."""

    values: Vector
    duals: Vector
    reduced: Vector


@dataclass(frozen=True)
class Line:
    """The programs from parameter `a` to `b`, where they are `base` changed by `low` and `high`."""

    base: Program
    a: float
    low: Change
    b: float
    high: Change

    @cached_property
    def step(self) -> Change:
        """The change per unit of the parameter."""
        return (self.high - self.low) * (1.0 / (self.b - self.a))

    def change(self, at: float) -> Change:
        """The change of `base` at a value of the parameter."""
        return self.low + self.step * (at - self.a)

    def matches(self, at: float, change: Change) -> bool:
        """Whether `change` is that of the line at a value of the parameter, but for rounding."""
        return self.step_is_finite and self.change(at).near(change)

    @cached_property
    def step_is_finite(self) -> bool:
        """Whether no limit comes or goes along the line."""
        return self.low.finite and self.high.finite

    @cached_property
    def kind(self) -> str:
        """Which numbers change along the line: see `kido.study.results.Stretch`."""
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
        """Whether only unit costs change: in the objective, and in the cost of histories."""
        rows, columns = self.step.matrix.nonzero()
        in_risk_terms = self.risk.row[rows].all() and not self.risk.column[columns].any()
        return bool(
            in_risk_terms and not np.any(self.step.part(self.base, "cost")[self.risk.column])
        )

    @cached_property
    def risk(self) -> Risk:
        return Risk.of(self.base)

    def slope(self, plan: Plan) -> float:
        """kUSD per unit of the parameter, at the value the plan was solved for."""
        step, base = self.step, self.base
        slope = float(step.part(base, "cost") @ plan.values)
        slope -= float(plan.duals @ (step.matrix @ plan.values))
        for price, lower, upper in ((plan.duals, "lower", "upper"), (plan.reduced, "low", "high")):
            step_of_side = np.where(price > 0, step.part(base, lower), step.part(base, upper))
            active = np.abs(price) > FREE_USD_KG
            slope += float(price[active] @ step_of_side[active])
        return slope

    def costs_of(self, at: float, plan: Plan) -> Callable[[float], Vector]:
        """The costs of the plan solved for `at`, as a function of the parameter.

        An array: kUSD of the objective without risk, then MUSD by the end of each history. For
        lines of kind `costs` and `prices`.
        """
        base, risk = self.base, self.risk
        change_here, step = self.change(at), self.step
        flows = np.where(risk.column, 0.0, plan.values)
        cost = base.cost + change_here.part(base, "cost")
        activity = csr_matrix(base.matrix + change_here.matrix) @ flows
        costs_here = np.append(cost @ flows + base.offset, risk.path_costs(base, activity))
        costs_step = np.append(
            step.part(base, "cost") @ flows, risk.path_costs(base, step.matrix @ flows)
        )
        return lambda value: costs_here + (value - at) * costs_step

    def measure(self, costs: Vector) -> float:
        """kUSD of the objective for costs as from `costs_of`, risk included; convex in them."""
        return float(costs[0]) + self.risk.tail_cost(self._risk_cost, costs[1:])

    @cached_property
    def _risk_cost(self) -> Vector:
        return self.base.cost + self.low.part(self.base, "cost")

    def with_crossed_weights(self, one: tuple[float, Plan], other: tuple[float, Plan]) -> Program:
        """The program of the mean of two costs: each plan's history weights at the other's value.

        The rows of path costs move into the objective, priced with their duals; the columns of
        risk cost nothing. Every other row stays.
        """
        program = self.low.on(self.base)
        cost = (self._weighed(one[1], other[0]) + self._weighed(other[1], one[0])) / 2
        return replace(program, cost=np.where(self.risk.column, 0.0, cost))

    def _weighed(self, plan: Plan, at: float) -> Vector:
        change = self.change(at)
        weights = np.where(self.risk.row, plan.duals, 0.0)  # kUSD per MUSD, by node
        matrix = csr_matrix(self.base.matrix + change.matrix)
        cost: Vector = self.base.cost + change.part(self.base, "cost") - matrix.T @ weights
        return cost


@dataclass(frozen=True)
class Risk:
    """The rows and columns that measure risk: masks and positions in the order of the program."""

    row: NDArray[np.bool_]
    column: NDArray[np.bool_]
    tail_row: NDArray[np.bool_]
    cost_to_date: tuple[int, ...]
    tail: tuple[int, ...]
    excess: tuple[int, ...]
    leaves: tuple[int, ...]

    @staticmethod
    def of(program: Program) -> Risk:
        """The rows and columns of risk in a program."""
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
            cost_to_date=tuple(at["cost_to_date"].values()),
            tail=tuple(at["tail"].values()),
            excess=tuple(at["excess"].values()),
            leaves=tuple(order[n] for n in at["excess"]),
        )

    def weights(self, duals: Vector) -> tuple[float, ...]:
        """kUSD per MUSD more on each history: its weight in the tail."""
        return tuple(duals[self.tail_row].tolist())

    def path_costs(self, program: Program, activity: Vector) -> Vector:
        """MUSD spent at the end of each history, where the flows give the rows `activity`."""
        if not self.leaves:
            return np.zeros(0)
        chain = program.matrix[self.row][:, list(self.cost_to_date)]
        levels = np.atleast_1d(spsolve(chain.tocsc(), -activity[self.row]))
        ends: Vector = levels[list(self.leaves)]
        return ends

    def tail_cost(self, cost: Vector, costs: Vector) -> float:
        """kUSD of the tail: the least over its threshold of what that and the excesses cost."""
        if not self.leaves:
            return 0.0
        (tail,) = self.tail
        excesses = np.maximum(0.0, costs[None, :] - costs[:, None])
        return float((cost[tail] * costs + excesses @ cost[list(self.excess)]).min())
