"""What the least cost is without some orders: their columns at 0, solved again from the plan."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.program import Name, Program
from kido.solver.solution import Solution
from kido.solver.warm_start import LiveSolver

SECONDS = 4.0  # that one answer may take: what takes longer stays unknown
ITERATIONS_SHARE = 20  # a twentieth of the rows: orders of one month move little


def costs_without(
    program: Program, case: Case, solution: Solution, groups: Iterable[Iterable[Name]]
) -> Iterator[float | None]:
    """kUSD, for each group of columns, that the least cost is higher where all of them are 0.

    Infinite where no plan does without; None where no proved answer was found in time, or the
    solution of the program comes without its basis.
    """
    if solution.basis is None:
        yield from (None for _ in groups)
        return
    place = {name: k for k, name in enumerate(program.columns)}
    least, live = solution.statistics.audit.bound, LiveSolver(program, SECONDS)
    limit = len(program.rows) // ITERATIONS_SHARE + 1000
    for names in groups:
        columns = [place[name] for name in names]
        low, high = program.low.copy(), program.high.copy()
        low[columns] = high[columns] = 0.0
        try:
            changed = replace(program, low=low, high=high)
            found = live.solve(changed, solution.basis, iteration_limit=limit)
            yield max(0.0, found.objective - least)
        except InfeasibleProgram:
            yield math.inf
        except (UnboundedProgram, SolverError, TimeLimitReached):
            yield None
