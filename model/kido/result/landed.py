"""What goods cost where they land: everything paid for them on their way, a kg.

The unit cost of a commodity at a site in a moment is the mean over what comes in: what is bought
there at its price; what arrives, at the cost where and when it was sent, with price, tariff and
freight of the lane, by what survives the way; what is made, at the cost of inputs and running when
it was started, laid on joint products by their mean worth there over the plan, which no month in
which one cannot leave upsets (by mass where none is worth anything); and
what was held from the moment before, at its cost then. What is there from before the start has no
known cost: what holds no other goods has none either, and of a mixture the rest counts. Capital,
storage, reservation fees and rebates are not in it.
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
    """`tonnes` at USD/kg `own` and the costs of (pair, moment) x tonnes of it in one that lands."""

    tonnes: float
    own: float
    of: list[tuple[Pair, int, float]] = field(default_factory=list)


@once
def unit_costs(answer: SolvedPlan) -> dict[Pair, Array]:
    """USD/kg by (site, commodity) in each moment; NaN where nothing of known cost is there."""
    size = len(answer.nothing)
    coming: list[dict[Pair, list[_Inflow]]] = [{} for _ in range(size)]
    for pair, n, inflow in _inflows(answer):
        coming[n].setdefault(pair, []).append(inflow)
    cost = {pair: np.full(size, np.nan) for here in coming for pair in here}
    for n in sorted(range(size), key=lambda n: answer.case.tree.nodes[n].start):
        for pair, each in _at_moment(n, coming[n], cost).items():
            cost[pair][n] = each
    return cost


def _at_moment(
    n: int, coming: dict[Pair, list[_Inflow]], cost: dict[Pair, Array]
) -> dict[Pair, float]:
    """The unit costs of a moment: goods may go through several places in it, even in a circle."""
    known: dict[Pair, list[_Inflow]] = {}
    while True:
        more = {
            pair: [i for i in inflows if _is_known(i, n, known, cost)]
            for pair, inflows in coming.items()
        }
        more = {pair: inflows for pair, inflows in more.items() if inflows}
        if all(len(known.get(pair, ())) == len(inflows) for pair, inflows in more.items()):
            break
        known = more
    place = {pair: i for i, pair in enumerate(known)}
    matrix, paid = np.zeros((len(place), len(place))), np.zeros(len(place))
    for pair, inflows in known.items():
        i = place[pair]
        for inflow in inflows:
            matrix[i, i] += inflow.tonnes
            paid[i] += inflow.tonnes * inflow.own
            for source, m, share in inflow.of:
                if m == n:
                    matrix[i, place[source]] -= inflow.tonnes * share
                else:
                    paid[i] += inflow.tonnes * share * cost[source][m]
    found = np.linalg.lstsq(matrix, paid, rcond=None)[0] if place else paid
    return dict(zip(place, found.tolist(), strict=True))


def _is_known(
    inflow: _Inflow, n: int, known: dict[Pair, list[_Inflow]], cost: dict[Pair, Array]
) -> bool:
    return all(
        pair in known if m == n else pair in cost and not math.isnan(cost[pair][m])
        for pair, m, _ in inflow.of
    )


def lane_cost(answer: SolvedPlan, lane: str) -> Array:
    """USD for a kg that leaves by a lane: its cost at the origin, price, tariff and freight."""
    route, sent = answer.case.routes[lane], answer.of("ship", lane)
    rate = answer.rate("purchase", "ship", lane) + answer.rate("freight", "ship", lane)
    extra = lifted_extra(answer, "ship", lane)
    at_origin = unit_costs(answer).get((route.origin, route.commodity), answer.nothing * np.nan)
    return at_origin + rate + np.divide(extra, sent, out=np.zeros(len(sent)), where=sent > 0)


def lifted_extra(answer: SolvedPlan, variable: str, row: str) -> Array:
    """kUSD that contracts cost more on a row than the row's own price."""
    found = answer.nothing
    for contract, covered in answer.values["lift"]:
        if covered == row and (variable, row) in answer.case.contracts[contract].covers:
            lifted = answer.of("lift", contract, row)
            found = found + lifted * answer.rate("purchase", "lift", contract, row)
    return found


def _inflows(answer: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    yield from _bought(answer)
    yield from _arrived(answer)
    yield from _made(answer)
    yield from _held(answer)


def _bought(answer: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), tonnes in answer.values["buy"].items():
        offer, extra = answer.case.supply[name], lifted_extra(answer, "buy", name)
        for n in tonnes.nonzero()[0]:
            price = float(offer.price[n] + extra[n] / tonnes[n])
            yield offer.pair, int(n), _Inflow(float(tonnes[n]), price)


def _arrived(answer: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), sent in answer.values["ship"].items():
        lane, extra = answer.case.routes[name], lifted_extra(answer, "ship", name)
        rate = answer.rate("purchase", "ship", name) + answer.rate("freight", "ship", name)
        for n, parts in enumerate(lane.arrivals):
            for m, share in parts:
                kept = float(lane.efficiency[m])
                if sent[m] and kept > 0:
                    own = float(rate[m] + extra[m] / sent[m]) / kept
                    of = [((lane.origin, lane.commodity), m, 1 / kept)]
                    inflow = _Inflow(share * kept * float(sent[m]), own, of)
                    yield (lane.destination, lane.commodity), n, inflow


def _made(answer: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    for (name,), run in answer.values["run"].items():
        process = answer.case.processes[name]
        rate = answer.rate("running", "run", name)
        made = {c: yields for c, yields in process.outputs.items() if yields.any()}
        worth = {c: _mean_worth(answer, process.site, c) * made[c] for c in made}
        total, mass = sum(worth.values(), answer.nothing), sum(made.values(), answer.nothing)
        for n, parts in enumerate(process.arrivals):
            for m, share in parts:
                for c, yields in made.items() if run[m] else ():
                    if yields[m] <= 0:
                        continue
                    laid = worth[c][m] / total[m] if total[m] > 0 else yields[m] / mass[m]
                    each = float(laid / yields[m])
                    of = [((process.site, item), m, each * amount)
                          for item, amount in process.inputs if amount]  # fmt: skip
                    inflow = _Inflow(float(share * run[m] * yields[m]), each * float(rate[m]), of)
                    yield (process.site, c), n, inflow


def _mean_worth(answer: SolvedPlan, site: str, commodity: str) -> float:
    """USD/kg, over the months of all futures in which it has a worth."""
    worth = np.nan_to_num(answer.worth.tonne(site, commodity))
    weight = answer.probability * answer.months
    return max(0.0, float(worth @ weight) / float(weight.sum()))


def _held(answer: SolvedPlan) -> Iterator[tuple[Pair, int, _Inflow]]:
    levels = [(answer.case.stocks[name].pair, level)
              for (name,), level in answer.values["stock"].items()]  # fmt: skip
    levels += [((site, item), level) for (site, item), level in answer.values["yard_stock"].items()]
    for pair, level in levels:
        for n, before in enumerate(answer.previous):
            if before >= 0 and level[before] > 0:
                yield pair, n, _Inflow(float(level[before]), 0.0, [(pair, int(before), 1.0)])
