"""Every rule of the certificate by itself: a plan that keeps it, and one that does not."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd
import pytest

from kido.certificate import Certificate, verify
from kido.data.months import parse_month
from kido.data.tables import Tables
from sheets import tables_of

COLUMNS = ["kind", "name", "item", "branch", "start", "months", "value"]
Rows = list[dict[str, object]]
Line = tuple[str, str, str, str, str, int, float]

BASE: dict[str, Rows] = {
    "Commodities": [{"name": "Dy", "kind": "oxide", "disposal_cost": 1}],
    "Sites": [{"name": "Mine", "country": "Australia"}, {"name": "Osaka", "country": "Japan"}],
}


def flow(kind: str, name: str, *values: float, item: str = "", branch: str = "Trunk") -> list[Line]:
    """A flow in months from 2026-07 on; a scenario's begins in 2026-08."""
    first = 7 if branch == "Trunk" else 8
    return [
        (kind, name, item, branch, f"2026-{first + at:02d}", 1, value)
        for at, value in enumerate(values)
        if value
    ]


@dataclass(frozen=True)
class Case:
    """A book of some months, flows that keep its rule, and flows that break it."""

    sheets: dict[str, Rows]
    good: list[Line]
    bad: list[Line]
    code: str
    sentence: str
    cost: float | None = None  # kUSD of the good plan, by hand
    settings: dict[str, object] = field(default_factory=dict)


def tables_for(case: Case) -> Tables:
    settings = {"start": "2026-07", "calendar": "3 month", "least_cost": 0, **case.settings}
    return tables_of(settings, **{**BASE, **case.sheets})


def certify(tables: Tables, lines: list[Line], scenario: str | None = None) -> Certificate:
    """The certificate of a plan whose stated costs are what its flows really cost."""
    table = [(*line[:4], parse_month(line[4]), *line[5:]) for line in lines]
    flows = pd.DataFrame(table, columns=COLUMNS)
    costs = verify(tables, flows, 0.0, 0.0, None, scenario).costs
    total = float((costs.kusd * costs.discount * costs.probability).sum())
    return verify(tables, flows, total, total, None, scenario)


def offer(**more: object) -> Rows:
    return [{"name": "ore", "site": "Mine", "commodity": "Dy", "price": 10, **more}]


def need(**more: object) -> Rows:
    return [{"name": "d", "site": "Mine", "commodity": "Dy", "need": 120, **more}]


def heap(**more: object) -> Rows:
    return [{"name": "heap", "site": "Mine", "commodity": "Dy", "opening": 6, **more}]


def relief(kind: str, **more: object) -> Rows:
    return [{"name": kind, "demand": "d", "kind": kind, "cost": 50, **more}]


def offtake(**more: object) -> Rows:
    return [{"name": "offtake", "applies_to": "ore", **more}]


def policy(measure: str, sense: str, limit: float, **more: object) -> Rows:
    return [{"name": "rule", "measure": measure, "sense": sense, "limit": limit, **more}]


STOP: Rows = [{"name": "Stop", "probability": 0.5, "known": "2026-08", "disruption": "yes"}]


CRISIS: Rows = [{"target": "heap", "effect": "cost", "factor": 1, "start": "2026-08", "months": 1,
                 "disruption": "yes"}]  # fmt: skip
WITH_ORE: dict[str, Rows] = {
    "Commodities": [*BASE["Commodities"], {"name": "ore", "kind": "feed"}], "Supply": offer(),
}  # fmt: skip


def bought(*values: float, branch: str = "Trunk") -> list[Line]:
    """Bought at the mine and used there."""
    return [
        *flow("buy", "ore", *values, branch=branch),
        *flow("meet", "d", *values, branch=branch),
    ]


def heaped(*values: float) -> list[Line]:
    """A stock of 6 t that changes by buying and throwing away."""
    changes = [now - before for before, now in zip((6, *values), values, strict=False)]
    return [
        *flow("stock", "heap", *values),
        *flow("buy", "ore", *(max(0, change) for change in changes)),
        *flow("discard", "Mine", *(max(0, -change) for change in changes), item="Dy"),
    ]


def stocked(good: list[Line], bad: list[Line], sentence: str, **more: object) -> Case:
    sheets = {"Supply": offer(), "Stockpiles": heap(**more)}
    return Case(sheets, good, bad, "stock-rule", sentence)


STOCKS = {
    "capacity": stocked(
        heaped(8, 8, 8), heaped(8, 9, 8), "heap in 2026-08 (base case): 9 t, should be at most 8 t",
        capacity=8,
    ),
    "fill": stocked(
        heaped(8, 10, 10), heaped(9, 9, 9), "put into heap in 2026-07 (base case): 3 t", fill=2
    ),
    "draw": stocked(
        heaped(4, 2, 2), heaped(3, 3, 3), "drawn from heap in 2026-07 (base case): 3 t", draw=2
    ),
    "release": stocked(
        heaped(6, 2, 2), heaped(5, 2, 2), "drawn from heap in 2026-07 (base case): 1 t",
        release="from a month", release_month="2026-08",
    ),
    "ending": stocked(
        heaped(6, 2, 7), heaped(6, 2, 6), "heap at the end in 2026-09 (base case): 6 t",
        ending="at least", ending_amount=7,
    ),
    "life": stocked(
        heaped(8, 2, 0), heaped(8, 3, 0),
        "for its life in 2026-08 (base case): 6 t, should be at most 5 t", life_months=2,
    ),
    "empty at the end of its last month": stocked(
        heaped(6, 0, 0), heaped(6, 1, 0), "heap in 2026-08 (base case): 1 t, should be at most 0 t",
        end="2026-08",
    ),
    "empty before its first month": Case(
        {"Supply": offer(), "Stockpiles": heap(opening=0, start="2026-08")},
        [*flow("buy", "ore", 0, 1), *flow("stock", "heap", 0, 1, 1)],
        [*flow("buy", "ore", 1), *flow("stock", "heap", 1, 1, 1)],
        "stock-rule",
        "heap in 2026-07 (base case): 1 t, should be at most 0 t",
    ),
    "ending value": Case(
        {"Stockpiles": heap(ending="value per kg", ending_amount=5, holding_cost=12)},
        flow("stock", "heap", 6, 6, 6),
        flow("stock", "heap", 6, 6),
        "mass-balance",
        "2026-09 (base case): 6 t, should be exactly 0 t",
        cost=18 - 30,
    ),
    "released by a disruption": Case(
        {"Stockpiles": heap(release="once a disruption is known"), "Scenarios": STOP},
        [*flow("stock", "heap", 6, 6, 6), *flow("discard", "Mine", 6, item="Dy", branch="Stop")],
        [*flow("discard", "Mine", 6, item="Dy")],
        "stock-rule",
        "drawn from heap in 2026-07 (base case): 6 t, should be at most 0 t",
        cost=3,
    ),
    "shut again when calm returns": Case(
        {"Stockpiles": heap(release="once a disruption is known"), "Events": CRISIS},
        [*flow("stock", "heap", 6, 4, 4), *flow("discard", "Mine", 0, 2, item="Dy")],
        [*flow("stock", "heap", 6, 4, 3), *flow("discard", "Mine", 0, 2, 1, item="Dy")],
        "stock-rule",
        "drawn from heap in 2026-09 (base case): 1 t, should be at most 0 t",
        cost=2,
    ),
    "the floor of what a crisis does not touch": Case(
        {"Stockpiles": heap(floor=4), "Events": [{**CRISIS[0], "touches": "ore"}], **WITH_ORE},
        [*flow("stock", "heap", 4, 4, 4), *flow("discard", "Mine", 2, item="Dy")],
        [*flow("stock", "heap", 4, 3, 4), *flow("discard", "Mine", 2, 1, item="Dy"),
         *flow("buy", "ore", 0, 0, 1)],
        "stock-rule",
        "heap in 2026-08 (base case): 3 t, should be at least 4 t",
        cost=2,
    ),
}  # fmt: skip

