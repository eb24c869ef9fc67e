"""Effects of events on the numbers of the book, month by month and branch by branch.

Order within a month: a profile replaces the row's number (each value holds until the next), then
factors, then added amounts. Of overlapping capacity factors below 1 the smallest counts (one stop
in two rows is one stop); all others multiply. A minimum, after the events on itself, takes the
capacity factors too, and never exceeds the maximum left. Recovery over R months runs in R steps of
1 / (R + 1) each: after a stop, two months of recovery let a third pass, then two thirds, then
everything. An event that lasts a fraction of a month acts on that month in proportion. Needs,
limits and outputs never fall below nought, nor losses out of the range from 0 to 100 %.

The number of a node is the mean over its months; a limit is the sum of its months' twelfths of the
yearly rate. Price, cost and lead are those of the month of sending. In a copy of a repeated
scenario events and their profiles are as much later as the copy.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kido.data.case.delays import Delay, lag, open_share
from kido.data.case.events import commodities_of, mixed, reaching, read_events
from kido.data.case.profiles import read_profiles
from kido.data.case.tree import Tree
from kido.data.currency import rates
from kido.data.selectors import NameIndex
from kido.data.tables import Tables

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Key = tuple[tuple[int, int], ...]  # (event, shift) pairs that act on a branch


class Effects:
    """Numbers after events: monthly on a branch, or means and totals of every node."""

    def __init__(self, tables: Tables, words: NameIndex, tree: Tree, months_beyond: int = 0):
        self.tree = tree
        self.start = tree.start
        self.count = tree.end - tree.start + months_beyond
        self.events = read_events(tables)
        self.profiles = read_profiles(tables)
        self.commodities = commodities_of(tables, words)
        self.reach = reaching(self.events, words, self.commodities)
        self.rates = rates(tables)
        self._keys: dict[tuple[int, ...], tuple[Key, ...]] = {}
        self._only: frozenset[int] | None = None
        self._constants: dict[float, Array] = {}
        self._weights: dict[tuple[int, int], Array] = {}
        self.month = np.arange(self.start, self.start + self.count, dtype=float)

    def on_branches(self, branches: frozenset[int]) -> Effects:
        """The effects on some branches; on the others no event acts, and their nodes are 0."""
        other = copy(self)
        other._keys, other._only = {}, branches
        other.__dict__.pop("_spans", None)
        return other

    def branches_of(self, events: list[int]) -> frozenset[int]:
        """The indices of the branches on which any of these events acts."""
        branches: set[int] = set()
        for number in events:
            branches.update(self._branches_by_scenario.get(self.events[number].scenario, ()))
        return frozenset(branches)

    @cached_property
    def _branches_by_scenario(self) -> dict[str, list[int]]:
        """For each scenario the indices of the branches under it; "" has all of them."""
        branches: dict[str, list[int]] = {"": list(range(len(self.tree.branches)))}
        for number, branch in enumerate(self.tree.branches):
            for name, _ in branch.lineage:
                branches.setdefault(name, []).append(number)
        return branches

    def with_profile(self, name: str, factor: float) -> Effects:
        """The effects with all values of a profile multiplied by `factor`."""
        profile = self.profiles[name]
        other = copy(self)
        other.profiles = {**self.profiles, name: replace(profile, values=profile.values * factor)}
        return other

    # -- which events act where -------------------------------------------------

    def events_reaching(self, sheet: str, row: str, effect: str) -> list[int]:
        """The numbers of the events with this effect that reach a row."""
        return self.reach.get((sheet, row, effect), [])

    def keys(self, numbers: list[int]) -> tuple[Key, ...]:
        """For every branch, the (event, shift) pairs among `numbers` that act on it."""
        result = self._keys.get(tuple(numbers))
        if result is None:
            by_scenario: dict[str, list[int]] = {}
            for i in numbers:
                by_scenario.setdefault(self.events[i].scenario, []).append(i)
            always: Key = tuple((i, 0) for i in sorted(by_scenario.get("", ())))
            keys: list[Key] = [always] * len(self.tree.branches)
            branches = self._branches_by_scenario
            for b in {b for name in by_scenario if name for b in branches.get(name, ())}:
                lineage = self.tree.branches[b].lineage
                own = [(i, shift) for name, shift in lineage for i in by_scenario.get(name, ())]
                keys[b] = tuple(sorted([*always, *own]))
            if self._only is not None:
                keys = [key if b in self._only else () for b, key in enumerate(keys)]
            result = self._keys[tuple(numbers)] = tuple(keys)
        return result

    def weight(self, pair: tuple[int, int]) -> Array:
        """The weight (0 to 1) of an event in each month, shifted by so many months."""
        if pair not in self._weights:
            self._weights[pair] = self.events[pair[0]].weight(self.start, self.count, pair[1])
        return self._weights[pair]

    # -- monthly numbers ---------------------------------------------------------

    def profile(self, name: str, late: Array | float = 0.0) -> Array:
        """A profile in each month of the horizon, read `late` months late; NaN before its first."""
        return self.profiles[name].at(self.month - late)

    def delays(self, key: Key) -> list[Delay]:
        """The delays among these events, as they begin on a branch."""
        delays = []
        for number, shift in key:
            event = self.events[number]
            if event.effect == "delay" and event.add is not None:
                begin = event.start + shift
                delays.append(Delay(begin, event.add, self.weight((number, shift))))
        return delays

    def factor(self, effect: str, key: Key) -> Array:
        """The product of the factors that act in each month (capacity: see above)."""
        smallest, product = np.ones(self.count), np.ones(self.count)
        for pair in key:
            value = self.events[pair[0]].factor
            if value is None:
                continue
            now = 1 + (value - 1) * self.weight(pair)
            if effect == "capacity":
                smallest = np.minimum(smallest, now)
                now = np.maximum(now, 1.0)
            product = product * now
        return smallest * product

    def added_amount(self, key: Key) -> Array:
        """The sum of the added amounts in each month."""
        total = np.zeros(self.count)
        for pair in key:
            amount = self.events[pair[0]].add
            if amount is not None:
                total = total + amount * self.weight(pair)
        return total

    def with_profiles(self, base: float | Array, key: Key, late: Key = ()) -> Array:
        """The row's number in each month, or that of a profile, which lags by the delays `late`."""
        value = np.broadcast_to(np.asarray(base, dtype=float), (self.count,))
        behind = lag(self.delays(late), self.month) if late else 0.0
        for number, shift in key:
            event = self.events[number]
            if event.profile:
                # a copy of a repeated scenario reads its profiles that much later
                whole = np.floor(behind + shift)
                earlier, sooner = (
                    np.where(np.isnan(series), value, series)
                    for series in (self.profile(event.profile, whole + n) for n in (1, 0))
                )
                series = mixed(behind + shift - whole, earlier, sooner)
                value = mixed(event.lasting(self.start, self.count, shift), series, value)
        return value

    def after_events(self, base: float | Array, effect: str, key: Key, late: Key = ()) -> Array:
        """A number after events in each month; a blank limit (inf) yields to a factor of 0 only."""
        value, factor = self.with_profiles(base, key, late), self.factor(effect, key)
        with np.errstate(invalid="ignore"):
            scaled = np.where(np.isinf(value), np.where(factor == 0, 0.0, value), value * factor)
        return scaled + self.added_amount(key)

    def monthly(
        self,
        sheet: str,
        row: str,
        effect: str,
        base: float | Array,
        acting: list[int] | None = None,
    ) -> tuple[Array, ...]:
        """The number in each month, for every branch (shared where no event separates).

        `acting` are the events that count, where not all that reach the row do. Money is in USD;
        what events add to it, and profiles of it, are in the currency of the row.
        """
        rate = self.rates.get((sheet, row), 1.0) if effect in ("price", "cost") else 1.0
        keys = self.keys(self.events_reaching(sheet, row, effect) if acting is None else acting)
        delays = self.keys(self.events_reaching(sheet, row, "delay"))
        numbers = {
            (key, late): self.after_events(base * rate, effect, key, late) / rate
            for key, late in set(zip(keys, delays, strict=True))
        }
        return tuple(numbers[pair] for pair in zip(keys, delays, strict=True))

    # -- numbers of nodes ----------------------------------------------------------

    @cached_property
    def _spans(self) -> tuple[Index, Index, Index, Index]:
        """Of the nodes of these branches: index, branch, first month and month after the last."""
        nodes = [m for m in self.tree.nodes if self._only is None or m.branch in self._only]
        spans = [(m.index, m.branch, m.start - self.start, m.end - self.start) for m in nodes]
        index, branch, first, after = np.array(spans, dtype=np.intp).reshape(-1, 4).T
        return index, branch, first, after

    def sums(self, by_branch: tuple[Array, ...]) -> Array:
        """The sum over the months of every node; inf where any month is unlimited."""
        result = np.zeros(len(self.tree.nodes))
        index, branch, first, after = self._spans
        rows: dict[int, int] = {}  # of the distinct series
        row = np.array([rows.setdefault(id(x), len(rows)) for x in by_branch], dtype=np.intp)
        at = row[branch]
        values = np.stack(list({id(x): x for x in by_branch}.values()))
        free = np.isinf(values)
        finite = np.where(free, 0.0, values)
        running = np.zeros((len(values), self.count + 1))
        np.cumsum(finite, axis=1, out=running[:, 1:])
        total = running[at, after] - running[at, first]
        # of one month: a difference of running sums would round
        single = after - first == 1
        total[single] = finite[at[single], first[single]]
        if free.any():
            np.cumsum(free, axis=1, out=running[:, 1:])
            total[running[at, after] > running[at, first]] = np.inf
        result[index] = total
        return result

    @cached_property
    def _lengths(self) -> Array:
        return np.array([m.months for m in self.tree.nodes], dtype=float)

    def means(self, by_branch: tuple[Array, ...]) -> Array:
        """The mean over the months of every node."""
        return self.sums(by_branch) / self._lengths

    def mean(self, sheet: str, row: str, effect: str, base: float | Array) -> Array:
        """The number of a row after events: the mean over the months of every node."""
        if not self.events_reaching(sheet, row, effect) and np.ndim(base) == 0:
            return self._constant(float(base))
        return self.means(self.monthly(sheet, row, effect, base))

    def _constant(self, number: float) -> Array:
        """The number in every node: one array for all rows that have it."""
        if number not in self._constants:
            self._constants[number] = np.full(len(self.tree.nodes), number)
            self._constants[number].flags.writeable = False
        return self._constants[number]

    # -- limits ---------------------------------------------------------------------

    def open_values(
        self,
        sheet: str,
        row: str,
        start: int | None,
        end: int | None,
        build: Callable[..., Array],
        effects: tuple[str, ...] = ("delay", "capacity"),
    ) -> tuple[Array, ...]:
        """`build(key of each effect)` in the months a row is open, 0 in the others."""
        by_effect = [self.keys(self.events_reaching(sheet, row, effect)) for effect in effects]
        keys = list(zip(*by_effect, strict=True))
        values: dict[tuple[Key, ...], Array] = {}
        for key in set(keys):
            is_open = self.open_share(key[0], start, end)
            values[key] = mixed(is_open, build(*key), np.zeros(self.count))
        return tuple(values[key] for key in keys)

    def open_share(self, late: Key, start: int | None, end: int | None) -> Array:
        """The share of each month in which a row is open, its start moved by the delays `late`."""
        begin = self.start if start is None else start
        is_open = open_share(self.delays(late), begin, self.month)
        return is_open if end is None else np.where(self.month <= end, is_open, 0.0)

    def months_before(self, late: Key, begin: int) -> float:
        """Months before the plan since a start due in month `begin`, moved by the delays `late`."""
        month = np.arange(begin, self.start, dtype=float)
        delays = [
            Delay(event.start + shift, event.add, event.weight(begin, len(month), shift))
            for event, shift in ((self.events[number], shift) for number, shift in late)
            if len(month) and event.effect == "delay" and event.add is not None
        ]
        return float(open_share(delays, begin, month).sum())

    def limits(
        self, sheet: str, row: str, most: float, least: float, start: int | None, end: int | None
    ) -> tuple[Array, Array]:
        """(most, least) t in every node, from t/yr. A minimum never exceeds the maximum."""

        def upper(late: Key, key: Key) -> Array:
            return np.maximum(self.after_events(most, "capacity", key, late), 0.0) / 12

        def lower(late: Key, key: Key, own: Key) -> Array:
            minimum = np.maximum(self.after_events(least, "minimum", own, late), 0.0)
            return np.minimum(minimum * self.factor("capacity", key) / 12, upper(late, key))

        highest = self.sums(self.open_values(sheet, row, start, end, upper))
        if least == 0 and not self.events_reaching(sheet, row, "minimum"):
            return highest, np.zeros(len(highest))
        effects = "delay", "capacity", "minimum"
        return highest, self.sums(self.open_values(sheet, row, start, end, lower, effects))
