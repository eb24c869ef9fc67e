"""The mass balance of every commodity at every site and node of the tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables

RowAt = Callable[[str, str, int], Row]
AddConstant = Callable[[Row, float], None]


def balance(case: Case, v: Variables) -> Iterator[Row]:
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
    rows: dict[tuple[str, str, int], Row] = {}

    def at(site: str, commodity: str, n: int) -> Row:
        key = (site, commodity, n)
        if key not in rows:
            rows[key] = Row(key, lower=0.0, upper=0.0)
        return rows[key]

    def add_constant(row: Row, tonnes: float) -> None:
        row.lower += tonnes
        row.upper += tonnes

    for (name, n), column in v["buy"].items():
        at(*case.supply[name].pair, n).add(-1, column)
    for (name, n), column in v["sell"].items():
        at(*case.sales[name].pair, n).add(1, column)
    for (name, n), column in v["meet"].items():
        at(*case.demands[name].pair, n).add(1, column)
    for (site, commodity, n), column in v["discard"].items():
        at(site, commodity, n).add(1, column)
    _processes(case, v, at, add_constant)
    _routes(case, v, at, add_constant)
    _stocks(case, v, at, add_constant)
    yield from (row for row in rows.values() if row.variables or row.upper != 0)


def _processes(case: Case, v: Variables, at: RowAt, add_constant: AddConstant) -> None:
    for (name, n), column in v["run"].items():
        process = case.processes[name]
        for item, amount in process.inputs:
            at(process.site, item, n).add(amount, column)
    for process in case.processes.values():
        for n, parts in enumerate(process.arrivals):
            for commodity, yields in process.outputs.items():
                for m, share in parts:
                    column = v["run"].get((process.name, m))
                    if column is not None:
                        at(process.site, commodity, n).add(-share * yields[m], column)
        for commodity, pipeline in process.pipeline.items():
            for n in pipeline.nonzero()[0]:
                add_constant(at(process.site, commodity, int(n)), float(pipeline[n]))


def _routes(case: Case, v: Variables, at: RowAt, add_constant: AddConstant) -> None:
    for (name, n), column in v["ship"].items():
        route = case.routes[name]
        at(route.origin, route.commodity, n).add(1, column)
    for route in case.routes.values():
        for n, parts in enumerate(route.arrivals):
            for m, share in parts:
                column = v["ship"].get((route.name, m))
                if column is not None:
                    arrived = share * route.efficiency[m]
                    at(route.destination, route.commodity, n).add(-arrived, column)
        for n in route.pipeline.nonzero()[0]:
            add_constant(at(route.destination, route.commodity, int(n)), float(route.pipeline[n]))


def _stocks(case: Case, v: Variables, at: RowAt, add_constant: AddConstant) -> None:
    children = case.tree.children
    for (name, n), column in v["stock"].items():
        pair = case.stocks[name].pair
        at(*pair, n).add(1, column)
        for after in children[n]:
            at(*pair, after).add(-1, column)
    for (site, commodity, n), column in v["yard_stock"].items():
        at(site, commodity, n).add(1, column)
        for after in children[n]:
            at(site, commodity, after).add(-1, column)
    for root in (m.index for m in case.tree.nodes if m.previous < 0):
        for stock in case.stocks.values():
            if stock.opening:
                add_constant(at(*stock.pair, root), stock.opening)
