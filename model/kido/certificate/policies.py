"""Checks of policies of every measure: volume, share, spend, cover, service."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.data.schema import ANY_COUNTRY
from kido.messages import Phrase, phrase

from .calendar import Numbers
from .contracts import Terms
from .flow_table import Plan
from .money import CostItem
from .once import downstream, last_lanes
from .reach import words_of
from .recomputed import Facts
from .residuals import Ledger
from .underway import amount_told
from .windows import limit_nodes, under_way, windows

# The sheets whose rows are counted in each place.
COUNTED = {
    "bought": ("Supply",),
    "made": ("Processes",),
    "shipped": ("Routes",),
    "delivered": ("Demand",),
    "ordered": ("Contracts", "Facilities"),
}


class Counter:
    """Totals of tonnes and money over the rows that the words of a policy reach."""

    def __init__(self, facts: Facts, terms: list[Terms], plan: Plan, items: list[CostItem]):
        self.facts = facts
        self.terms = terms
        self.plan = plan
        self.cost_items = items

    def country(self, sheet: str, row: Any) -> str:
        """The country of a row's site (lanes: of the origin)."""
        site = row.origin if sheet == "Routes" else row.site
        return str(self.facts.named["Sites"][site].country)

    def ends_at(self, route: Any, into: tuple[str, ...]) -> bool:
        """Whether a lane ends at one of the sites or countries `into`; True where it is empty."""
        site = self.facts.named["Sites"][route.destination]
        return not into or bool({site.name, site.country} & words_of(into))

    def tonnes(
        self, counted: str, words: tuple[str, ...], policy: Any, country: str | None = None
    ) -> Numbers:
        """t at each node of the rows that `words` reach (all if empty), each tonne once.

        `counted` is a key of COUNTED. Several commodities are added in tonnes of oxide.
        """
        facts, plan = self.facts, self.plan
        only = policy.commodity
        value = self.values(policy)
        total = np.zeros(len(facts.tree))

        def rows(sheet: str, commodities: Any = only) -> list[Any]:
            return [
                row
                for row in facts.rows_selected(sheet, words, commodities)
                if (country is None or self.country(sheet, row) == country)
                and (sheet != "Routes" or self.ends_at(row, policy.into))
            ]

        if counted == "bought":
            for row in rows("Supply"):
                total += value[row.commodity] * plan("buy", row.name)
        elif counted == "shipped":
            for row in last_lanes(rows("Routes")):
                total += value[row.commodity] * plan("ship", row.name)
        elif counted == "made":
            for process, line in self.outputs(rows("Processes")):
                if not only or line.item in only:
                    total += (
                        value[line.item] * plan("run", process.name) * facts.output(process, line)
                    )
        elif counted == "delivered":
            for row in rows("Demand"):
                total += value[row.commodity] * plan("meet", row.name)
        elif counted == "ordered":
            for row in rows("Contracts"):
                (what, *others) = facts.effects.commodities("Contracts", row) or ("",)
                each = 1.0 if others else value.get(what, 1.0)
                total += each * plan("reserve", row.name)
            for row in rows("Facilities"):
                total += plan("expand", row.name)
        return total

    def outputs(self, processes: list[Any]) -> list[tuple[Any, Any]]:
        """(process, recipe line) of the outputs that no later one of these processes takes up."""
        lines = {p.name: self.facts.recipes.get(p.name, ()) for p in processes}

        def items(name: str, role: str) -> frozenset[Any]:
            return frozenset(line.item for line in lines[name] if line.role == role)

        later = downstream([(items(p.name, "input"), items(p.name, "output")) for p in processes])
        return [
            (process, line)
            for n, process in enumerate(processes)
            for line in lines[process.name]
            if line.role == "output"
            and not any(
                line.item in items(processes[m].name, "input") for m in np.flatnonzero(later[n])
            )
        ]

    def commodities(self, policy: Any) -> set[str]:
        """The commodities that a policy counts, on both its sides."""
        facts, only = self.facts, policy.commodity
        if policy.measure == "service":
            return {row.commodity for row in facts.rows_selected("Demand", policy.of, only)}
        if policy.measure == "stock":
            return {row.commodity for row in facts.rows_selected("Stockpiles", policy.of, only)}
        if policy.measure == "cover":
            stores = facts.rows_selected("Stockpiles", policy.of, only)
            return {row.commodity for row in (*stores, *self.covered_demands(policy))}
        names: set[str] = set()
        sides = [(() if any_country(policy) else policy.of, policy.counted)]
        if policy.measure == "share":
            sides.append((policy.out_of, policy.out_of_counted or policy.counted))
        for words, counted in sides:
            for sheet in COUNTED[counted]:
                for row in facts.rows_selected(sheet, words, only):
                    if sheet == "Routes" and not self.ends_at(row, policy.into):
                        continue
                    if sheet == "Processes":
                        lines = facts.recipes.get(row.name, ())
                        outputs = {line.item for line in lines if line.role == "output"}
                        names |= {item for item in outputs if not only or item in only}
                    else:
                        names |= facts.effects.commodities(sheet, row) or set()
        return names

    def covered_demands(self, policy: Any) -> list[Any]:
        """The demands that a cover names, or else those for the commodities of its stocks."""
        only = words_of(policy.commodity)
        rows = self.facts.rows_selected("Demand", policy.out_of, only)
        if policy.out_of:
            return rows
        stock_commodities = {
            row.commodity for row in self.facts.rows_selected("Stockpiles", policy.of, only)
        }
        return [row for row in rows if row.commodity in stock_commodities]

    def values(self, policy: Any) -> dict[str, float]:
        """The weight of a tonne of each commodity: 1, or its oxide content among several."""
        names = self.commodities(policy)
        return {what: self.facts.masses.value(what, names) for what in names}

    def stored(self, policy: Any) -> Numbers:
        """t at the end of each node in the stockpiles that a policy counts."""
        value, total = self.values(policy), np.zeros(len(self.facts.tree))
        for row in self.facts.rows_selected("Stockpiles", policy.of, words_of(policy.commodity)):
            total += value[row.commodity] * self.plan("stock", row.name)
        return total

    def mass(self, policy: Any) -> float:
        """t in one unit of a limit in tonnes."""
        return (
            1.0 if policy.measure == "spend" else self.facts.masses.common(self.commodities(policy))
        )

    def spending(self, policy: Any) -> Numbers:
        """Undiscounted kUSD at each node, of the kinds named, over the rows reached.

        A contract is reached by name, or by way of a row that it covers.
        """
        facts = self.facts
        kinds = words_of(policy.kinds)
        signed = {
            row.Index for row in facts.rows_selected("Contracts", policy.of, policy.commodity)
        }
        reached: dict[str, set[int]] = {}
        for sheet in ("Supply", "Routes", "Processes", "Facilities", "Stockpiles"):
            rows = facts.rows_selected(sheet, policy.of, policy.commodity)
            reached[sheet] = {
                row.Index for row in rows if sheet != "Routes" or self.ends_at(row, policy.into)
            }
        through = {
            term.row.Index
            for term in self.terms
            if any(row.Index in reached[sheet] for sheet, row in term.covered)
        }
        total = np.zeros(len(facts.tree))
        for cost_item in self.cost_items:
            kind = cost_item.counts_as or cost_item.category
            if cost_item.spending is None or (kinds and kind not in kinds):
                continue
            if cost_item.sheet == "Contracts":
                if cost_item.row.Index in signed | through:
                    total += cost_item.spending
            elif cost_item.sheet == "Sites":
                about = {cost_item.row.name, cost_item.row.country} | words_of(cost_item.row.tags)
                right = not policy.commodity or cost_item.item in policy.commodity
                if about & words_of(policy.of) and right:
                    total += cost_item.spending
            elif cost_item.row.Index in reached[cost_item.sheet]:
                total += cost_item.spending
            elif cost_item.lifted is not None and cost_item.contract.Index in signed:
                total += cost_item.lifted
        return total


