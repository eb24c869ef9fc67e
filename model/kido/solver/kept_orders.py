"""Kept orders: the decisions of an earlier plan held in a program, and what each of them costs.

What is bought where something is paid, reserved and ordered of capacity is held at what it was;
all else is free. A row that the earlier plan did not buy from buys nothing there. Where a limit of
the row has moved, the nearest amount is held that it allows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from kido.data.case.case import Case
from kido.data.case.near_orders import bought_rows
from kido.errors import SolverError, TimeLimitReached
from kido.lp.variables import Mask, variables_of
from kido.solver.basis import Basis
from kido.solver.highs import InfeasibleProgram, UnboundedProgram
from kido.solver.program import Name, Program
from kido.solver.solution import Solution
from kido.solver.warm_start import BasicSolution, LiveSolver
from kido.tolerances import ORDERED_T

DECISIONS = ("buy", "ship", "reserve", "expand")
MOST_RELEASED = 12  # orders that are released one by one
ITERATIONS_SHARE = 5  # a fifth of the rows: a warm solve that takes more is begun anew
Moment = tuple[str, int, int]  # branch, first month, months


@dataclass(frozen=True)
class Decisions:
    """What a run decided at its `moments`: by (variable, row, moment), t, of rates t/yr; else 0.

    `objective` is that of the run, kUSD.
    """

    folder: str
    objective: float
    moments: frozenset[Moment]
    amounts: Mapping[tuple[str, str, Moment], float]

    @cached_property
    def key(self) -> str:
        """A text that is equal for equal decisions."""
        return repr((sorted(self.moments), sorted(self.amounts.items())))


@dataclass(frozen=True)
class KeptOrder:
    """A decision that is held: `planned` in the run, `held` in this plan, `free` in a new one.

    `saves`: kUSD that the plan costs less, were this order alone released; `alone`: that a new
    plan costs more, were this order alone held. None: not asked, or not found in time.
    """

    variable: str
    row: str
    node: int
    planned: float
    held: float
    free: float = np.nan
    saves: float | None = None
    alone: float | None = None


@dataclass(frozen=True)
class KeptPlan:
    """The orders of a run held in a plan. `cost` and `free_cost` are kUSD of the least objective.

    None where they are not known. `gone` are (variable, row) that the book does not have any more;
    `rest_saves`: kUSD that releasing all orders together saves that are not released one by one.
    """

    decisions: Decisions
    orders: tuple[KeptOrder, ...]
    gone: tuple[tuple[str, str], ...]
    cost: float | None = None
    free_cost: float | None = None
    rest: int = 0
    rest_saves: float | None = None

    @property
    def regret(self) -> float | None:
        """kUSD that a new plan costs less."""
        if self.cost is None or self.free_cost is None:
            return None
        return max(0.0, self.cost - self.free_cost)

    @cached_property
    def columns(self) -> Collection[Name]:
        """The columns that are held."""
        return {(o.variable, (o.row, o.node)) for o in self.orders}


def kept_in(program: Program, case: Case, decisions: Decisions) -> tuple[Program, KeptPlan]:
    """The program with the decisions of a run held, and which they are."""
    tree, place = case.tree, {column: k for k, column in enumerate(program.columns)}
    moment = {n: (tree.branch_of(n).name, m.start, m.months) for n, m in enumerate(tree.nodes)}
    bought = bought_rows(case)
    low, high = program.low.copy(), program.high.copy()
    orders: list[KeptOrder] = []
    known: set[tuple[str, str]] = set()
    for name, (row, *_), columns in _blocks(case):
        known.add((name, row))
        if name in ("buy", "ship") and (name, row) not in bought:
            continue
        for n, at in moment.items():
            if at not in decisions.moments:
                continue
            planned = decisions.amounts.get((name, row, at), 0.0)
            column = place.get((name, (row, n)), -1) if columns[n] else -1
            held = 0.0
            if column >= 0:
                held = float(np.clip(planned, low[column], high[column]))
                low[column] = high[column] = held
            if column >= 0 or planned > ORDERED_T:
                orders.append(KeptOrder(name, row, n, planned, held))
    names = {(variable, row) for variable, row, _ in decisions.amounts}
    of_book = {("buy", r) for r in case.supply} | {("ship", r) for r in case.routes}
    of_book |= {("reserve", r) for r in case.contracts} | {("expand", r) for r in case.facilities}
    kept = KeptPlan(decisions, tuple(orders), tuple(sorted(names - of_book)))
    return replace(program, low=low, high=high), kept


def _blocks(case: Case) -> Iterator[tuple[str, tuple[str, ...], Mask]]:
    """(variable, key without its node, whether each node has a column) of what may be decided."""
    variables = variables_of(case)
    for (name, key), columns in zip(variables.blocks, variables.numbers, strict=True):
        if name in DECISIONS:
            yield name, key, columns >= 0


@dataclass
class _Release:
    """Solves a program again with some of its held columns free."""

    free: Program
    held: Program
    basis: Basis
    time_limit: float | None
    live: LiveSolver = field(init=False)

    def __post_init__(self) -> None:
        self.live = LiveSolver(self.held, self.time_limit)
        self.limit = len(self.held.rows) // ITERATIONS_SHARE + 1000

    def solve(self, columns: Collection[int]) -> BasicSolution | None:
        """The least cost with these columns free; None where none was proved in time."""
        low, high, own = self.held.low.copy(), self.held.high.copy(), list(columns)
        low[own], high[own] = self.free.low[own], self.free.high[own]
        program = replace(self.held, low=low, high=high)
        try:
            return self.live.solve(program, self.basis, iteration_limit=self.limit)
        except (InfeasibleProgram, UnboundedProgram, SolverError, TimeLimitReached):
            return None


def with_regret(
    free: Program, held: Program, solution: Solution, kept: KeptPlan, time_limit: float | None
) -> KeptPlan:
    """What is kept, with its cost, that of a new plan, and what the largest orders save released.

    Released one by one are those that a new plan changes by most money; the rest together.
    """
    if solution.basis is None:
        return kept
    release = _Release(free, held, solution.basis, time_limit)
    place = {column: k for k, column in enumerate(held.columns)}
    at = [place.get((o.variable, (o.row, o.node)), -1) for o in kept.orders]
    now, new = release.solve([]), release.solve({k for k in at if k >= 0})
    if now is None or new is None:
        return kept
    orders = [
        replace(o, free=float(new.values[k])) if k >= 0 else o
        for o, k in zip(kept.orders, at, strict=True)
    ]
    moved = [i for i, o in enumerate(orders) if at[i] >= 0 and abs(o.free - o.held) > ORDERED_T]
    moved.sort(key=lambda i: -abs((orders[i].free - orders[i].held) * (free.cost[at[i]] or 1.0)))
    every = {k for k in at if k >= 0}
    for i in moved[:MOST_RELEASED]:
        one, others = release.solve([at[i]]), release.solve(every - {at[i]})
        orders[i] = replace(
            orders[i],
            saves=None if one is None else max(0.0, now.objective - one.objective),
            alone=None if others is None else max(0.0, others.objective - new.objective),
        )
    rest = moved[MOST_RELEASED:]
    together = release.solve([at[i] for i in rest]) if rest else None
    return replace(
        kept,
        orders=tuple(orders),
        cost=now.objective,
        free_cost=new.objective,
        rest=len(rest),
        rest_saves=None if together is None else max(0.0, now.objective - together.objective),
    )
