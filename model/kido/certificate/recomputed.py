"""Limits, prices, needs and arrival shares of every row at every node, from the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kido.data.tables import Tables

from .branches import as_month
from .calendar import Numbers, Places, Tree
from .effects import Effects, blend
from .reach import words_of
from .units import Masses

COST_COLUMN = {
    "Processes": "cost",
    "Routes": "freight",
    "Stockpiles": "holding_cost",
    "Relief": "cost",
}
Key = tuple[Any, ...]  # what it is, its sheet, then whatever tells it apart
Shares = tuple[Places, Places, Numbers]  # node of arrival, node of sending, share


def blank(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or value != value


def _cover_months(tables: Tables, tree: Tree) -> int:
    """Months after the horizon that the longest cover needs."""
    effects = Effects(tables, tree)
    longest = 0.0
    for row in tables["Policies"].records():
        if row.measure == "cover":
            longest = max(
                longest, effects.after_events("Policies", row, "capacity", row.limit).max()
            )
    return int(np.ceil(longest)) + 1


class Facts:
    """The data of the book as arrays over the nodes of the tree, computed on demand and cached."""

    def __init__(self, tables: Tables, tree: Tree):
        self.tables = tables
        self.tree = tree
        self.settings = tables.settings
        self.effects = Effects(tables, tree, _cover_months(tables, tree))
        self.rows = {name: list(frame.records()) for name, frame in tables.frames.items()}
        self.named = {
            sheet: {row.name: row for row in rows if hasattr(row, "name")}
            for sheet, rows in self.rows.items()
        }
        self.recipes = self.effects.recipes
        self.masses = Masses(tables)
        self.cache: dict[Key, Any] = {}

    def cached(self, key: Key, compute: Callable[[], Any]) -> Any:
        """The value of `compute`, called once for each key."""
        if key not in self.cache:
            self.cache[key] = compute()
        return self.cache[key]

    def monthly(
        self, sheet: str, row: Any, effect: str, base: float | Numbers, output: str = ""
    ) -> Numbers:
        """A number after events, by branch and month, inside the horizon and beyond."""
        key = ("monthly", sheet, row.Index, effect, output)
        values: Numbers = self.cached(
            key, lambda: self.effects.after_events(sheet, row, effect, base, output)
        )
        return values

    def mean(self, sheet: str, row: Any, effect: str, base: float, output: str = "") -> Numbers:
        """A number after events, as the mean over the months of each node."""
        key = ("mean", sheet, row.Index, effect, output)
        values: Numbers = self.cached(
            key, lambda: self.tree.mean(self.monthly(sheet, row, effect, base, output))
        )
        return values

    # Prices ------------------------------------------------------------------------

    def rate(self, row: Any) -> float:
        """Units of the currency of a row for one USD."""
        if row.currency == "USD":
            return 1.0
        options = {"JPY": self.settings.jpy_per_usd, "EUR": self.settings.eur_per_usd,
                   "CNY": self.settings.cny_per_usd, "AUD": self.settings.aud_per_usd}  # fmt: skip
        typed = options[row.currency]
        if typed is None and self.settings.currency == row.currency:
            typed = self.settings.fx
        return float("nan") if typed is None else typed

    def price(self, sheet: str, row: Any) -> Numbers:
        """USD/kg at each node, of Supply, Sales and the gate of Routes."""
        return self.mean(sheet, row, "price", row.price) / self.rate(row)

    def cost(self, sheet: str, row: Any) -> Numbers:
        """USD/kg at each node: processes, freight, holding (a year), relief."""
        return self.mean(sheet, row, "cost", getattr(row, COST_COLUMN[sheet])) / self.rate(row)

    def duty(self, sheet: str, row: Any) -> Numbers:
        """1 + tariff at each node; 1 for rows of other sheets than Routes."""
        if sheet != "Routes":
            return np.ones(len(self.tree))
        return 1.0 + self.mean(sheet, row, "tariff", row.tariff) / 100.0

    def output(self, process: Any, line: Any) -> Numbers:
        """t of an output for each t of activity, at each node."""
        monthly = self.monthly("Processes", process, "yield", line.amount, output=line.item)
        return self.tree.mean(np.maximum(monthly, 0.0)) * self.masses.tonnes(line.item)

    def surviving_share(self, route: Any) -> Numbers:
        """The share of shipments that arrives: 1 - loss, at each node."""
        lost = self.mean("Routes", route, "loss", route.loss)
        return 1.0 - np.minimum(np.maximum(lost, 0.0), 100.0) / 100.0

    # Limits --------------------------------------------------------------------------

    def limits(self, sheet: str, row: Any) -> tuple[Numbers, Numbers]:
        """(least, most) t at each node, over the months the row is open."""

        def compute() -> tuple[Numbers, Numbers]:
            base = np.inf if blank(row.most) else float(row.most)
            most = np.maximum(self.monthly(sheet, row, "capacity", base), 0.0)
            least = np.maximum(self.monthly(sheet, row, "minimum", float(row.least)), 0.0)
            least = least * self.effects.factors(sheet, row, "capacity")
            is_open = self.effects.open_share(sheet, row)
            nothing = np.zeros(is_open.shape)
            least = blend(is_open, np.minimum(least, most), nothing)
            most = blend(is_open, most, nothing)
            year = 12.0 / (1.0 if sheet == "Processes" else self.masses.tonnes(row.commodity))
            return self.tree.total(least) / year, self.tree.total(most) / year

        bounds: tuple[Numbers, Numbers] = self.cached(("limits", sheet, row.Index), compute)
        return bounds

    def installed(self, row: Any) -> Numbers:
        """t that the installed capacity of a facility can pass at each node."""
        capacity = np.maximum(self.monthly("Facilities", row, "capacity", row.capacity), 0.0)
        return self.tree.total(capacity * self.effects.open_share("Facilities", row)) / 12.0

    def minimum_use(self, row: Any) -> Numbers:
        """The share of what is available that a facility must use, at each node."""
        share = self.mean("Facilities", row, "minimum", float(row.minimum_use))
        return np.minimum(np.maximum(share, 0.0), 1.0)

    def stock_capacity(self, row: Any) -> Numbers:
        """The capacity of a stockpile in t, at each node."""
        base = np.inf if blank(row.capacity) else float(row.capacity)
        room = np.maximum(self.mean("Stockpiles", row, "capacity", base), 0.0)
        start, end = as_month(row.start), as_month(row.end)
        shut = np.zeros(len(self.tree), dtype=bool)
        if start is not None:
            shut |= self.tree.first < start
        if end is not None:
            shut |= self.tree.last > end
        return np.where(shut, 0.0, room * self.masses.tonnes(row.commodity))

    def limit(self, row: Any) -> Numbers:
        """The limit of a policy at each node, after events."""
        return np.maximum(self.mean("Policies", row, "capacity", row.limit), 0.0)

    # Demand --------------------------------------------------------------------------

    def monthly_need(self, row: Any) -> Numbers:
        """t needed in each month, by branch; growth comes in steps each January."""
        months = self.effects.months
        base_year = self.settings.base_year or self.tree.start // 12
        grown = row.need * (1.0 + row.growth) ** (months // 12 - base_year)
        needed = np.maximum(self.monthly("Demand", row, "demand", grown), 0.0)
        start, end = as_month(row.start), as_month(row.end)
        none = np.zeros(len(months), dtype=bool) if start is None else months < start
        none = none if end is None else none | (months > end)
        needed = np.where(none, 0.0, needed)
        return needed * self.masses.tonnes(row.commodity) / 12.0

    def need_ahead(self, row: Any, months: Numbers) -> Numbers:
        """t needed in the `months` that follow each node, as far as is known there."""
        tree, needed = self.tree, self.monthly_need(row)
        ahead = tree.branch if (tree.leaf > 0).sum() > 1 else np.full(len(tree), tree.branch[-1])
        running = np.zeros((needed.shape[0], needed.shape[1] + 1))
        np.cumsum(needed, axis=1, out=running[:, 1:])
        begin = tree.last - tree.start
        stop = begin + np.floor(months).astype(np.int64)
        whole = running[ahead, stop] - running[ahead, begin]
        part: Numbers = whole + (months - np.floor(months)) * needed[ahead, stop]
        return part

    def need(self, row: Any) -> Numbers:
        """t needed at each node."""
        values: Numbers = self.cached(
            ("need", "Demand", row.Index), lambda: self.tree.total(self.monthly_need(row))
        )
        return values

    def most_relief(self, row: Any) -> Numbers:
        """The most t of a relief row at each node."""
        tree = self.tree
        months = self.effects.months
        share = self.monthly("Relief", row, "capacity", row.share)
        is_open = np.ones(share.shape)
        start = as_month(row.start)
        if start is not None:
            is_open = is_open * (months >= start)
        if not blank(row.notice):
            about = [self.named["Demand"][row.demand].commodity]
            noticed = np.zeros(share.shape)
            for place, branch in enumerate(tree.branches):
                for begin, stop in branch.disrupted_months(about):
                    since = np.clip(months + 1.0 - begin - row.notice, 0.0, 1.0)
                    noticed[place] += np.where(months < stop, since, 0.0)
            is_open = is_open * noticed
        needed = self.monthly_need(self.named["Demand"][row.demand])
        most = tree.total(is_open * np.clip(share, 0.0, 1.0) * needed)
        if row.kind == "lost":  # all of the need, returned deferrals included
            unlimited = tree.total(((share >= 1.0) & (is_open > 0)).astype(float)) > 0
            most = np.where(unlimited, np.inf, most)
        if row.kind == "defer" and not blank(row.returns):
            most = np.where(tree.last + row.returns > tree.end, 0.0, most)
        return most

    # Flows that take time ------------------------------------------------------------

    def arrival_shares(self, lead: Numbers) -> Shares:
        """The share of what each node sends that arrives in each later node on its path.

        What is sent in month k arrives evenly over [k + lead, k + 1 + lead).
        """
        tree = self.tree
        later, earlier = tree.pairs
        share = np.zeros(len(later))
        for offset in range(int(tree.months.max())):
            has = np.flatnonzero(offset < tree.months[earlier])
            month = tree.first[earlier[has]] + offset
            lands: Numbers = month + lead[tree.branch[earlier[has]], month - tree.start]
            share[has] += self._overlap(lands, later[has])
        share = share / tree.months[earlier]
        some = share > 0
        return later[some], earlier[some], share[some]

    def _overlap(self, lands: Numbers, nodes: Places) -> Numbers:
        """Months that [lands, lands + 1) has in common with each node."""
        stop = np.minimum(lands + 1.0, self.tree.last[nodes])
        common: Numbers = np.clip(stop - np.maximum(lands, self.tree.first[nodes]), 0.0, None)
        return common

    def lead_shares(self, sheet: str, row: Any) -> Shares:
        """`arrival_shares` of a process or route, with the lead of each month of sending."""
        return self._landing(np.maximum(self.monthly(sheet, row, "lead", row.lead), 0.0))

    def return_shares(self, row: Any) -> Shares:
        """`arrival_shares` of what a relief row defers."""
        shape = (len(self.tree.branches), len(self.effects.months))
        return self._landing(np.full(shape, float(row.returns)))

    def puts_off_again(self, row: Any) -> bool:
        """Whether need that returned may be put off again."""
        returns = row.kind == "defer" and not blank(row.returns)
        return bool(returns and row.latest_return > row.returns)

    def _landing(self, lead: Numbers) -> Shares:
        key = "landing", "Scenarios", lead.tobytes()
        shares: Shares = self.cached(key, lambda: self.arrival_shares(lead))
        return shares

    def arriving(self, shares: Shares, amount: Numbers) -> Numbers:
        """t that arrive at each node, of the t sent at each node."""
        to, source, share = shares
        landed = np.bincount(to, share * amount[source], minlength=len(self.tree))
        return landed.astype(float)

    def pipeline_arrivals(self, rate: float, lead: float) -> Numbers:
        """t that arrive at each node, of a flow of `rate` t/yr sent before the first month."""
        nodes = np.arange(len(self.tree))
        total = np.zeros(len(self.tree))
        if rate > 0:
            for back in range(1, int(np.ceil(lead)) + 1):
                lands = np.full(len(nodes), self.tree.start - back + lead)
                total += rate / 12.0 * self._overlap(lands, nodes)
        return total

    def has_lead_time(self, sheet: str, row: Any) -> bool:
        """Whether what this row sends arrives later, in any month."""
        on_the_way = row.on_water > 0 if sheet == "Routes" else row.in_works > 0
        changes = bool(self.effects.events_reaching(sheet, row, "lead"))
        lands = [(x.what, x.name) for x in self.rows["Underway"]]
        on_the_way = on_the_way or ("lands", row.name) in lands
        return bool(row.lead > 0 or changes or on_the_way)

    def yards(self) -> set[tuple[str, str]]:
        """(site, commodity) pairs where goods may wait without a stockpile."""
        if blank(self.settings.yard_cost):
            return set()
        yards = set()
        for row in self.rows["Routes"]:
            if self.has_lead_time("Routes", row):
                yards.add((row.destination, row.commodity))
        for row in self.rows["Processes"]:
            if self.has_lead_time("Processes", row):
                lines = self.recipes.get(row.name, ())
                yards |= {(row.site, line.item) for line in lines if line.role == "output"}
        return yards - {(row.site, row.commodity) for row in self.rows["Stockpiles"]}

    # Rows reached by words -------------------------------------------------------------

    def rows_selected(self, sheet: str, words: tuple[str, ...], commodities: Any = ()) -> list[Any]:
        """Rows of a sheet that bear one of the words (none: all) and one of the commodities."""
        only = words_of(commodities)
        rows = []
        for row in self.rows[sheet]:
            if words and not words_of(words) & self.effects.words(sheet, row):
                continue
            row_commodities = self.effects.commodities(sheet, row)
            if not only or row_commodities is None or only & row_commodities:
                rows.append(row)
        return rows
