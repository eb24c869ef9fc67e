"""`changes`: the table of the rows of the plan whose volumes change over the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import SOLVED, Outcome
from kido.study.report.items import Item, Volumes, item_of, ranges
from kido.study.report.view import NAN, View

EACH = 12  # points with a column of their own; of more, the extremes stand


LEADING = (
    Column("kind_of_row", shape="word"), Column("row"), Column("commodity"),
    Column("unit", shape="unit"), Column("move", shape="number"),
    Column("base_volume", shape="number"),
)  # fmt: skip


@dataclass(frozen=True)
class _Moves:
    """Rows of the plan whose volumes change, ordered by the size of their range.

    `base[i]`: the volume of `items[i]` in the plan of the book (NaN if it has none),
    `points[i, j]`: that in the plan of `outcomes[j]`.
    """

    items: list[Item]
    sizes: np.ndarray
    base: np.ndarray
    points: np.ndarray
    outcomes: Sequence[Outcome]

    @staticmethod
    def of(view: View, outcomes: Sequence[Outcome]) -> _Moves:
        has_base = view.base.status == SOLVED
        volumes = Volumes.of([view.base, *outcomes] if has_base else outcomes)
        sizes = ranges(volumes.numbers)
        order = [i for i in np.argsort(-sizes, kind="stable") if sizes[i] > 0]
        numbers = volumes.numbers[order]
        return _Moves(
            items=[item_of(view, volumes.keys[i]) for i in order],
            sizes=sizes[order],
            base=numbers[:, 0] if has_base else np.full(len(order), NAN),
            points=numbers[:, 1:] if has_base else numbers,
            outcomes=outcomes,
        )

    def table(self, columns: Sequence[Column], block: list[list[Any]]) -> Table:
        """The table with `columns` after the leading ones; `block` has their cells, by item."""
        lines = [
            (i.kind, i.name, i.commodity, i.unit, size, volume, *numbers)
            for i, size, volume, numbers in zip(
                self.items, self.sizes.tolist(), self.base.tolist(), block, strict=True
            )
        ]
        every = (*LEADING, *columns)
        return Table("sweep_changes", every, pd.DataFrame(lines, columns=[c.key for c in every]))


def changes(view: View) -> Table:
    """The table of changes: one column a point or, for more than EACH, the extremes."""
    outcomes = outcomes_with_plan(view)
    return (
        change_table(view, outcomes) if len(outcomes) <= EACH else _extreme_changes(view, outcomes)
    )


def outcomes_with_plan(view: View) -> list[Outcome]:
    """The outcomes with a plan, except that of the unchanged book."""
    return [o for o in view.solved if o.point.key != view.base.point.key]


def change_table(view: View, outcomes: Sequence[Outcome]) -> Table:
    """The table of volumes by point, then of their differences from the plan of the book."""
    rows, names = _Moves.of(view, outcomes), [view.name(o) for o in outcomes]
    columns = [
        Column(f"volume {j}", shape="number", label=n, group="volumes") for j, n in enumerate(names)
    ]
    columns += [
        Column(f"difference {j}", shape="number", label=n, group="differences")
        for j, n in enumerate(names)
    ]
    return rows.table(columns, np.hstack([rows.points, rows.points - rows.base[:, None]]).tolist())


def _extreme_changes(view: View, outcomes: Sequence[Outcome]) -> Table:
    """The table of least, mean and most volumes, with the numbers of the points of the extremes."""
    rows = _Moves.of(view, outcomes)
    columns = (
        Column("least_volume", shape="number"), Column("least_point", shape="count"),
        Column("mean_volume", shape="number"),
        Column("most_volume", shape="number"), Column("most_point", shape="count"),
        Column("least_change", shape="number", group="differences"),
        Column("most_change", shape="number", group="differences"),
    )  # fmt: skip
    points, base = rows.points, rows.base
    low, high = points.argmin(axis=1), points.argmax(axis=1)
    least, most = points.min(axis=1), points.max(axis=1)
    number = np.array([o.point.number for o in outcomes])
    parts = (
        least, number[low], points.mean(axis=1), most, number[high], least - base, most - base
    )  # fmt: skip
    block = [list(line) for line in zip(*(part.tolist() for part in parts), strict=True)]
    return rows.table(columns, block)
