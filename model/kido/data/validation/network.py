"""Checks of the network: inputs without a source, outputs without an outlet, demands cut off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.data.validation.checking import fault, warning
from kido.errors import Finding

Pair = tuple[str, str]  # (site, commodity)


@dataclass(frozen=True)
class Step:
    """A lane or a process: the pairs it takes, all together, and the pairs it brings."""

    name: str
    takes: frozenset[Pair]
    brings: frozenset[Pair]


@dataclass(frozen=True)
class Network:
    """The flow network of a book, limits and dates left aside."""

    tables: Tables

    @cached_property
    def lines(self) -> dict[str, dict[str, list[Any]]]:
        """Recipe lines by process and role, amounts of 0 left out."""
        lines: dict[str, dict[str, list[Any]]] = {}
        for line in self.tables["Recipes"].records():
            if line.amount > 0:
                lines.setdefault(line.process, {}).setdefault(line.role, []).append(line)
        return lines

    @cached_property
    def steps(self) -> list[Step]:
        """Every lane and every process."""
        steps = [
            Step(
                r.name,
                frozenset({(r.origin, r.commodity)}),
                frozenset({(r.destination, r.commodity)}),
            )
            for r in self.tables["Routes"].records()
        ]
        for r in self.tables["Processes"].records():
            roles = self.lines.get(r.name, {})
            takes, brings = (
                frozenset((r.site, line.item) for line in roles.get(role, ()))
                for role in ("input", "output")
            )
            steps.append(Step(r.name, takes, brings))
        return steps

    @cached_property
    def sources(self) -> set[Pair]:
        """The pairs with a supply, an opening stock or goods under way at the start."""
        pairs = {(r.site, r.commodity) for r in self.tables["Supply"].records()}
        pairs |= {(r.site, r.commodity) for r in self.tables["Stockpiles"].records() if r.opening}
        routes = self.tables["Routes"].records()
        pairs |= {(r.destination, r.commodity) for r in routes if r.on_water}
        for r in self.tables["Processes"].records():
            if r.in_works:
                pairs |= {(r.site, line.item) for line in self.outputs(r)}
        return pairs | self.landing

    @cached_property
    def landing(self) -> set[Pair]:
        """The pairs at which something lands or comes out that the sheet Underway tells of."""
        lands = [r for r in self.tables["Underway"].records() if r.what == "lands"]
        routes = {r.name: r for r in self.tables["Routes"].records()}
        sites = {r.name: r.site for r in self.tables["Processes"].records()}
        pairs = {(routes[r.name].destination, routes[r.name].commodity)
                 for r in lands if r.name in routes}  # fmt: skip
        for r in (r for r in lands if r.name in sites):
            lines = self.lines.get(r.name, {}).get("output", [])
            pairs |= {(sites[r.name], x.item) for x in lines if r.detail in ("", x.item)}
        return pairs

    def outputs(self, process: Any) -> list[Any]:
        """The output lines of a row of Processes."""
        return self.lines.get(process.name, {}).get("output", [])

    @cached_property
    def bringable(self) -> set[Pair]:
        """The pairs with a source, or at the end of a process or lane, fed or not."""
        return self.sources.union(*(step.brings for step in self.steps))

    def fed(self, more: frozenset[Pair] = frozenset()) -> set[Pair]:
        """The pairs that can be supplied, with `more` as further sources."""
        pairs, waiting = {*self.sources, *more}, list(self.steps)
        while True:
            ready = [step for step in waiting if step.takes <= pairs]
            if not ready:
                return pairs
            waiting = [step for step in waiting if not step.takes <= pairs]
            pairs = pairs.union(*(step.brings for step in ready))

    @cached_property
    def starved(self) -> frozenset[Pair]:
        """The inputs that nothing brings, and those in circles without a source."""
        needed = {pair for step in self.steps for pair in step.takes}
        roots = frozenset(needed - self.bringable)
        return roots | (needed - self.fed(roots))

    @cached_property
    def outlets(self) -> set[Pair]:
        """The pairs with a use, a store, a sale or disposal."""
        pairs = {pair for step in self.steps for pair in step.takes}
        for sheet in ("Sales", "Demand", "Stockpiles"):
            pairs |= {(r.site, r.commodity) for r in self.tables[sheet].records()}
        costs = {r.name: r.disposal_cost for r in self.tables["Commodities"].records()}
        free = [name for name, cost in costs.items() if not math.isnan(cost)]
        return pairs | {(r.name, c) for r in self.tables["Sites"].records() for c in free}


def check_network(tables: Tables, words: NameIndex) -> Iterator[Finding]:
    """Reports inputs without a source, outputs without an outlet, and unreachable demands."""
    network = Network(tables)
    yield from _inputs(tables, network)
    yield from _ways_out(tables, network)
    yield from _demands(tables, network)


def _inputs(tables: Tables, network: Network) -> Iterator[Finding]:
    sites = {row.name: row.site for row in tables["Processes"].records()}
    for process, roles in network.lines.items():
        for line in roles.get("input", ()):
            pair = (sites.get(process, ""), line.item)
            if process in sites and pair in network.starved:
                yield warning(
                    "input-unfed", tables["Recipes"], line.Index, "item", line.item,
                    commodity=line.item, site=pair[0], process=process,
                )  # fmt: skip
    for row in tables["Routes"].records():
        if (row.origin, row.commodity) in network.starved:
            yield warning(
                "route-unfed", tables["Routes"], row.Index, "origin", row.commodity,
                commodity=row.commodity, site=row.origin,
            )  # fmt: skip


def _ways_out(tables: Tables, network: Network) -> Iterator[Finding]:
    ends = [
        ("process", tables["Recipes"], line, "item", (row.site, line.item), {"name": row.name})
        for row in tables["Processes"].records()
        for line in network.outputs(row)
    ]
    ends += [
        ("route", tables["Routes"], row, "destination", (row.destination, row.commodity), {})
        for row in tables["Routes"].records()
    ]
    ends += [
        ("supply", tables["Supply"], row, "commodity", (row.site, row.commodity), {})
        for row in tables["Supply"].records()
        if row.least > 0
    ]
    for end, frame, row, key, (site, commodity), maker in ends:
        if (site, commodity) not in network.outlets:
            yield fault(
                f"no-way-out.{end}", frame, row.Index, key, commodity,
                commodity=commodity, site=site, **maker,
            )  # fmt: skip


def _demands(tables: Tables, network: Network) -> Iterator[Finding]:
    fed = network.fed()
    relieved = {row.demand for row in tables["Relief"].records()}
    for row in tables["Demand"].records():
        if (row.site, row.commodity) in fed or row.need == 0:
            continue
        place = tables["Demand"], row.Index, "name", row.commodity
        words = {"commodity": row.commodity, "site": row.site}
        if row.name in relieved:
            yield warning("demand-unreachable.relieved", *place, **words)
        else:
            yield fault("demand-unreachable", *place, **words)
