"""The check of mass balances: of each commodity at each site, at every node."""

from __future__ import annotations

import numpy as np

from kido.errors import Place
from kido.messages import phrase

from .calendar import Numbers
from .flow_table import Plan
from .recomputed import Facts
from .residuals import Ledger
from .underway import told_in

Pair = tuple[str, str]  # site, commodity


class _Account:
    """The two sides of one balance, in t at each node, and the largest flow in it."""

    def __init__(self, size: int):
        self.inflow = np.zeros(size)
        self.outflow = np.zeros(size)
        self.largest = np.zeros(size)

    def add_inflow(self, amount: Numbers) -> None:
        """Adds a flow in t to the inflow."""
        self.inflow += amount
        self.largest = np.maximum(self.largest, np.abs(amount))

    def add_outflow(self, amount: Numbers) -> None:
        """Adds a flow in t to the outflow."""
        self.outflow += amount
        self.largest = np.maximum(self.largest, np.abs(amount))


def check_mass(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Checks that inflow equals outflow for every site and commodity with a flow."""
    accounts: dict[Pair, _Account] = {}

    def at(site: str, commodity: str) -> _Account:
        return accounts.setdefault((site, commodity), _Account(len(facts.tree)))

    for row in facts.rows["Supply"]:
        at(row.site, row.commodity).add_inflow(plan("buy", row.name))
    for row in facts.rows["Sales"]:
        at(row.site, row.commodity).add_outflow(plan("sell", row.name))
    mass = facts.masses.tonnes
    for row in facts.rows["Processes"]:
        activity = plan("run", row.name)
        for line in facts.recipes.get(row.name, ()):
            if line.role == "input":
                at(row.site, line.item).add_outflow(line.amount * mass(line.item) * activity)
            elif line.role == "output":
                production = activity * facts.output(row, line)
                side = at(row.site, line.item)
                side.add_inflow(facts.arriving(facts.lead_shares("Processes", row), production))
                pipeline = facts.pipeline_arrivals(row.in_works, row.lead)
                side.add_inflow(line.amount * mass(line.item) * pipeline)
                side.add_inflow(mass(line.item) * told_in(facts, "lands", row.name, line.item))
                if [x.role for x in facts.recipes[row.name]].count("output") == 1:
                    side.add_inflow(mass(line.item) * told_in(facts, "lands", row.name, ""))
    for row in facts.rows["Routes"]:
        shipment = plan("ship", row.name)
        at(row.origin, row.commodity).add_outflow(shipment)
        end = at(row.destination, row.commodity)
        end.add_inflow(
            facts.arriving(facts.lead_shares("Routes", row), shipment * facts.surviving_share(row))
        )
        pipeline = facts.pipeline_arrivals(row.on_water * mass(row.commodity), row.lead)
        end.add_inflow(pipeline * (1.0 - row.loss / 100.0))
        end.add_inflow(mass(row.commodity) * told_in(facts, "lands", row.name))
    for row in facts.rows["Stockpiles"]:
        level = plan("stock", row.name)
        at(row.site, row.commodity).add_inflow(
            facts.tree.before(level, row.opening * mass(row.commodity))
        )
        at(row.site, row.commodity).add_outflow(level)
    for row in facts.rows["Demand"]:
        at(row.site, row.commodity).add_outflow(plan("meet", row.name))
    for kind, site, commodity in plan.arrays:
        if kind == "discard":
            at(site, commodity).add_outflow(plan(kind, site, commodity))
        if kind == "yard_stock":
            level = plan(kind, site, commodity)
            at(site, commodity).add_inflow(facts.tree.before(level))
            at(site, commodity).add_outflow(level)

    for (site, commodity), account in accounts.items():
        row = facts.named["Sites"].get(site)
        ledger.compare(
            "mass-balance",
            facts.tables["Sites"].place(row.Index, "name") if row else Place("Sites"),
            phrase("subject.balance", commodity=commodity, site=site),
            account.inflow,
            "=",
            account.outflow,
            scale=account.largest,
        )
