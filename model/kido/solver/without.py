"""What the least cost is without some orders, or without a limit: solved again from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from kido.errors import SolverError, TimeLimitReached
from kido.solver.held_columns import HeldColumns
from kido.solver.highs import UnboundedProgram
from kido.solver.program import Name, Program
from kido.solver.solution import Solution
from kido.solver.warm_start import LiveSolver

SECONDS = 4.0  # that one answer may take: what takes longer stays unknown
ITERATIONS_SHARE = 20  # a twentieth of the rows: orders of one month move little


def costs_without(
    program: Program, solution: Solution, groups: Iterable[Iterable[Name]]
) -> Iterator[float | None]:
    """kUSD, for each group of columns, that the least cost is higher where all of them are 0.

    Infinite where no plan does without; None where no proved answer was found in time, or the
    solution of the program comes without its basis.
    """
    if solution.basis is None:
        yield from (None for _ in groups)
        return
    place = {name: k for k, name in enumerate(program.columns)}
    limit = len(program.rows) // ITERATIONS_SHARE + 1000
    held = HeldColumns(program, solution, limit, SECONDS)
    for names in groups:
        yield held.cost({place[name]: 0.0 for name in names})


def saved_without(program: Program, solution: Solution, family: str) -> float | None:
    """kUSD that the least cost is lower without the upper limits of a family of rows.

    None where there are none, or no proved answer was found in time.
    """
    limits = np.array([name == family for name, _ in program.rows])
    if solution.basis is None or not limits.any():
        return None
    free = replace(program, upper=np.where(limits, np.inf, program.upper))
    limit = len(program.rows) // ITERATIONS_SHARE + 1000
    try:
        found = LiveSolver(program, SECONDS).solve(free, solution.basis, iteration_limit=limit)
    except (UnboundedProgram, SolverError, TimeLimitReached):
        return None
    return max(0.0, solution.statistics.audit.bound - found.objective)
