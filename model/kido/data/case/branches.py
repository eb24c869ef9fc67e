"""The branches of the scenario tree: scenarios and their dated copies, parents before children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    the branch ends in month `end`, when its last child parts.
    """

    name: str
    scenario: str
    parent: int
    known: int
    end: int
    probability: float
    own_probability: float
    lineage: tuple[tuple[str, int], ...]
    disrupted_from: int | None

    def bears(self, scenario: str) -> bool:
        """Whether the branch is of a scenario or of a descendant of it."""
        return any(name == scenario for name, _ in self.lineage)


def _dates(future: Future, shift: int) -> list[int]:
    """The months, one for each copy, in which a scenario becomes known."""
    first = future.known + shift
    if not future.every or future.until is None:
        return [first]
    return list(range(first, future.until + shift + 1, future.every))


def grow_branches(futures: Sequence[Future], start: int, end: int) -> list[Branch]:
    """Every copy of every scenario, parents before children, those of probability 0 too.

    The probability of a repeated scenario is shared among its copies, and so is that of its
    children; copies that would become known outside the horizon leave theirs to the parent.
    """
    children: dict[str, list[Future]] = {}
    for future in futures:
        children.setdefault(future.parent or TRUNK, []).append(future)
    branches: list[Branch] = []

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
            disrupted_from = branch.disrupted_from
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
                    disrupted_from=date
                    if child.disruption and disrupted_from is None
                    else disrupted_from,
                ),
                child_scale,
                date - child.known,
                repeated,
            )

    grow(Branch(TRUNK, TRUNK, -1, start, end, 1.0, 1.0, (), None), 1.0, 0, False)
    return branches
