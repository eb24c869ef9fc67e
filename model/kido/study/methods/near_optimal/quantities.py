"""The volumes of a plan as linear functions of the program's columns: what can be pushed about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kido.data.case.case import Array, Facility
from kido.data.case.lead_times import seen_by_sender
from kido.result.plan import SolvedPlan, once
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
    """`constant` + the sum of coefficient x column; columns by (variable, key)."""

    coefficients: Mapping[Name, float]
    constant: float = 0.0

    def of(self, values: Mapping[str, Mapping[Any, float]]) -> float:
        """What a plan makes of it."""
        none: Mapping[Any, float] = {}
        return self.constant + sum(
            rate * values.get(name, none).get(key, 0.0)
            for (name, key), rate in self.coefficients.items()
        )

    def on(self, columns: tuple[Name, ...]) -> Array:
        """Its coefficients in the order of a program's columns."""
        found = np.zeros(len(columns))
        for place, name in enumerate(columns):
            found[place] = self.coefficients.get(name, 0.0)
        return found

    @property
    def possible(self) -> bool:
        """Whether any plan could make anything of it."""
        return bool(self.coefficients) or self.constant != 0

    @staticmethod
    def sum_of(terms: Iterable[tuple[Name, float]], constant: float = 0.0) -> LinearExpression:
        found: dict[Name, float] = {}
        for name, rate in terms:
            found[name] = found.get(name, 0.0) + rate
        return LinearExpression(found, constant)


def functional_of(answer: SolvedPlan, item: str) -> LinearExpression:
    """A key of `Outcome.plan`, or `use|FACILITY`: t of its capacity used, months reported.

    `answer` is any answer to the book: only the book counts. What is under way at the start
    is the constant. Raises KeyError for an item the book does not have.
    """
    kind, _, name = item.partition("|")
    expected = expected_of(answer)
    if kind == COUNTRY:
        commodity, country = commodity_and_country(name)
        return _from_country(answer, commodity, country, expected)
    if kind == USE:
        return _use(answer, name, expected)
    variable = VARIABLES[kind]
    if name not in rows_of(answer)[kind]:
        raise KeyError(item)
    weights = expected
    if kind == STOCKPILES:
        weights = expected * answer.months / float(expected @ answer.months)
    elif kind in dict(ORDERS):
        weights = answer.probability
    return LinearExpression.sum_of(_terms(answer, variable, name, weights))


def expected_of(answer: SolvedPlan) -> Array:
    """What a t of each moment counts: its probability in the months reported, then 0."""
    found: Array = answer.probability * answer.reported
    return found


def rows_of(answer: SolvedPlan) -> Mapping[str, Mapping[str, Any]]:
    """The records of the case by sheet."""
    case = answer.case
    return {
        "Supply": case.supply,
        "Sales": case.sales,
        "Processes": case.processes,
        "Routes": case.routes,
        "Stockpiles": case.stocks,
        "Contracts": case.contracts,
        "Facilities": case.facilities,
    }


def users_of(answer: SolvedPlan, facility: str) -> list[tuple[str, str, float]]:
    """(variable, row, t of capacity a t takes) of what passes through a facility."""
    case = answer.case
    found = [
        ("run", process.name, amount)
        for process in case.processes.values()
        for used, amount in process.uses
        if used == facility and amount
    ]
    lanes = [route for route in case.routes.values() if facility in route.uses]
    return found + [("ship", route.name, 1.0) for route in lanes]


def whole_of(answer: SolvedPlan, item: str) -> float | None:
    """What an item is a share of, in its unit; None: without limit.

    Of countries and routes, the need of the commodity expected over the months reported; of
    the use of a facility, what is installed (where nothing is: what could be built); of the
    others, their own limit.
    """
    kind, _, name = item.partition("|")
    expected = expected_of(answer)
    if kind in (COUNTRY, "Routes"):
        goods = (
            answer.case.routes[name].commodity
            if kind == "Routes"
            else commodity_and_country(name)[0]
        )
        need = float(need_of(answer, goods) @ expected)
        if need > 0 or kind == COUNTRY:
            return need or None
    if kind == USE:
        facility = answer.case.facilities[name]
        most = float(facility.installed @ expected) or _buildable(facility, expected)
        return most if np.isfinite(most) else None
    return limit_of(answer.case, item)


def _buildable(facility: Facility, expected: Array) -> float:
    """t of capacity, were all of it ordered as early as it can be."""
    years = [max((y for _, y in parts), default=0.0) for parts in facility.ready]
    reached = float(np.array(years) @ expected)
    return facility.most_expansion * reached if reached > 0 else 0.0


def _from_country(
    answer: SolvedPlan, commodity: str, country: str, expected: Array
) -> LinearExpression:
    """What becomes available at home, as `arrivals_by_country` counts it."""
    case = answer.case
    terms: list[tuple[Name, float]] = []
    constant = 0.0
    for route in case.routes.values():
        if (route.commodity, route.country) == (commodity, country) and answer.imports(route.name):
            landing = seen_by_sender(route.arrivals, expected) * route.kept
            terms += _terms(answer, "ship", route.name, landing)
            constant += float(route.pipeline @ expected)
    for offer in case.supply.values():
        if offer.commodity == commodity and _home(answer, offer.site) == country:
            terms += _terms(answer, "buy", offer.name, expected)
    for process in case.processes.values():
        if commodity in process.made and _home(answer, process.site) == country:
            coming = seen_by_sender(process.arrivals, expected) * process.made[commodity]
            terms += _terms(answer, "run", process.name, coming)
            constant += float(process.pipeline.get(commodity, answer.nothing) @ expected)
    return LinearExpression.sum_of(terms, constant)


def _home(answer: SolvedPlan, site: str) -> str | None:
    """The country of a site at home; None abroad."""
    return answer.case.country[site] if answer.at_home(site) else None


def _use(answer: SolvedPlan, facility: str, expected: Array) -> LinearExpression:
    if facility not in answer.case.facilities:
        raise KeyError(f"{USE}|{facility}")
    return LinearExpression.sum_of(
        term
        for variable, row, amount in users_of(answer, facility)
        for term in _terms(answer, variable, row, amount * expected)
    )


def _terms(
    answer: SolvedPlan, variable: str, name: str, weights: Array
) -> Iterator[tuple[Name, float]]:
    columns = columns_of(answer)[variable]
    for n, weight in enumerate(weights.tolist()):
        if weight and (name, n) in columns:
            yield (variable, (name, n)), weight


@once
def columns_of(answer: SolvedPlan) -> Mapping[str, frozenset[tuple[object, ...]]]:
    """The keys of the columns there are: what nothing can reach has none."""
    return {v: frozenset(answer.case.columns.get(v, ())) for v in VARIABLES.values()}
