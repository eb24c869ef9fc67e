"""The table of samples drawn over many parameters: which of them the cost follows."""

from __future__ import annotations

import pandas as pd

from kido.report.table import Column, Table
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.report.summary import varied
from kido.study.report.view import NAN, View

MAIN = {"latin": "rank", "morris": "mu_star", "sobol": "ST"}  # what parameters are ordered by
MEASURES = ("rank", "mu_star", "sigma", "mu", "S1", "ST")  # in the order of the columns
IN_MONEY = ("mu", "mu_star", "sigma")


def tables(view: View) -> list[Table]:
    ranked = [place_of(view, name) for name in by_parameter(view)]
    return [varied(view, [place for place in ranked if place is not None]), indices(view)]


def result_of(view: View) -> SampleResult:
    assert isinstance(view.result, SampleResult)
    return view.result


def measured(view: View) -> list[str]:
    found = {i.measure for i in result_of(view).indices}
    return [m for m in MEASURES if m in found] + sorted(found - set(MEASURES))


def by_parameter(view: View) -> dict[str, dict[str, Index]]:
    """parameter -> measure -> index; what matters most first."""
    main = MAIN[view.method.name]
    found: dict[str, dict[str, Index]] = {}
    for index in result_of(view).indices:
        found.setdefault(index.parameter, {})[index.measure] = index

    def size(name: str) -> float:
        held = found[name].get(main)
        return -abs(held.value) if held is not None and held.value == held.value else 1.0

    return {name: found[name] for name in sorted(found, key=size)}


def indices(view: View) -> Table:
    """A parameter to a row; beside each measure half the width of its interval of 95 %."""
    columns, measures = [Column("parameter"), Column("values_tried")], measured(view)
    for m in measures:
        unit, shape = (view.unit, "money") if m in IN_MONEY else ("", "price")
        columns.append(Column(m, unit, shape, group=f"index {m}"))
        columns.append(Column(f"{m} ±", unit, shape, label="±", group=f"index {m}"))
    columns += [Column("grade", shape="word"), Column("cited")]
    lines = []
    for name, held in by_parameter(view).items():
        place = place_of(view, name)
        cells: list[object] = [shown_name(view, name), _tried(view, place)]
        for m in measures:
            scale = view.factor if m in IN_MONEY else 1.0
            index = held.get(m)
            cells += [NAN, NAN] if index is None else [
                index.value * scale, index.confidence * scale]  # fmt: skip
        cells += ("not graded", "") if place is None else view.graded(view.parameters[place])
        lines.append(cells)
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    words = {"left_out": result_of(view).left_out}
    return Table("sweep_indices", tuple(columns), frame, words=words)


def place_of(view: View, name: str) -> int | None:
    """Which parameter an index is of, in whichever language it is named."""
    for k, parameter in enumerate(view.parameters):
        if name in (parameter.label("en"), parameter.label("ja")):
            return k
    return None


def shown_name(view: View, name: str) -> str:
    place = place_of(view, name)
    return name if place is None else view.parameter_name(place)


def _tried(view: View, place: int | None) -> str:
    if place is None:
        return ""
    parameter = view.parameters[place]
    return view.wording.span(parameter, parameter.values) if parameter.values else ""
