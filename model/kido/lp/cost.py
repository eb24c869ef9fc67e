"""Money: the objective, and the cost of each history where risk counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables, known

MUSD = 1e-3  # histories are written in MUSD, so that the numbers stay near 1


def charged(case: Case, v: Variables) -> Iterator[tuple[int, float, Any]]:
    """(moment, kUSD for a unit, column) of everything that costs or earns money."""
    for term in case.cost_terms:
        columns, key = v[term.variable], term.key
        for n, decided, rate in term.entries:
            column = columns.get((*key, decided))
            if column is not None:
                yield n, rate, column


def objective(case: Case, v: Variables) -> list[tuple[float, Any]]:
    """The discounted cost expected over all histories, and the mean of the worst of them.

    (1 - w) x sum of probability[n] discount[n] rate[k] x[k] over nodes n, cost terms k in n
        + w x (tail + sum of probability[l] excess[l] over leaves l / (1 - level))

    kUSD. A cost of month m is worth (1 + r)^-(m/12), m counted from the start to the first
    day of its moment. The second term is the CVaR of Rockafellar and Uryasev (2000).
    """
    weight, level = case.settings.risk_weight, case.settings.cvar_level
    moments = case.tree.nodes
    terms = [
        ((1 - weight) * moments[n].probability * moments[n].discount * rate, column)
        for n, rate, column in charged(case, v)
    ]
    if weight > 0:
        terms.append((weight / MUSD, v["tail"][0,]))
        for (leaf,), column in v["excess"].items():
            share = moments[leaf].probability / (1 - level)
            terms.append((weight / MUSD * share, column))
    return terms


def expected_cost(case: Case) -> dict[tuple[str, Any], float]:
    """kUSD of expected discounted cost for a unit of each variable, by (name, key)."""
    found: dict[tuple[str, Any], float] = {}
    for term in case.cost_terms:
        for n, decided, rate in term.entries:
            moment = case.tree.nodes[n]
            name = known(term.variable), (*term.key, decided)
            found[name] = found.get(name, 0.0) + moment.probability * moment.discount * rate
    return found


def path_cost(case: Case, v: Variables) -> Iterator[Row]:
    """The discounted cost of a path is that of the path before it and of this moment.

    For every node n:

    cost_to_date[n] - cost_to_date[n'] - discount[n] x sum of rate[k] x[k] over cost terms k
        counted in n = 0

    n' is the node before n; the cost is in MUSD.

    Row: MUSD at a moment; there only where risk has a weight. The dual is 1000 times (kUSD a
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
        for n, rate, column in charged(case, v):
            rows[n].add(-MUSD * case.tree.nodes[n].discount * rate, column)
    yield from rows.values()


def cvar_excess(case: Case, v: Variables) -> Iterator[Row]:
    """The excess of a history is what its cost passes the tail by.

    For every leaf l of the tree, the end of a history:

    excess[l] + tail - cost_to_date[l] >= 0

    Row: MUSD on a history; there only where risk has a weight. The dual is 1000 times (kUSD
    a MUSD) the weight the history carries beyond (1 - w) x probability.
    """
    for (leaf,), column in v["excess"].items():
        row = Row((leaf,), lower=0.0)
        row.add(1, column)
        row.add(1, v["tail"][0,])
        row.add(-1, v["cost_to_date"][leaf,])
        yield row
