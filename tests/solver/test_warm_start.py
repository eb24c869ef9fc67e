"""The live model: other numbers on a program's rows and columns, solved from a basis."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from pyomo.common.gc_manager import PauseGC

from books import read
from example_book import good_book
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.data.workbook.read import read_book
from kido.lp.build import build_model
from kido.lp.family import EmptyRows
from kido.solver.assemble import Frame, assemble
from kido.solver.basis import transfer_basis
from kido.solver.highs import InfeasibleProgram, solve_program
from kido.solver.program import Program, hand_over
from kido.solver.program_diff import PARTS, Change
from kido.solver.warm_start import LiveSolver
from parameters import parameter
from places import INPUTS
from randombooks import books
from widebooks import wide_books

MOVES = (
    ("Demand", ("need",), "need", 1.2),
    ("Supply", ("north",), "price", 1.7),
    ("Supply", ("north",), "most", 0.6),
    ("Routes", ("oxide by sea",), "freight", 3.0),
    ("Facilities", ("kiln",), "capacity", 0.5),
    ("Stockpiles", ("store",), "opening", 0.5),
    ("Relief", ("thrift",), "cost", 0.5),
)


def program_of(tables: Tables) -> Program:
    return hand_over(*build_model(make_case(tables)))


def same(one: Program, other: Program) -> None:
    assert one.rows == other.rows and one.columns == other.columns
    for part in PARTS:
        np.testing.assert_allclose(getattr(one, part), getattr(other, part), rtol=1e-12, atol=1e-12)
    assert abs(one.matrix - other.matrix).max() < 1e-12


def equal(case: Case) -> None:
    """The model of a plan and the arrays of a sweep are one program, number by number."""
    modelled, assembled = hand_over(*build_model(case)), assemble(case)
    assert modelled.rows == assembled.rows and modelled.columns == assembled.columns
    assert modelled.offset == assembled.offset
    for part in PARTS:
        np.testing.assert_array_equal(getattr(modelled, part), getattr(assembled, part), part)
    for part in ("indptr", "indices", "data"):
        one, other = getattr(modelled.matrix, part), getattr(assembled.matrix, part)
        np.testing.assert_array_equal(one, other, part)


@settings(max_examples=60, deadline=None)
@given(books())
def test_both_ways_to_a_program_are_one(tables: Tables) -> None:
    equal(make_case(tables))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(wide_books())
def test_both_ways_agree_on_books_with_everything(tables: Tables) -> None:
    """Also on what cannot be had at all."""
    case = make_case(tables)
    try:
        build_model(case)
    except EmptyRows as modelled:
        with pytest.raises(EmptyRows) as assembled:
            assemble(case)
        assert [(f, r.key) for f, r in assembled.value.rows] == [
            (f, r.key) for f, r in modelled.rows
        ]
        assert assembled.value.findings == modelled.findings
    else:
        equal(case)


@pytest.mark.parametrize(
    "book, scenario",
    [
        ("tutorial", None),
        ("tutorial", "Stop"),
        pytest.param("japan", None, marks=pytest.mark.slow),
        pytest.param("japan", "Trunk", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_both_ways_agree_on_the_books_of_the_house(
    book: str, scenario: str | None, weight: float
) -> None:
    tables = read_book(INPUTS / f"{book}.xlsx").with_settings(risk_weight=weight)
    equal(make_case(tables, scenario))


@settings(max_examples=25, deadline=None)
@given(books(), st.sampled_from(MOVES))
def test_a_filled_frame_is_the_program_built_anew(
    tables: Tables, move: tuple[str, tuple[str, ...], str, float]
) -> None:
    sheet, names, column, factor = move
    edited = parameter(tables, sheet, names, column).with_value(tables, factor)
    filled = Frame(program_of(tables)).filled(make_case(edited))
    assert filled is not None
    same(filled, program_of(edited))


@settings(max_examples=25, deadline=None)
@given(books(), st.sampled_from(MOVES))
def test_a_warm_answer_costs_what_a_cold_one_does(
    tables: Tables, move: tuple[str, tuple[str, ...], str, float]
) -> None:
    sheet, names, column, factor = move
    base = program_of(tables)
    edited = program_of(parameter(tables, sheet, names, column).with_value(tables, factor))
    live = LiveSolver(base)
    try:
        first, cold = live.solve(base), solve_program(edited)
    except InfeasibleProgram:
        reject()
    warm = live.solve(edited, first.basis)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-8, abs=1e-6)
    back = live.solve(base, first.basis)  # the same vertex, from its basis factored anew
    np.testing.assert_allclose(back.values, first.values, rtol=1e-12, atol=1e-12)


def test_what_was_solved_before_leaves_no_trace(tmp_path: Path) -> None:
    tables = read(good_book(tmp_path / "good.xlsx"))
    base = program_of(tables)
    price = parameter(tables, "Routes", ("Sea lane",), "price")
    edited = [program_of(price.with_value(tables, f)) for f in (0.5, 1.5, 2.0)]
    start = LiveSolver(base).solve(base).basis
    one, other = LiveSolver(base), LiveSolver(base)
    forth = [one.solve(p, start).values for p in edited]
    back = [other.solve(p, start).values for p in reversed(edited)]
    for mine, theirs in zip(forth, reversed(back), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_case_with_other_rows_does_not_fit(tmp_path: Path) -> None:
    tables = read(good_book(tmp_path / "good.xlsx"))
    frame = Frame(program_of(tables))
    weighed = parameter(tables, "Settings", (), "risk_weight", "set").with_value(tables, 0.5)
    assert frame.filled(make_case(weighed)) is None


@settings(max_examples=15, deadline=None)
@given(books())
def test_columns_a_case_has_no_use_for_stay_at_nothing(tables: Tables) -> None:
    none = parameter(tables, "Supply", ("north",), "most").with_value(tables, 0.0)
    small, full = program_of(none), program_of(tables)
    assert len(small.columns) < len(full.columns)
    filled = Frame(full).filled(make_case(none))
    assert filled is not None
    expected = solve_program(small).objective
    assert solve_program(filled).objective == pytest.approx(expected, rel=1e-9, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(books())
def test_a_basis_is_carried_to_a_program_with_other_columns(tables: Tables) -> None:
    none = parameter(tables, "Supply", ("north",), "most").with_value(tables, 0.0)
    small, full = program_of(none), program_of(tables)
    first = LiveSolver(small).solve(small)
    found = LiveSolver(full).solve(full, transfer_basis(first.basis, small, full))
    expected = solve_program(full).objective
    assert found.objective == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_solver_does_not_stay_in_memory_once_it_has_run(tmp_path: Path) -> None:
    base = program_of(read(good_book(tmp_path / "good.xlsx")))
    live = LiveSolver(base)
    with PauseGC():
        for _ in range(3):
            live.solve(base)
        solver = weakref.ref(live.solver)
        del live
        assert solver() is None


def test_no_plan_is_said_from_a_basis_too(tmp_path: Path) -> None:
    tables = read(good_book(tmp_path / "good.xlsx"))
    base = program_of(tables)
    live = LiveSolver(base)
    start = live.solve(base).basis
    held = np.array([name == "reserve" for name, _ in base.columns])
    impossible = replace(base, low=np.where(held, 300.0, base.low))
    with pytest.raises(InfeasibleProgram):
        live.solve(impossible, start)


def test_a_change_leads_from_one_program_to_the_other(tmp_path: Path) -> None:
    tables = read(good_book(tmp_path / "good.xlsx"))
    base = program_of(tables)
    other = program_of(parameter(tables, "Routes", ("Sea lane",), "price").with_value(tables, 2.0))
    same(Change.of(base, other).on(base), other)
    assert not Change.of(base, base).vector.nnz
    assert Change.of(base, other).near(Change.of(base, base) + Change.of(base, other))
    assert not Change.of(base, other).near(Change.of(base, base))
