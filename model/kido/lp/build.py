"""Case -> Pyomo model: a loop over the variables and the families of rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression

from kido.data.case.case import Case
from kido.lp.cost import objective
from kido.lp.family import FAMILIES, Family, rows_of
from kido.lp.row import Row
from kido.lp.variables import Variables, bounds_of, keys_of


def build_model(
    case: Case, families: Mapping[str, Family] = FAMILIES
) -> tuple[pyo.ConcreteModel, Variables]:
    """The Pyomo model of a case and its variables; `families` may name fewer, to test one alone.

    Raises EmptyRows where rows without a term ask for something.
    """
    with PauseGC():  # a million small objects that all stay: sweeping them doubles the time
        return _build(case, families)


def _build(case: Case, families: Mapping[str, Family]) -> tuple[pyo.ConcreteModel, Variables]:
    model = pyo.ConcreteModel("kido")
    variables = _variables(model, case)
    for name, rows in rows_of(case, variables, families):
        _constraint(model, name, {row.key: row for row in rows})
    terms = objective(case, variables)
    model.cost = pyo.Objective(expr=_linear((c for c, _ in terms), (x for _, x in terms)))
    return model, variables


def _variables(model: pyo.ConcreteModel, case: Case) -> Variables:
    bounds = bounds_of(case)
    columns: dict[str, Mapping[tuple[Any, ...], Any]] = {}
    for name, keys in keys_of(case).items():
        if not keys:
            continue
        limits = {_index(key): tuple(map(_or_none, bounds[name](key))) for key in keys}
        setattr(model, name, pyo.Var(list(limits), bounds=limits))
        columns[name] = dict(zip(keys, getattr(model, name).values(), strict=True))
    return Variables(columns)


def _index(key: tuple[Any, ...]) -> Any:
    """The index of a key in Pyomo, which knows a key of one part by that part."""
    return key[0] if len(key) == 1 else key


def _or_none(limit: float) -> float | None:
    return None if math.isinf(limit) else limit


def _constraint(model: pyo.ConcreteModel, name: str, rows: Mapping[tuple[Any, ...], Row]) -> None:
    if not rows:
        return

    def rule(model: pyo.ConcreteModel, *key: Any) -> tuple[Any, ...]:
        row = rows[key]
        body = _linear(row.coefficients, row.variables)
        if row.lower == row.upper:
            return body, row.lower
        return _or_none(row.lower), body, _or_none(row.upper)

    setattr(model, name, pyo.Constraint([_index(key) for key in rows], rule=rule))


def _linear(coefficients: Iterable[float], variables: Iterable[Any]) -> LinearExpression:
    return LinearExpression(
        constant=0, linear_coefs=list(coefficients), linear_vars=list(variables)
    )
