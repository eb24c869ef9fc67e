"""Plants: what is installed, what can be built when, and how processes run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case import Array, Facility, Process
from kido.data.effects import Effects
from kido.data.flow import Landing
from kido.data.tables import Tables, or_else
from kido.data.tree import Tree


def facilities(tables: Tables, effects: Effects) -> Mapping[str, Facility]:
    tree, found = effects.tree, {}
    for r in tables["Facilities"].records():
        installed = effects.limits("Facilities", r.name, r.capacity, 0.0, r.start, r.end)[0]
        build = int(r.build_months)
        orders: tuple[int, ...] = ()
        ready: tuple[tuple[tuple[int, float], ...], ...] = ((),) * len(tree.moments)
        if not math.isnan(r.expansion_cost):
            running = [np.concatenate(([0.0], np.cumsum(x))) for x in _use_of_orders(r, effects)]
            life = round(12 * r.life_years) if not math.isnan(r.life_years) else math.inf
            ready = tuple(_ready(tree, n, build, life, running) for n in range(len(tree.moments)))
            orders = tuple(sorted({m for parts in ready for m, _ in parts}))
        found[r.name] = Facility(
            name=r.name,
            site=r.site,
            installed=installed,
            ready=ready,
            orders=orders,
            least_expansion=r.least_expansion,
            most_expansion=or_else(r.most_expansion, math.inf),
            minimum_use=r.minimum_use,
            idle_cost=None if math.isnan(r.idle_cost) else r.idle_cost,
        )
    return found


def _use_of_orders(row: Any, effects: Effects) -> tuple[Array, ...]:
    """Years of use in each month, for every branch, of a t/yr ordered and built.

    Factors act on what is ordered as on what is installed; profiles, added amounts and delays
    are about what is installed.
    """
    month = effects.start + np.arange(effects.count)
    there = np.ones(effects.count) if row.end is None else (month <= row.end) * 1.0
    keys = effects.keys(effects.acting("Facilities", row.name, "capacity"))
    made = {key: there * effects.factor("capacity", key) / 12 for key in set(keys)}
    return tuple(made[key] for key in keys)


def _ready(
    tree: Tree, n: int, build: int, life: float, running: list[Array]
) -> tuple[tuple[int, float], ...]:
    """(order moment, years of use in n of a t/yr ordered then) along the path to n."""
    now, parts = tree.moments[n], []
    series = running[now.branch]
    for m in tree.back(n):
        first = tree.moments[m].start + build
        begin = max(now.start, first)
        after = int(min(now.end, first + life))
        if begin < after:
            years = float(series[after - tree.start] - series[begin - tree.start])
            if years > 0:
                parts.append((m, years))
    return tuple(parts)


def processes(tables: Tables, effects: Effects, landing: Landing) -> Mapping[str, Process]:
    lines: dict[str, list[Any]] = {}
    for r in tables["Recipes"].records():
        lines.setdefault(r.process, []).append(r)
    found = {}
    for r in tables["Processes"].records():
        most, least = effects.limits(
            "Processes", r.name, or_else(r.most, math.inf), r.least, r.start, r.end
        )
        made: dict[str, Array] = {}
        early: dict[str, Array] = {}
        for line in lines.get(r.name, []):
            if line.role == "output":
                made[line.item] = _output(effects, r.name, line.item, line.amount)
                if r.in_works > 0 and r.lead > 0:
                    early[line.item] = landing.early(r.lead) * r.in_works / 12 * line.amount
        found[r.name] = Process(
            name=r.name,
            site=r.site,
            most=most,
            least=least,
            inputs=tuple((x.item, x.amount) for x in lines.get(r.name, []) if x.role == "input"),
            made=made,
            uses=tuple((x.item, x.amount) for x in lines.get(r.name, []) if x.role == "uses"),
            arrivals=landing.arrivals(leads(effects, "Processes", r.name, r.lead)),
            early=early,
        )
    return found


def _output(effects: Effects, process: str, commodity: str, amount: float) -> Array:
    """Output per t of activity in each moment, after the yield events of that commodity."""
    acting = [
        i
        for i in effects.acting("Processes", process, "yield")
        if not effects.events[i].commodities or commodity in effects.events[i].commodities
    ]
    monthly = effects.monthly("Processes", process, "yield", amount, acting)
    return effects.means(tuple(np.maximum(series, 0.0) for series in monthly))


def leads(effects: Effects, sheet: str, row: str, lead: float) -> tuple[Array, ...]:
    monthly = effects.monthly(sheet, row, "lead", lead)
    return tuple(np.maximum(series, 0.0) for series in monthly)
