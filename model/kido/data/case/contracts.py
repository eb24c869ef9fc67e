"""Contracts: the rows they cover, signing and settlement, prices and force majeure.

A contract covers the supply rows and routes that its words reach; a tonne that would pass two of
them counts once. Volumes are in the unit of the commodity. A tonne forgone costs the contract's
price of the period it is settled in, the mean of the rows covered, without tariff.

Force majeure is taken month by month, in the months of the contract's life: the least share left
by capacity events on the rows covered and on what it depends on (of a site: every supply row,
facility, process and route there). A stop in the form of a profile, or the end of a row, is no
force majeure. A late start is none either: its life begins later, see `kido.data.case.waiting`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import VARIABLE_OF, Array, Contract, MakeUp, Offer, Route, Window
from kido.data.case.effects import Effects
from kido.data.case.events import each
from kido.data.case.make_up import make_up_of, paid_share
from kido.data.case.settlements import before_plan, left_of_before, settlement_window
from kido.data.case.tree import Tree
from kido.data.case.underway import Underway
from kido.data.case.waiting import Waiting, rows_depended
from kido.data.case.windows import calendar_window, under_way, windows
from kido.data.once import counted_by_contract
from kido.data.selectors import NameIndex
from kido.data.tables import Tables, or_else
from kido.data.units import Units


def contracts(
    tables: Tables,
    words: NameIndex,
    effects: Effects,
    supply: Mapping[str, Offer],
    routes: Mapping[str, Route],
    underway: Underway,
) -> Mapping[str, Contract]:
    """The records of the rows of Contracts, by name."""
    tree = effects.tree
    base_prices = {
        r.name: r.price for sheet in ("Supply", "Routes") for r in tables[sheet].records()
    }
    units = Units(tables)
    records: dict[str, Mapping[str, Offer | Route]] = {"buy": supply, "ship": routes}
    waiting = Waiting(tables, words, effects)
    result = {}
    for r in tables["Contracts"].records():
        covers = covered_rows(tables, words, r.applies_to)
        scale = units.shared({records[variable][row].commodity for variable, row in covers})
        alive = months_alive(waiting, r, covers)
        life = effects.sums(alive)
        price = {row: price_of(r, effects, base_prices, v, row) for v, row in covers}
        available = availability(words, effects, covers, r.depends_on, alive)
        settlements = windows(tree, settlement_window(r, tree.start), life > 0)
        by_period = not math.isnan(r.most_a_month)
        quantities = settlements if by_period else single_nodes(life > 0)
        quantity = life / 12 * (available if by_period else 1.0)
        signed, lifted = before_plan(r, tree, life, scale, underway)
        settled = settlements if r.take_or_pay > 0 else ()
        share = paid_share(r, settled, life / 12 * available, quantity, signed, lifted)
        made_up = make_up_of(r, tree, life, settled, share, scale)
        open_months = life
        if made_up is not None:
            quantities += single_nodes(made_up.after)
            open_months = months_open(tree, life, made_up)
        has_rebate = r.price_rule == "index" and r.rebate_share > 0
        rebates = windows(tree, calendar_window(12), life > 0) if has_rebate else ()
        result[r.name] = Contract(
            name=r.name,
            covers=covers,
            least=r.least_reserved * scale,
            most=or_else(r.most_reserved, math.inf) * scale,
            life=life / 12,
            signed=_signed(tree, life_of(r, tree)[0], life),
            quantities=quantities,
            quantity=quantity,
            quantity_before=left_of_before(r, tree, life, scale, quantities, quantity, underway)
            if by_period
            else np.zeros(len(life)),
            most_lifted=r.most_a_month * scale * open_months
            if by_period
            else np.full(len(life), math.inf),
            price=price,
            forgone_price=np.mean(list(price.values()), axis=0)
            if price
            else np.zeros(len(tree.nodes)),
            fee=r.fee,
            take_or_pay=r.take_or_pay,
            availability=available,
            settlements=settled,
            owed_before=r.take_or_pay * signed - lifted,
            make_up=made_up,
            rebate_rate={row: rebate_rate(r, effects, base_prices, v, row) for v, row in covers}
            if has_rebate
            else {},
            rebate_cap=math.inf if math.isnan(r.rebate_cap) else r.rebate_cap,
            rebates=rebates,
            earned=under_way(tree, calendar_window(12), rebates) * underway.total("earned", r.name),
        )
    return result


def single_nodes(where: NDArray[np.bool_]) -> tuple[Window, ...]:
    """A window for each of these nodes."""
    return tuple(Window(n, (n,)) for n in np.flatnonzero(where).tolist())


def months_open(tree: Tree, life: Array, made_up: MakeUp) -> Array:
    """Months of each node in which may be lifted: those of the contract's life, all after it."""
    starts, ends = tree.spans
    return np.where(made_up.after, ends - starts, life)


def life_of(r: Any, tree: Tree) -> tuple[int, int]:
    """The first month of a row of Contracts within the plan, and the month after its last."""
    first = tree.start if r.start is None else max(tree.start, r.start)
    return first, tree.end if r.end is None else min(tree.end, r.end + 1)


