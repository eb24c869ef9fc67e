"""The sign and size of every family's dual, held against the optimum of a changed book.

Each case turns one number of a book up and down a little. The right side of some rows moves
with it (`moves`: so much for a unit of the number), nothing else that binds does, and the
optimum must move by dual x move. Where the number stands beside a column, the column's
value times the change counts as the move; what the change costs by itself is `direct`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from books import make_book, read
from family_examples import CALM_OR_NOT, DY, MOTORS, ORE, SHED, YEARS, Toy, pressing_on, toy
from kido.data.tables import Tables
from kido.lp.family import FAMILIES
from plan import plan

STEP = 1e-3
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Turn:
    """`parameter` is sheet, row, columns; `duals` what a person finds by hand, in kUSD a unit."""

    family: str
    book: Toy
    parameter: tuple[str, str, tuple[str, ...]]
    moves: Mapping[Key, float]
    duals: Mapping[Key, float]
    direct: float = 0.0


HERE = ORE | {"site": "works"}  # 3 USD/kg
DEAR = HERE | {"name": "dear ore", "price": 8}
OFFTAKE = {"name": "offtake", "applies_to": "ore", "price_rule": "fixed"}
RESERVED = ("least_reserved", "most_reserved")
LOSE = {"name": "lost", "demand": "motors", "kind": "lost"}
LATER = {"name": "later", "demand": "motors", "kind": "defer", "cost": 1}
FOUR_MONTHS = YEARS | {"calendar": "4 month"}
MARCH = HERE | {"start": "2027-03"}
MONTH = 10 / 12  # t of need
THROWN = DY | {"disposal_cost": 0}
BOUGHT = {"name": "rule", "of": "ore", "counted": "bought", "sense": "at most"}
MAGNETS = {
    "Demand": [MOTORS | {"commodity": "magnet", "need": 40}],
    "Relief": [LOSE | {"cost": 50}],
}
BOTH = {("line", 0): 1.0, ("line", 1): 1.0}
RISK = YEARS | {"risk_weight": 0.5, "cvar_level": 0.5, "discount_rate": 0.25}
HISTORIES = toy(
    RISK,
    Commodities=[THROWN],
    Supply=[HERE | {"least": 10, "most": 10}],
    Scenarios=CALM_OR_NOT,
    Events=[{"name": "dearer", "scenario": "stop", "target": "ore", "effect": "price", "add": 27}],
)
ORDERED = toy(  # 10 t ordered in the first year, of which half may change
    YEARS | {"nervousness": 50},
    Supply=[HERE, DEAR],
    Demand=[MOTORS],
    Orders=[{"name": "dear ore", "month": "2027-01", "amount": 10}],
)


def made_up(**more: object) -> list[dict[str, Any]]:
    """4 t/yr at 2 under a contract with make-up months."""
    terms = {"price": 2, "take_or_pay": 1, "least_reserved": 4, "most_reserved": 4}
    return [OFFTAKE | terms | more]


def on_rows(name: str, value: float) -> dict[Key, float]:
    """The same for a policy's rows of both years."""
    return {(name, "", n): value for n in (0, 1)}


def each(name: str, value: float) -> dict[Key, float]:
    return {(name, n): value for n in (0, 1)}


