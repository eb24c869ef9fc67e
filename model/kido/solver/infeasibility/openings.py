"""Repairs of an infeasible workbook: single cells that, changed alone, would allow a plan.

The conflicts of `elastic_filter` are rows of the program. A capacity of 0, a date, a lead, a
loss, a recipe, an event or a profile has no row in it. So each such cell is relaxed alone in
the workbook and the program is solved again; where it is feasible, bisection finds the value
nearest to the present one that makes it so.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kido.data.case.build import make_case
from kido.data.check import checked_tables
from kido.data.tables import Tables
from kido.errors import Finding, KidoError, Place, WorkbookError
from kido.solver.assemble import assemble
from kido.solver.handle import Status, new_solver, pass_program, run_solver
from kido.solver.infeasibility.candidates import candidates
from kido.solver.infeasibility.opening import Opening
from kido.tolerances import SMALLEST_TRIED_T_YR

LONGEST = 60.0  # seconds for all of it
MOST = 6  # cells named
STEPS = 20  # of the bisection


def openings(tables: Tables, scenario: str | None, known: set[Place]) -> list[Finding]:
    """A finding for each cell that alone would allow a plan, with the value it would need.

    At most MOST of them, found within LONGEST seconds; cells in `known` are left out.
    """
    until = time.perf_counter() + LONGEST
    findings: list[Finding] = []
    places = set(known)
    for opening in sorted(candidates(tables), key=lambda o: not o.first):
        if len(findings) == MOST or time.perf_counter() > until:
            break
        if opening.place in places:
            continue
        has_plan_with = _PlanTest(opening, scenario, until)
        if has_plan_with(opening.value if opening.end is None else opening.end):
            finding = _finding(opening, has_plan_with)
            if finding is not None:
                findings.append(finding.in_language(tables.settings.language))
                places.add(opening.place)
    return findings


@dataclass(frozen=True)
class _PlanTest:
    """The test whether the workbook has a plan with a value in the cell of an opening."""

    opening: Opening
    scenario: str | None
    until: float

    def __call__(self, value: float) -> bool:
        return _has_plan(self.opening.tables_with(value), self.scenario, self.until)


def _finding(opening: Opening, has_plan_with: _PlanTest) -> Finding | None:
    """The finding of an opening that allows a plan; None where its value fails the checks."""
    value = opening.value if opening.end is None else _nearest(opening, has_plan_with)
    if not _is_valid(opening.tables_with(value)):
        return None
    texts = {"wanted": opening.need_of(value), "advice": opening.advice}
    cell_text = opening.text_of(opening.value)
    return Finding.of(opening.key, opening.place, cell_text, **opening.about, **texts)


def _nearest(opening: Opening, has_plan_with: _PlanTest) -> float:
    """The feasible value nearest to the present one, with as few digits as possible."""
    infeasible, feasible = opening.value, float(opening.end or 0.0)
    for _ in range(STEPS):
        if opening.whole and abs(feasible - infeasible) <= 1:
            break
        middle = _between(opening, infeasible, feasible)
        if has_plan_with(middle):
            feasible = middle
        else:
            infeasible = middle
    if opening.whole:
        return feasible
    towards = math.ceil if feasible > opening.value else math.floor
    for digits, way in ((3, round), (4, round), (5, round), (5, towards), (7, towards)):
        value = _rounded(feasible, digits, way)
        if has_plan_with(value):
            return value
    return feasible


def _between(opening: Opening, infeasible: float, feasible: float) -> float:
    if opening.whole:
        return float(math.floor((infeasible + feasible) / 2) if feasible > infeasible else
                     math.ceil((infeasible + feasible) / 2))  # fmt: skip
    if opening.steep:
        return math.sqrt(max(infeasible, SMALLEST_TRIED_T_YR) * feasible)
    return (infeasible + feasible) / 2


def _rounded(value: float, digits: int, way: Callable[[float], int]) -> float:
    """The value rounded to so many significant digits, in the direction of `way`."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    return way(value * scale) / scale


def _is_valid(tables: Tables) -> bool:
    """Whether the checks of a workbook find no fault in the tables."""
    try:
        checked_tables(tables)
    except WorkbookError:
        return False
    return True


def _has_plan(tables: Tables, scenario: str | None, until: float) -> bool:
    """Whether the tables have a feasible plan; False also where that is not known in time."""
    seconds_left = until - time.perf_counter()
    if seconds_left <= 0:
        return False
    try:
        program = assemble(make_case(tables, scenario))
        solver = new_solver({"time_limit": seconds_left})
        pass_program(solver, replace(program, cost=np.zeros(len(program.columns))))
        run_solver(solver)
    except (KidoError, ValueError, ArithmeticError):
        return False
    return solver.getModelStatus() in (Status.kOptimal, Status.kModelEmpty)
