"""A sweep from Python: every point is what a planner would get by typing and planning anew."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kido
import worker_functions
from example_book import marked_book
from kido import run as road
from kido.data.tables import Tables
from kido.study import session
from kido.study import sweep as study
from kido.study.point import Point
from kido.study.resolve.evaluate import Task, evaluate_task
from parameters import parameter
from randombooks import books
from sweep_by_hand import (
    Asked,
    Move,
    ask,
    asking,
    choose,
    headings,
    planned,
    put_rows,
    settled,
    tutorial,
)

EXACT = 1e-7  # relative
FACTS = {
    "sweep", "method", "levers", "workbook", "workbook_sha256", "base", "points", "statuses",
    "solves", "largest_error", "proof", "jobs", "dask", "seconds", "versions",
}  # fmt: skip
POINT = {
    "number", "values", "scenario", "status", "message", "objective", "lower", "upper",
    "measures", "seconds", "iterations", "warm", "gap", "broken", "attempts",
}  # fmt: skip

NEED = Move("Demand", ("Magnets",), "need", word="EV")
PRICE = Move("Routes", ("Sea lane",), "purchase price")
PIT = Move("Supply", ("Pit",), "max")
STOP = Move("Scenarios", ("Stop",), "probability", "set")
LONG = Move("Scenarios", ("Long stop",), "probability")
WEIGHT = Move("Settings", ("risk weight",), operation="set")
STORE = Move("Stockpiles", ("Store",), "capacity", word="companies")
END = Move("Routes", ("Sea lane",), "end", "plus")
KINDS = ask(
    "Kinds",
    "tornado",
    Move("Profiles", ("Nd price",), operation="plus").over("-6"),  # profiles come first
    PIT.over("0"),
    STOP.over("0.04; 0.01"),
    LONG.over("0"),
    WEIGHT.over("0"),
    STORE.over("2"),
    Move("Stockpiles", ("Store",), "floor", "set").over("120"),
    Move("Contracts", ("Offtake",), "index").over("1.2"),
    END.over("-9"),
    Move("Scenarios", ("Long stop",), "known", "plus").over("-2; 1"),
    Move("Relief", ("Thrift", "Late"), "cost").over("0.5"),
    Move("Facilities", ("Kiln", "Port"), "capacity", word="western").over("0.5"),
    Move("Recipes", ("Refine",), "amount", commodity="Nd").over("1.1"),
    Move("Routes", ("Sea lane",), "loss %", "plus").over("3"),
    Move("Routes", ("Sea lane",), "lead months", "set").over("1.5"),
    Move("Demand", ("Magnets",), "growth a year", "set").over("-0.1"),
    Move("Events", ("Port shut",), "factor", "set").over("1"),
    Move("Settings", ("yard cost",), operation="set").over("2"),
    Move("Settings", ("run-out months",), operation="set").over("0"),
    Move("Settings", ("CVaR level",), operation="set").over("0.5"),
    Move("Settings", ("discount rate",), operation="set").over("0.1"),
)
SOLVED = {
    asked.name: asked
    for asked in (
        KINDS,
        ask("Together", "curve", NEED.over("0.8; 1.1; 1.4"), PRICE.over("0.5; 1; 2")),
        ask("Grid", "grid", STOP.over("0.04; 0.2"), WEIGHT.over("0; 0.4; 1")),
        ask("Latin", "latin", PRICE.over("0.5; 2"), LONG.over("0; 2"), STORE.over("1; 3"),
            samples=4),
        ask("Morris", "morris", PIT.over("0.2; 1"), NEED.over("0.7; 1.3"), samples=2),
        ask("Sobol", "sobol", END.over("-6; 0"), PRICE.over("0.5; 2"), samples=2),
        ask("Alone", "scenarios"),
    )
}  # fmt: skip
RANGES = {
    asked.name: asked
    for asked in (
        ask("Need", "curve", NEED.over("0.6..1.6 step 0.05")),
        ask("Price", "curve", PRICE.over("0.2..3 step 0.1")),
        ask("Pit", "curve", PIT.over("0..1 step 0.02")),
        ask("Chance", "curve", STOP.over("0.04..0.5 step 0.02")),
        ask("Weight", "curve", WEIGHT.over("0..1 step 0.05")),
    )
}


def risky(book: openpyxl.Workbook) -> None:
    """A weight on the tail, and a last relief so that most points have a plan."""
    choose(book, **{"risk weight": 0.5, "CVaR level": 0.8})
    lost = {"name": "Lost", "demand": "Magnets", "kind": "lost", "cost": 900}
    book["Relief"].append([lost.get(heading) for heading in headings(book["Relief"])])
    put_rows(book["Sweeps"], [])


@pytest.fixture(autouse=True, scope="module")
def no_workbook() -> Iterator[None]:
    """The workbooks of results have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "write_sweep", lambda report, result, path: path.write_text("new"))
        write = lambda report, answer, path, shown: path.write_text("new")  # noqa: E731
        patch.setattr(road, "write_results", write)
        yield


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return marked_book(tmp_path_factory.mktemp("plain") / "plain.xlsx", risky)


