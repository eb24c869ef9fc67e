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
        if variable is not None and coefficient != 0:
            self.coefficients.append(float(coefficient))
            self.variables.append(variable)
