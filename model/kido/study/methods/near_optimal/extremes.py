"""Minimum and maximum of one choice over all plans within a budget: the task of one process.

A linear program with the cost as a row (the flat optimum of Brill 1979). Only the objective
changes, so every search starts at the optimum, which is feasible for any budget: measured, that
is faster than a start at the other end of the range, or at the solution for another budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from kido.data.case.case import Array
from kido.errors import SolverError, TimeLimitReached
from kido.solver.basis import transfer_basis
from kido.solver.highs import InfeasibleProgram
from kido.solver.program import Program, with_objective_bounded
from kido.solver.warm_start import BasicSolution, LiveSolver
from kido.study.methods.near_optimal.quantities import LinearExpression
from kido.study.point import CERTIFIED, FAILED, LIMIT, SOLVED, Outcome, Point
from kido.study.resolve.evaluate import Evaluation, Task, model_of
from kido.study.resolve.warm_model import WarmStart
from kido.tolerances import PLAN_T, STILL_SHARE, TRUSTED_SHARE

LEAST, MOST = 1, -1
# The largest coefficient of the scaled objective, so that small volumes are as exact as large
# ones. The second is used if the solution with the first is not exact enough.
SCALINGS = 1000.0, 30.0
MOST_SCALED_COST = 1e4  # of the row of the cost, so that its residual is like that of other rows
ITERATIONS = 1, 20_000  # allowed: times the iterations of the optimum, and at least so many


@dataclass(frozen=True)
class RangeTask:
    """The search for the minimum and maximum of one item at each extra cost.

    `base` has the key of the book, `start` is its optimal basis: its cost is `optimum` kUSD, the
    value of the item there `at_optimum`. `extras` are shares of that cost, in rising order.
    """

    base: Task
    start: WarmStart
    item: str
    expression: LinearExpression
    at_optimum: float
    optimum: float
    extras: tuple[float, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Minimum and maximum at the first extra cost, then at the next."""
        extras = [extra for extra in self.extras for _ in (LEAST, MOST)]
        return tuple(Point(number, (extra,)) for number, extra in enumerate(extras))

    @property
    def key_parts(self) -> tuple[object, ...]:
        """All that the evaluations depend on."""
        return "near-optimal", self.item, self.extras, *self.base.key_parts

    def budget(self, extra: float) -> float:
        """The largest cost of a plan at an extra cost, kUSD."""
        return self.optimum + extra * abs(self.optimum)


def search_range(task: RangeTask) -> list[Evaluation]:
    """An outcome for each point of a task; its plan has the item alone, or nothing if unsolved.

    Raises nothing: an error is a status. A certified outcome needed no search.
    """
    points = task.points
    try:
        range_search = RangeSearch.of(task)
    except Exception as problem:  # one failed search must not end the batch
        return [Evaluation(_unanswered(point, problem)) for point in points]
    least = range_search.end_outcomes(LEAST, points[::2])
    most = range_search.end_outcomes(MOST, points[1::2])
    return [Evaluation(end) for ends in zip(least, most, strict=True) for end in ends]


class WarmOnlySolver(LiveSolver):
    """A solver without cold starts, which take too long for one end of a range."""

    cold_methods = ()
    untrusted = "the search from the optimum gave no answer that can be trusted"


