"""Landed cost: everything paid for goods on their way, USD/kg.

The unit cost of a commodity at a site in a node is the mean over its inflows: what is bought
there, at its price; what arrives, at its unit cost where and when it was sent, with price, tariff
and freight of the lane, divided by the yield; what is made, at the cost of inputs and running when
it was started, allocated to joint products by their mean value there over the plan, so that a
month in which one cannot leave does not distort it (by mass where none has a value); and stock
from the node before, at its unit cost then. Goods from before the start have no known cost: what
holds nothing else has none either, and of a mixture the rest counts. Capital, storage,
reservation fees and rebates are not included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from kido.data.case.case import Array, Pair
from kido.result.plan import SolvedPlan, once


@dataclass
class _Inflow:
    """Tonnes into a place, at USD/kg `own_cost` plus unit costs of what they were made of.

    `sources` are (pair, node, t per t that lands).
    """

    tonnes: float
    own_cost: float
    sources: list[tuple[Pair, int, float]] = field(default_factory=list)


@once
def unit_costs(plan: SolvedPlan) -> dict[Pair, Array]:
    """USD/kg by (site, commodity) in each node; NaN where no goods of known cost are there."""
    size = len(plan.zeros)
    inflows_at: list[dict[Pair, list[_Inflow]]] = [{} for _ in range(size)]
    for pair, n, inflow in _inflows(plan):
        inflows_at[n].setdefault(pair, []).append(inflow)
    cost = {pair: np.full(size, np.nan) for at_node in inflows_at for pair in at_node}
    for n in sorted(range(size), key=lambda n: plan.case.tree.nodes[n].start):
        for pair, unit_cost in _costs_at_node(n, inflows_at[n], cost).items():
            cost[pair][n] = unit_cost
    return cost


def _costs_at_node(
    n: int, coming: dict[Pair, list[_Inflow]], cost: dict[Pair, Array]
) -> dict[Pair, float]:
    """The unit costs of a node, USD/kg, by a linear system: goods may even go in a circle in it."""
    inflows_with_cost: dict[Pair, list[_Inflow]] = {}
    while True:
        candidates = {
            pair: [i for i in inflows if _has_known_cost(i, n, inflows_with_cost, cost)]
            for pair, inflows in coming.items()
        }
        candidates = {pair: inflows for pair, inflows in candidates.items() if inflows}
        if all(
            len(inflows_with_cost.get(pair, ())) == len(inflows)
            for pair, inflows in candidates.items()
        ):
            break
        inflows_with_cost = candidates
    place = {pair: i for i, pair in enumerate(inflows_with_cost)}
    matrix, kusd = np.zeros((len(place), len(place))), np.zeros(len(place))
    for pair, inflows in inflows_with_cost.items():
        i = place[pair]
        for inflow in inflows:
            matrix[i, i] += inflow.tonnes
            kusd[i] += inflow.tonnes * inflow.own_cost
            for source, m, share in inflow.sources:
                if m == n:
                    matrix[i, place[source]] -= inflow.tonnes * share
                else:
                    kusd[i] += inflow.tonnes * share * cost[source][m]
    costs = np.linalg.lstsq(matrix, kusd, rcond=None)[0] if place else kusd
    return dict(zip(place, costs.tolist(), strict=True))


def _has_known_cost(
    inflow: _Inflow, n: int, inflows_with_cost: dict[Pair, list[_Inflow]], cost: dict[Pair, Array]
) -> bool:
    return all(
        pair in inflows_with_cost if m == n else pair in cost and not math.isnan(cost[pair][m])
        for pair, m, _ in inflow.sources
    )


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


def _inflows(plan: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    yield from _purchase_inflows(plan)
    yield from _route_inflows(plan)
    yield from _process_inflows(plan)
    yield from _stock_inflows(plan)


def _purchase_inflows(plan: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), tonnes in plan.values["buy"].items():
        offer, extra = plan.case.supply[name], lifted_extra(plan, "buy", name)
        for n in tonnes.nonzero()[0]:
            price = float(offer.price[n] + extra[n] / tonnes[n])
            yield offer.pair, int(n), _Inflow(float(tonnes[n]), price)


def _route_inflows(plan: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), tonnes in plan.values["ship"].items():
        lane, extra = plan.case.routes[name], lifted_extra(plan, "ship", name)
        rate = plan.rate("purchase", "ship", name) + plan.rate("freight", "ship", name)
        for n, parts in enumerate(lane.arrivals):
            for m, share in parts:
                yield_share = float(lane.efficiency[m])
                if tonnes[m] and yield_share > 0:
                    unit_cost = float(rate[m] + extra[m] / tonnes[m]) / yield_share
                    sources = [((lane.origin, lane.commodity), m, 1 / yield_share)]
                    inflow = _Inflow(share * yield_share * float(tonnes[m]), unit_cost, sources)
                    yield (lane.destination, lane.commodity), n, inflow


def _process_inflows(plan: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), run in plan.values["run"].items():
        process = plan.case.processes[name]
        rate = plan.rate("running", "run", name)
        yields_of = {c: yields for c, yields in process.outputs.items() if yields.any()}
        worth = {c: _mean_worth(plan, process.site, c) * yields_of[c] for c in yields_of}
        total, mass = sum(worth.values(), plan.zeros), sum(yields_of.values(), plan.zeros)
        for n, parts in enumerate(process.arrivals):
            for m, share in parts:
                for c, yields in yields_of.items() if run[m] else ():
                    if yields[m] <= 0:
                        continue
                    cost_share = worth[c][m] / total[m] if total[m] > 0 else yields[m] / mass[m]
                    share_per_kg = float(cost_share / yields[m])
                    sources = [((process.site, item), m, share_per_kg * amount)
                               for item, amount in process.inputs if amount]  # fmt: skip
                    inflow = _Inflow(
                        float(share * run[m] * yields[m]), share_per_kg * float(rate[m]), sources
                    )
                    yield (process.site, c), n, inflow


def _mean_worth(plan: SolvedPlan, site: str, commodity: str) -> float:
    """USD/kg: the mean shadow price over the months of all histories."""
    worth = np.nan_to_num(plan.worth.tonne(site, commodity))
    weight = plan.probability * plan.months
    return max(0.0, float(worth @ weight) / float(weight.sum()))


def _stock_inflows(plan: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    levels = [(plan.case.stocks[name].pair, level)
              for (name,), level in plan.values["stock"].items()]  # fmt: skip
    levels += [((site, item), level) for (site, item), level in plan.values["yard_stock"].items()]
    for pair, level in levels:
        for n, before in enumerate(plan.previous):
            if before >= 0 and level[before] > 0:
                yield pair, n, _Inflow(float(level[before]), 0.0, [(pair, int(before), 1.0)])
