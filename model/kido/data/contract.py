"""Contracts: what they cover, when they are signed and settled, what a tonne costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from kido.data.case import Array, Contract, Offer, Route
from kido.data.effects import Effects
from kido.data.tables import Tables, or_else
from kido.data.tree import Tree
from kido.data.window import calendar_window, windows
from kido.data.words import Words

SETTLEMENT_MONTHS = {"month": 1, "quarter": 3, "year": 12}
STOPPABLE = ("Supply", "Facilities", "Processes", "Routes")


def contracts(
    tables: Tables,
    words: Words,
    effects: Effects,
    supply: Mapping[str, Offer],
    routes: Mapping[str, Route],
) -> Mapping[str, Contract]:
    tree = effects.tree
    plain = {r.name: r.price for sheet in ("Supply", "Routes") for r in tables[sheet].records()}
    found = {}
    for r in tables["Contracts"].records():
        covers = tuple(
            dict.fromkeys(
                (variable, row)
                for word in r.applies_to
                for variable, sheet, held in (("buy", "Supply", supply), ("ship", "Routes", routes))
                for row in words.rows(word, sheet)
                if row in held
            )
        )
        first = max(tree.start, r.start) if r.start is not None else tree.start
        after = tree.end if r.end is None else min(tree.end, r.end + 1)
        life = np.array([max(0, min(m.end, after) - max(m.start, first)) for m in tree.moments])
        price = {row: _price(r, effects, plain, v, row) for v, row in covers}
        pays_back = r.price_rule == "index" and r.rebate_share > 0
        found[r.name] = Contract(
            name=r.name,
            covers=covers,
            least=r.least_reserved,
            most=math.inf if math.isnan(r.most_reserved) else r.most_reserved,
            life=life / 12,
            signed={int(n): _signed(tree, int(n), first) for n in np.flatnonzero(life)},
            price=price,
            forgone_price=np.mean(list(price.values()), axis=0)
            if price
            else np.zeros(len(tree.moments)),
            fee=r.fee,
            take_or_pay=r.take_or_pay,
            availability=_availability(words, effects, covers, r.depends_on),
            settlements=windows(tree, calendar_window(SETTLEMENT_MONTHS[r.settled]), life > 0)
            if r.take_or_pay > 0
            else (),
            rebate_rate={row: _rebate_rate(r, effects, plain, v, row) for v, row in covers}
            if pays_back
            else {},
            rebate_cap=math.inf if math.isnan(r.rebate_cap) else r.rebate_cap,
            rebates=windows(tree, calendar_window(12), life > 0) if pays_back else (),
        )
    return found


def _signed(tree: Tree, n: int, first: int) -> int:
    """The moment on the path to n in which the contract's first month falls."""
    return next(m for m in tree.back(n) if tree.moments[m].start <= first)


def _index(
    r: Any, effects: Effects, plain: Mapping[str, float], variable: str, row: str
) -> tuple[Array, ...]:
    """The index of an index price in each month, for every branch, after price events."""
    if r.index is None:
        sheet = "Routes" if variable == "ship" else "Supply"
        monthly = effects.monthly(sheet, row, "price", plain[row])
    elif isinstance(r.index, str):
        series = effects.profile(r.index)
        series = np.where(np.isnan(series), effects.profiles[r.index].values[0], series)
        monthly = effects.monthly("Contracts", r.name, "price", series)
    else:
        monthly = effects.monthly("Contracts", r.name, "price", r.index)
    return monthly


def _price(r: Any, effects: Effects, plain: Mapping[str, float], variable: str, row: str) -> Array:
    if r.price_rule == "fixed":
        return np.full(len(effects.tree.moments), r.price)
    if r.price_rule == "index":
        floor = -math.inf if math.isnan(r.floor) else r.floor
        index = _index(r, effects, plain, variable, row)
        return effects.means(tuple(np.maximum(r.index_factor * x, floor) for x in index))
    sheet = "Routes" if variable == "ship" else "Supply"
    return effects.mean(sheet, row, "price", plain[row])


def _rebate_rate(
    r: Any, effects: Effects, plain: Mapping[str, float], variable: str, row: str
) -> Array:
    """kUSD paid back at most for a t lifted: the share of what the index exceeds."""
    above = or_else(r.rebate_above, 0.0)
    index = _index(r, effects, plain, variable, row)
    return r.rebate_share * effects.means(tuple(np.maximum(x - above, 0.0) for x in index))


def _availability(
    words: Words, effects: Effects, covers: tuple[tuple[str, str], ...], depends: tuple[str, ...]
) -> Array:
    """Force majeure: the least capacity factor left by events, at most 1."""
    rows = {("Routes" if variable == "ship" else "Supply", row) for variable, row in covers}
    rows |= {
        (sheet, row) for word in depends for sheet in STOPPABLE for row in words.rows(word, sheet)
    }
    least = np.ones(len(effects.tree.moments))
    for sheet, row in sorted(rows):
        acting = effects.acting(sheet, row, "capacity")
        if acting:
            keys = effects.keys(acting)
            made = {key: effects.factor("capacity", key) for key in set(keys)}
            least = np.minimum(least, effects.means(tuple(made[key] for key in keys)))
    return least
