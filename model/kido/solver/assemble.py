"""The numbers of an edited case on the rows and columns of a program already made."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.lp.cost import objective
from kido.lp.family import FAMILIES
from kido.lp.row import Row
from kido.lp.variables import Variables, bounds_of, keys_of
from kido.solver.program import Name, Program

Key = tuple[Any, ...]


class Frame:
    """A program's rows and columns, to be filled with the numbers of other cases.

    The families are the same as the builder's, asked for places instead of variables: a
    third of the time of building, and nothing is written twice.
    """

    def __init__(self, program: Program):
        self.program = program
        self.places: dict[str, dict[Key, int]] = {}
        for place, (name, key) in enumerate(program.columns):
            self.places.setdefault(name, {})[key] = place

    def filled(self, case: Case) -> Program | None:
        """The program of `case`; None where it has other rows, or columns that are not here.

        Columns the case has no use for stay, with nothing that could feed them.
        """
        own = keys_of(case)
        if any(not keys <= self.places.get(name, {}).keys() for name, keys in _sets(own)):
            return None
        risk = {"cost_to_date", "tail", "excess"}
        if any((name in own) != (name in self.places) for name in risk):
            return None
        columns = {n: tuple(keys) for n, keys in self.places.items() if n not in risk}
        case = replace(case, columns=columns)
        try:
            with PauseGC():
                return self._filled(case)
        except KeyError:  # a column of a row the case does not have
            return None

    def _filled(self, case: Case) -> Program | None:
        variables = Variables(self.places)
        rows = _Rows()
        for name, family in FAMILIES.items():
            for row in sorted(family(case, variables), key=lambda row: row.key):
                if row.variables:
                    rows.add(name, row)
                elif row.lower > 1e-9 or row.upper < -1e-9:
                    return None  # the builder says what cannot be had
        if tuple(rows.names) != self.program.rows:
            return None
        cost = np.zeros(len(self.program.columns))
        for coefficient, place in objective(case, variables):
            cost[place] += coefficient
        low, high = self._bounds(case)
        return replace(
            self.program,
            cost=cost,
            matrix=rows.matrix(len(cost)),
            lower=np.array(rows.lower),
            upper=np.array(rows.upper),
            low=low,
            high=high,
        )

    def _bounds(self, case: Case) -> tuple[Any, Any]:
        low, high = np.zeros(len(self.program.columns)), np.zeros(len(self.program.columns))
        limits = bounds_of(case)
        for name, keys in self.places.items():
            limit = limits[name]
            for key, place in keys.items():
                low[place], high[place] = limit(key)
        return low, high


class _Rows:
    """Rows as they come, gathered for a sparse matrix."""

    def __init__(self) -> None:
        self.names: list[Name] = []
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.starts, self.places, self.coefficients = [0], array("q"), array("d")

    def add(self, family: str, row: Row) -> None:
        self.names.append((family, row.key))
        self.lower.append(row.lower)
        self.upper.append(row.upper)
        self.places.extend(row.variables)
        self.coefficients.extend(row.coefficients)
        self.starts.append(len(self.places))

    def matrix(self, columns: int) -> csr_matrix:
        parts = (np.array(self.coefficients), np.array(self.places), self.starts)
        matrix = csr_matrix(parts, shape=(len(self.names), columns))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix


def _sets(keys: Mapping[str, tuple[Key, ...]]) -> list[tuple[str, set[Key]]]:
    return [(name, set(found)) for name, found in keys.items() if found]
