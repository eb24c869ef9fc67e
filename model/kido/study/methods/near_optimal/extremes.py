"""The least and the most of one choice over all plans within a budget: what one process does.

A linear program with the objective as a row (the flat optimum of Brill 1979). Only the
objective is another, so every search starts at the optimum, which is a plan within any budget:
measured, that is quicker than from the other end, or from the answer at another budget.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from kido.data.case.case import Array
from kido.errors import NotSolved, TimeLimitReached
from kido.solver.highs import Infeasible
from kido.solver.program import Program, with_objective_bounded
from kido.solver.warm_start import BasicSolution, LiveSolver, carried_over
from kido.study.methods.near_optimal.quantities import LinearExpression
from kido.study.point import CERTIFIED, FAILED, LIMIT, SOLVED, Outcome, Point
from kido.study.resolve.evaluate import Evaluation, Task, model_of
from kido.study.resolve.warm_model import WarmStart
from kido.tolerances import PLAN_T, STILL_SHARE, TRUSTED_SHARE

LEAST, MOST = 1, -1
# The largest coefficient: a small volume is sought as exactly as a large one. The second where
# the first ends in an answer that is not exact enough.
STRETCHES = 1000.0, 30.0
EVEN = 1e4  # the cost as a row: no larger, so that its residual is like that of any row
ITERATIONS = 1, 20_000  # allowed: times the iterations of the optimum, and at least so many


@dataclass(frozen=True)
class RangeTask:
    """The least and the most of one item at each extra cost.

    `ask` names the book, whose optimum is where to `start`: it costs `optimum` kUSD, and there
    the item is `chosen`. `extras` are shares of that cost, in rising order.
    """

    ask: Task
    start: WarmStart
    item: str
    functional: LinearExpression
    chosen: float
    optimum: float
    extras: tuple[float, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The least and the most at the first extra cost, then at the next."""
        asked = [extra for extra in self.extras for _ in (LEAST, MOST)]
        return tuple(Point(number, (extra,)) for number, extra in enumerate(asked))

    @property
    def key_parts(self) -> tuple[object, ...]:
        return "near-optimal", self.item, self.extras, *self.ask.key_parts

    def budget(self, extra: float) -> float:
        """kUSD."""
        return self.optimum + extra * abs(self.optimum)


def search(task: RangeTask) -> list[Evaluation]:
    """An outcome for each point; its plan holds the item alone, nothing where there is no answer.

    What is certified needed no search.
    """
    points = task.points
    try:
        field = RangeSearch.of(task)
    except Exception as problem:  # a batch does not die of one search
        return [Evaluation(_unanswered(point, problem)) for point in points]
    least = field.walk(LEAST, points[::2])
    most = field.walk(MOST, points[1::2])
    return [Evaluation(end) for ends in zip(least, most, strict=True) for end in ends]


class WarmOnlySolver(LiveSolver):
    """Never from nothing: that takes many times as long as from a start, and longer than it is
    worth for one end of a range."""

    cold_methods = ()
    untrusted = "the search from the optimum gave no answer that can be trusted"


