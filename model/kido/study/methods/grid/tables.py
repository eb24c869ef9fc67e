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
    """Cost, its change against the plan of the book, and what is lost."""
    money = (view.unit, "money")
    found = [_grid(view, "sweep_grid", lambda o: view.money(o.objective), *money)]
    if view.base.objective is not None:
        change = _grid(
            view, "sweep_grid_change", lambda o: view.money(view.change(o)), view.unit, "change"
        )
        found.append(change)
    if view.commodities:
        found.append(_grid(view, "sweep_grid_lost", partial(view.lost), "t", "tonnes"))
    return found


def cells_of(view: View) -> Cells:
    """Every point of the product by its two values."""
    found = {}
    for outcome in view.outcomes:
        first, second = (*outcome.point.values, None, None)[:2]
        if first is not None and second is not None:
            found[first, second] = outcome
    return found


def sides(cells: Cells) -> tuple[list[float], list[float]]:
    return sorted({a for a, _ in cells}), sorted({b for _, b in cells})


def _grid(
    view: View, name: str, number: Callable[[Outcome], float], unit: str, shape: str
) -> Table:
    """A number in each cell, or how the point ended where there is none."""
    cells = cells_of(view)
    down, across = sides(cells)
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
