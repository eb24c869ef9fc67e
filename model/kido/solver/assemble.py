"""Case -> program without a Pyomo model: the same rows, put together.

Pyomo is the model of a plan; where many programs are solved, as in a sweep, building one for
each would take longer. A test keeps both ways equal, number by number.
"""

from __future__ import annotations

from dataclasses import replace

from pyomo.common.gc_manager import PauseGC

from kido.data.case.case import Case
from kido.errors import InfeasiblePlan
from kido.lp.cost import objective
from kido.lp.family import rows_of
from kido.lp.variables import (
    RISK,
    Variables,
    bounds_of,
    present_in,
    variables_named,
    variables_of,
)
from kido.solver.program import Program, program_of


def assemble(case: Case) -> Program:
    """The program of a case. Raises EmptyRows where rows without a term ask for something."""
    return _filled(case, variables_of(case))


class Frame:
    """The rows and columns of a program, to be filled with the numbers of other cases."""

    def __init__(self, program: Program):
        self.program = program
        nodes = 1 + max((key[-1] for _, key in program.columns), default=-1)
        self.variables = variables_named(program.columns, nodes)

    def filled(self, case: Case) -> Program | None:
        """The program of `case`, or None where it has other rows, or columns not in the frame.

        Columns that the case does not need stay, without a term in any row.
        """
        present, columns = present_in(case), self.variables
        if len(case.tree.nodes) != columns.nodes:
            return None
        if any((mask & (columns[name][key] < 0)).any()
               for name, masks in present.items() for key, mask in masks.items()):  # fmt: skip
            return None
        if any((name in present) != bool(columns[name]) for name in RISK):
            return None
        try:
            program = _filled(case, columns)
        except (InfeasiblePlan, KeyError):  # KeyError: a column of a row the case does not have
            return None
        if program.rows != self.program.rows:
            return None
        return replace(program, rows=self.program.rows)  # one copy of the names


def _filled(case: Case, variables: Variables) -> Program:
    """The program of a case on these columns."""
    with PauseGC():  # a million names that all stay
        families = list(rows_of(case, variables))
        bounds = bounds_of(case, variables)
        return program_of(families, objective(case, variables), bounds, variables)
