"""The table of contracts: reserved, lifted, forgone, fees and rebates."""

from __future__ import annotations

import numpy as np

from kido.report.table import Column, Table
from kido.result.futures import reference
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable


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
        reserved_tonnes = reserved * contract.life
        table.add((name, "share of the reserved", ""), "%", total, over=reserved_tonnes)
        stopped = np.where(contract.life > 0, contract.availability, np.nan)
        if (stopped < 1).any():
            table.add((name, "available after events", ""), "%", stopped, "mean")
        table.add((name, "paid for, not taken", ""), "t", plan.of("forgo", name))
        for variable, measure in (("forgo", "paid for, not taken"), ("reserve", "fee")):
            kusd = money.get((name, variable), plan.zeros)
            table.add((name, measure, ""), "kUSD", kusd)
        table.add((name, "paid back", ""), "kUSD", plan.of("rebate", name))
    return table.table(branch=reference(plan))
