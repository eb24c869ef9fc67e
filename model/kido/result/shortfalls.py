"""What runs short: need, what is met, what is lived without and how."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.sourcing import met_of, need_of, relief_of
from kido.result.timeline import Timeline, TimeTable
from kido.tolerances import UNMET_SHARE


def first_unmet(answer: SolvedPlan, commodity: str, history: ScenarioPath) -> int | None:
    """Months from the start to the first order lost on a history; None where none is."""
    unmet = np.zeros(len(answer.nothing), dtype=bool)
    for name, tier in answer.case.tiers.items():
        demand = answer.case.demands[tier.demand]
        if tier.kind == "lost" and demand.commodity == commodity:
            unmet |= answer.of("relieve", name) > np.maximum(UNMET_SHARE * demand.need, 1e-6)
    for n in history.path:
        if answer.reported[n] and unmet[n]:
            return answer.case.tree.nodes[n].start - answer.case.tree.start
    return None


def shortfalls(answer: SolvedPlan) -> Table:
    labels = (
        Column("commodity"), Column("segment", shape="word"), Column("priority", shape="count"),
        Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("shortfalls", labels, Timeline.of(answer, answer.reference_path))
    for commodity in answer.elements:
        demands = [d for d in answer.case.demands.values() if d.commodity == commodity]
        need, met = need_of(answer, commodity), met_of(answer, commodity)
        row: tuple[object, ...] = (commodity, "all segments", np.nan)
        _block(answer, table, row, commodity, need, met, None)
        for demand in sorted(demands, key=lambda d: d.priority):
            row = (commodity, demand.segment or demand.name, demand.priority)
            met = answer.of("meet", demand.name)
            _block(answer, table, row, commodity, demand.need, met, demand.name)
    return table.table(branch=answer.reference_path.name)


def _block(
    answer: SolvedPlan,
    table: TimeTable,
    row: tuple[object, ...],
    commodity: str,
    need: Array,
    met: Array,
    demand: str | None,
) -> None:
    unit = answer.unit_of[commodity]
    table.add((*row, "need"), unit, need, keep=True)
    table.add((*row, "served"), unit, met)
    for kind, tonnes in relief_of(answer, commodity, demand).items():
        table.add((*row, kind), unit, tonnes)
    table.add((*row, "share served"), "%", met, over=need)
