"""Reachability: the variables that can be nonzero, by a forward pass along the tree.

The pass begins at supplies, opening stocks and goods on the way. Columns that nothing can feed are
left out of the program; so are balances without a column. A row with a minimum keeps its column, so
that an infeasible book can be explained.
"""

from __future__ import annotations

from collections.abc import Mapping

from kido.data.case.case import Case, Facility, Pair, Process

Keys = tuple[tuple[object, ...], ...]


def columns(case: Case) -> Mapping[str, Keys]:
    """The keys of every variable, in the order of rows, then nodes."""
    possible = _ForwardPass(case)
    for node in case.tree.nodes:
        possible.visit(node.index)
    fed = possible.fed
    indices = range(len(case.tree.nodes))
    result: dict[str, list[tuple[object, ...]]] = {
        "buy": [(o.name, n) for o in case.supply.values() for n in indices if o.most[n] > 0],
        "sell": [
            (o.name, n)
            for o in case.sales.values()
            for n in indices
            if o.least[n] > 0 or (o.most[n] > 0 and o.pair in fed[n])
        ],
        "run": sorted(possible.runs),
        "ship": sorted(possible.ships),
        "stock": [
            (s.name, n)
            for s in case.stocks.values()
            for n in indices
            if s.pair in fed[n] or s.floor[n] > 0 or s.least_ending > 0
        ],
        "yard_stock": [(*pair, n) for pair in case.yards for n in indices if pair in fed[n]],
        "discard": [
            (site, commodity, n)
            for n in indices
            for site, commodity in sorted(fed[n])
            if commodity in case.disposal
        ],
    }
    result |= _demand(case)
    result |= _plant(case)
    present = {"ship": set(result["ship"]), "buy": set(result["buy"])}
    result |= _contract(case, present)
    result["breach"] = [
        (p.name, p.detail, w.node) for p in case.policies if p.soft for w in p.windows
    ]
    return {name: tuple(keys) for name, keys in result.items()}


class _ForwardPass:
    """A forward pass: at each node, the pairs with a possible stock and the possible flows."""

    def __init__(self, case: Case):
        self.case = case
        self.fed: list[set[Pair]] = []
        self.runs: list[tuple[object, ...]] = []
        self.ships: list[tuple[object, ...]] = []
        self._ran: set[tuple[object, ...]] = set()
        self._sent: set[tuple[object, ...]] = set()
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


def _demand(case: Case) -> dict[str, list[tuple[object, ...]]]:
    meet: list[tuple[object, ...]] = []
    relieve: list[tuple[object, ...]] = []
    for demand in case.demands.values():
        for n, need in enumerate(demand.need):
            due = need > 0 or any(
                case.tiers[t].returns is not None and case.tiers[t].returns[n]  # type: ignore[index]
                for t in demand.tiers
            )
            if not due:
                continue
            meet.append((demand.name, n))
            relieve += [(t, n) for t in demand.tiers if case.tiers[t].most[n] > 0]
    return {"meet": meet, "relieve": relieve}


def _plant(case: Case) -> dict[str, list[tuple[object, ...]]]:
    used = {f for p in case.processes.values() for f, _ in p.uses}
    used |= {f for r in case.routes.values() for f in r.uses}
    idle: list[tuple[object, ...]] = [
        (f.name, n)
        for f in case.facilities.values()
        if f.minimum_use > 0 and f.idle_cost is not None
        for n in range(len(case.tree.nodes))
        if _has_room(f, n)
    ]
    expand: list[tuple[object, ...]] = [
        (f.name, m)
        for f in case.facilities.values()
        for m in f.orders
        if f.name in used or f.least_expansion > 0
    ]
    return {"idle": idle, "expand": expand}


def _contract(
    case: Case, present: Mapping[str, set[tuple[object, ...]]]
) -> dict[str, list[tuple[object, ...]]]:
    keys: dict[str, list[tuple[object, ...]]] = {
        "reserve": [], "lift": [], "forgo": [], "rebate": [],
    }  # fmt: skip
    for c in case.contracts.values():
        keys["reserve"] += [(c.name, m) for m in sorted(set(c.signed.values()))]
        keys["lift"] += [
            (c.name, row, n)
            for variable, row in c.covers
            for n in sorted(c.signed)
            if (row, n) in present[variable]
        ]
        keys["forgo"] += [(c.name, w.node) for w in c.settlements]
        keys["rebate"] += [(c.name, w.node) for w in c.rebates]
    return keys
