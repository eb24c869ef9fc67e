"""Whole orders: what plants of the sizes that are sold, and full lots, cost more than the plan.

A linear program orders 92.9 t/yr of a plant that comes with 2,000. Each choice that a buyer
really has is a change of bounds, solved again from the basis of the plan; all else stays free.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Case
from kido.lp.variables import Indices, Variables, variables_of
from kido.solver.held_columns import HeldColumns
from kido.solver.program import Program, in_order
from kido.solver.solution import Solution
from kido.tolerances import ORDERED_T, WHOLE_SHARE

Vector = NDArray[np.float64]

LOT_MONTHS = 12  # from the start, whose shipments are rounded to lots
ITERATIONS_SHARE = 5  # a fifth of the rows: a warm solve that takes more is begun anew


@dataclass(frozen=True)
class WholeSize:
    """A facility whose plan orders `planned` t/yr in all, first at `node`, and a size instead.

    `cost`: kUSD that it costs more than the least if `size` t/yr (0: none) are ordered at that
    node and no more of it on any future that passes there; None where there is no such plan, or
    none was found.
    """

    facility: str
    node: int
    planned: float
    size: float
    cost: float | None


@dataclass(frozen=True)
class RoundedShipment:
    """A shipment of the plan, t, and in whole lots."""

    route: str
    node: int
    planned: float
    rounded: float


@dataclass(frozen=True)
class WholeOrders:
    """The whole sizes of every order that has none, and the shipments that are no whole lots.

    `lots_cost`: kUSD that all shipments in whole lots cost more than the least; None where there
    are none, or no such plan.
    """

    sizes: tuple[WholeSize, ...] = ()
    shipments: tuple[RoundedShipment, ...] = ()
    lots_cost: float | None = None


NO_WHOLE_ORDERS = WholeOrders()


def whole_orders(program: Program, case: Case, solution: Solution) -> WholeOrders:
    """What whole sizes and lots cost; `solution` is that of the program, with its basis."""
    if solution.basis is None:
        return NO_WHOLE_ORDERS
    variables, values = variables_of(case), in_order(program.columns, solution.values)
    orders = list(_orders(case, variables, values))
    shipments = list(_shipments(case, variables, values))
    if not orders and not shipments:
        return NO_WHOLE_ORDERS
    limit, seconds = len(program.rows) // ITERATIONS_SHARE, case.settings.time_limit
    columns = HeldColumns(program, solution, limit, seconds, case)

    def cost(amounts: Mapping[int, float]) -> float | None:
        found = columns.cost(amounts)
        return None if found is None or math.isinf(found) else found

    sizes = []
    for name, node, planned, column, rest in orders:
        facility = case.facilities[name]
        for size in (0.0, *facility.sizes):
            allowed = size <= facility.most_expansion * (1 + WHOLE_SHARE)
            held = {**dict.fromkeys(rest, 0.0), column: size}
            sizes.append(WholeSize(name, node, planned, size, cost(held) if allowed else None))
    lots = {variables["ship"][s.route,][s.node]: s.rounded for s in shipments}
    return WholeOrders(tuple(sizes), tuple(shipments), cost(lots) if lots else None)


def _orders(
    case: Case, variables: Variables, values: Vector
) -> Iterator[tuple[str, int, float, int, Indices]]:
    """(facility, node, t/yr in all, column of its first order, columns of all others).

    Of orders on the base case that are no single whole size. The others are those on the futures
    that pass through the node.
    """
    tree, base = case.tree, case.tree.base_nodes
    later, earlier = tree.pairs
    for name, facility in case.facilities.items():
        columns = variables["expand"][name,]
        nodes = [n for n in base if columns[n] >= 0 and values[columns[n]] > ORDERED_T]
        if not facility.sizes or not nodes:
            continue
        amounts = [float(values[columns[n]]) for n in nodes]
        if len(nodes) == 1 and _is_one_of(amounts[0], facility.sizes):
            continue
        first = nodes[0]
        passing = np.union1d(later[earlier == first], earlier[later == first])
        others = columns[passing]
        others = others[(others >= 0) & (others != columns[first])]
        yield name, first, sum(amounts), int(columns[first]), others


def _is_one_of(amount: float, sizes: Sequence[float]) -> bool:
    return any(math.isclose(amount, size, rel_tol=WHOLE_SHARE) for size in sizes)


def _shipments(case: Case, variables: Variables, values: Vector) -> Iterator[RoundedShipment]:
    """The shipments of the first months of the base case, of routes that are not in whole lots."""
    tree = case.tree
    near = [n for n in tree.base_nodes if tree.nodes[n].start < tree.start + LOT_MONTHS]
    for name, route in case.routes.items():
        columns = variables["ship"][name,]
        nodes = [n for n in near if columns[n] >= 0]
        if (math.isnan(route.lot) and math.isnan(route.least_lot)) or not nodes:
            continue
        planned = [float(values[columns[n]]) for n in nodes]
        most = [float(np.broadcast_to(route.most, len(columns))[n]) for n in nodes]
        rounded = rounded_to_lots(planned, most, route.lot, route.least_lot)
        for n, amount, lots in zip(nodes, planned, rounded, strict=True):
            if max(amount, lots) > ORDERED_T:
                yield RoundedShipment(name, n, amount, lots)


def rounded_to_lots(
    amounts: Sequence[float], most: Sequence[float], lot: float, least: float
) -> list[float]:
    """Amounts, t, in whole lots and of at least `least` each, or none; NaN: no such rule.

    What is rounded off is carried to the next, so that the sum is never out by more than half
    of the larger of both, where `most` allows it.
    """
    step = 0.0 if math.isnan(lot) else lot
    smallest = max(step, 0.0 if math.isnan(least) else least)
    if step:
        smallest = step * math.ceil(smallest / step - WHOLE_SHARE)
    rounded, carried = [], 0.0
    for amount, limit in zip(amounts, most, strict=True):
        wanted = amount + carried
        taken = math.floor(wanted / step + 0.5) * step if step else wanted  # half a lot leaves
        if taken < smallest:
            taken = smallest if wanted >= smallest / 2 else 0.0
        if taken > limit:
            taken = math.floor(limit / step + WHOLE_SHARE) * step if step else limit
            taken = taken if taken >= smallest else 0.0
        rounded.append(taken)
        carried = wanted - taken
    return rounded
