"""The objective, and the path costs and CVaR that risk adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables, check_variable

MUSD = 1e-3  # MUSD per kUSD: path costs are in MUSD, so that the coefficients stay near 1


def cost_entries(case: Case, v: Variables) -> Iterator[tuple[int, float, Any]]:
    """(node, kUSD per unit, column) of everything that costs or earns money, undiscounted."""
    for term in case.cost_terms:
        columns, key = v[term.variable], term.key
        for n, decided, rate in term.entries:
            column = columns.get((*key, decided))
            if column is not None:
                yield n, rate, column


def objective(case: Case, v: Variables) -> list[tuple[float, Any]]:
    """(kUSD per unit, column) of the objective: expected discounted cost and its CVaR, weighted.

    (1 - w) x sum of probability[n] discount[n] rate[k] x[k] over nodes n, cost terms k in n
        + w x (tail + sum of probability[l] excess[l] over leaves l / (1 - level))

    kUSD. A cost of month m is worth (1 + r)^-(m/12), m counted from the start to the first
    day of its node. The second term is the CVaR of Rockafellar and Uryasev (2000).
    """
    weight, level = case.settings.risk_weight, case.settings.cvar_level
    nodes = case.tree.nodes
    terms = [
        ((1 - weight) * nodes[n].probability * nodes[n].discount * rate, column)
        for n, rate, column in cost_entries(case, v)
    ]
    if weight > 0:
        terms.append((weight / MUSD, v["tail"][0,]))
        for (leaf,), column in v["excess"].items():
            share = nodes[leaf].probability / (1 - level)
            terms.append((weight / MUSD * share, column))
    return terms


def expected_cost(case: Case) -> dict[tuple[str, Any], float]:
    """kUSD of expected discounted cost per unit of each variable, by (name, key)."""
    rates: dict[tuple[str, Any], float] = {}
    for term in case.cost_terms:
        for n, decided, rate in term.entries:
            node = case.tree.nodes[n]
            name = check_variable(term.variable), (*term.key, decided)
            rates[name] = rates.get(name, 0.0) + node.probability * node.discount * rate
    return rates


def path_cost(case: Case, v: Variables) -> Iterator[Row]:
    """The discounted cost of the path to a node is that of the path before it and of the node.

    For every node n:

    cost_to_date[n] - cost_to_date[n'] - discount[n] x sum of rate[k] x[k] over cost terms k
        counted in n = 0

    n' is the node before n; the cost is in MUSD.

    Row: MUSD at a node; exists only where risk has a weight. The dual is 1000 times (kUSD a
    MUSD) the weight that risk adds to money there, beyond (1 - w) x probability.
    """
    rows = {}
    for (n,), column in v["cost_to_date"].items():
        row = rows[n] = Row((n,), lower=0.0, upper=0.0)
        row.add(1, column)
        previous = case.tree.nodes[n].previous
        if previous >= 0:
            row.add(-1, v["cost_to_date"][previous,])
    if rows:
        for n, rate, column in cost_entries(case, v):
            rows[n].add(-MUSD * case.tree.nodes[n].discount * rate, column)
    yield from rows.values()


def cvar_excess(case: Case, v: Variables) -> Iterator[Row]:
    """The excess of a history is at least its cost above the value at risk.

    For every leaf l of the tree, the end of a history:

    excess[l] + tail - cost_to_date[l] >= 0

    Row: MUSD on a history; exists only where risk has a weight. The dual is 1000 times (kUSD
    a MUSD) the weight the history carries beyond (1 - w) x probability.
    """
    for (leaf,), column in v["excess"].items():
        row = Row((leaf,), lower=0.0)
        row.add(1, column)
        row.add(1, v["tail"][0,])
        row.add(-1, v["cost_to_date"][leaf,])
        yield row
