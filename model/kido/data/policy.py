"""Policies: which variables a limit counts, over which windows, and how much it allows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case import Array, Case, Charge, Policy, Window
from kido.data.charge import direct
from kido.data.effects import Effects
from kido.data.months import fiscal_year
from kido.data.schema import ANY_COUNTRY, CALM, SPEND_KINDS
from kido.data.tables import Tables
from kido.data.window import windows
from kido.data.words import Words

# Where a policy counts: the sheets whose rows it looks at.
COUNTED = {
    "bought": ("Supply",),
    "made": ("Processes",),
    "shipped": ("Routes",),
    "delivered": ("Demand",),
    "ordered": ("Contracts", "Facilities"),
}
VARIABLE = {
    "Supply": "buy",
    "Routes": "ship",
    "Processes": "run",
    "Demand": "meet",
    "Contracts": "reserve",
    "Facilities": "expand",
}


def policies(
    tables: Tables, words: Words, effects: Effects, case: Case, need: Callable[[Any], Any]
) -> tuple[tuple[Policy, ...], tuple[Charge, ...]]:
    """The policies, and the charges on the breaches of the soft ones."""
    reader = _Reader(tables, words, case, effects)
    found: list[Policy] = []
    penalties: list[Charge] = []
    for r in tables["Policies"].records():
        counted = _counted(r, case)
        for detail, numerator, denominator in reader.sides(r):
            stretches = windows(effects.tree, _window_of(r, tables), counted)
            limits = _limits(r, tables, effects, reader, stretches, need)
            soft = not math.isnan(r.penalty)
            found.append(
                Policy(
                    name=r.name,
                    detail=detail,
                    measure=r.measure,
                    at_least=r.sense == "at least" or r.measure in ("cover", "service"),
                    numerator=numerator,
                    denominator=denominator,
                    windows=stretches,
                    limits=limits,
                    soft=soft,
                )
            )
            if soft:
                rate = np.zeros(len(effects.tree.moments))
                for window in stretches:
                    last = effects.tree.moments[window.moment]
                    rate[last.index] = r.penalty * (last.months if r.measure == "cover" else 1)
                key = (r.name, detail)
                penalties.append(direct("penalty", "Policies", r.name, "breach", key, rate))
    return tuple(found), tuple(penalties)


def _counted(r: Any, case: Case) -> NDArray[np.bool_]:
    """Which moments the policy looks at."""
    tree = case.tree
    found = []
    for m in tree.moments:
        branch = tree.branches[m.branch]
        inside = (r.start is None or m.start >= r.start) and (r.end is None or m.start <= r.end)
        if r.scenario == CALM or r.measure == "cover":
            inside = inside and m.calm
        if r.scenario and r.scenario != CALM:
            inside = inside and branch.bears(r.scenario)
        found.append(inside)
    return np.array(found, dtype=bool)


def _window_of(r: Any, tables: Tables) -> Callable[[int], int]:
    if r.over == "month" or r.measure == "cover":
        return lambda month: month
    if r.over == "year":
        return lambda month: fiscal_year(month, tables.settings.fiscal_start)
    return lambda month: 0


def _limits(
    r: Any,
    tables: Tables,
    effects: Effects,
    reader: _Reader,
    stretches: tuple[Window, ...],
    need: Callable[[Any], Any],
) -> tuple[float, ...]:
    """One limit a window, in the unit of its row: the mean of its months after events."""
    moments = effects.tree.moments
    level = np.maximum(effects.mean("Policies", r.name, "capacity", r.limit), 0.0)
    if r.measure == "cover":
        rows = reader.demands(r)
        coming = [need(row) for row in rows]
        return tuple(
            sum(
                _ahead(series[moments[w.moment].branch], moments[w.moment].end - effects.start,
                       level[w.moment])
                for series in coming
            )
            for w in stretches
        )  # fmt: skip
    months = np.array([m.months for m in moments], dtype=float)
    limits = []
    for w in stretches:
        members = list(w.members)
        span = float(months[members].sum())
        mean = float((level[members] * months[members]).sum()) / span
        if r.measure == "share":
            limits.append(mean)
        elif r.measure == "service":
            asked = sum(float(reader.case.demands[d.name].need[members].sum())
                        for d in reader.demands(r, "of"))  # fmt: skip
            limits.append(mean * asked)
        else:
            limits.append(mean if r.over == "horizon" else mean * span / 12)
    return tuple(limits)


def _ahead(series: Array, first: int, months: float) -> float:
    """The sum of a monthly series over the `months` that begin with month `first`."""
    whole = int(months)
    total = float(series[first : first + whole].sum())
    if months > whole and first + whole < len(series):
        total += (months - whole) * float(series[first + whole])
    return total


class _Reader:
    """Turns the words of a policy into the variables it counts."""

    def __init__(self, tables: Tables, words: Words, case: Case, effects: Effects):
        self.tables, self.words, self.case, self.effects = tables, words, case, effects
        self.ones = np.ones(len(case.tree.moments))

    def sides(self, r: Any) -> Iterator[tuple[str, tuple[Charge, ...], tuple[Charge, ...] | None]]:
        """(detail, numerator, denominator) of each row family of one policy."""
        if r.measure == "spend":
            yield "", self._spend(r), None
        elif r.measure == "cover":
            yield "", self._stocks(r), None
        elif r.measure == "service":
            rows = tuple(self._tonnes("Demand", d, r) for d in self.demands(r, "of"))
            yield "", rows, None
        elif r.measure == "volume":
            yield "", self._count(r, r.of, r.counted), None
        else:
            whole = self._count(r, r.out_of, r.out_of_counted or r.counted)
            if ANY_COUNTRY not in r.of:
                yield "", self._count(r, r.of, r.counted), whole
                return
            base = self._count(r, r.out_of, r.counted)
            for country in sorted({self._country(c) for c in base}):
                yield country, tuple(c for c in base if self._country(c) == country), whole

    def _reached(self, words: tuple[str, ...], sheet: str, r: Any) -> list[Any]:
        """Rows that bear one of the words (none: all) and have to do with the commodities."""
        names = {name for word in words for name in self.words.rows(word, sheet)}
        about = self.effects.commodities.get(sheet, {})
        return [
            row
            for row in self.tables[sheet].records()
            if (not words or row.name in names)
            and (not r.commodity or sheet == "Facilities" or about[row.name] & set(r.commodity))
            and (sheet != "Routes" or not r.into or self._ends_in(row, r.into))
        ]

    def _ends_in(self, route: Any, into: tuple[str, ...]) -> bool:
        return bool({route.destination, self.case.country.get(route.destination)} & set(into))

    def demands(self, r: Any, side: str = "out_of") -> list[Any]:
        return self._reached(getattr(r, side), "Demand", r)

    def _stocks(self, r: Any) -> tuple[Charge, ...]:
        return tuple(
            direct("tonnes", "Stockpiles", s.name, "stock", (s.name,), self.ones)
            for s in self._reached(r.of, "Stockpiles", r)
        )

    def _count(self, r: Any, of: tuple[str, ...], counted: str) -> tuple[Charge, ...]:
        found = (
            self._tonnes(sheet, row, r)
            for sheet in COUNTED[counted]
            for row in self._reached(of, sheet, r)
        )
        return tuple(charge for charge in found if len(charge.rate))

    def _tonnes(self, sheet: str, row: Any, r: Any) -> Charge:
        """t that one unit of the row's variable counts for; of a process, its outputs."""
        amount: Array = self.ones
        if sheet == "Processes":
            made = self.case.processes[row.name].made
            wanted = [made[c] for c in made if not r.commodity or c in r.commodity]
            amount = np.sum(wanted, axis=0) if wanted else 0 * self.ones
        return direct("tonnes", sheet, row.name, VARIABLE[sheet], (row.name,), amount)

    def _country(self, charge: Charge) -> str:
        if charge.sheet == "Routes":
            return self.case.routes[charge.name].country
        held: Any = {"Supply": self.case.supply, "Processes": self.case.processes}
        row = held.get(charge.sheet, {}).get(charge.name)
        return self.case.country.get(row.site, "") if row else ""

    def _spend(self, r: Any) -> tuple[Charge, ...]:
        """Undiscounted money of the rows reached; an expansion counts whole when ordered.

        A lift on a row that is reached counts for its contract's difference of price; on a
        row that is not, but whose contract is, for the contract's whole price.
        """
        kinds = set(r.kinds or SPEND_KINDS)
        sheets = ("Supply", "Routes", "Contracts", "Processes", "Facilities", "Stockpiles")
        reached = {sheet: {x.name for x in self._reached(r.of, sheet, r)} for sheet in sheets}
        found = []
        for c in self.case.charges:
            if c.category not in kinds - {"expansion"}:
                continue
            if c.variable == "lift":
                if c.key[1] in reached["Routes"] | reached["Supply"]:
                    found.append(c)
            elif c.name in reached.get(c.sheet, set()):
                found.append(c)
        if "purchase" in kinds:
            found += self._lifted(reached)
        if "expansion" in kinds:
            for f in self._reached(r.of, "Facilities", r):
                if not math.isnan(f.expansion_cost):
                    whole = f.expansion_cost * self.ones
                    found.append(
                        direct("expansion", "Facilities", f.name, "expand", (f.name,), whole)
                    )
        return tuple(replace(c, category="spend") for c in found)

    def _lifted(self, reached: dict[str, set[str]]) -> Iterator[Charge]:
        """The whole price of what is lifted on rows that only the contract brings in."""
        for name in sorted(reached["Contracts"]):
            contract = self.case.contracts[name]
            for variable, row in contract.covers:
                if row in reached["Routes" if variable == "ship" else "Supply"]:
                    continue
                duty = self.case.routes[row].duty if variable == "ship" else self.ones
                rate = contract.price[row] * duty
                yield direct("purchase", "Contracts", name, "lift", (name, row), rate)
