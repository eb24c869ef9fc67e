"""Why a program has no solution: sides of rows and columns that cannot all hold, in groups."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack, vstack

from kido.solver.handle import (
    SolverCallError,
    Status,
    accepted,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.highs import audited_solution
from kido.solver.program import Name, Program
from kido.tolerances import ASKED_T

LONGEST = 120.0  # seconds to find who is to blame, and again to name fewer
MOST = 5  # conflicts named at once

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
class ConflictGroup:
    """Sides that belong together, and the least each gives way where only they do.

    `gives` is None where that was not found. Clashes of one `conflict` cannot all hold.
    """

    group: Group
    sides: tuple[Side, ...]
    gives: tuple[float, ...] | None
    conflict: int = 1


def find_conflict(
    program: Program, group_of: Callable[[Side], Group | None]
) -> list[ConflictGroup]:
    """Conflicts apart from each other, of each the groups without which it would not be.

    Empty where none is found in time. `group_of` gives None for a side that nobody chose
    (goods balance): it is held to.
    """
    try:
        return _conflicts(program, group_of)
    except SolverCallError:  # that there is no plan stands; what is to blame is not known
        return []


def _conflicts(program: Program, group_of: Callable[[Side], Group | None]) -> list[ConflictGroup]:
    sides = _blamed(program)
    groups: dict[Group, list[Side]] = {}
    for side in sides:
        group = group_of(side)
        if group is not None:
            groups.setdefault(group, []).append(side)
    fixed_rows = sorted({s.index for s in sides if s.of_row and group_of(s) is None})
    return _ElasticProgram(program, fixed_rows, groups).conflicts() if groups else []


def _blamed(program: Program) -> list[Side]:
    """The sides that HiGHS needs to prove that no values satisfy all.

    Whatever asks for something (a side that doing nothing would break) is asked to give way
    by as little as possible in all; the sides with a price in that program cannot all hold.
    """
    asking = np.flatnonzero((program.lower > ASKED_T) | (program.upper < -ASKED_T))
    owning = np.flatnonzero(program.low > ASKED_T)
    count, number = program.matrix.shape[1], len(asking) + len(owning)
    sign = np.where(program.lower[asking] > ASKED_T, 1.0, -1.0)
    give = csr_matrix((sign, (asking, np.arange(len(asking)))),
                      shape=(program.matrix.shape[0], number))  # fmt: skip
    each = np.arange(len(owning))
    owned = hstack(
        [
            csr_matrix((np.ones(len(owning)), (each, owning)), shape=(len(owning), count)),
            csr_matrix((np.ones(len(owning)), (each, len(asking) + each)),
                       shape=(len(owning), number)),
        ]
    )  # fmt: skip
    low = program.low.copy()
    low[owning] = 0.0
    elastic = Program(
        cost=np.append(np.zeros(count), np.ones(number)),
        offset=0.0,
        matrix=csr_matrix(vstack([hstack([program.matrix, give]), owned])),
        lower=np.append(program.lower, program.low[owning]),
        upper=np.append(program.upper, np.full(len(owning), np.inf)),
        low=np.append(low, np.zeros(number)),
        high=np.append(program.high, np.full(number, np.inf)),
        rows=(),
        columns=(),
    )
    solver = _solver(elastic)
    set_options(solver, {"time_limit": LONGEST})
    run_solver(solver)
    if solver.getModelStatus() != Status.kOptimal:
        return []
    answer, rows = audited_solution(elastic, solver), len(program.rows)
    if not answer.audit.passed:
        return []
    row_price = answer.duals
    owed = np.zeros(count)
    owed[owning] = row_price[rows:]
    price = answer.reduced[:count]
    return [
        *_priced(True, row_price[:rows], program.rows, program.lower, program.upper),
        *_priced(False, owed, program.columns, program.low, program.high),
        *_priced(False, price, program.columns, low, program.high),
    ]


def _priced(
    of_row: bool,
    prices: NDArray[np.float64],
    names: Sequence[Name],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> Iterator[Side]:
    """Those with a price, by the side it leans on. That nothing is negative is nobody's fault."""
    for i in np.flatnonzero(np.abs(prices) > ASKED_T).tolist():
        below = bool(prices[i] > 0)
        bound = float(lower[i] if below else upper[i])
        if np.isfinite(bound) and (of_row or not (below and bound == 0)):
            yield Side(names[i], i, of_row, below, bound)


