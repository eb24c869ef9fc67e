"""Checks of contracts: reservations, liftings, take-or-pay, make-up, rebates; their prices."""

from __future__ import annotations

from functools import cached_property
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
from .underway import amount_told, told

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
        months = facts.effects.months
        inside = (months >= self.begin) & (months < self.stop)
        # The part of each month, by branch, and months of each node, of the contract's life.
        self.alive: Numbers = inside * self._there()
        self.life: Numbers = tree.total(self.alive)

    @property
    def signing_nodes(self) -> Marks:
        """Whether its life begins in each node: there it is reserved."""
        tree = self.facts.tree
        later, earlier = tree.pairs
        lives = np.zeros(len(tree), dtype=bool)  # on some path through the node
        lives[earlier[self.life[later] > 0]] = True
        begins: Marks = (tree.first <= self.begin) & (self.begin < tree.last) & lives
        return begins

    def reservation(self, plan: Plan) -> Numbers:
        """t/yr in force at each node: the reservation made on its path."""
        every = np.zeros(len(self.facts.tree), dtype=np.int64)
        signed = np.where(self.signing_nodes, plan("reserve", self.row.name), 0.0)
        return np.where(self.life > 0, self.facts.tree.gather(signed, every), 0.0)

    def window(self, settled: str) -> Places:
        """The number of the settlement period that each node begins in; -1 outside the life."""
        tree = self.facts.tree
        if settled == "contract year":
            start = as_month(self.row.start)
            # a node that the contract begins in belongs to its first year
            period = np.maximum(tree.first - (tree.start if start is None else start), 0) // 12
        else:
            period = tree.first // MONTHS_SETTLED[settled]
        return np.where(self.life > 0, period, -1)

    def settlement_nodes(self, settled: str) -> Marks:
        """Whether each node is the last of a settlement period on some history."""
        return self.facts.tree.closing(self.window(settled))

    def before(self) -> tuple[Numbers, Numbers]:
        """(t signed, t lifted) before the plan, at the nodes of the period under way; else 0."""
        tree, row = self.facts.tree, self.row
        now, opened = tree.start, self.opened
        stated = opened < now and not blank(row.lifted_before)
        window = self.window(row.settled)
        inside = stated & (window == window[0]) & (window >= 0)
        signed = row.least_reserved * self.mass * (now - opened) / 12.0
        if told(self.facts, "reserved", row.name):
            signed = self.mass * amount_told(self.facts, "reserved", row.name)
        lifted = row.lifted_before * self.mass if stated else 0.0
        return np.where(inside, signed, 0.0), np.where(inside, lifted, 0.0)

    def of_period(self, values: Numbers) -> Numbers:
        """The sum along the path to each node, over its settlement period."""
        return self.facts.tree.gather(values, self.window(self.row.settled))

    @cached_property
    def made_up_at(self) -> Marks:
        """Whether what was paid for and not taken before may be lifted at each node."""
        tree, months = self.facts.tree, self.row.make_up_months
        if not (months > 0 and self.row.take_or_pay > 0):
            return np.zeros(len(tree), dtype=bool)
        later, earlier = tree.pairs
        waited = tree.first[later] - tree.last[earlier]
        counts = self.settlement_nodes(self.row.settled)[earlier] & (waited >= 0)
        open_at = np.zeros(len(tree), dtype=bool)
        open_at[later[counts & (waited < months)]] = True
        if self.paid_before > 0:
            open_at |= tree.first - self.opened < months
        return open_at

    @property
    def opened(self) -> int:
        """The month in which the settlement period under way at the start of the plan began."""
        row, now = self.row, self.facts.tree.start
        start = as_month(row.start)
        if row.settled == "contract year":
            return now if start is None else start + (now - start) // 12 * 12
        opened = now - now % MONTHS_SETTLED[row.settled]
        return opened if start is None else max(opened, start)

    @property
    def paid_before(self) -> float:
        """t paid for and not taken when the period before the one under way was settled."""
        start = as_month(self.row.start)
        settled = start is None or start < self.opened
        return self.row.paid_before * self.mass if settled and self.life[0] > 0 else 0.0

    def made_up(self, plan: Plan) -> Numbers:
        """t lifted at each node of what was paid for and not taken before."""
        return plan("make_up", self.row.name)

    def made_up_to_settle(self, plan: Plan) -> Numbers:
        """t made up that are settled at each node: of its period, after the contract of its own."""
        made_up = self.made_up(plan)
        settles = self.settlement_nodes(self.row.settled)
        total = np.where(settles, self.of_period(made_up), 0.0)
        return np.where(self.life > 0, total, made_up)

    def left_to_make_up(self, plan: Plan) -> Numbers:
        """t paid for before each node that may still be lifted in it, taken oldest first."""
        tree, months = self.facts.tree, self.row.make_up_months
        made_up, paid = self.made_up(plan), plan("forgo", self.row.name)
        available = np.zeros(len(tree))
        after: list[list[tuple[int, float]]] = []  # (month it is lost in, t), oldest first
        for n, before in enumerate(tree.previous.tolist()):
            payments = after[before] if before >= 0 else [(self.opened + months, self.paid_before)]
            payments = [(end, t) for end, t in payments if tree.first[n] < end]
            available[n] = sum(t for _, t in payments)
            used = float(made_up[n])
            left = []
            for end, t in payments:
                taken = min(t, used)
                used -= taken
                left.append((end, t - taken))
            if paid[n] > 0:
                left.append((int(tree.last[n]) + months, float(paid[n])))
            after.append(left)
        return available

    def left_of_period(self, plan: Plan) -> Numbers:
        """t that may be lifted in the settlement period up to each node."""
        signed, lifted = self.before()
        years, least = self.firm_years(), self.row.least_reserved * self.mass
        # what was lifted too much takes no more than what is signed
        left = np.maximum(signed - lifted, -self.of_period(least * years))
        return self.of_period(self.reservation(plan) * years) + left

    @property
    def rebates(self) -> bool:
        """Whether the contract has a rebate."""
        return bool(self.row.price_rule == "index" and self.row.rebate_share > 0)

    def firm_years(self) -> Numbers:
        """Years of life at each node, less force majeure, taken month by month.

        What is left of a month is the least share that stops leave of what the contract covers
        and what it depends on.
        """
        effects, left = self.facts.effects, self.alive
        for sheet, row in [*self.covered, *self._depended()]:
            left = np.minimum(left, self.alive * effects.factors(sheet, row, "capacity"))
        return self.facts.tree.total(left) / 12.0

    def _depended(self) -> list[tuple[str, Any]]:
        """(sheet, row) of what the words of `depends on` reach."""
        words, effects = words_of(self.row.depends_on), self.facts.effects
        return [
            (sheet, row)
            for sheet in (DEPENDED if words else ())
            for row in self.facts.rows[sheet]
            if words & effects.words(sheet, row)
        ]

    def _there(self) -> Numbers:
        """The share of each month, by branch, in which all is there that the contract waits for.

        The starts, after delays, of what it covers, of what it names and of what makes its goods;
        of what a site or tag reaches the delays alone.
        """
        named = words_of(self.row.depends_on)
        covered = {(sheet, row.name) for sheet, row in self.covered}
        share = np.ones((len(self.facts.tree.branches), len(self.facts.effects.months)))
        for sheet, row in self.covered:
            share = np.minimum(share, self._open(sheet, row))
            if sheet == "Routes":
                share = np.minimum(share, self._made(row))
        for sheet, row in self._depended():
            opened = self._open(sheet, row)
            if row.name not in named and (sheet, row.name) not in covered:
                begins = row._replace(end=None)
                own = self.facts.effects.open_share(sheet, begins, delayed=False)
                opened = np.where(own > 0, opened, 1.0)
            share = np.minimum(share, opened)
        return share

    def _open(self, sheet: str, row: Any) -> Numbers:
        """The share of each month from the start of a row, after delays."""
        return self.facts.effects.open_share(sheet, row._replace(end=None))

    def _made(self, lane: Any) -> Numbers:
        """The share of each month in which what a lane carries can be made where it begins.

        1 where it comes from elsewhere as well: an offer, another lane, a stock.
        """
        facts, place = self.facts, (lane.origin, lane.commodity)
        sources = [(row.site, row.commodity) for row in facts.rows["Supply"]]
        sources += [(row.destination, row.commodity) for row in facts.rows["Routes"]]
        sources += [(r.site, r.commodity) for r in facts.rows["Stockpiles"] if r.opening > 0]
        makers = []
        for process in facts.rows["Processes"]:
            lines = facts.recipes.get(process.name, ())
            makes = any(x.role == "output" and x.item == lane.commodity for x in lines)
            if process.site == lane.origin and makes and place not in sources:
                opened = self._open("Processes", process)
                for line in lines:
                    if line.role == "uses":
                        facility = facts.named["Facilities"][line.item]
                        opened = np.minimum(opened, self._open("Facilities", facility))
                makers.append(opened)
        return np.max(makers, axis=0) if makers else np.ones(1)

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

    def lifted_in_all(self, plan: Plan) -> Numbers:
        """t lifted under the contract at each node."""
        return sum((lift for *_, lift in self.lifted(plan)), np.zeros(len(self.facts.tree)))


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
            if contract.row.make_up_months > 0:
                _make_up(contract, plan, ledger, facts.tables)
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
    lifted, allowed = terms.lifted_in_all(plan), terms.reservation(plan) * terms.life / 12.0
    made_up, after = terms.made_up(plan), terms.made_up_at & (terms.life <= 0)
    allowed = allowed + made_up
    name, settles = "name", None
    if not blank(row.most_a_month):
        name, settles = "most_a_month", terms.settlement_nodes(row.settled) | after
        subject = phrase("subject.lifted_in_month", name=row.name)
        months = np.where(after, terms.facts.tree.months, terms.life)
        most = row.most_a_month * terms.mass * months
        ledger.compare("contract", frame.place(row.Index, name), subject, lifted, "<=", most)
        whole = terms.left_of_period(plan) + terms.of_period(made_up)
        lifted = np.where(after, lifted, terms.of_period(lifted))
        allowed = np.where(after, made_up, whole)
    ledger.compare(
        "contract",
        frame.place(row.Index, name),
        phrase("subject.lifted_under", name=row.name),
        lifted,
        "<=",
        allowed,
        where=settles,
    )


