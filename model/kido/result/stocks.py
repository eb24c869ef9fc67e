"""Stocks: levels, and the months of coming need they cover."""

from __future__ import annotations

import math

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import SolvedPlan
from kido.result.sourcing import need_of
from kido.result.timeline import Timeline, TimeTable

LONGEST = 120  # months; a cover beyond it is shown as this


def months_covered(plan: SolvedPlan, commodity: str, levels: Array) -> Array:
    """Months of coming need on the reference path, before relief, that stock levels would serve.

    For each node of the path, counted from its end; NaN elsewhere.
    """
    months = np.full(len(levels), np.nan)
    for n in plan.reference_path.path:
        since = plan.case.tree.nodes[n].end - plan.case.tree.start
        months[n] = cover_from(plan, commodity, float(levels[n]), since)
    return months


def cover_from(plan: SolvedPlan, commodity: str, tonnes: float, since: int = 0) -> float:
    """Months that so many tonnes last, `since` months after the start.

    Need after the end of the book goes on as in its last year.
    """
    path = plan.reference_path.path
    need, months = need_of(plan, commodity)[path], plan.months[path]
    monthly = np.repeat(need / months, months.astype(int))
    monthly = np.concatenate((monthly, np.full(LONGEST, monthly[-12:].mean())))[since:]
    total = np.concatenate(([0.0], np.cumsum(monthly)))
    if total[-1] <= 0:
        return math.nan
    return min(float(np.interp(tonnes, total, np.arange(len(total)))), LONGEST)


def owners_of(plan: SolvedPlan) -> list[str]:
    """Owners of stocks of what is needed, those of most tonnes first."""
    opening_of: dict[str, float] = {}
    for stock in plan.case.stocks.values():
        if stock.commodity in plan.elements and plan.at_home(stock.site):
            opening_of[stock.owner] = opening_of.get(stock.owner, 0.0) + stock.opening
    return sorted(opening_of, key=lambda owner: -opening_of[owner])


def levels_of(plan: SolvedPlan, commodity: str, owner: str | None = None) -> tuple[float, Array]:
    """(opening, level at the end of each node) in t of the stocks at home, of one or all owners."""
    opening, level = 0.0, plan.zeros
    for stock in plan.case.stocks.values():
        counts = owner is None or stock.owner == owner
        if counts and stock.commodity == commodity and plan.at_home(stock.site):
            opening += stock.opening
            level = level + plan.of("stock", stock.name)
    return opening, level


def in_yards(plan: SolvedPlan, commodity: str) -> Array:
    """t in yards at home at the end of each node."""
    tonnes = plan.zeros
    for (site, item), level in plan.values["yard_stock"].items():
        if item == commodity and plan.at_home(site):
            tonnes = tonnes + level
    return tonnes


def cover_targets(plan: SolvedPlan) -> dict[str, tuple[float, int | None]]:
    """(months of cover required, first month) by commodity, from the policies on cover."""
    targets: dict[str, tuple[float, int | None]] = {}
    for policy in plan.case.policies:
        if policy.measure == "cover":
            for term in policy.numerator:
                targets[plan.case.stocks[term.name].commodity] = policy.limit, policy.start
    return targets


def stockpiles(plan: SolvedPlan) -> Table:
    """The table of stock levels and cover over time, on the reference path."""
    labels = (
        Column("commodity"), Column("owner", shape="word"), Column("stockpile"),
        Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("stockpiles", labels, Timeline.of(plan, plan.reference_path))
    targets, case = cover_targets(plan), plan.case
    for commodity in plan.kind_of:
        stocks = [s for s in case.stocks.values() if s.commodity == commodity]
        unit = plan.unit_of[commodity]
        for stock in stocks:
            level = plan.of("stock", stock.name)
            change = level - plan.before(stock.name)
            row = (commodity, stock.owner, stock.name)
            table.add((*row, "level at the end"), unit, level, "end", keep=True)
            table.add((*row, "put in less drawn"), unit, change)
        yard = in_yards(plan, commodity)
        table.add((commodity, "yards", "", "level at the end"), unit, yard, "end")
        if commodity not in plan.elements or not (stocks or yard.any()):
            continue
        for owner in owners_of(plan):
            cover = months_covered(plan, commodity, levels_of(plan, commodity, owner)[1])
            table.add((commodity, owner, "", "cover"), "months", cover, "end")
        cover = months_covered(plan, commodity, levels_of(plan, commodity)[1])
        table.add((commodity, "all owners", "", "cover"), "months", cover, "end", keep=True)
        if yard.any():
            levels = levels_of(plan, commodity)[1] + yard
            cover = months_covered(plan, commodity, levels)
            table.add((commodity, "all and yards", "", "cover"), "months", cover, "end")
        if commodity in targets:
            months, start = targets[commodity]
            since = np.array([start is None or m.start >= start for m in case.tree.nodes])
            target = np.where(since, months, np.nan)
            table.add((commodity, "all owners", "", "cover asked"), "months", target, "end")
    return table.table(branch=reference(plan))
