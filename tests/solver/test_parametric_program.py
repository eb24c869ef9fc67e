"""Programs along a parameter: what moves, slopes, plans elsewhere, history weights held."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kido.data.case.build import make_case
from kido.data.tables import Tables
from kido.lp.build import build_model
from kido.solver.assemble import Frame
from kido.solver.parametric_program import COSTS, LIMITS, MIXED, NOTHING, PRICES, Line, Plan
from kido.solver.program import Program, hand_over
from kido.solver.program_diff import Change
from kido.solver.warm_start import LiveSolver
from kido.study.design.parameter import Parameter
from parameters import parameter
from randombooks import books

LIMITED = (
    ("Demand", ("need",), "need"),
    ("Supply", ("north",), "most"),
    ("Facilities", ("kiln",), "capacity"),
    ("Stockpiles", ("store",), "opening"),
)
PRICED = (
    ("Supply", ("north",), "price"),
    ("Routes", ("oxide by sea",), "freight"),
    ("Relief", ("lost",), "cost"),
    ("Processes", ("split",), "cost"),
)
LOW, HIGH = 0.8, 1.2


@dataclass
class ModelOracle:
    """A parameter from 0.8 to 1.2 times, with what a solve at a place finds."""

    tables: Tables
    parameter: Parameter

    def __post_init__(self) -> None:
        self.base = hand_over(*build_model(make_case(self.tables)))
        self.frame = Frame(self.base)
        self.line = Line(self.base, LOW, self.change(LOW), HIGH, self.change(HIGH))

    def program(self, at: float) -> Program:
        filled = self.frame.filled(make_case(self.parameter.with_value(self.tables, at)))
        assert filled is not None
        return filled

    def change(self, at: float) -> Change:
        return Change.of(self.base, self.program(at))

    def solve(self, at: float) -> tuple[float, Plan]:
        vertex = LiveSolver(self.base).solve(self.program(at))
        return vertex.objective, Plan(vertex.values, vertex.duals, vertex.reduced)


def near(number: float) -> object:
    return pytest.approx(number, rel=1e-7, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(books(), st.sampled_from(LIMITED), st.sampled_from((0.8, 0.93, 1.2)))
def test_limits_give_lines_under_the_cost(
    tables: Tables, moved: tuple[str, tuple[str, ...], str], at: float
) -> None:
    along = ModelOracle(tables, parameter(tables, *moved))
    assume(along.line.kind != MIXED)  # a smallest quantity above the largest bends it
    assert along.line.kind in (LIMITS, NOTHING)
    cost, plan = along.solve(at)
    slope = along.line.slope(plan)
    for place in (0.8, 0.9, 1.07, 1.2):
        if along.line.matches(place, along.change(place)):
            assert cost + slope * (place - at) <= along.solve(place)[0] * (1 + 1e-7) + 1e-5


@settings(max_examples=30, deadline=None)
@given(books(), st.sampled_from(PRICED), st.sampled_from((0.8, 0.93, 1.2)))
def test_a_plan_costs_elsewhere_no_less_than_the_best_there(
    tables: Tables, moved: tuple[str, tuple[str, ...], str], at: float
) -> None:
    along = ModelOracle(tables, parameter(tables, *moved))
    risky = tables.settings.risk_weight > 0 and len(along.base.rows) > 0
    assert along.line.kind in (PRICES if risky else COSTS, NOTHING)
    cost, plan = along.solve(at)
    spent = along.line.costs_of(at, plan)

    def recost(place: float) -> float:
        return along.line.measure(spent(place))

    assert recost(at) == near(cost)
    for place in (0.8, 0.9, 1.07, 1.2):
        assert along.line.matches(place, along.change(place))
        best, _ = along.solve(place)
        assert recost(place) >= best * (1 - 1e-7) - 1e-5
    slope = along.line.slope(plan)
    ahead = recost(at + 1e-6) - recost(at)
    behind = recost(at) - recost(at - 1e-6)
    assert behind / 1e-6 - 1e-3 * abs(cost) <= slope <= ahead / 1e-6 + 1e-3 * abs(cost)


@settings(max_examples=30, deadline=None)
@given(books(), st.sampled_from(PRICED), st.sampled_from((0.9, 1.2)))
def test_crossed_weights_bound_the_cost_from_below(
    tables: Tables, moved: tuple[str, tuple[str, ...], str], at: float
) -> None:
    along = ModelOracle(tables.with_settings(risk_weight=0.5), parameter(tables, *moved))
    assume(along.line.kind == PRICES)
    low, one = along.solve(0.8)
    high, other = along.solve(at)
    live = LiveSolver(along.base)
    weights = along.line.risk.weights(one.duals)
    spent = along.line.costs_of(0.8, one)(0.8)
    assert spent[0] + sum(w * x for w, x in zip(weights, spent[1:], strict=True)) == near(low)
    same = along.line.with_crossed_weights((0.8, one), (0.8, one))
    assert live.solve(same).objective == near(low)
    crossed = live.solve(along.line.with_crossed_weights((0.8, one), (at, other))).objective
    for share in (0.25, 0.5, 0.75):
        bound = (1 - share) ** 2 * low + share**2 * high + 2 * share * (1 - share) * crossed
        cost, _ = along.solve(0.8 + share * (at - 0.8))
        assert bound <= cost * (1 + 1e-7) + 1e-5


@settings(max_examples=15, deadline=None)
@given(books())
def test_a_risk_weight_is_a_cost(tables: Tables) -> None:
    tables = tables.with_settings(risk_weight=0.5)
    along = ModelOracle(tables, parameter(tables, "Settings", (), "risk_weight"))
    assert along.line.kind in (COSTS, NOTHING)
    assert along.line.matches(1.0, along.change(1.0))


@settings(max_examples=15, deadline=None)
@given(books())
def test_a_share_in_the_matrix_is_neither(tables: Tables) -> None:
    along = ModelOracle(tables, parameter(tables, "Routes", ("oxide by sea",), "loss", "plus"))
    assert along.line.kind == MIXED
