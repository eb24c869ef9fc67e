"""The branches of the future: who parts from whom, when, and with what probability."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kido.data.months import Month, month_text
from kido.data.schema import TRUNK
from kido.data.tables import Tables
from kido.messages import Phrase, phrase

ALMOST_NONE = 0.001  # a parent that keeps less, in all its copies, keeps none


def as_month(value: Any) -> int | None:
    """A month cell as an int; None where it is blank."""
    return None if value is None or value != value else int(value)


@dataclass
class Branch:
    """The trunk, a scenario, or one copy of a repeated scenario."""

    name: str
    scenario: str  # the name of its row; "" for the trunk
    parent: int  # place of the branch it parts from; -1 for the trunk
    known: int
    probability: float  # of the whole future, its children's included
    copies: int = 1
    repeated: bool = False
    in_tree: bool = True
    disrupted: int | None = None  # month the first disruption on its path is known
    shifts: dict[str, int] = field(default_factory=dict)  # scenario -> months this copy is later
    children: list[int] = field(default_factory=list)
    stays: float = 0.0  # probability left when the children have parted


def branches_of(tables: Tables, end: int, wanted: set[str]) -> tuple[list[Branch], list[Phrase]]:
    """All branches, parents first. `wanted` scenarios are kept though their probability is 0."""
    rows = list(tables["Scenarios"].records())
    found = [Branch(TRUNK, "", -1, tables.settings.start, 1.0)]
    faults: list[Phrase] = []
    place = 0
    while place < len(found):
        parent = found[place]
        late = parent.shifts.get(parent.scenario, 0)
        for row in rows:
            in_tree = parent.in_tree and row.probability > 0
            parts_from = "" if row.parent == TRUNK else row.parent
            if parts_from != parent.scenario or not (in_tree or row.name in wanted):
                continue
            known = int(row.known) + late
            repeats = row.every is not None and row.every == row.every
            until = as_month(row.until)
            stop = end if until is None else until + late + 1
            dates = list(range(known, stop, int(row.every))) if repeats else [known]
            copies = parent.copies * max(1, len(dates))
            for date in dates:
                dated = repeats or parent.repeated
                name = f"{row.name} {month_text(date)}" if dated else row.name
                if date >= end and dated:
                    continue  # a copy that nobody would live to see
                if not parent.known <= date < end:
                    faults.append(phrase("part.outside_parent", name=name, month=Month(date)))
                    continue
                if any(branch.name == name for branch in found):
                    faults.append(phrase("part.branch_twice", name=name))
                branch = Branch(name, row.name, place, date, row.probability / copies)
                branch.copies, branch.repeated, branch.in_tree = copies, dated, in_tree
                branch.shifts = {**parent.shifts, row.name: date - int(row.known)}
                branch.disrupted = parent.disrupted
                if row.disruption and parent.disrupted is None:
                    branch.disrupted = date
                parent.children.append(len(found))
                found.append(branch)
        place += 1
    for parent in found:
        given = sum(found[child].probability for child in parent.children)
        parent.stays = parent.probability - given
        if given > 0 and parent.stays < ALMOST_NONE / parent.copies:
            parent.stays = 0.0
            for child in parent.children:
                found[child].probability *= parent.probability / given
    return found, faults


def lineage(tables: Tables, scenario: str) -> set[str]:
    """The scenario row and its parents, by name."""
    rows = {row.name: row for row in tables["Scenarios"].records()}
    names = set()
    at = scenario if scenario in rows else scenario.rpartition(" ")[0]
    while at in rows and at not in names:
        names.add(at)
        at = rows[at].parent
    return names
