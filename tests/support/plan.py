"""The whole way from a book to its answer, for tests."""

from __future__ import annotations

from pathlib import Path

from hypothesis import currently_in_test_context, reject

from books import read
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.lp.build import build_model
from kido.result.plan import SolvedPlan
from kido.solver.highs import InfeasibleProgram, solve_program
from kido.solver.program import hand_over
from kido.solver.solution import Solution


def plan(book: str | Path | Tables, scenario: str | None = None) -> tuple[Case, Solution]:
    """Read a workbook (or take its tables), build its program, solve it.

    `scenario` plans one branch alone, everything known. A random book without a plan is no
    example of anything that is tried here.
    """
    tables = book if isinstance(book, Tables) else read(book)
    case = make_case(tables, scenario)
    model, variables = build_model(case)
    try:
        return case, solve_program(hand_over(model, variables))
    except InfeasibleProgram:
        if currently_in_test_context():
            reject()
        raise


def answered(tables: Tables) -> SolvedPlan:
    """The plan without its certificate."""
    case, solution = plan(tables)
    return SolvedPlan(tables, case, solution, None)
