"""Capacity of facilities (plants, ports, licences): its use, its minimum use, its expansion."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables


def _capacity_terms(case: Case, v: Variables) -> dict[tuple[str, int], list[tuple[float, Any]]]:
    """(t of capacity per t, column) of what uses each (facility, node)."""
    terms: dict[tuple[str, int], list[tuple[float, Any]]] = {}
    for (name, n), column in v["run"].items():
        for facility, amount in case.processes[name].uses:
            if amount:
                terms.setdefault((facility, n), []).append((amount, column))
    for (name, n), column in v["ship"].items():
        for facility in case.routes[name].uses:
            terms.setdefault((facility, n), []).append((1.0, column))
    return terms


def _expansion_terms(
    case: Case, v: Variables, facility: str, n: int
) -> Iterator[tuple[float, Any]]:
    """(years of use in node n, order column) of each earlier order that is built by then."""
    for m, years in case.facilities[facility].ready[n]:
        column = v["expand"].get((facility, m))
        if column is not None:
            yield years, column


def capacity(case: Case, v: Variables) -> Iterator[Row]:
    """Capacity used is at most what is installed, less what events take, and ordered in time.

    For every facility f and node n:

    sum of uses[p,f] run[p,n] over processes p + sum of ship[r,n] over routes r that use f
        - sum of years[f,m,n] expand[f,m] over nodes m up to n <= installed[f,n]

    years[f,m,n] is how long in n what was ordered in m can be used, 0 while it is built.

    Row: t of capacity in a node. The dual, its sign turned, is the value of one more
    tonne of capacity: what a bottleneck costs.
    """
    for (facility, n), users in _capacity_terms(case, v).items():
        row = Row((facility, n), upper=float(case.facilities[facility].installed[n]))
        for amount, column in users:
            row.add(amount, column)
        for years, column in _expansion_terms(case, v, facility, n):
            row.add(-years, column)
        yield row


def minimum_use(case: Case, v: Variables) -> Iterator[Row]:
    """Capacity used is at least the facility's minimum share of it, or idling is paid for.

    For every facility f with a minimum use and node n:

    used[f,n] + idle[f,n] >= share[f] (installed[f,n] + sum of years[f,m,n] expand[f,m] over m)

    used[f,n] as in `capacity`.

    Row: t of capacity in a node. The dual is what the obligation costs a tonne.
    """
    terms = _capacity_terms(case, v)
    for facility in case.facilities.values():
        if not facility.minimum_use:
            continue
        for n, installed in enumerate(facility.installed):
            share = facility.minimum_use
            row = Row((facility.name, n), lower=share * float(installed))
            for amount, column in terms.get((facility.name, n), []):
                row.add(amount, column)
            row.add_if_there(1, v["idle"].get((facility.name, n)))
            for years, column in _expansion_terms(case, v, facility.name, n):
                row.add(-share * years, column)
            if row.variables or row.lower > 0:
                yield row


def expansion(case: Case, v: Variables) -> Iterator[Row]:
    """On every history, total orders stay between the least and the most expansion.

    For every facility f with such a limit and leaf l of the tree:

    least[f] <= sum of expand[f,n] over nodes n on the path to l <= most[f]

    Row: t/yr ordered on a history. The dual is what one more t/yr required costs; its sign
    turned, what one more t/yr allowed is worth.
    """
    for facility in case.facilities.values():
        bounded = facility.least_expansion > 0 or math.isfinite(facility.most_expansion)
        if not facility.orders or not bounded:
            continue
        last_orders: set[int] = set()
        for leaf in case.tree.leaves:
            orders = [m for m in case.tree.path(leaf) if (facility.name, m) in v["expand"]]
            if not orders or orders[-1] in last_orders:
                continue
            last_orders.add(orders[-1])
            row = Row(
                (facility.name, orders[-1]),
                lower=facility.least_expansion if facility.least_expansion > 0 else -math.inf,
                upper=facility.most_expansion,
            )
            for m in orders:
                row.add(1, v["expand"][facility.name, m])
            yield row
