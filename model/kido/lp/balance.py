"""The mass balance of every commodity at every site and node of the tree."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.case.case import Case, Pair
from kido.lp.rows import Rows, RowsByKey, before, opening, triplets
from kido.lp.variables import Indices, Variables


def balance(case: Case, v: Variables) -> Iterator[Rows]:
    """Mass balance: what comes to a site in a node is used, sent, sold, stocked or discarded.

    For every site i, commodity c and node n of the tree, n' the node before n:

    sum of input[p,c] run[p,n] over processes p at i that take c
        + sum of ship[r,n] over routes r of c from i + sum of sell[o,n] over outlets o of c at i
        + sum of meet[d,n] over demands d for c at i + discard[i,c,n]
        + sum of (stock[s,n] - stock[s,n']) over stockpiles s of c at i
        + yard_stock[i,c,n] - yard_stock[i,c,n']
        - sum of buy[o,n] over offers o of c at i
        - sum of lands[p,m,n] output[p,c,m] run[p,m] over processes p at i that make c, nodes m
        - sum of lands[r,m,n] kept[r,m] ship[r,m] over routes r of c to i, nodes m
        = pipeline[i,c,n] (+ opening[s] at a root)

    lands[.,m,n] is the share of what is sent in m, on the path to n, that arrives in n.
    Row: t of a commodity at a site in a node. The dual, its sign turned, is the value of
    one more tonne at that site and node: the most a kg is worth paying for.
    """
    rows = RowsByKey(v.nodes, lower=0.0, upper=0.0)
    for (name,), buy in v["buy"].items():
        rows[case.supply[name].pair].add(-1, buy)
    for pair, amount, columns in outflows(case, v):
        rows[pair].add(amount, columns)
    _processes(case, v, rows)
    _routes(case, v, rows)
    _stocks(case, v, rows)
    yield from rows.values()


def outflows(case: Case, v: Variables) -> Iterator[tuple[Pair, float, Indices]]:
    """(pair, t for each unit, columns) of all that is used, sent, sold, met and discarded."""
    for process in case.processes.values():
        for item, amount in process.inputs:
            yield (process.site, item), amount, v["run"][process.name,]
    for route in case.routes.values():
        yield (route.origin, route.commodity), 1.0, v["ship"][route.name,]
    for (name,), sell in v["sell"].items():
        yield case.sales[name].pair, 1.0, sell
    for (name,), meet in v["meet"].items():
        yield case.demands[name].pair, 1.0, meet
    for (site, commodity), discard in v["discard"].items():
        yield (site, commodity), 1.0, discard


def _processes(case: Case, v: Variables, rows: RowsByKey) -> None:
    for process in case.processes.values():
        run = v["run"][process.name,]
        n, m, share = triplets(process.arrivals)
        for item, output in process.outputs.items():
            rows[process.site, item].add(-share * output[m], run[m], n)
        for item, pipeline in process.pipeline.items():
            rows[process.site, item].add_constant(pipeline)


def _routes(case: Case, v: Variables, rows: RowsByKey) -> None:
    for route in case.routes.values():
        ship = v["ship"][route.name,]
        n, m, share = triplets(route.arrivals)
        arrivals = rows[route.destination, route.commodity]
        arrivals.add(-share * route.efficiency[m], ship[m], n)
        arrivals.add_constant(route.pipeline)


def _stocks(case: Case, v: Variables, rows: RowsByKey) -> None:
    for (name,), stock in v["stock"].items():
        rows[case.stocks[name].pair].add(1, stock)
        rows[case.stocks[name].pair].add(-1, before(case.tree, stock))
    for pair, stock in v["yard_stock"].items():
        rows[pair].add(1, stock)
        rows[pair].add(-1, before(case.tree, stock))
    for stockpile in case.stocks.values():
        rows[stockpile.pair].add_constant(opening(case.tree, stockpile))
