"""`Program`: a linear program as arrays, with the names of its rows and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC
from pyomo.core.base.var import VarData
from pyomo.core.expr.numeric_expr import LinearExpression
from scipy.sparse import csr_matrix, vstack

from kido.lp.rows import FamilyRows
from kido.lp.variables import Name, Variables, check_variable
from kido.tolerances import HELD_KUSD, HELD_SHARE

__all__ = ["Name", "NamedNumbers", "Program", "hand_over", "in_order", "with_objective_bounded"]


@dataclass(frozen=True)
class Program:
    """The program min cost x + offset, with lower <= matrix x <= upper and low <= x <= high."""

    cost: NDArray[np.float64]
    offset: float
    matrix: csr_matrix
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rows: tuple[Name, ...]
    columns: tuple[Name, ...]

    def highs_lp(self) -> highspy.HighsLp:
        """The program as HiGHS takes it."""
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = self.matrix.shape
        lp.col_cost_, lp.offset_ = self.cost, self.offset
        lp.col_lower_, lp.col_upper_ = self.low, self.high
        lp.row_lower_, lp.row_upper_ = self.lower, self.upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = self.matrix.indptr
        lp.a_matrix_.index_ = self.matrix.indices
        lp.a_matrix_.value_ = self.matrix.data
        return lp


def program_of(
    families: Sequence[FamilyRows],
    cost: NDArray[np.float64],
    bounds: tuple[NDArray[np.float64], NDArray[np.float64]],
    variables: Variables,
) -> Program:
    """The program of the rows of families; `cost` and `bounds` are those of the columns."""
    low, high = bounds
    none = csr_matrix((0, variables.count))
    return Program(
        cost=cost,
        offset=0.0,
        matrix=vstack([none, *(rows.matrix for rows in families)], format="csr"),
        lower=np.concatenate([[], *(rows.lower for rows in families)]),
        upper=np.concatenate([[], *(rows.upper for rows in families)]),
        low=low,
        high=high,
        rows=tuple((rows.family, key) for rows in families for key in rows.keys),
        columns=variables.names,
    )


def hand_over(model: pyo.ConcreteModel, variables: Variables) -> Program:
    """The program of a Pyomo model as `build_model` makes it, with linear expressions only.

    The same arrays as `kido.solver.assemble.assemble` puts together without a model.
    """
    with PauseGC():
        ids = np.empty(variables.count, dtype=np.intp)
        low, high = np.empty(variables.count), np.empty(variables.count)
        for var in model.component_objects(pyo.Var):
            columns, places = list(var.values()), variables.of(var.local_name)
            ids[places] = list(map(id, columns))
            low[places], high[places] = _sides([column.bounds for column in columns])
        place_of = _Places(ids)
        families = [_rows(family, place_of) for family in model.component_objects(pyo.Constraint)]
        cost = _matrix([model.cost.expr], place_of).toarray()[0]
        return program_of(families, cost, (low, high), variables)


class _Places:
    """The places of the columns of a model, by their identities."""

    def __init__(self, ids: NDArray[np.intp]):
        self.order = np.argsort(ids)
        self.ids = ids[self.order]

    def __call__(self, columns: Sequence[VarData]) -> NDArray[np.intp]:
        wanted = np.fromiter(map(id, columns), dtype=np.intp, count=len(columns))
        return self.order[np.searchsorted(self.ids, wanted)]


def _rows(family: pyo.Constraint, place_of: _Places) -> FamilyRows:
    """The rows of a constraint of the model."""
    rows = [row.to_bounded_expression(evaluate_bounds=True) for row in family.values()]
    lower, upper = _sides([(lower, upper) for lower, _, upper in rows])
    keys = [key if isinstance(key, tuple) else (key,) for key in family]
    matrix = _matrix([body for _, body, _ in rows], place_of)
    return FamilyRows(family.local_name, keys, lower, upper, matrix, empty=[])


def _matrix(bodies: Sequence[LinearExpression], place_of: _Places) -> csr_matrix:
    """The coefficients of linear expressions, one in a row."""
    terms = [term.args for body in bodies for term in body.args]
    coefficients = np.array([coefficient for coefficient, _ in terms], dtype=float)
    starts = np.cumsum([0, *(len(body.args) for body in bodies)])
    places = place_of([column for _, column in terms])
    return csr_matrix((coefficients, places, starts), shape=(len(bodies), len(place_of.ids)))


def _sides(
    bounds: Sequence[tuple[float | None, float | None]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lower and the upper of pairs of bounds; None: no limit."""
    lower = np.array([-np.inf if low is None else low for low, _ in bounds], dtype=float)
    upper = np.array([np.inf if high is None else high for _, high in bounds], dtype=float)
    return lower, upper


class NamedNumbers(Mapping[str, Mapping[tuple[Any, ...], float]]):
    """Numbers in the order of `names`, by variable or family, then by key.

    They are sorted out by name when first asked for so: most are not.
    """

    def __init__(self, names: tuple[Name, ...], numbers: NDArray[np.float64]):
        if len(names) != len(numbers):
            raise ValueError(f"{len(numbers)} numbers for {len(names)} names")
        self.names, self.numbers = names, numbers

    @cached_property
    def _by_name(self) -> dict[str, dict[tuple[Any, ...], float]]:
        series: dict[str, dict[tuple[Any, ...], float]] = {}
        for (name, key), number in zip(self.names, self.numbers.tolist(), strict=True):
            series.setdefault(name, {})[key] = number
        return series

    def __getitem__(self, name: str) -> Mapping[tuple[Any, ...], float]:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def in_order(
    names: tuple[Name, ...], numbers: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> NDArray[np.float64]:
    """Numbers by name as an array in the order of a program's rows or columns."""
    if isinstance(numbers, NamedNumbers) and numbers.names == names:
        return numbers.numbers
    return np.array([numbers[name][key] for name, key in names])


def with_objective_bounded(
    program: Program, cost: Mapping[Name, float], objective: float
) -> Program:
    """The same program with another cost, and a row that bounds its old objective.

    Costs of columns that the program does not have are ignored. Raises UnknownVariable.
    """
    for variable in {variable for variable, _ in cost}:
        check_variable(variable)
    objective_row = csr_matrix(program.cost.reshape(1, -1))
    margin = HELD_SHARE * abs(objective) + HELD_KUSD
    return replace(
        program,
        cost=np.array([cost.get(name, 0.0) for name in program.columns]),
        offset=0.0,
        matrix=csr_matrix(vstack([program.matrix, objective_row])),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, objective - program.offset + margin),
        rows=(*program.rows, ("objective_held", (0,))),
    )
