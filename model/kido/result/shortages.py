"""Who goes short: the output that segments lose, one stop of a line counted once, by month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kido.data.case.case import Array, Demand
from kido.data.months import fiscal_year, month_text
from kido.report.table import Column, Table
from kido.result.costs import part_of_year
from kido.result.futures import shown_histories
from kido.result.plan import ScenarioPath, SolvedPlan, once
from kido.tolerances import SHOWN_T, UNMET_SHARE, UNMET_T

MAGNET = "magnet"  # a kind of commodity
TOGETHER = 2  # elements of one recipe that a segment needs, where it makes what the recipe makes
EVERY = "all futures, expected"


@dataclass(frozen=True)
class Shortage:
    """What a segment loses in each node.

    `lost` is t of need by commodity. `size` is the output that it would have, `short` what it
    loses of it: the largest share lost among its commodities, so that a line that stops for want
    of several is counted once. Both are t of `unit`: of whole magnets where it makes them
    (`magnets`), else of all its commodities together.
    """

    segment: str
    unit: str
    magnets: bool
    size: Array
    short: Array
    lost: Mapping[str, Array]


@once
def shortages_of(plan: SolvedPlan) -> tuple[Shortage, ...]:
    """The shortages of all segments that lose anything in any future."""
    segments: dict[str, list[Demand]] = {}
    for demand in plan.case.demands.values():
        if demand.commodity in plan.elements:
            segments.setdefault(demand.segment or demand.name, []).append(demand)
    shortages = (_shortage(plan, name, demands) for name, demands in segments.items())
    return tuple(s for s in shortages if s.short.any())


def _shortage(plan: SolvedPlan, segment: str, demands: list[Demand]) -> Shortage:
    need: dict[str, Array] = {}
    lost: dict[str, Array] = {}
    for d in demands:
        tonnes = _lost(plan, d)
        need[d.commodity] = need.get(d.commodity, plan.zeros) + d.need
        lost[d.commodity] = lost.get(d.commodity, plan.zeros) + tonnes
    shares = [np.divide(lost[c], need[c], out=plan.zeros, where=need[c] > 0) for c in need]
    size, unit, magnets = _output(plan, need)
    return Shortage(segment, unit, magnets, size, size * np.max(shares, axis=0), lost)


def _lost(plan: SolvedPlan, demand: Demand) -> Array:
    """t of need lost for good in each node; less than counts as unmet is none."""
    tonnes = plan.zeros
    for name in demand.tiers:
        if plan.case.tiers[name].kind == "lost":
            tonnes = tonnes + plan.of("relieve", name)
    unmet = tonnes > np.maximum(UNMET_SHARE * demand.need, UNMET_T)
    return np.where(unmet, tonnes, 0.0)


def _output(plan: SolvedPlan, need: Mapping[str, Array]) -> tuple[Array, str, bool]:
    """(t in each node that a segment makes of what it needs, its unit, whether of magnets)."""
    for magnet, amounts in recipes_of_magnets(plan).items():
        used = [c for c in need if c in amounts]
        if magnet in need or len(used) >= TOGETHER:
            oxide = sum((need[c] for c in used), plan.zeros) / sum(amounts.values())
            return oxide + need.get(magnet, plan.zeros), plan.unit_of[magnet], True
    units = {plan.unit_of[c] for c in need}
    return sum(need.values(), plan.zeros), units.pop() if len(units) == 1 else "t", False


@once
def recipes_of_magnets(plan: SolvedPlan) -> dict[str, dict[str, float]]:
    """t of each needed element in a tonne of each magnet that a process of the book makes."""
    recipes: dict[str, dict[str, float]] = {}
    for process in plan.case.processes.values():
        for commodity, yields in process.outputs.items():
            amounts = {c: amount for c, amount in process.inputs if c in plan.elements}
            if plan.kind_of[commodity] == MAGNET and len(amounts) >= TOGETHER and yields[0] > 0:
                recipes[commodity] = {c: amount / yields[0] for c, amount in amounts.items()}
    return recipes


def shortages(plan: SolvedPlan) -> Table:
    """The table of what segments lose: expected, in the base case and in the worst futures."""
    calendar = _Calendar.of(plan)
    columns = (
        Column("future", shape="word"), Column("segment", shape="word"),
        Column("measure", shape="word"), Column("commodity"), Column("unit", shape="unit"),
        Column("plan", shape="number"), *calendar.columns,
    )  # fmt: skip
    lines = []
    for future, nodes, weight in _futures(plan):
        for labels, unit, tonnes, over in _lines(plan, nodes, weight):
            lines.append((future, *labels, unit, *calendar.spread(tonnes, over)))
    return Table("shortages", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _futures(plan: SolvedPlan) -> Iterator[tuple[str, Array, Array]]:
    """(name, mask of nodes, weight of each node) of all futures together and of some alone."""
    everywhere = np.ones(len(plan.zeros), dtype=bool)
    if len(plan.histories) > 1:
        yield EVERY, everywhere, plan.probability
    for history in shown_histories(plan):
        yield history.name, *_on_path(plan, history)


def _on_path(plan: SolvedPlan, history: ScenarioPath) -> tuple[Array, Array]:
    on_path = np.zeros(len(plan.zeros), dtype=bool)
    on_path[history.path] = True
    return on_path, on_path.astype(float)


def _lines(
    plan: SolvedPlan, nodes: Array, weight: Array
) -> Iterator[tuple[tuple[str, str, str], str, Array, Array | None]]:
    """((segment, measure, commodity), unit, t, t that it is a share of) of one future."""
    weight = weight * plan.reported
    short = [s for s in shortages_of(plan) if (s.short * weight).sum() > SHOWN_T]
    for unit in dict.fromkeys(s.unit for s in short if s.magnets):
        whole = sum((s.short for s in short if s.magnets and s.unit == unit), plan.zeros)
        yield ("all segments", "whole magnets", ""), unit, whole * weight, None
    for s in sorted(short, key=lambda s: -float((s.short * weight).sum())):
        measure = "whole magnets" if s.magnets else "output"
        if s.magnets or len(s.lost) > 1:  # of one element alone, the output is what is lost
            yield (s.segment, measure, ""), s.unit, s.short * weight, None
        yield (s.segment, "share of the output", ""), "%", s.short * weight, s.size * weight
        for commodity, tonnes in s.lost.items():
            if (tonnes * weight).sum() > SHOWN_T:
                unit = plan.unit_of[commodity]
                yield (s.segment, "lost", commodity), unit, tonnes * weight, None


@dataclass(frozen=True)
class _Calendar:
    """The reported months: `share[n, k]` is the part of node n in month k.

    `in_year[k, y]` is 1 where month k is in fiscal year y.
    """

    months: tuple[int, ...]
    years: tuple[str, ...]
    share: Array
    in_year: Array

    @classmethod
    def of(cls, plan: SolvedPlan) -> _Calendar:
        tree, opens = plan.case.tree, plan.case.settings.fiscal_start
        last = max(m.end for m in tree.nodes if m.reported)
        months = tuple(range(tree.start, last))
        names = [f"FY{fiscal_year(month, opens)}" for month in months]
        years = tuple(dict.fromkeys(names))
        share = np.zeros((len(tree.nodes), len(months)))
        for m in tree.nodes:
            if m.reported:
                share[m.index, m.start - tree.start : m.end - tree.start] = 1 / m.months
        in_year = np.array([[name == year for year in years] for name in names])
        return cls(months, years, share, in_year.astype(float))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The years, then the months; those after the first twelve are not printed."""
        counts = self.in_year.sum(axis=0)
        return (
            *(Column(y, shape="number", label=y, group="years", part=part_of_year(count, y))
              for y, count in zip(self.years, counts, strict=True)),
            *(Column(text, shape="number", label=text, group="moments" if k >= 12 else "months")
              for k, text in enumerate(map(month_text, self.months))),
        )  # fmt: skip

    def spread(self, tonnes: Array, over: Array | None) -> Array:
        """The whole plan, its years and its months; of what it is a share of where given."""
        by_month = tonnes @ self.share
        sums = np.concatenate(([by_month.sum()], by_month @ self.in_year, by_month))
        if over is None:
            return sums
        total = self.spread(over, None)
        return np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > SHOWN_T)
