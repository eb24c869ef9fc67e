"""Case -> Pyomo model: a loop over the variables and the families of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression

from kido.data.case.case import Array, Case
from kido.lp.cost import objective
from kido.lp.family import FAMILIES, Family, rows_of
from kido.lp.rows import FamilyRows
from kido.lp.variables import MEANINGS, Key, Variables, bounds_of, variables_of


def build_model(
    case: Case, families: Mapping[str, Family] = FAMILIES
) -> tuple[pyo.ConcreteModel, Variables]:
    """The Pyomo model of a case and its variables; `families` may name fewer, to test one alone.

    Raises EmptyRows where rows without a term ask for something.
    """
    with PauseGC():  # a million small objects that all stay: sweeping them doubles the time
        model, variables = pyo.ConcreteModel("kido"), variables_of(case)
        all_rows = list(rows_of(case, variables, families))  # first: their keys outlive the model
        columns = _columns(model, variables, *bounds_of(case, variables))
        for rows in all_rows:
            _constraint(model, rows, columns)
        cost = objective(case, variables)
        places = np.flatnonzero(cost)
        model.cost = pyo.Objective(expr=LinearExpression(_terms(cost[places], columns[places])))
        return model, variables


def clear_model(model: pyo.ConcreteModel) -> None:
    """Take a model apart: it is a circle of objects, which would stay in memory when unused."""
    model.cost.clear()  # a circle of its own
    model.clear()


def _columns(model: pyo.ConcreteModel, variables: Variables, low: Array, high: Array) -> Any:
    """The column of the model for every column of the variables, as an array of objects."""
    columns = np.empty(variables.count, dtype=object)
    for name in MEANINGS:
        places = variables.of(name)
        if len(places):
            index = {_index(variables.names[j][1]): None for j in places.tolist()}
            var = pyo.Var(pyo.SetOf(index), bounds=(0.0, None))
            setattr(model, name, var)
            columns[places] = list(var.values())
    for i in np.flatnonzero(low != 0):
        columns[i].lower = _or_none(float(low[i]))
    for i in np.flatnonzero(np.isfinite(high)):
        columns[i].upper = float(high[i])
    return columns


def _constraint(model: pyo.ConcreteModel, rows: FamilyRows, columns: Any) -> None:
    if not rows.keys:
        return
    matrix = rows.matrix
    terms = _terms(matrix.data, columns[matrix.indices])
    bodies = (LinearExpression(terms[i:j]) for i, j in pairwise(matrix.indptr.tolist()))
    relations = {
        _index(key): (body, lower) if lower == upper else (_or_none(lower), body, _or_none(upper))
        for key, body, lower, upper in zip(
            rows.keys, bodies, rows.lower.tolist(), rows.upper.tolist(), strict=True
        )
    }
    setattr(model, rows.family, pyo.Constraint(pyo.SetOf(relations), rule=relations))


def _index(key: Key) -> Any:
    """The index of a key in Pyomo, which knows a key of one part by that part."""
    return key[0] if len(key) == 1 else key


def _or_none(limit: float) -> float | None:
    return None if math.isinf(limit) else limit


def _terms(coefficients: Array, columns: Any) -> list[MonomialTermExpression]:
    pairs = zip(coefficients.tolist(), columns.tolist(), strict=True)
    return list(map(MonomialTermExpression, pairs))
