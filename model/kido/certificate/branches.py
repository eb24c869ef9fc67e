"""The branches of the scenario tree: parent, month of parting and probability of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kido.data.months import Month, month_text
from kido.data.schema import TRUNK
from kido.data.tables import Tables
from kido.messages import Phrase, phrase

ALMOST_NONE = 0.001  # a parent left with less, in all its copies, is left with 0


def as_month(value: Any) -> int | None:
    """The number of the month in a cell; None for a blank cell."""
    return None if value is None or value != value else int(value)


Disruption = tuple[float, float, tuple[str, ...]]  # first month, month after, commodities


@dataclass
class Branch:
    """A branch of the tree: the trunk, a scenario, or one copy of a repeated scenario."""

    name: str
    scenario: str  # the name of its row; "" for the trunk
    parent: int  # index of the branch it parts from; -1 for the trunk
    known: int
    probability: float  # of the whole future, its children's included
    copies: int = 1
    repeated: bool = False
    in_tree: bool = True
    disruptions: list[Disruption] = field(default_factory=list)  # on its path
    shifts: dict[str, int] = field(default_factory=dict)  # scenario -> months this copy is later
    children: list[int] = field(default_factory=list)
    own_probability: float = 0.0  # probability left when the children have parted

    def disrupted_months(self, commodities: Iterable[str]) -> list[tuple[float, float]]:
        """(first month, month after) of the disruptions of one of these commodities.

        Of any, where none are named. In order; those that meet or overlap are one.
        """
        about = set(commodities)
        stretches: list[tuple[float, float]] = []
        for start, stop, touched in sorted(self.disruptions):
            if about and touched and not about & set(touched):
                continue
            if stretches and start <= stretches[-1][1]:
                begin, before = stretches.pop()
                stretches.append((begin, max(before, stop)))
            else:
                stretches.append((start, stop))
        return stretches


def branches_of(tables: Tables, end: int, required: set[str]) -> tuple[list[Branch], list[Phrase]]:
    """All branches, parents first, and the faults of their dates and names.

    Scenarios of probability 0 are left out, save those in `required`.
    """
    children: dict[str, list[Any]] = {}  # of each scenario, "" for the trunk
    for row in tables["Scenarios"].records():
        children.setdefault("" if row.parent == TRUNK else row.parent, []).append(row)
    names = {TRUNK}
    of_events = _disruptions_of_events(tables)
    branches = [Branch(TRUNK, "", -1, tables.settings.start, 1.0)]
    branches[0].disruptions = of_events.get("", [])
    faults: list[Phrase] = []
    place = 0
    while place < len(branches):
        parent = branches[place]
        shift = parent.shifts.get(parent.scenario, 0)
        for row in children.get(parent.scenario, ()):
            in_tree = parent.in_tree and row.probability > 0
            if not (in_tree or row.name in required):
                continue
            known = int(row.known) + shift
            repeats = row.every is not None and row.every == row.every
            until = as_month(row.until)
            stop = end if until is None else until + shift + 1
            dates = list(range(known, stop, int(row.every))) if repeats else [known]
            copies = parent.copies * max(1, len(dates))
            for date in dates:
                has_date = repeats or parent.repeated
                name = f"{row.name} {month_text(date)}" if has_date else row.name
                if date >= end and has_date:
                    continue  # a copy that is known after the horizon
                if not parent.known <= date < end:
                    faults.append(phrase("part.outside_parent", name=name, month=Month(date)))
                    continue
                if name in names:
                    faults.append(phrase("part.branch_twice", name=name))
                names.add(name)
                branch = Branch(name, row.name, place, date, row.probability / copies)
                branch.copies, branch.repeated, branch.in_tree = copies, has_date, in_tree
                branch.shifts = {**parent.shifts, row.name: date - int(row.known)}
                branch.disruptions = [*parent.disruptions]
                if row.disruption:
                    branch.disruptions.append((date, np.inf, ()))
                later = branch.shifts[row.name]
                branch.disruptions += [
                    (begin + later, after + later, touched)
                    for begin, after, touched in of_events.get(row.name, ())
                ]
                parent.children.append(len(branches))
                branches.append(branch)
        place += 1
    for parent in branches:
        children_total = sum(branches[child].probability for child in parent.children)
        parent.own_probability = parent.probability - children_total
        if children_total > 0 and parent.own_probability < ALMOST_NONE / parent.copies:
            parent.own_probability = 0.0
            for child in parent.children:
                branches[child].probability *= parent.probability / children_total
    return branches, faults


def _disruptions_of_events(tables: Tables) -> dict[str, list[Disruption]]:
    """The months in which events marked so disrupt, recovery included, by scenario."""
    known = {row.name: int(row.known) for row in tables["Scenarios"].records()}
    groups: dict[str, list[Disruption]] = {}
    for event in tables["Events"].records():
        if not event.disruption or event.months == 0:
            continue
        begin = as_month(event.start)
        if begin is None:
            begin = known[event.scenario] if event.scenario else tables.settings.start
        if event.months is None or event.months != event.months:
            stop = np.inf
        else:
            stop = begin + event.months + (0 if event.profile else int(event.recovery or 0))
        groups.setdefault(event.scenario, []).append((begin, stop, tuple(event.touches)))
    return groups


def lineage(tables: Tables, scenario: str) -> set[str]:
    """The names of a scenario (or of the scenario of a dated copy) and of its ancestors."""
    rows = {row.name: row for row in tables["Scenarios"].records()}
    names = set()
    at = scenario if scenario in rows else scenario.rpartition(" ")[0]
    while at in rows and at not in names:
        names.add(at)
        at = rows[at].parent
    return names
