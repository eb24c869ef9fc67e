"""A name that is none raises; what a case has no use for is asked for in so many words."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import kido.lp
from books import make_book, read
from example_book import good_book
from family_examples import TOYS
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.lp.build import build_model
from kido.lp.cost import expected_cost
from kido.lp.family import FAMILIES
from kido.lp.row import Row
from kido.lp.variables import MEANINGS, UnknownVariable, Variables, bounds_of, keys_of
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


def misspelt(case: Case, v: Variables) -> Iterator[Row]:
    for (name, n), column in v["bye"].items():
        row = Row((name, n), upper=0.0)
        row.add(1, column)
        yield row


def test_a_family_with_a_misspelt_variable_is_not_built(case: Case) -> None:
    with pytest.raises(UnknownVariable, match="'bye'"):
        build_model(case, {"misspelt": misspelt})


def test_a_variable_without_columns_is_empty() -> None:
    assert dict(Variables({})["breach"]) == {}


def test_columns_of_an_unknown_variable_are_refused() -> None:
    with pytest.raises(UnknownVariable, match="'bye'"):
        Variables({"bye": {}})


def test_a_term_without_a_column_is_refused_unless_it_may_be_absent() -> None:
    row = Row(("dam", 0))
    with pytest.raises(ValueError, match="dam"):
        row.add(1, None)
    with pytest.raises(ValueError, match="dam"):
        row.add(0, None)
    row.add_if_there(1, None)
    assert not row.variables
    row.add_if_there(2, "here")
    row.add(0, "there")
    assert (row.coefficients, row.variables) == ([2.0], ["here"])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_asks_for_variables_that_are_there(family: str, tmp_path: Path) -> None:
    """Asked for by hand, so that the roll-call does not lean on what it tests."""
    case = toy_case(family, tmp_path)
    asked: set[str] = set()

    class Heard(Variables):
        def __getitem__(self, name: str):  # type: ignore[no-untyped-def]
            asked.add(name)
            return super().__getitem__(name)

    held = keys_of(case)
    rows = list(FAMILIES[family](case, Heard({n: {k: (n, k) for k in held[n]} for n in held})))
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
    assert bounds_of(case).keys() == MEANINGS.keys()


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
