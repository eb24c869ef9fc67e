"""Demand: every need is served or relieved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_matrix

from kido.data.case.case import Array, Case, ReliefOption
from kido.data.case.lead_times import last_months
from kido.lp.rows import Rows, before, triplets
from kido.lp.variables import Variables


def demand_met(case: Case, v: Variables) -> Iterator[Rows]:
    """Need of a node, and need put off that returns in it, is served or relieved.

    For every demand d and node n:

    meet[d,n] + sum of relieve[t,n] over relief options t of d
        - sum of lands[t,m,n] relieve[t,m] over options t that return, nodes m
        + sum of postpone[t,n] - postpone[t,n'] over options t that may return later
        = need[d,n] + sum of returned[t,n] (+ postponed[t] at a root)

    n' is the node before n. Of need put off before the plan, returned[t,n] returns in n, and
    postponed[t] returned before and has been put off again since.

    Row: t of need in a node. The dual is what one more tonne of need costs.
    """
    for (name,), meet in v["meet"].items():
        demand = case.demands[name]
        rows = Rows((name,), v.nodes, lower=demand.need, upper=demand.need)
        rows.keep(meet >= 0)
        rows.add(1, meet)
        for tier in demand.tiers:
            relieve, option = v["relieve"][tier,], case.tiers[tier]
            rows.add(1, relieve)
            if option.returns is not None:
                n, m, share = triplets(option.returns)
                rows.add(-share, relieve[m], n)
                rows.add_constant(_put_off_before(case, option))
                rows.add(1, v["postpone"][tier,])
                rows.add(-1, before(case.tree, v["postpone"][tier,]))
        yield rows


def _put_off_before(case: Case, option: ReliefOption) -> Array:
    """t of need put off before the plan that fall due in each node; at a root all put off again."""
    return option.returned + np.where(case.tree.previous < 0, option.postponed, 0.0)


def postponement(case: Case, v: Variables) -> Iterator[Rows]:
    """Only need that has returned by then is put off again.

    For every relief option t that may return later and node n:

    postpone[t,n] - postpone[t,n'] - sum of lands[t,m,n] relieve[t,m] over nodes m
        <= returned[t,n] (+ postponed[t] at a root)

    n' is the node before n; returned and postponed as in `demand_met`. Nothing is put off at the
    end of a history.

    Row: t of need in a node. The dual, its sign turned, is what putting one more tonne off saves.
    """
    for (name,), postpone in v["postpone"].items():
        option = case.tiers[name]
        n, m, share = triplets(option.returns or ())
        rows = Rows((name,), v.nodes, upper=_put_off_before(case, option))
        rows.keep(postpone >= 0)
        rows.add(1, postpone)
        rows.add(-1, before(case.tree, postpone))
        rows.add(-share, v["relieve"][name,][m], n)
        yield rows


def latest_return(case: Case, v: Variables) -> Iterator[Rows]:
    """Need is put off until its latest return, what returned first falling due first.

    For every relief option t that may return later and node n:

    postpone[t,n] - sum of last[t,n,k] lands[t,m,k] relieve[t,m] over nodes k, m
        <= sum of last[t,n,k] returned[t,k] over nodes k + recent[t,n]

    last[t,n,k] is the share of k that lies in the months before the end of n that its latest
    return leaves after the earliest; recent[t,n] is so much of postponed[t] as first fell due in
    them before the plan.

    Row: t of need in a node. The dual, its sign turned, is what putting one more tonne off saves.
    """
    for (name,), postpone in v["postpone"].items():
        tier, shape = case.tiers[name], (v.nodes, v.nodes)
        k, m, share = triplets(tier.returns or ())
        n, then, part = last_months(case.tree, tier.again)
        recent = csr_matrix((part, (n, then)), shape) @ csr_matrix((share, (k, m)), shape)
        recent = recent.tocoo()
        due = np.bincount(n, part * tier.returned[then], v.nodes) + tier.recent
        rows = Rows((name,), v.nodes, upper=due)
        rows.keep(postpone >= 0)
        rows.add(1, postpone)
        rows.add(-recent.data, v["relieve"][name,][recent.col], recent.row)
        yield rows
