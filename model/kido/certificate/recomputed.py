"""What the book says of every row at every moment: limits, prices, shares that arrive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kido.data.tables import Tables

from .branches import as_month
from .calendar import Numbers, Places, Tree
from .effects import Effects, blend, words_of
from .units import Masses

COST_COLUMN = {
    "Processes": "cost",
    "Routes": "freight",
    "Stockpiles": "holding_cost",
    "Relief": "cost",
}
Shares = tuple[Places, Places, Numbers]  # arrives at, sent at, share


def blank(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or value != value


def _coming(tables: Tables, tree: Tree) -> int:
    """Months after the horizon that the longest cover looks ahead."""
    effects = Effects(tables, tree)
    longest = 0.0
    for row in tables["Policies"].records():
        if row.measure == "cover":
            longest = max(longest, effects.number("Policies", row, "capacity", row.limit).max())
    return int(np.ceil(longest)) + 1


class Facts:
    """Arrays over the moments of the tree, each worked out once."""

    def __init__(self, tables: Tables, tree: Tree):
        self.tables = tables
        self.tree = tree
        self.settings = tables.settings
        self.effects = Effects(tables, tree, _coming(tables, tree))
        self.rows = {name: list(frame.records()) for name, frame in tables.frames.items()}
        self.named = {
            sheet: {row.name: row for row in rows if hasattr(row, "name")}
            for sheet, rows in self.rows.items()
        }
        self.recipes = self.effects.recipes
        self.masses = Masses(tables)
        self._kept: dict[Any, Any] = {}

    def keep(self, key: Any, work: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = work()
        return self._kept[key]

    def monthly(
        self, sheet: str, row: Any, effect: str, base: float | Numbers, output: str = ""
    ) -> Numbers:
        """By branch and month, inside the horizon and beyond."""
        key = (sheet, row.Index, effect, output)
        found: Numbers = self.keep(
            key, lambda: self.effects.number(sheet, row, effect, base, output)
        )
        return found

    def mean(self, sheet: str, row: Any, effect: str, base: float, output: str = "") -> Numbers:
        key = ("mean", sheet, row.Index, effect, output)
        found: Numbers = self.keep(
            key, lambda: self.tree.mean(self.monthly(sheet, row, effect, base, output))
        )
        return found

    # Prices ------------------------------------------------------------------------

    def price(self, sheet: str, row: Any) -> Numbers:
        """USD/kg, of Supply, Sales and the gate of Routes."""
        return self.mean(sheet, row, "price", row.price)

    def cost(self, sheet: str, row: Any) -> Numbers:
        """USD/kg: processes, freight, holding (a year), relief."""
        return self.mean(sheet, row, "cost", getattr(row, COST_COLUMN[sheet]))

    def duty(self, sheet: str, row: Any) -> Numbers:
        """1 + tariff; 1 for what is not a route."""
        if sheet != "Routes":
            return np.ones(len(self.tree))
        return 1.0 + self.mean(sheet, row, "tariff", row.tariff) / 100.0

    def output(self, process: Any, line: Any) -> Numbers:
        """t of an output for each t of activity."""
        monthly = self.monthly("Processes", process, "yield", line.amount, output=line.item)
        return self.tree.mean(np.maximum(monthly, 0.0)) * self.masses.tonnes(line.item)

    def kept(self, route: Any) -> Numbers:
        """The share of what a lane sends that survives the way."""
        lost = self.mean("Routes", route, "loss", route.loss)
        return 1.0 - np.minimum(np.maximum(lost, 0.0), 100.0) / 100.0

    # Limits --------------------------------------------------------------------------

    def limits(self, sheet: str, row: Any) -> tuple[Numbers, Numbers]:
        """Least and most t at each moment, over its open months."""

        def work() -> tuple[Numbers, Numbers]:
            base = np.inf if blank(row.most) else float(row.most)
            most = np.maximum(self.monthly(sheet, row, "capacity", base), 0.0)
            least = row.least * self.effects.factors(sheet, row, "capacity")
            is_open = self.effects.opened(sheet, row)
            nothing = np.zeros(is_open.shape)
            least = blend(is_open, np.minimum(least, most), nothing)
            most = blend(is_open, most, nothing)
            year = 12.0 / (1.0 if sheet == "Processes" else self.masses.tonnes(row.commodity))
            return self.tree.total(least) / year, self.tree.total(most) / year

        found: tuple[Numbers, Numbers] = self.keep(("limits", sheet, row.Index), work)
        return found

    def installed(self, row: Any) -> Numbers:
        """t that the installed capacity of a facility can pass at each moment."""
        capacity = np.maximum(self.monthly("Facilities", row, "capacity", row.capacity), 0.0)
        return self.tree.total(capacity * self.effects.opened("Facilities", row)) / 12.0

    def room(self, row: Any) -> Numbers:
        """t a stockpile may hold at each moment."""
        base = np.inf if blank(row.capacity) else float(row.capacity)
        room = np.maximum(self.mean("Stockpiles", row, "capacity", base), 0.0)
        return room * self.masses.tonnes(row.commodity)

    def limit(self, row: Any) -> Numbers:
        """The limit of a policy at each moment."""
        return np.maximum(self.mean("Policies", row, "capacity", row.limit), 0.0)

    # Demand --------------------------------------------------------------------------

    def monthly_need(self, row: Any) -> Numbers:
        """t needed in each month, by branch; growth comes in steps each January."""
        months = self.effects.months
        base_year = self.settings.base_year or self.tree.start // 12
        grown = row.need * (1.0 + row.growth) ** (months // 12 - base_year)
        needed = np.maximum(self.monthly("Demand", row, "demand", grown), 0.0)
        return needed * self.masses.tonnes(row.commodity) / 12.0

    def coming(self, row: Any, months: Numbers) -> Numbers:
        """t needed in the `months` that follow each moment, as far as is known there."""
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
        """t needed at each moment."""
        found: Numbers = self.keep(
            ("need", row.Index), lambda: self.tree.total(self.monthly_need(row))
        )
        return found

    def most_relief(self, row: Any) -> Numbers:
        """Largest t a relief row may take at each moment."""
        tree = self.tree
        months = self.effects.months
        share = self.monthly("Relief", row, "capacity", row.share)
        is_open = np.ones(share.shape)
        start = as_month(row.start)
        if start is not None:
            is_open = is_open * (months >= start)
        if not blank(row.notice):
            known = [np.inf if b.disrupted is None else b.disrupted for b in tree.branches]
            opens = np.array(known)[:, None] + row.notice
            is_open = is_open * np.clip(months + 1.0 - opens, 0.0, 1.0)
        needed = self.monthly_need(self.named["Demand"][row.demand])
        most = tree.total(is_open * np.clip(share, 0.0, 1.0) * needed)
        if row.kind == "lost":  # all of it: also what was put off and is due now
            unlimited = tree.total(((share >= 1.0) & (is_open > 0)).astype(float)) > 0
            most = np.where(unlimited, np.inf, most)
        if row.kind == "defer" and not blank(row.returns):
            most = np.where(tree.last + row.returns > tree.end, 0.0, most)
        return most

    # Flows that take time ------------------------------------------------------------

    def landing(self, lead: Numbers) -> Shares:
        """Share of what each moment sends that lands in each later one on its path.

        Month k of the sending moment lands evenly over [k + lead, k + 1 + lead).
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

    def _overlap(self, lands: Numbers, moments: Places) -> Numbers:
        """Months that [lands, lands + 1) has in common with each moment."""
        stop = np.minimum(lands + 1.0, self.tree.last[moments])
        common: Numbers = np.clip(stop - np.maximum(lands, self.tree.first[moments]), 0.0, None)
        return common

    def shares(self, sheet: str, row: Any) -> Shares:
        """`landing` of a process or route, with the lead of each month of sending."""
        lead = np.maximum(self.monthly(sheet, row, "lead", row.lead), 0.0)
        found: Shares = self.keep(("landing", lead.tobytes()), lambda: self.landing(lead))
        return found

    def returning(self, row: Any) -> Shares:
        """`landing` of what a relief row defers."""
        shape = (len(self.tree.branches), len(self.effects.months))
        lead = np.full(shape, float(row.returns))
        found: Shares = self.keep(("landing", lead.tobytes()), lambda: self.landing(lead))
        return found

    def arriving(self, shares: Shares, sent: Numbers) -> Numbers:
        """t that arrive at each moment of what was sent (t, at each moment)."""
        to, source, share = shares
        landed = np.bincount(to, share * sent[source], minlength=len(self.tree))
        return landed.astype(float)

    def before_start(self, rate: float, lead: float) -> Numbers:
        """t that arrive at each moment of a flow (t/yr) sent before the first month."""
        moments = np.arange(len(self.tree))
        total = np.zeros(len(self.tree))
        if rate > 0:
            for back in range(1, int(np.ceil(lead)) + 1):
                lands = np.full(len(moments), self.tree.start - back + lead)
                total += rate / 12.0 * self._overlap(lands, moments)
        return total

    def takes_time(self, sheet: str, row: Any) -> bool:
        """Whether anything from this row arrives later than it is sent."""
        on_the_way = row.on_water > 0 if sheet == "Routes" else row.in_works > 0
        changes = bool(self.effects.reaching(sheet, row, "lead"))
        return bool(row.lead > 0 or changes or on_the_way)

    def yards(self) -> set[tuple[str, str]]:
        """(site, commodity) where goods may wait though no stockpile is declared."""
        if blank(self.settings.yard_cost):
            return set()
        found = set()
        for row in self.rows["Routes"]:
            if self.takes_time("Routes", row):
                found.add((row.destination, row.commodity))
        for row in self.rows["Processes"]:
            if self.takes_time("Processes", row):
                lines = self.recipes.get(row.name, ())
                found |= {(row.site, line.item) for line in lines if line.role == "output"}
        return found - {(row.site, row.commodity) for row in self.rows["Stockpiles"]}

    # Rows reached by words -------------------------------------------------------------

    def reached(self, sheet: str, words: tuple[str, ...], commodities: Any = ()) -> list[Any]:
        """Rows of a sheet that bear one of the words (none: all) and one of the commodities."""
        only = words_of(commodities)
        found = []
        for row in self.rows[sheet]:
            if words and not words_of(words) & self.effects.words(sheet, row):
                continue
            have = self.effects.commodities(sheet, row)
            if not only or have is None or only & have:
                found.append(row)
        return found