TURNS = {
    "a tonne more in stock saves buying it": Turn(
        "balance",
        toy(Supply=[HERE], Stockpiles=[SHED | {"opening": 1}], Demand=[MOTORS]),
        ("Stockpiles", "shed", ("opening",)),
        {("works", "Dy", 0): 1},
        {("works", "Dy", 0): -3},
    ),
    "a tonne more of capacity saves half a magnet worth 50, less the ore": Turn(
        "capacity",
        toy(**pressing_on({"capacity": 60}) | MAGNETS),
        ("Facilities", "line", ("capacity",)),
        BOTH,
        each("line", -22),
    ),
    "a plant made to run for nothing wastes the ore": Turn(
        "minimum_use",
        toy(
            **pressing_on({"capacity": 100, "minimum_use": 0.6}),
            Sales=[{"name": "dealer", "site": "works", "commodity": "magnet"}],
        ),
        ("Facilities", "line", ("minimum_use",)),
        each("line", 100),
        each("line", 3),
    ),
    "a t/yr that must be ordered costs its price": Turn(
        "expansion",
        toy(
            **pressing_on({"capacity": 90, "expansion_cost": 7, "least_expansion": 2}) | MAGNETS
        ),
        ("Facilities", "line", ("least_expansion",)),
        {("line", 1): 1},
        {("line", 1): 7},
    ),
    "a t/yr more that may be ordered saves 22 in each of two years for 7": Turn(
        "expansion",
        toy(
            **pressing_on({"capacity": 60, "expansion_cost": 7, "most_expansion": 8}) | MAGNETS
        ),
        ("Facilities", "line", ("most_expansion",)),
        {("line", 1): 1},
        {("line", 1): -37},
    ),
    "a t/yr more reserved at 1 saves 2 in each year": Turn(
        "reservation",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=[OFFTAKE | {"price": 1, "least_reserved": 4, "most_reserved": 4}],
        ),
        ("Contracts", "offtake", RESERVED),
        each("offtake", 1),
        each("offtake", -2),
    ),
    "a tonne more that may be paid for now at 2 saves 20 next year": Turn(
        "deficiency",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=made_up(
                take_or_pay=0.8, make_up_months=12, lifted_before=0.5, settled="contract year",
                start="2026-07",
            ),
            Events=[{"target": "ore", "effect": "price", "add": 17, "start": "2028-01"}],
        ),
        ("Contracts", "offtake", ("lifted_before",)),
        {("offtake", 0): -0.8},
        {("offtake", 0): -18},
    ),
    "all that is lifted in the month left for 9 t of before is made up: more would save 2": Turn(
        "make_up_lifted",
        toy(
            YEARS | {"calendar": "2 month"},
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=made_up(make_up_months=1, paid_before=9, take_or_pay=0.25),
        ),
        ("Demand", "motors", ("need",)),
        {("motors", 0): 1 / 12, ("motors", 1): 1 / 12},
        {("offtake", 0): -2},
    ),
    "a tonne more paid for before saves buying it at 3 in the first year": Turn(
        "make_up_paid",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=made_up(
                make_up_months=12, paid_before=1, least_reserved=0, most_reserved=0
            ),
        ),
        ("Contracts", "offtake", ("paid_before",)),
        {("offtake", 0): 1},
        {("offtake", 0): -3},
    ),
    "5 t of before are lost; a tonne that would not be saves buying it at 3": Turn(
        "make_up_expiry",
        toy(
            YEARS | {"calendar": "3 year"},
            Supply=[HERE],
            Demand=[MOTORS | {"need": 20}],
            Contracts=made_up(make_up_months=18, paid_before=5),
            Events=[{"target": "motors", "effect": "demand", "factor": 0, "months": 24}],
        ),
        ("Demand", "motors", ("need",)),
        {("motors", 2): 1},
        {("offtake", 0): 0, ("offtake", 1): -3},
    ),
    "a tonne a month more lifted at 1 saves 2 for each": Turn(
        "monthly_lift",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=[OFFTAKE | {"price": 1, "most_a_month": 0.5}],
        ),
        ("Contracts", "offtake", ("most_a_month",)),
        each("offtake", 12),
        each("offtake", -2),
    ),
    "a tonne more carried can be lifted at 1 for 3, of what is bought to be thrown away": Turn(
        "lift_within_flow",
        toy(
            Commodities=[THROWN],
            Supply=[HERE | {"least": 12, "most": 12}],
            Demand=[MOTORS],
            Contracts=[OFFTAKE | {"price": 1}],
        ),
        ("Supply", "ore", ("least", "most")),
        {("buy", "ore", 0): 1, ("buy", "ore", 1): 1},
        {("buy", "ore", 0): -2, ("buy", "ore", 1): -2},
        direct=2 * 3,
    ),
    "a firm tonne at 5 costs 2 more than spot": Turn(
        "take_or_pay",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=[
                OFFTAKE
                | {"price": 5, "take_or_pay": 0.8, "least_reserved": 4, "most_reserved": 4}
            ],
        ),
        ("Contracts", "offtake", RESERVED),
        each("offtake", 0.8),
        each("offtake", 2),
    ),
    "a kUSD more to be paid back is a kUSD": Turn(
        "rebate_share",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Contracts=[
                OFFTAKE
                | {"price_rule": "index", "index": 2, "rebate_above": 1, "rebate_share": 0.25}
            ],
        ),
        ("Contracts", "offtake", ("rebate_share",)),
        each("offtake", 10),  # t lifted, 1 USD/kg above the threshold
        each("offtake", -1),
    ),
    "a tonne more of need must be bought": Turn(
        "demand_met",
        toy(Supply=[HERE], Demand=[MOTORS]),
        ("Demand", "motors", ("need",)),
        each("motors", 1),
        each("motors", 3),
    ),
    "a tonne that returned in February waits for 2/3, one put off then costs 1": Turn(
        "postponement",
        toy(FOUR_MONTHS, Supply=[MARCH], Demand=[MOTORS], Relief=[
            LATER | {"returns": 1.5, "latest_return": 4}, LOSE | {"cost": 50}]),
        ("Relief", "later", ("returns",)),
        # of January's need less lands in February, of February's less in March
        {("motors", 1): -MONTH, ("motors", 3): MONTH, ("later", 1): -MONTH},
        {("later", 1): 2 / 3 - 1},
        direct=-(1 / 1.5**2) * 0.5 * MONTH,  # half a month's need waits, at 1 / 1.5 a month
    ),
    "a tonne that may wait for April costs 3 there and 2 to wait, and 50 lost in February": Turn(
        "latest_return",
        toy(FOUR_MONTHS, Supply=[MARCH | {"start": "2027-04"}], Demand=[MOTORS], Relief=[
            LATER | {"returns": 1, "latest_return": 2.5}, LOSE | {"cost": 50}]),
        ("Relief", "later", ("latest_return",)),
        {("later", 2): MONTH},
        {("later", 2): 3 + 2 - 50},
    ),
    "a tonne more filled while it costs 3 is not bought at 9": Turn(
        "stock_change",
        toy(
            Supply=[HERE],
            Stockpiles=[SHED | {"fill": 0.5}],
            Demand=[MOTORS],
            Events=[{"target": "ore", "effect": "price", "add": 6, "start": "2028-01"}],
        ),
        ("Stockpiles", "shed", ("fill",)),
        each("shed", 12),
        {("shed", 0): -6, ("shed", 1): 0},
    ),
    "a tonne more drawn is not bought": Turn(
        "stock_change",
        toy(
            Supply=[HERE],
            Stockpiles=[SHED | {"opening": 100, "draw": 0.5}],
            Demand=[MOTORS],
        ),
        ("Stockpiles", "shed", ("draw",)),
        each("shed", -12),  # the lower side is minus the draw limit
        each("shed", 3),
    ),
    "a t/yr more of rise is bought at 3, not 8": Turn(
        "ramp",
        toy(
            Supply=[HERE | {"ramp": 0.5}, DEAR],
            Demand=[MOTORS],
            Events=[{"target": "ore", "effect": "capacity", "profile": "opening"}],
            Profiles=[{"name": "opening", "period": "2027-01", "value": 1},
                      {"name": "opening", "period": "2028-01", "value": 100}],
        ),
        ("Supply", "ore", ("ramp",)),
        {("Supply", "ore", 1): 12},
        {("Supply", "ore", 1): -5},
    ),
    "a tonne more ordered at 8 leaves half a tonne less of change to the ore at 3": Turn(
        "order_change",
        ORDERED,
        ("Orders", "dear ore", ("amount",)),
        {("dear ore", 0): 1},
        {("dear ore", 0): 2.5},
        direct=-0.5 * 2.5,  # half of it more may change
    ),
    "a tonne more of change moves half a tonne from 8 to 3": Turn(
        "nervousness",
        ORDERED,
        ("Orders", "dear ore", ("amount",)),
        {("Dy", 0): 0.5},
        {("Dy", 0): -2.5},
        direct=2.5,
    ),
    "a tonne more allowed of the ore at 3 replaces one at 8": Turn(
        "volume_limit",
        toy(
            Supply=[HERE, DEAR],
            Demand=[MOTORS],
            Policies=[BOUGHT | {"measure": "volume", "limit": 4}],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 1),
        on_rows("rule", -5),
    ),
    "a tonne more asked of the ore at 8 replaces one at 3": Turn(
        "volume_limit",
        toy(
            Supply=[HERE, DEAR],
            Demand=[MOTORS],
            Policies=[
                BOUGHT
                | {"measure": "volume", "of": "dear ore", "sense": "at least", "limit": 4}
            ],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 1),
        on_rows("rule", 5),
    ),
    "a tonne more than its share of the ore at 3 replaces one at 8": Turn(
        "share_limit",
        toy(
            Supply=[HERE, DEAR],
            Demand=[MOTORS],
            Policies=[BOUGHT | {"measure": "share", "out_of": "works", "limit": 0.4}],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 10),  # t bought in all
        on_rows("rule", -5),
    ),
    "a kUSD more of budget buys a third of a tonne that is lost at 9 else": Turn(
        "spend_limit",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Relief=[LOSE | {"cost": 9}],
            Policies=[
                {"name": "rule", "measure": "spend", "of": "ore", "sense": "at most", "limit": 21}
            ],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 1),
        on_rows("rule", -2),
    ),
    "a tonne of cover is held at 1 a year, and bought at the end": Turn(
        "cover",
        toy(
            Supply=[HERE],
            Stockpiles=[SHED | {"holding_cost": 1}],
            Demand=[MOTORS],
            Policies=[
                {"name": "rule", "measure": "cover", "of": "shed", "sense": "at least", "limit": 6}
            ],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 10 / 12),  # t of need a month
        {("rule", "", 0): 1, ("rule", "", 1): 4},
    ),
    "a tonne that keeps is not thrown away at 1, and saves buying one at 3": Turn(
        "shelf_life",
        toy(
            YEARS | {"calendar": "3 year"},
            Commodities=[DY | {"disposal_cost": 1}],
            Supply=[HERE],
            Stockpiles=[SHED | {"opening": 25, "life_months": 24}],
            Demand=[MOTORS],
        ),
        ("Stockpiles", "shed", ("opening",)),
        {("works", "Dy", 0): 1, ("shed", 1): -1},
        {("shed", 1): -4},
    ),
    "a tonne more of room keeps one of this year's, at 3, for the next, at 6": Turn(
        "stock_limit",
        toy(
            Supply=[HERE],
            Stockpiles=[SHED],
            Demand=[MOTORS],
            Policies=[
                {"name": "rule", "measure": "stock", "of": "shed", "sense": "at most", "limit": 4}
            ],
            Events=[{"target": "ore", "effect": "price", "factor": 2, "start": "2028-01"}],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 1),
        {("rule", "", 0): -3, ("rule", "", 1): 0},
    ),
    "a tonne more served is bought at 3, not lost at 1": Turn(
        "service",
        toy(
            Supply=[HERE],
            Demand=[MOTORS],
            Relief=[LOSE | {"cost": 1}],
            Policies=[
                {"name": "rule", "measure": "service", "of": "motors", "sense": "at least",
                 "limit": 0.6}
            ],
        ),
        ("Policies", "rule", ("limit",)),
        on_rows("rule", 10),  # t of need
        on_rows("rule", 2),
    ),
    "a MUSD in a moment weighs 1000 kUSD times the tail's share of its histories": Turn(
        "path_cost",
        HISTORIES,
        ("Supply", "ore", ("price",)),
        # 10 t a year, in MUSD, the second year worth 0.8
        {(0,): 10e-3, (1,): 8e-3, (2,): 8e-3},
        # the worst half: all of the stop (1/4) and a third of what is left (3/4)
        {(0,): 500, (1,): 250, (2,): 250},
        direct=0.5 * (10 + 0.75 * 8 + 0.25 * 8),
    ),
    "a MUSD more on a bad history weighs 1000 kUSD times its share of the tail": Turn(
        "cvar_excess",
        HISTORIES,
        ("Events", "dearer", ("add",)),
        {(2,): 8e-3},
        {(2,): 250},
        direct=0.5 * 0.25 * 8,
    ),
}  # fmt: skip