@pytest.fixture(scope="module")
def swept(plain: Path) -> dict[str, kido.Sweep]:
    """All sweeps of one book, in this process."""
    book = asking(plain, plain.with_name("book.xlsx"), *SOLVED.values(), *RANGES.values())
    done = kido.sweep(book, jobs=1, output=plain.parent / "runs")
    return {sweep.facts["sweep"]: sweep for sweep in done}


ByHand = Callable[[Asked, dict[str, Any]], tuple[str, float | None]]


@pytest.fixture
def by_hand(plain: Path, tmp_path: Path) -> ByHand:
    """How a point ends where its values are typed into the cells."""

    def answer(asked: Asked, point: dict[str, Any]) -> tuple[str, float | None]:
        typed = asked.typed(plain, tmp_path / "typed.xlsx", point["values"])
        return planned(typed, point["scenario"])

    return answer


# --- every point is a plan --------------------------------------------------


@pytest.mark.parametrize("weight", [0, 0.5, 1])
def test_the_base_point_is_the_plain_solve(plain: Path, tmp_path: Path, weight: float) -> None:
    grid = ask("Grid", "grid", NEED.over("1; 1.1"), WEIGHT.over(f"{weight}; 0.3"))
    options = {"risk weight": weight, "steady %": 0}  # a point is a plan of least cost
    book = asking(plain, tmp_path / "book.xlsx", grid, **options)
    (sweep,) = kido.sweep(book, jobs=1, output=tmp_path / "sweep")
    solved = kido.solve(book, output=tmp_path / "run").facts
    same = [p for p in sweep.facts["points"] if p["values"] == [1, weight]]
    assert len(same) == 1 and same[0]["warm"]
    for point in (sweep.facts["base"], *same):
        assert point["objective"] == pytest.approx(solved["objective"], rel=EXACT)
        for name in ("expected_cost", "cvar"):
            assert point["measures"][name] == pytest.approx(solved[name], rel=EXACT)


@pytest.mark.parametrize("name", SOLVED)
def test_every_point_is_the_plan_of_an_edited_book(
    swept: dict[str, kido.Sweep], by_hand: ByHand, name: str
) -> None:
    for point in swept[name].facts["points"]:
        status, cost = by_hand(SOLVED[name], point)
        assert point["status"] == status, (point["values"], point["message"])
        assert point["objective"] == (cost and pytest.approx(cost, rel=EXACT)), point["values"]
        assert point["lower"] == point["upper"] == point["objective"]


