"""The same program built with linopy, to measure it beside Pyomo.

The families do not know what a column is: here it is the label linopy gave it. Each family
becomes one array of coefficients and one of labels, as wide as its longest row.
"""

from __future__ import annotations

import gc
import math
import warnings
from collections.abc import Callable, Sequence

import highspy
import linopy
import numpy as np
import pandas as pd
import xarray as xr

from kido.data.case.case import Case
from kido.lp.cost import objective
from kido.lp.family import FAMILIES
from kido.lp.row import Row
from kido.lp.variables import Variables, bounds_of, keys_of


def build(case: Case) -> linopy.Model:
    gc.disable()  # as `build_model` does
    try:
        return _built(case)
    finally:
        gc.enable()


def _built(case: Case) -> linopy.Model:
    model = linopy.Model()
    variables = _variables(model, case)
    for name, family in FAMILIES.items():
        rows = [row for row in family(case, variables) if row.variables]
        one_sided = [row for row in rows if not _ranged(row)]
        ranged = [row for row in rows if _ranged(row)]
        _add(model, name, one_sided, _sign, _side)
        _add(model, f"{name}_least", ranged, lambda row: ">=", lambda row: row.lower)
        _add(model, f"{name}_most", ranged, lambda row: "<=", lambda row: row.upper)
    coefficients, labels = zip(*objective(case, variables), strict=True)
    cost = Row((0,), coefficients=list(coefficients), variables=list(labels))
    model.add_objective(_expression(model, "cost", [cost]).sum())
    return model


def hand_over(model: linopy.Model) -> highspy.Highs:
    solver = model.to_highspy(set_names=False)
    solver.setOptionValue("output_flag", False)
    return solver


def _variables(model: linopy.Model, case: Case) -> Variables:
    bounds, columns = bounds_of(case), {}
    for name, keys in keys_of(case).items():
        if keys:
            low, high = np.array([bounds[name](key) for key in keys]).T
            index = pd.RangeIndex(len(keys), name=f"{name}_key")
            held = model.add_variables(low, high, coords=[index], name=name)
            columns[name] = dict(zip(keys, held.labels.values.tolist(), strict=True))
    return Variables(columns)


def _expression(model: linopy.Model, name: str, rows: Sequence[Row]) -> linopy.LinearExpression:
    lengths = np.array([len(row.variables) for row in rows])
    filled = np.arange(lengths.max()) < lengths[:, None]
    labels = np.full(filled.shape, -1)
    labels[filled] = np.concatenate([row.variables for row in rows])
    coefficients = np.zeros(filled.shape)
    coefficients[filled] = np.concatenate([row.coefficients for row in rows])
    dims = (f"{name}_row", "_term")
    terms = xr.Dataset({"coeffs": (dims, coefficients), "vars": (dims, labels)})
    return linopy.LinearExpression(terms, model)


def _add(
    model: linopy.Model,
    name: str,
    rows: Sequence[Row],
    sign: Callable[[Row], str],
    side: Callable[[Row], float],
) -> None:
    if not rows:
        return
    left = _expression(model, name, rows)
    dims = [f"{name}_row"]
    signs = xr.DataArray([sign(row) for row in rows], dims=dims)
    right = xr.DataArray([side(row) for row in rows], dims=dims)
    model.add_constraints(left, signs, right, name=name)


def _ranged(row: Row) -> bool:
    return math.isfinite(row.lower) and math.isfinite(row.upper) and row.lower != row.upper


def _sign(row: Row) -> str:
    if row.lower == row.upper:
        return "="
    return ">=" if math.isfinite(row.lower) else "<="


def _side(row: Row) -> float:
    return row.lower if math.isfinite(row.lower) else row.upper


warnings.filterwarnings("ignore", module="linopy")
