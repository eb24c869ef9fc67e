"""Pyomo model -> the arrays a solver takes, with the way back from rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
import pyomo.environ as pyo
from numpy.typing import NDArray
from pyomo.common.gc_manager import PauseGC
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy.sparse import csr_matrix, vstack

from kido.lp.variables import Variables

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
    """Compile the model once; a two-sided row stays one row."""
    with PauseGC():
        return _compiled(model, variables)


def _compiled(model: pyo.ConcreteModel, variables: Variables) -> Program:
    form = LinearStandardFormCompiler().write(model, mixed_form=True, set_sense=None)
    matrix = form.A.tocsr()
    family_of: dict[int, Name] = {}
    for component in model.component_objects(pyo.Constraint):
        family = component.local_name
        for key, data in component.items():
            family_of[id(data)] = family, key if isinstance(key, tuple) else (key,)
    keep: list[int] = []
    names: list[Name] = []
    lower: list[float] = []
    upper: list[float] = []
    for i, (entry, side) in enumerate(zip(form.rows, form.rhs, strict=True)):
        name = family_of[id(entry.constraint)]
        if names and names[-1] == name:  # the other side of a two-sided row
            lower[-1] = max(lower[-1], side if entry.bound_type <= 0 else -np.inf)
            upper[-1] = min(upper[-1], side if entry.bound_type >= 0 else np.inf)
            continue
        keep.append(i)
        names.append(name)
        lower.append(side if entry.bound_type <= 0 else -np.inf)
        upper.append(side if entry.bound_type >= 0 else np.inf)
    column_of = {
        id(column): (name, key)
        for name, columns in variables.columns.items()
        for key, column in columns.items()
    }
    bounds = [column.bounds for column in form.columns]
    return Program(
        cost=np.asarray(form.c.todense(), dtype=float).ravel(),
        offset=float(np.asarray(form.c_offset).ravel()[0]),
        matrix=matrix if len(keep) == matrix.shape[0] else matrix[keep],
        lower=np.array(lower, dtype=float),
        upper=np.array(upper, dtype=float),
        low=np.array([-np.inf if b[0] is None else b[0] for b in bounds]),
        high=np.array([np.inf if b[1] is None else b[1] for b in bounds]),
        rows=tuple(names),
        columns=tuple(column_of[id(column)] for column in form.columns),
    )


def holding_objective(program: Program, cost: Mapping[Name, float], objective: float) -> Program:
    """The same program with another cost, its old objective held at what it reached."""
    kept = csr_matrix(program.cost.reshape(1, -1))
    room = 1e-9 * abs(objective) + 1e-6
    return replace(
        program,
        cost=np.array([cost.get(name, 0.0) for name in program.columns]),
        offset=0.0,
        matrix=csr_matrix(vstack([program.matrix, kept])),
        lower=np.append(program.lower, -np.inf),
        upper=np.append(program.upper, objective - program.offset + room),
        rows=(*program.rows, ("objective_held", (0,))),
    )
