"""Volumes of a plan as linear expressions of the program's columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kido.data.case.case import Array, Facility
from kido.data.case.lead_times import value_at_sending
from kido.result.plan import SolvedPlan
from kido.result.sourcing import need_of
from kido.solver.program import Name
from kido.study.resolve.measures import (
    COUNTRY,
    FLOWS,
    ORDERS,
    STOCKPILES,
    commodity_and_country,
    limit_of,
)

USE = "use"
VARIABLES = dict((*FLOWS, (STOCKPILES, "stock"), *ORDERS))


@dataclass(frozen=True)
class LinearExpression:
    """A linear expression: `constant` + sum of coefficient x column; columns by (variable, key)."""

    coefficients: Mapping[Name, float]
    constant: float = 0.0

    def of(self, values: Mapping[str, Mapping[Any, float]]) -> float:
        """The value of the expression in a plan (values by variable and key)."""
        empty: Mapping[Any, float] = {}
        return self.constant + sum(
            rate * values.get(name, empty).get(key, 0.0)
            for (name, key), rate in self.coefficients.items()
        )

    def on(self, columns: tuple[Name, ...]) -> Array:
        """The vector of coefficients in the order of a program's columns."""
        result = np.zeros(len(columns))
        for place, name in enumerate(columns):
            result[place] = self.coefficients.get(name, 0.0)
        return result

    @property
    def possible(self) -> bool:
        """Whether the expression can be other than 0."""
        return bool(self.coefficients) or self.constant != 0

    @staticmethod
    def sum_of(terms: Iterable[tuple[Name, float]], constant: float = 0.0) -> LinearExpression:
        """The expression with the sum of these (column, coefficient) terms."""
        result: dict[Name, float] = {}
        for name, rate in terms:
            result[name] = result.get(name, 0.0) + rate
        return LinearExpression(result, constant)


def expression_of(plan: SolvedPlan, item: str) -> LinearExpression:
    """The volume of a key of `Outcome.plan`, or of `use|FACILITY`: t of its capacity used.

    Units as in `Outcome.plan`. `plan` is any plan of the book: only its case counts. The tonnes
    under way at the start are the constant. Raises KeyError for an item that the book lacks.
    """
    kind, _, name = item.partition("|")
    expected = expected_of(plan)
    if kind == COUNTRY:
        commodity, country = commodity_and_country(name)
        return _from_country(plan, commodity, country, expected)
    if kind == USE:
        return _use(plan, name, expected)
    variable = VARIABLES[kind]
    if name not in rows_of(plan)[kind]:
        raise KeyError(item)
    weights = expected
    if kind == STOCKPILES:
        weights = expected * plan.months / float(expected @ plan.months)
    elif kind in dict(ORDERS):
        weights = plan.probability
    return LinearExpression.sum_of(_terms(plan, variable, name, weights))


def expected_of(plan: SolvedPlan) -> Array:
    """The weight of a tonne by node: its probability in the months reported, then 0."""
    result: Array = plan.probability * plan.reported
    return result


def rows_of(plan: SolvedPlan) -> Mapping[str, Mapping[str, Any]]:
    """The records of the case by sheet."""
    case = plan.case
    return {
        "Supply": case.supply,
        "Sales": case.sales,
        "Processes": case.processes,
        "Routes": case.routes,
        "Stockpiles": case.stocks,
        "Contracts": case.contracts,
        "Facilities": case.facilities,
    }


def users_of(plan: SolvedPlan, facility: str) -> list[tuple[str, str, float]]:
    """Triples (variable, row, t of capacity per t) of the processes and routes of a facility."""
    case = plan.case
    result = [
        ("run", process.name, amount)
        for process in case.processes.values()
        for used, amount in process.uses
        if used == facility and amount
    ]
    lanes = [route for route in case.routes.values() if facility in route.uses]
    return result + [("ship", route.name, 1.0) for route in lanes]


def whole_of(plan: SolvedPlan, item: str) -> float | None:
    """The whole of which an item is a share, in its unit; None: without limit.

    Of countries and routes, the need of the commodity expected over the months reported; of
    the use of a facility, what is installed (where nothing is: what could be built); of the
    others, their own limit.
    """
    kind, _, name = item.partition("|")
    expected = expected_of(plan)
    if kind in (COUNTRY, "Routes"):
        goods = (
            plan.case.routes[name].commodity if kind == "Routes" else commodity_and_country(name)[0]
        )
        need = float(need_of(plan, goods) @ expected)
        if need > 0 or kind == COUNTRY:
            return need or None
    if kind == USE:
        facility = plan.case.facilities[name]
        most = float(facility.installed @ expected) or _buildable(facility, expected)
        return most if np.isfinite(most) else None
    return limit_of(plan.case, item)


def _buildable(facility: Facility, expected: Array) -> float:
    """t of capacity over the months reported if all expansion is ordered as early as possible."""
    years = [max((y for _, y in parts), default=0.0) for parts in facility.ready]
    reached = float(np.array(years) @ expected)
    return facility.most_expansion * reached if reached > 0 else 0.0


def _from_country(
    plan: SolvedPlan, commodity: str, country: str, expected: Array
) -> LinearExpression:
    """Tonnes that become available at home from a country, as in `arrivals_by_country`."""
    case = plan.case
    terms: list[tuple[Name, float]] = []
    constant = 0.0
    for route in case.routes.values():
        if (route.commodity, route.country) == (commodity, country) and plan.imports(route.name):
            landing = value_at_sending(route.arrivals, expected) * route.efficiency
            terms += _terms(plan, "ship", route.name, landing)
            constant += float(route.pipeline @ expected)
    for offer in case.supply.values():
        if offer.commodity == commodity and _home(plan, offer.site) == country:
            terms += _terms(plan, "buy", offer.name, expected)
    for process in case.processes.values():
        if commodity in process.outputs and _home(plan, process.site) == country:
            coming = value_at_sending(process.arrivals, expected) * process.outputs[commodity]
            terms += _terms(plan, "run", process.name, coming)
            constant += float(process.pipeline.get(commodity, plan.zeros) @ expected)
    return LinearExpression.sum_of(terms, constant)


def _home(plan: SolvedPlan, site: str) -> str | None:
    """The country of a site at home; None for a site abroad."""
    return plan.case.country[site] if plan.at_home(site) else None


def _use(plan: SolvedPlan, facility: str, expected: Array) -> LinearExpression:
    if facility not in plan.case.facilities:
        raise KeyError(f"{USE}|{facility}")
    return LinearExpression.sum_of(
        term
        for variable, row, amount in users_of(plan, facility)
        for term in _terms(plan, variable, row, amount * expected)
    )


def _terms(
    plan: SolvedPlan, variable: str, name: str, weights: Array
) -> Iterator[tuple[Name, float]]:
    present = plan.case.columns[variable].get((name,), False)  # what is unreachable has no column
    for n in np.flatnonzero(present & (weights != 0)).tolist():
        yield (variable, (name, n)), float(weights[n])