RELIEF = {
    "must be met": Case(
        {"Supply": offer(), "Demand": need()},
        bought(10, 10, 10), bought(10, 9, 10), "demand", "9 t, should be exactly 10 t", cost=300,
    ),
    "a need begins and ends": Case(
        {"Supply": offer(), "Demand": need(start="2026-08", end="2026-08")},
        bought(0, 10), bought(0, 10, 1), "demand", "1 t, should be exactly 0 t", cost=100,
    ),
    "notice": Case(
        {
            "Supply": offer(), "Demand": need(), "Scenarios": STOP,
            "Relief": relief("substitute", share=0.5, notice=1),
        },
        [
            *bought(10, 10, 10), *bought(10, 5, branch="Stop"),
            *flow("relieve", "substitute", 0, 5, branch="Stop"),
        ],
        [
            *bought(10, 10, 10), *bought(5, 10, branch="Stop"),
            *flow("relieve", "substitute", 5, 0, branch="Stop"),
        ],
        "relief",
        "substitute in 2026-08 (Stop): 5 t, should be at most 0 t",
        cost=100 + 0.5 * 200 + 0.5 * (150 + 250),
    ),
    "notice ends when calm returns": Case(
        {
            "Supply": offer(), "Demand": need(), "Events": CRISIS,
            "Relief": relief("substitute", share=0.5, notice=0),
        },
        [*bought(10, 5, 10), *flow("relieve", "substitute", 0, 5)],
        [*bought(10, 5, 5), *flow("relieve", "substitute", 0, 5, 5)],
        "relief",
        "substitute in 2026-09 (base case): 5 t, should be at most 0 t",
        cost=250 + 250,
    ),
    "deferred needs return": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1)},
        [*bought(5, 15, 10), *flow("relieve", "defer", 5)],
        [*bought(5, 10, 10), *flow("relieve", "defer", 5)],
        "demand",
        "in 2026-08 (base case): 10 t, should be exactly 15 t",
    ),
    "what returned may be put off again": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1,
                                                               latest_return=2)},
        [*bought(5, 10, 15), *flow("relieve", "defer", 5), *flow("postpone", "defer", 0, 5)],
        [*bought(5, 9, 16), *flow("relieve", "defer", 5), *flow("postpone", "defer", 0, 6)],
        "relief",
        "what defer puts off again in 2026-08 (base case): 6 t, should be at most 5 t",
        cost=300 + 5 * 50 + 5 * 50,
    ),
    "but no longer than its latest return": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1,
                                                               latest_return=2)},
        [*bought(5, 10, 15, 10), *flow("relieve", "defer", 5), *flow("postpone", "defer", 0, 5)],
        [*bought(5, 10, 10, 15), *flow("relieve", "defer", 5), *flow("postpone", "defer", 0, 5, 5)],
        "relief",
        "latest return in 2026-09 (base case): 5 t, should be at most 0 t",
        settings={"calendar": "4 month"},
    ),
    "nothing is put off again at the end": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1,
                                                               latest_return=2)},
        [*bought(10, 5, 15), *flow("relieve", "defer", 0, 5)],
        [*bought(10, 5, 10), *flow("relieve", "defer", 0, 5), *flow("postpone", "defer", 0, 0, 5)],
        "unknown-flow",
        "postpone of defer in 2026-09 (base case) is 5 t",
    ),
    "nothing is deferred past the end": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1)},
        [*bought(10, 5, 15), *flow("relieve", "defer", 0, 5)],
        [*bought(10, 10, 5), *flow("relieve", "defer", 0, 0, 5)],
        "relief",
        "defer in 2026-09 (base case): 5 t, should be at most 0 t",
    ),
    "what is due may be lost": Case(
        {
            "Supply": offer(), "Demand": need(),
            "Relief": [*relief("defer", returns=1), *relief("lost", start="2026-08")],
        },
        [*bought(5, 0, 10), *flow("relieve", "defer", 5), *flow("relieve", "lost", 0, 15)],
        [*bought(5, 10, 10), *flow("relieve", "lost", 5)],
        "relief",
        "lost in 2026-07 (base case): 5 t, should be at most 0 t",
    ),
}  # fmt: skip

FREIGHT: Rows = [
    {"name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy", "price": 4,
     "freight": 1, "tariff": 10, "lead": 1, "uses": "port", "loss": 10}
]  # fmt: skip
PORT: Rows = [{"name": "port", "site": "Osaka", "capacity": 120}]
EXPANDABLE: Rows = [
    {"name": "port", "site": "Osaka", "capacity": 0, "expansion_cost": 12, "build_months": 1,
     "life_years": 2, "least_expansion": 60}
]  # fmt: skip


def shipped(*values: float, arrive: tuple[float, ...]) -> list[Line]:
    return [
        *flow("buy", "ore", *values),
        *flow("ship", "lane", *values),
        *flow("discard", "Osaka", *arrive, item="Dy"),
    ]


