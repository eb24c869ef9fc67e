"""Checks of contracts: reservations, liftings, take-or-pay, rebates; and their prices."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.data.tables import Tables
from kido.messages import phrase

from .branches import as_month
from .calendar import Marks, Numbers, Places
from .flow_table import Plan
from .once import counting_rows
from .reach import words_of
from .recomputed import Facts, blank
from .residuals import Ledger

FLOW = {"Supply": "buy", "Routes": "ship"}
DEPENDED = ("Supply", "Facilities", "Processes", "Routes")
MONTHS_SETTLED = {"month": 1, "quarter": 3, "year": 12}


class Terms:
    """The terms of one contract at the nodes of the tree."""

    def __init__(self, facts: Facts, row: Any):
        self.facts = facts
        self.row = row
        self.covered = counting_rows(facts.effects.covered_rows(row), facts.rows["Routes"])
        self.mass = facts.masses.common(covered.commodity for _, covered in self.covered)
        self.rate = facts.rate(row)
        tree = facts.tree
        start, end = as_month(row.start), as_month(row.end)
        self.begin = tree.start if start is None else max(start, tree.start)
        self.stop = tree.end if end is None else min(end + 1, tree.end)
        common = np.minimum(tree.last, self.stop) - np.maximum(tree.first, self.begin)
        # Months of each node inside the contract's life.
        self.life: Numbers = np.maximum(common, 0).astype(float)

    @property
    def signing_nodes(self) -> Marks:
        """Whether its life begins in each node: there it is reserved."""
        tree = self.facts.tree
        begins: Marks = (tree.first <= self.begin) & (self.begin < tree.last) & (self.life > 0)
        return begins

    def reservation(self, plan: Plan) -> Numbers:
        """t/yr in force at each node: the reservation made on its path."""
        every = np.zeros(len(self.facts.tree), dtype=np.int64)
        signed = np.where(self.signing_nodes, plan("reserve", self.row.name), 0.0)
        return np.where(self.life > 0, self.facts.tree.gather(signed, every), 0.0)

    def window(self, settled: str) -> Places:
        """The number of the calendar period that each node begins in; -1 outside the life."""
        period = self.facts.tree.first // MONTHS_SETTLED[settled]
        return np.where(self.life > 0, period, -1)

    def settlement_nodes(self, settled: str) -> Marks:
        """Whether each node is the last of a settlement period on some history."""
        return self.facts.tree.closing(self.window(settled))

    @property
    def rebates(self) -> bool:
        """Whether the contract has a rebate."""
        return bool(self.row.price_rule == "index" and self.row.rebate_share > 0)

    def firm_years(self) -> Numbers:
        """Years of life at each node, less force majeure, taken month by month.

        What is left of a month is the least share that stops and delays leave of what the
        contract covers and what it depends on.
        """
        effects, tree = self.facts.effects, self.facts.tree
        rows_at_risk = list(self.covered)
        words = words_of(self.row.depends_on)
        for sheet in DEPENDED if words else ():
            rows = self.facts.rows[sheet]
            rows_at_risk += [(sheet, row) for row in rows if words & effects.words(sheet, row)]
        inside = (effects.months >= self.begin) & (effects.months < self.stop)
        left = np.tile(inside.astype(float), (len(tree.branches), 1))
        for sheet, row in rows_at_risk:
            begins = row._replace(end=None)
            own = effects.open_share(sheet, begins, delayed=False)
            late = np.where(own > 0, effects.open_share(sheet, begins) / np.maximum(own, 1e-9), 1.0)
            left = np.minimum(left, inside * late * effects.factors(sheet, row, "capacity"))
        return tree.total(left) / 12.0

    def index(self, sheet: str, row: Any) -> Numbers:
        """USD/kg of the index, by branch and month; of a blank index, the price of the row."""
        facts, index = self.facts, self.row.index
        if blank(index):
            return facts.monthly(sheet, row, "price", row.price) / facts.rate(row)
        if isinstance(index, str):
            months = facts.effects.months
            value = facts.effects.in_force(index, months.astype(float))
            first = min(facts.effects.profiles[index])[1]
            value = np.where(np.isnan(value), first, value)
            return facts.monthly("Contracts", self.row, "price", value) / self.rate
        return facts.monthly("Contracts", self.row, "price", float(index)) / self.rate

    def price(self, sheet: str, row: Any) -> Numbers:
        """USD/kg of what is lifted from a covered row, at each node."""
        if self.row.price_rule == "fixed":
            return np.full(len(self.facts.tree), float(self.row.price) / self.rate)
        if self.row.price_rule == "index":
            price = self.row.index_factor * self.index(sheet, row)
            floor = -np.inf if blank(self.row.floor) else float(self.row.floor) / self.rate
            return self.facts.tree.mean(np.maximum(price, floor))
        return self.facts.price(sheet, row)

    def price_forgone(self) -> Numbers:
        """USD/kg of volumes forgone, at each node: the mean over the rows covered."""
        prices = [self.price(sheet, row) for sheet, row in self.covered]
        return np.mean(prices, axis=0) if prices else np.zeros(len(self.facts.tree))

    def lifted(self, plan: Plan) -> list[tuple[str, Any, Numbers]]:
        """(sheet, row, t lifted at each node) of every covered row."""
        return [(s, row, plan("lift", self.row.name, row.name)) for s, row in self.covered]


def all_terms(facts: Facts) -> list[Terms]:
    """The terms of every contract, in the order of the sheet."""
    return [Terms(facts, row) for row in facts.rows["Contracts"]]


def check_contracts(facts: Facts, terms: list[Terms], plan: Plan, ledger: Ledger) -> None:
    """Checks every contract by itself, then that no row is lifted from beyond its flow."""
    lifted_from: dict[tuple[str, str], Numbers] = {}
    for contract in terms:
        _reservation(contract, plan, ledger, facts.tables)
        if contract.row.take_or_pay > 0:
            _settlement(contract, plan, ledger, facts.tables)
        if contract.rebates:
            _rebate(contract, plan, ledger, facts.tables)
        for sheet, row, lifted in contract.lifted(plan):
            lifted_from[sheet, row.name] = lifted_from.get((sheet, row.name), 0.0) + lifted
    for (sheet, name), lifted in lifted_from.items():
        ledger.compare(
            "contract",
            facts.tables[sheet].place(facts.named[sheet][name].Index, "name"),
            phrase("subject.lifted_from", name=name),
            lifted,
            "<=",
            plan(FLOW[sheet], name),
        )


def _reservation(terms: Terms, plan: Plan, ledger: Ledger, tables: Tables) -> None:
    """Checks that the reservation keeps its bounds, and that liftings keep the reservation."""
    row, frame = terms.row, tables["Contracts"]
    reserve = plan("reserve", row.name)
    subject = phrase("subject.reserved", name=row.name)
    for key, sense in (("least_reserved", ">="), ("most_reserved", "<=")):
        limit = getattr(row, key)
        if not blank(limit):
            limit *= terms.mass
            place = frame.place(row.Index, key)
            ledger.compare(
                "contract",
                place,
                subject,
                reserve,
                sense,
                limit,
                where=terms.signing_nodes,
                unit="t/yr",
            )
    lifted = np.zeros(len(reserve))
    for _, _, lift in terms.lifted(plan):
        lifted = lifted + lift
    ledger.compare(
        "contract",
        frame.place(row.Index, "name"),
        phrase("subject.lifted_under", name=row.name),
        lifted,
        "<=",
        terms.reservation(plan) * terms.life / 12.0,
    )


def _settlement(terms: Terms, plan: Plan, ledger: Ledger, tables: Tables) -> None:
    """Checks at each settlement: lifted + forgone >= take-or-pay x reserved x availability."""
    row, tree = terms.row, terms.facts.tree
    window = terms.window(row.settled)
    lifted = np.zeros(len(tree))
    for _, _, lift in terms.lifted(plan):
        lifted = lifted + lift
    firm_volume = terms.reservation(plan) * terms.firm_years()
    ledger.compare(
        "contract",
        tables["Contracts"].place(row.Index, "take_or_pay"),
        phrase("subject.settled", name=row.name),
        tree.gather(lifted, window) + plan("forgo", row.name),
        ">=",
        row.take_or_pay * tree.gather(firm_volume, window),
        where=terms.settlement_nodes(row.settled),
    )


def _rebate(terms: Terms, plan: Plan, ledger: Ledger, tables: Tables) -> None:
    """Checks at each year's end: rebate <= share x (index - threshold) x lifted, and <= cap."""
    row, tree = terms.row, terms.facts.tree
    above = 0.0 if blank(row.rebate_above) else float(row.rebate_above) / terms.rate
    most = np.zeros(len(tree))
    for sheet, covered, lift in terms.lifted(plan):
        excess = tree.mean(np.maximum(terms.index(sheet, covered) - above, 0.0))
        most = most + lift * row.rebate_share * excess
    window = terms.window("year")
    settles = terms.settlement_nodes("year")
    paid = plan("rebate", row.name)
    subject = phrase("subject.rebate", name=row.name)
    place = tables["Contracts"].place(row.Index, "rebate_share")
    most = tree.gather(most, window)
    ledger.compare("rebate", place, subject, paid, "<=", most, where=settles)
    if not blank(row.rebate_cap):
        place = tables["Contracts"].place(row.Index, "rebate_cap")
        cap = float(row.rebate_cap) / terms.rate
        ledger.compare("rebate", place, subject, paid, "<=", cap, where=settles)
