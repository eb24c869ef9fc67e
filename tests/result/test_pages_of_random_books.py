"""On random books: cash ties to costs, what is lost is told once, and proofs are true."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings

from kido.data.tables import Tables
from kido.lp.build import build_model
from kido.result.cash import SUMS, cash
from kido.result.currency import money_unit
from kido.result.do_now import do_now, least_loss
from kido.result.orders import orders
from kido.result.pages import results_document
from kido.result.plan import SolvedPlan
from kido.result.report import make_report
from kido.result.shortages import shortages_of
from kido.solver.highs import InfeasibleProgram, solve_program
from kido.solver.program import Program, hand_over
from plan import answered
from randombooks import books

some = settings(
    max_examples=15, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


def cost_without(plan: SolvedPlan, program: Program, act: str, who: str, rows: list[str]) -> float:
    """The optimal cost without these orders of the first node; inf where there is no plan."""
    first = int(plan.reference_path.path[0])
    names = {("ship", (r, first)) for r in rows} | {("buy", (r, first)) for r in rows}
    if act != "buy":
        names = {("reserve" if act == "sign" else "expand", (r, first)) for r in rows}
    elif who in plan.case.contracts:
        names = {("lift", (who, r, first)) for r in rows}
    high = program.high.copy()
    high[[i for i, name in enumerate(program.columns) if name in names]] = 0.0
    try:
        return solve_program(replace(program, high=high)).objective
    except InfeasibleProgram:
        return np.inf


@some
@given(books())
def test_what_is_proved_to_be_lost_is_lost(tables: Tables) -> None:
    """No plan without the line costs less than the bound says."""
    plan = answered(tables)
    program = hand_over(*build_model(plan.case))
    list_of_orders = orders(plan).frame
    start = plan.case.tree.start
    first = list_of_orders[(list_of_orders["start"] == start) & (list_of_orders["act"] != "ask")]
    for (act, who), group in first.groupby(["act", "counterparty"]):
        rows = list(dict.fromkeys(group["row"]))
        bound = least_loss(plan, act, who, rows)
        event("proved" if bound > 1e-3 else "not proved")
        truth = cost_without(plan, program, act, who, rows) - plan.solution.objective
        assert bound <= truth + 1e-5 + 1e-6 * abs(plan.solution.objective)


@some
@given(books())
def test_pages_are_made_and_tie(tables: Tables) -> None:
    plan = answered(tables)
    report = make_report(plan)
    results_document(report, plan)
    factor, frame = money_unit(plan)[1], cash(plan).frame
    whole = frame[frame["item"] == "cost in all"]["total"].to_list()
    near = {"rel": 1e-6, "abs": 1e-4 * factor}
    assert whole[1] == pytest.approx(plan.expected_cost * factor, **near)
    for _, lines in frame.groupby("basis"):
        parts = lines[~lines["item"].isin(SUMS)]["total"].sum()
        assert parts == pytest.approx(lines["total"].iloc[-1], rel=1e-6, abs=0.1 * factor)
    lines = do_now(plan, report["orders"].frame).frame
    assert lines["cash"].is_monotonic_decreasing
    for short in shortages_of(plan):
        assert (short.short <= short.size * (1 + 1e-6) + 1e-6).all()
        assert all((tonnes >= 0).all() for tonnes in short.lost.values())