LANES = {
    "a port is used by lanes, and goods are lost on the way": Case(
        {"Supply": offer(), "Facilities": PORT, "Routes": FREIGHT},
        shipped(10, 10, arrive=(0, 9, 9)),
        shipped(11, 10, arrive=(0, 9.9, 9)),
        "capacity",
        "use of port in 2026-07 (base case): 11 t, should be at most 10 t",
        cost=20 * (10 + 4.4 + 1.1) + 18,
    ),
    "new capacity is there when it is built": Case(
        {"Supply": offer(), "Facilities": EXPANDABLE, "Routes": FREIGHT},
        [*flow("expand", "port", 60), *shipped(0, 5, arrive=(0, 0, 4.5))],
        [*flow("expand", "port", 60), *shipped(5, arrive=(0, 4.5))],
        "capacity",
        "use of port in 2026-07 (base case): 5 t, should be at most 0 t",
        cost=60 * 12 / 2 * 2 / 12 + 5 * 15.5 + 4.5,
    ),
    "what must be ordered": Case(
        {"Facilities": EXPANDABLE},
        flow("expand", "port", 30, 30),
        flow("expand", "port", 30, 20),
        "expansion",
        "all orders of port in 2026-09 (base case): 50 t/yr, should be at least 60 t/yr",
        cost=30 * 6 * (2 + 1) / 12,
    ),
    "too late to order": Case(
        {"Facilities": EXPANDABLE},
        flow("expand", "port", 60),
        flow("expand", "port", 60, 0, 1),
        "unknown-flow",
        "expand of port in 2026-09 (base case) is 1 t/yr",
    ),
    "least taken": Case(
        {"Supply": offer(least=12)},
        [*flow("buy", "ore", 1, 1, 1), *flow("discard", "Mine", 1, 1, 1, item="Dy")],
        [], "bound", "buy of ore in 2026-07 (base case): 0 t, should be at least 1 t",
    ),
    "least taken by period": Case(
        {"Supply": offer(), "Events": [
            {"target": "ore", "effect": "minimum", "add": 12, "start": "2026-08"}]},
        [*flow("buy", "ore", 0, 1, 1), *flow("discard", "Mine", 0, 1, 1, item="Dy")],
        [*flow("buy", "ore", 0, 0, 1), *flow("discard", "Mine", 0, 0, 1, item="Dy")],
        "bound", "buy of ore in 2026-08 (base case): 0 t, should be at least 1 t",
    ),
    "least used by period": Case(
        {"Facilities": [{**PORT[0], "idle_cost": 2}], "Events": [
            {"target": "port", "effect": "minimum", "add": 0.5, "start": "2026-08"}]},
        flow("idle", "port", 0, 5, 5), flow("idle", "port", 0, 4, 5),
        "minimum-use", "in 2026-08 (base case): 4 t, should be at least 5 t", cost=20,
    ),
    "goods wait in a yard": Case(
        {"Supply": offer(), "Routes": [{**FREIGHT[0], "uses": None}]},
        [*shipped(10, arrive=(0, 0, 9)), *flow("yard_stock", "Osaka", 0, 9, item="Dy")],
        [*shipped(10, arrive=(0, 9)), *flow("yard_stock", "Mine", 0, 0, 1, item="Dy"),
         *flow("buy", "ore", 0, 0, 1)],
        "unknown-flow",
        "yard stock of Mine, Dy in 2026-09 (base case) is 1 t",
        cost=155 + 9 + 9,
        settings={"yard_cost": 12},
    ),
    "what is in the works comes out, and may wait": Case(
        {
            "Processes": [{"name": "grow", "site": "Mine", "lead": 1, "in_works": 12, "cost": 3}],
            "Recipes": [{"process": "grow", "role": "output", "item": "Dy", "amount": 2}],
            "Sales": [{"name": "spot", "site": "Mine", "commodity": "Dy", "price": 5}],
        },
        [
            *flow("run", "grow", 1),
            *flow("yard_stock", "Mine", 2, item="Dy"),
            *flow("sell", "spot", 0, 4),
        ],
        [*flow("run", "grow", 1), *flow("sell", "spot", 1, 2)],
        "mass-balance",
        "of Dy at Mine in 2026-07 (base case): 2 t, should be exactly 1 t",
        cost=3 + 2 - 20,
        settings={"yard_cost": 12},
    ),
    "prices in yen, freight in euro": Case(
        {"Supply": offer(price=1500, currency="JPY"),
         "Routes": [{**FREIGHT[0], "uses": None, "currency": "EUR"}],
         "Events": [{"target": "ore", "effect": "price", "add": 300, "start": "2026-08"}]},
        shipped(1, 1, arrive=(0, 0.9, 0.9)),
        [*flow("buy", "ore", 1)],
        "mass-balance",
        "at Mine in 2026-07 (base case): 1 t, should be exactly 0 t",
        cost=10 + 12 + 2 * 1.1 * (4 + 1) / 0.8 + 1.8,
        settings={"jpy_per_usd": 150, "eur_per_usd": 0.8},
    ),
    "least cost of what is free": Case(
        {"Routes": [{"name": "lane", "origin": "Mine", "destination": "Osaka", "commodity": "Dy",
                     "freight": 0.5}], "Supply": offer(price=0)},
        [*flow("buy", "ore", 1), *flow("ship", "lane", 1), *flow("discard", "Osaka", 1, item="Dy")],
        [*flow("buy", "ore", 1)],
        "mass-balance",
        "at Mine in 2026-07 (base case): 1 t, should be exactly 0 t",
        cost=2 + 1,
        settings={"least_cost": 2},
    ),
}  # fmt: skip

HALTED: Rows = [{"target": "Mine", "effect": "capacity", "factor": 0, "months": 1}]


def contracted(good: list[Line], bad: list[Line], sentence: str, cost: float, **m: object) -> Case:
    sheets = {"Supply": offer(), "Demand": need(), "Contracts": offtake(**m)}
    return Case(sheets, good, bad, "contract", sentence, cost)


