"""One row of the program, before any modelling library sees it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

Key = tuple[Any, ...]


@dataclass(slots=True)
class Row:
    """lower <= sum(coefficient x variable) <= upper."""

    key: Key
    lower: float = -math.inf
    upper: float = math.inf
    coefficients: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)

    def add(self, coefficient: float, variable: Any) -> None:
        """A term. A column that may have been left out is added with `add_if_there`."""
        if variable is None:
            raise ValueError(f"a term of row {self.key} without a column")
        if coefficient != 0:
            self.coefficients.append(float(coefficient))
            self.variables.append(variable)

    def add_if_there(self, coefficient: float, variable: Any | None) -> None:
        """A term of a column that the case may have no use for: nothing can pass there."""
        if variable is not None:
            self.add(coefficient, variable)
