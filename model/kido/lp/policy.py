"""Policies: limits on sums over many flows. Each measure is a family of rows of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from kido.data.case.case import Array, Case, LinearTerm
from kido.lp.rows import Rows, members
from kido.lp.variables import Variables


def _add(
    rows: Rows, v: Variables, terms: Iterable[LinearTerm], windows: csr_matrix, factor: Array
) -> None:
    """Add factor[w] x the terms counted in the nodes of each window w."""
    for term in terms:
        shape = windows.shape[1], v.nodes
        rates = csr_matrix((term.rate, (term.counted_in, term.decided_in)), shape=shape)
        counted = coo_matrix(windows @ rates)
        columns = v[term.variable][term.key][counted.col]
        rows.add(factor[counted.row] * counted.data, columns, counted.row)


def _limit(case: Case, v: Variables, measure: str) -> Iterator[Rows]:
    for policy in (p for p in case.policies if p.measure == measure):
        at, n = members(policy.windows)
        windows = csr_matrix((np.ones(len(at)), (at, n)), shape=(v.nodes, v.nodes))
        ends = [window.node for window in policy.windows]
        limit = np.full(v.nodes, np.nan)
        limit[ends] = policy.limits
        carried = np.zeros(v.nodes)
        carried[ends] = policy.carried
        rows = Rows((policy.name, policy.detail), v.nodes)
        _add(rows, v, policy.numerator, windows, np.ones(v.nodes))
        bound = limit + carried
        if policy.denominator is not None:
            _add(rows, v, policy.denominator, windows, -limit)
            bound = carried
        rows.merge()  # numerator and denominator often share columns
        broken = bound > 0 if policy.at_least else bound < 0  # by a row without a term
        rows.keep((rows.counts > 0) | broken)
        side = rows.lower if policy.at_least else rows.upper
        side[ends] = bound[ends]
        rows.add(1 if policy.at_least else -1, v["breach"][policy.name, policy.detail])
        yield rows


def volume_limit(case: Case, v: Variables) -> Iterator[Rows]:
    """Tonnes bought, made, shipped, delivered or ordered keep a limit.

    For every policy p on volume and window w of it on a path:

    sum of weight[k] x[k] over flows k that p counts in w
        <= limit[p,w] + carried[p,w] + breach[p,w], or >= limit[p,w] + carried[p,w] - breach[p,w]

    weight[k] is what a tonne of the flow counts for; breach only where p has a penalty. In the
    windows under way at the start of the plan, carried[p,w] is what the months before allowed less
    what they counted; in others it is 0.

    Row: t in a window on a path. The dual is what one more tonne of the limit costs: more
    than 0 where it asks, less where it allows.
    """
    yield from _limit(case, v, "volume")


def share_limit(case: Case, v: Variables) -> Iterator[Rows]:
    """A part of what is counted keeps a limit that is a share of the whole.

    For every policy p on a share and window w of it on a path:

    part[p,w] - limit[p,w] whole[p,w] <= carried[p,w] + breach[p,w],
        or >= carried[p,w] - breach[p,w]

    part and whole are sums as in `volume_limit`, each of what p counts of it in w; so is carried.

    Origin is the country where a lane begins, counted when sent. Row: t in a window on a
    path. The dual of `at most`, its sign turned, is what a tonne of leave from the rule is
    worth; that of `at least` is so as it stands.
    """
    yield from _limit(case, v, "share")


def spend_limit(case: Case, v: Variables) -> Iterator[Rows]:
    """Undiscounted money of the rows and kinds named keeps a budget.

    For every policy p on spending and window w of it on a path:

    sum of rate[k] x[k] over the cost terms k that p counts in w
        <= limit[p,w] + carried[p,w] + breach[p,w]

    carried[p,w] as in `volume_limit`.

    Row: kUSD in a window on a path. The dual, its sign turned, is what one more kUSD of
    budget saves.
    """
    yield from _limit(case, v, "spend")


def cover(case: Case, v: Variables) -> Iterator[Rows]:
    """On calm nodes, stocks are at least the need of the coming months, before relief.

    For every policy p on cover and node n that no disruption of its commodities touches:

    sum of stock[s,n] over stockpiles s of p + breach[p,n]
        >= sum of need[d] over demands d of p and the limit[p] months after n

    Row: t in a node. The dual is what a tonne of required cover costs.
    """
    yield from _limit(case, v, "cover")


def stock_limit(case: Case, v: Variables) -> Iterator[Rows]:
    """Stockpiles together hold no more than a limit, or no less, at the end of every node.

    For every policy p on stock and node n that it counts:

    sum of weight[s] stock[s,n] over stockpiles s of p <= limit[p,n] + breach[p,n],
        or >= limit[p,n] - breach[p,n]

    weight[s] is what a tonne counts for: 1, or among several commodities its contained oxide.

    Row: t in a node. The dual is what one more tonne of the limit costs: more than 0 where it
    asks, less where it allows.
    """
    yield from _limit(case, v, "stock")


def service(case: Case, v: Variables) -> Iterator[Rows]:
    """Demands are served to at least a share of their need.

    For every policy p on service and window w of it on a path:

    sum of meet[d,n] over demands d of p and nodes n of w + breach[p,w]
        >= limit[p] x sum of need[d,n] over the same + carried[p,w]

    carried[p,w] as in `volume_limit`.

    Row: t in a window on a path. The dual is what a tonne of required service costs.
    """
    yield from _limit(case, v, "service")
