"""Why a program has no solution: sides of rows and columns that cannot all hold, in groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from kido.solve.handover import Name, Program

LONGEST = 60.0  # seconds for HiGHS to name a set, and again to make it smaller
STRATEGIES = (2, 10)  # from an elastic program; the same made irreducible
TINY = 1e-7
LOWER = int(highspy.IisBoundStatus.kIisBoundStatusLower)
UPPER = int(highspy.IisBoundStatus.kIisBoundStatusUpper)
BOXED = int(highspy.IisBoundStatus.kIisBoundStatusBoxed)

Group = tuple[Any, ...]


@dataclass(frozen=True)
class Side:
    """The lower or the upper side of a row or a column; `index` is its place in the program."""

    name: Name
    index: int
    of_row: bool
    lower: bool
    bound: float


@dataclass(frozen=True)
class Clash:
    """Sides that belong together, and the least each gives way where only they do.

    `gives` is None where that was not found.
    """

    group: Group
    sides: tuple[Side, ...]
    gives: tuple[float, ...] | None


def find_conflict(program: Program, group_of: Callable[[Side], Group | None]) -> list[Clash]:
    """Groups of which each is needed for the conflict; empty where HiGHS names no set in time.

    `group_of` gives None for a side that nobody chose (goods balance): it is held to.
    """
    for strategy in STRATEGIES:
        sides = _blamed(program, strategy)
        if sides:
            break
    else:
        return []
    groups: dict[Group, list[Side]] = {}
    for side in sides:
        group = group_of(side)
        if group is not None:
            groups.setdefault(group, []).append(side)
    held = sorted({s.index for s in sides if s.of_row and group_of(s) is None})
    return _Elastic(program, held, groups).needed()


def _blamed(program: Program, strategy: int) -> list[Side]:
    """What HiGHS blames. That nothing is negative is nobody's fault."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("iis_strategy", strategy)
    solver.setOptionValue("iis_time_limit", LONGEST)
    solver.setOptionValue("time_limit", LONGEST)
    solver.passModel(program.highs_lp())
    _, iis = solver.getIis()
    found = [
        *_sides(True, iis.row_index_, iis.row_bound_, program.rows, program.lower, program.upper),
        *_sides(False, iis.col_index_, iis.col_bound_, program.columns, program.low, program.high),
    ]
    return [s for s in found if s.of_row or not (s.lower and s.bound == 0)]


def _sides(
    of_row: bool,
    indices: Iterable[int],
    status: Iterable[Any],
    names: Sequence[Name],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> Iterable[Side]:
    for i, said in zip(indices, status, strict=True):
        if int(said) in (LOWER, BOXED) and np.isfinite(lower[i]):
            yield Side(names[i], i, of_row, True, float(lower[i]))
        if int(said) in (UPPER, BOXED) and np.isfinite(upper[i]):
            yield Side(names[i], i, of_row, False, float(upper[i]))


class _Elastic:
    """The rows blamed, alone, with for each side of a group a column that lets it give way."""

    def __init__(self, program: Program, held: list[int], groups: Mapping[Group, list[Side]]):
        self.groups = groups
        self.until = time.perf_counter() + LONGEST
        sides = [side for of_group in groups.values() for side in of_group]
        matrix = program.matrix
        rows = [i for i in [*held, *(s.index for s in sides if s.of_row)]]
        used = set(matrix[rows].indices.tolist()) | {s.index for s in sides if not s.of_row}
        columns = np.array(sorted(used), dtype=int)
        at = {column: i for i, column in enumerate(columns.tolist())}

        def row_of(side: Side) -> csr_matrix:
            if side.of_row:
                return matrix[side.index][:, columns]
            return csr_matrix(([1.0], ([0], [at[side.index]])), shape=(1, len(columns)))

        body = vstack([matrix[held][:, columns], *map(row_of, sides)])
        sign = np.array([1.0 if side.lower else -1.0 for side in sides])
        place = np.arange(len(sides)) + len(held)
        give = csr_matrix((sign, (place, np.arange(len(sides)))), shape=(body.shape[0], len(sides)))
        bound = np.array([side.bound for side in sides])
        small = Program(
            cost=np.zeros(len(columns) + len(sides)),
            offset=0.0,
            matrix=csr_matrix(hstack([body, give])),
            lower=np.append(program.lower[held], np.where(sign > 0, bound, -np.inf)),
            upper=np.append(program.upper[held], np.where(sign > 0, np.inf, bound)),
            low=np.append(np.where(program.low[columns] == 0, 0.0, -np.inf), np.zeros(len(sides))),
            high=np.append(np.full(len(columns), np.inf), np.zeros(len(sides))),
            rows=(),
            columns=(),
        )
        self.solver = highspy.Highs()
        self.solver.setOptionValue("output_flag", False)
        self.solver.passModel(small.highs_lp())
        numbers = iter(range(len(columns), len(columns) + len(sides)))
        self.columns = {g: [next(numbers) for _ in of_group] for g, of_group in groups.items()}

    def needed(self) -> list[Clash]:
        """The groups without which the rest could hold, each with how far it would give way.

        One group after another is let go; where the rest still cannot hold, it is let go of for
        good.
        """
        kept = list(self.groups)
        for group in list(kept):
            self._let(group, np.inf, 0.0)
            if self._holds():
                self._let(group, 0.0, 0.0)
            else:
                kept.remove(group)
        return [Clash(group, tuple(self.groups[group]), self._gives(group)) for group in kept]

    def _gives(self, group: Group) -> tuple[float, ...] | None:
        self._let(group, np.inf, 1.0)
        found = None
        if self._holds():
            values = self.solver.getSolution().col_value
            found = tuple(values[column] for column in self.columns[group])
        self._let(group, 0.0, 0.0)
        return found if found and sum(found) > TINY else None

    def _let(self, group: Group, most: float, cost: float) -> None:
        for column in self.columns[group]:
            self.solver.changeColBounds(column, 0.0, most)
            self.solver.changeColCost(column, cost)

    def _holds(self) -> bool:
        """Whether what is not let go can hold; when time is up, everything is kept."""
        if time.perf_counter() > self.until:
            return True
        self.solver.run()
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)