SIGNED = [*bought(10, 10, 10), *flow("reserve", "offtake", 60)]
CONTRACTS = {
    "no less than is signed": contracted(
        SIGNED, bought(10, 10, 10), "reservation of offtake in 2026-07 (base case): 0 t/yr",
        300 + 15, least_reserved=60, fee=1,
    ),
    "no more than is offered": contracted(
        SIGNED, [*bought(10, 10, 10), *flow("reserve", "offtake", 70)],
        "reservation of offtake in 2026-07 (base case): 70 t/yr", 300, most_reserved=60,
    ),
    "no more lifted than bought": contracted(
        [*SIGNED, *flow("lift", "offtake", 5, item="ore")],
        [*bought(10, 10, 10), *flow("reserve", "offtake", 600),
         *flow("lift", "offtake", 11, item="ore")],
        "liftings from ore in 2026-07 (base case): 11 t, should be at most 10 t",
        300 + 5, price_rule="fixed", price=11,
    ),
    "paid for though not taken, at each quarter's end": contracted(
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("forgo", "offtake", 0, 0, 10)],
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("forgo", "offtake", 0, 0, 9)],
        "at the settlement in 2026-09 (base case): 14 t, should be at least 15 t",
        300 - 5 + 90, take_or_pay=1, settled="quarter", price_rule="fixed", price=9,
    ),
    "settled by its own years": contracted(
        [*bought(10, 10, 10), *flow("reserve", "offtake", 0, 60),
         *flow("forgo", "offtake", 0, 0, 10)],
        [*bought(10, 10, 10), *flow("reserve", "offtake", 0, 60),
         *flow("forgo", "offtake", 0, 0, 9)],
        "at the settlement in 2026-09 (base case): 9 t, should be at least 10 t",
        300 + 90, take_or_pay=1, settled="contract year", start="2026-08",
        price_rule="fixed", price=9,
    ),
    "what was owed and lifted before the plan": contracted(
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 5 * 9 - 20)],
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 24)],
        "at the settlement in 2026-09 (base case): 44 t, should be at least 45 t",
        300 + 25 * 9, take_or_pay=1, settled="year", lifted_before=20, least_reserved=60,
        price_rule="fixed", price=9,
    ),
    "what was lifted before the plan is left no more": contracted(
        [*SIGNED, *flow("lift", "offtake", 0, 8, 6, item="ore")],
        [*SIGNED, *flow("lift", "offtake", 0, 8, 7, item="ore")],
        "offtake in 2026-09 (base case): 15 t, should be at most 14 t",
        300 + 14, settled="contract year", start="2026-06", lifted_before=6, most_a_month=8,
        least_reserved=60, price_rule="fixed", price=11,
    ),
    "no more lifted in a month": contracted(
        [*bought(10, 10, 10), *flow("reserve", "offtake", 60),
         *flow("lift", "offtake", 0, 7, 7, item="ore")],
        [*bought(10, 10, 10), *flow("reserve", "offtake", 60),
         *flow("lift", "offtake", 0, 6, 8, item="ore")],
        "liftings of the month under offtake in 2026-09 (base case): 8 t, should be at most 7 t",
        300 + 14, settled="quarter", most_a_month=7, price_rule="fixed", price=11,
    ),
    "no more lifted than is reserved for the quarter": contracted(
        [*bought(10, 10, 10), *flow("reserve", "offtake", 60),
         *flow("lift", "offtake", 0, 7, 8, item="ore")],
        [*bought(10, 10, 10), *flow("reserve", "offtake", 60),
         *flow("lift", "offtake", 0, 8, 8, item="ore")],
        "offtake in 2026-09 (base case): 16 t, should be at most 15 t",
        300 + 15, settled="quarter", most_a_month=8, price_rule="fixed", price=11,
    ),
    "no more made up than was paid for": contracted(
        [*SIGNED, *flow("forgo", "offtake", 5, 4, 5), *flow("make_up", "offtake", 0, 3, 2),
         *flow("lift", "offtake", 0, 4, 2, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 5, 4, 5), *flow("make_up", "offtake", 0, 6, 4),
         *flow("lift", "offtake", 0, 7, 4, item="ore")],
        "made up under offtake, of what was paid for and is left in 2026-08 (base case): 6 t, "
        "should be at most 5 t",
        300 + 6 * 2 + 14 * 12 - 5 * 12, take_or_pay=1, settled="month", make_up_months=2,
        price_rule="fixed", price=12,
    ),
    "what is not made up in its months is lost": contracted(
        [*SIGNED, *flow("forgo", "offtake", 5, 0, 5), *flow("make_up", "offtake", 0, 5),
         *flow("lift", "offtake", 0, 10, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 5, 0, 5), *flow("make_up", "offtake", 0, 0, 1),
         *flow("lift", "offtake", 0, 5, 1, item="ore")],
        "made up under offtake, of what was paid for and is left in 2026-09 (base case): 1 t, "
        "should be at most 0 t",
        300 + 10 * 2 + 5 * 12, take_or_pay=1, settled="month", make_up_months=1,
        price_rule="fixed", price=12,
    ),
    "the oldest is made up first": contracted(
        [*SIGNED, *flow("forgo", "offtake", 3, 5, 5), *flow("make_up", "offtake", 0, 2, 5),
         *flow("lift", "offtake", 2, 2, 5, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 3, 5, 5), *flow("make_up", "offtake", 0, 2, 6),
         *flow("lift", "offtake", 2, 2, 6, item="ore")],
        "in 2026-09 (base case): 6 t, should be at most 5 t",
        300 + 9 * 2 + 13 * 12 - 7 * 12, take_or_pay=1, settled="month", make_up_months=1,
        price_rule="fixed", price=12,
    ),
    "what is made up is lifted": contracted(
        [*SIGNED, *flow("forgo", "offtake", 5, 5, 5), *flow("make_up", "offtake", 0, 3),
         *flow("lift", "offtake", 0, 3, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 5, 6, 5), *flow("make_up", "offtake", 0, 4),
         *flow("lift", "offtake", 0, 3, item="ore")],
        "made up under offtake, of what is lifted in 2026-08 (base case): 4 t, "
        "should be at most 3 t",
        300 + 3 * 2 + 15 * 12 - 3 * 12, take_or_pay=1, settled="month", make_up_months=2,
        price_rule="fixed", price=12,
    ),
    "what is made up counts for no take-or-pay": contracted(
        [*SIGNED, *flow("forgo", "offtake", 5, 5, 5), *flow("make_up", "offtake", 0, 3),
         *flow("lift", "offtake", 0, 3, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 5, 2, 5), *flow("make_up", "offtake", 0, 3),
         *flow("lift", "offtake", 0, 3, item="ore")],
        "lifted and forgone under offtake at the settlement in 2026-08 (base case): 2 t, "
        "should be at least 5 t",
        300 + 3 * 2 + 15 * 12 - 3 * 12, take_or_pay=1, settled="month", make_up_months=2,
        price_rule="fixed", price=12,
    ),
    "no more is paid for than is left to lift": contracted(
        [*SIGNED, *flow("lift", "offtake", 3, 5, 5, item="ore"), *flow("forgo", "offtake", 1)],
        [*SIGNED, *flow("lift", "offtake", 3, 5, 5, item="ore"), *flow("forgo", "offtake", 3)],
        "paid for and not taken under offtake in 2026-07 (base case): 3 t, should be at most 1 t",
        300 + 13 * 2 + 12, take_or_pay=0.5, settled="month", make_up_months=2,
        price_rule="fixed", price=12,
    ),
    "made up also after the end, and nothing else": contracted(
        [*SIGNED, *flow("forgo", "offtake", 5), *flow("make_up", "offtake", 0, 3, 2),
         *flow("lift", "offtake", 0, 3, 2, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 5), *flow("make_up", "offtake", 0, 3, 2),
         *flow("lift", "offtake", 0, 4, 2, item="ore")],
        "liftings under offtake in 2026-08 (base case): 4 t, should be at most 3 t",
        300 + 5 * 2 + 5 * 12 - 5 * 12, take_or_pay=1, settled="month", make_up_months=3,
        price_rule="fixed", price=12, end="2026-07",
    ),
    "what was paid for before the plan": contracted(
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 30), *flow("make_up", "offtake", 2, 2),
         *flow("lift", "offtake", 2, 2, item="ore")],
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 30), *flow("make_up", "offtake", 2, 3),
         *flow("lift", "offtake", 2, 3, item="ore")],
        "of what was paid for and is left in 2026-08 (base case): 3 t, should be at most 2 t",
        300 + 4 * 2 + 30 * 12 - 4 * 12, take_or_pay=1, settled="year", lifted_before=15,
        least_reserved=60, make_up_months=8, paid_before=4, price_rule="fixed", price=12,
    ),
    "only in its life": contracted(
        [*bought(10, 10, 10), *flow("reserve", "offtake", 0, 60),
         *flow("lift", "offtake", 0, 5, item="ore")],
        [*bought(10, 10, 10), *flow("reserve", "offtake", 0, 60),
         *flow("lift", "offtake", 0, 6, item="ore")],
        "liftings under offtake in 2026-08 (base case): 6 t", 300 + 5,
        start="2026-08", end="2026-08", fee=1,
    ),
    "force majeure": Case(
        {
            "Supply": offer(), "Demand": need(), "Events": HALTED, "Relief": relief("lost"),
            "Contracts": offtake(take_or_pay=1, settled="month"),
        },
        [*bought(0, 10, 10), *flow("reserve", "offtake", 60), *flow("relieve", "lost", 10),
         *flow("forgo", "offtake", 0, 5, 5)],
        [*bought(0, 10, 10), *flow("reserve", "offtake", 60), *flow("relieve", "lost", 10),
         *flow("forgo", "offtake", 0, 0, 5)],
        "contract",
        "at the settlement in 2026-08 (base case): 0 t, should be at least 5 t",
        cost=200 + 500 + 100,
    ),
    "force majeure of what it depends on": Case(
        {
            "Supply": offer(), "Demand": need(),
            "Facilities": [{"name": "plant", "site": "Osaka", "capacity": 1, "tags": "chain"}],
            "Events": [{**HALTED[0], "target": "Japan", "factor": 0.5}],
            "Contracts": offtake(take_or_pay=1, settled="month", depends_on="chain"),
        },
        [*SIGNED, *flow("forgo", "offtake", 2.5, 5, 5)],
        [*SIGNED, *flow("forgo", "offtake", 2, 5, 5)],
        "contract",
        "at the settlement in 2026-07 (base case): 2 t, should be at least 2.5 t",
        cost=300 + 125,
    ),
    "nothing is owed before a late plant that it depends on": Case(
        {
            "Supply": offer(), "Demand": need(),
            "Facilities": [{"name": "plant", "site": "Osaka", "capacity": 1, "start": "2026-07"}],
            "Events": [{"target": "plant", "effect": "delay", "add": 1}],
            "Contracts": offtake(take_or_pay=1, settled="month", depends_on="plant", fee=1),
        },
        [*SIGNED, *flow("forgo", "offtake", 0, 5, 5)],
        [*SIGNED, *flow("forgo", "offtake", 0, 4, 5)],
        "contract",
        "at the settlement in 2026-08 (base case): 4 t, should be at least 5 t",
        cost=300 + 100 + 10,
    ),
    "nothing is lifted before what makes the goods": Case(
        {
            "Supply": [{"name": "dug", "site": "Mine", "commodity": "ore"}],
            "Commodities": [*BASE["Commodities"], {"name": "ore", "kind": "feed"}],
            "Facilities": [{"name": "plant", "site": "Mine", "capacity": 60, "start": "2026-08"}],
            "Processes": [{"name": "make", "site": "Mine"}],
            "Recipes": [{"process": "make", "role": "input", "item": "ore", "amount": 1},
                        {"process": "make", "role": "output", "item": "Dy", "amount": 1},
                        {"process": "make", "role": "uses", "item": "plant", "amount": 1}],
            "Routes": [{"name": "lane", "origin": "Mine", "destination": "Osaka",
                        "commodity": "Dy"}],
            "Contracts": offtake(applies_to="lane", take_or_pay=1, settled="month", fee=12,
                                 price_rule="fixed", price=2),
        },
        [*flow("reserve", "offtake", 60), *flow("forgo", "offtake", 0, 5, 5)],
        [*flow("reserve", "offtake", 60), *flow("forgo", "offtake", 0, 5, 4)],
        "contract",
        "at the settlement in 2026-09 (base case): 4 t, should be at least 5 t",
        cost=120 + 20,
    ),
    "the cap of a rebate": Case(
        {
            "Supply": offer(), "Demand": need(),
            "Contracts": offtake(
                price_rule="index", index_factor=2, floor=15, rebate_share=0.5, rebate_above=6,
                rebate_cap=7,
            ),
        },
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("rebate", "offtake", 0, 0, 7)],
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("rebate", "offtake", 0, 0, 8)],
        "rebate",
        "rebate of offtake in 2026-09 (base case): 8 kUSD, should be at most 7 kUSD",
        cost=300 + 50 - 7,
    ),
}  # fmt: skip

