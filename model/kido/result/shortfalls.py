"""Shortfalls: need, what is served, and relief by kind."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.sourcing import met_of, need_of, relief_of
from kido.result.timeline import Timeline, TimeTable
from kido.tolerances import UNMET_SHARE, UNMET_T


def first_unmet(plan: SolvedPlan, commodity: str, history: ScenarioPath) -> int | None:
    """Months from the start to the first need lost on a history; None where nothing is lost."""
    unmet = np.zeros(len(plan.zeros), dtype=bool)
    for name, tier in plan.case.tiers.items():
        demand = plan.case.demands[tier.demand]
        if tier.kind == "lost" and demand.commodity == commodity:
            unmet |= plan.of("relieve", name) > np.maximum(UNMET_SHARE * demand.need, UNMET_T)
    for n in history.path:
        if plan.reported[n] and unmet[n]:
            return plan.case.tree.nodes[n].start - plan.case.tree.start
    return None


def shortfalls(plan: SolvedPlan) -> Table:
    """The table of need, service and relief by commodity and segment over time."""
    labels = (
        Column("commodity"), Column("segment", shape="word"), Column("priority", shape="count"),
        Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("shortfalls", labels, Timeline.of(plan, plan.reference_path))
    for commodity in plan.elements:
        demands = [d for d in plan.case.demands.values() if d.commodity == commodity]
        need, met = need_of(plan, commodity), met_of(plan, commodity)
        row: tuple[object, ...] = (commodity, "all segments", np.nan)
        _block(plan, table, row, commodity, need, met, None)
        for demand in sorted(demands, key=lambda d: d.priority):
            row = (commodity, demand.segment or demand.name, demand.priority)
            met = plan.of("meet", demand.name)
            _block(plan, table, row, commodity, demand.need, met, demand.name)
    return table.table(branch=reference(plan))


def _block(
    plan: SolvedPlan,
    table: TimeTable,
    row: tuple[object, ...],
    commodity: str,
    need: Array,
    met: Array,
    demand: str | None,
) -> None:
    unit = plan.unit_of[commodity]
    table.add((*row, "need"), unit, need, keep=True)
    table.add((*row, "served"), unit, met)
    for kind, tonnes in relief_of(plan, commodity, demand).items():
        table.add((*row, kind), unit, tonnes)
    table.add((*row, "share served"), "%", met, over=need)
