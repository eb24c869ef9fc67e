"""Decisions beside purchases: contracts to sign, plants to order, segments to ask for thrift."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Array, Demand
from kido.data.months import month_text
from kido.result.lost_worth import worth_of_loss
from kido.result.order import Order
from kido.result.plan import SolvedPlan, once
from kido.result.timeline import period_text
from kido.tolerances import ASKED_SHARE, ORDERED_T

LESS = ("thrift", "substitute")  # kinds of relief that a segment is asked for


def contracts_signed(plan: SolvedPlan, n: int) -> Iterator[Order]:
    """The contracts signed in a node beyond their least, if used."""
    case = plan.case
    for (name,), reserved in plan.values["reserve"].items():
        contract = case.contracts[name]
        if reserved[n] <= contract.least + ORDERED_T:
            continue
        price, reservation_price, of_loss = contract_prices(plan, name, n)
        if np.isnan(price):
            continue
        lanes = [case.routes.get(row) or case.supply[row] for _, row in contract.covers]
        first = lanes[0]
        site = getattr(first, "origin", "") or getattr(first, "site", "")
        life = [case.tree.nodes[k].start for k, at in contract.signed.items() if at == n]
        yield Order(
            n, "sign", month_text(min(life)), first.commodity, site,
            getattr(first, "destination", site), reserved[n],
            f"{plan.unit_of[first.commodity]}/yr", name, price,
            (reserved[n] - contract.least) * _owed(plan, name, n), reservation_price, name,
            ("Contracts", name), of_loss=of_loss,
        )  # fmt: skip


def _owed(plan: SolvedPlan, name: str, n: int) -> float:
    """kUSD owed for a t/yr reserved in a node: fees and the take-or-pay share, expected."""
    contract = plan.case.contracts[name]
    nodes = np.array([k for k, at in contract.signed.items() if at == n], dtype=np.intp)
    firm = contract.take_or_pay * contract.availability * contract.forgone_price
    chance = plan.probability[nodes] / plan.probability[n]
    return float(chance @ (contract.life * (contract.fee + firm))[nodes])


def contract_prices(plan: SolvedPlan, name: str, n: int) -> tuple[float, float, bool]:
    """(price, reservation price) in USD/kg of what is lifted under a reservation made in node n.

    Then whether more than half of what is lifted is worth what lost output costs.
    """
    case = plan.case
    contract = case.contracts[name]
    indices = np.array([k for k, at in contract.signed.items() if at == n], dtype=np.intp)
    tonnes = price = reservation_price = of_loss = 0.0
    for kind, row in contract.covers:
        weights = plan.of("lift", name, row)[indices] * np.nan_to_num(plan.worth.money[indices])
        if not weights.any():
            continue
        if kind == "ship":
            lane = case.routes[row]
            worth = plan.worth.sent(lane) - plan.rate("freight", "ship", row)
            loss = worth_of_loss(plan, (lane.destination, lane.commodity), lane.arrivals)
        else:
            worth = plan.worth.tonne(*case.supply[row].pair)
            loss = worth_of_loss(plan, case.supply[row].pair)
        price_paid = plan.rate("purchase", kind, row) + plan.rate("purchase", "lift", name, row)
        tonnes += weights.sum()
        price += float(weights @ price_paid[indices])
        reservation_price += float(weights @ np.nan_to_num(worth[indices]))
        of_loss += float(weights @ loss[indices])
    if not tonnes:
        return np.nan, np.nan, False
    return price / tonnes, reservation_price / tonnes, of_loss > tonnes / 2


def capacity_ordered(plan: SolvedPlan, n: int) -> Iterator[Order]:
    """The capacity ordered in a node."""
    for (name,), ordered in plan.values["expand"].items():
        if ordered[n] <= ORDERED_T:
            continue
        site = plan.case.facilities[name].site
        cost, reservation_price = capacity_prices(plan, name, n)
        yield Order(
            n, "build", month_text(_months_ready(plan)[name][n]), name, site, site, ordered[n],
            "t/yr", site, cost, ordered[n] * cost, reservation_price, name, ("Facilities", name),
        )  # fmt: skip


@once
def _months_ready(plan: SolvedPlan) -> dict[str, dict[int, int]]:
    """The month in which capacity ordered in each node is ready, by facility."""
    ready: dict[str, dict[int, int]] = {}
    for (name,) in plan.values["expand"]:
        months = ready[name] = {}
        for node, parts in zip(plan.case.tree.nodes, plan.case.facilities[name].ready, strict=True):
            for at, _ in parts:
                months[at] = min(node.start, months.get(at, node.start))
    return ready


def capacity_prices(plan: SolvedPlan, name: str, n: int) -> tuple[float, float]:
    """(cost, break-even cost) of capacity ordered in node n, USD per kg/yr.

    Value and cost both count only up to the end of the horizon: the value is compared with the
    part of the cost that falls into it.
    """
    cost = plan.case.facilities[name].expansion_cost
    money = plan.worth.money
    discounted_cost = 0.0
    for term in plan.case.cost_terms:
        if term.variable == "expand" and term.key == (name,):
            at = term.decided_in == n
            discounted_cost += float(term.rate[at] @ np.nan_to_num(money[term.counted_in[at]]))
    discounted_cost /= money[n]
    worth = plan.worth.order(name)[n]
    return cost, cost * worth / discounted_cost if discounted_cost > 0 else np.nan


def segments_asked(plan: SolvedPlan, n: int) -> Iterator[Order]:
    """The segments asked in a node to use less than before, or told that they may use more.

    The amount is the share of need that thrift and substitutes stand for from then on, the price
    what the book says that a kg less costs the segment, the worth that of a kg there.
    """
    m = plan.case.tree.nodes[n]
    for name, (share, tonnes, kusd) in _used_less(plan).items():
        before = share[m.previous] if m.previous >= 0 else 0.0
        if abs(share[n] - before) <= ASKED_SHARE:
            continue
        demand = plan.case.demands[name]
        yield Order(
            n, "ask", period_text(m.start, m.months), demand.commodity, demand.site, demand.site,
            100 * share[n], "% less", demand.segment or name,
            kusd[n] / tonnes[n] if tonnes[n] > ORDERED_T else np.nan, kusd[n],
            plan.worth.tonne(*demand.pair)[n], name, ("Relief", _first_tier(plan, demand, n)),
            of_loss=bool(worth_of_loss(plan, demand.pair)[n]),
        )  # fmt: skip


@once
def _used_less(plan: SolvedPlan) -> dict[str, tuple[Array, Array, Array]]:
    """(share of need, t, kUSD) of thrift and substitutes in each node, of demands that use any."""
    used = {}
    for name, demand in plan.case.demands.items():
        tonnes, kusd = plan.zeros, plan.zeros
        for tier in _tiers(plan, demand):
            tonnes = tonnes + plan.of("relieve", tier)
            kusd = kusd + plan.of("relieve", tier) * plan.rate("relief", "relieve", tier)
        if tonnes.any():
            share = np.divide(tonnes, demand.need, out=plan.zeros, where=demand.need > 0)
            used[name] = share, tonnes, kusd
    return used


def _tiers(plan: SolvedPlan, demand: Demand) -> list[str]:
    return [tier for tier in demand.tiers if plan.case.tiers[tier].kind in LESS]


def _first_tier(plan: SolvedPlan, demand: Demand, n: int) -> str:
    """The relief row of most tonnes in a node."""
    return max(_tiers(plan, demand), key=lambda tier: plan.of("relieve", tier)[n])