@dataclass(frozen=True)
class RangeSearch:
    """A search at the model of this process; `rates`: of the item, in the order of columns."""

    task: RangeTask
    program: Program
    solver: WarmOnlySolver
    rates: Array

    @staticmethod
    def of(task: RangeTask) -> RangeSearch:
        model = model_of(task.ask, None)
        solver = WarmOnlySolver(model.program, model.case.settings.time_limit)
        return RangeSearch(task, model.program, solver, task.functional.on(model.program.columns))

    def walk(self, way: int, points: Sequence[Point]) -> Iterator[Outcome]:
        """One end at rising cost. What cost does not hold is where it is at any higher cost."""
        item, end = self.task.item, self.end(way)
        settled = end if _near(self.task.chosen, end) else None
        for point in points:
            if settled is not None:
                yield Outcome(point, CERTIFIED, plan={item: settled})
                continue
            try:
                vertex = self.reached(way, self.budget_at(point))
                yield self.outcome(point, vertex)
            except Exception as problem:  # a batch does not die of one search
                yield _unanswered(point, problem)
                continue
            amount = self.amount(vertex.values)
            if _near(amount, end) or not self.held(vertex):
                settled = amount

    def budget_at(self, point: Point) -> float:
        return self.task.budget(point.values[0] or 0.0)

    def end(self, way: int) -> float:
        """The least or the most that the limits of the columns alone allow; may be infinite."""
        program, moved = self.program, self.rates.nonzero()[0]
        below, above = program.low[moved], program.high[moved]
        if way == MOST:
            below, above = above, below
        rates = self.rates[moved]
        return self.task.functional.constant + float(rates @ np.where(rates > 0, below, above))

    @property
    def scale(self) -> float:
        """Of the row that holds the cost."""
        return min(1.0, EVEN / max(1.0, abs(self.task.optimum)))

    def reached(self, way: int, budget: float) -> BasicSolution:
        """The end of the range, its objective in the item's unit.

        Raises KidoError or Infeasible where it is not found.
        """
        for stretch in STRETCHES[:-1]:
            with suppress(NotSolved, Infeasible):  # the optimum is a plan
                return self.sought(way * stretch, budget)
        return self.sought(way * STRETCHES[-1], budget)

    def sought(self, stretch: float, budget: float) -> BasicSolution:
        program, start, of = self.program, self.task.start, self.task.functional
        factor = stretch / float(np.abs(self.rates).max(initial=1e-300))
        aim = {name: factor * rate for name, rate in of.coefficients.items()}
        costs = replace(program, cost=self.scale * program.cost, offset=self.scale * program.offset)
        bounded = with_objective_bounded(costs, aim, self.scale * budget)
        times, least = ITERATIONS
        basis = carried_over(start.basis, program, bounded)
        limit = max(least, times * start.iterations)
        vertex = self.solver.solve(bounded, basis, primal=True, iteration_limit=limit)
        return replace(vertex, objective=vertex.objective / factor, duals=vertex.duals / factor)

    def held(self, vertex: BasicSolution) -> bool:
        """Whether more money would move it: its worth times the most there is more is something."""
        money = self.task.extras[-1] * abs(self.task.optimum)  # kUSD at most
        return abs(vertex.duals[-1]) * self.scale * money > STILL_SHARE * max(
            1.0, abs(vertex.objective)
        )

    def amount(self, plan: Array) -> float:
        return self.task.functional.constant + float(self.rates @ plan)

    def outcome(self, point: Point, vertex: BasicSolution) -> Outcome:
        """Worked out anew from the plan found. Raises NotSolved where that is none."""
        program, plan, budget = self.program, vertex.values, self.budget_at(point)
        cost, amount = float(program.cost @ plan) + program.offset, self.amount(plan)
        expected = self.task.functional.constant + vertex.objective
        activity = program.matrix @ plan
        broken = (
            program.lower - activity,
            activity - program.upper,
            program.low - plan,
            plan - program.high,
        )
        if max(side.max(initial=0.0) for side in broken) > 10 * TRUSTED_SHARE:
            raise NotSolved("the plan found breaks a rule of the book")
        if cost > budget + TRUSTED_SHARE * max(1.0, abs(budget)):
            raise NotSolved(f"the plan found costs {cost:.9g} kUSD, more than {budget:.9g}")
        if abs(amount - expected) > TRUSTED_SHARE * max(1.0, abs(expected)):
            raise NotSolved(f"the plan found makes {amount:.9g}, not {expected:.9g}")
        return Outcome(
            point,
            SOLVED,
            objective=cost,
            plan={self.task.item: amount},
            seconds=vertex.seconds,
            iterations=vertex.iterations,
            warm=vertex.warm,
        )


def _near(amount: float, end: float) -> bool:
    return bool(np.isfinite(end)) and abs(amount - end) <= max(PLAN_T, STILL_SHARE * abs(end))


def _unanswered(point: Point, problem: Exception) -> Outcome:
    status = LIMIT if isinstance(problem, TimeLimitReached) else FAILED
    return Outcome(point, status, str(problem) or type(problem).__name__)
