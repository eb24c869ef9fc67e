"""Contracts: reservation, lifting, take-or-pay, make-up and rebates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kido.data.case.case import Case, Contract
from kido.lp.rows import Rows, RowsByKey, before, members
from kido.lp.variables import Indices, Variables


def reservation(case: Case, v: Variables) -> Iterator[Rows]:
    """Under a contract at most what was reserved is lifted.

    For every contract c and window w of its life:

    sum of lift[c,r,n] over the rows r it covers and nodes n of w
        <= sum of quantity[c,n] reserve[c,s] + make_up[c,n] over nodes n of w + before[c,w]

    s is the node on the path in which it starts. A window is a node, and quantity[c,n] the years
    of its life in n; of a contract with a most a month, w is a settlement period on a path, and
    its years are less what force majeure takes, as in take_or_pay. In the period under way at the
    start of the plan, before[c,w] is what was reserved for its months before, less what was lifted.
    After its end a node is a window of no quantity, where what was paid for may be made up.
    No year of it lies before what it covers, what it names in `depends on` and what makes the
    goods have started.

    Row: t in a window. The dual, its sign turned, is the value of one more tonne reserved.
    """
    for contract in case.contracts.values():
        at, n = members(contract.quantities)
        rows = Rows((contract.name,), v.nodes, upper=contract.quantity_before)
        for _, covered in contract.covers:
            rows.add(1, v["lift"][contract.name, covered][n], at)
        rows.keep(rows.counts > 0)
        rows.add(-1, v["make_up"][contract.name,][n], at)
        counts = contract.quantity[n] > 0
        n, at = n[counts], at[counts]
        rows.add(-contract.quantity[n], v["reserve"][contract.name,][_signed(contract, n)], at)
        rows.merge()
        yield rows


def monthly_lift(case: Case, v: Variables) -> Iterator[Rows]:
    """In a month of a contract's life at most so much is lifted.

    For every contract c with a most a month and node n of its life:

    sum of lift[c,r,n] over the rows r it covers <= most[c,n]

    Row: t in a node. The dual, its sign turned, is the value of one more tonne allowed.
    """
    for contract in case.contracts.values():
        rows = Rows((contract.name,), v.nodes, upper=contract.most_lifted)
        rows.keep(np.isfinite(contract.most_lifted))
        for _, covered in contract.covers:
            rows.add(1, v["lift"][contract.name, covered])
        yield rows


def lift_within_flow(case: Case, v: Variables) -> Iterator[Rows]:
    """Contracts lift on a supply or route at most what it carries; the rest is spot.

    For every row r that contracts cover (supply or route) and node n:

    sum of lift[c,r,n] over the contracts c that cover r <= buy[r,n] or ship[r,n]

    Row: t in a node. The dual, its sign turned, is what the contract price saves a tonne.
    """
    rows_of = RowsByKey(v.nodes, upper=0.0)
    variable_of = {(c.name, row): kind for c in case.contracts.values() for kind, row in c.covers}
    for (contract, covered), lift in v["lift"].items():
        rows_of[variable_of[contract, covered], covered].add(1, lift)
    for (variable, covered), rows in rows_of.items():
        rows.keep(rows.counts > 0)
        rows.add(-1, v[variable][covered,])
        yield rows


def take_or_pay(case: Case, v: Variables) -> Iterator[Rows]:
    """At each settlement the firm share of the reservation is lifted, or paid for anyway.

    For every contract c with a firm share and settlement period w on a path:

    sum of lift[c,r,n] over rows r and nodes n of w - sum of make_up[c,n] + forgo[c,w]
        >= firm[c] x sum of available[c,n] life[c,n] reserve[c,s] over nodes n of w + owed[c,w]

    Availability is the least share that capacity events leave, month by month in the
    contract's life (force majeure). A stop told as a profile or the end of a row is none. In the
    period under way at the start of the plan, owed[c,w] is the firm share of what was reserved for
    its months before, less what was lifted in them.

    Row: t in a settlement period on a path. The dual is what one more firm tonne costs.
    """
    for contract in case.contracts.values():
        at, n = members(contract.settlements)
        rows = Rows((contract.name,), v.nodes, lower=contract.owed_before)
        for _, covered in contract.covers:
            rows.add(1, v["lift"][contract.name, covered][n], at)
        rows.add(-1, v["make_up"][contract.name,][n], at)
        rows.add(1, v["forgo"][contract.name,])
        firm = contract.take_or_pay * contract.life[n] * contract.availability[n]
        rows.add(-firm, v["reserve"][contract.name,][_signed(contract, n)], at)
        rows.merge()
        rows.keep(rows.counts > 1)
        yield rows


def deficiency(case: Case, v: Variables) -> Iterator[Rows]:
    """What is paid for to be made up is a share of what is reserved and not lifted.

    For every contract c with make-up months and settlement period w on a path:

    forgo[c,w] <= share[c,w] x (sum of quantity[c,n] reserve[c,s] over nodes n of w
        - sum of lift[c,r,n] over rows r and nodes n of w + sum of make_up[c,n]) + before[c,w]

    share[c,w] is the take-or-pay share times what force majeure leaves: what is owed where nothing
    is lifted, and nothing where all is. In the period under way at the start of the plan,
    before[c,w] is the firm share of what was signed for its months before and not lifted.

    Row: t in a settlement period on a path. The dual, its sign turned, is the value of one more
    tonne that may be paid for now and taken later.
    """
    for contract in case.contracts.values():
        if contract.make_up is None:
            continue
        at, n = members(contract.settlements)
        share = contract.make_up.share[at]
        rows = Rows((contract.name,), v.nodes, upper=contract.make_up.share_before)
        rows.add(1, v["forgo"][contract.name,])
        for _, covered in contract.covers:
            rows.add(share, v["lift"][contract.name, covered][n], at)
        rows.add(-share, v["make_up"][contract.name,][n], at)
        reserve = v["reserve"][contract.name,][_signed(contract, n)]
        rows.add(-share * contract.quantity[n], reserve, at)
        rows.merge()
        yield rows


def make_up_lifted(case: Case, v: Variables) -> Iterator[Rows]:
    """What is made up is lifted.

    For every contract c with make-up months and node n:

    make_up[c,n] <= sum of lift[c,r,n] over the rows r it covers

    Row: t in a node. The dual, its sign turned, is what one more tonne lifted would save where
    all that is lifted is made up.
    """
    for contract in case.contracts.values():
        rows = Rows((contract.name,), v.nodes, upper=0.0)
        rows.add(1, v["make_up"][contract.name,])
        rows.keep(rows.counts > 0)
        for _, covered in contract.covers:
            rows.add(-1, v["lift"][contract.name, covered])
        yield rows


def make_up_paid(case: Case, v: Variables) -> Iterator[Rows]:
    """Only what was paid for and not taken before is made up, once.

    For every contract c with make-up months and node n, m the node before it on its path:

    make_up[c,n] + make_up_balance[c,n] <= make_up_balance[c,m] + forgo[c,m] + opening[c,n]

    opening[c,n] is what was paid for and not taken before the plan, at its first node.

    Row: t in a node. The dual, its sign turned, is the value of one more tonne paid for before.
    """
    for contract in case.contracts.values():
        if contract.make_up is None:
            continue
        balance, forgo = (v[name][contract.name,] for name in ("make_up_balance", "forgo"))
        rows = Rows((contract.name,), v.nodes, upper=contract.make_up.opening)
        rows.add(1, v["make_up"][contract.name,])
        rows.add(1, balance)
        rows.keep(rows.counts > 0)
        rows.add(-1, before(case.tree, balance))
        rows.add(-1, before(case.tree, forgo))
        yield rows


def make_up_expiry(case: Case, v: Variables) -> Iterator[Rows]:
    """What was not made up within its months is lost, the oldest first.

    For every contract c with make-up months and node n:

    make_up_balance[c,n] <= sum of forgo[c,w] over settlements w before n that count at its end
        + paid[c,n]

    Those count whose settlement ended less than the make-up months before the end of n; paid[c,n]
    is what was paid for and not taken before the plan, if it counts.

    Row: t at the end of a node. The dual, its sign turned, is the value of a tonne that would not
    be lost.
    """
    for contract in case.contracts.values():
        if contract.make_up is None:
            continue
        at, paid = members(contract.make_up.unexpired)
        rows = Rows((contract.name,), v.nodes, upper=contract.make_up.paid_before)
        rows.add(1, v["make_up_balance"][contract.name,])
        rows.keep(rows.counts > 0)
        rows.add(-1, v["forgo"][contract.name,][paid], at)
        yield rows


def rebate_share(case: Case, v: Variables) -> Iterator[Rows]:
    """Above an index threshold, the seller pays back at most its share of the excess.

    For every contract c with a rebate and calendar year w on a path:

    rebate[c,w] <= share[c] x sum of max(0, index[c,n] - above[c]) lift[c,r,n]
        over rows r and nodes n of w + earned[c,w]

    earned[c,w] is what was lifted before the plan in its first calendar year has earned.

    Row: kUSD in a calendar year on a path; its yearly cap is a bound. The dual, its sign
    turned, is 1 where the cap does not bind.
    """
    for contract in case.contracts.values():
        at, n = members(contract.rebates)
        rows = Rows((contract.name,), v.nodes, upper=contract.earned)
        rows.add(1, v["rebate"][contract.name,])
        for covered, rate in contract.rebate_rate.items():
            rows.add(-rate[n], v["lift"][contract.name, covered][n], at)
        yield rows


def _signed(contract: Contract, nodes: Indices) -> Indices:
    """For each of these nodes the one that the contract was reserved in."""
    return np.array([contract.signed[n] for n in nodes.tolist()], dtype=np.intp)
