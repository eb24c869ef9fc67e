"""Limits on how fast a stockpile is filled and drawn, and on how long goods stay in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case, Pair
from kido.data.case.lead_times import last_months
from kido.lp.balance import outflows
from kido.lp.rows import Rows, before, opening
from kido.lp.variables import Indices, Variables


def stock_change(case: Case, v: Variables) -> Iterator[Rows]:
    """The change of a stockpile is within its fill and draw limits; before release it only fills.

    For every stockpile s and node n, n' the node before n (at a root: the opening stock):

    -draw[s,n] <= stock[s,n] - stock[s,n'] <= fill[s,n]

    Row: t in a node. Where drawing binds the dual is the value of drawing a tonne faster;
    where filling binds it is, its sign turned, that of filling a tonne faster.
    """
    for (name,), stock in v["stock"].items():
        stockpile = case.stocks[name]
        rows = Rows((name,), v.nodes, lower=-stockpile.draw, upper=stockpile.fill)
        rows.keep((stock >= 0) & (np.isfinite(stockpile.draw) | np.isfinite(stockpile.fill)))
        rows.add(1, stock)
        rows.add(-1, before(case.tree, stock))
        rows.add_constant(opening(case.tree, stockpile))
        yield rows


def shelf_life(case: Case, v: Variables) -> Iterator[Rows]:
    """What lay in a stockpile at the beginning of its last months of life has left, oldest first.

    For every stockpile s with a life and node n that ends at least this life after the start:

    sum of stock[t,n] - last[s,n,k] (stock[t,k] - stock[t,k']) over stockpiles t, nodes k
        <= sum of last[s,n,k] x what leaves the site of the commodity of s in k, over nodes k

    t are s and the other stockpiles of its commodity and site with no longer life, k the nodes
    on the path to n, k' the node before k (at a root: the opening stock, fresh then). last[s,n,k]
    is the share of k that lies in the life[s] months before the end of n: the left side is the
    stock at the beginning of these months. What leaves is used, sent, sold, met or discarded;
    goods may be turned over faster than the fill and draw limits, which hold for the level.

    For every node n that ends earlier, by whose end some of the opening stocks t has expired:

    expired[s,n] <= sum of what leaves the site of the commodity of s in k, over nodes k

    Row: t at the end of a node. The dual, its sign turned, is the value of a tonne that keeps.
    """
    leaving: dict[Pair, list[tuple[float, Indices]]] = {}
    if any(np.isfinite(stockpile.life) for stockpile in case.stocks.values()):
        for pair, amount, columns in outflows(case, v):
            leaving.setdefault(pair, []).append((amount, columns))
    for stockpile in case.stocks.values():
        if np.isinf(stockpile.life):
            continue
        n, k, share = last_months(case.tree, stockpile.life)
        rows = Rows((stockpile.name,), v.nodes, upper=0.0)
        for other in case.stocks.values():
            if other.pair == stockpile.pair and other.life <= stockpile.life:
                stock = v["stock"][other.name,]
                rows.add(1, stock)
                rows.add(-share, stock[k], n)
                rows.add(share, before(case.tree, stock)[k], n)
                fresh = share * opening(case.tree, other)[k]
                rows.add_constant(-np.bincount(n, fresh, v.nodes).astype(float))
        for amount, columns in leaving.get(stockpile.pair, ()):
            rows.add(-amount * share, columns[k], n)
        rows.merge()  # of a node that ends earlier the stocks cancel
        early = case.tree.spans[1] - stockpile.life < case.tree.start
        rows.upper[early] = -stockpile.expired[early]
        rows.keep(~early | (stockpile.expired > 0))
        yield rows