def _solver(program: Program) -> highspy.Highs:
    solver = new_solver()
    pass_program(solver, program)
    return solver


class _ElasticProgram:
    """The rows blamed, alone, with for each side of a group a column that lets it give way."""

    def __init__(self, program: Program, fixed_rows: list[int], groups: Mapping[Group, list[Side]]):
        self.groups = groups
        self.until = time.perf_counter() + LONGEST
        sides = [side for of_group in groups.values() for side in of_group]
        matrix = program.matrix
        rows = [*fixed_rows, *(s.index for s in sides if s.of_row)]
        used = set(matrix[rows].indices.tolist()) | {s.index for s in sides if not s.of_row}
        columns = np.array(sorted(used), dtype=int)
        at = {column: i for i, column in enumerate(columns.tolist())}

        def row_of(side: Side) -> csr_matrix:
            if side.of_row:
                return matrix[[side.index]][:, columns]
            return csr_matrix(([1.0], ([0], [at[side.index]])), shape=(1, len(columns)))

        body = vstack([matrix[fixed_rows][:, columns], *map(row_of, sides)])
        sign = np.array([1.0 if side.lower else -1.0 for side in sides])
        place = np.arange(len(sides)) + len(fixed_rows)
        give = csr_matrix((sign, (place, np.arange(len(sides)))), shape=(body.shape[0], len(sides)))
        bound = np.array([side.bound for side in sides])
        small = Program(
            cost=np.zeros(len(columns) + len(sides)),
            offset=0.0,
            matrix=csr_matrix(hstack([body, give])),
            lower=np.append(program.lower[fixed_rows], np.where(sign > 0, bound, -np.inf)),
            upper=np.append(program.upper[fixed_rows], np.where(sign > 0, np.inf, bound)),
            low=np.append(np.where(program.low[columns] == 0, 0.0, -np.inf), np.zeros(len(sides))),
            high=np.append(np.full(len(columns), np.inf), np.zeros(len(sides))),
            rows=(),
            columns=(),
        )
        self.solver = _solver(small)
        numbers = iter(range(len(columns), len(columns) + len(sides)))
        self.columns = {g: [next(numbers) for _ in of_group] for g, of_group in groups.items()}

    def conflicts(self) -> list[ConflictGroup]:
        """One conflict after another: what asks in one is let go, and the next is looked for."""
        conflicts: list[ConflictGroup] = []
        left = list(self.groups)
        for number in range(1, MOST + 1):
            if self._holds():
                break
            needed = self._needed(left, number)
            conflicts += needed
            for clash in [c for c in needed if c.sides[0].lower] or needed:
                self._let(clash.group, np.inf, 0.0)
                left.remove(clash.group)
        return conflicts or [
            ConflictGroup(g, tuple(sides), None) for g, sides in self.groups.items()
        ]

    def _needed(self, left: list[Group], number: int) -> list[ConflictGroup]:
        """One group after another is let go; where the rest still cannot hold, it stays so."""
        dropped = []
        for group in left:
            self._let(group, np.inf, 0.0)
            if self._holds():
                self._let(group, 0.0, 0.0)
            else:
                dropped.append(group)
        kept = [group for group in left if group not in dropped]
        conflicts = [ConflictGroup(g, tuple(self.groups[g]), self._gives(g), number) for g in kept]
        for group in dropped:
            self._let(group, 0.0, 0.0)
        return conflicts

    def _gives(self, group: Group) -> tuple[float, ...] | None:
        self._let(group, np.inf, 1.0)
        given = None
        if self._holds():
            values = self.solver.getSolution().col_value
            given = tuple(values[column] for column in self.columns[group])
        self._let(group, 0.0, 0.0)
        return given if given and sum(given) > ASKED_T else None

    def _let(self, group: Group, most: float, cost: float) -> None:
        for column in self.columns[group]:
            accepted(self.solver.changeColBounds(column, 0.0, most), "changeColBounds")
            accepted(self.solver.changeColCost(column, cost), "changeColCost")

    def _holds(self) -> bool:
        """Whether what is not let go can hold; when time is up, everything is kept."""
        if time.perf_counter() > self.until:
            return True
        run_solver(self.solver)
        return bool(self.solver.getModelStatus() == Status.kOptimal)