TWO: Rows = [
    *offer(),
    {"name": "far", "site": "Osaka", "commodity": "Dy", "price": 1},
]


def taken(near: float, far: float) -> list[Line]:
    return [
        *flow("buy", "ore", near), *flow("discard", "Mine", near, item="Dy"),
        *flow("buy", "far", far), *flow("discard", "Osaka", far, item="Dy"),
    ]  # fmt: skip


def mined(*values: float) -> list[Line]:
    return [*flow("buy", "ore", *values), *flow("discard", "Mine", *values, item="Dy")]


def ruled(good: list[Line], bad: list[Line], sentence: str, rule: Rows, **sheets: Rows) -> Case:
    return Case({"Supply": TWO, "Policies": rule, **sheets}, good, bad, "policy", sentence)


POLICIES = {
    "largest country": ruled(
        taken(4, 6), taken(3, 7), "rule, Japan, in 2026-09 (base case): 7 t, should be at most 6 t",
        policy("share", "at most", 0.6, of="any country", counted="bought"),
    ),
    "a share of a part": ruled(
        taken(4, 2), taken(4, 3), "rule in 2026-07 (base case): 3 t, should be at most 2 t",
        policy("share", "at most", 0.5, of="Japan", out_of="Australia", counted="bought",
               over="month"),
    ),
    "volume of a year is that of its months": ruled(
        taken(3, 0), taken(4, 0), "rule in 2026-09 (base case): 4 t, should be at most 3 t",
        policy("volume", "at most", 12, of="Mine", counted="bought"),
    ),
    "only from a month on": ruled(
        taken(9, 0), [*taken(9, 0), *flow("buy", "ore", 0, 3), *flow(
            "discard", "Mine", 0, 3, item="Dy")],
        "rule in 2026-09 (base case): 3 t, should be at most 2 t",
        policy("volume", "at most", 12, of="Mine", counted="bought", start="2026-08"),
    ),
    "only to a month": ruled(
        [*flow("buy", "ore", 1, 9), *flow("discard", "Mine", 1, 9, item="Dy")],
        taken(2, 0),
        "rule in 2026-07 (base case): 2 t, should be at most 1 t",
        policy("volume", "at most", 12, of="Mine", counted="bought", end="2026-07"),
    ),
    "only on one scenario": ruled(
        taken(9, 0),
        [*flow("buy", "ore", 0, 3, branch="Stop"),
         *flow("discard", "Mine", 0, 3, item="Dy", branch="Stop")],
        "rule in 2026-09 (Stop): 3 t, should be at most 2 t",
        policy("volume", "at most", 12, of="Mine", counted="bought", scenario="Stop"),
        Scenarios=STOP,
    ),
    "an event that names the policy": ruled(
        taken(2, 0), taken(3, 0), "rule in 2026-09 (base case): 3 t, should be at most 2 t",
        policy("volume", "at most", 12, of="Mine", counted="bought"),
        Events=[{"target": "rule", "effect": "capacity", "factor": 0, "months": 1}],
    ),
    "an event in one of three months of the horizon": ruled(
        taken(10, 0), taken(11, 0), "rule in 2026-09 (base case): 11 t, should be at most 10 t",
        policy("volume", "at most", 12, of="Mine", counted="bought", over="horizon"),
        Events=[{"target": "rule", "effect": "capacity", "factor": 0.5, "start": "2026-09"}],
    ),
    "an event on a share is averaged over the window": ruled(
        taken(4, 6), taken(5, 5), "rule in 2026-09 (base case): 5 t, should be at most 4 t",
        policy("share", "at most", 0.6, of="Mine", out_of="Mine; Osaka", counted="bought"),
        Events=[{"target": "rule", "effect": "capacity", "factor": 0, "months": 1}],
    ),
    "an event on service is averaged over the window": ruled(
        [*bought(10, 0, 10), *flow("relieve", "lost", 0, 10)],
        [*bought(10, 0, 9), *flow("relieve", "lost", 0, 10, 1)],
        "rule in 2026-09 (base case): 19 t, should be at least 20 t",
        policy("service", "at least", 1, of="d", over="horizon"),
        Demand=need(), Relief=relief("lost"),
        Events=[{"target": "rule", "effect": "capacity", "factor": 0, "months": 1}],
    ),
    "spend of a contract is at its price": ruled(
        [*flow("buy", "ore", 3), *flow("lift", "offtake", 3, item="ore"),
         *flow("discard", "Mine", 3, item="Dy"), *flow("reserve", "offtake", 36)],
        [*flow("buy", "ore", 4), *flow("lift", "offtake", 3, item="ore"),
         *flow("discard", "Mine", 4, item="Dy"), *flow("reserve", "offtake", 36)],
        "rule in 2026-09 (base case): 13 kUSD, should be at most 3 kUSD",
        policy("spend", "at most", 3, of="ore; offtake", kinds="purchase", over="horizon"),
        Contracts=offtake(price_rule="fixed", price=1),
    ),
    "spend": ruled(
        taken(3, 9), taken(4, 0),
        "rule in 2026-09 (base case): 40 kUSD, should be at most 30 kUSD",
        policy("spend", "at most", 30, of="Australia", kinds="purchase", over="horizon"),
    ),
    "spend of every kind": ruled(
        [*flow("reserve", "offtake", 12), *flow("stock", "heap", 6, 6, 6),
         *flow("run", "grow", 1), *flow("expand", "port", 60),
         *flow("discard", "Mine", 1, item="Dy")],
        [*flow("reserve", "offtake", 13), *flow("stock", "heap", 6, 6, 6),
         *flow("run", "grow", 1), *flow("expand", "port", 60),
         *flow("discard", "Mine", 1, item="Dy")],
        "rule in 2026-09 (base case): 744.25 kUSD, should be at most 744 kUSD",
        policy("spend", "at most", 3 + 18 + 3 + 720, of=["offtake", "Mine", "port"],
               over="horizon"),
        Contracts=offtake(fee=1),
        Stockpiles=heap(holding_cost=12),
        Processes=[{"name": "grow", "site": "Mine", "cost": 3}],
        Recipes=[{"process": "grow", "role": "output", "item": "Dy", "amount": 1}],
        Facilities=EXPANDABLE,
    ),
    "into a country": ruled(
        [],
        shipped(1, arrive=(0, 0.9)),
        "rule in 2026-09 (base case): 1 t, should be at most 0 t",
        policy("volume", "at most", 0, of="Australia", counted="shipped", into="Japan"),
        Routes=[{**FREIGHT[0], "uses": None}],
    ),
    "made": ruled(
        [*flow("run", "grow", 1), *flow("discard", "Mine", 2, item="Dy")],
        [*flow("run", "grow", 2), *flow("discard", "Mine", 4, item="Dy")],
        "rule in 2026-07 (base case): 4 t, should be at most 2 t",
        policy("volume", "at most", 24, of="grow", counted="made", over="month"),
        Processes=[{"name": "grow", "site": "Mine"}],
        Recipes=[{"process": "grow", "role": "output", "item": "Dy", "amount": 2}],
    ),
    "delivered": ruled(
        bought(10, 10, 10), [*bought(10, 10), *flow("relieve", "lost", 0, 0, 10)],
        "rule in 2026-09 (base case): 20 t, should be at least 25 t",
        policy("volume", "at least", 25, of="d", counted="delivered", over="horizon"),
        Demand=need(), Relief=relief("lost"),
    ),
    "ordered": ruled(
        flow("expand", "port", 60), flow("expand", "port", 61),
        "rule in 2026-09 (base case): 61 t/yr, should be at most 60 t/yr",
        policy("volume", "at most", 60, of="port", counted="ordered", over="horizon"),
        Facilities=EXPANDABLE,
    ),
    "stock of two heaps, at every moment": ruled(
        [*flow("stock", "heap", 6, 6, 6), *flow("stock", "shed", 2, 3, 3),
         *flow("buy", "far", 2, 1)],
        [*flow("stock", "heap", 6, 6, 6), *flow("stock", "shed", 4, 3, 3),
         *flow("buy", "far", 4), *flow("discard", "Osaka", 0, 1, item="Dy")],
        "rule in 2026-07 (base case): 10 t, should be at most 9 t",
        policy("stock", "at most", 9, of="heap; Osaka"),
        Stockpiles=[*heap(), {"name": "shed", "site": "Osaka", "commodity": "Dy"}],
    ),
    "service": ruled(
        [*bought(10, 10, 7), *flow("relieve", "lost", 0, 0, 3)],
        [*bought(10, 10, 6), *flow("relieve", "lost", 0, 0, 4)],
        "rule in 2026-09 (base case): 26 t, should be at least 27 t",
        policy("service", "at least", 0.9, of="d", over="horizon"),
        Demand=need(), Relief=relief("lost"),
    ),
    "cover looks past the end, on calm moments": ruled(
        [*flow("stock", "heap", 15, 15, 15), *bought(10, 10, 10),
         *flow("run", "more", 9),
         *bought(10, 10, branch="Stop"), *flow("discard", "Mine", 15, item="Dy", branch="Stop")],
        [*flow("stock", "heap", 15, 15, 14), *bought(10, 10, 10), *flow("run", "more", 9),
         *flow("discard", "Mine", 0, 0, 1, item="Dy"),
         *bought(10, 10, branch="Stop"), *flow("discard", "Mine", 15, item="Dy", branch="Stop")],
        "rule in 2026-09 (base case): 14 t, should be at least 15 t",
        policy("cover", "at least", 1.5, of="heap"),
        Demand=need(), Stockpiles=heap(), Scenarios=STOP,
        Processes=[{"name": "more", "site": "Mine"}],
        Recipes=[{"process": "more", "role": "output", "item": "Dy", "amount": 1}],
    ),
    "a breach that is paid for": replace(
        ruled(
            [*taken(5, 0), *flow("breach", "rule", 0, 0, 2)],
            [*taken(5, 0), *flow("breach", "rule", 0, 0, 1)],
            "rule in 2026-09 (base case): 4 t, should be at most 3 t",
            policy("volume", "at most", 12, of="Mine", counted="bought", penalty=7),
        ),
        cost=50 + 5 + 14,
    ),
    "a breach of a hard policy": replace(
        ruled(
            taken(3, 0), [*taken(3, 0), *flow("breach", "rule", 0, 0, 1)],
            "breach of rule in 2026-09 (base case) is 1 t",
            policy("volume", "at most", 12, of="Mine", counted="bought"),
        ),
        code="unknown-flow",
    ),
    "calm moments only": ruled(
        [*taken(3, 0), *flow("buy", "ore", 9, 9, branch="Stop"),
         *flow("discard", "Mine", 9, 9, item="Dy", branch="Stop")],
        taken(4, 0), "rule in 2026-09 (base case): 4 t, should be at most 3 t",
        policy("volume", "at most", 3, of="Mine", counted="bought", scenario="calm",
               over="horizon"),
        Scenarios=STOP,
    ),
    "calm before and after a crisis, together": ruled(
        mined(2, 9, 1), mined(2, 9, 2), "rule in 2026-09 (base case): 4 t, should be at most 3 t",
        policy("volume", "at most", 3, of="Mine", counted="bought", scenario="calm",
               over="horizon"),
        Events=[{**CRISIS[0], "target": "ore", "effect": "price"}],
    ),
}  # fmt: skip

