"""A start from the scenario tree: a basis, the same optimum, and branches that cannot be met."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

import kido
from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan, UnboundedPlan
from kido.lp.family import EmptyRows
from kido.solver import block_planner, solve, staged_start
from kido.solver.assemble import assemble
from kido.solver.basis import BASIC
from kido.solver.blocks import block_structure
from kido.solver.highs import InfeasibleProgram, UnboundedProgram, solve_program
from kido.solver.program import Program
from randombooks import books
from sheets import tables_of
from widebooks import wide_books

Row = dict[str, object]


@pytest.fixture(autouse=True)
def _small_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged_start, "LEAST_COLUMNS", 0)
    monkeypatch.setattr(staged_start, "LEAST_BLOCK", 0)


def with_risk(tables: Tables, weight: float, level: float) -> Tables:
    return replace(tables, settings=replace(tables.settings, risk_weight=weight, cvar_level=level))


def case_and_program(tables: Tables) -> tuple[Case, Program]:
    case = make_case(tables)
    try:
        return case, assemble(case)
    except EmptyRows:  # no program, so nothing to start
        reject()


ANY_BOOK = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@ANY_BOOK
@given(
    tables=st.one_of(books(), wide_books()),
    weight=st.sampled_from([0.0, 0.02, 0.3, 0.9, 1.0]),
    level=st.sampled_from([0.0, 0.5, 0.9]),
)
def test_the_start_is_a_basis_and_the_optimum_that_of_a_solve_from_nothing(
    tables: Tables, weight: float, level: float
) -> None:
    case, program = case_and_program(with_risk(tables, weight, level))
    try:
        plain = solve_program(program)
    except UnboundedProgram:
        reject()
    except InfeasibleProgram:
        with pytest.raises(InfeasibleProgram):
            solve.solve_case(program, case)
        return
    staged = solve.solve_case(program, case)
    assert staged.objective == pytest.approx(plain.objective, rel=1e-9, abs=1e-6)
    if len(case.tree.leaves) < 2:
        assert staged.statistics.start is None
        return
    assert staged.statistics.method == "staged simplex", staged.statistics.attempts
    start = staged_start.staged_start(program, case)
    basic = np.append(start.basis.columns, start.basis.rows) == BASIC
    assert basic.sum() == len(program.rows)


@ANY_BOOK
@given(tables=st.one_of(books(), wide_books()))
def test_blocks_part_the_rows_and_columns(tables: Tables) -> None:
    case, program = case_and_program(tables)
    structure = block_structure(program, case.tree)
    assert structure is not None
    for part, count in (("rows", len(program.rows)), ("columns", len(program.columns))):
        positions = np.concatenate([getattr(block, part) for block in structure.blocks])
        assert sorted(positions.tolist()) == list(range(count))
    for index, block in enumerate(structure.blocks):
        path = [structure.blocks[i].columns for i in structure.path(index)]
        outside = np.setdiff1d(np.arange(len(program.columns)), np.concatenate(path))
        assert program.matrix[block.rows][:, outside].nnz == 0
        assert block.parent < index


def test_a_row_across_paths_leaves_no_start() -> None:
    case, program = case_and_program(two_futures())
    first, last = block_structure(program, case.tree).blocks[1:]  # type: ignore[union-attr]
    matrix = program.matrix.tolil()
    matrix[first.rows[0], last.columns[0]] = 1.0
    with pytest.raises(block_planner.NoStart, match="several paths"):
        staged_start.staged_start(replace(program, matrix=matrix.tocsr()), case)


def two_futures(**sheets: list[Row]) -> Tables:
    """A t a month, from an offer that two scenarios make dearer; a store of ten."""
    return tables_of(
        {"calendar": "12 month"},
        **{
            "Commodities": [{"name": "Dy", "kind": "oxide"}],
            "Sites": [{"name": "Tokyo", "country": "Japan"}],
            "Supply": [{"name": "offer", "site": "Tokyo", "commodity": "Dy", "price": 10,
                        "most": 24}],
            "Demand": [{"name": "need", "site": "Tokyo", "commodity": "Dy", "need": 12}],
            "Stockpiles": [{"name": "store", "site": "Tokyo", "commodity": "Dy",
                            "capacity": 10}],
            "Scenarios": [
                {"name": "dear", "probability": 0.4, "known": "2027-04"},
                {"name": "dearer", "probability": 0.2, "known": "2027-07"},
            ],
            "Events": [
                {"scenario": "dear", "target": "offer", "effect": "price", "factor": 2},
                {"scenario": "dearer", "target": "offer", "effect": "price", "factor": 3},
            ],
            **sheets,
        },
    )  # fmt: skip


def test_what_is_decided_for_what_may_come_is_decided_as_from_nothing(tmp_path: Path) -> None:
    # 10 and 7 t in store before it gets dearer: the store fills at 1 t a month, so as much as can
    run = kido.solve(two_futures(), output=tmp_path / "run")
    assert run.facts["solver"]["method"] == "staged simplex"
    assert run.facts["solver"]["staged_start"]["blocks"] == 3
    # 12 months at 10; of the later ones, dear: 9 at +10 less 3 in store, dearer: 6 at +20 less 6
    assert run.facts["objective"] == pytest.approx(120 + 0.4 * 6 * 10)


def stopped(*scenarios: str) -> list[Row]:
    return [{"scenario": name, "target": "offer", "effect": "capacity", "factor": 0}
            for name in scenarios]  # fmt: skip


def test_a_branch_that_cannot_be_met_is_found_before_the_whole_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, program = case_and_program(two_futures(Events=stopped("dear")))
    with pytest.raises(InfeasibleProgram) as caught:
        staged_start.staged_start(program, case)
    part = caught.value.part
    assert part is not None
    branches = {case.tree.branch_of(key[-1]).name for _, key in part.columns}
    assert branches == {case.tree.branches[0].name, "dear"}
    tried: list[str] = []
    monkeypatch.setattr(solve, "cold_attempts", lambda *_: tried.append("whole") or [])
    with pytest.raises(InfeasiblePlan) as refused:
        kido.solve(two_futures(Events=stopped("dear")), output=tmp_path / "run")
    assert "dear" in " ".join(f.sentence for f in refused.value.findings)
    assert not (tmp_path / "run").exists()


def test_all_branches_that_cannot_be_met_are_found_at_once() -> None:
    case, program = case_and_program(two_futures(Events=stopped("dear", "dearer"), Stockpiles=[]))
    with pytest.raises(InfeasibleProgram) as caught:
        staged_start.staged_start(program, case)
    assert caught.value.part is not None
    assert {case.tree.branch_of(key[-1]).name for _, key in caught.value.part.columns} == {
        branch.name for branch in case.tree.branches
    }


def test_an_infeasible_start_is_no_verdict_where_the_branches_only_lack_foresight() -> None:
    # alone, the first block stores nothing; the scenario needs what is in store
    events = [{"scenario": "dear", "target": "offer", "effect": "capacity", "factor": 0,
               "months": 3}]  # fmt: skip
    case, program = case_and_program(two_futures(Events=events))
    staged = solve.solve_case(program, case)
    assert staged.statistics.method == "staged simplex"
    assert staged.objective == pytest.approx(solve_program(program).objective)


def test_what_is_without_end_in_one_branch_is_told_as_ever(tmp_path: Path) -> None:
    sales = [{"name": "outlet", "site": "Tokyo", "commodity": "Dy", "price": 5}]
    supply = [{"name": "offer", "site": "Tokyo", "commodity": "Dy", "price": 10}]
    events = [{"scenario": "dear", "target": "outlet", "effect": "price", "factor": 3}]
    book = two_futures(Sales=sales, Supply=supply, Events=events)
    with pytest.raises(UnboundedPlan):
        kido.solve(book, output=tmp_path / "run")


def test_a_start_that_does_not_pay_is_given_up_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solve, "iteration_limit", lambda _: 0)
    run = kido.solve(two_futures(), output=tmp_path / "run")
    facts = run.facts["solver"]
    assert facts["method"] == "simplex"
    assert facts["attempts"][0].startswith("staged simplex: Iteration limit")
    assert facts["staged_start"]["blocks"] == 3
    assert run.facts["objective"] == pytest.approx(144)


def test_a_single_history_has_no_tree_to_start_from(tmp_path: Path) -> None:
    run = kido.solve(two_futures(Scenarios=[], Events=[]), output=tmp_path / "run")
    assert run.facts["solver"]["method"] == "simplex"
    assert run.facts["solver"]["staged_start"] is None
