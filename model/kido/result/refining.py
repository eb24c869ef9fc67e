"""Refining: activity and outputs of each process, and use of each facility."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable


def used_of(plan: SolvedPlan) -> dict[str, Array]:
    """t of capacity used at each facility in each node."""
    use: dict[str, Array] = {}
    for (name,), run in plan.values["run"].items():
        for facility, amount in plan.case.processes[name].uses:
            use[facility] = use.get(facility, plan.zeros) + amount * run
    for (name,), tonnes in plan.values["ship"].items():
        for facility in plan.case.routes[name].uses:
            use[facility] = use.get(facility, plan.zeros) + tonnes
    return use


def available(plan: SolvedPlan, facility: str) -> Array:
    """t of capacity of a facility in each node, orders built by then included."""
    line = plan.case.facilities[facility]
    orders, capacity = plan.of("expand", facility), line.installed.copy()
    if orders.any():
        for n, parts in enumerate(line.ready):
            capacity[n] += sum(years * orders[m] for m, years in parts)
    for order in line.ordered:
        capacity += order.amount * order.years
    return capacity


def refining(plan: SolvedPlan) -> Table:
    """The table of facilities and processes by site over time, on the reference path."""
    labels = (
        Column("country"), Column("site"), Column("line"), Column("measure", shape="word"),
        Column("commodity"),
    )  # fmt: skip
    case, table = (
        plan.case,
        TimeTable("refining", labels, Timeline.of(plan, plan.reference_path)),
    )
    used_by = used_of(plan)
    for site in case.country:
        place = (case.country[site], site)
        for name, line in case.facilities.items():
            if line.site != site:
                continue
            capacity, use = available(plan, name), used_by.get(name, plan.zeros)
            table.add((*place, name, "available", ""), "t", capacity)
            table.add((*place, name, "used", ""), "t", use)
            table.add((*place, name, "share used", ""), "%", use, over=capacity)
            orders = plan.of("expand", name)
            table.add((*place, name, "capacity ordered", ""), "t/yr", orders)
        for name, process in case.processes.items():
            if process.site != site:
                continue
            table.add((*place, name, "activity", ""), "t", plan.of("run", name))
            for commodity in process.outputs:
                tonnes = plan.outputs.get((name, commodity))
                if tonnes is not None:
                    unit = plan.unit_of[commodity]
                    table.add((*place, name, "comes out", commodity), unit, np.asarray(tonnes))
    return table.table(branch=reference(plan))
