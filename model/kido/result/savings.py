"""Branches that cost less than their parent, and what each rule that gave way in them is worth.

A history that ends on such a branch, or on one that parts from it, is compared with those that
stay on the parent. The branch is then planned again, what was decided before it is known held, with
one rule at a time as on the parent: the difference is what that rule saves. That is exact for each
rule by itself; rules that stand in for each other save less together, which the last line holds.
With all as on the parent the branch costs less than the parent still where on the parent things
may yet happen that it pays to be ready for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from kido.data.case.build import case_on
from kido.data.case.case import Case
from kido.data.case.subtree import Subtree, subtree
from kido.data.case.tree import Tree
from kido.errors import SolverError
from kido.lp.family import EmptyRows
from kido.result.plan import SolvedPlan, once
from kido.solver.assemble import assemble
from kido.solver.later_part import LaterCost, later_cost
from kido.solver.program import Program
from kido.tolerances import EFFECT_KUSD, SAVING_SHARE

SPLIT = 2  # branches planned again, those that save most: each takes a second or two
PRICES = ("price", "cost", "tariff")
NEED = ("demand",)
FLOWS = ("capacity", "delay", "yield", "lead", "loss")
OF_CONTRACTS = ("reserve", "forgo", "make_up", "make_up_balance", "rebate")
RULES = (  # in the order they are told in
    "in all", "floors freed", "stocks opened", "relief opened", "policies lifted",
    "minimum use excused", "take-or-pay excused", "flows changed", "need changed",
    "prices changed", "nothing more to be ready for", "together",
)  # fmt: skip
READY, REST = "nothing more to be ready for", "together"


@dataclass(frozen=True)
class Saving:
    """A branch that costs `kusd` less than its parent; `rules` are (rule, kUSD it saves).

    NaN where no plan keeps the rule in the branch.
    """

    branch: int
    kusd: float
    rules: tuple[tuple[str, float], ...]


@once
def savings(plan: SolvedPlan) -> tuple[Saving, ...]:
    """The branches that cost less than their parent, the largest saving first."""
    found = sorted(_cheaper(plan), key=lambda pair: -pair[1])
    split = SPLIT if plan.alternatives else 0
    return tuple(
        Saving(branch, kusd, tuple(_split(plan, branch, kusd)) if place < split else ())
        for place, (branch, kusd) in enumerate(found)
    )


def _cheaper(plan: SolvedPlan) -> Iterator[tuple[int, float]]:
    """(branch, kUSD by which it costs less than its parent going on without it)."""
    tree = plan.case.tree
    chance, cost = plan.zeros, plan.zeros  # of the histories through each node
    for h in plan.histories:
        chance[h.path] += h.probability
        cost[h.path] += h.probability * h.cost
    staying = {tree.nodes[h.leaf].branch: h.cost for h in plan.histories}
    for number, branch in enumerate(tree.branches):
        own = tree.of_branch[number]
        if own and own[0].previous >= 0 and branch.parent in staying:
            first = own[0].index
            saving = staying[branch.parent] - float(cost[first] / chance[first])
            if saving > EFFECT_KUSD:
                yield number, saving


def _split(plan: SolvedPlan, branch: int, saving: float) -> Iterator[tuple[str, float]]:
    """(rule, kUSD it saves) of a branch, what is left last."""
    again = Replanned(plan, subtree(plan.case.tree, branch))
    base = again.cost(partial(assemble, again.case))
    if base is None or base.kusd is None:
        return
    left, least = saving, SAVING_SHARE * saving
    for rule, program in again.rules():
        cost = again.cost(program, base)
        if cost is None:
            continue
        worth = np.nan if cost.kusd is None else (cost.kusd - base.kusd) / again.chance
        if rule == READY:
            worth = saving - worth
        if np.isnan(worth) or abs(worth) > least:
            yield rule, worth
            left -= np.nan_to_num(worth)
    if abs(left) > least:
        yield REST, float(left)


class Replanned:
    """A branch, planned again with some of its rules as on the parent."""

    def __init__(self, plan: SolvedPlan, part: Subtree):
        self.plan, self.part = plan, part
        self.scenario = part.tree.branches[part.branch].scenario
        # only the events that act here: a tree of drawn histories has thousands
        names = {"", *(name for branch in part.tree.branches for name, _ in branch.lineage)}
        events = plan.tables["Events"].rows
        tables = plan.tables.with_settings(risk_weight=0.0)
        self.tables = tables.with_rows("Events", events[events["scenario"].isin(names)])
        first = part.tree.nodes[int(np.flatnonzero(part.inside)[0])]
        self.chance = first.probability

    def cost(
        self, make_program: Callable[[], Program | None], start: LaterCost | None = None
    ) -> LaterCost | None:
        """The least expected cost of the branch, times its probability; None if not found."""
        try:
            program = make_program()
        except EmptyRows:  # a row asks for something that nothing in the branch can give
            program = None
        if program is None:
            return LaterCost(None, None, ((), ()))
        values, part = self.plan.solution, self.part
        origin, is_open = part.origin.tolist(), part.inside.tolist()
        decided = np.array(
            [0.0 if is_open[key[-1]] else values[name].get((*key[:-1], origin[key[-1]]), 0.0)
             for name, key in program.columns]
        )  # fmt: skip
        try:
            return later_cost(program, self.part.inside, decided, start)
        except SolverError:
            return None

    @cached_property
    def case(self) -> Case:
        """The branch as it is."""
        return case_on(self.tables, self.part.tree)

    def rules(self) -> Iterator[tuple[str, Callable[[], Program | None]]]:
        """(rule, the branch with it as on the parent), of those that the branch changes."""
        for rule, case, owed in self._cases():
            yield rule, partial(assemble, case) if owed is None else partial(_asking, case, owed)

    def _cases(self) -> Iterator[tuple[str, Case, Case | None]]:
        """(rule, the branch with it as on the parent, the case whose minimum use it owes)."""
        branches = self.part.tree.branches
        own = branches[self.part.branch]
        if own.disruptions != branches[own.parent].disruptions:
            calm = case_on(self.tables, self.part.as_on_parent())
            yield from ((rule, case, None) for rule, case in self._calm_rules(calm))
        if self._has(FLOWS):
            flows = self._without(FLOWS)
            if any(f.minimum_use.any() for f in self.case.facilities.values()):
                yield "minimum use excused", self._with(flows, "idle"), flows
            if flows.contracts:
                case = self._with(flows, *OF_CONTRACTS, contracts=flows.contracts)
                yield "take-or-pay excused", case, None
            yield "flows changed", flows, None
        if self._has(NEED):
            yield "need changed", self._without(NEED), None
        if self._has(PRICES):
            yield "prices changed", self._without(PRICES), None
        undone = self._without((*FLOWS, *NEED, *PRICES), self.part.as_on_parent())
        yield READY, undone, None

    def _calm_rules(self, calm: Case) -> Iterator[tuple[str, Case]]:
        stocks = self.case.stocks
        held = {name: replace(s, floor=calm.stocks[name].floor) for name, s in stocks.items()}
        yield "floors freed", self._with(calm, stocks=held)
        shut = {name: replace(s, draw=calm.stocks[name].draw) for name, s in stocks.items()}
        yield "stocks opened", self._with(calm, stocks=shut)
        yield "relief opened", self._with(calm, tiers=calm.tiers)
        kept = tuple(t for t in self.case.cost_terms if t.category != "penalty")
        penalties = tuple(t for t in calm.cost_terms if t.category == "penalty")
        terms = (*kept, *penalties)
        yield (
            "policies lifted",
            self._with(calm, "breach", policies=calm.policies, cost_terms=terms),
        )

    def _with(self, of: Case, *variables: str, **parts: object) -> Case:
        """The branch with these parts, and the columns of these variables of another case."""
        there = {**self.case.columns, **{name: of.columns[name] for name in variables}}
        return replace(self.case, columns=there, **parts)  # type: ignore[arg-type]

    def _has(self, effects: tuple[str, ...]) -> bool:
        return any(
            r.scenario == self.scenario and r.effect in effects
            for r in self.tables["Events"].records()
        )

    def _without(self, effects: tuple[str, ...], tree: Tree | None = None) -> Case:
        """The branch without the events of its scenario that have one of these effects."""
        rows = self.tables["Events"].rows
        gone = (rows["scenario"] == self.scenario) & rows["effect"].isin(effects)
        return case_on(self.tables.with_rows("Events", rows[~gone]), tree or self.part.tree)


def _asking(case: Case, owed: Case) -> Program | None:
    """The program of a case where as much capacity must be used as in `owed`.

    None where a facility owes use in a node in which nothing can use it, or idle.
    """
    program = assemble(case)
    lower = program.lower.copy()
    place = {key: row for row, (family, key) in enumerate(program.rows) if family == "minimum_use"}
    for name, facility in owed.facilities.items():
        for n in np.flatnonzero(facility.minimum_use * facility.installed > 0).tolist():
            if (name, n) not in place:
                return None
            lower[place[name, n]] = facility.minimum_use[n] * facility.installed[n]
    return replace(program, lower=lower)
