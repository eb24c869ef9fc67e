"""What events do to the numbers of the book, month by month and branch by branch.

Order within a month: a profile replaces the row's number (each value holds until the next),
then factors, then added amounts. Of overlapping capacity factors below 1 the smallest counts
(one stop told twice is one stop); all others multiply. A minimum takes the factors too, and
never exceeds the maximum left. Recovery over R months runs in R steps of 1 / (R + 1) each: after
a stop, two months of recovery let a third pass, then two thirds, then everything. An event that
lasts a fraction of a month acts on that month in proportion. Needs, limits and outputs never fall
below nought, nor losses out of the range from 0 to 100 %.

The number of a moment is the mean over its months; a limit is the sum of its months' twelfths
of the yearly rate. Price, cost and lead are those of the month of sending. In a copy of a
repeated scenario events and their profiles are as much later as the copy.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.delays import Delay, lag, open_share
from kido.data.case.events import commodities_of, mixed, reaching, read_events
from kido.data.case.profiles import read_profiles
from kido.data.case.tree import Tree
from kido.data.selectors import NameIndex
from kido.data.tables import Tables

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Key = tuple[tuple[int, int], ...]  # (event, shift) pairs that act on a branch


class Effects:
    """Numbers after events: monthly on a branch, or means and totals of every moment."""

    def __init__(self, tables: Tables, words: NameIndex, tree: Tree, months_beyond: int = 0):
        self.tree = tree
        self.start = tree.start
        self.count = tree.end - tree.start + months_beyond
        self.events = read_events(tables)
        self.profiles = read_profiles(tables)
        self.commodities = commodities_of(tables, words)
        self.reach = reaching(self.events, words, self.commodities)
        self._keys: dict[tuple[int, ...], tuple[Key, ...]] = {}
        self._only: list[int] | None = None
        self._weights: dict[tuple[int, int], Array] = {}
        self.month = np.arange(self.start, self.start + self.count, dtype=float)

    def on(self, branches: frozenset[int]) -> Effects:
        """The same on some branches only: on the others nothing acts, and their moments are 0."""
        other = copy(self)
        other._keys, other._only = {}, sorted(branches)
        other.__dict__["_spans"] = {b: self._spans[b] for b in other._only if b in self._spans}
        return other

    def branches_of(self, events: list[int]) -> frozenset[int]:
        """The branches on which any of these events acts."""
        found: set[int] = set()
        for number in events:
            found.update(self._bearing.get(self.events[number].scenario, ()))
        return frozenset(found)

    @cached_property
    def _bearing(self) -> dict[str, list[int]]:
        """For each scenario the branches that bear it; "" is of all."""
        found: dict[str, list[int]] = {"": list(range(len(self.tree.branches)))}
        for number, branch in enumerate(self.tree.branches):
            for name, _ in branch.lineage:
                found.setdefault(name, []).append(number)
        return found

    def with_event(self, number: int, **changes: Any) -> Effects:
        """The same where one event has another factor or added amount."""
        other = copy(self)
        other.events = [*self.events]
        other.events[number] = replace(self.events[number], **changes)
        return other

    def with_profile(self, name: str, factor: float) -> Effects:
        """The same where all values of a profile are so many times as high."""
        held = self.profiles[name]
        other = copy(self)
        other.profiles = {**self.profiles, name: replace(held, values=held.values * factor)}
        return other

    # -- which events act where -------------------------------------------------

    def acting(self, sheet: str, row: str, effect: str) -> list[int]:
        return self.reach.get((sheet, row, effect), [])

    def keys(self, numbers: list[int]) -> tuple[Key, ...]:
        """For every branch, the (event, shift) pairs among `numbers` that act on it."""
        found = self._keys.get(tuple(numbers))
        if found is None:
            of: dict[str, list[int]] = {}
            for i in numbers:
                of.setdefault(self.events[i].scenario, []).append(i)
            keys: list[Key] = [()] * len(self.tree.branches)
            for b in range(len(keys)) if self._only is None else self._only:
                lineage = self.tree.branches[b].lineage
                keys[b] = tuple(
                    sorted(
                        (i, shift) for name, shift in (("", 0), *lineage) for i in of.get(name, ())
                    )
                )
            found = self._keys[tuple(numbers)] = tuple(keys)
        return found

    def weight(self, pair: tuple[int, int]) -> Array:
        if pair not in self._weights:
            self._weights[pair] = self.events[pair[0]].weight(self.start, self.count, pair[1])
        return self._weights[pair]

    # -- monthly numbers ---------------------------------------------------------

    def profile(self, name: str, late: Array | float = 0.0) -> Array:
        """The series in each month of the horizon, whole months late; NaN before its first."""
        return self.profiles[name].at(self.month - late)

    def delays(self, key: Key) -> list[Delay]:
        """The delays among these events, as they begin on a branch."""
        found = []
        for number, shift in key:
            event = self.events[number]
            if event.effect == "delay" and event.add is not None:
                begin = event.start + shift
                found.append(Delay(begin, event.add, self.weight((number, shift))))
        return found

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

    def added(self, key: Key) -> Array:
        total = np.zeros(self.count)
        for pair in key:
            amount = self.events[pair[0]].add
            if amount is not None:
                total = total + amount * self.weight(pair)
        return total

    def replaced(self, base: float | Array, key: Key, late: Key = ()) -> Array:
        """The row's number, or the profile in force in each month, behind by the delays `late`."""
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

    def number(self, base: float | Array, effect: str, key: Key, late: Key = ()) -> Array:
        """Profile, then factors, then added amounts. A blank (inf) limit yields to 0 only."""
        value, factor = self.replaced(base, key, late), self.factor(effect, key)
        with np.errstate(invalid="ignore"):
            scaled = np.where(np.isinf(value), np.where(factor == 0, 0.0, value), value * factor)
        return scaled + self.added(key)

    def monthly(
        self,
        sheet: str,
        row: str,
        effect: str,
        base: float | Array,
        acting: list[int] | None = None,
    ) -> tuple[Array, ...]:
        """The number in each month, for every branch (shared where no event separates).

        `acting` are the events that count, where not all that reach the row do.
        """
        keys = self.keys(self.acting(sheet, row, effect) if acting is None else acting)
        delays = self.keys(self.acting(sheet, row, "delay"))
        made = {
            (key, late): self.number(base, effect, key, late)
            for key, late in set(zip(keys, delays, strict=True))
        }
        return tuple(made[pair] for pair in zip(keys, delays, strict=True))

    # -- numbers of moments --------------------------------------------------------

    @cached_property
    def _spans(self) -> dict[int, tuple[Index, Index, Index]]:
        """For each branch with any: its moments, their first and after-last month."""
        return {
            number: (
                np.array([m.index for m in own], dtype=np.intp),
                np.array([m.start - self.start for m in own], dtype=np.intp),
                np.array([m.end - self.start for m in own], dtype=np.intp),
            )
            for number, own in enumerate(self.tree.of_branch)
            if own
        }

    def sums(self, by_branch: tuple[Array, ...]) -> Array:
        """Sum over the months of every moment; inf where any month is unlimited."""
        result = np.zeros(len(self.tree.nodes))
        prepared: dict[int, tuple[Array, Array]] = {}
        for number, (index, first, after) in self._spans.items():
            values = by_branch[number]
            if id(values) not in prepared:
                free = np.isinf(values)
                finite = np.concatenate(([0.0], np.cumsum(np.where(free, 0.0, values))))
                prepared[id(values)] = finite, np.concatenate(([0], np.cumsum(free)))
            finite, free_count = prepared[id(values)]
            # months are summed afresh where a difference of running sums would round
            total = finite[after] - finite[first]
            single = after - first == 1
            total[single] = np.where(np.isinf(values), 0.0, values)[first[single]]
            total[free_count[after] > free_count[first]] = np.inf
            result[index] = total
        return result

    @cached_property
    def _lengths(self) -> Array:
        return np.array([m.months for m in self.tree.nodes], dtype=float)

    def means(self, by_branch: tuple[Array, ...]) -> Array:
        return self.sums(by_branch) / self._lengths

    def mean(self, sheet: str, row: str, effect: str, base: float | Array) -> Array:
        """The plain mean over the months of every moment."""
        if not self.acting(sheet, row, effect) and np.ndim(base) == 0:
            return np.full(len(self.tree.nodes), float(base))
        return self.means(self.monthly(sheet, row, effect, base))

    # -- limits ---------------------------------------------------------------------

    def opened(
        self,
        sheet: str,
        row: str,
        start: int | None,
        end: int | None,
        build: Callable[[Key, Key], Array],
    ) -> tuple[Array, ...]:
        """`build(capacity key, delay key)` in the months a row is open, 0 in the others."""
        capacity = self.keys(self.acting(sheet, row, "capacity"))
        delays = self.keys(self.acting(sheet, row, "delay"))
        made: dict[tuple[Key, Key], Array] = {}
        for pair in set(zip(capacity, delays, strict=True)):
            is_open = self.open_share(pair[1], start, end)
            made[pair] = mixed(is_open, build(*pair), np.zeros(self.count))
        return tuple(made[pair] for pair in zip(capacity, delays, strict=True))

    def open_share(self, late: Key, start: int | None, end: int | None) -> Array:
        """The share of each month in which a row is open, its start moved by the delays `late`."""
        begin = self.start if start is None else start
        is_open = open_share(self.delays(late), begin, self.month)
        return is_open if end is None else np.where(self.month <= end, is_open, 0.0)

    def limits(
        self, sheet: str, row: str, most: float, least: float, start: int | None, end: int | None
    ) -> tuple[Array, Array]:
        """Most and least t in every moment, from t/yr. A minimum never exceeds the maximum."""

        def upper(key: Key, late: Key) -> Array:
            return np.maximum(self.number(most, "capacity", key, late), 0.0) / 12

        def lower(key: Key, late: Key) -> Array:
            asked = least * self.factor("capacity", key) / 12
            return np.minimum(asked, upper(key, late))

        highest = self.sums(self.opened(sheet, row, start, end, upper))
        if least == 0:
            return highest, np.zeros(len(highest))
        return highest, self.sums(self.opened(sheet, row, start, end, lower))
