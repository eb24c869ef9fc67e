"""Without news, the book of a later month has the rest of the old plan, and its cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from kido.errors import RollError
from kido.result.plan import SolvedPlan
from kido.result.records import flows
from kido.rolling.book import starts
from kido.rolling.past import Past, past_of
from kido.rolling.rolled import Rolled, node_of, rolled_book
from kido.run import load
from kido.solver.assemble import assemble
from kido.solver.solution import Solution
from kido.solver.solve import solve_case
from places import JAPAN
from plan import plan
from randombooks import Kind, books
from sheets import frame_of


def rest_of(past: Past) -> float:
    """What the old plan costs from the new start on: its mean and its CVaR, seen from there."""
    tree, options = past.tree, past.tables.settings
    now = tree.nodes[past.now]
    cost, to_date = np.zeros(len(tree.nodes)), np.zeros(len(tree.nodes))
    for term in past.case.cost_terms:
        amounts = past.at(term.variable, *term.key)[term.decided_in]
        np.add.at(cost, term.counted_in, term.rate * amounts)
    for m in tree.nodes:
        if m.index in past.coming:
            earlier = to_date[m.previous] if m.previous in past.coming else 0.0
            to_date[m.index] = earlier + cost[m.index] * m.discount / now.discount
    leaves = [leaf for leaf in tree.leaves if leaf in past.coming]
    chance = np.array([tree.nodes[leaf].probability for leaf in leaves]) / now.probability
    worst = np.argsort(-to_date[leaves])
    tail = 1 - options.cvar_level
    inside = np.diff(np.minimum(np.cumsum([0.0, *chance[worst]]), tail))
    mean, cvar = chance @ to_date[leaves], inside @ to_date[leaves][worst] / tail
    return float((1 - options.risk_weight) * mean + options.risk_weight * cvar)


def rolled(tables: Tables, to: int, happened: str | None = None) -> tuple[float, Rolled]:
    """(the cost of the rest of the plan, the book of month `to`)."""
    case, solution = plan(tables)
    table: pd.DataFrame = flows(SolvedPlan(tables, case, solution, None)).frame
    past = past_of(tables, case, node_of(tables, case.tree, to, happened), table)
    return rest_of(past), rolled_book(tables, table, to, happened)


def with_more(tables: Tables, sheet: str, *rows: dict[str, object]) -> Tables:
    old, new = tables[sheet].rows, frame_of(sheet, rows).rows
    new.index = new.index + max(old.index, default=1)
    return tables.with_rows(sheet, pd.concat([old, new]).astype(new.dtypes.to_dict()))


@st.composite
def crossings(draw: st.DrawFn, kind: Kind) -> Tables:
    """Random books in which much crosses the start of a later month."""

    def one(*values: object) -> object:
        return draw(st.sampled_from(values))

    tables = draw(books(kind, str(one("6 month", "4 month, 1 quarter", "8 month"))))
    span = {"over": one("year", "calendar year", "horizon")}
    limits: tuple[dict[str, object], ...] = (
        {"name": "budget", "measure": "spend", "of": "Australia", "sense": "at most",
         "limit": one(20, 60), "penalty": 2, **span},
        {"name": "volume", "measure": "volume", "of": "north", "counted": "bought",
         "sense": one("at most", "at least"), "limit": one(10, 30), "penalty": 4, **span},
        {"name": "made", "measure": "volume", "of": "split", "counted": "made", "commodity": "Dy",
         "sense": "at least", "limit": one(2, 6), "penalty": 6, **span},
    )  # fmt: skip
    tables = with_more(tables, "Policies", *(limit for limit in limits if one(True, False)))
    tables = with_more(tables, "Demand", {"name": "glass", "site": "Plant", "commodity": "La",
                                          "need": 3, "segment": "glass"})  # fmt: skip
    wait = {"name": "wait", "demand": "glass", "kind": "defer", "share": 0.5, "cost": 0.1,
            "returns": 1, "latest_return": one(None, 2, 3)}  # fmt: skip
    lost = {"name": "no glass", "demand": "glass", "kind": "lost", "cost": 40}
    tables = with_more(tables, "Relief", wait, lost)
    stores, contracts = tables["Stockpiles"].rows.copy(), tables["Contracts"].rows.copy()
    if one(True, False):
        keeps = {"life_months": one(1.0, 2.5), "release": "any time", "draw": np.nan,
                 "ending": "free"}  # fmt: skip
        stores.loc[2, list(keeps)] = list(keeps.values())
    if len(contracts) and one(True, False):
        contracts["index"] = contracts["index"].astype(object)
        terms = {"price_rule": "index", "index": 2.0, "rebate_above": 1.0, "rebate_share": 0.5}
        contracts.loc[2, list(terms)] = list(terms.values())
    return tables.with_rows("Stockpiles", stores).with_rows("Contracts", contracts)


def exactly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@exactly(40)
@given(crossings(Kind(risk=False)), st.data())
def test_the_rest_of_the_plan(tables: Tables, data: st.DataObject) -> None:
    """To any month, whatever came by then: leads, contracts, budgets, deferrals, expansions."""
    tree = make_case(tables).tree
    to = data.draw(st.sampled_from(starts(tables.settings, tree)))
    came = [b.name for b in tree.branches if b.parent >= 0 and b.known <= to]
    happened = data.draw(st.sampled_from([None, *came]))
    try:
        cost, book = rolled(tables, to, happened)
    except RollError:
        assume(False)
        raise
    case, solution = plan(book.tables)
    # goods may wait only where something takes time, in a future that is over perhaps
    assume(set(case.yards) == set(make_case(tables).yards))
    assert solution.objective == pytest.approx(cost, rel=1e-9, abs=1e-7)


@exactly(10)
@given(books(Kind(scenarios=False, events=()), "6 month"))
def test_a_rolled_book_rolls_on(tables: Tables) -> None:
    """What is in progress as a rolled book begins is carried on to the next."""
    months = starts(tables.settings, make_case(tables).tree)
    _, book = rolled(tables, months[0])
    cost, later = rolled(book.tables, months[2])
    assert plan(later.tables)[1].objective == pytest.approx(cost, rel=1e-9, abs=1e-7)


@exactly(15)
@given(books(calendar="6 month"))
def test_a_weight_on_risk_looks_ahead(tables: Tables) -> None:
    """While all futures are open the plan stays; once some are over it may only be better."""
    tables = tables.with_settings(risk_weight=0.5)
    tree = make_case(tables).tree
    to = starts(tables.settings, tree)[0]
    try:
        cost, book = rolled(tables, to)
    except RollError:
        assume(False)
        raise
    case, solution = plan(book.tables)
    assume(set(case.yards) == set(make_case(tables).yards))
    objective = solution.objective
    assert objective <= cost + 1e-7 * (1 + abs(cost))
    if not book.over and all(b.known > to for b in tree.branches if b.parent >= 0):
        assert objective == pytest.approx(cost, rel=1e-9, abs=1e-7)


def test_the_book_of_japan() -> None:
    """Half a year later, the Chinese truces and the licences of Malaysia behind it."""
    tables = load(JAPAN).with_settings(risk_weight=0.0)

    def solved(book: Tables) -> tuple[Case, Solution]:
        case = make_case(book)
        return case, solve_case(assemble(case), case, "auto", None, None, lambda _: None)

    case, solution = solved(tables)
    table = flows(SolvedPlan(tables, case, solution, None)).frame
    to = tables.settings.start + 6
    past = past_of(tables, case, node_of(tables, case.tree, to, None), table)
    book = rolled_book(tables, table, to)
    assert {"Truce lapses", "Malaysia licence stop"} <= set(book.over)
    assert solved(book.tables)[1].objective == pytest.approx(rest_of(past), rel=1e-9)