def covered_rows(
    tables: Tables, words: NameIndex, applies_to: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """(variable, row) of every supply row and route at which a contract counts a tonne."""
    reached = {
        sheet: list(dict.fromkeys(row for word in applies_to for row in words.rows(word, sheet)))
        for sheet in ("Supply", "Routes")
    }
    rows = {sheet: {r.name: r for r in tables[sheet].records()} for sheet in reached}
    once = counted_by_contract(
        [rows["Supply"][name] for name in reached["Supply"]],
        [rows["Routes"][name] for name in reached["Routes"]],
        list(rows["Routes"].values()),
    )
    return tuple(
        dict.fromkeys(
            (VARIABLE_OF[sheet], row)
            for word in applies_to
            for sheet in ("Supply", "Routes")
            for row in words.rows(word, sheet)
            if row in once
        )
    )


def _signed(tree: Tree, first: int, life: Array) -> dict[int, int]:
    """For each node of its life, the one on its path in which the contract's first month lies."""
    of: list[int] = []
    for m in tree.nodes:
        of.append(m.index if m.start <= first else of[m.previous])
    return {int(n): of[n] for n in np.flatnonzero(life)}


def _index(
    r: Any, effects: Effects, base_prices: Mapping[str, float], variable: str, row: str
) -> tuple[Array, ...]:
    """USD/kg of a contract's index in each month, for every branch, after price events."""
    if r.index is None:
        sheet = "Routes" if variable == "ship" else "Supply"
        monthly = effects.monthly(sheet, row, "price", base_prices[row])
    elif isinstance(r.index, str):
        series = effects.profile(r.index)
        series = np.where(np.isnan(series), effects.profiles[r.index].values[0], series)
        series = series / effects.rates.get(("Contracts", r.name), 1.0)
        monthly = effects.monthly("Contracts", r.name, "price", series)
    else:
        monthly = effects.monthly("Contracts", r.name, "price", r.index)
    return monthly


def price_of(
    r: Any, effects: Effects, base_prices: Mapping[str, float], variable: str, row: str
) -> Array:
    """USD/kg of what is lifted from a covered row, in each node.

    `base_prices` has the price cell of every row.
    """
    if r.price_rule == "fixed":
        return np.full(len(effects.tree.nodes), r.price)
    if r.price_rule == "index":
        floor = -math.inf if math.isnan(r.floor) else r.floor
        index = _index(r, effects, base_prices, variable, row)
        return effects.means(each(lambda x: np.maximum(r.index_factor * x, floor), index))
    sheet = "Routes" if variable == "ship" else "Supply"
    return effects.mean(sheet, row, "price", base_prices[row])


def rebate_rate(
    r: Any, effects: Effects, base_prices: Mapping[str, float], variable: str, row: str
) -> Array:
    """The largest rebate in kUSD for a t lifted: rebate share x (index - threshold)."""
    above = or_else(r.rebate_above, 0.0)
    index = _index(r, effects, base_prices, variable, row)
    excess = each(lambda x: np.maximum(x - above, 0.0), index)
    return r.rebate_share * effects.means(excess)


def months_alive(
    waiting: Waiting,
    r: Any,
    covers: tuple[tuple[str, str], ...],
) -> tuple[Array, ...]:
    """The share of each month, on every branch, that is of a contract's life.

    From its start to its end, as far as what it waits for is there.
    """
    effects = waiting.effects
    first, after = life_of(r, effects.tree)
    alive = np.where((effects.month >= first) & (effects.month < after), 1.0, 0.0)
    there = waiting.there(covered_places(covers), r.depends_on)
    return each(lambda share: alive * share, there)


def covered_places(covers: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """(sheet, row) of what a contract covers."""
    return {("Routes" if variable == "ship" else "Supply", row) for variable, row in covers}


def availability(
    words: NameIndex,
    effects: Effects,
    covers: tuple[tuple[str, str], ...],
    depends: tuple[str, ...],
    alive: tuple[Array, ...],
) -> Array:
    """The share of firm volumes that force majeure leaves: in each node, the mean of its months.

    `alive` is the share of each month that is of the contract's life: others do not count.
    """
    least = alive
    for sheet, row in sorted(covered_places(covers) | rows_depended(words, depends)):
        keys = effects.keys(effects.events_reaching(sheet, row, "capacity"))
        if not any(keys):
            continue
        shares = {key: effects.factor("capacity", key) for key in set(keys)}
        series = list(zip(least, alive, keys, strict=True))
        distinct = {(id(x), id(a), key): (x, a, key) for x, a, key in series}
        lower = {at: np.minimum(x, a * shares[key]) for at, (x, a, key) in distinct.items()}
        least = tuple(lower[id(x), id(a), key] for x, a, key in series)
    life = effects.sums(alive)
    return np.divide(effects.sums(least), life, out=np.ones(len(life)), where=life > 0)
