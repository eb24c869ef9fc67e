"""The numbers of the book after events, by branch and month."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from kido.data.tables import Tables

from .branches import as_month
from .calendar import Numbers, Tree
from .reach import Reach

DELAYED = ("Supply", "Sales", "Facilities", "Processes", "Routes")

Active = tuple[tuple[int, int], ...]  # (index of the event, month it begins here)


def blend(share: Numbers, one: Numbers, other: Numbers) -> Numbers:
    """share x one + (1 - share) x other, where 0 x infinity is 0."""
    first = np.where(share > 0.0, one, 0.0) * np.where(share > 0.0, share, 1.0)
    rest = np.where(share < 1.0, other, 0.0) * np.where(share < 1.0, 1.0 - share, 1.0)
    total: Numbers = first + rest
    return total


class Effects(Reach):
    """Monthly values by (branch, month), from the start to `beyond` months after the horizon."""

    def __init__(self, tables: Tables, tree: Tree, beyond: int = 0):
        super().__init__(tables)
        self.tree = tree
        self.months = np.arange(tree.start, tree.end + beyond)
        self.known = {row.name: int(row.known) for row in tables["Scenarios"].records()}
        self.profiles: dict[str, list[tuple[int, float]]] = {}
        for row in tables["Profiles"].records():
            self.profiles.setdefault(row.name, []).append((int(row.period), float(row.value)))
        self._weights: dict[tuple[int, int, bool], Numbers] = {}

    # What an event does in a month ---------------------------------------------------

    def first_month(self, event: Any) -> int:
        """The month an event begins in, in the first copy of its scenario."""
        begin = as_month(event.start)
        if begin is not None:
            return begin
        return self.known[event.scenario] if event.scenario else self.tree.start

    def active(self, events: Mapping[str, Sequence[tuple[int, int]]], branch: int) -> Active:
        """(index, month of beginning) of the events that act on a branch, in book order.

        `events` are by scenario, with the month in which each begins in its first copy.
        """
        shifts = {"": 0, **self.tree.branches[branch].shifts}
        pairs = [
            (place, begin + shift)
            for scenario, shift in shifts.items()
            for place, begin in events.get(scenario, ())
        ]
        return tuple(sorted(pairs))

    def _by_scenario(self, places: Iterable[int]) -> dict[str, list[tuple[int, int]]]:
        """(index, month of beginning) of the events among `places`, by scenario."""
        groups: dict[str, list[tuple[int, int]]] = {}
        for place in places:
            event = self.events[place]
            groups.setdefault(event.scenario, []).append((place, self.first_month(event)))
        return groups

    def _common(self, begin: float, stop: float) -> Numbers:
        """The share of each month that lies in [begin, stop)."""
        shared = np.minimum(self.months + 1.0, stop) - np.maximum(self.months, begin)
        part: Numbers = np.clip(shared, 0.0, 1.0)
        return part

    def weight(self, place: int, begin: int, recovering: bool = True) -> Numbers:
        """The weight of an event in each month: 1 while it lasts, equal steps to 0 in recovery.

        Of a month that it fills in part, the mean.
        """
        key = place, begin, recovering
        if key not in self._weights:
            self._weights[key] = self._weight(self.events[place], begin, recovering)
        return self._weights[key]

    def _weight(self, event: Any, begin: int, recovering: bool) -> Numbers:
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
        """The product of the factors in each month; of capacity factors below 1 the smallest."""
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

    def added_amount(self, active: Active) -> Numbers:
        """The sum of the added amounts in each month."""
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
        levels: Numbers = values[np.searchsorted(periods, months, side="right")]
        return levels

    def with_profiles(self, base: Numbers, active: Active, behind: Numbers) -> Numbers:
        """The number of a row in each month, or that of a profile, read `behind` months late.

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
        self, places: list[int], compute: Callable[[Active, int], Numbers], alike: bool = True
    ) -> Numbers:
        """`compute` for each branch, once for branches with the same events when `alike`."""
        if alike and not places:
            shape = len(self.tree.branches), len(self.months)
            return np.broadcast_to(compute((), 0), shape)
        cache: dict[Any, Numbers] = {}
        events, lines = self._by_scenario(places), []
        for branch in range(len(self.tree.branches)):
            active = self.active(events, branch)
            key = (active, 0 if alike else branch)
            if key not in cache:
                cache[key] = compute(active, branch)
            lines.append(cache[key])
        return np.array(lines)

    def factors(self, sheet: str, row: Any, effect: str, output: str = "") -> Numbers:
        """The product of the factors that reach a row, by branch and month."""
        places = self.events_reaching(sheet, row, effect, output)
        return self.by_branch(places, lambda active, _: self.factor(active, effect))

    def _delays(self, sheet: str, row: Any) -> list[int]:
        return self.events_reaching(sheet, row, "delay") if sheet in DELAYED else []

    def delay_months(self, sheet: str, row: Any) -> Numbers:
        """Months by which the profiles of a row are late, by branch and month.

        The series stands still from the month a delay begins; a delay that begins meanwhile
        adds its own standstill after it.
        """

        def compute(active: Active, _: int) -> Numbers:
            total, busy = np.zeros(len(self.months)), -np.inf
            for place, begin in sorted(active, key=lambda pair: pair[1]):
                amount = float(self.events[place].add)
                stops = max(begin, busy)
                busy = stops + max(amount, 0.0)
                standstill = np.clip(self.months - stops, 0.0, None)
                total = total + np.minimum(standstill, amount) * self.weight(place, begin)
            return total

        return self.by_branch(self._delays(sheet, row), compute)

    def availability(self, sheet: str, row: Any, due: float) -> Numbers:
        """The share of each month in which a start due in month `due` has come, after delays.

        A delay counts if it begins no later than the start would come without it.
        """

        def compute(active: Active, _: int) -> Numbers:
            expected, delay = due, np.zeros(len(self.months))
            for place, begin in sorted(active, key=lambda pair: pair[1]):
                if begin <= expected:
                    expected += self.events[place].add
                    delay = delay + self.events[place].add * self.weight(place, begin)
            return np.clip(self.months + 1.0 - due - delay, 0.0, 1.0)

        return self.by_branch(self._delays(sheet, row), compute)

    def served(self, sheet: str, row: Any, due: int) -> Numbers:
        """Months of use before the plan of what was due in month `due`, by branch."""
        past = copy(self)
        past.months, past._weights = np.arange(due, self.tree.start), {}
        months: Numbers = past.availability(sheet, row, due).sum(axis=1)
        return months

    def open_share(self, sheet: str, row: Any, delayed: bool = True) -> Numbers:
        """The share of each month in which a row is open: from start (after delays) to end."""
        start, end = as_month(row.start), as_month(row.end)
        first = self.tree.start if start is None else start
        if delayed:
            is_open = self.availability(sheet, row, first)
        else:
            shape = len(self.tree.branches), 1
            is_open = np.tile((self.months >= first).astype(float), shape)
        return is_open if end is None else np.where(self.months <= end, is_open, 0.0)

    def after_events(
        self, sheet: str, row: Any, effect: str, base: float | Numbers, output: str = ""
    ) -> Numbers:
        """A number after events, by branch and month: profile, then factors, then added amounts."""
        own = np.full(len(self.months), base) if isinstance(base, float | int) else base
        places = self.events_reaching(sheet, row, effect, output)
        behind = self.delay_months(sheet, row)

        def compute(active: Active, branch: int) -> Numbers:
            factor = self.factor(active, effect)
            value = self.with_profiles(own, active, behind[branch])
            with np.errstate(invalid="ignore"):  # inf x 0 is 0: a stop without a limit
                value = np.where(factor == 0.0, 0.0, value * factor)
            return value + self.added_amount(active)

        return self.by_branch(places, compute, alike=not behind.any())
