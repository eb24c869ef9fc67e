"""The numbers of a solved plan that an `Outcome` keeps: costs, shortfalls, volumes of rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case.case import VARIABLE_OF, Case
from kido.result.plan import SolvedPlan
from kido.result.shortfalls import first_unmet
from kido.result.sourcing import arrivals_by_country, relief_of
from kido.study.point import Outcome
from kido.tolerances import PLAN_T

FLOWS = tuple((sheet, VARIABLE_OF[sheet]) for sheet in ("Supply", "Sales", "Processes", "Routes"))
ORDERS = tuple((sheet, VARIABLE_OF[sheet]) for sheet in ("Contracts", "Facilities"))
SEPARATOR = "\x1f"  # stands for | in names: no cell can hold it
COUNTRY = "country"
FREE_COST = "free_cost"
STOCKPILES, THROUGHPUT = "Stockpiles", "moved."


def country_item(commodity: str, country: str) -> str:
    """The key in `Outcome.plan` of the tonnes that become available at home from a country."""
    return f"{COUNTRY}|{commodity.replace('|', SEPARATOR)}|{country}"


def commodity_and_country(name: str) -> tuple[str, str]:
    """(commodity, country) of a key of `country_item` without its leading `country|`."""
    commodity, _, country = name.partition("|")
    return commodity.replace(SEPARATOR, "|"), country


def volume_of(outcome: Outcome, row: str) -> float:
    """Volume of a row in a plan, in the unit of `Outcome.plan`; of a stockpile its mean stock."""
    return outcome.plan.get(row, 0.0)


def used_of(outcome: Outcome, row: str) -> float:
    """Volume of a row in a plan; of a stockpile the tonnes put in and drawn, not its mean stock."""
    sheet, _, name = row.partition("|")
    return (
        outcome.measures.get(THROUGHPUT + name, 0.0)
        if sheet == STOCKPILES
        else volume_of(outcome, row)
    )


def measures(plan: SolvedPlan) -> dict[str, float]:
    """The measures of a plan; keys and units as in `Outcome.measures`."""
    weight = plan.probability * plan.discount
    expected = plan.probability * plan.reported
    values = {"expected_cost": plan.expected_cost, "cvar": plan.cvar}
    for category, costs in plan.kusd_by_category.items():
        if costs.any():
            values[f"cost.{category}"] = float(costs @ weight)
    first = math.inf
    for commodity in plan.elements:
        relief = relief_of(plan, commodity)
        values[f"lost.{commodity}"] = float(relief["lost"] @ expected)
        not_served = sum((t for kind, t in relief.items() if kind != "comes back"), plan.zeros)
        values[f"relieved.{commodity}"] = float(not_served @ expected)
        unmet = first_unmet(plan, commodity, plan.reference_path)
        first = min(first, math.inf if unmet is None else unmet)
    for name in plan.case.stocks:
        throughput = float(np.abs(plan.of("stock", name) - plan.before(name)) @ expected)
        if throughput > PLAN_T:
            values[THROUGHPUT + name] = throughput
    if math.isfinite(first):
        values["first_unmet"] = float(first)
    return values


def plan_of(plan: SolvedPlan) -> dict[str, float]:
    """The volumes of the rows of a plan; keys and units as in `Outcome.plan`."""
    expected = plan.probability * plan.reported
    values: dict[str, float] = {}
    for sheet, variable in FLOWS:
        for (name,), series in plan.values[variable].items():
            values[f"{sheet}|{name}"] = float(series @ expected)
    weights = expected * plan.months
    for (name,), series in plan.values["stock"].items():
        values[f"Stockpiles|{name}"] = float(series @ weights / weights.sum())
    for sheet, variable in ORDERS:
        for (name,), series in plan.values[variable].items():
            values[f"{sheet}|{name}"] = float(series @ plan.probability)
    for commodity in plan.elements:
        for country, series in arrivals_by_country(plan, commodity).items():
            values[country_item(commodity, country)] = float(np.asarray(series) @ expected)
    return {key: amount for key, amount in values.items() if abs(amount) > PLAN_T}


def limit_of(case: Case, item: str) -> float | None:
    """The upper limit of a row of `Outcome.plan`, in its unit; None: no limit of its own."""
    nodes = [m for m in case.tree.nodes if m.reported]
    expected = np.array([m.probability for m in nodes])
    indices = [m.index for m in nodes]
    sheet, _, name = item.partition("|")
    flow_records: Mapping[str, Mapping[str, Any]] = {
        "Supply": case.supply,
        "Sales": case.sales,
        "Processes": case.processes,
        "Routes": case.routes,
    }
    if sheet in flow_records and name in flow_records[sheet]:
        limit = float(flow_records[sheet][name].most[indices] @ expected)
    elif sheet == "Stockpiles" and name in case.stocks:
        weights = expected * np.array([m.months for m in nodes])
        limit = float(case.stocks[name].capacity[indices] @ weights / weights.sum())
    elif sheet == "Contracts" and name in case.contracts:
        limit = case.contracts[name].most
    elif sheet == "Facilities" and name in case.facilities:
        limit = case.facilities[name].most_expansion
    else:
        limit = math.inf
    return limit if math.isfinite(limit) else None