def any_country(policy: Any) -> bool:
    """Whether the policy limits every country by itself."""
    return ANY_COUNTRY in policy.of and policy.measure in ("share", "volume")


def sides(counter: Counter, policy: Any) -> dict[str, tuple[Numbers, Numbers]]:
    """(amount, limit) at each node, by country ('' for a policy over all of them)."""
    facts, tree = counter.facts, counter.facts.tree
    window = windows(facts, policy)
    limit = facts.limit(policy)
    now = under_way(facts, policy)

    def over(amount: Numbers) -> Numbers:
        return tree.gather(amount, window)

    none = np.zeros(len(tree))
    # Where events change a limit within a window, its mean over the months counts.
    months = tree.gather(tree.months.astype(float), window)
    mean = over(limit * tree.months) / np.maximum(months, 1.0)
    amounts = mean if policy.over == "horizon" else mean * months / 12.0

    def carried(country: str = "") -> Numbers:
        """What the months before the plan allowed and did not use, in windows under way."""
        amount = amount_told(facts, "carried over", policy.name, country)
        return np.where(now, amount * (counter.mass(policy) if amount else 0.0), 0.0)

    if policy.measure == "spend":
        return {"": (over(counter.spending(policy)), amounts + carried())}
    if policy.measure == "cover":
        return {"": _cover(counter, policy)}
    if policy.measure == "stock":
        return {"": (counter.stored(policy), limit * counter.mass(policy))}
    value = counter.values(policy)
    if policy.measure == "service":
        rows = facts.rows_selected("Demand", policy.of, policy.commodity)
        met = sum((value[row.commodity] * counter.plan("meet", row.name) for row in rows), none)
        need = sum((value[row.commodity] * facts.need(row) for row in rows), none)
        return {"": (over(met), mean * over(need) + carried())}
    limits = amounts * counter.mass(policy)
    if policy.measure == "share":
        whole = counter.tonnes(policy.out_of_counted or policy.counted, policy.out_of, policy)
        limits = mean * over(whole)
    if not any_country(policy):
        return {"": (over(counter.tonnes(policy.counted, policy.of, policy)), limits + carried())}
    countries = {
        counter.country(sheet, row)
        for sheet in COUNTED[policy.counted]
        for row in facts.rows_selected(sheet, policy.out_of, policy.commodity)
        if sheet != "Routes" or counter.ends_at(row, policy.into)
    }
    return {
        country: (
            over(counter.tonnes(policy.counted, policy.out_of, policy, country)),
            limits + carried(country),
        )
        for country in sorted(countries)
    }