RAMPED: Rows = [{"name": "far", "site": "Mine", "commodity": "Dy", "price": 0}]


def ramped(good: list[float], bad: list[float], sentence: str, **more: object) -> Case:
    """What is bought of the ore; the rest comes from afar, for nothing."""

    def plan(values: list[float]) -> list[Line]:
        rest = [10 - value for value in values]
        return [*flow("buy", "ore", *values), *flow("buy", "far", *rest),
                *flow("meet", "d", 10, 10, 10)]  # fmt: skip

    sheets = {"Supply": [*offer(ramp=36), *RAMPED], "Demand": need()} | more
    return Case(sheets, plan(good), plan(bad), "ramp", sentence, 10 * sum(good))


RAMPS = {
    "no faster rise": ramped(
        [1, 4, 7], [1, 4, 8], "rise of ore in 2026-09 (base case): 48 t/yr, should be at most 36"
    ),
    "no faster fall": ramped(
        [7, 4, 1], [8, 4, 1], "fall of ore in 2026-08 (base case): 48 t/yr, should be at most 36"
    ),
    "a fall that a stop forces, and no faster rise after it": ramped(
        [9, 0, 3], [9, 0, 4], "rise of ore in 2026-09 (base case): 48 t/yr, should be at most 36",
        Events=[{"target": "ore", "effect": "capacity", "factor": 0, "start": "2026-08",
                 "months": 1}],
    ),
    "a fall that a limit forces by half": ramped(
        [9, 4, 2], [9, 3, 2], "fall of ore in 2026-08 (base case): 72 t/yr, should be at most 60",
        Supply=[*offer(ramp=36, most=120), *RAMPED],
        Events=[{"target": "ore", "effect": "capacity", "factor": 0.5, "start": "2026-08"}],
    ),
    "no faster rise of what is lifted": Case(
        {"Supply": offer(), "Demand": need(), "Contracts": offtake(ramp=12)},
        [*SIGNED, *flow("lift", "offtake", 1, 2, 3, item="ore")],
        [*SIGNED, *flow("lift", "offtake", 1, 2, 4, item="ore")],
        "ramp", "rise of offtake in 2026-09 (base case): 24 t/yr, should be at most 12",
    ),
}  # fmt: skip


def under_way(name: str, what: str, amount: float, month: str = "", detail: str = "") -> Rows:
    return [{"name": name, "what": what, "amount": amount, "month": month or None,
             "detail": detail}]  # fmt: skip


def thrown(site: str, *values: float, item: str = "Dy") -> list[Line]:
    return flow("discard", site, *values, item=item)


