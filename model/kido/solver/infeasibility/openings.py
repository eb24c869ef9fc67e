"""Cells that shut the way: where there is no plan, the single cells with which there would be one.

The rows that cannot all hold (see `elastic_filter`) are the rows of the program. What an empty
capacity, a date, a lead, a loss, a recipe, an event or a profile takes away has no row in it.
So each such cell is opened alone, in the book, and the program is tried again; where it has a plan
then, the number is closed in on that just lets it.
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

LONGEST = 60.0  # seconds for all of it
MOST = 6  # cells named
LITTLE = 1e-3  # t/yr
STEPS = 20  # to close a number in


def openings(tables: Tables, scenario: str | None, known: set[Place]) -> list[Finding]:
    """The cells with any of which alone there would be a plan, and what they would have to be.

    Cells in `known` are named already. Those found in the time there is.
    """
    until = time.perf_counter() + LONGEST
    found: list[Finding] = []
    places = set(known)
    for opening in sorted(candidates(tables), key=lambda o: not o.first):
        if len(found) == MOST or time.perf_counter() > until:
            break
        if opening.place in places:
            continue
        lets = _PlanTest(opening, scenario, until)
        if lets(opening.held if opening.end is None else opening.end):
            finding = _finding(opening, lets)
            if finding is not None:
                found.append(finding.in_language(tables.settings.language))
                places.add(opening.place)
    return found


@dataclass(frozen=True)
class _PlanTest:
    """Whether a value of a cell lets a plan be."""

    opening: Opening
    scenario: str | None
    until: float

    def __call__(self, value: float) -> bool:
        return _has_plan(self.opening.typed(value), self.scenario, self.until)


def _finding(opening: Opening, lets: _PlanTest) -> Finding | None:
    """With the value closed in on; none where the checks of the book do not let it stand."""
    value = opening.held if opening.end is None else _nearest(opening, lets)
    if not _stands(opening.typed(value)):
        return None
    words = {"wanted": opening.wanted(value), "advice": opening.advice}
    held = opening.told(opening.held)
    return Finding.of(opening.key, opening.place, held, **opening.about, **words)


def _nearest(opening: Opening, lets: _PlanTest) -> float:
    """The value nearest to what is held that lets a plan be, with as few digits as tell it."""
    shut, opened = opening.held, float(opening.end or 0.0)
    for _ in range(STEPS):
        if opening.whole and abs(opened - shut) <= 1:
            break
        middle = _between(opening, shut, opened)
        if lets(middle):
            opened = middle
        else:
            shut = middle
    if opening.whole:
        return opened
    towards = math.ceil if opened > opening.held else math.floor
    for digits, way in ((3, round), (4, round), (5, round), (5, towards), (7, towards)):
        value = _rounded(opened, digits, way)
        if lets(value):
            return value
    return opened


def _between(opening: Opening, shut: float, opened: float) -> float:
    if opening.whole:
        return float(math.floor((shut + opened) / 2) if opened > shut else
                     math.ceil((shut + opened) / 2))  # fmt: skip
    if opening.steep:
        return math.sqrt(max(shut, LITTLE) * opened)
    return (shut + opened) / 2


def _rounded(value: float, digits: int, way: Callable[[float], int]) -> float:
    """To so many digits."""
    if value == 0:
        return 0.0
    scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    return way(value * scale) / scale


def _stands(tables: Tables) -> bool:
    """Whether the checks of a book find no fault with what would be typed."""
    try:
        checked_tables(tables)
    except WorkbookError:
        return False
    return True


def _has_plan(tables: Tables, scenario: str | None, until: float) -> bool:
    """Whether some plan keeps every rule; no where that is not known."""
    left = until - time.perf_counter()
    if left <= 0:
        return False
    try:
        program = assemble(make_case(tables, scenario))
        solver = new_solver({"time_limit": left})
        pass_program(solver, replace(program, cost=np.zeros(len(program.columns))))
        run_solver(solver)
    except (KidoError, ValueError, ArithmeticError):
        return False
    return solver.getModelStatus() in (Status.kOptimal, Status.kModelEmpty)
