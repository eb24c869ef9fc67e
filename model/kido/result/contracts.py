"""What is under contract: reserved, lifted, paid for anyway, paid back."""

from __future__ import annotations

import numpy as np

from kido.report.table import Column, Table
from kido.result.plan import SolvedPlan
from kido.result.timeline import Timeline, TimeTable


def contracts(answer: SolvedPlan) -> Table:
    labels = (Column("contract"), Column("measure", shape="word"), Column("row"))
    table = TimeTable("contracts", labels, Timeline.of(answer, answer.reference_path))
    money = {(c.name, c.variable): kusd for c, kusd in answer.charged if c.sheet == "Contracts"}
    for name, contract in answer.case.contracts.items():
        reserved = answer.nothing
        for n, signed in contract.signed.items():
            reserved[n] = answer.of("reserve", name)[signed]
        table.add((name, "reserved", ""), "t/yr", reserved, "mean", keep=True)
        total = answer.nothing
        for kind, row in contract.covers:
            lifted = answer.of("lift", name, row)
            total = total + lifted
            paid = answer.rate("purchase", kind, row) + answer.rate("purchase", "lift", name, row)
            table.add((name, "lifted", row), "t", lifted)
            flowing = np.where(lifted > 0, paid, np.nan)
            table.add((name, "price paid", row), "USD/kg", flowing, "mean")
        due = reserved * contract.life
        table.add((name, "share of the reserved", ""), "%", total, over=due)
        stopped = np.where(contract.life > 0, contract.availability, np.nan)
        if (stopped < 1).any():
            table.add((name, "available after events", ""), "%", stopped, "mean")
        table.add((name, "paid for, not taken", ""), "t", answer.of("forgo", name))
        for variable, measure in (("forgo", "paid for, not taken"), ("reserve", "fee")):
            kusd = money.get((name, variable), answer.nothing)
            table.add((name, measure, ""), "kUSD", kusd)
        table.add((name, "paid back", ""), "kUSD", answer.of("rebate", name))
    return table.table(branch=answer.reference_path.name)
