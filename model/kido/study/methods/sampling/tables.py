"""The table of samples drawn over many levers: which of them the cost follows."""

from __future__ import annotations

import pandas as pd

from kido.report.table import Column, Table
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.report.summary import varied
from kido.study.report.view import NAN, View

MAIN = {"latin": "rank", "morris": "mu_star", "sobol": "ST"}  # what levers are ordered by
MEASURES = ("rank", "mu_star", "sigma", "mu", "S1", "ST")  # in the order of the columns
IN_MONEY = ("mu", "mu_star", "sigma")


def tables(view: View) -> list[Table]:
    ranked = [place_of(view, name) for name in by_lever(view)]
    return [varied(view, [place for place in ranked if place is not None]), indices(view)]


def result_of(view: View) -> SampleResult:
    assert isinstance(view.result, SampleResult)
    return view.result


def measured(view: View) -> list[str]:
    found = {i.measure for i in result_of(view).indices}
    return [m for m in MEASURES if m in found] + sorted(found - set(MEASURES))


def by_lever(view: View) -> dict[str, dict[str, Index]]:
    """lever -> measure -> index; what matters most first."""
    main = MAIN[view.method.name]
    found: dict[str, dict[str, Index]] = {}
    for index in result_of(view).indices:
        found.setdefault(index.lever, {})[index.measure] = index

    def size(name: str) -> float:
        held = found[name].get(main)
        return -abs(held.value) if held is not None and held.value == held.value else 1.0

    return {name: found[name] for name in sorted(found, key=size)}


def indices(view: View) -> Table:
    """A lever to a row; beside each measure half the width of its interval of 95 %."""
    columns, measures = [Column("lever"), Column("values_tried")], measured(view)
    for m in measures:
        unit, shape = (view.unit, "money") if m in IN_MONEY else ("", "price")
        columns.append(Column(m, unit, shape, group=f"index {m}"))
        columns.append(Column(f"{m} ±", unit, shape, label="±", group=f"index {m}"))
    columns += [Column("grade", shape="word"), Column("cited")]
    lines = []
    for name, held in by_lever(view).items():
        place = place_of(view, name)
        cells: list[object] = [shown_name(view, name), _tried(view, place)]
        for m in measures:
            scale = view.factor if m in IN_MONEY else 1.0
            index = held.get(m)
            cells += [NAN, NAN] if index is None else [
                index.value * scale, index.confidence * scale]  # fmt: skip
        cells += ("not graded", "") if place is None else view.graded(view.levers[place])
        lines.append(cells)
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    words = {"left_out": result_of(view).left_out}
    return Table("sweep_indices", tuple(columns), frame, words=words)


def place_of(view: View, name: str) -> int | None:
    """Which lever an index is of, in whichever language it is named."""
    for k, lever in enumerate(view.levers):
        if name in (lever.label("en"), lever.label("ja")):
            return k
    return None


def shown_name(view: View, name: str) -> str:
    place = place_of(view, name)
    return name if place is None else view.lever_name(place)


def _tried(view: View, place: int | None) -> str:
    if place is None:
        return ""
    lever = view.levers[place]
    return view.wording.span(lever, lever.values) if lever.values else ""
