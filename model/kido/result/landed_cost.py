"""Landed cost: everything paid for goods on their way, USD/kg.

The unit cost of a commodity at a site in a node is the mean over its inflows: what is bought
there, at its price; what arrives, at its unit cost where and when it was sent, with price, tariff
and freight of the lane, divided by the yield; what is made, at the cost of inputs and running when
it was started, allocated to joint products by their mean value there over the plan, so that a
month in which one cannot leave does not distort it (by mass where none has a value); and stock
from the node before, at its unit cost then. Goods from before the start have no known cost: what
holds nothing else has none either, and of a mixture the rest counts. Capital, storage,
reservation fees, rebates, and volumes paid for and not taken are not included; what is made up of
these costs what the contract asks for it, before it is credited.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array
from scipy.sparse.linalg import spsolve

from kido.data.case.case import Array, Arrivals, Pair
from kido.result.plan import SolvedPlan, once

Index = NDArray[np.intp]
Source = tuple[Pair, Index, Array]  # of some inflows: where and when it was, t per t that lands


class _Inflows:
    """All inflows of a plan. A place is a pair in one node: its number is `first` + the node."""

    def __init__(self, size: int):
        self.size = size
        self.first: dict[Pair, int] = {}
        self.place, self.tonnes, self.own_cost = [_NONE], [_NOTHING], [_NOTHING]
        self.user, self.source, self.share = [_NONE], [_NONE], [_NOTHING]
        self.count = 0

    def add(
        self,
        pair: Pair,
        nodes: Index,
        tonnes: Array,
        own_cost: Array,
        sources: Sequence[Source] = (),
    ) -> None:
        """Add inflows at USD/kg `own_cost` plus the unit costs of what they were made of."""
        self.place.append(self._places(pair, nodes))
        self.tonnes.append(tonnes)
        self.own_cost.append(own_cost)
        for source, earlier, share in sources:
            self.user.append(self.count + np.arange(len(nodes)))
            self.source.append(self._places(source, earlier))
            self.share.append(share)
        self.count += len(nodes)

    def _places(self, pair: Pair, nodes: Index) -> Index:
        return self.first.setdefault(pair, len(self.first) * self.size) + nodes

    def unit_costs(self) -> dict[Pair, Array]:
        """USD/kg of each pair in each node, by a linear system: goods may even go in a circle."""
        place, user, source = map(np.concatenate, (self.place, self.user, self.source))
        has_cost = _has_known_cost(place, user, source)
        known, row = np.unique(place[has_cost], return_inverse=True)
        tonnes = np.concatenate(self.tonnes)[has_cost]
        weight = np.zeros(self.count)  # of an inflow in its place
        weight[has_cost] = tonnes / np.bincount(row, tonnes, len(known))[row]
        paid = np.bincount(row, (weight * np.concatenate(self.own_cost))[has_cost], len(known))
        counts = has_cost[user]
        user, source = user[counts], source[counts]
        shares = csr_array(
            (weight[user] * np.concatenate(self.share)[counts],
             (np.searchsorted(known, place[user]), np.searchsorted(known, source))),
            shape=(len(known), len(known)),
        )  # fmt: skip
        costs = np.full(len(self.first) * self.size, np.nan)
        if len(known):
            costs[known] = spsolve((eye_array(len(known)) - shares).tocsc(), paid)
        return {pair: costs[n : n + self.size] for pair, n in self.first.items()}


_NONE, _NOTHING = np.zeros(0, dtype=np.intp), np.zeros(0)


def _has_known_cost(place: Index, user: Index, source: Index) -> NDArray[np.bool_]:
    """Whether the cost of each inflow is known: those without sources first, then their users.

    A place has a known cost as soon as one inflow into it has.
    """
    has_cost = np.zeros(len(place), dtype=bool)
    waiting = np.bincount(user, minlength=len(place)).tolist()
    ahead = [inflow for inflow, sources in enumerate(waiting) if not sources]
    users: dict[int, list[int]] = {}
    for inflow, at in zip(user.tolist(), source.tolist(), strict=True):
        users.setdefault(at, []).append(inflow)
    places, known = place.tolist(), []
    while ahead:
        inflow = ahead.pop()
        known.append(inflow)
        for other in users.pop(places[inflow], ()):
            waiting[other] -= 1
            if not waiting[other]:
                ahead.append(other)
    has_cost[known] = True
    return has_cost


@once
def unit_costs(plan: SolvedPlan) -> dict[Pair, Array]:
    """USD/kg by (site, commodity) in each node; NaN where no goods of known cost are there."""
    inflows = _Inflows(len(plan.zeros))
    _add_purchases(plan, inflows)
    _add_routes(plan, inflows)
    _add_processes(plan, inflows)
    _add_stocks(plan, inflows)
    return inflows.unit_costs()


def lane_cost(plan: SolvedPlan, lane: str) -> Array:
    """USD/kg that leaves by a lane in each node: cost at the origin, price, tariff and freight."""
    route, tonnes = plan.case.routes[lane], plan.of("ship", lane)
    rate = plan.rate("purchase", "ship", lane) + plan.rate("freight", "ship", lane)
    extra = lifted_extra(plan, "ship", lane)
    at_origin = unit_costs(plan).get((route.origin, route.commodity), plan.zeros * np.nan)
    return at_origin + rate + np.divide(extra, tonnes, out=np.zeros(len(tonnes)), where=tonnes > 0)


def lifted_extra(plan: SolvedPlan, variable: str, row: str) -> Array:
    """kUSD in each node that contracts on a row cost above the row's own price."""
    extra = plan.zeros
    for contract, covered in plan.values["lift"]:
        if covered == row and (variable, row) in plan.case.contracts[contract].covers:
            tonnes = plan.of("lift", contract, row)
            extra = extra + tonnes * plan.rate("purchase", "lift", contract, row)
    return extra


