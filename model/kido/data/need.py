"""Demand and the ways to live with less."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case import Array, Demand, Tier
from kido.data.effects import Effects
from kido.data.flow import Landing
from kido.data.tables import Tables


def demands(
    tables: Tables, effects: Effects, landing: Landing
) -> tuple[Mapping[str, Demand], Mapping[str, Tier]]:
    relief: dict[str, list[Any]] = {}
    for r in tables["Relief"].records():
        relief.setdefault(r.demand, []).append(r)
    found, tiers = {}, {}
    for r in tables["Demand"].records():
        monthly = monthly_need(tables, effects, r)
        need = effects.sums(monthly)
        rows = relief.get(r.name, [])
        found[r.name] = Demand(
            name=r.name,
            segment=r.segment,
            site=r.site,
            commodity=r.commodity,
            priority=int(r.priority),
            need=need,
            tiers=tuple(x.name for x in rows),
        )
        for x in rows:
            tiers[x.name] = _tier(x, monthly, effects, landing)
    return found, tiers


def monthly_need(tables: Tables, effects: Effects, row: Any) -> tuple[Array, ...]:
    """t needed in each month, for every branch; growth steps each January."""
    base_year = tables.settings.base_year
    months = effects.start + np.arange(effects.count)
    plain = row.need / 12 * (1 + row.growth) ** (months // 12 - base_year)
    keys = effects.keys(effects.acting("Demand", row.name, "demand"))
    made = {}
    for key in set(keys):
        # a profile and an added amount are t/yr
        yearly = effects.number(plain * 12, "demand", key)
        made[key] = np.maximum(yearly, 0.0) / 12
    return tuple(made[key] for key in keys)


def _tier(row: Any, need: tuple[Array, ...], effects: Effects, landing: Landing) -> Tier:
    tree = effects.tree
    months = effects.start + np.arange(effects.count)
    everything = row.kind == "lost" and row.share >= 1
    shares = effects.monthly("Relief", row.name, "capacity", row.share)
    allowed = []
    for branch, share, wanted in zip(tree.branches, shares, need, strict=True):
        usable = np.ones(effects.count, dtype=bool)
        if row.start is not None:
            usable = months >= row.start
        if not math.isnan(row.notice):
            struck = branch.disrupted_from
            usable = usable & (struck is not None and months >= struck + row.notice)
        limit = np.full(effects.count, math.inf) if everything else np.clip(share, 0, 1) * wanted
        if everything:
            limit = np.where(share > 0, limit, 0.0)
        allowed.append(np.where(usable, limit, 0.0))
    most = effects.sums(tuple(allowed))
    returns = None
    if row.kind == "defer" and not math.isnan(row.returns):
        returns = landing.constant(row.returns)
        late = np.array([m.end + row.returns > tree.end + 1e-9 for m in tree.moments])
        most = np.where(late, 0.0, most)
    return Tier(row.name, row.demand, row.kind, most, returns)
