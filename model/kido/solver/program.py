"""`Program`: a linear program as arrays, with the names of its rows and columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC
from scipy.sparse import csr_matrix, vstack

from kido.lp.row import Row
from kido.lp.variables import Name, Variables, check_variable, in_program_order
from kido.tolerances import HELD_KUSD, HELD_SHARE

__all__ = ["Name", "Program", "hand_over", "in_order", "with_objective_bounded"]


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


def program_from(
    columns: tuple[Name, ...],
    objective: Iterable[tuple[float, int]],
    bounds: Iterable[tuple[float, float]],
    families: Iterable[tuple[str, Sequence[Row]]],
) -> Program:
    """The program of rows whose variables are positions among `columns`.

    Rows come by family, then in the order of their keys; coefficients of a column that comes
    twice in a row, or in the objective, are added up. `bounds` are those of the columns.
    """
    names: list[Name] = []
    lower, upper = array("d"), array("d")
    starts, places, coefficients = [0], array("l"), array("d")
    for family, rows in families:
        for row in sorted(rows, key=attrgetter("key")):
            names.append((family, row.key))
            lower.append(row.lower)
            upper.append(row.upper)
            places.extend(row.variables)
            coefficients.extend(row.coefficients)
            starts.append(len(places))
    matrix = csr_matrix((coefficients, places, starts), shape=(len(names), len(columns)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    cost = np.zeros(len(columns))
    for coefficient, place in objective:
        cost[place] += coefficient
    low, high = np.array(list(bounds), dtype=float).reshape(-1, 2).T.copy()
    return Program(
        cost=cost,
        offset=0.0,
        matrix=matrix,
        lower=np.array(lower),
        upper=np.array(upper),
        low=low,
        high=high,
        rows=tuple(names),
        columns=columns,
    )


def hand_over(model: pyo.ConcreteModel, variables: Variables) -> Program:
    """The program of a Pyomo model as `build_model` makes it, with linear expressions only.

    The same arrays as `kido.solver.assemble.assemble` fills without a model.
    """
    with PauseGC():
        names = in_program_order(variables.columns)
        columns = [variables.columns[name][key] for name, key in names]
        place = {id(column): j for j, column in enumerate(columns)}
        terms = model.cost.expr
        return program_from(
            names,
            zip(terms.linear_coefs, (place[id(x)] for x in terms.linear_vars), strict=True),
            ((_or_infinite(low, -np.inf), _or_infinite(high, np.inf))
             for low, high in (column.bounds for column in columns)),
            ((family.local_name, _rows(family, place))
             for family in model.component_objects(pyo.Constraint)),
        )  # fmt: skip


def _rows(family: pyo.Constraint, place: Mapping[int, int]) -> list[Row]:
    """The rows of a constraint of the model, with positions for its variables."""
    rows = []
    for key, row in family.items():
        lower, body, upper = row.to_bounded_expression(evaluate_bounds=True)
        rows.append(
            Row(
                key if isinstance(key, tuple) else (key,),
                _or_infinite(lower, -np.inf),
                _or_infinite(upper, np.inf),
                body.linear_coefs,
                [place[id(x)] for x in body.linear_vars],
            )
        )
    return rows


def _or_infinite(limit: float | None, infinity: float) -> float:
    return infinity if limit is None else limit


def in_order(
    names: tuple[Name, ...], numbers: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> NDArray[np.float64]:
    """Numbers by name as an array in the order of a program's rows or columns."""
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
