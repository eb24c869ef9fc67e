"""The same program built with linopy, to measure it beside Pyomo.

Each column is the label that linopy gave it. Each family becomes one array of coefficients and one
of labels, as wide as its longest row.
"""

from __future__ import annotations

import gc
import warnings

import highspy
import linopy
import numpy as np
import pandas as pd
import xarray as xr
from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.lp.cost import objective
from kido.lp.family import rows_of
from kido.lp.variables import MEANINGS, Variables, bounds_of, variables_of


def build(case: Case) -> linopy.Model:
    gc.disable()  # as `build_model` does
    try:
        return _built(case)
    finally:
        gc.enable()


def _built(case: Case) -> linopy.Model:
    model, variables = linopy.Model(), variables_of(case)
    labels = _labels(model, variables, *bounds_of(case, variables))
    for rows in rows_of(case, variables):
        lower, upper = rows.lower, rows.upper
        ranged = np.isfinite(lower) & np.isfinite(upper) & (lower != upper)
        sign = np.where(lower == upper, "=", np.where(np.isfinite(lower), ">=", "<="))
        side = np.where(np.isfinite(lower), lower, upper)
        for name, where, signs, sides in (
            (rows.family, ~ranged, sign, side),
            (f"{rows.family}_least", ranged, np.full(len(lower), ">="), lower),
            (f"{rows.family}_most", ranged, np.full(len(lower), "<="), upper),
        ):
            if where.any():
                left = _expression(model, name, rows.matrix[where], labels)
                dims = [f"{name}_row"]
                signs, sides = (xr.DataArray(x[where], dims=dims) for x in (signs, sides))
                model.add_constraints(left, signs, sides, name=name)
    cost = csr_matrix(objective(case, variables).reshape(1, -1))
    model.add_objective(_expression(model, "cost", cost, labels).sum())
    return model


def hand_over(model: linopy.Model) -> highspy.Highs:
    solver = model.to_highspy(set_names=False)
    solver.setOptionValue("output_flag", False)
    return solver


def _labels(
    model: linopy.Model, variables: Variables, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """The label that linopy gives each column."""
    labels = np.empty(variables.count, dtype=int)
    for name in MEANINGS:
        columns = variables.of(name)
        if len(columns):
            index = pd.RangeIndex(len(columns), name=f"{name}_key")
            held = model.add_variables(low[columns], high[columns], coords=[index], name=name)
            labels[columns] = held.labels.values
    return labels


def _expression(
    model: linopy.Model, name: str, matrix: csr_matrix, labels: np.ndarray
) -> linopy.LinearExpression:
    lengths = np.diff(matrix.indptr)
    filled = np.arange(lengths.max()) < lengths[:, None]
    places = np.full(filled.shape, -1)
    places[filled] = labels[matrix.indices]
    coefficients = np.zeros(filled.shape)
    coefficients[filled] = matrix.data
    dims = (f"{name}_row", "_term")
    terms = xr.Dataset({"coeffs": (dims, coefficients), "vars": (dims, places)})
    return linopy.LinearExpression(terms, model)


warnings.filterwarnings("ignore", module="linopy")
