"""The table of contracts: reserved, lifted, forgone, made up, fees and rebates."""

from __future__ import annotations

import numpy as np

from kido.data.case.case import Array, Contract, MakeUp
from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable

MONEY = (  # (variable of the cost, measure)
    ("forgo", "paid for, not taken"),
    ("make_up", "made up"),
    ("reserve", "fee"),
)


def contracts(plan: SolvedPlan) -> Table:
    """The table of contracts over time, on the reference path."""
    labels = (Column("contract"), Column("measure", shape="word"), Column("row"))
    table = TimeTable("contracts", labels, Timeline.of(plan, plan.reference_path))
    money = {(c.name, c.variable): kusd for c, kusd in plan.kusd_by_term if c.sheet == "Contracts"}
    for name, contract in plan.case.contracts.items():
        reserved = plan.zeros
        for n, signed in contract.signed.items():
            reserved[n] = plan.of("reserve", name)[signed]
        table.add((name, "reserved", ""), "t/yr", reserved, "mean", keep=True)
        total = plan.zeros
        for kind, row in contract.covers:
            tonnes = plan.of("lift", name, row)
            total = total + tonnes
            paid = plan.rate("purchase", kind, row) + plan.rate("purchase", "lift", name, row)
            table.add((name, "lifted", row), "t", tonnes)
            flowing = np.where(tonnes > 0, paid, np.nan)
            table.add((name, "price paid", row), "USD/kg", flowing, "mean")
        reserved_tonnes, made_up = reserved * contract.life, plan.of("make_up", name)
        table.add((name, "share of the reserved", ""), "%", total - made_up, over=reserved_tonnes)
        stopped = np.where(contract.life > 0, contract.availability, np.nan)
        if (stopped < 1).any():
            table.add((name, "available after events", ""), "%", stopped, "mean")
        table.add((name, "paid for, not taken", ""), "t", plan.of("forgo", name))
        if contract.make_up is not None:
            _add_make_up(table, plan, contract)
        for variable, measure in MONEY:
            kusd = money.get((name, variable), plan.zeros)
            table.add((name, measure, ""), "kUSD", kusd)
        table.add((name, "paid back", ""), "kUSD", plan.of("rebate", name))
    return table.table(branch=reference(plan))


def _add_make_up(table: TimeTable, plan: SolvedPlan, contract: Contract) -> None:
    """Adds what is made up and what is left, and where the plan takes more than terms may allow.

    That is what it pays for beyond what it owes, and what it makes up in a period whose own it
    pays for and does not take: see `kido.data.case.make_up`.
    """
    assert contract.make_up is not None
    made_up, forgone = plan.of("make_up", contract.name), plan.of("forgo", contract.name)
    table.add((contract.name, "made up", ""), "t", made_up)
    left = _left(plan, contract, contract.make_up)
    table.add((contract.name, "still to be made up", ""), "t", left, "end")
    beyond, instead = plan.zeros, plan.zeros
    lifted = sum((plan.of("lift", contract.name, row) for _, row in contract.covers), plan.zeros)
    firm = contract.take_or_pay * contract.life * contract.availability
    for window in contract.settlements:
        n, members = window.node, list(window.members)
        reserved = plan.of("reserve", contract.name)[contract.signed[n]]
        owed = contract.owed_before[n] + reserved * firm[members].sum()
        own = (lifted - made_up)[members].sum()
        beyond[n] = forgone[n] - max(0.0, owed - own)
        instead[n] = min(forgone[n], made_up[members].sum())
    table.add((contract.name, "paid for beyond what is owed", ""), "t", np.maximum(beyond, 0.0))
    table.add((contract.name, "made up in place of its own", ""), "t", instead)


def _left(plan: SolvedPlan, contract: Contract, make_up: MakeUp) -> Array:
    """t paid for and not taken that may still be lifted after each node of the reference path.

    The oldest is lifted first.
    """
    before = -1  # the payment before the plan
    lasting = {w.node: set(w.members) for w in make_up.unexpired}
    payments = {before: float(make_up.opening.max(initial=0.0))}
    left = plan.zeros
    for n in plan.reference_path.path.tolist():
        used = float(plan.of("make_up", contract.name)[n])
        for payment, tonnes in payments.items():
            payments[payment] = max(0.0, tonnes - used)
            used = max(0.0, used - tonnes)
        lasts = lasting.get(n, set()) | ({before} if make_up.paid_before[n] > 0 else set())
        payments = {payment: t for payment, t in payments.items() if payment in lasts}
        payments[n] = float(plan.of("forgo", contract.name)[n])
        left[n] = sum(payments.values())
    return left