BUILT: Rows = [{key: value for key, value in EXPANDABLE[0].items() if key != "least_expansion"}]
COMING: dict[str, Rows] = {
    "Supply": offer(), "Facilities": BUILT, "Routes": FREIGHT,
    "Underway": under_way("port", "ready", 60, "2026-08"),
}  # fmt: skip
AGAIN: dict[str, Rows] = {
    "Supply": offer(), "Demand": need(),
    "Relief": relief("defer", returns=1, latest_return=3),
    "Underway": under_way("defer", "returns", 5, "2026-06"),
}  # fmt: skip
MILL: dict[str, Rows] = {
    "Commodities": [*BASE["Commodities"], {"name": "scrap", "kind": "scrap", "disposal_cost": 0}],
    "Processes": [{"name": "mill", "site": "Mine", "lead": 2}],
    "Recipes": [
        {"process": "mill", "role": role, "item": item, "amount": amount}
        for role, item, amount in (("input", "Dy", 1), ("output", "Dy", 0.6),
                                   ("output", "scrap", 0.1))
    ],
    "Underway": under_way("mill", "lands", 4, "2026-08", "scrap"),
}  # fmt: skip

UNDERWAY = {
    "what lands": Case(
        {"Supply": offer(), "Routes": FREIGHT, "Facilities": PORT,
         "Underway": under_way("lane", "lands", 4, "2026-08")},
        thrown("Osaka", 0, 4), thrown("Osaka", 0, 3), "mass-balance",
        "of Dy at Osaka in 2026-08 (base case): 4 t, should be exactly 3 t", cost=4,
    ),
    "an output that comes out": Case(
        MILL, thrown("Mine", 0, 4, item="scrap"), thrown("Mine", 0, 0, 4, item="scrap"),
        "mass-balance", "of scrap at Mine in 2026-08 (base case): 4 t, should be exactly 0 t",
    ),
    "capacity ordered before is there, and its annuity goes on": Case(
        COMING,
        [*flow("ordered", "port", 60, item="2026-08"), *shipped(0, 5, arrive=(0, 0, 4.5))],
        [*flow("ordered", "port", 60, item="2026-08"), *shipped(5, 5, arrive=(0, 4.5, 4.5))],
        "capacity", "use of port in 2026-07 (base case): 5 t, should be at most 0 t",
        cost=60 * 12 / 2 * 2 / 12 + 5 * 15.5 + 4.5,
    ),
    "no other capacity than was ordered": Case(
        COMING,
        flow("ordered", "port", 60, item="2026-08"), flow("ordered", "port", 50, item="2026-08"),
        "expansion", "plan for 2026-08 in 2026-07 (base case): 50 t/yr, should be exactly 60 t/yr",
    ),
    "none of another month": Case(
        COMING, flow("ordered", "port", 60, item="2026-08"),
        [*flow("ordered", "port", 60, item="2026-08"), *flow("ordered", "port", 1, item="2026-07")],
        "unknown-flow", "ordered before of port, 2026-07 in 2026-07 (base case) is 1 t/yr",
    ),
    "its life runs before the plan": Case(
        COMING | {"Underway": under_way("port", "ready", 60, "2024-08")},
        [*flow("ordered", "port", 60, item="2024-08"), *shipped(5, arrive=(0, 4.5))],
        [*flow("ordered", "port", 60, item="2024-08"), *shipped(5, 1, arrive=(0, 4.5, 0.9))],
        "capacity", "use of port in 2026-08 (base case): 1 t, should be at most 0 t",
        cost=60 * 12 / 2 / 12 + 5 * 15.5 + 4.5,
    ),
    "need put off before comes back": Case(
        {"Supply": offer(), "Demand": need(), "Relief": relief("defer", returns=1),
         "Underway": under_way("defer", "returns", 5, "2026-08")},
        bought(10, 15, 10), bought(10, 10, 10), "demand",
        "in 2026-08 (base case): 10 t, should be exactly 15 t", cost=350,
    ),
    "and may be put off again": Case(
        AGAIN,
        [*bought(10, 15, 10), *flow("postpone", "defer", 5)],
        [*bought(9, 16, 10), *flow("postpone", "defer", 6)],
        "relief", "what defer puts off again in 2026-07 (base case): 6 t, should be at most 5 t",
        cost=350 + 5 * 50,
    ),
    "until its latest return": Case(
        AGAIN,
        [*bought(10, 15, 10), *flow("postpone", "defer", 5)],
        [*bought(10, 10, 15), *flow("postpone", "defer", 5, 5)],
        "relief", "latest return in 2026-08 (base case): 5 t, should be at most 0 t",
    ),
    "what was moved": ramped(
        [5, 5, 5], [6, 6, 6], "rise of ore in 2026-07 (base case): 48 t/yr, should be at most 36",
        Underway=under_way("ore", "moved", 2, "2026-06"),
    ),
    "and fell": ramped(
        [6, 6, 6], [5, 5, 5], "fall of ore in 2026-07 (base case): 48 t/yr, should be at most 36",
        Underway=under_way("ore", "moved", 9, "2026-06"),
    ),
    "what is carried over": Case(
        {"Supply": offer(),
         "Policies": policy("volume", "at most", 120, of="Mine", counted="bought"),
         "Underway": under_way("rule", "carried over", 6)},
        [*flow("buy", "ore", 36), *thrown("Mine", 36)],
        [*flow("buy", "ore", 37), *thrown("Mine", 37)],
        "policy", "rule in 2026-09 (base case): 37 t, should be at most 36 t", cost=36 * 11,
    ),
    "what was reserved for the months before": Case(
        {"Supply": offer(), "Demand": need(),
         "Contracts": offtake(take_or_pay=1, settled="year", lifted_before=20, least_reserved=60,
                              price_rule="fixed", price=9),
         "Underway": under_way("offtake", "reserved", 35)},
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 35 - 20 + 15)],
        [*SIGNED, *flow("forgo", "offtake", 0, 0, 29)],
        "contract", "at the settlement in 2026-09 (base case): 49 t, should be at least 50 t",
        cost=300 + 30 * 9,
    ),
    "a rebate earned before": Case(
        {"Supply": offer(), "Demand": need(),
         "Contracts": offtake(price_rule="index", rebate_share=0.5, rebate_above=6),
         "Underway": under_way("offtake", "earned", 7)},
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("rebate", "offtake", 0, 0, 17)],
        [*SIGNED, *flow("lift", "offtake", 5, item="ore"), *flow("rebate", "offtake", 0, 0, 18)],
        "rebate", "rebate of offtake in 2026-09 (base case): 18 kUSD, should be at most 17 kUSD",
        cost=300 - 17,
    ),
    "what expires": Case(
        {"Supply": offer(), "Stockpiles": heap(life_months=9),
         "Underway": under_way("heap", "expires", 4, "2026-08")},
        heaped(6, 2, 2), heaped(6, 3, 2), "stock-rule",
        "for its life in 2026-08 (base case): 4 t, should be at most 3 t", cost=4,
    ),
}  # fmt: skip


def ordered(
    good: list[Line], bad: list[Line], sentence: str, orders: list[tuple[object, ...]], **more: Rows
) -> Case:
    """Orders of (row, month, amount and scenario); what is bought is thrown away."""
    keys = "name", "month", "amount", "scenario"
    rows: Rows = [dict(zip(keys, o, strict=False)) | {"status": "approved"} for o in orders]
    return Case({"Supply": offer(), "Orders": rows} | more, good, bad, "order", sentence)


QUARTER: dict[str, object] = {"calendar": "1 quarter"}
LINE: Rows = [{"name": "line", "site": "Mine", "capacity": 24, "expansion_cost": 5,
               "build_months": 1}]  # fmt: skip
