"""The tables of a grid: the first parameter down, the second across."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.view import View

Cells = dict[tuple[float, float], Outcome]


def tables(view: View) -> list[Table]:
    """The grids of cost, its change from the unchanged book, and demand not served."""
    money = (view.unit, "money")
    grids = [_grid(view, "sweep_grid", lambda o: view.money(o.objective), *money)]
    if view.base.objective is not None:
        change = _grid(
            view, "sweep_grid_change", lambda o: view.money(view.change(o)), view.unit, "change"
        )
        grids.append(change)
    if view.commodities:
        grids.append(_grid(view, "sweep_grid_lost", partial(view.lost), "t", "tonnes"))
    return grids


def cells_of(view: View) -> Cells:
    """The outcomes by their two values."""
    cells = {}
    for outcome in view.outcomes:
        first, second = (*outcome.point.values, None, None)[:2]
        if first is not None and second is not None:
            cells[first, second] = outcome
    return cells


def axis_values(cells: Cells) -> tuple[list[float], list[float]]:
    """The sorted values of the first and of the second parameter."""
    return sorted({a for a, _ in cells}), sorted({b for _, b in cells})


def _grid(
    view: View, name: str, number: Callable[[Outcome], float], unit: str, shape: str
) -> Table:
    """A table of `number` by the two values, with the status of a point without a number."""
    cells = cells_of(view)
    down, across = axis_values(cells)
    first, second = view.parameters[0], view.parameters[1]
    columns = (
        Column("down", first.unit, "value", label=view.parameter_name(0)),
        *(
            Column(f"across {j}", "", shape, label=view.wording.setting(second, value),
                   group=view.parameter_name(1))
            for j, value in enumerate(across)
        ),
    )  # fmt: skip
    lines = [[a, *(_cell(view, cells.get((a, b)), number) for b in across)] for a in down]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns], dtype=object)
    words = {"unit": view.labels.unit(unit)}
    return Table(name, columns, frame, words=words)


def _cell(
    view: View, outcome: Outcome | None, number: Callable[[Outcome], float]
) -> float | str | None:
    if outcome is None:
        return None
    value = number(outcome)
    return value if value == value else view.labels.word(outcome.status, "status")
