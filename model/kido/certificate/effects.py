"""What every number of the book is worth in each month of each branch, after its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from kido.data.tables import Tables

from .branches import as_month
from .calendar import Numbers, Tree

# Rows that lie nowhere: an event reaches them by their own name or tag only.
PLACELESS = ("Contracts", "Relief", "Policies")
# A capacity event reaches these only if it bears their own name.
NAMED_ONLY = ("Stockpiles", "Policies")
DELAYED = ("Supply", "Sales", "Facilities", "Processes", "Routes")

Active = tuple[tuple[int, int], ...]  # (place of the event, month it begins here)


def words_of(value: Any) -> frozenset[str]:
    return frozenset(value) if isinstance(value, tuple | list | set | frozenset) else frozenset()


def blend(share: Numbers, one: Numbers, other: Numbers) -> Numbers:
    """share of one and the rest of the other; what has no share does not count, even endless."""
    first = np.where(share > 0.0, one, 0.0) * np.where(share > 0.0, share, 1.0)
    rest = np.where(share < 1.0, other, 0.0) * np.where(share < 1.0, 1.0 - share, 1.0)
    total: Numbers = first + rest
    return total


class Effects:
    """Monthly values by (branch, month). `beyond` months are added after the horizon."""

    def __init__(self, tables: Tables, tree: Tree, beyond: int = 0):
        self.tables = tables
        self.tree = tree
        self.months = np.arange(tree.start, tree.end + beyond)
        self.events = list(tables["Events"].records())
        self.known = {row.name: int(row.known) for row in tables["Scenarios"].records()}
        self.sites = {row.name: row for row in tables["Sites"].records()}
        self.demand = {row.name: row for row in tables["Demand"].records()}
        self.profiles: dict[str, list[tuple[int, float]]] = {}
        for row in tables["Profiles"].records():
            self.profiles.setdefault(row.name, []).append((int(row.period), float(row.value)))
        self._sorted: dict[tuple[int, ...], dict[str, list[tuple[int, int]]]] = {}
        self.recipes: dict[str, list[Any]] = {}
        for row in tables["Recipes"].records():
            self.recipes.setdefault(row.process, []).append(row)

    # Which rows an event reaches -----------------------------------------------------

    def words(self, sheet: str, row: Any) -> frozenset[str]:
        """The words that reach a row: name, tags, site (lanes: origin), its tags and country."""
        own = {row.name} | words_of(getattr(row, "tags", ()))
        if sheet == "Demand":
            own.add(row.segment)
        if sheet == "Stockpiles":
            own.add(row.owner)
        if sheet not in PLACELESS:
            site = self.sites[row.origin if sheet == "Routes" else row.site]
            own |= {site.name, site.country} | words_of(site.tags)
        return frozenset(own - {""})

    def named(self, contract: Any) -> list[tuple[str, Any]]:
        """Supply rows and routes that a word of `applies to` reaches."""
        wanted = words_of(contract.applies_to)
        return [
            (sheet, row)
            for sheet in ("Supply", "Routes")
            for row in self.tables[sheet].records()
            if wanted & self.words(sheet, row)
        ]

    def commodities(self, sheet: str, row: Any) -> frozenset[str] | None:
        """What a filter on commodities looks at; None where it is ignored."""
        if sheet in ("Facilities", "Policies"):
            return None
        if sheet == "Processes":
            return frozenset(line.item for line in self.recipes.get(row.name, ()))
        if sheet == "Contracts":
            return frozenset(line.commodity for _, line in self.named(row))
        if sheet == "Relief":
            return frozenset({self.demand[row.demand].commodity})
        return frozenset({row.commodity})

    def reaching(self, sheet: str, row: Any, effect: str, output: str = "") -> list[int]:
        """Places of the events with this effect that reach the row."""
        own = self.words(sheet, row)
        if effect == "capacity" and sheet in NAMED_ONLY:
            own = frozenset({row.name})
        found = []
        for place, event in enumerate(self.events):
            if event.effect != effect or not own & words_of(event.target):
                continue
            wanted = words_of(event.commodity)
            have = frozenset({output}) if output else self.commodities(sheet, row)
            if not wanted or have is None or wanted & have:
                found.append(place)
        return found

    # What an event does in a month ---------------------------------------------------

    def first_month(self, event: Any) -> int:
        """The month an event begins in as the book says, copies aside."""
        begin = as_month(event.start)
        if begin is not None:
            return begin
        return self.known[event.scenario] if event.scenario else self.tree.start

    def active(self, places: Iterable[int], branch: int) -> Active:
        """The events that count on a branch, with the month each begins there."""
        shifts = {"": 0, **self.tree.branches[branch].shifts}
        by_scenario = self._by_scenario(tuple(places))
        found = [
            (place, begin + shift)
            for scenario, shift in shifts.items()
            for place, begin in by_scenario.get(scenario, ())
        ]
        return tuple(sorted(found))

    def _by_scenario(self, places: tuple[int, ...]) -> dict[str, list[tuple[int, int]]]:
        """The events among `places` and the month each begins, by their scenario."""
        if places not in self._sorted:
            found: dict[str, list[tuple[int, int]]] = {}
            for place in places:
                event = self.events[place]
                found.setdefault(event.scenario, []).append((place, self.first_month(event)))
            self._sorted[places] = found
        return self._sorted[places]

    def _common(self, begin: float, stop: float) -> Numbers:
        """The part of each month that lies in [begin, stop)."""
        shared = np.minimum(self.months + 1.0, stop) - np.maximum(self.months, begin)
        part: Numbers = np.clip(shared, 0.0, 1.0)
        return part

    def weight(self, place: int, begin: int, recovering: bool = True) -> Numbers:
        """1 while the event lasts, then in equal steps towards 0 while it recovers.

        The mean over each month, of what lasts or recovers for a part of it.
        """
        event = self.events[place]
        if event.months is None or event.months != event.months:
            return (self.months >= begin).astype(float)
        if event.months == 0:
            return np.zeros(len(self.months))
        stop = begin + event.months
        weight = self._common(begin, stop)
        steps = 0 if event.recovery != event.recovery else int(event.recovery or 0)
        for step in range(1, steps + 1) if recovering else ():
            level = (steps + 1 - step) / (steps + 1)
            weight = weight + level * self._common(stop + step - 1, stop + step)
        return weight

    def factor(self, active: Active, effect: str) -> Numbers:
        """Of capacity factors below 1 the smallest counts; all others multiply."""
        least = np.ones(len(self.months))
        product = np.ones(len(self.months))
        for place, begin in active:
            factor = self.events[place].factor
            if factor is None or factor != factor:
                continue
            now = 1.0 + (factor - 1.0) * self.weight(place, begin)
            if effect == "capacity":
                least = np.minimum(least, now)
                now = np.maximum(now, 1.0)
            product = product * now
        return least * product

    def added(self, active: Active) -> Numbers:
        total = np.zeros(len(self.months))
        for place, begin in active:
            amount = self.events[place].add
            if amount is not None and amount == amount:
                total = total + amount * self.weight(place, begin)
        return total

    def in_force(self, name: str, months: Numbers) -> Numbers:
        """The value of a profile in each month; NaN before its first period."""
        series = sorted(self.profiles[name])
        values = np.array([np.nan] + [value for _, value in series])
        periods = np.array([float(period) for period, _ in series])
        found: Numbers = values[np.searchsorted(periods, months, side="right")]
        return found

    def replaced(self, base: Numbers, active: Active, behind: Numbers) -> Numbers:
        """The row's number, or that of a profile in force (read so many months `behind`).

        A copy of a scenario that comes later reads its profiles that much later too.
        """
        for place, begin in active:
            event = self.events[place]
            if not event.profile:
                continue
            read = self.months - behind - (begin - self.first_month(event))
            ahead = read - np.floor(read)  # a month that begins inside one of the profile's
            parts = []
            for month in (np.floor(read), np.floor(read) + 1.0):
                value = self.in_force(event.profile, month)
                parts.append(np.where(np.isnan(value), base, value))
            value = blend(1.0 - ahead, parts[0], parts[1])
            base = blend(self.weight(place, begin, recovering=False), value, base)
        return base

    # Monthly values ------------------------------------------------------------------

    def by_branch(
        self, places: list[int], work: Callable[[Active, int], Numbers], alike: bool = True
    ) -> Numbers:
        """`work` for each branch; branches with the same events share it when `alike`."""
        done: dict[Any, Numbers] = {}
        lines = []
        for branch in range(len(self.tree.branches)):
            active = self.active(places, branch)
            key = (active, 0 if alike else branch)
            if key not in done:
                done[key] = work(active, branch)
            lines.append(done[key])
        return np.array(lines)

    def factors(self, sheet: str, row: Any, effect: str, output: str = "") -> Numbers:
        """Product of the factors alone."""
        places = self.reaching(sheet, row, effect, output)
        return self.by_branch(places, lambda active, _: self.factor(active, effect))

    def _delays(self, sheet: str, row: Any) -> list[int]:
        return self.reaching(sheet, row, "delay") if sheet in DELAYED else []

    def behind(self, sheet: str, row: Any) -> Numbers:
        """Months by which profiles on a row run late: its clock stops when a delay begins.

        A delay that begins while the clock stands adds its own standstill behind it.
        """

        def work(active: Active, _: int) -> Numbers:
            total, busy = np.zeros(len(self.months)), -np.inf
            for place, begin in sorted(active, key=lambda pair: pair[1]):
                amount = float(self.events[place].add)
                stops = max(begin, busy)
                busy = stops + max(amount, 0.0)
                stood = np.clip(self.months - stops, 0.0, None)
                total = total + np.minimum(stood, amount) * self.weight(place, begin)
            return total

        return self.by_branch(self._delays(sheet, row), work)

    def there(self, sheet: str, row: Any, due: float) -> Numbers:
        """Part of each month in which something due in a month is there, delays considered.

        A delay counts if it begins before it would be there without it.
        """

        def work(active: Active, _: int) -> Numbers:
            expected, waits = due, np.zeros(len(self.months))
            for place, begin in sorted(active, key=lambda pair: pair[1]):
                if begin <= expected:
                    expected += self.events[place].add
                    waits = waits + self.events[place].add * self.weight(place, begin)
            return np.clip(self.months + 1.0 - due - waits, 0.0, 1.0)

        return self.by_branch(self._delays(sheet, row), work)

    def opened(self, sheet: str, row: Any, delayed: bool = True) -> Numbers:
        """Part of each month the row is open in: from its start, moved by delays, to its end."""
        start, end = as_month(row.start), as_month(row.end)
        first = self.tree.start if start is None else start
        if delayed:
            is_open = self.there(sheet, row, first)
        else:
            shape = len(self.tree.branches), 1
            is_open = np.tile((self.months >= first).astype(float), shape)
        return is_open if end is None else np.where(self.months <= end, is_open, 0.0)

    def number(
        self, sheet: str, row: Any, effect: str, base: float | Numbers, output: str = ""
    ) -> Numbers:
        """A number after its events: profile, then factors, then added amounts."""
        own = np.full(len(self.months), base) if isinstance(base, float | int) else base
        places = self.reaching(sheet, row, effect, output)
        behind = self.behind(sheet, row)

        def work(active: Active, branch: int) -> Numbers:
            factor = self.factor(active, effect)
            value = self.replaced(own, active, behind[branch])
            with np.errstate(invalid="ignore"):  # no limit, stopped: nothing
                value = np.where(factor == 0.0, 0.0, value * factor)
            return value + self.added(active)

        return self.by_branch(places, work, alike=not behind.any())
