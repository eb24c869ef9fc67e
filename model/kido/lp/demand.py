"""Demand: every need is served or relieved."""

from __future__ import annotations

from collections.abc import Iterator

from scipy.sparse import csr_matrix

from kido.data.case.case import Case
from kido.data.case.lead_times import last_months
from kido.lp.rows import Rows, before, triplets
from kido.lp.variables import Variables


def demand_met(case: Case, v: Variables) -> Iterator[Rows]:
    """Need of a node, and need put off that returns in it, is served or relieved.

    For every demand d and node n:

    meet[d,n] + sum of relieve[t,n] over relief options t of d
        - sum of lands[t,m,n] relieve[t,m] over options t that return, nodes m
        + sum of postpone[t,n] - postpone[t,n'] over options t that may return later = need[d,n]

    n' is the node before n.

    Row: t of need in a node. The dual is what one more tonne of need costs.
    """
    for (name,), meet in v["meet"].items():
        demand = case.demands[name]
        rows = Rows((name,), v.nodes, lower=demand.need, upper=demand.need)
        rows.keep(meet >= 0)
        rows.add(1, meet)
        for tier in demand.tiers:
            relieve, returns = v["relieve"][tier,], case.tiers[tier].returns
            rows.add(1, relieve)
            if returns is not None:
                n, m, share = triplets(returns)
                rows.add(-share, relieve[m], n)
                rows.add(1, v["postpone"][tier,])
                rows.add(-1, before(case.tree, v["postpone"][tier,]))
        yield rows


def postponement(case: Case, v: Variables) -> Iterator[Rows]:
    """Only need that has returned by then is put off again.

    For every relief option t that may return later and node n:

    postpone[t,n] - postpone[t,n'] - sum of lands[t,m,n] relieve[t,m] over nodes m <= 0

    n' is the node before n. Nothing is put off at the end of a history.

    Row: t of need in a node. The dual, its sign turned, is what putting one more tonne off saves.
    """
    for (name,), postpone in v["postpone"].items():
        n, m, share = triplets(case.tiers[name].returns or ())
        rows = Rows((name,), v.nodes, upper=0.0)
        rows.keep(postpone >= 0)
        rows.add(1, postpone)
        rows.add(-1, before(case.tree, postpone))
        rows.add(-share, v["relieve"][name,][m], n)
        yield rows


def latest_return(case: Case, v: Variables) -> Iterator[Rows]:
    """Need is put off until its latest return, what returned first falling due first.

    For every relief option t that may return later and node n:

    postpone[t,n] - sum of last[t,n,k] lands[t,m,k] relieve[t,m] over nodes k, m <= 0

    last[t,n,k] is the share of k that lies in the months before the end of n that its latest
    return leaves after the earliest.

    Row: t of need in a node. The dual, its sign turned, is what putting one more tonne off saves.
    """
    for (name,), postpone in v["postpone"].items():
        tier, shape = case.tiers[name], (v.nodes, v.nodes)
        k, m, share = triplets(tier.returns or ())
        n, then, part = last_months(case.tree, tier.again)
        recent = csr_matrix((part, (n, then)), shape) @ csr_matrix((share, (k, m)), shape)
        recent = recent.tocoo()
        rows = Rows((name,), v.nodes, upper=0.0)
        rows.keep(postpone >= 0)
        rows.add(1, postpone)
        rows.add(-recent.data, v["relieve"][name,][recent.col], recent.row)
        yield rows
