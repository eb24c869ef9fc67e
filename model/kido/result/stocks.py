"""What is held: levels, and the months of coming need they cover."""

from __future__ import annotations

import math

import numpy as np

from kido.data.case.case import Array
from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.sourcing import need_of
from kido.result.timeline import Timeline, TimeTable

LONGEST = 120  # months; a cover beyond it is shown as this


def months_covered(answer: SolvedPlan, commodity: str, held: Array) -> Array:
    """Months of the need to come on the trunk, before relief, that stocks would serve.

    For each moment of the trunk, counted from its end; blank elsewhere.
    """
    found = np.full(len(held), np.nan)
    for n in answer.reference_path.path:
        since = answer.case.tree.nodes[n].end - answer.case.tree.start
        found[n] = cover_from(answer, commodity, float(held[n]), since)
    return found


def cover_from(answer: SolvedPlan, commodity: str, tonnes: float, since: int = 0) -> float:
    """Months that so many tonnes last, `since` months after the start.

    Need after the end of the book goes on as in its last year.
    """
    path = answer.reference_path.path
    need, months = need_of(answer, commodity)[path], answer.months[path]
    monthly = np.repeat(need / months, months.astype(int))
    monthly = np.concatenate((monthly, np.full(LONGEST, monthly[-12:].mean())))[since:]
    total = np.concatenate(([0.0], np.cumsum(monthly)))
    if total[-1] <= 0:
        return math.nan
    return min(float(np.interp(tonnes, total, np.arange(len(total)))), LONGEST)


def owners_of(answer: SolvedPlan) -> list[str]:
    """Owners of stocks of what is needed, those of most tonnes first."""
    held: dict[str, float] = {}
    for stock in answer.case.stocks.values():
        if stock.commodity in answer.elements and answer.at_home(stock.site):
            held[stock.owner] = held.get(stock.owner, 0.0) + stock.opening
    return sorted(held, key=lambda owner: -held[owner])


def held_by(answer: SolvedPlan, commodity: str, owner: str | None = None) -> tuple[float, Array]:
    """(opening, level at the end of each moment) in t of an owner's stocks at home."""
    opening, level = 0.0, answer.nothing
    for stock in answer.case.stocks.values():
        mine = owner is None or stock.owner == owner
        if mine and stock.commodity == commodity and answer.at_home(stock.site):
            opening += stock.opening
            level = level + answer.of("stock", stock.name)
    return opening, level


def waiting(answer: SolvedPlan, commodity: str) -> Array:
    """t that wait in yards at home at the end of each moment."""
    found = answer.nothing
    for (site, item), level in answer.values["yard_stock"].items():
        if item == commodity and answer.at_home(site):
            found = found + level
    return found


def cover_targets(answer: SolvedPlan) -> dict[str, tuple[float, int | None]]:
    """(months asked, first month asked) by commodity, from the policies on cover."""
    asked = {
        r.name: (r.limit, r.start)
        for r in answer.tables["Policies"].records()
        if r.measure == "cover"
    }
    found: dict[str, tuple[float, int | None]] = {}
    for policy in answer.case.policies:
        if policy.measure == "cover":
            for term in policy.numerator:
                found[answer.case.stocks[term.name].commodity] = asked[policy.name]
    return found


def stockpiles(answer: SolvedPlan) -> Table:
    labels = (
        Column("commodity"), Column("owner", shape="word"), Column("stockpile"),
        Column("measure", shape="word"),
    )  # fmt: skip
    table = TimeTable("stockpiles", labels, Timeline.of(answer, answer.reference_path))
    targets, case = cover_targets(answer), answer.case
    for commodity in answer.kind_of:
        stocks = [s for s in case.stocks.values() if s.commodity == commodity]
        unit = answer.unit_of[commodity]
        for stock in stocks:
            level = answer.of("stock", stock.name)
            change = level - answer.before(stock.name)
            row = (commodity, stock.owner, stock.name)
            table.add((*row, "level at the end"), unit, level, "end", keep=True)
            table.add((*row, "put in less drawn"), unit, change)
        yard = waiting(answer, commodity)
        table.add((commodity, "yards", "", "level at the end"), unit, yard, "end")
        if commodity not in answer.elements or not (stocks or yard.any()):
            continue
        for owner in owners_of(answer):
            cover = months_covered(answer, commodity, held_by(answer, commodity, owner)[1])
            table.add((commodity, owner, "", "cover"), "months", cover, "end")
        cover = months_covered(answer, commodity, held_by(answer, commodity)[1])
        table.add((commodity, "all owners", "", "cover"), "months", cover, "end", keep=True)
        if yard.any():
            held = held_by(answer, commodity)[1] + yard
            cover = months_covered(answer, commodity, held)
            table.add((commodity, "all and yards", "", "cover"), "months", cover, "end")
        if commodity in targets:
            months, start = targets[commodity]
            since = np.array([start is None or m.start >= start for m in case.tree.nodes])
            asked = np.where(since, months, np.nan)
            table.add((commodity, "all owners", "", "cover asked"), "months", asked, "end")
    return table.table(branch=answer.reference_path.name)
