"""Why a plan costs more than an earlier one: the difference of the least costs, split by cause.

The least cost of books between the two is solved anew. Of few groups of changes each has its
Shapley value (Shapley 1953): the mean, over all orders in which the changes may be made, of what
it adds. Of more, the changes are made one after another in one order, and each counts with those
before it already made. Either way the parts add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

from kido.comparison.match import Match
from kido.comparison.mixture import Group, mixed
from kido.data.check import checked_tables
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan, TimeLimitReached, WorkbookError
from kido.evaluation import Say

MOST_SHAPLEY = 4  # groups: 16 books between
SHAPLEY, PATH = "shapley", "path"
Bound = Callable[[Tables], float]


@dataclass(frozen=True)
class Cause:
    """What some groups of changes add to the least cost, kUSD.

    More than one where the book has no plan while only some of them are made.
    """

    groups: tuple[Group, ...]
    kusd: float


@dataclass(frozen=True)
class LeastCosts:
    """The least cost of the books between two books, solved when it is asked for; kUSD.

    `before` and `after` are those of the two books.
    """

    match: Match
    groups: Sequence[Group]
    before: float
    after: float
    bound: Bound
    say: Say
    known: dict[frozenset[Group], float | None]

    @property
    def between(self) -> int:
        """How many books between the two are solved at most."""
        count = len(self.groups)
        return 2**count - 2 if count <= MOST_SHAPLEY else count - 1

    def __call__(self, made: frozenset[Group]) -> float | None:
        """The least cost with these changes made; None where such a book has faults or no plan."""
        if not made:
            return self.before
        if len(made) == len(self.groups):
            return self.after
        if made not in self.known:
            self.say(f"solving book {len(self.known) + 1} of {self.between} between the two")
            try:
                tables = checked_tables(mixed(self.match, made, self.groups))
                self.known[made] = self.bound(tables)
            except (WorkbookError, InfeasiblePlan, TimeLimitReached):
                self.known[made] = None
        return self.known[made]


def causes(cost: LeastCosts) -> tuple[str, tuple[Cause, ...]]:
    """(how, causes): their sum is `cost.after` - `cost.before`; those along a path in its order."""
    if 1 < len(cost.groups) <= MOST_SHAPLEY and (values := _shapley(cost)):
        return SHAPLEY, values
    return PATH, _path(cost)


def _shapley(cost: LeastCosts) -> tuple[Cause, ...]:
    """The Shapley value of each group, the largest first; none where a book has no plan."""
    groups, count = cost.groups, len(cost.groups)
    subsets = [frozenset(s) for size in range(count + 1) for s in combinations(groups, size)]
    if any(cost(subset) is None for subset in subsets):
        return ()
    values = []
    for group in groups:
        total = 0.0
        for made in subsets:
            if group not in made:
                weight = factorial(len(made)) * factorial(count - len(made) - 1) / factorial(count)
                total += weight * _step(cost, made, made | {group})
        values.append(Cause((group,), total))
    return tuple(sorted(values, key=lambda cause: -abs(cause.kusd)))


def _path(cost: LeastCosts) -> tuple[Cause, ...]:
    """What each group adds to those before it; one without a plan is told with the next."""
    parts: list[Cause] = []
    made: frozenset[Group] = frozenset()
    waiting: list[Group] = []
    for group in cost.groups:
        waiting.append(group)
        later = made.union(waiting)
        if cost(later) is not None:
            parts.append(Cause(tuple(waiting), _step(cost, made, later)))
            made, waiting = later, []
    return tuple(parts)


def _step(cost: LeastCosts, made: frozenset[Group], later: frozenset[Group]) -> float:
    before, after = cost(made), cost(later)
    assert before is not None and after is not None
    return after - before
