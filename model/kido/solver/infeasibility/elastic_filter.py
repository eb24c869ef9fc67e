"""Elastic filter: irreducible conflicts of an infeasible program, by groups of sides."""

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
    check_status,
    new_solver,
    pass_program,
    run_solver,
    set_options,
)
from kido.solver.highs import audited_solution
from kido.solver.program import Name, Program
from kido.tolerances import ASKED_T

LONGEST = 120.0  # seconds to find the sides in conflict, and again to reduce them
MOST = 5  # conflicts returned at once

Group = tuple[Any, ...]


@dataclass(frozen=True)
class Side:
    """The lower or the upper side of a row or a column; `index` is its position there."""

    name: Name
    index: int
    of_row: bool
    lower: bool
    bound: float


@dataclass(frozen=True)
class ConflictGroup:
    """Sides of one group, and the least violation of each if only this group gives way.

    `gives` is None where that was not found. Groups of one `conflict` cannot all hold.
    """

    group: Group
    sides: tuple[Side, ...]
    gives: tuple[float, ...] | None
    conflict: int = 1


def find_conflict(
    program: Program, group_of: Callable[[Side], Group | None]
) -> list[ConflictGroup]:
    """The groups of separate irreducible conflicts: without any one group it would not exist.

    Empty where none is found in time. `group_of` returns None for a side that cannot give way,
    such as the mass balance.
    """
    try:
        return _conflicts(program, group_of)
    except SolverCallError:  # the program stays infeasible, of unknown cause
        return []


def _conflicts(program: Program, group_of: Callable[[Side], Group | None]) -> list[ConflictGroup]:
    sides = _conflicting_sides(program)
    groups: dict[Group, list[Side]] = {}
    for side in sides:
        group = group_of(side)
        if group is not None:
            groups.setdefault(group, []).append(side)
    fixed_rows = sorted({s.index for s in sides if s.of_row and group_of(s) is None})
    return _ElasticProgram(program, fixed_rows, groups).conflicts() if groups else []


def _conflicting_sides(program: Program) -> list[Side]:
    """The sides that prove the program infeasible: those with a price in its elastic program.

    There each side that x = 0 would break may be violated, and the sum of violations is minimal.
    """
    row_indices = np.flatnonzero((program.lower > ASKED_T) | (program.upper < -ASKED_T))
    column_indices = np.flatnonzero(program.low > ASKED_T)
    count, slacks = program.matrix.shape[1], len(row_indices) + len(column_indices)
    sign = np.where(program.lower[row_indices] > ASKED_T, 1.0, -1.0)
    slack = csr_matrix(
        (sign, (row_indices, np.arange(len(row_indices)))), shape=(program.matrix.shape[0], slacks)
    )
    size = len(column_indices)  # a row for the lower bound of each
    ones, positions = np.ones(size), np.arange(size)
    bound_rows = hstack(
        [
            csr_matrix((ones, (positions, column_indices)), shape=(size, count)),
            csr_matrix((ones, (positions, len(row_indices) + positions)), shape=(size, slacks)),
        ]
    )
    low = program.low.copy()
    low[column_indices] = 0.0
    elastic = Program(
        cost=np.append(np.zeros(count), np.ones(slacks)),
        offset=0.0,
        matrix=csr_matrix(vstack([hstack([program.matrix, slack]), bound_rows])),
        lower=np.append(program.lower, program.low[column_indices]),
        upper=np.append(program.upper, np.full(size, np.inf)),
        low=np.append(low, np.zeros(slacks)),
        high=np.append(program.high, np.full(slacks, np.inf)),
        rows=(),
        columns=(),
    )
    solver = _solver(elastic)
    set_options(solver, {"time_limit": LONGEST})
    run_solver(solver)
    if solver.getModelStatus() != Status.kOptimal:
        return []
    audited, rows = audited_solution(elastic, solver), len(program.rows)
    if not audited.audit.passed:
        return []
    row_prices = audited.duals
    bound_prices = np.zeros(count)
    bound_prices[column_indices] = row_prices[rows:]
    reduced = audited.reduced[:count]
    return [
        *_sides_with_price(True, row_prices[:rows], program.rows, program.lower, program.upper),
        *_sides_with_price(False, bound_prices, program.columns, program.low, program.high),
        *_sides_with_price(False, reduced, program.columns, low, program.high),
    ]


