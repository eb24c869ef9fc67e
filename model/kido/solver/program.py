"""Pyomo model -> the arrays a solver takes, with the way back from rows and columns."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC
from scipy.sparse import csr_matrix, vstack

from kido.lp.variables import MEANINGS, Variables, known

ORDER = {name: place for place, name in enumerate(MEANINGS)}
HELD_SHARE, HELD_KUSD = 1e-9, 5e-7  # how far an objective that is held may be passed

Name = tuple[str, tuple[Any, ...]]  # (variable or family, key)


@dataclass(frozen=True)
class Program:
    """min cost x + offset, with lower <= matrix x <= upper and low <= x <= high."""

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


def hand_over(model: pyo.ConcreteModel, variables: Variables) -> Program:
    """Read the model once, as `build_model` made it: bodies of a constant and monomials.

    Columns stand in the order of their moments, then of the variables; they and rows of a family
    in that of their names: the order of a book's rows decides nothing.
    """
    with PauseGC():
        return _read(model, variables)


def _read(model: pyo.ConcreteModel, variables: Variables) -> Program:
    aim = model.cost.expr
    columns = [
        ((name, key), column)
        for name, held in variables.columns.items()
        for key, column in held.items()
    ]
    columns.sort(key=lambda named: (named[0][1][-1], ORDER[named[0][0]], named[0][1]))
    place = {id(column): j for j, (_, column) in enumerate(columns)}
    cost = np.zeros(len(columns))
    cost[[place[id(column)] for column in aim.linear_vars]] = aim.linear_coefs
    rows: list[Name] = []
    sides: list[tuple[float, float]] = []
    starts, places, coefficients = [0], array("l"), array("d")
    for family in model.component_objects(pyo.Constraint):
        name = family.local_name
        for key, row in sorted(family.items()):
            lower, body, upper = row.to_bounded_expression(evaluate_bounds=True)
            rows.append((name, key if isinstance(key, tuple) else (key,)))
            sides.append((_or_infinite(lower, -np.inf), _or_infinite(upper, np.inf)))
            coefficients.extend(body.linear_coefs)
            places.extend(place[id(column)] for column in body.linear_vars)
            starts.append(len(places))
    matrix = csr_matrix((coefficients, places, starts), shape=(len(rows), len(columns)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    bounds = [column.bounds for _, column in columns]
    return Program(
        cost=cost,
        offset=float(aim.constant),
        matrix=matrix,
        lower=np.array([lower for lower, _ in sides]),
        upper=np.array([upper for _, upper in sides]),
        low=np.array([_or_infinite(low, -np.inf) for low, _ in bounds]),
        high=np.array([_or_infinite(high, np.inf) for _, high in bounds]),
        rows=tuple(rows),
        columns=tuple(name for name, _ in columns),
    )


def _or_infinite(limit: float | None, infinity: float) -> float:
    return infinity if limit is None else limit


def in_order(
    names: tuple[Name, ...], held: Mapping[str, Mapping[tuple[Any, ...], float]]
) -> NDArray[np.float64]:
    """Numbers by name in the order of a program's rows or columns."""
    return np.array([held[name][key] for name, key in names])


def with_objective_bounded(
    program: Program, cost: Mapping[Name, float], objective: float
) -> Program:
    """The same program with another cost, its old objective held at what it reached.

    A cost of a column that the program does not have counts for nothing.
    """
    for variable in {variable for variable, _ in cost}:
        known(variable)
    kept = csr_matrix(program.cost.reshape(1, -1))
    room = HELD_SHARE * abs(objective) + HELD_KUSD
    return replace(
        program,
        cost=np.array([cost.get(name, 0.0) for name in program.columns]),
        offset=0.0,
        matrix=csr_matrix(vstack([program.matrix, kept])),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, objective - program.offset + room),
        rows=(*program.rows, ("objective_held", (0,))),
    )
