"""`Row`: one constraint of the program, independent of any modelling library."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

Key = tuple[Any, ...]


@dataclass(slots=True)
class Row:
    """A constraint: lower <= sum(coefficient x variable) <= upper. A column may come twice."""

    key: Key
    lower: float = -math.inf
    upper: float = math.inf
    coefficients: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)

    def add(self, coefficient: float, variable: Any) -> None:
        """Add a term; one of coefficient 0 is left out.

        Raises ValueError where there is no column: see `add_if_there`.
        """
        if variable is None:
            raise ValueError(f"a term of row {self.key} without a column")
        if coefficient != 0:
            self.coefficients.append(float(coefficient))
            self.variables.append(variable)

    def add_if_there(self, coefficient: float, variable: Any | None) -> None:
        """Add a term whose column may not exist in this case: no column, no term."""
        if variable is not None:
            self.add(coefficient, variable)

    def merged(self) -> Row:
        """The same row with each column once, coefficients added up; those that cancel go."""
        total: dict[int, float] = {}
        columns: dict[int, Any] = {}
        for coefficient, variable in zip(self.coefficients, self.variables, strict=True):
            total[id(variable)] = total.get(id(variable), 0.0) + coefficient
            columns[id(variable)] = variable
        merged = Row(self.key, self.lower, self.upper)
        for identity, coefficient in total.items():
            merged.add(coefficient, columns[identity])
        return merged
