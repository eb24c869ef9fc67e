"""Contracts: reservation, lifting, take-or-pay and rebates."""

from __future__ import annotations

from collections.abc import Iterator

from kido.data.case.case import Case
from kido.lp.row import Row
from kido.lp.variables import Variables


def reservation(case: Case, v: Variables) -> Iterator[Row]:
    """Under a contract at most what was reserved for the length of the node is lifted.

    For every contract c and node n of its life:

    sum of lift[c,r,n] over the rows r it covers <= life[c,n] reserve[c,s]

    s is the node on the path in which it starts, life[c,n] the years of its life in n.

    Row: t in a node. The dual, its sign turned, is the value of one more tonne reserved.
    """
    for contract in case.contracts.values():
        for n, signed in contract.signed.items():
            row = Row((contract.name, n), upper=0.0)
            for _, covered in contract.covers:
                row.add_if_there(1, v["lift"].get((contract.name, covered, n)))
            if row.variables:
                row.add_if_there(-contract.life[n], v["reserve"].get((contract.name, signed)))
                yield row


def lift_within_flow(case: Case, v: Variables) -> Iterator[Row]:
    """Contracts lift on a supply or route at most what it carries; the rest is spot.

    For every row r that contracts cover (supply or route) and node n:

    sum of lift[c,r,n] over the contracts c that cover r <= buy[r,n] or ship[r,n]

    Row: t in a node. The dual, its sign turned, is what the contract price saves a tonne.
    """
    rows: dict[tuple[str, str, int], Row] = {}
    variable_of = {(c.name, row): kind for c in case.contracts.values() for kind, row in c.covers}
    for (contract, covered, n), column in v["lift"].items():
        variable = variable_of[contract, covered]
        key = (variable, covered, n)
        if key not in rows:
            rows[key] = Row(key, upper=0.0)
            rows[key].add_if_there(-1, v[variable].get((covered, n)))
        rows[key].add(1, column)
    yield from rows.values()


def take_or_pay(case: Case, v: Variables) -> Iterator[Row]:
    """At each settlement the firm share of the reservation is lifted, or paid for anyway.

    For every contract c with a firm share and settlement period w on a path:

    sum of lift[c,r,n] over rows r and nodes n of w + forgo[c,w]
        >= firm[c] x sum of available[c,n] life[c,n] reserve[c,s] over nodes n of w

    Availability is the least share that capacity events and delays leave, month by month in the
    contract's life (force majeure). A stop told as a profile or the end of a row is none.
    Row: t in a settlement period on a path. The dual is what one more firm tonne costs.
    """
    for contract in case.contracts.values():
        for window in contract.settlements:
            row = Row((contract.name, window.node), lower=0.0)
            rates: dict[int, float] = {}
            for n in window.members:
                for _, covered in contract.covers:
                    row.add_if_there(1, v["lift"].get((contract.name, covered, n)))
                signed = contract.signed[n]
                rate = contract.take_or_pay * contract.life[n] * contract.availability[n]
                rates[signed] = rates.get(signed, 0.0) + float(rate)
            row.add_if_there(1, v["forgo"].get((contract.name, window.node)))
            for signed, years in rates.items():
                row.add_if_there(-years, v["reserve"].get((contract.name, signed)))
            if len(row.variables) > 1:
                yield row


def rebate_share(case: Case, v: Variables) -> Iterator[Row]:
    """Above an index threshold, the seller pays back at most its share of the excess.

    For every contract c with a rebate and calendar year w on a path:

    rebate[c,w] <= share[c] x sum of max(0, index[c,n] - above[c]) lift[c,r,n]
        over rows r and nodes n of w

    Row: kUSD in a calendar year on a path; its yearly cap is a bound. The dual, its sign
    turned, is 1 where the cap does not bind.
    """
    for contract in case.contracts.values():
        for window in contract.rebates:
            row = Row((contract.name, window.node), upper=0.0)
            row.add_if_there(1, v["rebate"].get((contract.name, window.node)))
            for n in window.members:
                for _, covered in contract.covers:
                    column = v["lift"].get((contract.name, covered, n))
                    row.add_if_there(-contract.rebate_rate[covered][n], column)
            yield row