@pytest.mark.parametrize("name", RANGES)
def test_every_value_of_a_range_costs_what_is_certified(
    swept: dict[str, kido.Sweep], by_hand: ByHand, name: str
) -> None:
    points = swept[name].facts["points"]
    certified = [p for p in points if p["status"] == "certified"]
    assert {p["status"] for p in points} == {"solved", "certified"}
    for point in certified:
        assert point["upper"] - point["lower"] <= 1e-4 * point["upper"] * (1 + EXACT)
    solved = [p for p in points if p["status"] == "solved"]
    for point in (certified[0], certified[len(certified) // 2], solved[len(solved) // 2]):
        _, cost = by_hand(RANGES[name], point)
        assert cost is not None
        assert point["lower"] <= cost * (1 + EXACT) and cost * (1 - EXACT) <= point["upper"]


def test_what_the_sweeps_of_a_book_were_put_to(swept: dict[str, kido.Sweep]) -> None:
    sizes = {name: len(sweep.facts["points"]) for name, sweep in swept.items()}
    assert {n: sizes[n] for n in SOLVED} == {
        "Kinds": 23, "Together": 3, "Grid": 6, "Latin": 4, "Morris": 6, "Sobol": 8, "Alone": 3,
    }  # fmt: skip
    ended = swept["Kinds"].facts["statuses"]
    assert ended == {"solved": 21, "bad input": 2}
    assert len(swept["Kinds"].facts["levers"]) == len(KINDS.moves)
    assert swept["Kinds"].facts["levers"][:2] == ["Nd price: value", "Pit: max"]


# --- shapes of the optimal cost ---------------------------------------------

STEPS = (0.5, 1.0, 1.5, 2.0)
CONVEX = (("Demand", ("need",), "need"),)
CONCAVE = (
    ("Supply", ("north",), "price"),
    ("Routes", ("oxide by sea",), "freight"),
    ("Relief", ("lost",), "cost"),
)


def bends(tables: Tables, moved: tuple[str, tuple[str, ...], str]) -> np.ndarray[Any, Any]:
    """Second differences of the optimal cost along a parameter at no weight on the tail."""
    tables = tables.with_settings(risk_weight=0.0)
    points = tuple(Point(k, (at,)) for k, at in enumerate(STEPS))
    found = evaluate_task(Task(uuid4().hex, tables, (parameter(tables, *moved),), points))
    costs = [f.outcome.objective for f in found]
    assert None not in costs, [f.outcome.message for f in found]
    return np.diff(costs, 2) / max(map(abs, costs))  # type: ignore[arg-type, type-var]


@settings(max_examples=8, deadline=None)
@given(books(), st.sampled_from(CONVEX))
def test_cost_is_convex_along_a_need(
    tables: Tables, moved: tuple[str, tuple[str, ...], str]
) -> None:
    assert bends(tables, moved).min() > -EXACT


@settings(max_examples=8, deadline=None)
@given(books(), st.sampled_from(CONCAVE))
def test_cost_is_concave_along_a_price(
    tables: Tables, moved: tuple[str, tuple[str, ...], str]
) -> None:
    assert bends(tables, moved).max() < EXACT


# --- whoever does the work, in whatever order -------------------------------

TUTORIAL_PRICE = Move("Routes", ("Exporter to Factory",), "purchase price", "set")
TUTORIAL_STOCK = Move("Stockpiles", ("Factory stock",), "capacity", "set")
SPREAD = (
    ask("Curve", "curve", TUTORIAL_PRICE.over("50..650 step 100"), alone="yes"),
    ask("Grid", "grid", TUTORIAL_PRICE.over("90; 210; 390"), TUTORIAL_STOCK.over("0; 5; 10; 30")),
    ask("Sample", "latin", TUTORIAL_PRICE.over("90; 390"), TUTORIAL_STOCK.over("0; 60"),
        samples=12),
)  # fmt: skip


@pytest.fixture(scope="module")
def spread(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("spread")
    return asking(tutorial(folder / "plain.xlsx"), folder / "book.xlsx", *SPREAD)


def points_of(book: Path, folder: Path, **given: Any) -> dict[str, list[dict[str, Any]]]:
    """The points of every sweep of a book but for the seconds they took."""
    done = kido.sweep(book, output=folder, **given)
    return {sweep.facts["sweep"]: settled(sweep.facts["points"]) for sweep in done}


@pytest.fixture(scope="module")
def expected(spread: Path) -> dict[str, list[dict[str, Any]]]:
    return points_of(spread, spread.with_name("expected"), jobs=1)


def test_three_processes_find_the_same(spread: Path, tmp_path: Path, expected: Any) -> None:
    assert points_of(spread, tmp_path, jobs=3) == expected


def test_a_process_that_is_killed_changes_nothing(
    spread: Path, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = tmp_path / "killed"
    monkeypatch.setattr(
        session, "evaluate_task", partial(worker_functions.mortal_answers, str(flag))
    )
    assert points_of(spread, tmp_path / "runs", jobs=2) == expected
    assert flag.exists()


def test_a_cluster_of_which_a_worker_is_killed_finds_the_same(
    spread: Path, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client, LocalCluster

    killed: list[int] = []
    monkeypatch.setattr(study, "PROGRESS_INTERVAL", 0.0)
    quiet = {"dashboard_address": ":0", "silence_logs": 60}
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **quiet) as cluster:
        address = cluster.scheduler_address
        with Client(address, set_as_default=False) as client:
            workers = client.run(os.getpid)

        def say(words: str) -> None:
            if words.startswith("Grid: 1 of") and not killed:
                killed.append(workers.popitem()[1])
                os.kill(killed[0], signal.SIGKILL)

        assert points_of(spread, tmp_path, dask=address, say=say) == expected
    assert killed


@pytest.mark.parametrize("chunk", [1, 100])
def test_who_is_answered_together_does_not_matter(
    spread: Path, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(session, "CHUNK", chunk)
    found = points_of(spread, tmp_path, name="Sample", jobs=1)
    for one, other in zip(expected["Sample"], found["Sample"], strict=True):
        alike(one, other)


def test_the_order_of_values_and_rows_does_not_matter(tmp_path: Path, expected: Any) -> None:
    grid = ask(
        "Grid", "grid", TUTORIAL_STOCK.over("30; 0; 10; 5"), TUTORIAL_PRICE.over("390; 90; 210")
    )
    book = asking(tutorial(tmp_path / "plain.xlsx"), tmp_path / "book.xlsx", grid)
    found = {tuple(p["values"]): p for p in points_of(book, tmp_path / "runs", jobs=1)["Grid"]}
    assert len(found) == 12
    for point in expected["Grid"]:
        alike(point, found[tuple(reversed(point["values"]))])


def alike(one: dict[str, Any], other: dict[str, Any]) -> None:
    """The same answer, though it may have been reached in another way."""
    for part in ("status", "message", "scenario"):
        assert one[part] == other[part]
    for part in ("objective", "lower", "upper", "measures"):
        assert one[part] == pytest.approx(other[part], rel=1e-9)


# --- what run.json holds ----------------------------------------------------


@pytest.mark.parametrize("name", ["Kinds", "Price", "Sobol", "Alone"])
def test_the_keys_of_run_json_are_stable(swept: dict[str, kido.Sweep], name: str) -> None:
    facts = swept[name].facts
    assert facts.keys() == FACTS
    for point in (facts["base"], *facts["points"]):
        assert point.keys() == POINT
    assert facts["solves"].keys() == {"warm", "cold", "kept"}
    assert facts["seconds"].keys() == {"total"}
    assert facts["versions"].keys() >= {"kido", "pyomo", "highspy", "joblib", "SALib", "python"}
    assert sum(facts["statuses"].values()) == len(facts["points"])