def turned(tables: Tables, turn: Turn, by: float) -> Tables:
    sheet, name, columns = turn.parameter
    rows = tables[sheet].rows.copy()
    rows.loc[rows["name"] == name, list(columns)] += by
    return tables.with_rows(sheet, rows)


@pytest.mark.parametrize("what", TURNS)
def test_dual_is_what_one_more_unit_costs(what, tmp_path):
    turn = TURNS[what]
    settings, sheets = turn.book
    tables = read(make_book(tmp_path / "book.xlsx", settings, **sheets))
    _, solution = plan(tables)
    duals = solution.duals[turn.family]
    assert {key: duals[key] for key in turn.duals} == pytest.approx(dict(turn.duals), abs=1e-6)

    up = plan(turned(tables, turn, STEP))[1].objective - solution.objective
    down = solution.objective - plan(turned(tables, turn, -STEP))[1].objective
    for family in ("balance", "demand_met"):  # the number may stand there too
        duals = {**solution.duals.get(family, {}), **duals}
    slope = turn.direct + sum(duals[key] * move for key, move in turn.moves.items())
    assert (up + down) / (2 * STEP) == pytest.approx(slope, abs=1e-5)
    assert up / STEP == pytest.approx(down / STEP, abs=2 * STEP)  # no kink here


def test_every_family_has_its_dual_pinned():
    assert {turn.family for turn in TURNS.values()} == set(FAMILIES)
