"""Policies: limits on sums over many flows. Each measure is a family of rows of its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case, LinearTerm, Policy
from kido.lp.row import Row
from kido.lp.variables import Variables


def _add(
    row: Row, v: Variables, terms: tuple[LinearTerm, ...], nodes: set[int], sign: float
) -> None:
    for term in terms:
        columns = v[term.variable]
        inside = np.isin(term.counted_in, list(nodes))
        for n, rate in zip(term.decided_in[inside], term.rate[inside], strict=True):
            row.add_if_there(sign * rate, columns.get((*term.key, int(n))))


def _limit(case: Case, v: Variables, measure: str) -> Iterator[Row]:
    for policy in (p for p in case.policies if p.measure == measure):
        for window, limit in zip(policy.windows, policy.limits, strict=True):
            row = Row((policy.name, policy.detail, window.node))
            nodes = set(window.members)
            _add(row, v, policy.numerator, nodes, 1.0)
            bound = limit
            if policy.denominator is not None:
                _add(row, v, policy.denominator, nodes, -limit)
                bound = 0.0
            row = row.merged()  # numerator and denominator often share columns
            if not row.variables and not _violated_when_empty(policy, bound):
                continue
            breach = v["breach"].get((policy.name, policy.detail, window.node))
            if policy.at_least:
                row.lower = bound
                row.add_if_there(1, breach)
            else:
                row.upper = bound
                row.add_if_there(-1, breach)
            yield row


def _violated_when_empty(policy: Policy, bound: float) -> bool:
    """Whether a row of the policy without a term breaks its bound."""
    return bound > 0 if policy.at_least else bound < 0


def volume_limit(case: Case, v: Variables) -> Iterator[Row]:
    """Tonnes bought, made, shipped, delivered or ordered keep a limit.

    For every policy p on volume and window w of it on a path:

    sum of weight[k] x[k] over flows k that p counts in w <= limit[p,w] + breach[p,w],
        or >= limit[p,w] - breach[p,w]

    weight[k] is what a tonne of the flow counts for; breach only where p has a penalty.

    Row: t in a window on a path. The dual is what one more tonne of the limit costs: more
    than 0 where it asks, less where it allows.
    """
    yield from _limit(case, v, "volume")


def share_limit(case: Case, v: Variables) -> Iterator[Row]:
    """A part of what is counted keeps a limit that is a share of the whole.

    For every policy p on a share and window w of it on a path:

    part[p,w] - limit[p,w] whole[p,w] <= breach[p,w], or >= -breach[p,w]

    part and whole are sums as in `volume_limit`, each of what p counts of it in w.

    Origin is the country where a lane begins, counted when sent. Row: t in a window on a
    path. The dual of `at most`, its sign turned, is what a tonne of leave from the rule is
    worth; that of `at least` is so as it stands.
    """
    yield from _limit(case, v, "share")


def spend_limit(case: Case, v: Variables) -> Iterator[Row]:
    """Undiscounted money of the rows and kinds named keeps a budget.

    For every policy p on spending and window w of it on a path:

    sum of rate[k] x[k] over the cost terms k that p counts in w <= limit[p,w] + breach[p,w]

    Row: kUSD in a window on a path. The dual, its sign turned, is what one more kUSD of
    budget saves.
    """
    yield from _limit(case, v, "spend")


def cover(case: Case, v: Variables) -> Iterator[Row]:
    """Before a disruption, stocks are at least the need of the coming months, before relief.

    For every policy p on cover and node n before any disruption:

    sum of stock[s,n] over stockpiles s of p + breach[p,n]
        >= sum of need[d] over demands d of p and the limit[p] months after n

    Row: t in a node. The dual is what a tonne of required cover costs.
    """
    yield from _limit(case, v, "cover")


def service(case: Case, v: Variables) -> Iterator[Row]:
    """Demands are served to at least a share of their need.

    For every policy p on service and window w of it on a path:

    sum of meet[d,n] over demands d of p and nodes n of w + breach[p,w]
        >= limit[p] x sum of need[d,n] over the same

    Row: t in a window on a path. The dual is what a tonne of required service costs.
    """
    yield from _limit(case, v, "service")
