"""Capacity of facilities (plants, ports, licences): its use, its minimum use, its expansion."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Array, Case, Facility
from kido.lp.rows import Rows, triplets
from kido.lp.variables import Indices, Variables


def _uses(case: Case, v: Variables) -> dict[str, list[tuple[float, Indices]]]:
    """(t of capacity per t, columns) of what uses each facility."""
    uses: dict[str, list[tuple[float, Indices]]] = {}
    for process in case.processes.values():
        for facility, amount in process.uses:
            uses.setdefault(facility, []).append((amount, v["run"][process.name,]))
    for route in case.routes.values():
        for facility in route.uses:
            uses.setdefault(facility, []).append((1.0, v["ship"][route.name,]))
    return uses


def capacity(case: Case, v: Variables) -> Iterator[Rows]:
    """Capacity used is at most what is installed, less what events take, and ordered in time.

    For every facility f and node n:

    sum of uses[p,f] run[p,n] over processes p + sum of ship[r,n] over routes r that use f
        - sum of years[f,m,n] expand[f,m] over nodes m up to n
        - sum of years[f,k,n] ordered[f,k] over first months of use k <= installed[f,n]

    years[f,m,n] is how long in n what was ordered in m can be used, 0 while it is built; of what
    was ordered before the plan and is in use from month k on, years[f,k,n].

    Row: t of capacity in a node. The dual, its sign turned, is the value of one more
    tonne of capacity: what a bottleneck costs.
    """
    for name, uses in _uses(case, v).items():
        facility = case.facilities[name]
        rows = Rows((name,), v.nodes, upper=facility.installed)
        for amount, columns in uses:
            rows.add(amount, columns)
        rows.keep(rows.counts > 0)
        _add_orders(rows, case, v, facility, -np.ones(v.nodes))
        yield rows


def _add_orders(rows: Rows, case: Case, v: Variables, facility: Facility, factor: Array) -> None:
    """Add factor[n] x what is ready in n of capacity ordered, in the plan and before it."""
    n, m, years = triplets(facility.ready)
    rows.add(factor[n] * years, v["expand"][facility.name,][m], n)
    for order in facility.ordered:
        rows.add(factor * order.years, v["ordered"][facility.name, order.month][case.tree.roots])


def minimum_use(case: Case, v: Variables) -> Iterator[Rows]:
    """Capacity used is at least the facility's minimum share of it, or idling is paid for.

    For every facility f with a minimum use and node n:

    used[f,n] + idle[f,n] >= share[f,n] (installed[f,n] + ready[f,n])

    used[f,n], and ready[f,n] of what was ordered in the plan and before it, as in `capacity`.

    Row: t of capacity in a node. The dual is what the obligation costs a tonne.
    """
    uses = _uses(case, v)
    for name, facility in case.facilities.items():
        share = facility.minimum_use
        if not share.any():
            continue
        rows = Rows((name,), v.nodes, lower=share * facility.installed)
        for amount, columns in uses.get(name, []):
            rows.add(amount, columns)
        rows.add(1, v["idle"][name,])
        _add_orders(rows, case, v, facility, -share)
        rows.keep(share > 0)
        yield rows


def expansion(case: Case, v: Variables) -> Iterator[Rows]:
    """On every history, total orders stay between the least and the most expansion.

    For every facility f with such a limit and leaf l of the tree:

    least[f] <= sum of expand[f,n] over nodes n on the path to l <= most[f]

    What was ordered before the plan does not count.

    Row: t/yr ordered on a history. The dual is what one more t/yr required costs; its sign
    turned, what one more t/yr allowed is worth.
    """
    tree = case.tree
    for name, facility in case.facilities.items():
        expand = v["expand"][name,]
        bounded = facility.least_expansion > 0 or math.isfinite(facility.most_expansion)
        if not bounded or (expand < 0).all():
            continue
        ordered = (expand >= 0).tolist()
        last_orders = {
            next((n for n in tree.back(leaf) if ordered[n]), -1) for leaf in tree.leaves
        } - {-1}
        rows = Rows(
            (name,),
            v.nodes,
            lower=facility.least_expansion if facility.least_expansion > 0 else -math.inf,
            upper=facility.most_expansion,
        )
        rows.keep(np.isin(np.arange(v.nodes), list(last_orders)))
        at, n = np.array([(last, n) for last in last_orders for n in tree.back(last)]).T
        rows.add(1, expand[n], at)
        yield rows