def _sides_with_price(
    of_row: bool,
    prices: NDArray[np.float64],
    names: Sequence[Name],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> Iterator[Side]:
    """The sides with a price; bounds of 0 below a column are left out."""
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
    """The program of the sides in conflict alone, with a slack column for each side of a group."""

    def __init__(self, program: Program, fixed_rows: list[int], groups: Mapping[Group, list[Side]]):
        self.groups = groups
        self.until = time.perf_counter() + LONGEST
        sides = [side for of_group in groups.values() for side in of_group]
        matrix = program.matrix
        rows = [*fixed_rows, *(s.index for s in sides if s.of_row)]
        column_set = set(matrix[rows].indices.tolist()) | {s.index for s in sides if not s.of_row}
        columns = np.array(sorted(column_set), dtype=int)
        position = {column: i for i, column in enumerate(columns.tolist())}

        def row_of(side: Side) -> csr_matrix:
            if side.of_row:
                return matrix[[side.index]][:, columns]
            return csr_matrix(([1.0], ([0], [position[side.index]])), shape=(1, len(columns)))

        body = vstack([matrix[fixed_rows][:, columns], *map(row_of, sides)])
        sign = np.array([1.0 if side.lower else -1.0 for side in sides])
        place = np.arange(len(sides)) + len(fixed_rows)
        slack = csr_matrix(
            (sign, (place, np.arange(len(sides)))), shape=(body.shape[0], len(sides))
        )
        bound = np.array([side.bound for side in sides])
        small = Program(
            cost=np.zeros(len(columns) + len(sides)),
            offset=0.0,
            matrix=csr_matrix(hstack([body, slack])),
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
        """One conflict after another: the lower sides of each are relaxed before the next."""
        conflicts: list[ConflictGroup] = []
        groups = list(self.groups)
        for number in range(1, MOST + 1):
            if self._holds():
                break
            needed = self._needed(groups, number)
            conflicts += needed
            for conflict_group in [c for c in needed if c.sides[0].lower] or needed:
                self._let(conflict_group.group, np.inf, 0.0)
                groups.remove(conflict_group.group)
        return conflicts or [
            ConflictGroup(g, tuple(sides), None) for g, sides in self.groups.items()
        ]

    def _needed(self, groups: list[Group], number: int) -> list[ConflictGroup]:
        """The groups of one irreducible conflict, by deletion filter.

        One group after another is relaxed; where the rest is still infeasible it stays relaxed.
        """
        dropped = []
        for group in groups:
            self._let(group, np.inf, 0.0)
            if self._holds():
                self._let(group, 0.0, 0.0)
            else:
                dropped.append(group)
        needed = [group for group in groups if group not in dropped]
        conflicts = [
            ConflictGroup(g, tuple(self.groups[g]), self._gives(g), number) for g in needed
        ]
        for group in dropped:
            self._let(group, 0.0, 0.0)
        return conflicts

    def _gives(self, group: Group) -> tuple[float, ...] | None:
        """The least violation of each side of a group if it alone gives way; None: unknown."""
        self._let(group, np.inf, 1.0)
        amounts = None
        if self._holds():
            values = self.solver.getSolution().col_value
            amounts = tuple(values[column] for column in self.columns[group])
        self._let(group, 0.0, 0.0)
        return amounts if amounts and sum(amounts) > ASKED_T else None

    def _let(self, group: Group, most: float, cost: float) -> None:
        """Allow the sides of a group violations of at most `most`, at `cost` per unit."""
        for column in self.columns[group]:
            check_status(self.solver.changeColBounds(column, 0.0, most), "changeColBounds")
            check_status(self.solver.changeColCost(column, cost), "changeColCost")

    def _holds(self) -> bool:
        """Whether the program is feasible now; True once the time is up."""
        if time.perf_counter() > self.until:
            return True
        run_solver(self.solver)
        return bool(self.solver.getModelStatus() == Status.kOptimal)
