"""Events: dated changes, and the rows each one reaches.

An event counts on a branch when it has no scenario or when its scenario is the branch's or
one of its ancestors'. It reaches the rows that bear its target as name or tag, or that lie
(lanes: begin) at the site, at a site with the tag, or in the country it names; a store or a
policy only by its own name. A commodity narrows it to rows of that commodity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kido.data.tables import Tables
from kido.data.words import Words

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
        """How far the event acts in each month: 1 during it, equal steps to 0 after."""
        if self.months <= 0:
            return np.zeros(count)
        month = np.arange(start, start + count, dtype=float)
        since = month - (self.start + shift)
        weight = np.where((since >= 0) & (since < self.months), 1.0, 0.0)
        if self.recovery and math.isfinite(self.months):
            step = np.floor(since - self.months) + 1
            mending = (step >= 1) & (step <= self.recovery) & (since >= self.months)
            weight = np.where(mending, 1 - step / (self.recovery + 1), weight)
        return weight


def read_events(tables: Tables) -> list[Event]:
    known = {r.name: r.known for r in tables["Scenarios"].records()}
    found = []
    for r in tables["Events"].records():
        begin = known.get(r.scenario, tables.settings.start) if r.start is None else r.start
        found.append(
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
    return found


def reaching(
    events: Sequence[Event], words: Words, commodities: Commodities
) -> dict[tuple[str, str, str], list[int]]:
    """For each (sheet, row, effect), the numbers of the events that reach it, in book order."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for number, event in enumerate(events):
        rows = reach_of(words, commodities, event.effect, event.targets, event.commodities)
        for sheet, row in rows:
            found.setdefault((sheet, row, event.effect), []).append(number)
    return found


def reach_of(
    words: Words,
    commodities: Commodities,
    effect: str,
    targets: Iterable[str],
    only: Iterable[str],
) -> list[tuple[str, str]]:
    """(sheet, row) of everything an effect acts on, each once; `only` these commodities."""
    rows: dict[tuple[str, str], None] = {}
    wanted = frozenset(only)
    for sheet in REACH[effect]:
        about = commodities.get(sheet, {})
        for word in targets:
            for row in words.rows(word, sheet):
                if not wanted or sheet == "Facilities" or wanted & about.get(row, frozenset()):
                    rows[sheet, row] = None
    for sheet in ONLY_NAMED.get(effect, ()):
        for word in targets:
            if words.kind(word) == "name" and word in words.rows(word, sheet):
                rows[sheet, word] = None
    return list(rows)


def commodities_of(tables: Tables, words: Words) -> Commodities:
    """For each sheet, the commodities a row has to do with."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for sheet in ("Supply", "Sales", "Routes", "Stockpiles", "Demand"):
        found[sheet] = {r.name: frozenset((r.commodity,)) for r in tables[sheet].records()}
    found["Relief"] = {
        r.name: found["Demand"].get(r.demand, frozenset()) for r in tables["Relief"].records()
    }
    recipes: dict[str, set[str]] = {}
    for r in tables["Recipes"].records():
        if r.role != "uses":
            recipes.setdefault(r.process, set()).add(r.item)
    found["Processes"] = {name: frozenset(items) for name, items in recipes.items()}
    found["Contracts"] = {
        r.name: frozenset().union(
            *(
                found[sheet].get(row, frozenset())
                for word in r.applies_to
                for sheet in ("Supply", "Routes")
                for row in words.rows(word, sheet)
            )
        )
        for r in tables["Contracts"].records()
    }
    return found
