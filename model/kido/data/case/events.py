"""Events: dated changes of numbers, and the rows each one reaches.

An event counts on a branch when it has no scenario or when its scenario is the branch's or
one of its ancestors'. It reaches the rows that bear its target as name or tag, or that lie
(lanes: begin) at the site, at a site with the tag, or in the country it names. Contracts, relief
and policies have no site. The capacity of a store and the limit of a policy change only if the
target is their own name; the holding cost of a store changes with its site too. A price event
changes a contract that has an index of its own; one without follows the price of its rows. A
commodity narrows an event to rows of that commodity.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kido.data.selectors import NameIndex
from kido.data.tables import Tables

Array = NDArray[np.float64]
Commodities = Mapping[str, Mapping[str, frozenset[str]]]  # sheet -> row -> its commodities

# Which sheets an effect reaches. Stockpiles and Policies only when named themselves.
REACH = {
    "capacity": ("Supply", "Sales", "Facilities", "Processes", "Routes", "Relief"),
    "price": ("Supply", "Sales", "Routes", "Contracts"),
    "cost": ("Processes", "Routes", "Stockpiles", "Relief"),
    "demand": ("Demand",),
    "yield": ("Processes",),
    "lead": ("Processes", "Routes"),
    "delay": ("Supply", "Sales", "Facilities", "Processes", "Routes"),
    "tariff": ("Routes",),
    "loss": ("Routes",),
    "minimum": ("Supply", "Sales", "Facilities", "Processes", "Routes"),
}
ONLY_NAMED = {"capacity": ("Stockpiles", "Policies")}


@dataclass(frozen=True)
class Event:
    """One row of the sheet Events. `start` is an absolute month, `months` may be inf."""

    scenario: str
    targets: tuple[str, ...]
    commodities: tuple[str, ...]
    effect: str
    factor: float | None
    add: float | None
    profile: str
    start: int
    months: float
    recovery: int

    def weight(self, start: int, count: int, shift: int) -> Array:
        """The weight of the event in each month: 1 while it lasts, equal steps to 0 in recovery.

        The months begin at `start`; of a month that it fills in part, the mean. `shift` is by
        how many months a copy of the scenario is later.
        """
        return self._weight(start, count, shift, self.recovery)

    def lasting(self, start: int, count: int, shift: int) -> Array:
        """The share of each month that the event lasts, recovery left out."""
        return self._weight(start, count, shift, 0)

    def _weight(self, start: int, count: int, shift: int, recovery: int) -> Array:
        if self.months <= 0:
            return np.zeros(count)
        since = np.arange(start, start + count, dtype=float) - (self.start + shift)
        if math.isinf(self.months):
            return np.where(since >= 0, 1.0, 0.0)
        whole = math.floor(self.months)
        part = self.months - whole
        weight = _whole_months(since, whole, recovery)
        return (
            weight if not part else mixed(part, _whole_months(since, whole + 1, recovery), weight)
        )


def _whole_months(since: Array, months: int, recovery: int) -> Array:
    """A weight of 1 for `months`, then less by 1 / (recovery + 1) each month."""
    weight = np.where((since >= 0) & (since < months), 1.0, 0.0)
    step = since - months + 1
    mending = (since >= 0) & (step >= 1) & (step <= recovery)
    return np.where(mending, 1 - step / (recovery + 1), weight)


def mixed(share: float | Array, one: Array, other: Array) -> Array:
    """share x one + (1 - share) x other, where 0 x infinity is 0."""
    with np.errstate(invalid="ignore"):
        between = share * one + (1 - np.asarray(share)) * other
    return np.where(share == 0, other, np.where(share == 1, one, between))


def each(function: Callable[[Array], Array], by_branch: tuple[Array, ...]) -> tuple[Array, ...]:
    """The function of every series, worked out once for each distinct one."""
    results = {id(x): function(x) for x in {id(x): x for x in by_branch}.values()}
    return tuple(results[id(x)] for x in by_branch)


def read_events(tables: Tables) -> list[Event]:
    """The rows of Events as records, in book order."""
    known = {r.name: r.known for r in tables["Scenarios"].records()}
    events = []
    for r in tables["Events"].records():
        begin = known.get(r.scenario, tables.settings.start) if r.start is None else r.start
        events.append(
            Event(
                scenario=r.scenario,
                targets=r.target,
                commodities=r.commodity,
                effect=r.effect,
                factor=None if math.isnan(r.factor) else r.factor,
                add=None if math.isnan(r.add) else r.add,
                profile=r.profile,
                start=begin,
                months=math.inf if math.isnan(r.months) else r.months,
                recovery=int(r.recovery),
            )
        )
    return events


def reaching(
    events: Sequence[Event], words: NameIndex, commodities: Commodities
) -> dict[tuple[str, str, str], list[int]]:
    """For each (sheet, row, effect), the numbers of the events that reach it, in book order."""
    numbers: dict[tuple[str, str, str], list[int]] = {}
    rows = cache(lambda *about: reach_of(words, commodities, *about))  # many events reach the same
    for number, event in enumerate(events):
        for sheet, row in rows(event.effect, event.targets, event.commodities):
            numbers.setdefault((sheet, row, event.effect), []).append(number)
    return numbers


def reach_of(
    words: NameIndex,
    commodities: Commodities,
    effect: str,
    targets: Iterable[str],
    only: Iterable[str],
) -> list[tuple[str, str]]:
    """(sheet, row) of the rows that an effect on `targets` reaches, each once.

    `only` narrows to rows of these commodities; all where it is empty.
    """
    rows: dict[tuple[str, str], None] = {}
    filters = frozenset(only)
    for sheet in REACH[effect]:
        about = commodities.get(sheet, {})
        for word in targets:
            for row in words.rows(word, sheet):
                if not filters or sheet == "Facilities" or filters & about.get(row, frozenset()):
                    rows[sheet, row] = None
    for sheet in ONLY_NAMED.get(effect, ()):
        for word in targets:
            if words.kind(word) == "name" and word in words.rows(word, sheet):
                rows[sheet, word] = None
    return list(rows)


def commodities_of(tables: Tables, words: NameIndex) -> Commodities:
    """For each sheet, the commodities of each row; of contracts, those of the rows covered."""
    result: dict[str, dict[str, frozenset[str]]] = {}
    for sheet in ("Supply", "Sales", "Routes", "Stockpiles", "Demand"):
        result[sheet] = {r.name: frozenset((r.commodity,)) for r in tables[sheet].records()}
    result["Relief"] = {
        r.name: result["Demand"].get(r.demand, frozenset()) for r in tables["Relief"].records()
    }
    recipes: dict[str, set[str]] = {}
    for r in tables["Recipes"].records():
        if r.role != "uses":
            recipes.setdefault(r.process, set()).add(r.item)
    result["Processes"] = {name: frozenset(items) for name, items in recipes.items()}
    result["Contracts"] = {
        r.name: frozenset().union(
            *(
                result[sheet].get(row, frozenset())
                for word in r.applies_to
                for sheet in ("Supply", "Routes")
                for row in words.rows(word, sheet)
            )
        )
        for r in tables["Contracts"].records()
    }
    return result
