"""Policies of every measure: volume, share, spend, cover, service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kido.data.months import fiscal_year
from kido.data.schema import ANY_COUNTRY, CALM

from .branches import as_month
from .calendar import Marks, Numbers, Places
from .contracts import Terms
from .effects import words_of
from .facts import Facts
from .ledger import Ledger
from .money import Charge
from .plan import Plan


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
        self, counted: str, words: tuple[str, ...], policy: Any
    ) -> Iterable[tuple[str, Numbers]]:
        """(country, t at each moment) of every row counted there; no words: every row."""
        facts, plan = self.facts, self.plan
        only = policy.commodity
        if counted == "bought":
            for row in facts.reached("Supply", words, only):
                yield self.country("Supply", row), plan("buy", row.name)
        elif counted == "shipped":
            for row in facts.reached("Routes", words, only):
                if self.ends_at(row, policy.into):
                    yield self.country("Routes", row), plan("ship", row.name)
        elif counted == "made":
            for row in facts.reached("Processes", words):
                for line in facts.recipes.get(row.name, ()):
                    if line.role == "output" and (not only or line.item in only):
                        made = plan("run", row.name) * facts.output(row, line)
                        yield self.country("Processes", row), made
        elif counted == "delivered":
            for row in facts.reached("Demand", words, only):
                yield self.country("Demand", row), plan("meet", row.name)
        elif counted == "ordered":
            for row in facts.reached("Contracts", words, only):
                yield "", plan("reserve", row.name)
            for row in facts.reached("Facilities", words, only):
                yield self.country("Facilities", row), plan("expand", row.name)

    def spent(self, policy: Any) -> Numbers:
        """kUSD at each moment, of the kinds named, over the rows the words reach."""
        kinds = words_of(policy.kinds)
        signed = self.facts.reached("Contracts", policy.of, policy.commodity)
        contracts = {row.Index for row in signed}
        reached: dict[str, set[int]] = {}
        total = np.zeros(len(self.facts.tree))
        for charge in self.charges:
            if charge.spent is None or (kinds and charge.category not in kinds):
                continue
            sheet, row = charge.sheet, charge.row
            if sheet not in reached:
                rows = self.facts.reached(sheet, policy.of, policy.commodity)
                reached[sheet] = {r.Index for r in rows}
            inside = sheet != "Routes" or self.ends_at(row, policy.into)
            named = charge.contract is not None and charge.contract.Index in contracts
            if row.Index in reached[sheet] and inside:
                total += charge.spent
            elif charge.lifted is not None and named:
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
        inside &= tree.calm
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
    if policy.measure == "service":
        rows = facts.reached("Demand", policy.of, policy.commodity)
        met = sum((counter.plan("meet", row.name) for row in rows), none)
        need = sum((facts.need(row) for row in rows), none)
        return {"": (over(met), mean * over(need))}
    if policy.measure == "cover":
        return {"": _cover(counter, policy)}
    words = () if any_country(policy) else policy.of
    counted = list(counter.tonnes(policy.counted, words, policy))
    base = counted
    if policy.measure == "share":
        where = policy.out_of_counted or policy.counted
        base = list(counter.tonnes(where, policy.out_of, policy))
    whole = sum((amount for _, amount in base), none)
    limits = mean * over(whole) if policy.measure == "share" else amounts
    if not any_country(policy):
        return {"": (over(sum((amount for _, amount in counted), none)), limits)}
    return {
        country: (over(sum((a for c, a in counted if c == country), none)), limits)
        for country in sorted({country for country, _ in base})
    }


def _cover(counter: Counter, policy: Any) -> tuple[Numbers, Numbers]:
    """Stock at the end of each moment, and the need of the months that follow it."""
    facts, tree = counter.facts, counter.facts.tree
    stock = np.zeros(len(tree))
    commodities = words_of(policy.commodity)
    held = set()
    for row in facts.reached("Stockpiles", policy.of, commodities):
        stock += counter.plan("stock", row.name)
        held.add(row.commodity)
    ahead = facts.limit(policy)
    coming = np.zeros(len(tree))
    wanted = commodities or (held if not policy.out_of else set())
    for row in facts.reached("Demand", policy.out_of, frozenset(wanted)):
        monthly = facts.monthly_need(row)
        running = np.zeros((monthly.shape[0], monthly.shape[1] + 1))
        np.cumsum(monthly, axis=1, out=running[:, 1:])
        begin = tree.last - tree.start
        stop = begin + np.floor(ahead).astype(np.int64)
        coming += running[tree.branch, stop] - running[tree.branch, begin]
        coming += (ahead - np.floor(ahead)) * monthly[tree.branch, stop]
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
                f"{policy.name}, {country}," if country else policy.name,
                amount - breach if at_most else amount + breach,
                "<=" if at_most else ">=",
                limit,
                where=stands(facts, policy),
                scale=np.maximum(np.abs(amount), np.abs(limit)),
                unit=ordered,
            )
