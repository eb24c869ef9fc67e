"""The table of sensitivity indices."""

from __future__ import annotations

import pandas as pd

from kido.report.table import Column, Table
from kido.study.methods.sampling.result import Index, SampleResult
from kido.study.report.summary import parameter_table
from kido.study.report.view import NAN, View

MAIN = {"latin": "rank", "morris": "mu_star", "sobol": "ST"}  # what parameters are ordered by
MEASURES = ("rank", "mu_star", "sigma", "mu", "S1", "ST")  # in the order of the columns
IN_MONEY = ("mu", "mu_star", "sigma")


def tables(view: View) -> list[Table]:
    """The tables of the parameters, ranked, and of the indices."""
    ranked = [place_of(view, name) for name in by_parameter(view)]
    return [parameter_table(view, [place for place in ranked if place is not None]), indices(view)]


def result_of(view: View) -> SampleResult:
    """The result as that of a sample."""
    assert isinstance(view.result, SampleResult)
    return view.result


def measures_of(view: View) -> list[str]:
    """The measures that the result has, in the order of the columns."""
    measures = {i.measure for i in result_of(view).indices}
    return [m for m in MEASURES if m in measures] + sorted(measures - set(MEASURES))


def by_parameter(view: View) -> dict[str, dict[str, Index]]:
    """The indices by parameter and measure; the parameter that matters most first."""
    main = MAIN[view.method.name]
    indices_by_name: dict[str, dict[str, Index]] = {}
    for index in result_of(view).indices:
        indices_by_name.setdefault(index.parameter, {})[index.measure] = index

    def size(name: str) -> float:
        index = indices_by_name[name].get(main)
        return -abs(index.value) if index is not None and index.value == index.value else 1.0

    return {name: indices_by_name[name] for name in sorted(indices_by_name, key=size)}


def indices(view: View) -> Table:
    """The table with a row for each parameter: measures and half-widths of 95 % intervals."""
    columns, measures = [Column("parameter"), Column("values_tried")], measures_of(view)
    for m in measures:
        unit, shape = (view.unit, "money") if m in IN_MONEY else ("", "price")
        columns.append(Column(m, unit, shape, group=f"index {m}"))
        columns.append(Column(f"{m} ±", unit, shape, label="±", group=f"index {m}"))
    columns += [Column("grade", shape="word"), Column("cited")]
    lines = []
    for name, by_measure in by_parameter(view).items():
        place = place_of(view, name)
        cells: list[object] = [shown_name(view, name), _values_text(view, place)]
        for m in measures:
            scale = view.factor if m in IN_MONEY else 1.0
            index = by_measure.get(m)
            cells += [NAN, NAN] if index is None else [
                index.value * scale, index.confidence * scale]  # fmt: skip
        cells += (
            ("not graded", "") if place is None else view.grade_and_source(view.parameters[place])
        )
        lines.append(cells)
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    words = {"left_out": result_of(view).left_out}
    return Table("sweep_indices", tuple(columns), frame, words=words)


def place_of(view: View, name: str) -> int | None:
    """The position of the parameter with this name in either language; None if there is none."""
    for k, parameter in enumerate(view.parameters):
        if name in (parameter.label("en"), parameter.label("ja")):
            return k
    return None


def shown_name(view: View, name: str) -> str:
    """The name of a parameter in the language of the book."""
    place = place_of(view, name)
    return name if place is None else view.parameter_name(place)


def _values_text(view: View, place: int | None) -> str:
    if place is None:
        return ""
    parameter = view.parameters[place]
    return view.wording.span(parameter, parameter.values) if parameter.values else ""