PRESS: dict[str, Rows] = {
    "Processes": [{"name": "press", "site": "Mine"}],
    "Recipes": [{"process": "press", "role": "output", "item": "Dy", "amount": 1},
                {"process": "press", "role": "uses", "item": "line", "amount": 1}],
    "Facilities": LINE,
}  # fmt: skip


def pressed(*values: float) -> list[Line]:
    return [*flow("run", "press", *values), *flow("discard", "Mine", *values, item="Dy")]


ORDERS = {
    "the months of a quarter together": replace(
        ordered(
            [("buy", "ore", "", "Trunk", "2026-07", 3, 5),
             ("discard", "Mine", "Dy", "Trunk", "2026-07", 3, 5)],
            [("buy", "ore", "", "Trunk", "2026-07", 3, 4),
             ("discard", "Mine", "Dy", "Trunk", "2026-07", 3, 4)],
            "order of ore, buy in 2026-07 to 2026-09 (base case): 4 t, should be at least 5 t",
            [("ore", "2026-07", 2), ("ore", "2026-09", 3)],
        ),
        settings=QUARTER,
    ),
    "on every branch, as far as it can": ordered(
        [*mined(0, 4, 4), *flow("buy", "ore", 4, 2, branch="Stop"),
         *flow("discard", "Mine", 4, 2, item="Dy", branch="Stop")],
        [*mined(0, 4, 4), *flow("buy", "ore", 4, 1, branch="Stop"),
         *flow("discard", "Mine", 4, 1, item="Dy", branch="Stop")],
        "order of ore, buy in 2026-09 (Stop): 1 t, should be at least 2 t",
        [("ore", "2026-08", 4), ("ore", "2026-09", 4)],
        Scenarios=STOP, Supply=offer(most=96),
        Events=[{"scenario": "Stop", "target": "ore", "effect": "capacity", "factor": 0.25,
                 "start": "2026-09"}],
    ),
    "of a scenario in place of the base case": ordered(
        [*mined(0, 4), *flow("buy", "ore", 1, branch="Stop"),
         *flow("discard", "Mine", 1, item="Dy", branch="Stop")],
        mined(0, 4),
        "order of ore, buy in 2026-08 (Stop): 0 t, should be at least 1 t",
        [("ore", "2026-08", 4), ("ore", "2026-08", 1, "Stop")],
        Scenarios=STOP,
    ),
    "reserved": ordered(
        flow("reserve", "offtake", 12), flow("reserve", "offtake", 11),
        "order of offtake, reserve in 2026-07 (base case): 11 t/yr, should be at least 12",
        [("offtake", "2026-07", 12)], Contracts=offtake(),
    ),
    "ordered, and then run as the line is able": ordered(
        [*flow("expand", "line", 0, 12), *pressed(2, 2, 3)],
        [*flow("expand", "line", 0, 12), *pressed(2, 2, 2.5)],
        "order of press, run in 2026-09 (base case): 2.5 t, should be at least 3 t",
        [("line", "2026-08", 12), ("press", "2026-07", 2), ("press", "2026-09", 3)], **PRESS,
    ),
    "capacity that is ordered": ordered(
        [*flow("expand", "line", 0, 12)], [*flow("expand", "line", 12)],
        "order of line, expand in 2026-08 (base case): 0 t/yr, should be at least 12",
        [("line", "2026-08", 12)], **PRESS,
    ),
    "near orders change no more than the limit": replace(
        Case(
            {"Supply": [*offer(), {"name": "far", "site": "Mine", "commodity": "Dy", "price": 1}],
             "Orders": [{"name": "ore", "month": "2026-08", "amount": 8},
                        {"name": "ore", "month": "2026-09", "amount": 2}]},
            [*flow("buy", "ore", 9, 7, 2), *flow("buy", "far", 0, 1),
             *flow("discard", "Mine", 9, 8, 2, item="Dy")],
            [*flow("buy", "ore", 9, 7, 2), *flow("buy", "far", 0, 1.5),
             *flow("discard", "Mine", 9, 8.5, 2, item="Dy")],
            "nervousness",
            "change of the near orders of Dy in 2026-09 (base case): 2.5 t, should be at most 2",
        ),
        settings={"nervousness": 20},
    ),
    "no more than the lines can": ordered(
        pressed(2), pressed(1),
        "order of press, run in 2026-07 (base case): 1 t, should be at least 2 t",
        [("press", "2026-07", 5)], **PRESS,
    ),
}  # fmt: skip

CASES = {
    f"{group}: {name}": case
    for group, cases in (
        ("stock", STOCKS), ("relief", RELIEF), ("lane", LANES), ("contract", CONTRACTS),
        ("ramp", RAMPS), ("underway", UNDERWAY), ("order", ORDERS),
        ("policy", POLICIES),
    )
    for name, case in cases.items()
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_rule_kept_and_broken(name: str) -> None:
    case = CASES[name]
    tables = tables_for(case)
    good = certify(tables, case.good)
    assert good.findings == ()
    if case.cost is not None:
        weighted = good.costs.kusd * good.costs.discount * good.costs.probability
        assert weighted.sum() == pytest.approx(case.cost)
    bad = certify(tables, case.bad)
    assert {finding.code for finding in bad.findings} == {case.code}
    assert case.sentence in " | ".join(finding.sentence for finding in bad.findings)


def test_the_tail_weighs_in_the_objective() -> None:
    """Costs 100, 200 and 300 with probabilities 0.5, 0.3 and 0.2; the worst 40 %: 250."""
    scenarios: Rows = [
        {"name": "B", "probability": 0.3, "known": "2026-07"},
        {"name": "C", "probability": 0.2, "known": "2026-07"},
    ]
    settings: dict[str, object] = {"risk_weight": 0.25, "cvar_level": 0.6, "calendar": "1 month"}
    case = Case({"Supply": offer(), "Scenarios": scenarios}, [], [], "", "", settings=settings)
    tables = tables_for(case)
    month = parse_month("2026-07")
    lines = [
        (*flow, branch, month, 1, tonnes)
        for branch, tonnes in (("Trunk", 10), ("B", 20), ("C", 30))
        for flow in (("buy", "ore", ""), ("discard", "Mine", "Dy"))
    ]
    flows = pd.DataFrame(lines, columns=COLUMNS)
    mean, tail = 170 * 1.1, 250 * 1.1
    goal = 0.75 * mean + 0.25 * tail
    assert verify(tables, flows, goal, mean, tail).findings == ()
    wrong = verify(tables, flows, goal, mean, tail + 1)
    assert [finding.code for finding in wrong.findings] == ["risk"]
    assert "276 kUSD" in wrong.findings[0].found and "275 kUSD" in wrong.findings[0].expected


def test_costs_are_discounted_from_the_start_of_their_period() -> None:
    settings: dict[str, object] = {"discount_rate": 0.1, "calendar": "12 month, 1 month"}
    case = Case({"Supply": offer()}, [], [], "", "", settings=settings)
    lines: list[Line] = [
        ("buy", "ore", "", "Trunk", "2027-07", 1, 1.1),
        ("discard", "Mine", "Dy", "Trunk", "2027-07", 1, 1.1),
    ]
    found = certify(tables_for(case), lines)
    assert found.findings == ()
    assert (found.costs.kusd * found.costs.discount).sum() == pytest.approx(11)


def test_one_history_alone() -> None:
    case = Case({"Supply": offer(), "Scenarios": STOP, "Demand": need()}, [], [], "", "")
    tables = tables_for(case)
    alone = [*bought(10), *bought(10, 10, branch="Stop")]
    assert certify(tables, alone, "Stop").findings == ()
    found = certify(tables, bought(10, 10, 10), "Stop").findings
    assert {finding.code for finding in found} == {"moments", "demand"}
