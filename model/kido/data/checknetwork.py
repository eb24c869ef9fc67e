"""Can goods get where they must, and away from where they may not stay?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kido.data.checking import by_name, fault, named, warning
from kido.data.tables import Tables
from kido.data.words import Words
from kido.errors import Finding

Pair = tuple[str, str]  # (site, commodity)


@dataclass(frozen=True)
class Network:
    """Who brings what to a site, and who takes it away, whatever the limits and dates."""

    tables: Tables

    @cached_property
    def lines(self) -> dict[str, dict[str, list[Any]]]:
        """Recipe lines by process and role, amounts of 0 left out."""
        found: dict[str, dict[str, list[Any]]] = {}
        for line in self.tables["Recipes"].records():
            if line.amount > 0:
                found.setdefault(line.process, {}).setdefault(line.role, []).append(line)
        return found

    @cached_property
    def steps(self) -> list[tuple[frozenset[Pair], frozenset[Pair]]]:
        """(what it takes, what it brings) of every process and every lane."""
        found = [
            (frozenset({(r.origin, r.commodity)}), frozenset({(r.destination, r.commodity)}))
            for r in self.tables["Routes"].records()
        ]
        for r in self.tables["Processes"].records():
            held = self.lines.get(r.name, {})
            takes, brings = (
                frozenset((r.site, line.item) for line in held.get(role, ()))
                for role in ("input", "output")
            )
            found.append((takes, brings))
        return found

    @cached_property
    def sources(self) -> set[Pair]:
        """What is there from outside, or from before the start."""
        found = {(r.site, r.commodity) for r in self.tables["Supply"].records()}
        found |= {(r.site, r.commodity) for r in self.tables["Stockpiles"].records() if r.opening}
        routes = self.tables["Routes"].records()
        found |= {(r.destination, r.commodity) for r in routes if r.on_water}
        for r in self.tables["Processes"].records():
            if r.in_works:
                found |= {(r.site, line.item) for line in self._outputs(r)}
        return found

    def _outputs(self, process: Any) -> list[Any]:
        return self.lines.get(process.name, {}).get("output", [])

    @cached_property
    def bringable(self) -> set[Pair]:
        """Everything that some source, process or lane ends at, fed or not."""
        return self.sources.union(*(brings for _, brings in self.steps))

    def fed(self, more: frozenset[Pair] = frozenset()) -> set[Pair]:
        """Everything that can be there, were `more` there too."""
        found, waiting = {*self.sources, *more}, list(self.steps)
        while True:
            ready = [step for step in waiting if step[0] <= found]
            if not ready:
                return found
            waiting = [step for step in waiting if not step[0] <= found]
            found = found.union(*(brings for _, brings in ready))

    @cached_property
    def starved(self) -> set[Pair]:
        """Inputs at fault: those nothing ends at, and circles that nothing starts."""
        roots = frozenset(p for takes, _ in self.steps for p in takes if p not in self.bringable)
        reached = self.fed(roots)
        return {*roots, *(p for takes, _ in self.steps for p in takes if p not in reached)}

    @cached_property
    def outlets(self) -> set[Pair]:
        """Where goods find a use, a store, an outlet or disposal."""
        found = {pair for takes, _ in self.steps for pair in takes}
        for sheet in ("Sales", "Demand", "Stockpiles"):
            found |= {(r.site, r.commodity) for r in self.tables[sheet].records()}
        costs = {r.name: r.disposal_cost for r in self.tables["Commodities"].records()}
        free = [name for name, cost in costs.items() if not math.isnan(cost)]
        return found | {(r.name, c) for r in self.tables["Sites"].records() for c in free}


def check_network(tables: Tables, words: Words) -> Iterator[Finding]:
    """Inputs that nothing brings, outputs with no way out, demands out of reach."""
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
                yield fault(
                    "input-unfed", tables["Recipes"], line.Index, "item",
                    f"Nothing can bring {line.item} to {pair[0]}, where '{process}' needs it.",
                    line.item, f"a supply, route, process or stock of it at {pair[0]}",
                    "add one, or correct the name of the site or the commodity",
                )  # fmt: skip
    for row in tables["Routes"].records():
        if (row.origin, row.commodity) in network.starved:
            yield warning(
                "route-unfed", tables["Routes"], row.Index, "origin",
                f"Nothing can bring {row.commodity} to {row.origin}, where this route begins.",
                row.commodity, f"a supply, route, process or stock of it at {row.origin}",
                "add one, or remove the route",
            )  # fmt: skip


def _ways_out(tables: Tables, network: Network) -> Iterator[Finding]:
    ends = [
        (tables["Recipes"], line, "item", (row.site, line.item), f"'{row.name}' makes")
        for row in tables["Processes"].records()
        for line in network._outputs(row)
    ]
    ends += [
        (
            tables["Routes"],
            row,
            "destination",
            (row.destination, row.commodity),
            "this route brings",
        )
        for row in tables["Routes"].records()
    ]
    ends += [
        (tables["Supply"], row, "commodity", (row.site, row.commodity), "this supply must bring")
        for row in tables["Supply"].records()
        if row.least > 0
    ]
    for frame, row, key, (site, commodity), doing in ends:
        if (site, commodity) not in network.outlets:
            yield fault(
                "no-way-out", frame, row.Index, key,
                f"There is no way out for the {commodity} that {doing} at {site}.",
                commodity, "a process, route, stockpile, sale, demand or disposal there",
                f"add one, for example a Sales row at {site} with the price 0",
            )  # fmt: skip


def _demands(tables: Tables, network: Network) -> Iterator[Finding]:
    fed = network.fed()
    relieved = {row.demand for row in tables["Relief"].records()}
    for row in tables["Demand"].records():
        if (row.site, row.commodity) in fed or row.need == 0:
            continue
        make = warning if row.name in relieved else fault
        yield make(
            "demand-unreachable", tables["Demand"], row.Index, "name",
            f"No supply, process, route or stock can bring {row.commodity} to {row.site}"
            + (": all of it must be relieved." if row.name in relieved else "."),
            row.commodity, f"a way for it to reach {row.site}",
            "add one, correct the site or the commodity, or add a Relief row",
        )  # fmt: skip


def check_transit(tables: Tables, words: Words) -> Iterator[Finding]:
    """Where goods in transit arrive there should be room for them to wait."""
    if tables.settings.yard_cost is not None:
        return
    stores = {(row.site, row.commodity) for row in tables["Stockpiles"].records()}
    network = Network(tables)
    routes = [
        (row, {(row.destination, row.commodity)})
        for row in tables["Routes"].records()
        if row.lead > 0 or row.on_water > 0
    ]
    processes = [
        (row, {(row.site, line.item) for line in network._outputs(row)})
        for row in tables["Processes"].records()
        if row.lead > 0 or row.in_works > 0
    ]
    for sheet, ends in (("Routes", routes), ("Processes", processes)):
        bare = [row for row, pairs in ends if pairs - stores]
        if bare:
            yield warning(
                "no-room", tables[sheet], bare[0].Index, "lead",
                "What is on its way must be used the moment it arrives; there is no room for it "
                f"to wait: {named(row.name for row in bare)}.",
                "no stockpile, and a blank yard cost", "a stockpile there, or a yard cost",
                "add a stockpile where it arrives, or fill in 'yard cost' on Settings",
            )  # fmt: skip


def check_unused(tables: Tables, words: Words) -> Iterator[Finding]:
    """Capacities that nothing uses, and supplies that cost nothing on the whole way."""
    used = {line.item for line in tables["Recipes"].records() if line.role == "uses"}
    used |= {name for row in tables["Routes"].records() for name in row.uses}
    for row in tables["Facilities"].records():
        if row.name not in used:
            yield warning(
                "capacity-unused", tables["Facilities"], row.Index, "name",
                "No recipe and no route uses this capacity.", row.name,
                "a recipe line with the role uses, or a route", "add one, or remove the row",
            )  # fmt: skip
    paid = {row.origin for row in tables["Routes"].records() if row.price > 0}
    paid |= {row.site for row in tables["Processes"].records() if row.cost > 0}
    contracts = tables["Contracts"].records()
    covered = {n for row in contracts for w in row.applies_to for n in words.rows(w, "Supply")}
    events = [row for row in tables["Events"].records() if row.effect == "price"]
    covered |= {n for row in events for w in row.target for n in words.rows(w, "Supply")}
    offers = by_name(tables["Supply"])
    free = [
        row
        for row in offers.values()
        if row.price == 0 and row.site not in paid and row.name not in covered
    ]
    if free:
        yield warning(
            "price-of-zero", tables["Supply"], free[0].Index, "price",
            f"Nothing is paid for these, here or where they leave: {named(r.name for r in free)}.",
            "0", "a price here, on the route or in a contract", "type the price that is paid",
        )  # fmt: skip
