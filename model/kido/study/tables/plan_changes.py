"""What changed hands: the rows of the plan that the sweep moves, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import SOLVED, Outcome
from kido.study.tables.context import NAN, View
from kido.study.tables.items import Item, Volumes, item_of, moves

EACH = 12  # points with a column of their own; of more, the extremes stand


def changes(view: View) -> Table:
    """Rows by the size of their move. One column a point, or the extremes of many."""
    based = view.base.status == SOLVED
    shown = [o for o in view.solved if o.point.key != view.base.point.key]
    if view.method == "tornado":
        shown = _ends(view, shown)
    held = Volumes.of([view.base, *shown] if based else shown)
    sizes = moves(held.numbers)
    order = [i for i in np.argsort(-sizes, kind="stable") if sizes[i] > 0]
    items = [item_of(view, held.keys[i]) for i in order]
    numbers, sizes = held.numbers[order], sizes[order]
    base = numbers[:, 0] if based else np.full(len(order), NAN)
    points = numbers[:, 1:] if based else numbers
    if len(shown) <= EACH or view.method == "tornado":
        return _each(view, items, sizes, base, points, shown)
    return _extremes(items, sizes, base, points, shown)


def _ends(view: View, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Of each lever of a tornado the points at its least and most value."""
    found = []
    for k in range(len(view.levers)):
        mine = [o for o in outcomes if _value(o, k) is not None]
        mine.sort(key=lambda o: _value(o, k) or 0.0)
        found += [mine[0], mine[-1]] if len(mine) > 1 else mine
    return found


def _value(outcome: Outcome, place: int) -> float | None:
    values = outcome.point.values
    return values[place] if place < len(values) else None


LEADING = (
    Column("kind_of_row", shape="word"), Column("row"), Column("commodity"),
    Column("unit", shape="unit"), Column("move", shape="number"),
    Column("base_volume", shape="number"),
)  # fmt: skip


def _each(
    view: View, items: list[Item], sizes: np.ndarray, base: np.ndarray,
    points: np.ndarray, shown: Sequence[Outcome],
) -> Table:  # fmt: skip
    """Volumes point by point, then what is more or less than in the plan of the book."""
    names = [view.name(o) for o in shown]
    columns = [*LEADING]
    columns += [
        Column(f"volume {j}", shape="number", label=n, group="volumes") for j, n in enumerate(names)
    ]
    columns += [
        Column(f"difference {j}", shape="number", label=n, group="differences")
        for j, n in enumerate(names)
    ]
    block = np.hstack([points, points - base[:, None]])
    return _table(columns, items, sizes, base, block.tolist())


def _extremes(
    items: list[Item], sizes: np.ndarray, base: np.ndarray,
    points: np.ndarray, shown: Sequence[Outcome],
) -> Table:  # fmt: skip
    """Least, mean and most over all points, and the numbers of the points of the extremes."""
    columns = [
        *LEADING,
        Column("least_volume", shape="number"), Column("least_point", shape="count"),
        Column("mean_volume", shape="number"),
        Column("most_volume", shape="number"), Column("most_point", shape="count"),
        Column("least_change", shape="number", group="differences"),
        Column("most_change", shape="number", group="differences"),
    ]  # fmt: skip
    low, high = points.argmin(axis=1), points.argmax(axis=1)
    least, most = points.min(axis=1), points.max(axis=1)
    number = np.array([o.point.number for o in shown])
    parts = (
        least, number[low], points.mean(axis=1), most, number[high], least - base, most - base
    )  # fmt: skip
    block = [list(line) for line in zip(*(part.tolist() for part in parts), strict=True)]
    return _table(columns, items, sizes, base, block)


def _table(
    columns: list[Column], items: list[Item], sizes: np.ndarray, base: np.ndarray,
    block: list[list[Any]],
) -> Table:  # fmt: skip
    lines = [
        (i.kind, i.name, i.commodity, i.unit, size, volume, *numbers)
        for i, size, volume, numbers in zip(
            items, sizes.tolist(), base.tolist(), block, strict=True
        )
    ]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_changes", tuple(columns), frame)
