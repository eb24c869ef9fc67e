"""Facilities and processes: the records of both sheets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from kido.data.case.case import (
    Array,
    Arrivals,
    Facility,
    Offer,
    OrderedBefore,
    Process,
    Route,
)
from kido.data.case.effects import Effects, Key
from kido.data.case.events import each
from kido.data.case.lead_times import ArrivalShares, by_later
from kido.data.case.tree import Tree
from kido.data.case.underway import Underway
from kido.data.months import month_text
from kido.data.tables import Tables, or_else
from kido.data.units import Units


def facilities(tables: Tables, effects: Effects, underway: Underway) -> Mapping[str, Facility]:
    """The records of the rows of Facilities, by name."""
    return {r.name: facility(r, effects, underway) for r in tables["Facilities"].records()}


def facility(r: Any, effects: Effects, underway: Underway) -> Facility:
    """The record of a row of Facilities."""
    tree, use = effects.tree, _UseOfOrders(r, effects)
    orders: tuple[int, ...] = ()
    ready: tuple[tuple[tuple[int, float], ...], ...] = ((),) * len(tree.nodes)
    if not math.isnan(r.expansion_cost):
        ready = _ready(tree, int(r.build_months), use)
        orders = tuple(sorted({m for parts in ready for m, _ in parts}))
    return Facility(
        name=r.name,
        site=r.site,
        installed=effects.limits("Facilities", r.name, r.capacity, 0.0, r.start, r.end)[0],
        ready=ready,
        orders=orders,
        least_expansion=r.least_expansion,
        most_expansion=or_else(r.most_expansion, math.inf),
        expansion_cost=r.expansion_cost,
        minimum_use=np.clip(effects.mean("Facilities", r.name, "minimum", r.minimum_use), 0, 1),
        idle_cost=None if math.isnan(r.idle_cost) else r.idle_cost,
        ordered=tuple(
            OrderedBefore(month_text(month), amount, use.in_nodes(month))
            for month, amount in underway.by_month("ready", r.name).items()
        ),
        sizes=r.sizes,
    )


class _UseOfOrders:
    """Cumulative years of use of ordered capacity, on each branch.

    Factors act on ordered capacity as on installed capacity, delays on what is still to be
    built; profiles and added amounts act on installed capacity only.
    """

    def __init__(self, row: Any, effects: Effects):
        self.row, self.effects = row, effects
        self.life = math.inf if math.isnan(row.life_years) else 12 * row.life_years
        capacity = effects.keys(effects.events_reaching("Facilities", row.name, "capacity"))
        delays = effects.keys(effects.events_reaching("Facilities", row.name, "delay"))
        self.keys = list(zip(capacity, delays, strict=True))
        self._open: dict[tuple[Key, int], Array] = {}

    def of(self, branch: int, due: Iterable[int]) -> Array:
        """Cumulative years of use of a t/yr due in each month `due`, at the end of each month.

        A row for each of `due`; the first column is that of the start: 0.
        """
        capacity, late = self.keys[branch]
        years = np.stack([self._in_use(late, month) for month in due])
        years = years * self.effects.factor("capacity", capacity) / 12
        return np.hstack([np.zeros((len(years), 1)), np.cumsum(years, axis=1)])

    def in_nodes(self, due: int) -> Array:
        """Years of use in each node of a t/yr due in month `due`."""
        tree = self.effects.tree
        start, end = tree.spans - tree.start
        rows = {key: row for row, key in enumerate(dict.fromkeys(self.keys))}
        years = np.stack([self.of(self.keys.index(key), [due])[0] for key in rows])
        at = np.array([rows[key] for key in self.keys])[tree.branch_numbers]
        used: Array = years[at, end] - years[at, start]
        return used

    def _in_use(self, late: Key, due: int) -> Array:
        """The share of each month in which it is built and has not served its life."""
        if (late, due) not in self._open:
            effects = self.effects
            in_use = effects.open_share(late, due, None)
            left = self.life - effects.months_before(late, due)
            in_use = np.clip(left - (np.cumsum(in_use) - in_use), 0.0, in_use)
            if self.row.end is not None:
                in_use = np.where(effects.month <= self.row.end, in_use, 0.0)
            self._open[late, due] = in_use
        return self._open[late, due]


def _ready(tree: Tree, build: int, use: _UseOfOrders) -> Arrivals:
    """For each node, (node of the order, years of use in it of a t/yr ordered there)."""
    (later, earlier), (start, end) = tree.pairs, tree.spans
    due = start[earlier] + build
    years = np.zeros(len(later))
    rows = {key: row for row, key in enumerate(dict.fromkeys(use.keys))}
    row = np.array([rows[key] for key in use.keys])[tree.branch_numbers[later]]
    order = np.argsort(row, kind="stable")
    ends = np.searchsorted(row[order], np.arange(len(rows) + 1)).tolist()
    for key, (first, last) in zip(rows, pairwise(ends), strict=True):
        some = order[first:last]
        if len(some):
            months, which = np.unique(due[some], return_inverse=True)
            series = use.of(use.keys.index(key), months.tolist())
            n = later[some]
            years[some] = series[which, end[n] - tree.start] - series[which, start[n] - tree.start]
    used = years > 0
    return by_later(len(tree.nodes), later[used], earlier[used], years[used])


def recipe_lines(tables: Tables) -> dict[str, list[Any]]:
    """The rows of Recipes by process."""
    lines: dict[str, list[Any]] = {}
    for r in tables["Recipes"].records():
        lines.setdefault(r.process, []).append(r)
    return lines


def facility_uses(record: Offer | Process | Route) -> dict[str, float]:
    """t of each facility that a t of a row takes."""
    if isinstance(record, Process):
        return {name: amount for name, amount in record.uses if amount > 0}
    lanes = record.uses if isinstance(record, Route) else ()
    return {name: float(lanes.count(name)) for name in lanes}


def processes(
    tables: Tables, effects: Effects, landing: ArrivalShares, underway: Underway
) -> Mapping[str, Process]:
    """The records of the rows of Processes, by name."""
    lines, units, records = recipe_lines(tables), Units(tables), {}
    for r in tables["Processes"].records():
        record = process(r, lines.get(r.name, []), effects, landing, units)
        pipeline = dict(record.pipeline)
        for detail in underway.details("lands", r.name):
            item = detail or next(iter(record.outputs))  # blank: it has only one
            lands = underway.in_nodes(effects.tree, "lands", r.name, detail) * units.tonnes(item)
            pipeline[item] = pipeline.get(item, 0.0) + lands
        records[r.name] = replace(record, pipeline=pipeline)
    return records


def process(
    r: Any, lines: Sequence[Any], effects: Effects, landing: ArrivalShares, units: Units
) -> Process:
    """The record of a row of Processes and its lines of Recipes."""
    most, least = effects.limits(
        "Processes", r.name, or_else(r.most, math.inf), r.least, r.start, r.end
    )
    outputs: dict[str, Array] = {}
    pipeline: dict[str, Array] = {}
    for line in lines:
        if line.role == "output":
            scale = units.tonnes(line.item)
            outputs[line.item] = _output(effects, r.name, line.item, line.amount) * scale
            if r.in_works > 0 and r.lead > 0:
                pipeline[line.item] = (
                    landing.pipeline(r.lead) * r.in_works / 12 * line.amount * scale
                )
    return Process(
        name=r.name,
        site=r.site,
        most=most,
        least=least,
        inputs=tuple((x.item, x.amount * units.tonnes(x.item)) for x in lines if x.role == "input"),
        outputs=outputs,
        uses=tuple((x.item, x.amount) for x in lines if x.role == "uses"),
        arrivals=landing.arrivals(leads(effects, "Processes", r.name, r.lead)),
        pipeline=pipeline,
    )


def _output(effects: Effects, process: str, commodity: str, amount: float) -> Array:
    """t of output for each t of activity in each node, after yield events on that commodity."""
    acting = [
        i
        for i in effects.events_reaching("Processes", process, "yield")
        if not effects.events[i].commodities or commodity in effects.events[i].commodities
    ]
    monthly = effects.monthly("Processes", process, "yield", amount, acting)
    return effects.means(each(_not_below_nought, monthly))


def leads(effects: Effects, sheet: str, row: str, lead: float) -> tuple[Array, ...]:
    """The lead time in months after events, in each month, for every branch; never < 0."""
    return each(_not_below_nought, effects.monthly(sheet, row, "lead", lead))


def _not_below_nought(series: Array) -> Array:
    return np.maximum(series, 0.0)