def _settlement(terms: Terms, plan: Plan, ledger: Ledger, tables: Tables) -> None:
    """Checks at each settlement: lifted + forgone >= take-or-pay x reserved x availability.

    What is made up does not count as lifted.
    """
    row = terms.row
    lifted = terms.lifted_in_all(plan) - terms.made_up(plan)
    firm_volume = terms.reservation(plan) * terms.firm_years()
    signed_before, lifted_before = terms.before()
    ledger.compare(
        "contract",
        tables["Contracts"].place(row.Index, "take_or_pay"),
        phrase("subject.settled", name=row.name),
        lifted_before + terms.of_period(lifted) + plan("forgo", row.name),
        ">=",
        row.take_or_pay * (signed_before + terms.of_period(firm_volume)),
        where=terms.settlement_nodes(row.settled),
    )


def _make_up(terms: Terms, plan: Plan, ledger: Ledger, tables: Tables) -> None:
    """Checks that no more is made up than is lifted, and than was paid for in time and is left.

    And that no more is paid for than the firm share of what is reserved and not lifted.
    """
    row = terms.row
    place = tables["Contracts"].place(row.Index, "make_up_months")
    made_up, lifted = terms.made_up(plan), terms.lifted_in_all(plan)
    subject = phrase("subject.made_up", name=row.name)
    ledger.compare("contract", place, subject, made_up, "<=", lifted)
    subject = phrase("subject.made_up_of_paid", name=row.name)
    ledger.compare("contract", place, subject, made_up, "<=", terms.left_to_make_up(plan))
    firm = terms.firm_years()
    years = terms.life / 12.0 if blank(row.most_a_month) else firm
    most, owed = terms.of_period(years), row.take_or_pay * terms.of_period(firm)
    share = np.divide(owed, most, out=np.zeros(len(most)), where=most > 0)
    reserved = terms.of_period(terms.reservation(plan) * years)
    before, lifted_before = terms.before()
    ledger.compare(
        "contract",
        place,
        phrase("subject.paid_ahead", name=row.name),
        plan("forgo", row.name),
        "<=",
        share * (reserved - terms.of_period(lifted - made_up))
        + row.take_or_pay * np.maximum(before - lifted_before, 0.0),
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
    first_year = (tree.first // 12 == tree.start // 12) & (window >= 0)
    earned = amount_told(terms.facts, "earned", row.name)
    most = tree.gather(most, window) + np.where(first_year, earned, 0.0)
    ledger.compare("rebate", place, subject, paid, "<=", most, where=settles)
    if not blank(row.rebate_cap):
        place = tables["Contracts"].place(row.Index, "rebate_cap")
        cap = float(row.rebate_cap) / terms.rate
        ledger.compare("rebate", place, subject, paid, "<=", cap, where=settles)
