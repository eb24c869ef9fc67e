"""Tie-breaking among optimal solutions: a second solve on the optimal face.

By complementary slackness the optimal solutions are those in which every bound and row with a
price is at its priced side (Schrijver, Theory of Linear and Integer Programming, 1986, section
7.9). With these fixed, another objective chooses among optimal solutions; the duals stay valid.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import highspy
import numpy as np
from numpy.typing import NDArray

from kido.errors import SolverError, TimeLimitReached
from kido.solver.audit import audit
from kido.solver.basis import PRIMAL
from kido.solver.handle import LoadedSolver, set_options
from kido.solver.highs import (
    Attempt,
    InfeasibleProgram,
    UnboundedProgram,
    cold_attempts,
    run_attempts,
)
from kido.solver.program import Name, NamedNumbers, Program, in_order
from kido.solver.solution import Solution
from kido.solver.staged_start import iteration_limit
from kido.tolerances import BROKEN_T, FREE_USD_KG, PRICED_USD_KG

Vector = NDArray[np.float64]


def break_ties(
    program: Program,
    first: Solution,
    preferences: Sequence[Mapping[Name, float]],
    time_limit: float | None = None,
) -> Solution:
    """The optimal solution that is least in each of `preferences` in turn, with the duals of
    `first`; that of `first` where none is found, or not proved against those duals.

    The solver of `first` is used up: the solution has it again, on the last face.
    """
    began = time.perf_counter()
    seconds_left = None if time_limit is None else time_limit - sum(first.seconds.values())
    if not preferences or (seconds_left is not None and seconds_left <= 0):
        return first
    values, reduced = (in_order(program.columns, part) for part in (first.values, first.reduced))
    duals = first_duals = in_order(program.rows, first.duals)
    face, solver = program, first.solver
    for preference in preferences:
        face = _optimal_face(face, values, duals, reduced, preference)
        try:
            proved = run_attempts(face, _attempts(face, solver), seconds_left)
        except (InfeasibleProgram, UnboundedProgram, SolverError, TimeLimitReached):
            return replace(first, solver=None)
        solver, audited = proved.loaded(face), proved.audited
        values, duals, reduced = audited.values, audited.duals, audited.reduced
    checks = audit(program, values, first_duals)
    if not checks.passed:
        return replace(first, solver=None)
    return replace(
        first,
        objective=checks.objective,
        values=NamedNumbers(program.columns, values),
        statistics=replace(first.statistics, audit=checks),
        seconds={**first.seconds, "ties": time.perf_counter() - began},
        solver=solver,
    )


def _attempts(face: Program, loaded: LoadedSolver | None) -> Iterator[Attempt]:
    """From the basis of the solution, which is feasible and often the best already, else cold."""
    if loaded is not None:
        yield Attempt("warm simplex", partial(_started, loaded, face), conclusive=False)
    yield from cold_attempts(face, "simplex")


def _started(loaded: LoadedSolver, face: Program) -> highspy.Highs:
    loaded.change_to(face)
    options = {"simplex_strategy": PRIMAL, "simplex_iteration_limit": iteration_limit(face)}
    set_options(loaded.solver, {"solver": "simplex", **options})
    return loaded.solver


def _optimal_face(
    program: Program,
    values: Vector,
    duals: Vector,
    reduced: Vector,
    preference: Mapping[Name, float],
) -> Program:
    """The program of the optimal face of `program`, with another cost."""
    low, high = _fixed_at_priced_sides(program.low, program.high, reduced, values)
    activity = program.matrix @ values
    lower, upper = _fixed_at_priced_sides(program.lower, program.upper, duals, activity)
    return replace(
        program,
        cost=np.array([preference.get(name, 0.0) for name in program.columns]),
        offset=0.0,
        low=low,
        high=high,
        lower=lower,
        upper=upper,
    )


def _fixed_at_priced_sides(
    low: Vector, high: Vector, price: Vector, level: Vector
) -> tuple[Vector, Vector]:
    """(low, high) with both at the lower side where the price is positive, at the upper where
    it is negative.

    A small price, which may be rounding, counts where the solution is at that side.
    """
    sure, small = np.abs(price) > PRICED_USD_KG, np.abs(price) > FREE_USD_KG
    at_low, at_high = (np.isclose(level, side, rtol=0, atol=BROKEN_T) for side in (low, high))
    below = (price > 0) & np.isfinite(low) & (sure | (small & at_low))
    above = (price < 0) & np.isfinite(high) & (sure | (small & at_high))
    return np.where(above, high, low), np.where(below, low, high)
