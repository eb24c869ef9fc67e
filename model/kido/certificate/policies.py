"""Policies of every measure: volume, share, spend, cover, service."""

from __future__ import annotations

from typing import Any

import numpy as np

from kido.data.months import fiscal_year
from kido.data.schema import ANY_COUNTRY, CALM
from kido.messages import Phrase, phrase

from .branches import as_month
from .calendar import Marks, Numbers, Places
from .contracts import Terms
from .effects import words_of
from .flow_table import Plan
from .money import Charge
from .once import behind, last_lanes
from .recomputed import Facts
from .residuals import Ledger

# The sheets whose rows are counted in each place.
COUNTED = {
    "bought": ("Supply",),
    "made": ("Processes",),
    "shipped": ("Routes",),
    "delivered": ("Demand",),
    "ordered": ("Contracts", "Facilities"),
}


class Counter:
    """Counts tonnes and money over the rows that words reach."""

    def __init__(self, facts: Facts, terms: list[Terms], plan: Plan, found: list[Charge]):
        self.facts = facts
        self.terms = terms
        self.plan = plan
        self.charges = found

    def country(self, sheet: str, row: Any) -> str:
        site = row.origin if sheet == "Routes" else row.site
        return str(self.facts.named["Sites"][site].country)

    def ends_at(self, route: Any, into: tuple[str, ...]) -> bool:
        """Whether a lane ends at one of these sites or countries; none named: any lane."""
        site = self.facts.named["Sites"][route.destination]
        return not into or bool({site.name, site.country} & words_of(into))

    def tonnes(
        self, counted: str, words: tuple[str, ...], policy: Any, country: str | None = None
    ) -> Numbers:
        """t of every row counted there, each tonne once; no words: of every row."""
        facts, plan = self.facts, self.plan
        only = policy.commodity
        value = self.values(policy)
        total = np.zeros(len(facts.tree))

        def rows(sheet: str, commodities: Any = only) -> list[Any]:
            return [
                row
                for row in facts.reached(sheet, words, commodities)
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
        """(process, recipe line) of what these make and no later one of them takes up."""
        lines = {p.name: self.facts.recipes.get(p.name, ()) for p in processes}

        def items(name: str, role: str) -> frozenset[Any]:
            return frozenset(line.item for line in lines[name] if line.role == role)

        later = behind([(items(p.name, "input"), items(p.name, "output")) for p in processes])
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
        """What a policy counts, on both its sides."""
        facts, only = self.facts, policy.commodity
        if policy.measure == "service":
            return {row.commodity for row in facts.reached("Demand", policy.of, only)}
        if policy.measure == "cover":
            stores = facts.reached("Stockpiles", policy.of, only)
            return {row.commodity for row in (*stores, *self.covered_demands(policy))}
        found: set[str] = set()
        sides = [(() if any_country(policy) else policy.of, policy.counted)]
        if policy.measure == "share":
            sides.append((policy.out_of, policy.out_of_counted or policy.counted))
        for words, counted in sides:
            for sheet in COUNTED[counted]:
                for row in facts.reached(sheet, words, only):
                    if sheet == "Routes" and not self.ends_at(row, policy.into):
                        continue
                    if sheet == "Processes":
                        lines = facts.recipes.get(row.name, ())
                        made = {line.item for line in lines if line.role == "output"}
                        found |= {item for item in made if not only or item in only}
                    else:
                        found |= facts.effects.commodities(sheet, row) or set()
        return found

    def covered_demands(self, policy: Any) -> list[Any]:
        """The demands that a cover names, or else those of what its stocks hold."""
        only = words_of(policy.commodity)
        rows = self.facts.reached("Demand", policy.out_of, only)
        if policy.out_of:
            return rows
        held = {row.commodity for row in self.facts.reached("Stockpiles", policy.of, only)}
        return [row for row in rows if row.commodity in held]

    def values(self, policy: Any) -> dict[str, float]:
        """What a tonne of each commodity counts for: a tonne, or its oxide among several."""
        found = self.commodities(policy)
        return {what: self.facts.masses.value(what, found) for what in found}

    def mass(self, policy: Any) -> float:
        """t in the unit that a limit in tonnes is in."""
        return (
            1.0 if policy.measure == "spend" else self.facts.masses.common(self.commodities(policy))
        )

    def spent(self, policy: Any) -> Numbers:
        """kUSD at each moment, of the kinds named, over what the words reach.

        A contract is reached by name, or by way of a row that it covers.
        """
        facts = self.facts
        kinds = words_of(policy.kinds)
        signed = {row.Index for row in facts.reached("Contracts", policy.of, policy.commodity)}
        reached: dict[str, set[int]] = {}
        for sheet in ("Supply", "Routes", "Processes", "Facilities", "Stockpiles"):
            rows = facts.reached(sheet, policy.of, policy.commodity)
            reached[sheet] = {
                row.Index for row in rows if sheet != "Routes" or self.ends_at(row, policy.into)
            }
        through = {
            term.row.Index
            for term in self.terms
            if any(row.Index in reached[sheet] for sheet, row in term.covered)
        }
        total = np.zeros(len(facts.tree))
        for charge in self.charges:
            kind = charge.counts_as or charge.category
            if charge.spent is None or (kinds and kind not in kinds):
                continue
            if charge.sheet == "Contracts":
                if charge.row.Index in signed | through:
                    total += charge.spent
            elif charge.sheet == "Sites":
                about = {charge.row.name, charge.row.country} | words_of(charge.row.tags)
                right = not policy.commodity or charge.item in policy.commodity
                if about & words_of(policy.of) and right:
                    total += charge.spent
            elif charge.row.Index in reached[charge.sheet]:
                total += charge.spent
            elif charge.lifted is not None and charge.contract.Index in signed:
                total += charge.lifted
        return total


def counts(facts: Facts, policy: Any) -> Marks:
    """Moments that a policy looks at: by their first month and their branch."""
    tree = facts.tree
    start, end = as_month(policy.start), as_month(policy.end)
    inside = np.ones(len(tree), dtype=bool)
    if start is not None:
        inside &= tree.first >= start
    if end is not None:
        inside &= tree.first <= end
    if policy.scenario == CALM or policy.measure == "cover":
        inside &= tree.undisrupted
    if policy.scenario not in ("", CALM):
        on = [policy.scenario in (*b.shifts, b.name) for b in tree.branches]
        inside &= np.array(on)[tree.branch]
    return inside


def windows(facts: Facts, policy: Any) -> Places:
    """Number of the window each moment lies in; -1 where the policy does not look."""
    tree = facts.tree
    if policy.over == "month" or policy.measure == "cover":
        window = np.arange(len(tree))
    elif policy.over == "year":
        fiscal = facts.settings.fiscal_start
        window = np.array([fiscal_year(int(first), fiscal) for first in tree.first])
    elif policy.over == "calendar year":
        window = tree.first.astype(np.int64) // 12
    else:
        window = np.zeros(len(tree), dtype=np.int64)
    return np.where(counts(facts, policy), window, -1)


def any_country(policy: Any) -> bool:
    return ANY_COUNTRY in policy.of and policy.measure in ("share", "volume")


def sides(counter: Counter, policy: Any) -> dict[str, tuple[Numbers, Numbers]]:
    """Both sides of the policy's rows by country ('' for one row over all), at each moment."""
    facts, tree = counter.facts, counter.facts.tree
    window = windows(facts, policy)
    limit = facts.limit(policy)

    def over(amount: Numbers) -> Numbers:
        return tree.gather(amount, window)

    none = np.zeros(len(tree))
    # Where events change a limit within a window, its mean over the months counts.
    months = tree.gather(tree.months.astype(float), window)
    mean = over(limit * tree.months) / np.maximum(months, 1.0)
    amounts = mean if policy.over == "horizon" else mean * months / 12.0
    if policy.measure == "spend":
        return {"": (over(counter.spent(policy)), amounts)}
    if policy.measure == "cover":
        return {"": _cover(counter, policy)}
    value = counter.values(policy)
    if policy.measure == "service":
        rows = facts.reached("Demand", policy.of, policy.commodity)
        met = sum((value[row.commodity] * counter.plan("meet", row.name) for row in rows), none)
        need = sum((value[row.commodity] * facts.need(row) for row in rows), none)
        return {"": (over(met), mean * over(need))}
    limits = amounts * counter.mass(policy)
    if policy.measure == "share":
        whole = counter.tonnes(policy.out_of_counted or policy.counted, policy.out_of, policy)
        limits = mean * over(whole)
    if not any_country(policy):
        return {"": (over(counter.tonnes(policy.counted, policy.of, policy)), limits)}
    countries = {
        counter.country(sheet, row)
        for sheet in COUNTED[policy.counted]
        for row in facts.reached(sheet, policy.out_of, policy.commodity)
        if sheet != "Routes" or counter.ends_at(row, policy.into)
    }
    return {
        country: (over(counter.tonnes(policy.counted, policy.out_of, policy, country)), limits)
        for country in sorted(countries)
    }


def _cover(counter: Counter, policy: Any) -> tuple[Numbers, Numbers]:
    """Stock at the end of each moment, and the need of the months that follow it."""
    facts, value = counter.facts, counter.values(policy)
    stock, coming = np.zeros(len(facts.tree)), np.zeros(len(facts.tree))
    for row in facts.reached("Stockpiles", policy.of, words_of(policy.commodity)):
        stock += value[row.commodity] * counter.plan("stock", row.name)
    ahead = facts.limit(policy)
    for row in counter.covered_demands(policy):
        coming += value[row.commodity] * facts.coming(row, ahead)
    return stock, coming


def stands(facts: Facts, policy: Any) -> Marks:
    """Moments at which the policy has a row: the last of each window on some history."""
    window = windows(facts, policy)
    return facts.tree.closing(window)


def check_policies(counter: Counter, ledger: Ledger) -> None:
    """Every limit, at the last moment of each window, but for what a breach pays."""
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
                where=stands(facts, policy),
                scale=np.maximum(np.abs(amount), np.abs(limit)),
                unit=ordered,
            )


def _subject(name: str, country: str) -> Phrase:
    if not country:
        return phrase("subject.policy", name=name)
    return phrase("subject.policy_of", name=name, country=country)
