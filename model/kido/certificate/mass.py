"""Mass: what comes in at a site goes out, at every moment, for every commodity."""

from __future__ import annotations

import numpy as np

from kido.errors import Place
from kido.messages import phrase

from .calendar import Numbers
from .flow_table import Plan
from .recomputed import Facts
from .residuals import Ledger

Pair = tuple[str, str]  # site, commodity


class _Account:
    """The two sides of one balance, in t at each moment, and the largest flow in it."""

    def __init__(self, size: int):
        self.comes = np.zeros(size)
        self.goes = np.zeros(size)
        self.largest = np.zeros(size)

    def in_(self, amount: Numbers) -> None:
        self.comes += amount
        self.largest = np.maximum(self.largest, np.abs(amount))

    def out(self, amount: Numbers) -> None:
        self.goes += amount
        self.largest = np.maximum(self.largest, np.abs(amount))


def check_mass(facts: Facts, plan: Plan, ledger: Ledger) -> None:
    """Closes the balance of every site and commodity that anything touches."""
    accounts: dict[Pair, _Account] = {}

    def at(site: str, commodity: str) -> _Account:
        return accounts.setdefault((site, commodity), _Account(len(facts.tree)))

    for row in facts.rows["Supply"]:
        at(row.site, row.commodity).in_(plan("buy", row.name))
    for row in facts.rows["Sales"]:
        at(row.site, row.commodity).out(plan("sell", row.name))
    mass = facts.masses.tonnes
    for row in facts.rows["Processes"]:
        activity = plan("run", row.name)
        for line in facts.recipes.get(row.name, ()):
            if line.role == "input":
                at(row.site, line.item).out(line.amount * mass(line.item) * activity)
            elif line.role == "output":
                made = activity * facts.output(row, line)
                side = at(row.site, line.item)
                side.in_(facts.arriving(facts.shares("Processes", row), made))
                begun = facts.before_start(row.in_works, row.lead)
                side.in_(line.amount * mass(line.item) * begun)
    for row in facts.rows["Routes"]:
        sent = plan("ship", row.name)
        at(row.origin, row.commodity).out(sent)
        end = at(row.destination, row.commodity)
        end.in_(facts.arriving(facts.shares("Routes", row), sent * facts.kept(row)))
        afloat = facts.before_start(row.on_water * mass(row.commodity), row.lead)
        end.in_(afloat * (1.0 - row.loss / 100.0))
    for row in facts.rows["Stockpiles"]:
        held = plan("stock", row.name)
        at(row.site, row.commodity).in_(facts.tree.before(held, row.opening * mass(row.commodity)))
        at(row.site, row.commodity).out(held)
    for row in facts.rows["Demand"]:
        at(row.site, row.commodity).out(plan("meet", row.name))
    for kind, site, commodity in plan.arrays:
        if kind == "discard":
            at(site, commodity).out(plan(kind, site, commodity))
        if kind == "yard_stock":
            waits = plan(kind, site, commodity)
            at(site, commodity).in_(facts.tree.before(waits))
            at(site, commodity).out(waits)

    for (site, commodity), account in accounts.items():
        row = facts.named["Sites"].get(site)
        ledger.compare(
            "mass-balance",
            facts.tables["Sites"].place(row.Index, "name") if row else Place("Sites"),
            phrase("subject.balance", commodity=commodity, site=site),
            account.comes,
            "=",
            account.goes,
            scale=account.largest,
        )
