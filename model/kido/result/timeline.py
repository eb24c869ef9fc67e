"""Time tables: the periods of one history as columns, fiscal quarters, then its nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kido.data.case.case import Array
from kido.data.months import fiscal_quarter, fiscal_year, month_text
from kido.report.table import Column, Table
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.tolerances import SHOWN_T

QUARTER = 3  # months


def period_text(start: int, months: int) -> str:
    """The text of a period: `2027-03`, or `2028-07/09` for several months."""
    if months == 1:
        return month_text(start)
    last = start + months - 1
    same = last // 12 == start // 12
    return f"{month_text(start)}/{month_text(last)[5:] if same else month_text(last)}"


@dataclass(frozen=True)
class Timeline:
    """The reported nodes of a history. `split[m, q]` is the share of node m in quarter q.

    A node that spans fiscal quarters is split evenly by month.
    """

    nodes: NDArray[np.intp]
    starts: NDArray[np.intp]
    months: Array
    quarters: tuple[str, ...]
    split: Array
    last_of: NDArray[np.intp]

    @classmethod
    def of(cls, plan: SolvedPlan, history: ScenarioPath) -> Timeline:
        """The timeline of a history of a plan."""
        tree, opens = plan.case.tree, plan.case.settings.fiscal_start
        nodes = np.array([n for n in history.path if tree.nodes[n].reported], dtype=np.intp)
        path_nodes = [tree.nodes[n] for n in nodes]
        of_month = {
            month: fiscal_quarter(month, opens)
            for m in path_nodes
            for month in range(m.start, m.end)
        }
        quarters = tuple(dict.fromkeys(of_month.values()))
        column = {name: q for q, name in enumerate(quarters)}
        split = np.zeros((len(path_nodes), len(quarters)))
        last_of = np.zeros(len(quarters), dtype=np.intp)
        for i, m in enumerate(path_nodes):
            for month in range(m.start, m.end):
                split[i, column[of_month[month]]] += 1 / m.months
                last_of[column[of_month[month]]] = i
        return cls(
            nodes=nodes,
            starts=np.array([m.start for m in path_nodes], dtype=np.intp),
            months=np.array([m.months for m in path_nodes], dtype=float),
            quarters=quarters,
            split=split,
            last_of=last_of,
        )

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of quarters, then of nodes."""
        columns = [
            Column(q, shape="number", label=q, group="quarters", part=part)
            for q, part in zip(self.quarters, self._parts, strict=True)
        ]
        for start, months in zip(self.starts, self.months, strict=True):
            text = period_text(int(start), int(months))
            columns.append(Column(text, shape="number", label=text, group="moments"))
        return tuple(columns)

    @property
    def _parts(self) -> list[tuple[int, int] | None]:
        """(months in the plan, 3) of each quarter that is only partly in it."""
        month_counts = [round(months) for months in self.months @ self.split]
        return [None if months == QUARTER else (months, QUARTER) for months in month_counts]

    def spread(self, series: Array, how: str, over: Array | None = None) -> Array:
        """A series over the tree's nodes aggregated: whole plan, then quarters, then nodes.

        `sum` for tonnes, `mean` over months for prices and rates (blanks left out), `end`
        for levels. With `over`, what is summed is divided by the sum of that.
        """
        if over is not None:
            total = self.spread(over, "sum")
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.where(np.abs(total) > SHOWN_T, self.spread(series, "sum") / total, np.nan)
        on_path = series[self.nodes]
        if how == "sum":
            return np.concatenate(([on_path.sum()], on_path @ self.split, on_path))
        if how == "end":
            return np.concatenate(([on_path[-1]], on_path[self.last_of], on_path))
        is_number = np.isfinite(on_path)
        weight = np.where(is_number, self.months, 0.0)
        amount = np.where(is_number, on_path, 0.0) * weight
        with np.errstate(invalid="ignore", divide="ignore"):
            quarters = (amount @ self.split) / (weight @ self.split)
            return np.concatenate(([amount.sum() / weight.sum()], quarters, on_path))


@dataclass(frozen=True)
class Line:
    """A row of a time table: labels, unit, series, and how it is aggregated (see `spread`)."""

    labels: tuple[object, ...]
    unit: str
    series: Array
    how: str = "sum"
    over: Array | None = None


@dataclass
class TimeTable:
    """A table of series over time; lines with only zeros and blanks are left out unless `keep`."""

    name: str
    labels: Sequence[Column]
    timeline: Timeline
    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        labels: Iterable[object],
        unit: str,
        series: Array,
        how: str = "sum",
        over: Array | None = None,
        keep: bool = False,
    ) -> None:
        """Add a line: labels, unit, series over the tree's nodes, and how it is aggregated."""
        on_path = series[self.timeline.nodes]
        if keep or (np.abs(np.nan_to_num(on_path)) > SHOWN_T).any():
            self.lines.append(Line(tuple(labels), unit, series, how, over))

    def table(self, **words: object) -> Table:
        """The table of the lines added so far; `words` go into its note."""
        timeline = self.timeline
        columns = (*self.labels, Column("unit", shape="unit"), Column("plan", shape="number"))
        columns = (*columns, *timeline.columns)
        labels = pd.DataFrame(
            [(*x.labels, x.unit) for x in self.lines],
            columns=[c.key for c in columns[: len(self.labels) + 1]],
            dtype=object,
        )
        spread = [timeline.spread(x.series, x.how, x.over) for x in self.lines]
        numbers = pd.DataFrame(
            np.array(spread).reshape(len(self.lines), -1) if spread else None,
            columns=[c.key for c in columns[len(self.labels) + 1 :]],
            dtype=float,
        )
        return Table(self.name, columns, pd.concat([labels, numbers], axis=1), words=words)


def years_of(plan: SolvedPlan) -> tuple[list[str], Array]:
    """(fiscal years of the reported months, then the run-out; share of each node in each)."""
    tree, opens = plan.case.tree, plan.case.settings.fiscal_start
    names: dict[str, int] = {}
    for m in sorted(tree.nodes, key=lambda m: m.start):
        for month in range(m.start, m.end) if m.reported else ():
            names.setdefault(f"FY{fiscal_year(month, opens)}", len(names))
    last = len(names)
    share = np.zeros((len(tree.nodes), last + 1))
    for m in tree.nodes:
        for month in range(m.start, m.end):
            column = names[f"FY{fiscal_year(month, opens)}"] if m.reported else last
            share[m.index, column] += 1 / m.months
    return [*names, "run-out"], share
