"""A name that is none raises; what a case has no use for is asked for in so many words."""

from __future__ import annotations

import ast
import math
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.common.gc_manager import PauseGC

import kido.lp
from books import make_book, read
from example_book import good_book
from family_examples import TOYS
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.lp.build import build_model, clear_model
from kido.lp.cost import expected_cost
from kido.lp.family import FAMILIES
from kido.lp.rows import FamilyRows, Row, Rows
from kido.lp.variables import (
    MEANINGS,
    UnknownVariable,
    Variables,
    limits_of,
    variables_named,
    variables_of,
)
from kido.result.shadow_prices import ShadowPrices
from kido.solver.assemble import Frame
from kido.solver.highs import solve_program
from kido.solver.program import hand_over, with_objective_bounded
from plan import plan


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return make_case(read(good_book(tmp_path / "good.xlsx")))


def toy_case(family: str, folder: Path) -> Case:
    settings, sheets = TOYS[family]
    return make_case(read(make_book(folder / f"{family}.xlsx", settings, **sheets)))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_columns_of_the_model_bear_the_names_of_the_program(
    family: str, tmp_path: Path
) -> None:
    model, variables = build_model(toy_case(family, tmp_path))
    for column in model.component_objects(pyo.Var):
        keys = [key if isinstance(key, tuple) else (key,) for key in column]
        names = [variables.names[place] for place in variables.of(column.local_name)]
        assert names == [(column.local_name, key) for key in keys]


def test_nothing_stays_of_a_model_that_was_cleared(case: Case) -> None:
    model, _ = build_model(case)
    parts = [weakref.ref(part) for part in model.component_objects()]
    with PauseGC():
        clear_model(model)
        assert len(parts) > 10 and not any(part() for part in parts)


def misspelt(case: Case, v: Variables) -> Iterator[Rows]:
    for key, columns in v["bye"].items():
        rows = Rows(key, v.nodes, upper=0.0)
        rows.add(1, columns)
        yield rows


def test_a_family_with_a_misspelt_variable_is_not_built(case: Case) -> None:
    with pytest.raises(UnknownVariable, match="'bye'"):
        build_model(case, {"misspelt": misspelt})


def test_a_variable_without_columns_is_empty() -> None:
    none = variables_named([("buy", ("north", 1))], 2)["breach"]
    assert dict(none) == {}
    assert none["cap", ""].tolist() == [-1, -1]


def test_columns_of_an_unknown_variable_are_refused() -> None:
    with pytest.raises(UnknownVariable, match="'bye'"):
        variables_named([("bye", ("north", 0))], 1)


def test_columns_stand_by_node_then_variable_then_key(case: Case) -> None:
    variables = variables_of(case)
    order = list(MEANINGS)
    names = variables.names
    assert names == tuple(sorted(names, key=lambda x: (x[1][-1], order.index(x[0]), x[1])))
    for columns in (variables, variables_named(names, variables.nodes)):
        assert columns.names == names
        for number, (name, (*key, n)) in enumerate(names):
            assert columns[name][tuple(key)][n] == number


def test_what_has_no_column_or_no_coefficient_is_no_term() -> None:
    rows = Rows(("dam",), 3, upper=[1.0, 2.0, 3.0])
    rows.add([5.0, 0.0, 7.0], np.array([0, 1, -1]))
    rows.add(2, np.array([1, -1]), at=np.array([2, 0]))
    assert rows.counts.tolist() == [1, 0, 1]
    family = FamilyRows.of("dam", [rows], 2)
    assert family.keys == [("dam", 0), ("dam", 2)]
    assert family.matrix.toarray().tolist() == [[5.0, 0.0], [0.0, 2.0]]
    assert family.upper.tolist() == [1.0, 3.0]


def test_coefficients_of_a_column_that_comes_twice_are_added_up() -> None:
    rows = Rows(("dam",), 2)
    for coefficient in (1.0, [2.0, -1.0]):
        rows.add(coefficient, np.array([0, 1]))
    assert FamilyRows.of("dam", [rows], 2).matrix.nnz == 1
    assert rows.counts.tolist() == [2, 2]
    rows.merge()
    assert rows.counts.tolist() == [1, 0]


def test_a_row_without_a_term_is_told_where_it_asks_for_something() -> None:
    rows = Rows(("dam",), 4, lower=[0.0, 2.0, 2.0, 2.0])
    rows.add(1, np.array([-1, -1, 0, -1]))
    rows.keep(np.array([True, True, True, False]))
    family = FamilyRows.of("dam", [rows], 1)
    assert family.keys == [("dam", 2)]
    assert family.empty == [Row(("dam", 1), 2.0, math.inf)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_asks_for_variables_that_are_there(family: str, tmp_path: Path) -> None:
    """Asked for by hand, so that the roll-call does not lean on what it tests."""
    case = toy_case(family, tmp_path)
    asked: set[str] = set()

    class Heard(Variables):
        def __getitem__(self, name: str):  # type: ignore[no-untyped-def]
            asked.add(name)
            return super().__getitem__(name)

    held = variables_of(case)
    rows = list(FAMILIES[family](case, Heard(held.blocks, held.numbers)))
    assert rows and asked and asked <= MEANINGS.keys()


def test_every_variable_named_in_the_program_room_is_one() -> None:
    """The literals of `v[...]` as they stand, in branches too that no book of ours takes."""
    named = {
        node.slice.value
        for path in Path(kido.lp.__path__[0]).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == "v"
        and isinstance(node.slice, ast.Constant)
    }
    assert named <= MEANINGS.keys()
    assert {"buy", "reserve", "tail"} <= named


def test_every_variable_has_bounds_and_no_other_has(case: Case) -> None:
    assert limits_of(case).keys() == MEANINGS.keys()


def charged_wrongly(case: Case) -> Case:
    first, *others = case.cost_terms
    return replace(case, cost_terms=(replace(first, variable="bye"), *others))


def counted_wrongly(case: Case) -> Case:
    policy = next(p for p in case.policies if p.numerator)
    first, *others = policy.numerator
    wrong = replace(policy, numerator=(replace(first, variable="bye"), *others))
    return replace(case, policies=(wrong,))


@pytest.mark.parametrize("wrong", [charged_wrongly, counted_wrongly])
def test_money_and_policies_of_an_unknown_variable_are_not_dropped(
    case: Case, wrong: Callable[[Case], Case]
) -> None:
    frame = Frame(hand_over(*build_model(case)))
    with pytest.raises(UnknownVariable):
        build_model(wrong(case))
    with pytest.raises(UnknownVariable):
        frame.filled(wrong(case))


def test_another_objective_of_an_unknown_variable_is_refused(case: Case) -> None:
    program = hand_over(*build_model(case))
    with pytest.raises(UnknownVariable):
        expected_cost(charged_wrongly(case))
    with pytest.raises(UnknownVariable):
        with_objective_bounded(program, {("bye", ("north", 0)): 1.0}, 0.0)


def test_an_answer_is_asked_for_names_that_are_there(tmp_path: Path) -> None:
    case, solution = plan(read(good_book(tmp_path / "good.xlsx")))
    with pytest.raises(UnknownVariable):
        solution["bye"]
    with pytest.raises(LookupError, match="kapacity"):
        ShadowPrices.of(case, solution).of_rows("kapacity", "kiln")
    assert solve_program(hand_over(*build_model(case)))["breach"] is not None
