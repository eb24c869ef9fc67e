"""What is kept of the answer to a point: what it costs, what runs short, who does how much."""

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
APART = "\x1f"  # no cell can hold it
COUNTRY = "country"
HELD, MOVED = "Stockpiles", "moved."


def country_item(commodity: str, country: str) -> str:
    """The key of what becomes available at home from a country: names may hold what parts them."""
    return f"{COUNTRY}|{commodity.replace('|', APART)}|{country}"


def named_country(name: str) -> tuple[str, str]:
    """(commodity, country) of such a key, its kind taken off."""
    commodity, _, country = name.partition("|")
    return commodity.replace(APART, "|"), country


def volume_of(outcome: Outcome, row: str) -> float:
    """What a row does in a plan, in its unit; of a stockpile what is held on average."""
    return outcome.plan.get(row, 0.0)


def used_of(outcome: Outcome, row: str) -> float:
    """The same, but of a stockpile what is put in and drawn: what lies still is not used."""
    sheet, _, name = row.partition("|")
    return outcome.measures.get(MOVED + name, 0.0) if sheet == HELD else volume_of(outcome, row)


def measures(answer: SolvedPlan) -> dict[str, float]:
    """See `Outcome.measures`."""
    weight = answer.probability * answer.discount
    expected = answer.probability * answer.reported
    found = {"expected_cost": answer.expected_cost, "cvar": answer.cvar}
    for category, spent in answer.kusd_by_category.items():
        if spent.any():
            found[f"cost.{category}"] = float(spent @ weight)
    first = math.inf
    for commodity in answer.elements:
        relief = relief_of(answer, commodity)
        found[f"lost.{commodity}"] = float(relief["lost"] @ expected)
        without = sum((t for kind, t in relief.items() if kind != "comes back"), answer.zeros)
        found[f"relieved.{commodity}"] = float(without @ expected)
        unmet = first_unmet(answer, commodity, answer.reference_path)
        first = min(first, math.inf if unmet is None else unmet)
    for name in answer.case.stocks:
        moved = float(np.abs(answer.of("stock", name) - answer.before(name)) @ expected)
        if moved > PLAN_T:
            found[MOVED + name] = moved
    if math.isfinite(first):
        found["first_unmet"] = float(first)
    return found


def plan_of(answer: SolvedPlan) -> dict[str, float]:
    """See `Outcome.plan`."""
    expected = answer.probability * answer.reported
    found: dict[str, float] = {}
    for sheet, variable in FLOWS:
        for (name,), series in answer.values[variable].items():
            found[f"{sheet}|{name}"] = float(series @ expected)
    held = expected * answer.months
    for (name,), series in answer.values["stock"].items():
        found[f"Stockpiles|{name}"] = float(series @ held / held.sum())
    for sheet, variable in ORDERS:
        for (name,), series in answer.values[variable].items():
            found[f"{sheet}|{name}"] = float(series @ answer.probability)
    for commodity in answer.elements:
        for country, series in arrivals_by_country(answer, commodity).items():
            found[country_item(commodity, country)] = float(np.asarray(series) @ expected)
    return {key: amount for key, amount in found.items() if abs(amount) > PLAN_T}


def limit_of(case: Case, item: str) -> float | None:
    """The most a row of `Outcome.plan` could come to, in its unit; None: no limit of its own."""
    moments = [m for m in case.tree.nodes if m.reported]
    expected = np.array([m.probability for m in moments])
    here = [m.index for m in moments]
    sheet, _, name = item.partition("|")
    limited: Mapping[str, Mapping[str, Any]] = {
        "Supply": case.supply,
        "Sales": case.sales,
        "Processes": case.processes,
        "Routes": case.routes,
    }
    if sheet in limited and name in limited[sheet]:
        most = float(limited[sheet][name].most[here] @ expected)
    elif sheet == "Stockpiles" and name in case.stocks:
        held = expected * np.array([m.months for m in moments])
        most = float(case.stocks[name].capacity[here] @ held / held.sum())
    elif sheet == "Contracts" and name in case.contracts:
        most = case.contracts[name].most
    elif sheet == "Facilities" and name in case.facilities:
        most = case.facilities[name].most_expansion
    else:
        most = math.inf
    return most if math.isfinite(most) else None
