"""Demand and relief: the records of both sheets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kido.data.case.case import Array, Demand, ReliefOption
from kido.data.case.disruptions import Disruption, known_for
from kido.data.case.effects import Effects
from kido.data.case.events import mixed
from kido.data.case.lead_times import ArrivalShares
from kido.data.case.tree import Tree
from kido.data.case.underway import Underway
from kido.data.tables import Tables, or_else
from kido.data.units import Units


def demands(
    tables: Tables, effects: Effects, landing: ArrivalShares, underway: Underway
) -> tuple[Mapping[str, Demand], Mapping[str, ReliefOption]]:
    """The records of Demand and of Relief, by name."""
    relief: dict[str, list[Any]] = {}
    for r in tables["Relief"].records():
        relief.setdefault(r.demand, []).append(r)
    records, tiers = {}, {}
    for r in tables["Demand"].records():
        monthly = monthly_need(tables, effects, r)
        need = effects.sums(monthly)
        rows = relief.get(r.name, [])
        records[r.name] = Demand(
            name=r.name,
            segment=r.segment,
            site=r.site,
            commodity=r.commodity,
            priority=int(r.priority),
            need=need,
            tiers=tuple(x.name for x in rows),
        )
        for x in rows:
            option = tier(x, r.commodity, monthly, effects, landing)
            scale = Units(tables).tonnes(r.commodity)
            tiers[x.name] = with_returns(option, underway, effects.tree, scale)
    return records, tiers


def monthly_need(tables: Tables, effects: Effects, row: Any) -> tuple[Array, ...]:
    """t needed in each month, for every branch; growth comes in steps each January. Never < 0.

    Before the start and after the end of the row there is no need.
    """
    scale = Units(tables).tonnes(row.commodity)
    base_year = tables.settings.base_year
    months = effects.start + np.arange(effects.count)
    grown = row.need / 12 * (1 + row.growth) ** (months // 12 - base_year)
    there = effects.open_share((), row.start, row.end)
    keys = effects.keys(effects.events_reaching("Demand", row.name, "demand"))
    needs = {}
    for key in set(keys):
        # a profile and an added amount are a year's, in the commodity's unit
        yearly = effects.after_events(grown * 12, "demand", key)
        needs[key] = there * np.maximum(yearly, 0.0) * scale / 12
    return tuple(needs[key] for key in keys)


def tier(
    row: Any,
    commodity: str,
    need: tuple[Array, ...],
    effects: Effects,
    landing: ArrivalShares,
) -> ReliefOption:
    """The record of a row of Relief.

    `commodity` is that of its demand, `need` what the demand is in each month, by branch.
    """
    tree = effects.tree
    shares = effects.monthly("Relief", row.name, "capacity", row.share)
    notices = [() if math.isnan(row.notice) else b.disruptions for b in tree.branches]
    keys = [(id(s), id(n), known) for s, n, known in zip(shares, need, notices, strict=True)]
    distinct = dict(zip(keys, zip(shares, need, strict=True), strict=True))
    limits = {
        key: _most(row, *series, _open_share(row, commodity, key[2], effects.month))
        for key, series in distinct.items()
    }
    most = effects.sums(tuple(limits[key] for key in keys))
    returns, again = None, 0.0
    if row.kind == "defer" and not math.isnan(row.returns):
        again = or_else(row.latest_return, row.returns) - row.returns
        returns = landing.constant(row.returns)
        late = np.array([m.end + row.returns > tree.end + 1e-9 for m in tree.nodes])
        most = np.where(late, 0.0, most)
    none = np.zeros(len(tree.nodes))
    return ReliefOption(
        row.name, row.demand, row.kind, most, returns, again, row.grade, none, 0.0, none
    )


def with_returns(
    option: ReliefOption, underway: Underway, tree: Tree, scale: float
) -> ReliefOption:
    """The relief with the need put off before the plan; `scale` is t in its unit.

    What first fell due before the plan has been put off again since, and may be until the months
    that its latest return leaves are over.
    """
    months = underway.by_month("returns", option.name)
    before = {month: amount for month, amount in months.items() if month < tree.start}
    since = tree.spans[1] - option.again
    recent = np.zeros(len(tree.nodes))
    for month, amount in before.items():
        recent += amount * np.clip(month + 1 - since, 0.0, 1.0)
    return replace(
        option,
        returned=underway.in_nodes(tree, "returns", option.name) * scale,
        postponed=sum(before.values()) * scale,
        recent=recent * scale,
    )


def _most(row: Any, share: Array, need: Array, is_open: Array) -> Array:
    """The most t in each month, of the shares of that need, and of the month it is open."""
    most = np.clip(share, 0, 1) * need
    if row.kind == "lost":  # all of the need, returned deferrals included
        most = np.where(share >= 1, math.inf, most)
    return mixed(is_open, most, 0 * need)


def _open_share(
    row: Any, commodity: str, disruptions: tuple[Disruption, ...], month: Array
) -> Array:
    """The share of each month in which a relief row is open: from its start, after its notice."""
    is_open = np.ones(len(month)) if row.start is None else (month >= row.start) * 1.0
    if math.isnan(row.notice):
        return is_open
    return is_open * known_for(disruptions, commodity, row.notice, month)
