"""Near-optimal ranges: what is required, what may move how far, what is never used.

Each choice is looked at alone: two ends of its range are two plans, and not every mixture of
ends of different choices is a plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kido.errors import KidoError
from kido.result.flows import flows_of
from kido.result.plan import SolvedPlan
from kido.result.sourcing import need_of
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.lexicographic import least_cost
from kido.study.methods.near_optimal.extremes import RangeTask, search
from kido.study.methods.near_optimal.quantities import expected_of, functional_of, whole_of
from kido.study.methods.near_optimal.result import NearOptimalRange
from kido.study.methods.near_optimal.selection import items_of
from kido.study.point import Outcome
from kido.study.resolve.evaluate import Task, model_of
from kido.study.resolve.measures import ORDERS
from kido.study.resolve.warm_model import WarmStart
from kido.study.session import Session
from kido.tolerances import NEGLIGIBLE_SHARE, PLAN_T


def near_optimal_ranges(session: Session) -> tuple[list[NearOptimalRange], list[Outcome]]:
    """The range of every choice looked at, at every extra cost, and how each search ended.

    None where the book has no plan.
    """
    task = Task(session.book, session.tables, (), (), session.start)
    optimum = _optimum(task)
    if optimum is None:
        return [], []
    plan, start = optimum
    tasks = searches_of(plan, session, start)
    ends = [[e.outcome for e in rows] for rows in session.executor.map(search, tasks)]
    pairs = list(zip(tasks, ends, strict=True))
    ranges = [row for task, outcomes in pairs for row in _ranges(plan, task, outcomes)]
    return ranges, [_named(task.item, end) for task, outcomes in pairs for end in outcomes]


def _named(item: str, outcome: Outcome) -> Outcome:
    return replace(outcome, message=f"{item}: {outcome.message}" if outcome.message else item)


def searches_of(answer: SolvedPlan, session: Session, start: WarmStart) -> list[RangeTask]:
    """A search for each choice, from the optimum."""
    ask = Task(session.book, session.tables, (), ())
    extras = tuple(sorted(set(session.design.values)))
    searches = []
    for item in items_of(answer, session.design):
        of = functional_of(answer, item)
        chosen = of.of(answer.solution.values)
        searches.append(RangeTask(ask, start, item, of, chosen, answer.solution.objective, extras))
    return searches


def _optimum(task: Task) -> tuple[SolvedPlan, WarmStart] | None:
    try:
        model = model_of(task, None)
        vertex = model.solve(model.program, task.start)
    except (KidoError, InfeasibleProgram, UnboundedProgram):
        return None
    solution = least_cost(model.program, model.case, vertex.solution, vertex.duals, choose=False)
    iterations = task.start.iterations if task.start else vertex.iterations
    answer = SolvedPlan(task.tables, model.case, solution, None, flows_of(model.case, solution))
    return answer, WarmStart(vertex.basis, iterations)


def _ranges(
    answer: SolvedPlan, task: RangeTask, outcomes: list[Outcome]
) -> Iterator[NearOptimalRange]:
    """A record for each extra cost. What is within reach for less stays within reach."""
    expected = expected_of(answer)
    needed = sum(float(need_of(answer, goods) @ expected) for goods in answer.elements)
    whole = whole_of(answer, task.item)
    yearly = task.item.partition("|")[0] in dict(ORDERS)
    low = high = task.chosen
    for extra, down, up in zip(task.extras, outcomes[::2], outcomes[1::2], strict=True):
        low, high = min(low, down.plan.get(task.item, low)), max(high, up.plan.get(task.item, high))
        least, most = low if down.plan else None, high if up.plan else None
        yield NearOptimalRange(
            item=task.item,
            unit="t/yr" if yearly else "t",
            extra=extra,
            chosen=task.chosen,
            least=least,
            most=most,
            whole=whole,
            status=status_of(task.chosen, least, most, min(needed, whole or np.inf)),
        )


def status_of(chosen: float, least: float | None, most: float | None, size: float) -> str:
    """`required`, `optional` or `unused`; '' where the search that would have told was stopped.

    Less than a ten-thousandth counts as nothing: of what is chosen for `required`, for `unused` of
    `size`, the whole.
    """
    if most is not None and most <= max(PLAN_T, NEGLIGIBLE_SHARE * size):
        return "unused"
    nothing = max(PLAN_T, NEGLIGIBLE_SHARE * chosen)
    if least is not None and least > nothing:
        return "required"
    untold = least if chosen > nothing else most
    return "" if untold is None else "optional"
