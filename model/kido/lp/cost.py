"""The objective, and the path costs and CVaR that risk adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kido.data.case.case import Array, Case
from kido.lp.rows import Rows, before, joined
from kido.lp.variables import Indices, Variables, check_variable

MUSD = 1e-3  # MUSD per kUSD: path costs are in MUSD, so that the coefficients stay near 1


def cost_entries(case: Case, v: Variables) -> tuple[Indices, Array, Indices]:
    """Node, kUSD per unit and column of everything that costs or earns money, undiscounted."""
    n, rate, columns = joined(
        [
            (term.counted_in, term.rate, v[term.variable][term.key][term.decided_in])
            for term in case.cost_terms
        ]
    )
    there = columns >= 0
    return n[there], rate[there], columns[there]


def objective(case: Case, v: Variables) -> Array:
    """The objective, kUSD per unit of each column: expected discounted cost and its CVaR, weighted.

    (1 - w) x sum of probability[n] discount[n] rate[k] x[k] over nodes n, cost terms k in n
        + w x (tail + sum of probability[l] excess[l] over leaves l / (1 - level))

    kUSD. A cost of month m is worth (1 + r)^-(m/12), m counted from the start to the first
    day of its node. The second term is the CVaR of Rockafellar and Uryasev (2000).
    """
    weight, level = case.settings.risk_weight, case.settings.cvar_level
    probability = np.array([node.probability for node in case.tree.nodes])
    expected = (1 - weight) * probability * discounts(case)
    n, rate, columns = cost_entries(case, v)
    cost: Array = np.bincount(columns, expected[n] * rate, v.count).astype(float)
    tail, excess = v["tail"][()], v["excess"][()]
    cost[tail[tail >= 0]] = weight / MUSD
    cost[excess[excess >= 0]] = weight / MUSD * (probability / (1 - level))[excess >= 0]
    return cost


def discounts(case: Case) -> Array:
    """What a cost of each node is worth at the start."""
    return np.array([node.discount for node in case.tree.nodes])


def expected_cost(case: Case) -> dict[tuple[str, Any], float]:
    """kUSD of expected discounted cost per unit of each variable, by (name, key)."""
    rates: dict[tuple[str, Any], float] = {}
    for term in case.cost_terms:
        for n, decided, rate in term.entries:
            node = case.tree.nodes[n]
            name = check_variable(term.variable), (*term.key, decided)
            rates[name] = rates.get(name, 0.0) + node.probability * node.discount * rate
    return rates


def path_cost(case: Case, v: Variables) -> Iterator[Rows]:
    """The discounted cost of the path to a node is that of the path before it and of the node.

    For every node n:

    cost_to_date[n] - cost_to_date[n'] - discount[n] x sum of rate[k] x[k] over cost terms k
        counted in n = 0

    n' is the node before n; the cost is in MUSD.

    Row: MUSD at a node; exists only where risk has a weight. The dual is 1000 times (kUSD a
    MUSD) the weight that risk adds to money there, beyond (1 - w) x probability.
    """
    cost_to_date = v["cost_to_date"][()]
    rows = Rows((), v.nodes, lower=0.0, upper=0.0)
    rows.keep(cost_to_date >= 0)
    rows.add(1, cost_to_date)
    rows.add(-1, before(case.tree, cost_to_date))
    n, rate, columns = cost_entries(case, v)
    rows.add(-MUSD * discounts(case)[n] * rate, columns, n)
    yield rows


def cvar_excess(case: Case, v: Variables) -> Iterator[Rows]:
    """The excess of a history is at least its cost above the value at risk.

    For every leaf l of the tree, the end of a history:

    excess[l] + tail - cost_to_date[l] >= 0

    Row: MUSD on a history; exists only where risk has a weight. The dual is 1000 times (kUSD
    a MUSD) the weight the history carries beyond (1 - w) x probability.
    """
    excess = v["excess"][()]
    rows = Rows((), v.nodes, lower=0.0)
    rows.keep(excess >= 0)
    rows.add(1, excess)
    rows.add(1, np.full(v.nodes, v["tail"][()].max()))
    rows.add(-1, v["cost_to_date"][()])
    yield rows
