"""Policies: the variables that a limit counts, its windows, and the amounts it allows.

A window of `calm` nodes closes where the last calm node of a history is: a limit over the
horizon then stands once for the end and once for each disruption that does not end, at its
reveal. A policy that names commodities is calm where no disruption touches one of them; one that
names none, where there is no disruption.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import VARIABLE_OF, Array, Case, LinearTerm, Policy, Window
from kido.data.case.cost_terms import direct
from kido.data.case.counted import PolicyCounter
from kido.data.case.effects import Effects
from kido.data.case.tree import Node, Tree
from kido.data.case.windows import calendar_window, under_way, windows
from kido.data.months import fiscal_year
from kido.data.schema import ANY_COUNTRY, CALM, HELD, SPEND_KINDS
from kido.data.selectors import NameIndex
from kido.data.tables import Tables

WHOLE_PRICE = "whole price"  # of liftings where the row itself is not counted


def policies(
    tables: Tables,
    words: NameIndex,
    effects: Effects,
    case: Case,
    need: Callable[[str], tuple[Array, ...]],
) -> tuple[tuple[Policy, ...], tuple[LinearTerm, ...]]:
    """The policies, and the cost terms of breaches of the soft ones.

    `need` gives the t a month of a demand, by branch.
    """
    reader = _Reader(tables, words, case)
    result: list[Policy] = []
    penalties: list[LinearTerm] = []
    for r in tables["Policies"].records():
        counted = _counted(r, case)
        for detail, numerator, denominator in reader.sides(r):
            spans = windows(effects.tree, window_of(r, tables), counted)
            level = level_of(r, effects)
            carried = carried_over(r, detail, reader.counted, case)
            now = under_way(effects.tree, window_of(r, tables), spans)
            limits = limits_of(r, reader.counted, effects.tree, effects.start, spans, level, need)
            soft = not math.isnan(r.penalty)
            weights = reader.counted.demand_weights(r)
            result.append(
                Policy(
                    name=r.name,
                    detail=detail,
                    measure=r.measure,
                    at_least=r.sense == "at least" or r.measure in ("cover", "service"),
                    numerator=numerator,
                    denominator=denominator,
                    windows=spans,
                    limits=limits,
                    carried=tuple(carried * now[w.node] for w in spans),
                    soft=soft,
                    demands=weights,
                    limit=r.limit,
                    start=r.start,
                )
            )
            if soft:
                rate = penalty_rate(r, effects.tree, spans)
                key = (r.name, detail)
                penalties.append(direct("penalty", "Policies", r.name, "breach", key, rate))
    return tuple(result), tuple(penalties)


def _counted(r: Any, case: Case) -> NDArray[np.bool_]:
    """Whether the policy counts each node."""
    tree = case.tree
    calm = tree.calm(frozenset(r.commodity))
    marks = []
    for m in tree.nodes:
        branch = tree.branches[m.branch]
        inside = (r.start is None or m.start >= r.start) and (r.end is None or m.start <= r.end)
        if r.scenario == CALM or r.measure == "cover":
            inside = inside and bool(calm[m.index])
        if r.scenario and r.scenario != CALM:
            inside = inside and branch.bears(r.scenario)
        marks.append(inside)
    return np.array(marks, dtype=bool)


def window_of(r: Any, tables: Tables) -> Callable[[int], int]:
    """A function from a month to the number of the window of a policy that it lies in."""
    if r.over == "month" or r.measure in HELD:
        return lambda month: month
    if r.over == "year":
        return lambda month: fiscal_year(month, tables.settings.fiscal_start)
    if r.over == "calendar year":
        return calendar_window(12)
    return lambda month: 0


def carried_over(r: Any, detail: str, counted: PolicyCounter, case: Case) -> float:
    """What the months before the plan allowed and did not use, in the unit of the rows: t, kUSD."""
    amount = case.underway.total("carried over", r.name, detail)
    return amount * counted.scale(r) if amount else 0.0


def penalty_rate(r: Any, tree: Tree, spans: tuple[Window, ...]) -> Array:
    """kUSD for a unit of breach, at the last nodes of the windows."""
    rate = np.zeros(len(tree.nodes))
    for window in spans:
        last = tree.nodes[window.node]
        rate[last.index] = r.penalty * (last.months if r.measure in HELD else 1)
    return rate


def level_of(r: Any, effects: Effects) -> Array:
    """The limit of a row of Policies in each node, after events."""
    return np.maximum(effects.mean("Policies", r.name, "capacity", r.limit), 0.0)


def limits_of(
    r: Any,
    counted: PolicyCounter,
    tree: Tree,
    start: int,
    spans: tuple[Window, ...],
    level: Array,
    need: Callable[[str], tuple[Array, ...]],
) -> tuple[float, ...]:
    """The limit of each window, in the unit of its row: the mean of its months.

    `need` gives the t a month of a demand, by branch; the first of its months is `start`.
    """
    moments, weights = tree.nodes, counted.demand_weights(r)
    if r.measure == "cover":
        coming = [(need(name), weight) for name, weight in weights.items()]
        return tuple(
            sum(
                each * _ahead(series[tree.outlook(w.node)],
                              moments[w.node].end - start, level[w.node])
                for series, each in coming
            )
            for w in spans
        )  # fmt: skip
    scale = counted.scale(r)
    months = np.array([m.months for m in moments], dtype=float)
    limits = []
    for w in spans:
        members = list(w.members)
        span = float(months[members].sum())
        mean = float((level[members] * months[members]).sum()) / span
        if r.measure == "share":
            limits.append(mean)
        elif r.measure == "service":
            need_total = sum(
                each * float(sum(_within(need(name), moments[n], start) for n in members))
                for name, each in weights.items()
            )
            limits.append(mean * need_total)
        else:
            whole = r.over == "horizon" or r.measure == "stock"
            limits.append(scale * (mean if whole else mean * span / 12))
    return tuple(limits)


def _within(series: tuple[Array, ...], node: Node, start: int) -> float:
    return float(series[node.branch][node.start - start : node.end - start].sum())


def _ahead(series: Array, first: int, months: float) -> float:
    """The sum of a monthly series over the `months` that begin with month `first`."""
    whole = int(months)
    total = float(series[first : first + whole].sum())
    if months > whole and first + whole < len(series):
        total += (months - whole) * float(series[first + whole])
    return total


class _Reader:
    """The linear terms that the policies of one case count."""

    def __init__(self, tables: Tables, words: NameIndex, case: Case):
        self.counted = PolicyCounter(tables, words)
        self.tables, self.words, self.case = tables, words, case
        self.ones = np.ones(len(case.tree.nodes))

    def sides(
        self, r: Any
    ) -> Iterator[tuple[str, tuple[LinearTerm, ...], tuple[LinearTerm, ...] | None]]:
        """(detail, numerator, denominator) of each row family of one policy."""
        if r.measure == "spend":
            yield "", self._spend(r), None
            return
        counted = self.counted
        weight = counted.weights(r)
        if r.measure in (*HELD, "service"):
            sheet = "Stockpiles" if r.measure in HELD else "Demand"
            rows = counted.rows_reached(r.of, sheet, r)
            yield "", tuple(self._tonnes(sheet, row, (), weight) for row in rows), None
            return

        def count(side: int, country: str | None = None) -> tuple[LinearTerm, ...]:
            _, words, place = counted.sides(r)[side]
            rows = counted.rows(r.out_of if country is not None else words, place, r, country)
            terms = (self._tonnes(sheet, row, outputs, weight) for sheet, row, outputs in rows)
            return tuple(term for term in terms if len(term.rate))

        whole = count(1) if r.measure == "share" else None
        if ANY_COUNTRY not in r.of:
            yield "", count(0), whole
            return
        for country in counted.countries(r):
            yield country, count(0, country), whole

    def _tonnes(
        self, sheet: str, row: Any, outputs: tuple[str, ...], weight: Mapping[str, float]
    ) -> LinearTerm:
        """The term in t of a row's variable; of a process, of its outputs."""
        if sheet == "Processes":
            outputs_per_t = self.case.processes[row.name].outputs
            each: Array = np.sum([weight[c] * outputs_per_t[c] for c in outputs], axis=0)
        else:
            about = self.counted.row_commodities.get(sheet, {}).get(row.name, frozenset())
            each = self.ones * (weight.get(next(iter(about)), 1.0) if len(about) == 1 else 1.0)
        return direct("tonnes", sheet, row.name, VARIABLE_OF[sheet], (row.name,), each)

    # -- money ------------------------------------------------------------------------

    def _spend(self, r: Any) -> tuple[LinearTerm, ...]:
        """The terms in undiscounted kUSD of the rows reached; expansions whole when ordered."""
        kinds = set(r.kinds or SPEND_KINDS)
        sheets = ("Supply", "Routes", "Contracts", "Processes", "Facilities", "Stockpiles")
        rows = {sheet: self.counted.rows_reached(r.of, sheet, r) for sheet in sheets}
        reached = {sheet: {row.name for row in terms} for sheet, terms in rows.items()}
        flows = reached["Supply"] | reached["Routes"]
        through = {c.name for c in self.case.contracts.values() if flows & {x for _, x in c.covers}}
        places = {word for word in r.of if self.words.kind(word) in ("site", "country", "tag")}
        terms: list[LinearTerm] = []
        for c in self.case.cost_terms:
            kind = "purchase" if c.category == "rebate" else c.category
            if kind not in kinds - {"expansion"}:
                continue
            if c.variable == "lift":
                if c.key[1] in flows:
                    terms.append(c)
            elif c.sheet == "Contracts":
                if c.name in reached["Contracts"] | through:
                    terms.append(c)
            elif c.variable == "yard_stock":
                if self._lies_at(c.key[0], places) and (not r.commodity or c.key[1] in r.commodity):
                    terms.append(c)
            elif c.name in reached.get(c.sheet, set()):
                terms.append(c)
        if "purchase" in kinds:
            terms += self._lifted(reached)
        if "expansion" in kinds:
            for f in rows["Facilities"]:
                if not math.isnan(f.expansion_cost):
                    whole = f.expansion_cost * self.ones
                    terms.append(
                        direct("expansion", "Facilities", f.name, "expand", (f.name,), whole)
                    )
        return tuple(terms)

    def _lies_at(self, site: str, places: set[str]) -> bool:
        row = next(row for row in self.tables["Sites"].records() if row.name == site)
        return bool({row.name, row.country, *row.tags} & places)

    def _lifted(self, reached: dict[str, set[str]]) -> Iterator[LinearTerm]:
        """The terms of liftings at their whole price, on rows that only the contract reaches."""
        for name in sorted(reached["Contracts"]):
            contract = self.case.contracts[name]
            for variable, row in contract.covers:
                if row in reached["Routes" if variable == "ship" else "Supply"]:
                    continue
                duty = self.case.routes[row].duty if variable == "ship" else self.ones
                rate = contract.price[row] * duty
                yield direct(WHOLE_PRICE, "Contracts", name, "lift", (name, row), rate)