def _cover(counter: Counter, policy: Any) -> tuple[Numbers, Numbers]:
    """(stock, need of the months to cover) in t, at the end of each node."""
    facts, value = counter.facts, counter.values(policy)
    coming = np.zeros(len(facts.tree))
    ahead = facts.limit(policy)
    for row in counter.covered_demands(policy):
        coming += value[row.commodity] * facts.need_ahead(row, ahead)
    return counter.stored(policy), coming


def check_policies(counter: Counter, ledger: Ledger) -> None:
    """Checks every limit, less its breach, at the last node of each window."""
    facts, plan = counter.facts, counter.plan
    place = facts.tables["Policies"].place
    for policy in facts.rows["Policies"]:
        unit = "kUSD" if policy.measure == "spend" else "t"
        ordered = "t/yr" if policy.counted == "ordered" and unit == "t" else unit
        for country, (amount, limit) in sides(counter, policy).items():
            breach = plan("breach", policy.name, country)
            at_most = policy.sense == "at most"
            ledger.compare(
                "policy",
                place(policy.Index, "limit"),
                _subject(policy.name, country),
                amount - breach if at_most else amount + breach,
                "<=" if at_most else ">=",
                limit,
                where=limit_nodes(facts, policy),
                scale=np.maximum(np.abs(amount), np.abs(limit)),
                unit=ordered,
            )


def _subject(name: str, country: str) -> Phrase:
    if not country:
        return phrase("subject.policy", name=name)
    return phrase("subject.policy_of", name=name, country=country)
