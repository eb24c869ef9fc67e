"""Reachability: the variables that can be nonzero, by a forward pass along the tree.

The pass begins at supplies, opening stocks and goods on the way. Columns that nothing can feed are
left out of the program; so are balances without a column. A row with a minimum keeps its column, so
that an infeasible book can be explained.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from kido.data.case.case import Arrivals, Case, Facility
from kido.data.case.forward_pass import Mask, possible_flows

Masks = dict[tuple[str, ...], Mask]  # by the key of a column without its node


def columns(case: Case) -> Mapping[str, Masks]:
    """For each variable and key of it, the nodes in which it has a column."""
    room = {f.name: has_room(f) for f in case.facilities.values()}
    possible = possible_flows(case, room)
    flows, fed = possible.flows, possible.fed
    flows |= {("buy", o.name): o.most > 0 for o in case.supply.values()}
    result: dict[str, Masks] = {
        "buy": {(name,): flows["buy", name] for name in case.supply},
        "sell": {
            (o.name,): (o.least > 0) | ((o.most > 0) & fed[o.pair]) for o in case.sales.values()
        },
        "run": {(name,): flows["run", name] for name in case.processes},
        "ship": {(name,): flows["ship", name] for name in case.routes},
        "stock": {
            (s.name,): fed[s.pair] | (s.floor > 0) | (s.least_ending > 0)
            for s in case.stocks.values()
        },
        "yard_stock": {pair: fed[pair] for pair in case.yards},
        "discard": {pair: mask for pair, mask in fed.items() if pair[1] in case.disposal},
    }
    result |= _demand(case)
    used = {f for p in case.processes.values() for f, _ in p.uses}
    used |= {f for r in case.routes.values() for f in r.uses}
    result["idle"] = {
        (f.name,): room[f.name]
        for f in case.facilities.values()
        if f.minimum_use.any() and f.idle_cost is not None
    }
    result["expand"] = {
        (f.name,): _mask(case, f.orders)
        for f in case.facilities.values()
        if f.name in used or f.least_expansion > 0 or ("Facilities", f.name) in case.held
    }
    result["ordered"] = {
        (f.name, order.month): case.tree.previous < 0
        for f in case.facilities.values()
        for order in f.ordered
    }
    result |= _contract(case, flows)
    result["breach"] = {
        (p.name, p.detail): _mask(case, (w.node for w in p.windows))
        for p in case.policies
        if p.soft
    }
    for variable in ("order_rise", "order_fall"):
        result[variable] = {
            (name,): amounts > 0
            for near in case.near_orders
            if math.isfinite(near.limit)
            for (_, name), amounts in near.ordered.items()
        }
    return result


def has_room(facility: Facility) -> Mask:
    """Whether there may be capacity in each node."""
    room = (facility.installed > 0) | _filled(facility.ready)
    for order in facility.ordered:
        room |= (order.amount > 0) & (order.years > 0)
    return room


def _filled(arrivals: Arrivals) -> Mask:
    """Whether anything arrives in each node."""
    return np.array([bool(parts) for parts in arrivals])


def _mask(case: Case, nodes: Iterable[int]) -> Mask:
    """Whether each node is one of these."""
    mask = np.zeros(len(case.tree.nodes), dtype=bool)
    mask[list(nodes)] = True
    return mask


def _demand(case: Case) -> dict[str, Masks]:
    meet: Masks = {}
    relieve: Masks = {}
    postpone: Masks = {}
    returning: dict[int, Mask] = {}
    for demand in case.demands.values():
        due = demand.need > 0
        for tier in (case.tiers[t] for t in demand.tiers):
            if tier.returns is not None:
                if id(tier.returns) not in returning:
                    returning[id(tier.returns)] = _filled(tier.returns)
                back = returning[id(tier.returns)] | (tier.returned > 0)
                if tier.again > 0:
                    back |= (case.tree.previous < 0) & (tier.postponed > 0)
                    back = _from_then_on(case, back)
                    postpone[tier.name,] = back & ~_mask(case, case.tree.leaves)
                due = due | back
        meet[demand.name,] = due
        relieve |= {(t,): due & (case.tiers[t].most > 0) for t in demand.tiers}
    return {"meet": meet, "relieve": relieve, "postpone": postpone}


def _from_then_on(case: Case, mask: Mask) -> Mask:
    """Whether a node or one before it on its path is marked."""
    result = mask.copy()
    for m in case.tree.nodes:
        result[m.index] |= m.previous >= 0 and result[m.previous]
    return result


def _contract(case: Case, flows: Mapping[tuple[str, str], Mask]) -> dict[str, Masks]:
    contracts = case.contracts.values()
    leaves = _mask(case, case.tree.leaves)
    made_up = {c.name: c.make_up for c in contracts if c.make_up is not None}
    alive = {c.name: _mask(case, c.signed) for c in contracts}
    alive |= {name: alive[name] | make_up.after for name, make_up in made_up.items()}
    return {
        "reserve": {(c.name,): _mask(case, c.signed.values()) for c in contracts},
        "lift": {
            (c.name, row): alive[c.name] & flows[variable, row]
            for c in contracts
            for variable, row in c.covers
        },
        "make_up": {(name,): make_up.here for name, make_up in made_up.items()},
        "make_up_balance": {
            (name,): _mask(case, (w.node for w in make_up.unexpired)) & ~leaves
            for name, make_up in made_up.items()
        },
        "forgo": {(c.name,): _mask(case, (w.node for w in c.settlements)) for c in contracts},
        "rebate": {(c.name,): _mask(case, (w.node for w in c.rebates)) for c in contracts},
    }
