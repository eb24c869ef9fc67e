"""The branches of the scenario tree: scenarios and their dated copies, parents before children."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kido.data.case.disruptions import Disruption
from kido.data.months import month_text
from kido.data.schema import TRUNK
from kido.tolerances import NONE_LEFT_PROBABILITY


@dataclass(frozen=True)
class Future:
    """One row of the sheet Scenarios; months are absolute."""

    name: str
    parent: str
    probability: float
    known: int
    every: int | None = None
    until: int | None = None
    disruption: bool = False


@dataclass(frozen=True)
class Branch:
    """A branch of the tree: a scenario, or one dated copy of a repeated one.

    `lineage` names the scenarios whose events act here, each with the months its copy is
    shifted by. `own_probability` is its probability less that of its children; where that is 0
    the branch ends in month `end`, when its last child parts. `disruptions` are those on its
    path.
    """

    name: str
    scenario: str
    parent: int
    known: int
    end: int
    probability: float
    own_probability: float
    lineage: tuple[tuple[str, int], ...]
    disruptions: tuple[Disruption, ...]

    def bears(self, scenario: str) -> bool:
        """Whether the branch is of a scenario or of a descendant of it."""
        return any(name == scenario for name, _ in self.lineage)

    @property
    def disrupted_from(self) -> int | None:
        """The first month on its path that is not calm; None where all are."""
        return min((d.begin for d in self.disruptions), default=None)


def _dates(future: Future, shift: int) -> list[int]:
    """The months, one for each copy, in which a scenario becomes known."""
    first = future.known + shift
    if not future.every or future.until is None:
        return [first]
    return list(range(first, future.until + shift + 1, future.every))


def grow_branches(
    futures: Sequence[Future],
    start: int,
    end: int,
    disruptions: Mapping[str, tuple[Disruption, ...]] | None = None,
) -> list[Branch]:
    """Every copy of every scenario, parents before children, those of probability 0 too.

    `disruptions` are those of events, by scenario, as in its first copy.

    The probability of a repeated scenario is shared among its copies, and so is that of its
    children; copies that would become known outside the horizon leave theirs to the parent.
    """
    children: dict[str, list[Future]] = {}
    for future in futures:
        children.setdefault(future.parent or TRUNK, []).append(future)
    branches: list[Branch] = []
    of_events = disruptions or {}

    def grow(branch: Branch, scale: float, shift: int, has_date: bool) -> None:
        index = len(branches)
        copies: list[tuple[int, Future, float, float]] = []
        for child in children.get(branch.scenario, ()):
            dates = _dates(child, shift)
            copies += [
                (date, child, child.probability * scale / len(dates), scale / len(dates))
                for date in dates
                if branch.known <= date < end
            ]
        children_total = sum(share for _, _, share, _ in copies)
        remainder, factor = branch.probability - children_total, 1.0
        if remainder < NONE_LEFT_PROBABILITY * scale and children_total > 0:
            remainder, factor = 0.0, branch.probability / children_total
            last = max(date for date, _, share, _ in copies if share > 0)
            branch = replace(branch, end=last)
        branches.append(replace(branch, own_probability=remainder))
        for date, child, share, child_scale in sorted(copies, key=lambda c: (c[0], c[1].name)):
            repeated = has_date or bool(child.every)
            own = tuple(d.later(date - child.known) for d in of_events.get(child.name, ()))
            if child.disruption:
                own = (Disruption(date, math.inf), *own)
            grow(
                Branch(
                    name=f"{child.name} {month_text(date)}" if repeated else child.name,
                    scenario=child.name,
                    parent=index,
                    known=date,
                    end=end,
                    probability=share * factor,
                    own_probability=0.0,
                    lineage=(*branch.lineage, (child.name, date - child.known)),
                    disruptions=(*branch.disruptions, *own),
                ),
                child_scale,
                date - child.known,
                repeated,
            )

    always = tuple(of_events.get("", ()))
    grow(Branch(TRUNK, TRUNK, -1, start, end, 1.0, 1.0, (), always), 1.0, 0, False)
    return branches
