"""Reachability: the variables that can be nonzero, by a forward pass along the tree.

The pass begins at supplies, opening stocks and goods on the way. Columns that nothing can feed are
left out of the program; so are balances without a column. A row with a minimum keeps its column, so
that an infeasible book can be explained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import compress

import numpy as np

from kido.data.case.case import Case, Facility
from kido.data.case.forward_pass import Mask, possible_flows

Keys = tuple[tuple[object, ...], ...]
Columns = list[tuple[object, ...]]


def columns(case: Case) -> Mapping[str, Keys]:
    """The keys of every variable, in the order of rows, then nodes."""
    numbers = tuple(range(len(case.tree.nodes)))  # one object for each, in all keys

    def nodes(mask: Mask) -> Iterator[int]:
        return compress(numbers, mask.tolist())

    room = {f.name: has_room(f) for f in case.facilities.values()}
    possible = possible_flows(case, room)
    flows, fed = possible.flows, possible.fed
    flows |= {("buy", o.name): o.most > 0 for o in case.supply.values()}
    thrown = [pair for pair in sorted(fed) if pair[1] in case.disposal]
    result: dict[str, Columns] = {
        "buy": [(name, n) for name in case.supply for n in nodes(flows["buy", name])],
        "sell": [
            (o.name, n)
            for o in case.sales.values()
            for n in nodes((o.least > 0) | ((o.most > 0) & fed[o.pair]))
        ],
        "run": [(name, n) for name in sorted(case.processes) for n in nodes(flows["run", name])],
        "ship": [(name, n) for name in sorted(case.routes) for n in nodes(flows["ship", name])],
        "stock": [
            (s.name, n)
            for s in case.stocks.values()
            for n in nodes(fed[s.pair] | (s.floor > 0) | (s.least_ending > 0))
        ],
        "yard_stock": [(*pair, n) for pair in case.yards for n in nodes(fed[pair])],
        "discard": [(*thrown[i], numbers[n]) for n, i in _by_node([fed[pair] for pair in thrown])],
    }
    result |= _demand(case, numbers)
    used = {f for p in case.processes.values() for f, _ in p.uses}
    used |= {f for r in case.routes.values() for f in r.uses}
    result["idle"] = [
        (f.name, n)
        for f in case.facilities.values()
        if f.minimum_use > 0 and f.idle_cost is not None
        for n in nodes(room[f.name])
    ]
    result["expand"] = [
        (f.name, m)
        for f in case.facilities.values()
        for m in f.orders
        if f.name in used or f.least_expansion > 0
    ]
    result |= _contract(case, flows)
    result["breach"] = [
        (p.name, p.detail, w.node) for p in case.policies if p.soft for w in p.windows
    ]
    return {name: tuple(keys) for name, keys in result.items()}


def has_room(facility: Facility) -> Mask:
    """Whether there may be capacity in each node."""
    return (facility.installed > 0) | np.array([bool(parts) for parts in facility.ready])


def _by_node(masks: Sequence[Mask]) -> Iterator[tuple[int, int]]:
    """(node, number of the mask) where it holds, node by node."""
    if masks:
        yield from zip(*(x.tolist() for x in np.nonzero(np.array(masks).T)), strict=True)


def _demand(case: Case, numbers: Sequence[int]) -> dict[str, Columns]:
    meet: Columns = []
    relieve: Columns = []
    returning: dict[int, Mask] = {}
    for demand in case.demands.values():
        due = demand.need > 0
        for returns in (case.tiers[t].returns for t in demand.tiers):
            if returns is not None:
                if id(returns) not in returning:
                    returning[id(returns)] = np.array([bool(parts) for parts in returns])
                due = due | returning[id(returns)]
        meet += [(demand.name, n) for n in compress(numbers, due.tolist())]
        open_tiers = [due & (case.tiers[t].most > 0) for t in demand.tiers]
        relieve += [(demand.tiers[i], numbers[n]) for n, i in _by_node(open_tiers)]
    return {"meet": meet, "relieve": relieve}


def _contract(case: Case, flows: Mapping[tuple[str, str], Mask]) -> dict[str, Columns]:
    keys: dict[str, Columns] = {"reserve": [], "lift": [], "forgo": [], "rebate": []}
    for c in case.contracts.values():
        keys["reserve"] += [(c.name, m) for m in sorted(set(c.signed.values()))]
        signed = sorted(c.signed)
        for variable, row in c.covers:
            present = flows[variable, row][signed].tolist()
            keys["lift"] += [(c.name, row, n) for n in compress(signed, present)]
        keys["forgo"] += [(c.name, w.node) for w in c.settlements]
        keys["rebate"] += [(c.name, w.node) for w in c.rebates]
    return keys
