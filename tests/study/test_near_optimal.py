"""Near-optimal ranges: by hand, against brute force, and where a search fails."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from circular_book import circular
from kido.data.tables import Tables
from kido.errors import SolverError
from kido.solver.warm_start import BasicSolution
from kido.study.design.design import Design
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.execute.executor import Pool
from kido.study.execute.result_cache import ResultCache
from kido.study.methods.near_optimal.extremes import (
    LEAST,
    MOST,
    SCALINGS,
    RangeSearch,
    RangeTask,
    search_range,
)
from kido.study.methods.near_optimal.quantities import expression_of
from kido.study.methods.near_optimal.ranges import (
    _optimum,
    near_optimal_ranges,
    range_tasks,
    status_of,
)
from kido.study.methods.near_optimal.result import NearOptimalRange
from kido.study.point import CERTIFIED, FAILED, LIMIT, SOLVED, Outcome, Point
from kido.study.registry import METHODS
from kido.study.resolve.evaluate import Evaluation, Task, model_of
from kido.study.resolve.warm_model import WarmModel
from kido.study.session import Session
from plan import answered
from randombooks import books
from sheets import tables_of

NUMBERS = count()  # each book has a name of its own


def ground(tables: Tables, *extras: float, **asked: object) -> Session:
    executor = CachedExecutor(Pool(1), ResultCache(None))
    base = Outcome(Point(-1), FAILED)
    design = Design("room", "room", values=extras, **asked)  # type: ignore[arg-type]
    return Session(METHODS["room"], executor, f"room {next(NUMBERS)}", tables, design, base, None)


def room(
    tables: Tables, *extras: float, **asked: object
) -> dict[tuple[str, float], NearOptimalRange]:
    return {(r.item, r.extra): r for r in near_optimal_ranges(ground(tables, *extras, **asked))[0]}


def searches(asked: Session) -> list[RangeTask]:
    found = _optimum(Task(asked.book, asked.tables, (), ()))
    assert found is not None
    answer, start = found
    return range_tasks(answer, asked, start)


def market(**settings: object) -> Tables:
    """100 t of Dy in a year: near costs 10 kUSD a t, far 12, gone 11 and may send nothing.

    Every t passes the port, which could take 200 t.
    """
    places = {"near": "Australia", "far": "Brazil", "gone": "Chile"}
    price = {"near": 10, "far": 12, "gone": 11}
    return tables_of(
        {"calendar": "1 year", **settings},
        Commodities=[{"name": "Dy", "kind": "oxide"}],
        Sites=[
            *({"name": f"{name} mine", "country": c} for name, c in places.items()),
            {"name": "Osaka", "country": "Japan"},
        ],
        Supply=[
            {"name": name, "site": f"{name} mine", "commodity": "Dy", "price": price[name]}
            for name in places
        ],
        Facilities=[{"name": "port", "site": "Osaka", "capacity": 200}],
        Routes=[
            {"name": f"{name} lane", "origin": f"{name} mine", "destination": "Osaka",
             "commodity": "Dy", "uses": "port"}
            for name in places
        ],
        Demand=[
            {"name": "motors", "segment": "EV", "site": "Osaka", "commodity": "Dy", "need": 100}
        ],
        Policies=[
            {"name": "shut", "measure": "volume", "of": "gone lane", "counted": "shipped",
             "sense": "at most", "limit": 0, "over": "year"},
        ],
    )  # fmt: skip


def test_two_suppliers_by_hand() -> None:
    """A t from far costs 2 kUSD more: 1 % of 1000 kUSD moves 5 t, 20 % moves all."""
    found = room(market(), 0.01, 0.2)

    def ends(item: str, extra: float) -> tuple[object, ...]:
        r = found[item, extra]
        assert r.whole is not None and r.least is not None and r.most is not None
        numbers = (r.least / r.whole, r.at_optimum / r.whole, r.most / r.whole)
        return *(pytest.approx(n, abs=1e-7) for n in numbers), r.status, r.unit

    assert ends("country|Dy|Australia", 0.01) == (0.95, 1, 1, "required", "t")
    assert ends("country|Dy|Brazil", 0.01) == (0, 0, 0.05, "optional", "t")
    assert ends("country|Dy|Chile", 0.01) == (0, 0, 0, "unused", "t")
    assert ends("use|port", 0.01) == (0.5, 0.5, 0.5, "required", "t")
    assert ends("country|Dy|Australia", 0.2) == (0, 1, 1, "optional", "t")
    assert ends("country|Dy|Brazil", 0.2) == (0, 0, 1, "optional", "t")
    assert ends("country|Dy|Chile", 0.2) == (0, 0, 0, "unused", "t")
    assert len(found) == 8


def test_a_sheet_and_its_unit() -> None:
    (offtake,) = room(circular(), 0.01, sheet="Contracts").values()
    assert (offtake.item, offtake.unit, offtake.whole) == ("Contracts|offtake", "t/yr", 60)


def brute(model: WarmModel, item_rates: np.ndarray, budget: float, way: int) -> float:
    """One end of the room by scipy, from nothing."""
    p = model.program
    rows, sides = [], []
    for sign, limit in ((1.0, p.upper), (-1.0, p.lower)):
        bounded = np.isfinite(limit)
        rows.append(sign * p.matrix.toarray()[bounded])
        sides.append(sign * limit[bounded])
    rows.append(p.cost.reshape(1, -1))
    sides.append(np.array([budget - p.offset]))
    bounds = np.column_stack([p.low, p.high])
    found = linprog(way * item_rates, np.vstack(rows), np.concatenate(sides), bounds=bounds)
    assert found.status == 0, found.message
    return float(way * found.fun)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(books(calendar="3 month, 1 quarter"), st.sampled_from([(0.01, 0.1), (0.003, 0.5)]))
def test_the_same_as_brute_force(tables: Tables, extras: tuple[float, ...]) -> None:
    """Also: what is chosen lies between the ends, and the room grows with the cost."""
    asked = ground(tables, *extras)
    answer, model = answered(tables), model_of(Task(asked.book, tables, (), ()), None)
    optimum = answer.solution.objective
    before: dict[str, NearOptimalRange] = {}
    for r in near_optimal_ranges(asked)[0]:
        of = expression_of(answer, r.item)
        budget = optimum + r.extra * abs(optimum)
        assert r.least is not None and r.most is not None
        for found, way in ((r.least, LEAST), (r.most, MOST)):
            truth = of.constant + brute(model, of.on(model.program.columns), budget, way)
            assert found == pytest.approx(truth, rel=1e-4, abs=1e-4), r
        assert r.least <= r.at_optimum <= r.most
        if r.item in before:
            smaller = before[r.item]
            assert smaller.least is not None and smaller.most is not None
            assert r.least <= smaller.least and smaller.most <= r.most
        before[r.item] = r


def test_a_search_is_sent_to_another_process() -> None:
    tasks = searches(ground(circular(), 0.02, 0.1))
    for task in tasks:
        sent = pickle.loads(pickle.dumps(task))
        assert [strip(f) for f in search_range(sent)] == [strip(f) for f in search_range(task)]
        assert len(search_range(task)) == len(task.points) == 4


def strip(found: Evaluation) -> Outcome:
    return replace(found.outcome, seconds=0.0)


def test_what_needs_no_search_has_none() -> None:
    """Nothing from far is chosen: less is impossible. All that is wanted passes the port."""
    tasks = {task.item: task for task in searches(ground(market(), 0.01, 0.2, 0.3))}

    def statuses(item: str) -> list[str]:
        return [found.outcome.status for found in search_range(tasks[item])]

    assert statuses("country|Dy|Brazil")[::2] == [CERTIFIED] * 3
    assert statuses("country|Dy|Brazil")[1::2] == [SOLVED, SOLVED, CERTIFIED]
    assert statuses("use|port")[::2] == [SOLVED, CERTIFIED, CERTIFIED]
    assert all(found.outcome.warm for found in search_range(tasks["use|port"])[:2])


def test_a_second_search_where_the_first_cannot_be_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    task = searches(ground(market(), 0.01))[0]
    sound, tried = RangeSearch.solve_scaled, []

    def unsound(self: RangeSearch, stretch: float, budget: float) -> BasicSolution:
        tried.append(abs(stretch))
        if abs(stretch) == SCALINGS[0]:
            raise SolverError("not exact")
        return sound(self, stretch, budget)

    before = [strip(found) for found in search_range(task)]
    monkeypatch.setattr(RangeSearch, "solve_scaled", unsound)
    after = [found.outcome.plan[task.item] for found in search_range(task)]
    assert after == [pytest.approx(outcome.plan[task.item]) for outcome in before]
    assert tried == [*SCALINGS] * 2


def test_a_search_never_begins_from_nothing() -> None:
    task = searches(ground(market(), 0.01))[0]
    with pytest.raises(SolverError, match="trusted"):
        RangeSearch.of(task).solver.solve(model_of(task.base, None).program)


def test_a_book_without_a_plan_has_no_room() -> None:
    tables = market()
    rows = tables["Facilities"].rows.assign(capacity=50.0)
    assert near_optimal_ranges(ground(tables.with_rows("Facilities", rows), 0.01)) == ([], [])


def test_a_search_that_is_stopped_leaves_its_end_open() -> None:
    task = searches(ground(market(), 0.01))[0]
    hurried = replace(task.base, book="hurried", tables=market().with_settings(time_limit=0.0))
    stopped = [found.outcome for found in search_range(replace(task, base=hurried))]
    assert [outcome.status for outcome in stopped] == [LIMIT, LIMIT]
    assert all("no answer within" in outcome.message and not outcome.plan for outcome in stopped)


def test_an_end_left_open_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ground(market(), 0.01, 0.2)

    def lazy(task: RangeTask) -> list[Evaluation]:
        found = search_range(task)
        return [replace(found[0], outcome=replace(found[0].outcome, plan={})), *found[1:]]

    monkeypatch.setattr("kido.study.methods.near_optimal.ranges.search_range", lazy)
    near, nearer = near_optimal_ranges(asked)[0][:2]
    assert (near.least, near.most, near.status) == (None, pytest.approx(100), "")
    assert (nearer.least, nearer.most, nearer.status) == (0, pytest.approx(100), "optional")


def test_a_search_that_cannot_begin_ends_as_failed() -> None:
    task = searches(ground(market(), 0.01))[0]
    nowhere = replace(task.base, book="no such book", tables=Tables("", "", None, {}, {}))  # type: ignore[arg-type]
    found = search_range(replace(task, base=nowhere))
    assert [f.outcome.status for f in found] == [FAILED, FAILED]


@pytest.mark.parametrize("factor", [-1.0, 1.5])
def test_a_plan_that_breaks_a_rule_is_refused(factor: float) -> None:
    task = searches(ground(market(), 0.01))[0]
    field, point = RangeSearch.of(task), task.points[0]
    vertex = field.solve_end(LEAST, field.budget_at(point))
    assert field.outcome(point, vertex).status == SOLVED
    with pytest.raises(SolverError, match="a rule"):
        field.outcome(point, replace(vertex, values=factor * vertex.values))


def test_a_plan_that_costs_too_much_or_makes_something_else_is_refused() -> None:
    task = searches(ground(market(), 0.01, 0.2))[0]
    field = RangeSearch.of(task)
    cheap, dear = task.points[0], task.points[2]
    vertex = field.solve_end(LEAST, field.budget_at(dear))
    with pytest.raises(SolverError, match="more than 1010"):
        field.outcome(cheap, vertex)
    with pytest.raises(SolverError, match="makes"):
        field.outcome(dear, replace(vertex, objective=vertex.objective + 1e4))


@pytest.mark.parametrize(
    "at_optimum, least, most, told",
    [
        (10, 9, 11, "required"), (10, 0, 11, "optional"),
        (0, 0, 5, "optional"), (0, 0, 0, "unused"),
        (10, 1e-4, 11, "optional"),  # a hundred thousandth of what is chosen
        (0, 0, 5e-3, "unused"),  # of a whole of 100
        (10, None, 11, ""), (0, 0, None, ""), (10, 9, None, "required"), (10, 0, None, "optional"),
        (10, None, None, ""), (0, None, 5, "optional"),
    ],
)  # fmt: skip
def test_statuses(at_optimum: float, least: float | None, most: float | None, told: str) -> None:
    assert status_of(at_optimum, least, most, 100) == told
