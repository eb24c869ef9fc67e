"""What events do to the numbers of the book, month by month and branch by branch.

Order within a month: a profile replaces the row's number (each value holds until the next),
then factors, then added amounts. Of overlapping capacity factors below 1 the smallest counts
(one stop told twice is one stop); all others multiply. A minimum takes the factors too, and
never exceeds the maximum left. Recovery over R months runs in R equal steps.

The number of a moment is the mean over its months; a limit is the sum of its months' twelfths
of the yearly rate. Price, cost and lead are those of the month of sending. A delay moves a
row's start still to come, and the profile on it, by so many months. In a copy of a repeated
scenario events and their profiles are as much later as the copy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kido.data.event import commodities_of, reaching, read_events
from kido.data.profile import read_profiles
from kido.data.tables import Tables
from kido.data.tree import Tree
from kido.data.words import Words

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Key = tuple[tuple[int, int], ...]  # (event, shift) pairs that act on a branch


class Effects:
    """Numbers after events: monthly on a branch, or means and totals of every moment."""

    def __init__(self, tables: Tables, words: Words, tree: Tree, months_beyond: int = 0):
        self.tree = tree
        self.start = tree.start
        self.count = tree.end - tree.start + months_beyond
        self.events = read_events(tables)
        self.profiles = read_profiles(tables)
        self.commodities = commodities_of(tables, words)
        self._reaching = reaching(self.events, words, self.commodities)
        self._keys: dict[tuple[int, ...], tuple[Key, ...]] = {}
        self._weights: dict[tuple[int, int], Array] = {}

    # -- which events act where -------------------------------------------------

    def acting(self, sheet: str, row: str, effect: str) -> list[int]:
        return self._reaching.get((sheet, row, effect), [])

    def keys(self, numbers: list[int]) -> tuple[Key, ...]:
        """For every branch, the (event, shift) pairs among `numbers` that act on it."""
        found = self._keys.get(tuple(numbers))
        if found is None:
            found = self._keys[tuple(numbers)] = tuple(
                tuple(
                    (i, shift)
                    for i in numbers
                    for name, shift in (("", 0), *branch.lineage)
                    if self.events[i].scenario == name
                )
                for branch in self.tree.branches
            )
        return found

    def weight(self, pair: tuple[int, int]) -> Array:
        if pair not in self._weights:
            self._weights[pair] = self.events[pair[0]].weight(self.start, self.count, pair[1])
        return self._weights[pair]

    # -- monthly numbers ---------------------------------------------------------

    def profile(self, name: str, delay: Array | float = 0.0) -> Array:
        """The series in each month of the horizon; NaN before its first period."""
        month = np.arange(self.start, self.start + self.count, dtype=float)
        return self.profiles[name].at(month - delay)

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

    def replaced(self, base: float | Array, key: Key, delay: Array | None = None) -> Array:
        """The row's number, or the profile in force in each month."""
        value = np.broadcast_to(np.asarray(base, dtype=float), (self.count,))
        for pair in key:
            name = self.events[pair[0]].profile
            if name:
                # a copy of a repeated scenario reads its profiles that much later
                series = self.profile(name, pair[1] if delay is None else delay + pair[1])
                shown = (self.weight(pair) == 1) & ~np.isnan(series)
                value = np.where(shown, series, value)
        return value

    def number(
        self, base: float | Array, effect: str, key: Key, delay: Array | None = None
    ) -> Array:
        """Profile, then factors, then added amounts. A blank (inf) limit yields to 0 only."""
        value, factor = self.replaced(base, key, delay), self.factor(effect, key)
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
            (key, late): self.number(base, effect, key, self.added(late) if late else None)
            for key, late in set(zip(keys, delays, strict=True))
        }
        return tuple(made[pair] for pair in zip(keys, delays, strict=True))

    # -- numbers of moments --------------------------------------------------------

    @cached_property
    def _spans(self) -> list[tuple[Index, Index, Index]]:
        """For each branch: its moments, their first and after-last month from the start."""
        spans = []
        for i in range(len(self.tree.branches)):
            own = [m for m in self.tree.moments if m.branch == i]
            spans.append(
                (
                    np.array([m.index for m in own], dtype=np.intp),
                    np.array([m.start - self.start for m in own], dtype=np.intp),
                    np.array([m.end - self.start for m in own], dtype=np.intp),
                )
            )
        return spans

    def sums(self, by_branch: tuple[Array, ...]) -> Array:
        """Sum over the months of every moment; inf where any month is unlimited."""
        result = np.zeros(len(self.tree.moments))
        prepared: dict[int, tuple[Array, Array]] = {}
        for values, (index, first, after) in zip(by_branch, self._spans, strict=True):
            if not len(index):
                continue
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
        return np.array([m.months for m in self.tree.moments], dtype=float)

    def means(self, by_branch: tuple[Array, ...]) -> Array:
        return self.sums(by_branch) / self._lengths

    def mean(self, sheet: str, row: str, effect: str, base: float | Array) -> Array:
        """The plain mean over the months of every moment."""
        if not self.acting(sheet, row, effect) and np.ndim(base) == 0:
            return np.full(len(self.tree.moments), float(base))
        return self.means(self.monthly(sheet, row, effect, base))

    # -- limits ---------------------------------------------------------------------

    def opened(
        self, sheet: str, row: str, start: int | None, end: int | None, build: Callable[..., Array]
    ) -> tuple[Array, ...]:
        """`build(capacity key, delay)` in the months a row is open, 0 in the others.

        A delay moves a start still to come; a row already open when it begins stays open.
        """
        capacity = self.keys(self.acting(sheet, row, "capacity"))
        delays = self.keys(self.acting(sheet, row, "delay"))
        month = np.arange(self.start, self.start + self.count)
        made: dict[tuple[Key, Key], Array] = {}
        for pair in set(zip(capacity, delays, strict=True)):
            delay = self.added(pair[1]) if pair[1] else None
            begin = self.start if start is None else start
            late = tuple((i, s) for i, s in pair[1] if self.events[i].start + s <= begin)
            open_now = month >= begin + self.added(late)
            if end is not None:
                open_now = open_now & (month <= end)
            made[pair] = np.where(open_now, build(pair[0], delay), 0.0)
        return tuple(made[pair] for pair in zip(capacity, delays, strict=True))

    def limits(
        self, sheet: str, row: str, most: float, least: float, start: int | None, end: int | None
    ) -> tuple[Array, Array]:
        """Most and least t in every moment, from t/yr. A minimum never exceeds the maximum."""

        def upper(key: Key, delay: Array | None) -> Array:
            return np.maximum(self.number(most, "capacity", key, delay), 0.0) / 12

        def lower(key: Key, delay: Array | None) -> Array:
            asked = least * self.factor("capacity", key) / 12
            return np.minimum(asked, upper(key, delay))

        highest = self.sums(self.opened(sheet, row, start, end, upper))
        if least == 0:
            return highest, np.zeros(len(highest))
        return highest, self.sums(self.opened(sheet, row, start, end, lower))
