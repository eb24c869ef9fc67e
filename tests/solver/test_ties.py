"""Of plans that cost the same: the urgent is served first, nothing is signed for nothing, and the
order of rows decides nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kido
from drawn_books import drawn
from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.lp.build import build_model
from kido.lp.preference import preferences
from kido.solver import highs, ties
from kido.solver.assemble import assemble
from kido.solver.handle import SolverCallError
from kido.solver.highs import solve_program
from kido.solver.program import hand_over
from kido.solver.warm_start import LiveSolver
from sheets import tables_of

Row = dict[str, object]


def shared(*needs: Row, **sheets: list[Row]) -> Tables:
    """Six tonnes a year of what several need, each of whom loses as much by going without."""
    return tables_of(
        {"calendar": "12 month"},
        **{
            "Commodities": [{"name": "Dy", "kind": "oxide"}],
            "Sites": [{"name": "Tokyo", "country": "Japan"}],
            "Supply": [{"name": "offer", "site": "Tokyo", "commodity": "Dy", "price": 10,
                        "most": 60}],
            "Demand": [{"site": "Tokyo", "commodity": "Dy", "need": 60, **n} for n in needs],
            "Relief": [{"name": f"lost {n['name']}", "demand": n["name"], "kind": "lost",
                        "cost": 100} for n in needs],
            **sheets,
        },
    )  # fmt: skip


def lost(tables: Tables, folder: Path) -> dict[str, float]:
    run = kido.solve(tables, output=folder)
    assert run.facts["objective"] == pytest.approx(60 * 10 + 60 * 100 * (len(tables["Demand"]) - 1))
    return {k[0]: float(v.sum()) for k, v in run.answer.values["relieve"].items()}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_priority_1_is_served_first_whatever_the_order_of_rows(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    needs = [{"name": "b", "priority": 1}, {"name": "c", "priority": 2},
             {"name": "a", "priority": 3}]  # fmt: skip
    found = lost(shared(*(needs[i] for i in order)), tmp_path / "run")
    assert "lost b" not in found
    assert found["lost c"] == pytest.approx(60) and found["lost a"] == pytest.approx(60)


def test_a_priority_does_not_change_what_the_plan_costs(tmp_path: Path) -> None:
    """Where the loss of the urgent costs less, it is the one that goes without."""
    tables = shared({"name": "urgent", "priority": 1}, {"name": "dear", "priority": 9})
    rows = tables["Relief"].rows.copy()
    rows.loc[rows["demand"] == "dear", "cost"] = 101.0
    run = kido.solve(tables.with_rows("Relief", rows), output=tmp_path / "run")
    assert list(run.answer.values["relieve"]) == [("lost urgent",)]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_where_only_the_tail_counts_the_urgent_is_first_too(
    names: tuple[str, str], tmp_path: Path
) -> None:
    first, last = names
    tables = shared({"name": first, "priority": 1}, {"name": last, "priority": 3})
    run = kido.solve(tables.with_settings(risk_weight=1.0), output=tmp_path / "run")
    assert list(run.answer.values["relieve"]) == [(f"lost {last}",)]


def test_no_tonnes_of_the_less_urgent_make_up_for_one_of_the_urgent(tmp_path: Path) -> None:
    """A tonne of A takes the ore of two of B: losing either costs as much, and A is urgent."""
    tables = tables_of(
        {"calendar": "1 month"},
        Commodities=[{"name": "ore", "kind": "feed"}, {"name": "A", "kind": "oxide"},
                     {"name": "B", "kind": "oxide"}],
        Sites=[{"name": "T", "country": "Japan"}],
        Supply=[{"name": "s", "site": "T", "commodity": "ore", "price": 1, "most": 24}],
        Processes=[{"name": "pA", "site": "T"}, {"name": "pB", "site": "T"}],
        Recipes=[
            {"process": "pA", "role": "input", "item": "ore", "amount": 2},
            {"process": "pA", "role": "output", "item": "A", "amount": 1},
            {"process": "pB", "role": "input", "item": "ore", "amount": 1},
            {"process": "pB", "role": "output", "item": "B", "amount": 1},
        ],
        Demand=[{"name": "nA", "site": "T", "commodity": "A", "need": 12, "priority": 1},
                {"name": "nB", "site": "T", "commodity": "B", "need": 24, "priority": 2}],
        Relief=[{"name": "lA", "demand": "nA", "kind": "lost", "cost": 200},
                {"name": "lB", "demand": "nB", "kind": "lost", "cost": 100}],
    )  # fmt: skip
    run = kido.solve(tables, output=tmp_path / "run")
    assert run.facts["objective"] == pytest.approx(202)
    assert {k[0]: float(v.sum()) for k, v in run.answer.values["relieve"].items()} == {
        "lB": pytest.approx(2)
    }


def test_what_is_not_lifted_is_not_reserved(tmp_path: Path) -> None:
    """A contract without a fee, dearer than spot: nothing is gained by reserving it."""
    deal = {"name": "deal", "applies_to": "offer", "most_reserved": 50, "price_rule": "fixed",
            "price": 12}  # fmt: skip
    cheap = {**deal, "name": "cheap", "price": 9, "most_reserved": 30}
    tables = shared({"name": "need", "priority": 1}, Contracts=[deal, cheap])
    run = kido.solve(tables, output=tmp_path / "run")
    reserved = {k[0]: v.sum() for k, v in run.answer.values["reserve"].items()}
    assert reserved == {"cheap": pytest.approx(30)}


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    mixed = random.Random(seed)
    for sheet, frame in tables.frames.items():
        rows = list(frame.rows.index)
        mixed.shuffle(rows)
        if sheet != "Profiles" and len(rows) > 1:
            again = frame.rows.loc[rows]
            again.index = pd.Index(sorted(rows))
            tables = tables.with_rows(sheet, again)
    return tables


def answer_of(tables: Tables) -> dict[tuple[str, object], float]:
    case = make_case(tables)
    program = hand_over(*build_model(case))
    found = solve_program(program)
    found = ties.break_ties(program, found, preferences(case, found.values))
    return {(n, key): v for n, held in found.values.items() for key, v in held.items()}


@pytest.mark.parametrize("number", range(20))
def test_the_order_of_rows_decides_nothing(number: int) -> None:
    tables = drawn()[number]
    first, again = answer_of(tables), answer_of(shuffled(tables, number))
    assert first.keys() == again.keys()
    names = list(first)
    np.testing.assert_allclose([first[n] for n in names], [again[n] for n in names], atol=1e-7)


def test_a_plan_that_cannot_be_preferred_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = shared({"name": "a", "priority": 2}, {"name": "b", "priority": 1})
    case = make_case(tables)
    program = hand_over(*build_model(case))
    first = solve_program(program)

    def refuse(*_: object, **__: object) -> None:
        raise SolverCallError("no")

    monkeypatch.setattr(ties, "run_attempts", refuse)
    wish = [{("relieve", key): 1.0 for key in first.values["relieve"]}]
    assert ties.break_ties(program, first, []) is first
    assert ties.break_ties(program, first, wish, time_limit=0.0) is first
    assert ties.break_ties(program, first, wish).values is first.values


def hiding(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer from now on breaks a row by a little."""
    honest, told = highs.audited_solution, []

    def audited(program: object, solver: object) -> highs.AuditedSolution:
        answer = honest(program, solver)  # type: ignore[arg-type]
        if not told:
            told.append(1)
            broken = replace(answer.audit, row_share=8.6, faults=("it breaks a row by 8.6e-06",))
            return replace(answer, audit=broken)
        return answer

    monkeypatch.setattr(highs, "audited_solution", audited)