@dataclass(frozen=True)
class RangeSearch:
    """The searches of a task on a program; `rates`: coefficients of the item by column."""

    task: RangeTask
    program: Program
    solver: WarmOnlySolver
    rates: Array

    @staticmethod
    def of(task: RangeTask) -> RangeSearch:
        """The searches of a task on the model of this process."""
        model = model_of(task.base, None)
        solver = WarmOnlySolver(model.program, model.case.settings.time_limit)
        return RangeSearch(task, model.program, solver, task.expression.on(model.program.columns))

    def end_outcomes(self, direction: int, points: Sequence[Point]) -> Iterator[Outcome]:
        """Outcomes of one end of the range at rising budgets; fixed once no budget limits it."""
        item, bound = self.task.item, self.bound(direction)
        last_value = bound if _at_bound(self.task.at_optimum, bound) else None
        for point in points:
            if last_value is not None:
                yield Outcome(point, CERTIFIED, plan={item: last_value})
                continue
            try:
                vertex = self.solve_end(direction, self.budget_at(point))
                yield self.outcome(point, vertex)
            except Exception as problem:  # a batch does not die of one search
                yield _unanswered(point, problem)
                continue
            amount = self.amount(vertex.values)
            if _at_bound(amount, bound) or not self.depends_on_budget(vertex):
                last_value = amount

    def budget_at(self, point: Point) -> float:
        """The budget of a point, kUSD."""
        return self.task.budget(point.values[0] or 0.0)

    def bound(self, direction: int) -> float:
        """Minimum or maximum of the item within the bounds of the columns; may be infinite."""
        program, used = self.program, self.rates.nonzero()[0]
        below, above = program.low[used], program.high[used]
        if direction == MOST:
            below, above = above, below
        rates = self.rates[used]
        return self.task.expression.constant + float(rates @ np.where(rates > 0, below, above))

    @property
    def scale(self) -> float:
        """Scaling factor of the row of the cost."""
        return min(1.0, MOST_SCALED_COST / max(1.0, abs(self.task.optimum)))

    def solve_end(self, direction: int, budget: float) -> BasicSolution:
        """The solution at one end of the range, its objective in the item's unit.

        Raises KidoError or InfeasibleProgram if there is none.
        """
        for scaling in SCALINGS[:-1]:
            with suppress(SolverError, InfeasibleProgram):  # the optimum is feasible
                return self.solve_scaled(direction * scaling, budget)
        return self.solve_scaled(direction * SCALINGS[-1], budget)

    def solve_scaled(self, scaling: float, budget: float) -> BasicSolution:
        """The solution for an objective scaled to `scaling`, negative to maximize."""
        program, start, expression = self.program, self.task.start, self.task.expression
        factor = scaling / float(np.abs(self.rates).max(initial=1e-300))
        objective = {name: factor * rate for name, rate in expression.coefficients.items()}
        costs = replace(program, cost=self.scale * program.cost, offset=self.scale * program.offset)
        bounded = with_objective_bounded(costs, objective, self.scale * budget)
        times, least = ITERATIONS
        basis = transfer_basis(start.basis, program, bounded)
        limit = max(least, times * start.iterations)
        vertex = self.solver.solve(bounded, basis, primal=True, iteration_limit=limit)
        return replace(vertex, objective=vertex.objective / factor, duals=vertex.duals / factor)

    def depends_on_budget(self, vertex: BasicSolution) -> bool:
        """Whether a larger budget changes the item: its dual times the largest extra cost."""
        money = self.task.extras[-1] * abs(self.task.optimum)  # kUSD at most
        return abs(vertex.duals[-1]) * self.scale * money > STILL_SHARE * max(
            1.0, abs(vertex.objective)
        )

    def amount(self, plan: Array) -> float:
        """The value of the item in a plan (values by column)."""
        return self.task.expression.constant + float(self.rates @ plan)

    def outcome(self, point: Point, vertex: BasicSolution) -> Outcome:
        """The outcome recomputed from the solution. Raises SolverError if that is not feasible."""
        program, plan, budget = self.program, vertex.values, self.budget_at(point)
        cost, amount = float(program.cost @ plan) + program.offset, self.amount(plan)
        expected = self.task.expression.constant + vertex.objective
        activity = program.matrix @ plan
        violations = (
            program.lower - activity,
            activity - program.upper,
            program.low - plan,
            plan - program.high,
        )
        if max(side.max(initial=0.0) for side in violations) > 10 * TRUSTED_SHARE:
            raise SolverError("the plan found breaks a rule of the book")
        if cost > budget + TRUSTED_SHARE * max(1.0, abs(budget)):
            raise SolverError(f"the plan found costs {cost:.9g} kUSD, more than {budget:.9g}")
        if abs(amount - expected) > TRUSTED_SHARE * max(1.0, abs(expected)):
            raise SolverError(f"the plan found makes {amount:.9g}, not {expected:.9g}")
        return Outcome(
            point,
            SOLVED,
            objective=cost,
            plan={self.task.item: amount},
            seconds=vertex.seconds,
            iterations=vertex.iterations,
            warm=vertex.warm,
        )


def _at_bound(amount: float, bound: float) -> bool:
    return bool(np.isfinite(bound)) and abs(amount - bound) <= max(PLAN_T, STILL_SHARE * abs(bound))


def _unanswered(point: Point, problem: Exception) -> Outcome:
    status = LIMIT if isinstance(problem, TimeLimitReached) else FAILED
    if isinstance(problem, InfeasibleProgram):
        return Outcome(point, status, "no plan within this budget was found from the optimum")
    return Outcome(point, status, str(problem) or type(problem).__name__)
