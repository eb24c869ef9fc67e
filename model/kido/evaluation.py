"""Checked tables -> solved plan: case, program, solution and certificate, or why there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.case.likelihood import disruption_scenarios, with_disruptions_at
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan, SolverError, TimeLimitReached, UnboundedPlan
from kido.lp.build import build_model, clear_model
from kido.lp.family import EmptyRows
from kido.messages import phrase
from kido.result.do_now import leading_lines, open_lines
from kido.result.plan import SolvedPlan, certify
from kido.solver.assemble import assemble
from kido.solver.decomposition.decompose import Spread
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.solver.infeasibility.explain import (
    explain_empty_rows,
    explain_infeasible,
    explain_unbounded,
)
from kido.solver.kept_orders import Decisions, kept_in, with_regret
from kido.solver.lexicographic import least_cost
from kido.solver.likelihood import likelihoods
from kido.solver.mps import write_mps
from kido.solver.program import Program, hand_over
from kido.solver.solution import DECOMPOSITION, Solution
from kido.solver.solve import is_decomposed, solve_case
from kido.solver.whole_orders import whole_orders
from kido.solver.without import costs_without, saved_without

Say = Callable[[str], None]
ALONE = 60.0  # seconds the reference path alone may take


class Clock:
    """A clock of the seconds of each phase, which says its text as the phase begins."""

    def __init__(self, say: Say = lambda _: None):
        self.began = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.say = say

    @contextmanager
    def phase(self, name: str, words: str = "") -> Iterator[None]:
        """A context whose seconds are added to the phase `name`; `words` are said first."""
        if words:
            self.say(words)
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def all(self) -> dict[str, float]:
        """Seconds of each phase, and in total, rounded to milliseconds."""
        total = time.perf_counter() - self.began
        return {name: round(s, 3) for name, s in {**self.seconds, "total": total}.items()}


class Planner(Protocol):
    """What makes a program of a case, and a solution of the program."""

    def program(self, case: Case, clock: Clock) -> Program:
        """The program of a case. Raises EmptyRows where rows without a term ask for something."""

    def solution(self, program: Program, case: Case, clock: Clock) -> Solution:
        """The solution of a program.

        Raises InfeasibleProgram, UnboundedProgram, TimeLimitReached or SolverError.
        """


@dataclass(frozen=True)
class ModelPlanner:
    """A planner that builds the Pyomo model and solves it cold.

    `log`: the file of the solver's log; `export`: an MPS file of the program; `run` spreads the
    tasks of a decomposition.
    """

    log: Path | None = None
    export: Path | None = None
    run: Spread | None = None

    def program(self, case: Case, clock: Clock) -> Program:
        if is_decomposed(case, case.settings.solver_method):
            # a model of all branches would take ten times the memory of their rows
            with clock.phase("build"):
                program = assemble(case)
        else:
            with clock.phase("build"):
                model, variables = build_model(case)
            with clock.phase("handover", "handing it to the solver"):
                program = hand_over(model, variables)
                clear_model(model)
        if self.export:
            with clock.phase("export", f"writing {self.export}"):
                write_mps(program, self.export)
        return program

    def solution(self, program: Program, case: Case, clock: Clock) -> Solution:
        method, limit = case.settings.solver_method, case.settings.time_limit
        first = solve_case(program, case, method, limit, self.log, clock.say, self.run)
        if first.statistics.method == DECOMPOSITION:
            return first  # its duals hold within its gap only: no face of equal cost to choose on
        return least_cost(program, case, first, None, method, self.log, clock.say)


def solved_plan(
    tables: Tables,
    scenario: str | None = None,
    planner: Planner | None = None,
    clock: Clock | None = None,
    alternatives: bool = True,
    keep: Decisions | None = None,
) -> SolvedPlan:
    """The plan of checked tables, verified by the certificate; nothing is written.

    `alternatives`: with what other choices cost: whole plants and lots, none of its
    orders, and how likely disruptions must be held for them. `keep`: decisions of an earlier run
    that the plan is held to.

    Raises InfeasiblePlan with the rows of the book that cannot hold together, UnboundedPlan with
    those that make money without end, TimeLimitReached, SolverError or CertificateError.
    """
    planner, clock = planner or ModelPlanner(), clock or Clock()
    with clock.phase("build", "building the program"):
        case = make_case(tables, scenario)
    try:
        program = planner.program(case, clock)
    except EmptyRows as problem:
        findings = explain_empty_rows(problem, case, tables)
        raise InfeasiblePlan(str(problem), findings) from None
    free, kept = program, None
    if keep is not None:
        program, kept = kept_in(program, case, keep)
    with clock.phase("solve", f"solving {len(program.columns):,} columns"):
        try:
            solution = planner.solution(program, case, clock)
        except InfeasibleProgram as problem:
            clock.say("no plan exists; looking for the rows that cannot hold together")
            raise InfeasiblePlan(
                phrase("cli.no_plan").in_language(tables.settings.language),
                explain_infeasible(problem.part or program, case, tables, kept),
            ) from None
        except UnboundedProgram:
            clock.say("money can be made without end; looking for where")
            raise UnboundedPlan(
                phrase("cli.unbounded").in_language(tables.settings.language),
                explain_unbounded(program, case, tables),
            ) from None
    alternatives = alternatives and keep is None
    others: dict[str, Any] = {"alternatives": alternatives}
    if kept is not None:
        with clock.phase("regret", "planning anew, and with each of the kept orders released"):
            others["kept"] = with_regret(free, program, solution, kept, case.settings.time_limit)
    if alternatives and solution.basis is not None:
        with clock.phase("alternatives", "pricing whole plants and whole lots"):
            others["whole_orders"] = whole_orders(program, case, solution)
            others["limit_cost"] = saved_without(program, solution, "nervousness")
        with clock.phase("alternatives", "asking what the plan costs without its first orders"):
            plan = SolvedPlan(tables, case, solution, None, scenario)
            groups = open_lines(plan)
            costs = costs_without(program, solution, groups.values())
            known = {k: c for k, c in zip(groups, costs, strict=True) if c is not None}
            others["cost_without"] = known
        if scenario is None and disruption_scenarios(tables):
            with clock.phase("alternatives", "asking which orders hang on disruptions"):
                lines = leading_lines(replace(plan, cost_without=known))
                others["likelihoods"] = likelihoods(
                    lambda share: make_case(with_disruptions_at(tables, share)), lines
                )
    del program  # as large as the plan, and no longer needed
    with clock.phase("verify", "checking the answer"):
        return certify(tables, case, solution, scenario).completed(**others)


def proved_bound(tables: Tables, scenario: str | None = None, say: Say = lambda _: None) -> float:
    """kUSD that no plan of checked tables costs less than, as near as the solver proves it.

    Raises InfeasiblePlan or UnboundedPlan, without saying where, TimeLimitReached or SolverError.
    """
    case = make_case(tables, scenario)
    language, settings = tables.settings.language, case.settings
    try:
        program = assemble(case)
        solution = solve_case(program, case, settings.solver_method, settings.time_limit, None, say)
    except (EmptyRows, InfeasibleProgram):
        raise InfeasiblePlan(phrase("cli.no_plan").in_language(language)) from None
    except UnboundedProgram:
        raise UnboundedPlan(phrase("cli.unbounded").in_language(language)) from None
    if solution.statistics.stopped:
        raise TimeLimitReached(f"no bound is proved in {settings.time_limit:g} seconds")
    return solution.statistics.audit.bound


def reference_cost_alone(plan: SolvedPlan) -> float | None:
    """kUSD that the reference path would cost if it were known from the start.

    None where no such plan is found in time. What the plan pays more on it is the premium of its
    insurance.
    """
    case = make_case(plan.tables, plan.reference_path.name)
    try:
        return solve_program(assemble(case), "auto", ALONE).objective
    except (InfeasiblePlan, InfeasibleProgram, UnboundedProgram, SolverError, TimeLimitReached):
        return None
