"""What the least cost is without some orders: their columns at 0, solved again from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kido.solver.held_columns import HeldColumns
from kido.solver.program import Name, Program
from kido.solver.solution import Solution

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
