"""Near-optimal ranges: minimum and maximum of each choice within an extra cost, and its status.

The range of each choice is computed alone: its two ends are two plans, and a combination of
ends of different choices need not be a plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kido.errors import KidoError
from kido.result.plan import SolvedPlan
from kido.result.sourcing import need_of
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.lexicographic import least_cost
from kido.study.methods.near_optimal.extremes import RangeTask, search_range
from kido.study.methods.near_optimal.quantities import expected_of, expression_of, whole_of
from kido.study.methods.near_optimal.result import NearOptimalRange
from kido.study.methods.near_optimal.selection import items_of
from kido.study.point import Outcome
from kido.study.resolve.evaluate import Task, model_of
from kido.study.resolve.measures import ORDERS
from kido.study.resolve.warm_model import WarmStart
from kido.study.session import Session
from kido.tolerances import NEGLIGIBLE_SHARE, PLAN_T


def near_optimal_ranges(session: Session) -> tuple[list[NearOptimalRange], list[Outcome]]:
    """The range of every selected choice at every extra cost, and the outcome of each search.

    Both lists are empty if the book has no plan.
    """
    task = Task(session.book, session.tables, (), (), session.start)
    optimum = _optimum(task)
    if optimum is None:
        return [], []
    plan, start = optimum
    tasks = range_tasks(plan, session, start)
    outcomes_by_task = [
        [e.outcome for e in rows] for rows in session.executor.map(search_range, tasks)
    ]
    pairs = list(zip(tasks, outcomes_by_task, strict=True))
    ranges = [row for task, outcomes in pairs for row in _ranges(plan, task, outcomes)]
    return ranges, [_labeled(task.item, end) for task, outcomes in pairs for end in outcomes]


def _labeled(item: str, outcome: Outcome) -> Outcome:
    return replace(outcome, message=f"{item}: {outcome.message}" if outcome.message else item)


def range_tasks(plan: SolvedPlan, session: Session, start: WarmStart) -> list[RangeTask]:
    """A task for each selected choice, starting at the optimum."""
    base = Task(session.book, session.tables, (), ())
    extras = tuple(sorted(set(session.design.values)))
    tasks = []
    for item in items_of(plan, session.design):
        expression = expression_of(plan, item)
        at_optimum, cost = expression.of(plan.solution.values), plan.solution.objective
        tasks.append(RangeTask(base, start, item, expression, at_optimum, cost, extras))
    return tasks


def _optimum(task: Task) -> tuple[SolvedPlan, WarmStart] | None:
    """The optimal plan of the book and its basis; None if there is none."""
    try:
        model = model_of(task, None)
        vertex = model.solve(model.program, task.start, model.case)
    except (KidoError, InfeasibleProgram, UnboundedProgram):
        return None
    solution = least_cost(model.program, model.case, vertex.solution, vertex.duals, choose=False)
    iterations = task.start.iterations if task.start else vertex.iterations
    plan = SolvedPlan(task.tables, model.case, solution, None)
    return plan, WarmStart(vertex.basis, iterations)


def _ranges(
    plan: SolvedPlan, task: RangeTask, outcomes: list[Outcome]
) -> Iterator[NearOptimalRange]:
    """The range at each extra cost; a range contains those at lower costs."""
    expected = expected_of(plan)
    needed = sum(float(need_of(plan, goods) @ expected) for goods in plan.elements)
    whole = whole_of(plan, task.item)
    yearly = task.item.partition("|")[0] in dict(ORDERS)
    low = high = task.at_optimum
    for extra, down, up in zip(task.extras, outcomes[::2], outcomes[1::2], strict=True):
        low, high = min(low, down.plan.get(task.item, low)), max(high, up.plan.get(task.item, high))
        least, most = low if down.plan else None, high if up.plan else None
        yield NearOptimalRange(
            item=task.item,
            unit="t/yr" if yearly else "t",
            extra=extra,
            at_optimum=task.at_optimum,
            least=least,
            most=most,
            whole=whole,
            status=status_of(task.at_optimum, least, most, min(needed, whole or np.inf)),
        )


def status_of(at_optimum: float, least: float | None, most: float | None, size: float) -> str:
    """`required`, `optional` or `unused`; '' if the search that decides it was stopped.

    Less than NEGLIGIBLE_SHARE counts as nothing: of `at_optimum` for `required`, of `size`, the
    whole, for `unused`.
    """
    if most is not None and most <= max(PLAN_T, NEGLIGIBLE_SHARE * size):
        return "unused"
    nothing = max(PLAN_T, NEGLIGIBLE_SHARE * at_optimum)
    if least is not None and least > nothing:
        return "required"
    missing_end = least if at_optimum > nothing else most
    return "" if missing_end is None else "optional"