def _entries(arrivals: Arrivals) -> tuple[Index, Index, Array]:
    """(node of arrival, node of sending, share) of each entry."""
    entries = [(n, m, share) for n, parts in enumerate(arrivals) for m, share in parts]
    nodes, earlier, share = zip(*entries, strict=True) if entries else ((), (), ())
    return np.array(nodes, dtype=np.intp), np.array(earlier, dtype=np.intp), np.array(share)


def _add_purchases(plan: SolvedPlan, inflows: _Inflows) -> None:
    for (name,), tonnes in plan.values["buy"].items():
        offer, nodes = plan.case.supply[name], np.flatnonzero(tonnes > 0)
        price = offer.price[nodes] + lifted_extra(plan, "buy", name)[nodes] / tonnes[nodes]
        inflows.add(offer.pair, nodes, tonnes[nodes], price)


def _add_routes(plan: SolvedPlan, inflows: _Inflows) -> None:
    for (name,), tonnes in plan.values["ship"].items():
        lane, extra = plan.case.routes[name], lifted_extra(plan, "ship", name)
        rate = plan.rate("purchase", "ship", name) + plan.rate("freight", "ship", name)
        nodes, sent, share = _entries(lane.arrivals)
        lands = (tonnes[sent] > 0) & (lane.efficiency[sent] > 0)
        nodes, sent, share = nodes[lands], sent[lands], share[lands]
        efficiency = lane.efficiency[sent]
        inflows.add(
            (lane.destination, lane.commodity),
            nodes,
            share * efficiency * tonnes[sent],
            (rate[sent] + extra[sent] / tonnes[sent]) / efficiency,
            [((lane.origin, lane.commodity), sent, 1 / efficiency)],
        )


def _add_processes(plan: SolvedPlan, inflows: _Inflows) -> None:
    for (name,), run in plan.values["run"].items():
        process = plan.case.processes[name]
        rate = plan.rate("running", "run", name)
        worth = {
            c: _mean_worth(plan, process.site, c) * yields for c, yields in process.outputs.items()
        }
        total = sum(worth.values(), plan.zeros)
        mass = sum(process.outputs.values(), plan.zeros)
        nodes, begun, share = _entries(process.arrivals)
        for commodity, yields in process.outputs.items():
            lands = (run[begun] > 0) & (yields[begun] > 0)
            at, m = nodes[lands], begun[lands]
            has_worth = total[m] > 0
            by_worth = worth[commodity][m] / np.where(has_worth, total[m], 1.0)
            per_kg = np.where(has_worth, by_worth, yields[m] / mass[m]) / yields[m]
            sources = [((process.site, item), m, per_kg * amount)
                       for item, amount in process.inputs if amount]  # fmt: skip
            inflows.add(
                (process.site, commodity), at, share[lands] * run[m] * yields[m], per_kg * rate[m],
                sources,
            )  # fmt: skip


def _mean_worth(plan: SolvedPlan, site: str, commodity: str) -> float:
    """USD/kg: the mean shadow price over the months of all histories."""
    worth = np.nan_to_num(plan.worth.tonne(site, commodity))
    weight = plan.probability * plan.months
    return max(0.0, float(worth @ weight) / float(weight.sum()))


def _add_stocks(plan: SolvedPlan, inflows: _Inflows) -> None:
    levels = [(plan.case.stocks[name].pair, level)
              for (name,), level in plan.values["stock"].items()]  # fmt: skip
    levels += [((site, item), level) for (site, item), level in plan.values["yard_stock"].items()]
    for pair, level in levels:
        nodes = np.flatnonzero((plan.previous >= 0) & (level[plan.previous] > 0))
        before = plan.previous[nodes]
        ones = np.ones(len(nodes))
        inflows.add(pair, nodes, level[before], 0 * ones, [(pair, before, ones)])
