"""Where it is refined: what each process runs and makes, and how full each line is."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable


def used_of(answer: SolvedPlan) -> dict[str, Array]:
    """t of capacity taken at each facility in each moment."""
    found: dict[str, Array] = {}
    for (name,), run in answer.values["run"].items():
        for facility, amount in answer.case.processes[name].uses:
            found[facility] = found.get(facility, answer.nothing) + amount * run
    for (name,), sent in answer.values["ship"].items():
        for facility in answer.case.routes[name].uses:
            found[facility] = found.get(facility, answer.nothing) + sent
    return found


def available(answer: SolvedPlan, facility: str) -> Array:
    """t of capacity there in each moment, what was ordered in time included."""
    line = answer.case.facilities[facility]
    ordered, found = answer.of("expand", facility), line.installed.copy()
    if ordered.any():
        for n, parts in enumerate(line.ready):
            found[n] += sum(years * ordered[m] for m, years in parts)
    return found


def refining(answer: SolvedPlan) -> Table:
    labels = (
        Column("country"), Column("site"), Column("line"), Column("measure", shape="word"),
        Column("commodity"),
    )  # fmt: skip
    case, table = (
        answer.case,
        TimeTable("refining", labels, Timeline.of(answer, answer.reference_path)),
    )
    used = used_of(answer)
    for site in case.country:
        place = (case.country[site], site)
        for name, line in case.facilities.items():
            if line.site != site:
                continue
            there, taken = available(answer, name), used.get(name, answer.nothing)
            table.add((*place, name, "available", ""), "t", there)
            table.add((*place, name, "used", ""), "t", taken)
            table.add((*place, name, "share used", ""), "%", taken, over=there)
            ordered = answer.of("expand", name)
            table.add((*place, name, "capacity ordered", ""), "t/yr", ordered)
        for name, process in case.processes.items():
            if process.site != site:
                continue
            table.add((*place, name, "activity", ""), "t", answer.of("run", name))
            for commodity in process.outputs:
                out = answer.made.get((name, commodity))
                if out is not None:
                    unit = answer.unit_of[commodity]
                    table.add((*place, name, "comes out", commodity), unit, np.asarray(out))
    return table.table(branch=answer.reference_path.name)
