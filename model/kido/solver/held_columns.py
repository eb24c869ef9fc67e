"""`HeldColumns`: what the least cost is where columns of a program are held at given amounts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kido.data.case.case import Case
from kido.errors import SolverError, TimeLimitReached
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.program import Program
from kido.solver.solution import Solution
from kido.solver.warm_start import LiveSolver


@dataclass
class HeldColumns:
    """Solves a program again, warm from the basis of its solution, with some columns held.

    A solve that takes more than `iteration_limit` iterations is begun anew, from the branches
    where the program is that of a `case`.
    """

    program: Program
    solution: Solution
    iteration_limit: int
    time_limit: float | None = None  # seconds of one solve
    case: Case | None = None

    def __post_init__(self) -> None:
        self.live = LiveSolver(self.program, self.time_limit)

    def cost(self, amounts: Mapping[int, float]) -> float | None:
        """kUSD that the least cost is higher with the columns `amounts` at these values.

        Infinite where there is no such plan; None where no proved answer was found.
        """
        low, high = self.program.low.copy(), self.program.high.copy()
        columns = np.fromiter(amounts, dtype=np.intp)
        low[columns] = high[columns] = list(amounts.values())
        held = replace(self.program, low=low, high=high)
        try:
            found = self.live.solve(
                held, self.solution.basis, iteration_limit=self.iteration_limit, case=self.case
            )
        except InfeasibleProgram:
            return math.inf
        except (UnboundedProgram, SolverError, TimeLimitReached):
            return None
        return max(0.0, found.objective - self.solution.statistics.audit.bound)
