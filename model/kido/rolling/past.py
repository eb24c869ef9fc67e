"""`Past`: the part of a plan that lies before the new start, on the future that came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from kido.data.case.build import case_on, tree_of
from kido.data.case.case import Array, Case, Pair
from kido.data.case.lead_times import arriving_amount
from kido.data.case.tree import Tree
from kido.data.months import month_text
from kido.data.tables import Tables
from kido.data.units import Units

Key = tuple[str, ...]
Flows = Mapping[tuple[str, Key], Array]  # (variable, key) -> one value for each node
PAIRS = ("yard_stock", "discard", "lift", "breach")  # variables whose keys have two names


@dataclass(frozen=True)
class Past:
    """What a plan did before node `now`, in which the new book starts.

    `case` is that of the whole tree, `months` that of the path alone, month by month; `flows` are
    t in each node of the tree.
    """

    tables: Tables
    case: Case
    months: Case
    now: int
    flows: Flows

    @property
    def tree(self) -> Tree:
        """The tree of the old book."""
        return self.case.tree

    @property
    def start(self) -> int:
        """The first month of the new book."""
        return self.tree.nodes[self.now].start

    @property
    def branch(self) -> int:
        """The branch that came."""
        return self.tree.nodes[self.now].branch

    @cached_property
    def nodes(self) -> tuple[int, ...]:
        """The nodes before the new start, in order."""
        return tuple(self.tree.path(self.now)[:-1])

    @cached_property
    def coming(self) -> frozenset[int]:
        """The nodes of the futures that are still open: `now` and all that follow it."""
        open_nodes = {self.now}
        for m in self.tree.nodes:
            if m.previous in open_nodes:
                open_nodes.add(m.index)
        return frozenset(open_nodes)

    def at(self, variable: str, *key: str) -> Array:
        """The value of a variable in each node of the tree; 0 where it has none."""
        return self.flows.get((variable, key), np.zeros(len(self.tree.nodes)))

    def last(self, variable: str, *key: str) -> float:
        """The value in the last node before the start."""
        return float(self.at(variable, *key)[self.nodes[-1]])

    def before(self, amounts: Array) -> float:
        """The sum over the nodes before the start."""
        return float(amounts[list(self.nodes)].sum())

    def by_month(self, amounts: Array) -> Array:
        """Amounts of the nodes as those of each month of the path; 0 from the new start on."""
        values = np.zeros(len(self.months.tree.nodes))
        for n in self.nodes:
            m = self.tree.nodes[n]
            values[m.start - self.tree.start : m.end - self.tree.start] = amounts[n] / m.months
        return values

    def leaving(self, pair: Pair) -> Array:
        """t of a commodity that is used, sent, sold, met or thrown away at a site in each node."""
        case, total = self.case, self.at("discard", *pair)
        for process in case.processes.values():
            for item, amount in process.inputs:
                if (process.site, item) == pair:
                    total = total + amount * self.at("run", process.name)
        for route in case.routes.values():
            if (route.origin, route.commodity) == pair:
                total = total + self.at("ship", route.name)
        for variable, rows in (("sell", case.sales), ("meet", case.demands)):
            for row in rows.values():
                if row.pair == pair:
                    total = total + self.at(variable, row.name)
        return total

    def landing(self, route: str) -> Array:
        """t that land in each month of what was sent before the new start."""
        sent = self.at("ship", route) * self.case.routes[route].efficiency
        return arriving_amount(self.months.routes[route].arrivals, self.by_month(sent))

    def coming_out(self, process: str, item: str) -> Array:
        """t of an output that come out in each month of what was begun before the new start."""
        begun = self.at("run", process) * self.case.processes[process].outputs[item]
        return arriving_amount(self.months.processes[process].arrivals, self.by_month(begun))

    def tonnes(self, sheet: str, row: Any) -> float:
        """t in the unit of the amounts of a row."""
        units = Units(self.tables)
        if sheet in ("Processes", "Facilities"):
            return 1.0
        if sheet == "Contracts":
            records: Mapping[str, Any] = {"buy": self.case.supply, "ship": self.case.routes}
            covers = self.case.contracts[row.name].covers
            return units.shared({records[v][name].commodity for v, name in covers})
        about = self.case.demands[row.demand] if sheet == "Relief" else row
        return units.tonnes(about.commodity)

    def month(self, node: int) -> int:
        """The month of a node of `months`."""
        return self.months.tree.nodes[node].start


def past_of(tables: Tables, case: Case, now: int, flows: pd.DataFrame) -> Past:
    """The past of a plan, from the table of its flows."""
    tree = case.tree
    branch = tree.branch_of(now)
    settings = replace(tables.settings, calendar=(1,) * (tree.end - tree.start), run_out=0)
    path = tree_of(replace(tables, settings=settings), branch.name)
    return Past(tables, case, case_on(tables, path), now, _series(tree, flows))


def _series(tree: Tree, flows: pd.DataFrame) -> Flows:
    """The flows by node, from the table with a column for the first month of each node."""
    node = {(tree.branches[m.branch].name, month_text(m.start)): m.index for m in tree.nodes}
    months = [column for column in flows.columns if column in {month for _, month in node}]
    series: dict[tuple[str, Key], Array] = {}
    labels = zip(*(flows[key].tolist() for key in ("kind", "name", "item", "branch")), strict=True)
    for (kind, name, item, branch), amounts in zip(labels, flows[months].to_numpy(), strict=True):
        key = (name, item) if kind in PAIRS else (name,)
        values = series.setdefault((kind, key), np.zeros(len(tree.nodes)))
        for k in np.flatnonzero(~np.isnan(amounts.astype(float))).tolist():
            values[node[branch, months[k]]] = amounts[k]
    return series
