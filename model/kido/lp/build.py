"""case -> Pyomo model: a loop over the variables and the families."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import LinearExpression

from kido.data.case.case import Case
from kido.data.months import Month
from kido.errors import Finding, InfeasiblePlan, Place
from kido.lp.cost import objective
from kido.lp.family import FAMILIES, Family
from kido.lp.row import Row
from kido.lp.variables import Variables, bounds_of, keys_of
from kido.messages import phrase


def build_model(
    case: Case, families: Mapping[str, Family] = FAMILIES
) -> tuple[pyo.ConcreteModel, Variables]:
    """The whole program. `families` may name fewer, to look at one alone.

    Raises InfeasiblePlan where a row asks for something that no variable can give.
    """
    with PauseGC():  # a million small objects that all stay: sweeping them doubles the time
        return _built(case, families)


def _built(case: Case, families: Mapping[str, Family]) -> tuple[pyo.ConcreteModel, Variables]:
    model = pyo.ConcreteModel("kido")
    variables = _variables(model, case)
    empty_rows: list[Finding] = []
    for name, family in families.items():
        rows = {}
        for row in family(case, variables):
            if row.variables:
                rows[row.key] = row
            elif row.lower > 1e-9 or row.upper < -1e-9:
                empty_rows.append(_empty_row(case, name, row))
        _constraint(model, name, rows)
    if empty_rows:
        words = phrase("cli.empty_rows").in_language(case.settings.language)
        raise InfeasiblePlan(words, empty_rows)
    terms = _merged(objective(case, variables))
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
    """Pyomo knows a key of one part by that part."""
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


def _merged(terms: Iterable[tuple[float, Any]]) -> list[tuple[float, Any]]:
    """Each column once."""
    total: dict[int, float] = {}
    column = {}
    for coefficient, variable in terms:
        total[id(variable)] = total.get(id(variable), 0.0) + coefficient
        column[id(variable)] = variable
    return [(coefficient, column[i]) for i, coefficient in total.items()]


def _empty_row(case: Case, family: str, row: Row) -> Finding:
    n = row.key[-1]
    month = Month(case.tree.moments[n].start)
    what = ", ".join(str(part) for part in row.key[:-1] if part != "")
    about = {"what": what, "month": month}
    if family == "balance":
        finding = Finding.of("empty-row.balance", Place(), amount=row.upper, **about)
    else:
        finding = Finding.of("empty-row", Place(), family=phrase(f"family.{family}"), **about)
    return finding.in_language(case.settings.language)
