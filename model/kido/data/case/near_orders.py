"""Near orders: how much of what was ordered before may change, commodity by commodity.

The sheet Orders lists what was ordered; its near months go from the first to the last month on
it, on the base case. The change of a commodity is the sum of what each order of it rises or falls
by, in tonnes: tonnes of one commodity add up, and no price, which news may move, weighs them. A row
that is not listed and is bought from (it has a price or a contract) counts as ordered 0 there, so
that moving to another supplier is a change. Commodities of which nothing is listed are free.
"""

from __future__ import annotations

import math

import numpy as np

from kido.data.case.case import SHEET_OF, VARIABLE_OF, Case, NearOrders, Offer, Route
from kido.data.case.orders import held_orders
from kido.data.selectors import NameIndex
from kido.data.tables import Tables

STATUSES = ("proposed", "approved", "confirmed")
SHEETS = ("Supply", "Routes")


def near_orders(tables: Tables, words: NameIndex, case: Case) -> tuple[NearOrders, ...]:
    """The near orders of each commodity of which some are listed."""
    rows, tree = tables["Orders"].rows, case.tree
    of_base = tables.with_rows("Orders", rows[rows["scenario"] == ""])
    listed = {
        (VARIABLE_OF[sheet], name): amounts
        for (sheet, name), amounts in held_orders(of_base, words, tree, STATUSES).items()
        if sheet in SHEETS
    }
    names = {name for _, name in listed}
    months = [r.month for r in of_base["Orders"].records() if r.name in names]
    (start, end), near = tree.spans, np.zeros(len(tree.nodes), dtype=bool)
    near[list(tree.base_nodes)] = True
    if months:
        near &= (start <= max(months)) & (end > min(months))
    if not months or not near.any():
        return ()
    none = np.zeros(len(tree.nodes))
    counted = {key: listed.get(key, none) * near for key in {*listed, *bought_rows(case)}}
    result = []
    for commodity in sorted({_record(case, *key).commodity for key in listed}):
        ordered = {
            key: counted[key]
            for key in sorted(counted)
            if _record(case, *key).commodity == commodity
        }
        total = sum(float(amounts.sum()) for amounts in ordered.values())
        share = case.settings.nervousness
        result.append(
            NearOrders(
                commodity=commodity,
                node=int(np.flatnonzero(near)[-1]),
                near=near,
                ordered=ordered,
                limit=math.inf if share is None else share / 100 * total,
            )
        )
    return tuple(result)


def _record(case: Case, variable: str, name: str) -> Offer | Route:
    return case.supply[name] if SHEET_OF[variable] == "Supply" else case.routes[name]


def bought_rows(case: Case) -> set[tuple[str, str]]:
    """(variable, row) of what is bought from: it has a price, or a contract covers it."""
    paid = {
        (term.variable, term.key[0])
        for term in case.cost_terms
        if term.category == "purchase" and term.variable in ("buy", "ship") and term.rate.any()
    }
    return paid | {place for contract in case.contracts.values() for place in contract.covers}