def test_what_scaling_hides_is_solved_again_in_the_units_of_the_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer that breaks a row by a little is asked for once more from where it stands."""
    program = hand_over(*build_model(make_case(shared({"name": "need", "priority": 1}))))
    hiding(monkeypatch)
    attempts = solve_program(program).statistics.attempts
    assert attempts == ("simplex: Optimal, but it breaks a row by 8.6e-06", "unscaled: Optimal")


def test_a_live_solver_has_the_same_second_try_and_forgets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = assemble(make_case(shared({"name": "need", "priority": 1})))
    dearer = replace(program, cost=1.1 * program.cost)
    live = LiveSolver(program)
    for start, name in ((None, "simplex"), (live.solve(program).basis, "warm simplex")):
        hiding(monkeypatch)
        vertex = live.solve(dearer, start)
        assert vertex.solution.statistics.attempts == (
            f"{name}: Optimal, but it breaks a row by 8.6e-06",
            "unscaled: Optimal",
        )
        assert vertex.warm == (name == "warm simplex")
        monkeypatch.undo()
        live.solve(program, vertex.basis)
        plain = {option: live.solver.getOptionValue(option)[1] for option in live.plain}
        assert plain == {**live.plain, "solver": "simplex"}


def test_what_is_owed_is_taken_before_it_is_made_up() -> None:
    """Half of what is owed is needed: it is lifted and half is paid for in each of two years.

    To make up 4 t a month of the second year and pay for as much more then costs the same.
    """
    tables = shared(
        {"name": "need"},
        Contracts=[{"name": "deal", "applies_to": "offer", "least_reserved": 120, "take_or_pay": 1,
                    "most_reserved": 120, "make_up_months": 24}],
    ).with_settings(calendar=(1,) * 24)  # fmt: skip
    case = make_case(tables)
    program = assemble(case)
    made_up = np.array([name == "make_up" for name, _ in program.columns])
    first = solve_program(replace(program, low=np.where(made_up, 4.0, program.low)))
    assert sum(first.values["make_up"].values()) == pytest.approx(48)
    found = ties.break_ties(program, first, preferences(case, first.values))
    assert found.objective == pytest.approx(first.objective)
    assert sum(found.values["make_up"].values()) == pytest.approx(0)
    assert sum(found.values["forgo"].values()) == pytest.approx(120)
