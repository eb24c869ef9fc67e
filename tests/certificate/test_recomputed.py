"""What the certificate works out by itself: moments, events, arrivals, in numbers by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kido.certificate.calendar import Tree, build_tree
from kido.certificate.recomputed import Facts
from kido.data.months import month_text, parse_month
from kido.data.tables import Tables
from sheets import tables_of

Rows = list[dict[str, object]]
SITES: Rows = [{"name": "Mine", "country": "Australia", "tags": "west"}]
PLACES: Rows = [*SITES, {"name": "Osaka", "country": "Japan"}]
DY: Rows = [{"name": "Dy", "kind": "oxide"}, {"name": "Tb", "kind": "oxide"}]
ORE: dict[str, object] = {
    "name": "ore", "site": "Mine", "commodity": "Dy", "price": 10, "most": 120, "least": 60,
    "tags": "heavy",
}  # fmt: skip


def book(calendar: str = "6 month", **sheets: Rows) -> Tables:
    settings = {"start": "2026-07", "calendar": calendar}
    return tables_of(settings, **{"Commodities": DY, "Sites": SITES, "Supply": [ORE], **sheets})


def moments(tree: Tree) -> list[tuple[str, str, int]]:
    keys = [tree.key(n) for n in range(len(tree))]
    return [(name, month_text(first), months) for name, first, months in keys]


# The tree ----------------------------------------------------------------------------


def scenario(name: str, probability: float, known: str, **more: object) -> dict[str, object]:
    return {"name": name, "probability": probability, "known": known, **more}


def test_a_scenario_cuts_the_period_in_which_it_becomes_known() -> None:
    rows = [scenario("Stop", 0.3, "2026-10", disruption="yes")]
    tree = build_tree(book("2 month, 2 quarter", Scenarios=rows))
    assert moments(tree) == [
        ("Trunk", "2026-07", 1), ("Trunk", "2026-08", 1), ("Trunk", "2026-09", 1),
        ("Trunk", "2026-10", 2), ("Trunk", "2026-12", 3),
        ("Stop", "2026-10", 2), ("Stop", "2026-12", 3),
    ]  # fmt: skip
    assert tree.previous.tolist() == [-1, 0, 1, 2, 3, 2, 5]
    assert tree.probability == pytest.approx([1, 1, 1, 0.7, 0.7, 0.3, 0.3])
    assert tree.calm().tolist() == [True] * 5 + [False] * 2


def test_a_scenario_known_at_the_start_is_a_second_root() -> None:
    tree = build_tree(book("2 month", Scenarios=[scenario("Stop", 0.3, "2026-07")]))
    assert tree.previous.tolist() == [-1, 0, -1, 2]
    assert tree.leaf == pytest.approx([0, 0.7, 0, 0.3])


def test_a_parent_left_without_probability_ends_with_its_last_child() -> None:
    rows = [scenario("A", 0.5, "2026-08"), scenario("B", 0.4996, "2026-09")]
    tree = build_tree(book("3 month", Scenarios=rows))
    assert moments(tree)[:2] == [("Trunk", "2026-07", 1), ("Trunk", "2026-08", 1)]
    assert {name for name, _, _ in moments(tree)[2:]} == {"A", "B"}
    assert tree.leaf.sum() == pytest.approx(1)
    assert tree.leaf.max() == pytest.approx(0.5 / 0.9996)


def test_repeats_share_probability_and_carry_their_children() -> None:
    rows = [
        scenario("Stop", 0.4, "2026-08", every=2, until="2026-11", disruption="yes"),
        scenario("Long", 0.1, "2026-09", parent="Stop"),
    ]
    event = {"scenario": "Long", "target": "ore", "effect": "price", "factor": 2, "months": 1}
    tables = book(Scenarios=rows, Events=[event])
    tree = build_tree(tables)
    ends = {tree.key(n)[0]: p for n, p in enumerate(tree.leaf) if p > 0}
    assert ends == pytest.approx(
        {
            "Trunk": 0.6, "Stop 2026-08": 0.15, "Stop 2026-10": 0.15,
            "Long 2026-09": 0.05, "Long 2026-11": 0.05,
        }
    )  # fmt: skip
    facts = Facts(tables, tree)
    price = facts.price("Supply", facts.rows["Supply"][0])
    dear = [tree.text(int(n)) for n in np.flatnonzero(price == 20)]
    assert dear == ["2026-09 (Long 2026-09)", "2026-11 (Long 2026-11)"]


def test_probability_nothing_is_not_in_the_tree_but_solved_alone() -> None:
    rows = [
        scenario("Stop", 0.3, "2026-08"),
        scenario("Never", 0, "2026-08"),
        scenario("Worse", 0.1, "2026-10", parent="Stop"),
    ]
    tables = book("1 month, 1 quarter", Scenarios=rows)
    assert "Never" not in {name for name, _, _ in moments(build_tree(tables))}
    alone = build_tree(tables, "Never")
    assert moments(alone) == [("Trunk", "2026-07", 1), ("Never", "2026-08", 3)]
    assert alone.probability.tolist() == [1, 1]
    worse = build_tree(tables, "Worse")
    assert moments(worse) == [
        ("Trunk", "2026-07", 1), ("Stop", "2026-08", 2), ("Worse", "2026-10", 1),
    ]  # fmt: skip
    assert moments(build_tree(tables, "Trunk")) == [
        ("Trunk", "2026-07", 1),
        ("Trunk", "2026-08", 3),
    ]
    assert moments(build_tree(tables, "Stop"))[-1] == ("Stop", "2026-10", 1)


def test_a_branch_outside_its_parent_is_a_finding() -> None:
    tables = book(Scenarios=[scenario("Stop", 0.3, "2026-08")])
    rows = tables["Scenarios"].rows.assign(known=parse_month("2030-01"))
    (fault,) = build_tree(tables.with_rows("Scenarios", rows)).faults
    assert "outside its parent" in fault.in_language("en")


def test_a_copy_of_a_child_beyond_the_end_is_left_out() -> None:
    rows = [
        scenario("Stop", 0.4, "2026-08", every=3, until="2026-11"),
        scenario("Long", 0.2, "2026-10", parent="Stop"),
    ]
    tree = build_tree(book(Scenarios=rows))
    ends = {tree.key(n)[0]: p for n, p in enumerate(tree.leaf) if p > 0}
    assert tree.faults == ()
    assert ends == pytest.approx(
        {"Trunk": 0.6, "Stop 2026-08": 0.1, "Long 2026-10": 0.1, "Stop 2026-11": 0.2}
    )


def test_two_copies_of_one_name_are_a_finding() -> None:
    rows = [
        scenario("Stop", 0.4, "2026-08", every=1, until="2026-09"),
        scenario("Long", 0.1, "2026-10", parent="Stop", every=1, until="2026-11"),
    ]
    (fault,) = build_tree(book(Scenarios=rows)).faults
    assert fault.in_language("en") == "two branches are called Long 2026-11"


def test_a_period_is_told_from_first_to_last_month() -> None:
    assert build_tree(book("1 quarter")).text(0) == "2026-07 to 2026-09 (Trunk)"


def test_run_out_goes_on_in_the_last_length() -> None:
    tables = book("1 month, 1 quarter").with_settings(run_out=4)
    assert build_tree(tables).months.tolist() == [1, 3, 3, 1]


# Events ------------------------------------------------------------------------------


def event(effect: str, target: str = "ore", **more: object) -> dict[str, object]:
    return {"effect": effect, "target": target, **more}


PROFILE: Rows = [
    {"name": "path", "period": "2026-08", "value": 24},
    {"name": "path", "period": "2026-10", "value": 36},
]
AUGUST: dict[str, Any] = {"start": "2026-08", "months": 2}
# Most t of the offer in each of six months, 10 unless an event says otherwise.
CAPACITY = {
    "by name": ([event("capacity", factor=0.5, **AUGUST)], [10, 5, 5, 10, 10, 10]),
    "by tag": ([event("capacity", "heavy", factor=0)], [0] * 6),
    "by site": ([event("capacity", "Mine", factor=0)], [0] * 6),
    "by tag of the site": ([event("capacity", "west", factor=0)], [0] * 6),
    "by country": ([event("capacity", "Australia", factor=0)], [0] * 6),
    "another commodity": ([event("capacity", commodity="Tb", factor=0)], [10] * 6),
    "no length": ([event("capacity", factor=0, months=0, recovery=3)], [10] * 6),
    "recovery": (
        [event("capacity", factor=0, start="2026-08", months=1, recovery=3)],
        [10, 0, 2.5, 5, 7.5, 10],
    ),
    "the smallest of overlapping stops, and a raise": (
        [
            event("capacity", factor=0.5, **AUGUST),
            event("capacity", factor=0.6, start="2026-09", months=2),
            event("capacity", factor=2, start="2026-09"),
        ],
        [10, 5, 10, 12, 20, 20],
    ),
    "profile, then factor, then amount": (
        [
            event("capacity", profile="path"),
            event("capacity", factor=0.5, start="2026-09"),
            event("capacity", add=12, start="2026-12"),
        ],
        [10, 2, 1, 1.5, 1.5, 2.5],
    ),
    "delay of the start, and of a profile": (
        [event("delay", add=1), event("capacity", profile="path")],
        [0, 10, 2, 2, 3, 3],
    ),
}


@pytest.mark.parametrize("case", CAPACITY)
def test_capacity(case: str) -> None:
    events, expected = CAPACITY[case]
    tables = book(Events=events, Profiles=PROFILE)
    facts = Facts(tables, build_tree(tables))
    least, most = facts.limits("Supply", facts.rows["Supply"][0])
    assert most == pytest.approx(expected)
    assert (least <= most).all()
    if case == "the smallest of overlapping stops, and a raise":
        assert least == pytest.approx([5, 2.5, 5, 6, 10, 10])


def test_no_limit_stays_so_unless_stopped() -> None:
    ore = {**ORE, "most": None, "least": 0, "end": "2026-11"}
    events = [event("capacity", factor=0, **AUGUST), event("capacity", factor=0.5)]
    tables = book("1 month, 1 quarter, 2 month", Supply=[ore], Events=events)
    facts = Facts(tables, build_tree(tables))
    most = facts.limits("Supply", facts.rows["Supply"][0])[1]
    assert most.tolist() == [np.inf, np.inf, np.inf, 0]  # the quarter has one month left


def test_prices_multiply_and_are_averaged() -> None:
    events = [event("price", factor=2), event("price", factor=0.5, start="2026-08", months=1)]
    tables = book("1 quarter", Events=[*events, event("price", add=3)])
    facts = Facts(tables, build_tree(tables))
    assert facts.price("Supply", facts.rows["Supply"][0]) == pytest.approx([(23 + 13 + 23) / 3])


def test_yield_reaches_the_named_output_only() -> None:
    recipes: Rows = [
        {"process": "cut", "role": role, "item": item, "amount": amount}
        for role, item, amount in (("input", "Dy", 1), ("output", "Tb", 0.5), ("output", "Dy", 0.2))
    ]
    tables = book(
        "1 month",
        Processes=[{"name": "cut", "site": "Mine"}],
        Recipes=recipes,
        Events=[event("yield", "cut", commodity="Tb", factor=0.5)],
    )
    facts = Facts(tables, build_tree(tables))
    outputs = [line for line in facts.recipes["cut"] if line.role == "output"]
    made = [facts.output(facts.rows["Processes"][0], line) for line in outputs]
    assert np.ravel(made) == pytest.approx([0.25, 0.2])


def test_needs_grow_each_january() -> None:
    need = {"name": "d", "site": "Mine", "commodity": "Dy", "need": 120, "growth": 0.1}
    events = [event("demand", "d", add=12, start="2027-01")]
    tables = book("2 quarter, 1 month", Demand=[need], Events=events)
    facts = Facts(tables, build_tree(tables))
    assert facts.need(facts.rows["Demand"][0]) == pytest.approx([30, 30, 12])


# Flows that take time ------------------------------------------------------------------


def lane(**more: object) -> Rows:
    return [{"name": "r", "origin": "Mine", "destination": "Osaka", "commodity": "Dy", **more}]


def arrivals(tables: Tables, sent: list[float]) -> list[float]:
    facts = Facts(tables, build_tree(tables))
    row = facts.rows["Routes"][0]
    return facts.arriving(facts.lead_shares("Routes", row), np.array(sent)).tolist()


def test_a_fractional_lead_parts_a_shipment() -> None:
    tables = book("3 month, 1 quarter", Sites=PLACES, Routes=lane(lead=1.25))
    assert arrivals(tables, [12, 0, 0, 0]) == pytest.approx([0, 9, 3, 0])
    # Of a quarter's 12 t, 7 t lie 1.25 months late inside the quarter, the rest beyond the end.
    assert arrivals(tables, [0, 0, 12, 12]) == pytest.approx([0, 0, 0, 12 + 7])


def test_what_is_on_the_water_is_the_same_flow() -> None:
    tables = book("3 month", Sites=PLACES, Routes=lane(lead=1.25, on_water=120))
    facts = Facts(tables, build_tree(tables))
    assert facts.pipeline_arrivals(120, 1.25) == pytest.approx([10, 2.5, 0])


def test_a_lead_is_that_of_the_month_of_sending_on_its_branch() -> None:
    tables = book(
        "4 month",
        Sites=PLACES,
        Routes=lane(lead=1),
        Scenarios=[scenario("Stop", 0.5, "2026-08")],
        Events=[event("lead", "r", scenario="Stop", add=1)],
    )
    facts = Facts(tables, build_tree(tables))
    to, source, share = facts.lead_shares("Routes", facts.rows["Routes"][0])
    tree = facts.tree
    found = {(tree.text(a), tree.text(b)): s for a, b, s in zip(to, source, share, strict=True)}
    assert found == {
        ("2026-08 (Trunk)", "2026-07 (Trunk)"): 1,
        ("2026-08 (Stop)", "2026-07 (Trunk)"): 1,
        ("2026-09 (Trunk)", "2026-08 (Trunk)"): 1,
        ("2026-10 (Trunk)", "2026-09 (Trunk)"): 1,
        ("2026-10 (Stop)", "2026-08 (Stop)"): 1,
    }


def test_goods_wait_only_where_something_arrives_late() -> None:
    tables = book(Sites=PLACES, Routes=lane(lead=1))
    assert Facts(tables, build_tree(tables)).yards() == set()
    tables = tables.with_settings(yard_cost=1.0)
    assert Facts(tables, build_tree(tables)).yards() == {("Osaka", "Dy")}
    tables = book(Sites=PLACES, Routes=lane()).with_settings(yard_cost=1.0)
    assert Facts(tables, build_tree(tables)).yards() == set()
