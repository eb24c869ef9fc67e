"""Where only the tail counts: of the plans with the least tail, the one of least expected cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.lp.cost import expected_cost
from kido.lp.preference import preferences
from kido.solver.audit import Audit, audit
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.solver.program import Name, Program, in_order, with_objective_bounded
from kido.solver.solution import Key, SecondSolve, Solution
from kido.solver.ties import preferred

Vector = NDArray[np.float64]
Values = Mapping[str, Mapping[Key, float]]


def least_cost(
    program: Program,
    case: Case,
    first: Solution,
    duals: Vector | None = None,
    method: str = "auto",
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    choose: bool = True,
) -> Solution:
    """The plan to report, once `first` has the least objective.

    Where only the tail counts, the cheapest of those with the least tail; where `choose`, of
    plans that are as good the one that `preferences` names. `duals` as in `cheapest_of`.
    """
    limit = case.settings.time_limit
    if case.settings.risk_weight < 1:
        wishes = preferences(case, first.values) if choose else []
        return preferred(program, first, wishes, limit)
    say("the tail is as small as it can be; now the expected cost")

    def wish(solution: Solution) -> Sequence[Mapping[Name, float]]:
        return preferences(case, solution.values) if choose else ()

    return cheapest_of(program, first, expected_cost(case), duals, method, limit, log, say, wish)


def cheapest_of(
    program: Program,
    first: Solution,
    cost: Mapping[Name, float],
    duals: Vector | None = None,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    wish: Callable[[Solution], Sequence[Mapping[Name, float]]] = lambda _: (),
) -> Solution:
    """The plan of least `cost` among those as good as `first`, whose duals it bears.

    `duals` are those in the order of the program, where `first` does not have them by name.

    `wish` names what to prefer among plans that are as good in both, once the second is known.

    Two proofs: of the second program, where the objective of the first is held, and of the plan
    against the prices of the first, so that its tail is still the least. Where the second solve
    does not end in a proved answer, for whatever reason, the first plan stands: it is right, but
    among the equally good ones a cheaper one may exist, which `Statistics.second` says. The time
    limit, in seconds from when the first solve began, is for both together.
    """
    left = None if time_limit is None else time_limit - sum(first.seconds.values())
    began = time.perf_counter()
    bounded = with_objective_bounded(program, cost, first.objective)
    try:
        if left is not None and left <= 0:
            raise TimeLimitReached(f"no time is left of {time_limit:g} seconds")
        cheaper = solve_program(bounded, method, left, log, say)
        cheaper = preferred(bounded, cheaper, wish(cheaper), left)
    except InfeasibleProgram:
        return _kept(first, "the solver finds no plan that keeps the tail", say)
    except UnboundedProgram:
        return _kept(first, "with the tail held, the expected cost falls without end", say)
    except (TimeLimitReached, SolverError) as problem:
        return _kept(first, str(problem), say)
    prices = in_order(program.rows, first.duals) if duals is None else duals
    again = audit(program, in_order(program.columns, cheaper.values), prices)
    if not again.passed:
        return _kept(first, f"its tail is not proved to be the least: {again.words}", say)
    return _settled(first, cheaper, again, time.perf_counter() - began)


def _settled(first: Solution, cheaper: Solution, again: Audit, seconds: float) -> Solution:
    second_solve = SecondSolve(cheaper.statistics.audit, cheaper.statistics.attempts)
    return replace(
        first,
        objective=again.objective,
        values=cheaper.values,
        statistics=replace(first.statistics, audit=again, second=second_solve),
        seconds={**first.seconds, "second solve": seconds},
    )


def _kept(first: Solution, reason: str, say: Callable[[str], None]) -> Solution:
    say(f"the expected cost was not made least, the plan of the least tail stands: {reason}")
    return replace(first, statistics=replace(first.statistics, second=SecondSolve(kept=reason)))
