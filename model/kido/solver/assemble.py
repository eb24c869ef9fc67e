"""Case -> program without a Pyomo model: the same rows, filled into arrays.

Pyomo is the model of a plan; where many programs are solved, as in a sweep, building one for
each would take three times as long. A test keeps both ways equal, number by number.
"""

from __future__ import annotations

from dataclasses import replace

from pyomo.common.gc_manager import PauseGC

from kido.data.case.case import Case
from kido.errors import InfeasiblePlan
from kido.lp.cost import objective
from kido.lp.family import rows_of
from kido.lp.variables import RISK, Key, Name, Variables, bounds_of, in_program_order, keys_of
from kido.solver.program import Program, program_from


def assemble(case: Case) -> Program:
    """The program of a case. Raises EmptyRows where rows without a term ask for something."""
    return _filled(case, in_program_order(keys_of(case)))


class Frame:
    """The rows and columns of a program, to be filled with the numbers of other cases."""

    def __init__(self, program: Program):
        self.program = program
        self.keys: dict[str, list[Key]] = {}
        for name, key in program.columns:
            self.keys.setdefault(name, []).append(key)
        self.key_sets = {name: set(keys) for name, keys in self.keys.items()}

    def filled(self, case: Case) -> Program | None:
        """The program of `case`, or None where it has other rows, or columns not in the frame.

        Columns that the case does not need stay, without a term in any row.
        """
        case_keys = keys_of(case)
        if any(not set(keys) <= self.key_sets.get(name, set()) for name, keys in case_keys.items()):
            return None
        if any((name in case_keys) != (name in self.keys) for name in RISK):
            return None
        columns = {name: tuple(keys) for name, keys in self.keys.items() if name not in RISK}
        try:
            program = _filled(replace(case, columns=columns), self.program.columns)
        except (InfeasiblePlan, KeyError):  # KeyError: a column of a row the case does not have
            return None
        if program.rows != self.program.rows:
            return None
        return replace(program, rows=self.program.rows)  # one copy of the names


def _filled(case: Case, columns: tuple[Name, ...]) -> Program:
    """The program of a case on these columns."""
    with PauseGC():
        places: dict[str, dict[Key, int]] = {}
        for place, (name, key) in enumerate(columns):
            places.setdefault(name, {})[key] = place
        variables, limits = Variables(places), bounds_of(case)
        return program_from(
            columns,
            objective(case, variables),
            (limits[name](key) for name, key in columns),
            rows_of(case, variables),
        )
