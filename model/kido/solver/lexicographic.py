"""Lexicographic solves: at risk weight 1, the least expected cost among plans of least CVaR."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.lp.cost import expected_cost
from kido.lp.preference import preferences
from kido.solver.audit import Audit, audit
from kido.solver.basis import basis_of
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.solver.program import Name, Program, in_order, with_objective_bounded
from kido.solver.solution import Key, SecondSolve, Solution
from kido.solver.steady import steadiest
from kido.solver.ties import break_ties

Vector = NDArray[np.float64]
Choice = Callable[[Program, Solution, float | None], Solution]  # with the seconds for all solves
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
    """The solution to report, once `first` has the least objective.

    At risk weight 1 it is the cheapest among those of least tail; where `choose`, ties are
    broken by `preferences`, and then it is the steadiest within a hair. `duals` as in
    `cheapest_of`.
    """
    limit = case.settings.time_limit

    def choice(program: Program, solution: Solution, limit: float | None) -> Solution:
        if not choose:
            return solution
        solution = break_ties(program, solution, preferences(case, solution.values), limit)
        solution = steadiest(program, case, solution, seconds_left(limit, solution))
        return replace(solution, solver=None)

    if choose and first.solver is not None:
        first = replace(first, basis=basis_of(first.solver.solver))
    if case.settings.risk_weight < 1:
        return choice(program, first, limit)
    say("the tail is as small as it can be; now the expected cost")
    return cheapest_of(program, first, expected_cost(case), duals, method, limit, log, say, choice)


def cheapest_of(
    program: Program,
    first: Solution,
    cost: Mapping[Name, float],
    duals: Vector | None = None,
    method: str = "auto",
    time_limit: float | None = None,
    log: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    choice: Choice = lambda program, solution, limit: solution,
) -> Solution:
    """The solution of least `cost` among those as good as `first`, with the duals of `first`.

    `duals` are those of `first` in the order of the program, where it does not have them by
    name. `choice` chooses among the second solution and those that are as good.

    Two proofs: of the second program, in which the objective of the first is bounded, and of the
    values against the duals of the first, so that the tail is still the least. Where the second
    solve does not end in a proved solution, for whatever reason, `first` is returned: it is
    optimal, but a cheaper one may exist among its ties, which `Statistics.second` says. The time
    limit, in seconds from when the first solve began, is for both together.
    """
    left = seconds_left(time_limit, first)
    began = time.perf_counter()
    second_program = with_objective_bounded(program, cost, first.objective)
    try:
        if left is not None and left <= 0:
            raise TimeLimitReached(f"no time is left of {time_limit:g} seconds")
        cheaper = solve_program(second_program, method, left, log, say)
        cheaper = choice(second_program, cheaper, left)
    except InfeasibleProgram:
        return _fallback(first, "the solver finds no plan that keeps the tail", say)
    except UnboundedProgram:
        return _fallback(first, "with the tail held, the expected cost falls without end", say)
    except (TimeLimitReached, SolverError) as problem:
        return _fallback(first, str(problem), say)
    prices = in_order(program.rows, first.duals) if duals is None else duals
    first_audit = audit(program, in_order(program.columns, cheaper.values), prices)
    if not first_audit.passed:
        return _fallback(first, f"its tail is not proved to be the least: {first_audit.words}", say)
    return _with_second_solve(first, cheaper, first_audit, time.perf_counter() - began)


def seconds_left(time_limit: float | None, solution: Solution) -> float | None:
    """What is left of a time limit after the solves of a solution; None: no limit."""
    return None if time_limit is None else time_limit - sum(solution.seconds.values())


def _with_second_solve(
    first: Solution, cheaper: Solution, again: Audit, seconds: float
) -> Solution:
    second_solve = SecondSolve(cheaper.statistics.audit, cheaper.statistics.attempts)
    return replace(
        first,
        objective=again.objective,
        values=cheaper.values,
        statistics=replace(
            first.statistics,
            audit=again,
            second=second_solve,
            steadiness=cheaper.statistics.steadiness,
        ),
        seconds={**first.seconds, "second solve": seconds},
    )


def _fallback(first: Solution, reason: str, say: Callable[[str], None]) -> Solution:
    say(f"the expected cost was not made least, the plan of the least tail stands: {reason}")
    return replace(
        first, statistics=replace(first.statistics, second=SecondSolve(fallback_reason=reason))
    )
