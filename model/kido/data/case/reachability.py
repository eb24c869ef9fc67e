"""Reachability: the variables that can be nonzero, by a forward pass along the tree.

The pass begins at supplies, opening stocks and goods on the way. Columns that nothing can feed are
left out of the program; so are balances without a column. A row with a minimum keeps its column, so
that an infeasible book can be explained.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Case, Facility, Pair, Process

Names = tuple[str, ...]  # the key of a column without its node
Mask = NDArray[np.bool_]  # one value for each node


def columns(case: Case) -> Mapping[str, Mapping[Names, Mask]]:
    """For each variable and key of it, the nodes in which it has a column."""
    possible = _ForwardPass(case)
    for node in case.tree.nodes:
        possible.visit(node.index)
    fed = _masks(case, ((pair, n) for n, pairs in enumerate(possible.fed) for pair in pairs))
    never = _mask(case, ())
    result: dict[str, dict[Names, Mask]] = {
        "buy": {(o.name,): o.most > 0 for o in case.supply.values()},
        "sell": {
            (o.name,): (o.least > 0) | ((o.most > 0) & fed.get(o.pair, never))
            for o in case.sales.values()
        },
        "run": _masks(case, (((name,), n) for name, n in possible.runs)),
        "ship": _masks(case, (((name,), n) for name, n in possible.ships)),
        "stock": {
            (s.name,): fed.get(s.pair, never) | (s.floor > 0) | (s.least_ending > 0)
            for s in case.stocks.values()
        },
        "yard_stock": {pair: fed[pair] for pair in case.yards if pair in fed},
        "discard": {pair: mask for pair, mask in fed.items() if pair[1] in case.disposal},
    }
    result |= _demand(case)
    result |= _plant(case)
    result |= _contract(case, result)
    result["breach"] = {
        (p.name, p.detail): _mask(case, (w.node for w in p.windows))
        for p in case.policies
        if p.soft
    }
    return result


def _mask(case: Case, nodes: Iterable[int]) -> Mask:
    """Whether each node is one of these."""
    mask = np.zeros(len(case.tree.nodes), dtype=bool)
    mask[list(nodes)] = True
    return mask


def _masks(case: Case, keys: Iterable[tuple[Names, int]]) -> dict[Names, Mask]:
    """The nodes of each key, of keys with a node."""
    nodes: dict[Names, list[int]] = {}
    for names, n in keys:
        nodes.setdefault(names, []).append(n)
    return {names: _mask(case, of_key) for names, of_key in nodes.items()}


class _ForwardPass:
    """A forward pass: at each node, the pairs with a possible stock and the possible flows."""

    def __init__(self, case: Case):
        self.case = case
        self.fed: list[set[Pair]] = []
        self.runs: list[tuple[str, int]] = []
        self.ships: list[tuple[str, int]] = []
        self._ran: set[tuple[str, int]] = set()
        self._sent: set[tuple[str, int]] = set()
        self._keeps = {s.pair for s in case.stocks.values()} | set(case.yards)
        self._opening = {s.pair for s in case.stocks.values() if s.opening > 0}

    def visit(self, n: int) -> None:
        """Marks what is possible in node n; the node before must have been visited."""
        case = self.case
        before = case.tree.nodes[n].previous
        stored = self.fed[before] if before >= 0 else self._opening
        fed = {pair for pair in stored if pair in self._keeps}
        fed |= {o.pair for o in case.supply.values() if o.most[n] > 0}
        for route in case.routes.values():
            if route.pipeline[n] > 0 or any(
                (route.name, m) in self._sent for m, _ in route.arrivals[n]
            ):
                fed.add((route.destination, route.commodity))
        for process in case.processes.values():
            lands = any((process.name, m) in self._ran for m, _ in process.arrivals[n])
            for item in process.outputs:
                if lands or (item in process.pipeline and process.pipeline[item][n] > 0):
                    fed.add((process.site, item))
        self.fed.append(fed)
        while self._spread(n, fed):
            pass

    def _spread(self, n: int, fed: set[Pair]) -> bool:
        """One round of processes and lanes in node n; True where any was added."""
        case, size = self.case, len(self.runs) + len(self.ships)
        for process in case.processes.values():
            key = (process.name, n)
            if key not in self._ran and (process.least[n] > 0 or self._can_run(process, n, fed)):
                self._ran.add(key)
                self.runs.append(key)
                if any(m == n for m, _ in process.arrivals[n]):
                    fed |= {(process.site, item) for item in process.outputs}
        for route in case.routes.values():
            key = (route.name, n)
            if key in self._sent or not (
                route.least[n] > 0
                or (
                    route.most[n] > 0
                    and (route.origin, route.commodity) in fed
                    and all(_has_room(case.facilities[f], n) for f in route.uses)
                )
            ):
                continue
            self._sent.add(key)
            self.ships.append(key)
            if any(m == n for m, _ in route.arrivals[n]):
                fed.add((route.destination, route.commodity))
        return len(self.runs) + len(self.ships) > size

    def _can_run(self, process: Process, n: int, fed: set[Pair]) -> bool:
        return (
            process.most[n] > 0
            and all((process.site, item) in fed for item, _ in process.inputs)
            and all(_has_room(self.case.facilities[f], n) for f, amount in process.uses if amount)
        )


def _has_room(facility: Facility, n: int) -> bool:
    return facility.installed[n] > 0 or bool(facility.ready[n])


def _demand(case: Case) -> dict[str, dict[Names, Mask]]:
    meet: dict[Names, Mask] = {}
    relieve: dict[Names, Mask] = {}
    for demand in case.demands.values():
        due = demand.need > 0
        for returns in (case.tiers[t].returns for t in demand.tiers):
            if returns is not None:
                due = due | np.array([len(parts) > 0 for parts in returns])
        meet[demand.name,] = due
        for t in demand.tiers:
            relieve[t,] = due & (case.tiers[t].most > 0)
    return {"meet": meet, "relieve": relieve}


def _plant(case: Case) -> dict[str, dict[Names, Mask]]:
    used = {f for p in case.processes.values() for f, _ in p.uses}
    used |= {f for r in case.routes.values() for f in r.uses}
    idle: dict[Names, Mask] = {
        (f.name,): (f.installed > 0) | np.array([len(orders) > 0 for orders in f.ready])
        for f in case.facilities.values()
        if f.minimum_use > 0 and f.idle_cost is not None
    }
    expand: dict[Names, Mask] = {
        (f.name,): _mask(case, f.orders)
        for f in case.facilities.values()
        if f.name in used or f.least_expansion > 0
    }
    return {"idle": idle, "expand": expand}


def _contract(
    case: Case, present: Mapping[str, Mapping[Names, Mask]]
) -> dict[str, dict[Names, Mask]]:
    never = _mask(case, ())
    contracts = case.contracts.values()
    return {
        "reserve": {(c.name,): _mask(case, c.signed.values()) for c in contracts},
        "lift": {
            (c.name, row): _mask(case, c.signed) & present[variable].get((row,), never)
            for c in contracts
            for variable, row in c.covers
        },
        "forgo": {(c.name,): _mask(case, (w.node for w in c.settlements)) for c in contracts},
        "rebate": {(c.name,): _mask(case, (w.node for w in c.rebates)) for c in contracts},
    }
