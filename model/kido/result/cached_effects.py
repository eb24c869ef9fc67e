"""`CachedEffects`: effects of events that compute each number of a row once.

The numbers of a row are asked for again and again, with one of its cells changed at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kido.data.case.case import Array
from kido.data.case.effects import Effects

SERIES = 500  # whose sums are kept
FIXED = ("lead",)  # effects whose numbers are left out of new records: those of the case are used

Key = tuple[Any, ...]  # (what is computed, sheet, row, effects, ...)


class CachedEffects(Effects):
    """Effects with a cache. `known_terms` has what the caller computed of rows under them."""

    def __init__(self, effects: Effects, numbers: dict[Key, Any] | None = None):
        vars(self).update(vars(effects))
        vars(self).pop("here", None)  # of other branches
        self._numbers: dict[Key, Any] = numbers or {}
        self.known_terms: dict[tuple[str, str], float] = {}
        self._sums: dict[tuple[bytes, ...], Array] = {}

    def on_branches(self, branches: frozenset[int]) -> CachedEffects:
        return CachedEffects(super().on_branches(branches))

    def with_higher(self, numbers: Sequence[int], column: str, share: float) -> CachedEffects:
        """The effects with the factor or added amount of events a share higher."""
        changed = copy(self)
        changed.events = [*self.events]
        for number in numbers:
            event = self.events[number]
            higher: dict[str, Any] = {column: getattr(event, column) * (1 + share)}
            changed.events[number] = replace(event, **higher)
        return CachedEffects(changed, self._numbers_but({self.events[n].effect for n in numbers}))

    def with_profile(self, name: str, factor: float) -> CachedEffects:
        changed = {event.effect for event in self.events if event.profile == name}
        return CachedEffects(super().with_profile(name, factor), self._numbers_but(changed))

    def with_rate(self, sheet: str, row: str, factor: float) -> CachedEffects:
        """The effects with the currency of one row so many times as cheap."""
        changed = copy(self)
        rate = self.rates.get((sheet, row), 1.0)
        changed.rates = {**self.rates, (sheet, row): rate * factor}
        return CachedEffects(changed, self._numbers_but({"price", "cost"}))

    def _numbers_but(self, effects: set[str]) -> dict[Key, Any]:
        """The numbers on which none of these effects acts."""
        return {
            key: value for key, value in self._numbers.items() if effects.isdisjoint(key[3].split())
        }

    def _cached(self, key: Key, compute: Callable[[], Any]) -> Any:
        if key not in self._numbers:
            self._numbers[key] = compute()
        return self._numbers[key]

    def sums(self, by_branch: tuple[Array, ...]) -> Array:
        if not by_branch or self._only == frozenset():
            return np.zeros(len(self.tree.nodes))
        # by value: rows with a number like one of another row share its sums
        own = by_branch if self._only is None else [by_branch[b] for b in sorted(self._only)]
        values = {id(series): series.tobytes() for series in {id(x): x for x in own}.values()}
        key = tuple(values[id(series)] for series in own)
        if key not in self._sums:
            if len(self._sums) == SERIES:
                del self._sums[next(iter(self._sums))]  # the oldest
            self._sums[key] = self._sums_of(key)
        return self._sums[key]

    def _sums_of(self, values: tuple[bytes, ...]) -> Array:
        series = {value: np.frombuffer(value) for value in values}
        by_branch = [series[values[0]]] * len(self.tree.branches)
        branches = range(len(by_branch)) if self._only is None else sorted(self._only)
        for branch, value in zip(branches, values, strict=True):
            by_branch[branch] = series[value]
        sums = super().sums(tuple(by_branch))
        sums.setflags(write=False)
        return sums

    @cached_property
    def here(self) -> NDArray[np.bool_]:
        """Whether each node is on a branch of these effects."""
        marks = np.zeros(len(self.tree.nodes), dtype=bool)
        marks[self._spans[0]] = True
        return marks

    def monthly(
        self,
        sheet: str,
        row: str,
        effect: str,
        base: float | Array,
        acting: list[int] | None = None,
    ) -> tuple[Array, ...]:
        if effect in FIXED:
            return ()
        compute = super().monthly
        if acting is not None or not isinstance(base, float):
            return compute(sheet, row, effect, base, acting)
        key = "monthly", sheet, row, effect, base
        numbers: tuple[Array, ...] = self._cached(key, lambda: compute(sheet, row, effect, base))
        return numbers

    def mean(self, sheet: str, row: str, effect: str, base: float | Array) -> Array:
        compute = super().mean
        if not isinstance(base, float):
            return compute(sheet, row, effect, base)
        key = "mean", sheet, row, effect, base
        number: Array = self._cached(key, lambda: compute(sheet, row, effect, base))
        return number

    def limits(
        self, sheet: str, row: str, most: float, least: float, start: int | None, end: int | None
    ) -> tuple[Array, Array]:
        compute = super().limits
        key = "limits", sheet, row, "capacity minimum", most, least, start, end
        limits: tuple[Array, Array] = self._cached(
            key, lambda: compute(sheet, row, most, least, start, end)
        )
        return limits
