"""Of plans that cost the same, the one to be preferred: a second solve on the optimal face.

Complementary slackness says which plans are optimal: those that keep every limit and row with a
price at the side it leans on (Schrijver, Theory of Linear and Integer Programming, 1986, section
7.9). With these held, any other objective chooses among optimal plans alone; the prices stand.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kido.errors import SolverError, TimeLimitReached
from kido.solver.audit import audit
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.solver.program import Name, Program, in_order
from kido.solver.solution import Solution
from kido.tolerances import PRICED_USD_KG

Vector = NDArray[np.float64]


def preferred(
    program: Program,
    first: Solution,
    preferences: Sequence[Mapping[Name, float]],
    time_limit: float | None = None,
) -> Solution:
    """The optimal plan of least `preferences`, one after another, with the prices of `first`.

    Where it is not found, or not proved against those prices, `first` stands: it is as good.
    """
    began = time.perf_counter()
    left = None if time_limit is None else time_limit - sum(first.seconds.values())
    if not preferences or (left is not None and left <= 0):
        return first
    duals, solution, face = in_order(program.rows, first.duals), first, program
    for preference in preferences:
        rows = in_order(program.rows, solution.duals)
        face = _face(face, rows, in_order(program.columns, solution.reduced), preference)
        try:
            solution = solve_program(face, "simplex", left)
        except (InfeasibleProgram, UnboundedProgram, SolverError, TimeLimitReached):
            return first
    again = audit(program, in_order(program.columns, solution.values), duals)
    if not again.passed:
        return first
    return replace(
        first,
        objective=again.objective,
        values=solution.values,
        statistics=replace(first.statistics, audit=again),
        seconds={**first.seconds, "ties": time.perf_counter() - began},
    )


def _face(
    program: Program, duals: Vector, reduced: Vector, preference: Mapping[Name, float]
) -> Program:
    """The optimal plans of a program, with another cost."""
    low, high = _held(program.low, program.high, reduced)
    lower, upper = _held(program.lower, program.upper, duals)
    return replace(
        program,
        cost=np.array([preference.get(name, 0.0) for name in program.columns]),
        offset=0.0,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
    )


def _held(low: Vector, high: Vector, price: Vector) -> tuple[Vector, Vector]:
    """A positive price leans on the lower side, a negative one on the upper."""
    below = (price > PRICED_USD_KG) & np.isfinite(low)
    above = (price < -PRICED_USD_KG) & np.isfinite(high)
    return np.where(above, high, low), np.where(below, low, high)
