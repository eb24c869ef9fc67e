"""Small plans a reader can solve in the head: contracts, stocks, relief, plants, policies, risk."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.case.lead_times import last_months
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan
from kido.solver.highs import InfeasibleProgram
from kido.solver.solution import Solution
from plan import plan
from sheets import Row, tables_of

# One tonne of Dy a month is needed in Osaka. It costs 10 USD/kg there, going without 100.
DY = {"commodity": "Dy", "site": "Osaka"}
SPOT: Row = {"name": "spot", "price": 10, **DY}
NEED: Row = {"name": "need", "need": 12, **DY}
LOST: Row = {"name": "lost", "demand": "need", "kind": "lost", "cost": 100}
STORE: Row = {"name": "store", **DY}
WORLD: dict[str, Sequence[Row]] = {
    "Commodities": [
        {"name": "Dy", "kind": "oxide"},
        {"name": "ore", "kind": "feed"},
    ],
    "Sites": [
        {"name": "Osaka", "country": "Japan"},
        {"name": "Perth", "country": "Australia"},
        {"name": "Baotou", "country": "China"},
    ],
    "Supply": [SPOT],
    "Demand": [NEED],
    "Relief": [LOST],
}
HALT: Row = {"name": "Halt", "probability": 0.5, "known": "2027-03", "disruption": "yes"}
NO_SPOT: Row = {"target": "spot", "effect": "capacity", "factor": 0}


def book(calendar: str = "4 month", options: Row | None = None, **sheets: Sequence[Row]) -> Tables:
    settings = {"start": "2027-01", "calendar": calendar, **(options or {})}
    return tables_of(settings, **{**WORLD, **sheets})


def solve(
    calendar: str = "4 month", options: Row | None = None, **sheets: Sequence[Row]
) -> tuple[Case, Solution]:
    return plan(book(calendar, options, **sheets))


def cost(calendar: str = "4 month", options: Row | None = None, **sheets: Sequence[Row]) -> float:
    return pytest.approx(solve(calendar, options, **sheets)[1].objective)  # type: ignore[return-value]


def values(answer: Solution, variable: str, *key: str) -> list[float]:
    """The values of one row, moment by moment."""
    found = {k[-1]: x for k, x in answer[variable].items() if k[: len(key)] == key}
    return pytest.approx([found[n] for n in sorted(found)])  # type: ignore[return-value]


def own(case: Case, branch: str) -> list[int]:
    """Moments of a branch's own."""
    return [m.index for m in case.tree.nodes if case.tree.branch_of(m.index).name == branch]


def profile(name: str, *values: float) -> list[Row]:
    """One value a month from 2027-01."""
    return [
        {"name": name, "period": f"{2027 + i // 12}-{i % 12 + 1:02d}", "value": value}
        for i, value in enumerate(values)
    ]


# -- contracts -------------------------------------------------------------------------

OFFTAKE: Row = {
    "name": "offtake", "applies_to": "spot", "least_reserved": 12, "most_reserved": 12,
    "price_rule": "fixed", "price": 4,
}  # fmt: skip


def test_what_is_lifted_costs_the_contracts_price_and_the_rest_is_spot() -> None:
    half = {**OFFTAKE, "least_reserved": 6, "most_reserved": 6}
    _, answer = solve(Contracts=[half])
    assert values(answer, "lift", "offtake", "spot") == [0.5] * 4
    assert answer.objective == pytest.approx(2 * 4 + 2 * 10)


def test_a_dear_contract_is_not_lifted_without_take_or_pay() -> None:
    assert cost(Contracts=[{**OFFTAKE, "price": 30}]) == 40


def test_take_or_pay_is_paid_for_what_is_not_taken() -> None:
    # 120 t/yr reserved, half of it firm: 60 t. The need takes 12, of which each saves
    # paying 10 for nothing; 48 are paid for and not taken.
    firm = {**OFFTAKE, "least_reserved": 120, "most_reserved": 120, "price": 10, "take_or_pay": 0.5}
    _, answer = solve("12 month", Supply=[{**SPOT, "price": 8}], Contracts=[firm])
    assert values(answer, "forgo", "offtake") == [48]
    assert answer.objective == pytest.approx(12 * 10 + 48 * 10)


@pytest.mark.parametrize(
    ("settled", "forgone"), [("month", 6 * 0.5), ("quarter", 2 * 0.5), ("year", 0)]
)
def test_take_or_pay_is_settled_by_calendar_month_quarter_or_year(
    settled: str, forgone: float
) -> None:
    # 1 t a month may be lifted, half is firm; 2 t are needed in January, March, ... none between
    firm = {**OFFTAKE, "price": 10, "take_or_pay": 0.5, "settled": settled}
    uneven = {"target": "need", "effect": "demand", "profile": "uneven"}
    case, answer = solve(
        "12 month", Contracts=[firm], Events=[uneven], Profiles=profile("uneven", *[24, 0] * 6)
    )
    assert (
        len(case.contracts["offtake"].settlements)
        == {"month": 12, "quarter": 4, "year": 1}[settled]
    )
    assert sum(answer["forgo"].values()) == pytest.approx(forgone)
    assert answer.objective == pytest.approx(12 * 10 + forgone * 10)


def test_calendar_years_part_a_book_that_starts_in_between() -> None:
    firm = {**OFFTAKE, "take_or_pay": 1}
    case = make_case(book("12 month", {"start": "2027-10"}, Contracts=[firm]))
    members = [w.members for w in case.contracts["offtake"].settlements]
    assert members == [(0, 1, 2), tuple(range(3, 12))]


def test_take_or_pay_is_settled_on_each_history_with_what_was_lifted_before_it_parted() -> None:
    firm = {**OFFTAKE, "price": 10, "take_or_pay": 1}
    slump = {"scenario": "Slump", "target": "need", "effect": "demand", "factor": 0}
    case, answer = solve(
        "12 month",
        Contracts=[firm],
        Scenarios=[{"name": "Slump", "probability": 0.25, "known": "2027-07"}],
        Events=[slump],
        Commodities=[{"name": "Dy", "kind": "oxide"}],  # what is bought cannot be thrown away
    )
    trunk, slumped = case.tree.leaves
    assert answer["forgo"]["offtake", trunk] == pytest.approx(0)
    assert answer["forgo"]["offtake", slumped] == pytest.approx(6)
    assert answer.objective == pytest.approx(6 * 10 + 0.75 * 60 + 0.25 * 60)


def test_force_majeure_lowers_what_is_firm() -> None:
    firm = {**OFFTAKE, "price": 10, "take_or_pay": 1}
    stop = {**NO_SPOT, "months": 3}
    _, answer = solve("12 month", Contracts=[firm], Events=[stop])
    assert sum(answer["forgo"].values()) == pytest.approx(0)
    assert answer.objective == pytest.approx(3 * 100 + 9 * 10)


def test_availability_is_the_least_factor_left_on_rows_origins_and_what_it_depends_on() -> None:
    def availability(word: str, effect: str = "capacity", factor: float = 0.5) -> list[float]:
        case = make_case(
            book(
                Supply=[SPOT, {**SPOT, "name": "mine", "site": "Baotou"}],
                Facilities=[{"name": "kiln", "site": "Perth", "capacity": 1, "tags": "heat"}],
                Routes=[LANES[0] | {"name": "lane"}],
                Contracts=[{**OFFTAKE, "applies_to": "lane", "depends_on": "Perth"}],
                Events=[
                    {"target": word, "effect": effect, "factor": factor, "start": "2027-02"},
                    {"target": word, "effect": effect, "factor": 0.9},
                ],
            )
        )  # fmt: skip
        return list(case.contracts["offtake"].availability)

    hit = pytest.approx([0.9, 0.5, 0.5, 0.5])
    assert availability("lane") == hit
    assert availability("Baotou") == hit
    assert availability("China") == hit
    assert availability("kiln") == hit
    assert availability("heat") == hit
    assert availability("Perth") == hit
    assert availability("Australia") == hit
    assert availability("spot") == [1] * 4
    assert availability("Japan") == [1] * 4
    assert availability("lane", "price") == [1] * 4
    assert availability("lane", factor=2) == pytest.approx([0.9, 1, 1, 1])  # never more than all


def test_a_plant_it_depends_on_frees_the_planner_who_may_still_lift() -> None:
    firm = {**OFFTAKE, "price": 30, "take_or_pay": 1, "depends_on": "kiln", "settled": "month"}
    kiln = {"name": "kiln", "site": "Perth", "capacity": 1}
    stop = {"target": "kiln", "effect": "capacity", "factor": 0, "months": 1}
    _, answer = solve(Facilities=[kiln], Contracts=[firm], Events=[stop])
    assert values(answer, "lift", "offtake", "spot") == [0, 1, 1, 1]
    assert answer.objective == pytest.approx(10 + 3 * 30)


def index_price(events: Sequence[Row] = (), **terms: object) -> list[float]:
    contract = {**OFFTAKE, "price_rule": "index", **terms}
    case = make_case(
        book(Contracts=[contract], Events=events, Profiles=profile("series", 5, 8, 12))
    )
    return pytest.approx(case.contracts["offtake"].price["spot"].tolist())  # type: ignore[return-value]


def test_an_index_price_is_the_index_times_its_factor_but_at_least_the_floor() -> None:
    assert index_price(index=8) == [8] * 4
    assert index_price(index=8, index_factor=1.25) == [10] * 4
    assert index_price(index=8, index_factor=1.25, floor=11) == [11] * 4
    assert index_price(index="series", floor=6) == [6, 8, 12, 12]
    assert index_price() == [10] * 4  # blank: the price of the row


def test_price_events_on_the_contract_move_its_index_and_those_on_the_row_a_blank_one() -> None:
    own = {"target": "offtake", "effect": "price", "factor": 2, "start": "2027-03"}
    row = {"target": "spot", "effect": "price", "factor": 3, "start": "2027-04"}
    assert index_price([own, row], index=8, floor=10) == [10, 10, 16, 16]
    assert index_price([own, row]) == [10, 10, 10, 30]


def test_a_fixed_price_does_not_move_and_a_spot_price_is_that_of_the_row() -> None:
    events = [{"target": "offtake; spot", "effect": "price", "factor": 2}]
    assert index_price(events, price_rule="fixed") == [4] * 4
    assert index_price(events, price_rule="spot") == [20] * 4


def test_an_index_inside_a_quarter_meets_its_floor_month_by_month() -> None:
    contract = {**OFFTAKE, "price_rule": "index", "index": "series", "floor": 7}
    case = make_case(book("1 quarter", Contracts=[contract], Profiles=profile("series", 5, 8, 12)))
    assert case.contracts["offtake"].price["spot"] == pytest.approx([(7 + 8 + 12) / 3])


REBATE = {**OFFTAKE, "price_rule": "index", "index": 20, "rebate_above": 15, "rebate_share": 0.5}


def test_a_rebate_pays_back_its_share_of_the_excess_on_what_is_lifted() -> None:
    at_20 = [{**SPOT, "price": 20}]
    _, answer = solve("12 month", Supply=at_20, Contracts=[REBATE])
    assert sum(answer["rebate"].values()) == pytest.approx(12 * 2.5)
    assert answer.objective == pytest.approx(12 * 20 - 30)


def test_a_rebate_is_capped_in_each_calendar_year() -> None:
    at_20 = [{**SPOT, "price": 20}]
    capped = [{**REBATE, "rebate_cap": 10}]
    assert cost("12 month", Supply=at_20, Contracts=capped) == 240 - 10
    assert cost("12 month", {"start": "2027-07"}, Supply=at_20, Contracts=capped) == 240 - 20
    assert cost("12 month", {"start": "2027-10"}, Supply=at_20, Contracts=capped) == 240 - 7.5 - 10


def test_below_its_threshold_there_is_no_rebate() -> None:
    low = [{**REBATE, "index": 12}]
    assert cost("12 month", Supply=[{**SPOT, "price": 20}], Contracts=low) == 12 * 12


def test_a_fee_is_paid_for_each_year_of_life_on_what_is_reserved() -> None:
    option = {**OFFTAKE, "least_reserved": 0, "fee": 2, "end": "2027-06"}
    _, answer = solve("12 month", Contracts=[option])
    assert answer["reserve"]["offtake", 0] == pytest.approx(12)
    assert answer.objective == pytest.approx(6 * 4 + 6 * 10 + 12 * 2 * 0.5)


def test_an_option_that_costs_more_than_it_saves_is_left() -> None:
    option = {**OFFTAKE, "least_reserved": 0, "fee": 6.5}
    assert cost("12 month", Contracts=[option]) == 120


def test_what_is_signed_is_paid_for_all_the_same() -> None:
    assert cost("12 month", Contracts=[{**OFFTAKE, "price": 30, "fee": 2}]) == 120 + 24


def test_two_contracts_on_one_row_share_what_it_carries() -> None:
    cheap = {**OFFTAKE, "name": "cheap", "price": 4}
    dear = {**OFFTAKE, "name": "dear", "price": 6}
    assert cost(Contracts=[cheap, dear]) == 4 * 4
    # the firm one first: 4 t at 4 and 4 t for nothing at 6 would cost more
    _, answer = solve(Contracts=[cheap, {**dear, "take_or_pay": 1}])
    assert values(answer, "lift", "dear", "spot") == [1] * 4
    assert answer.objective == pytest.approx(4 * 6)


def test_one_contract_covers_sea_and_air() -> None:
    lane = {
        "origin": "Perth",
        "destination": "Osaka",
        "commodity": "Dy",
        "price": 10,
        "tags": "by us",
    }
    sea = {**lane, "name": "sea", "freight": 1, "most": 6}
    air = {**lane, "name": "air", "freight": 5, "tariff": 10}
    _, answer = solve(
        "12 month",
        Supply=[{**SPOT, "site": "Perth", "price": 0}],
        Routes=[sea, air],
        Contracts=[{**OFFTAKE, "applies_to": "by us", "price": 3}],
    )
    assert sum(values(answer, "lift", "offtake", "sea").expected) == pytest.approx(6)  # type: ignore[attr-defined]
    assert answer.objective == pytest.approx(6 * (3 + 1) + 6 * (3 + 5) * 1.1)


def test_a_contract_is_signed_where_its_life_begins_on_each_branch_that_knows_by_then() -> None:
    # signed in June it is known whether the price has risen; signed in February it is not
    option = {**OFFTAKE, "least_reserved": 0, "price": 15, "fee": 1}  # no more than is of use
    rise = {"scenario": "Halt", "target": "spot", "effect": "price", "factor": 3}
    sheets = {"Scenarios": [HALT], "Events": [rise]}
    case, late = solve("6 month", Contracts=[{**option, "start": "2027-05"}], **sheets)
    signed = {case.tree.branch_of(n).name: x for (_, n), x in late["reserve"].items()}
    assert signed == {"Trunk": pytest.approx(0), "Halt": pytest.approx(12)}
    case, early = solve(
        "6 month", Contracts=[{**option, "start": "2027-02", "take_or_pay": 1}], **sheets
    )
    assert list(early["reserve"]) == [("offtake", 1)]


# -- stocks ----------------------------------------------------------------------------

FULL = {**STORE, "opening": 12}


def test_a_stock_may_be_drawn_any_time_unless_told_otherwise() -> None:
    assert cost(Stockpiles=[FULL]) == 0


def test_a_stock_released_from_a_month_is_kept_until_then() -> None:
    held = {**FULL, "release": "from a month", "release_month": "2027-03"}
    _, answer = solve(Stockpiles=[held])
    assert values(answer, "stock", "store") == [12, 12, 11, 10]
    assert answer.objective == pytest.approx(20)


def test_a_release_month_inside_a_quarter_waits_for_the_next() -> None:
    held = {**FULL, "release": "from a month", "release_month": "2027-02"}
    assert cost("2 quarter", Stockpiles=[held]) == 30


def test_a_stock_for_disruptions_opens_when_one_is_known() -> None:
    held = {**FULL, "release": "once a disruption is known"}
    halt = {**NO_SPOT, "scenario": "Halt"}
    assert cost(Stockpiles=[held], Scenarios=[HALT], Events=[halt]) == 20 + 0.5 * 20
    calm = {**HALT, "disruption": "no"}
    assert cost(Stockpiles=[held], Scenarios=[calm], Events=[halt]) == 20 + 0.5 * 20 + 0.5 * 200


def test_a_floor_holds_on_calm_moments_only() -> None:
    held = {**FULL, "floor": 11}
    case, answer = solve(
        Stockpiles=[held], Scenarios=[HALT], Events=[{**NO_SPOT, "scenario": "Halt"}]
    )
    assert min(answer["stock"]["store", n] for n in own(case, "Trunk")) == pytest.approx(11)
    assert answer["stock"]["store", own(case, "Halt")[-1]] < 11
    # one tonne may go in calm times: in the halt 2 t are then drawn, 1 of them below the floor
    assert answer.objective == pytest.approx(10 + 0.5 * 20)


@pytest.mark.parametrize("asked", [{"floor": 1}, {"ending": "at least", "ending_amount": 1}])
def test_what_a_stock_must_hold_is_not_forgotten_where_nothing_can_fill_it(asked: Row) -> None:
    with pytest.raises((InfeasibleProgram, InfeasiblePlan)):
        solve(Supply=[], Stockpiles=[{**STORE, **asked}])


def test_fill_and_draw_limits_are_t_a_month() -> None:
    slow = {**STORE, "fill": 0.25, "draw": 0.125}
    stop = {**NO_SPOT, "start": "2027-04", "months": 3}
    _, answer = solve("3 month, 1 quarter", Stockpiles=[slow], Events=[stop])
    # 3/8 t can be drawn in the quarter
    assert answer["relieve"]["lost", 3] == pytest.approx(3 - 0.375)
    full = {**FULL, "draw": 0.5}
    assert cost("1 quarter", Stockpiles=[full]) == 15
    quick = {**STORE, "fill": 0.25}
    _, answer = solve("3 month, 1 quarter", Stockpiles=[quick], Events=[stop])
    assert values(answer, "stock", "store") == [0.25, 0.5, 0.75, 0]


def test_a_capacity_bounds_what_is_held() -> None:
    stop = {**NO_SPOT, "start": "2027-03"}
    assert cost(Stockpiles=[{**STORE, "capacity": 1.5}], Events=[stop]) == 35 + 50


def test_holding_costs_by_the_year_on_what_is_held_at_the_end_of_a_moment() -> None:
    stop = {**NO_SPOT, "start": "2027-03"}
    dear = {**STORE, "holding_cost": 12}
    assert cost(Stockpiles=[dear], Events=[stop]) == 40 + 2 + 1
    kept = {**dear, "ending": "at least", "ending_amount": 1}
    assert cost("1 month, 1 quarter", Stockpiles=[kept]) == 50 + 3


@pytest.mark.parametrize(
    ("rule", "amount", "opening", "expected"),
    [
        ("free", 0, 1, 30),
        ("at least", 5, 0, 90),
        ("at least", 1, 4, 10),
        ("at least opening", 0, 4, 40),
        ("value per kg", 9, 0, 40),
        ("value per kg", 12, 0, 40 - 2 * 6),
        ("value per kg", 12, 4, 40 - 2 * 2 - 12 * 4),
    ],
)
def test_ending_rules(rule: str, amount: float, opening: float, expected: float) -> None:
    held = {**STORE, "opening": opening, "capacity": 6, "ending": rule, "ending_amount": amount}
    assert cost(Stockpiles=[held]) == expected


def test_an_ending_rule_holds_on_every_history_and_after_the_run_out() -> None:
    held = {**STORE, "ending": "at least", "ending_amount": 1}
    case, answer = solve(options={"run_out": 2}, Stockpiles=[held], Scenarios=[HALT])
    assert [answer["stock"]["store", n] for n in case.tree.leaves] == pytest.approx([1, 1])
    assert len(case.tree.path(case.tree.leaves[0])) == 6
    assert answer.objective == pytest.approx(70)


def test_an_ending_value_is_discounted_like_the_last_moment() -> None:
    held = {**STORE, "opening": 1, "ending": "value per kg", "ending_amount": 20, "capacity": 1}
    rate = {"discount_rate": 0.21}
    assert cost("4 quarter", rate, Stockpiles=[held], Demand=[]) == -20 / 1.21**0.75


CHEAP_JANUARY: Row = {"target": "spot", "effect": "price", "factor": 2, "start": "2027-02"}


def test_what_keeps_for_two_months_is_bought_that_far_ahead() -> None:
    # 1 t a month, at 10 in January and at 20 from then on: without a limit all 6 t are bought
    # in January; of those that keep for two months, 3
    for life, cheap in ((None, 6), (0, 1), (1, 2), (2, 3), (5, 6), (12, 6)):
        store = [{**STORE, "life_months": life}]
        paid = cheap * 10 + (6 - cheap) * 20
        assert cost("6 month", Stockpiles=store, Events=[CHEAP_JANUARY]) == paid, life


def test_an_opening_stock_is_fresh_on_the_first_day() -> None:
    # 4 t that keep for three months: 3 are used, 1 is thrown away at 5, and 1 is bought
    thrown = [{"name": "Dy", "kind": "oxide", "disposal_cost": 5}]
    full = [{**STORE, "opening": 4, "life_months": 3}]
    _, answer = solve(Commodities=thrown, Stockpiles=full)
    assert sum(answer["discard"].values()) == pytest.approx(1)
    assert answer.objective == pytest.approx(5 + 10)


def test_a_stock_that_must_be_held_is_turned_over() -> None:
    # 2 t are held for good, oldest out first: the month's need passes through the store
    held = [{**STORE, "opening": 2, "floor": 2, "life_months": 2, "draw": 0}]
    assert cost(Stockpiles=held) == 4 * 10
    with pytest.raises(InfeasibleProgram):  # 3 t are not used up in two months
        cost(Stockpiles=[{**held[0], "opening": 3, "floor": 3}])


def test_stores_side_by_side_share_what_is_used() -> None:
    # the store keeps goods for one month, the cellar for two: in January 1 t goes into the store
    # for February and 1 t into the cellar for March, as with the cellar alone
    stores = [{**STORE, "life_months": 1}, {**STORE, "name": "cellar", "life_months": 2}]
    assert cost("6 month", Stockpiles=stores, Events=[CHEAP_JANUARY]) == 3 * 10 + 3 * 20
    # one that keeps them for good takes the rest
    for_good = [{**STORE, "life_months": 1}, {**STORE, "name": "cellar", "capacity": 2}]
    assert cost("6 month", Stockpiles=for_good, Events=[CHEAP_JANUARY]) == 4 * 10 + 2 * 20


def test_a_life_within_a_quarter_counts_its_part() -> None:
    # life 2 months: of 2 t held at the end of the first quarter a third is there a month into
    # the second, against what has left in the two months after: 2/3 of the need of 3
    store = [{**STORE, "life_months": 2, "opening": 0}]
    case = make_case(book("2 quarter", Stockpiles=store))
    n, k, share = last_months(case.tree, 2)
    assert list(zip(n.tolist(), k.tolist(), share.tolist(), strict=True)) == [
        (0, 0, pytest.approx(2 / 3)), (1, 1, pytest.approx(2 / 3))
    ]  # fmt: skip


def test_a_stock_holds_nothing_outside_its_life() -> None:
    # all 6 t at 20 from February on; in January at 10 what the store may hold
    cheap = {"calendar": "6 month", "Events": [CHEAP_JANUARY]}

    def paid(**life: object) -> float:
        return cost(Stockpiles=[{**STORE, **life}], **cheap)  # type: ignore[arg-type]

    assert paid() == 60
    assert paid(start="2027-02") == 10 + 5 * 20
    assert paid(end="2027-04") == 4 * 10 + 2 * 20  # all is used by the end of April
    assert paid(end="2027-01") == 10 + 5 * 20
    assert paid(start="2027-01", end="2027-02") == 2 * 10 + 4 * 20


def test_what_must_be_held_is_held_within_the_life_of_the_store() -> None:
    held = {**STORE, "opening": 1, "floor": 1, "end": "2027-03", "holding_cost": 1.2}
    _, answer = solve(Stockpiles=[held])
    assert values(answer, "stock", "store") == [1, 1, 0, 0]
    assert answer.objective == pytest.approx(3 * 10 + 2 * 0.1)


# -- relief ----------------------------------------------------------------------------


def test_cheap_relief_is_used_up_to_its_share_of_the_months_need() -> None:
    thrift = {"name": "thrift", "demand": "need", "kind": "thrift", "share": 0.25, "cost": 5}
    _, answer = solve(Relief=[thrift])
    assert values(answer, "relieve", "thrift") == [0.25] * 4
    assert answer.objective == pytest.approx(4 * (0.25 * 5 + 0.75 * 10))


def test_relief_opens_from_its_month() -> None:
    thrift = {"name": "thrift", "demand": "need", "kind": "thrift", "cost": 5, "start": "2027-03"}
    assert cost(Relief=[thrift]) == 2 * 10 + 2 * 5
    assert cost("2 quarter", Relief=[thrift]) == 2 * 10 + 4 * 5


def test_without_relief_need_must_be_met() -> None:
    with pytest.raises(InfeasibleProgram):
        solve(Supply=[{**SPOT, "most": 6}], Relief=[])


def test_need_without_any_source_is_told_apart() -> None:
    _, answer = solve(Supply=[])
    assert answer.objective == pytest.approx(400)
    with pytest.raises((InfeasibleProgram, InfeasiblePlan)):
        solve(Supply=[], Relief=[])


def test_relief_with_notice_opens_that_long_after_a_disruption_is_known() -> None:
    thrift = {"name": "thrift", "demand": "need", "kind": "thrift", "cost": 1, "notice": 2}
    case = make_case(book("6 month", Relief=[thrift], Scenarios=[HALT]))
    most = case.tiers["thrift"].most
    assert [most[n] for n in own(case, "Trunk")] == [0] * 6
    assert [most[n] for n in own(case, "Halt")] == [0, 0, 1, 1]  # known in March, open in May
    calm = make_case(book("6 month", Relief=[thrift], Scenarios=[{**HALT, "disruption": "no"}]))
    assert not calm.tiers["thrift"].most.any()
    quarters = make_case(book("2 quarter", Relief=[thrift], Scenarios=[HALT]))
    most = quarters.tiers["thrift"].most
    assert [most[n] for n in own(quarters, "Halt")] == pytest.approx([0, 2])


def test_all_may_be_lost_even_what_comes_back_beyond_the_months_need() -> None:
    later = {"name": "later", "demand": "need", "kind": "defer", "cost": 1, "returns": 1}
    halt = {**HALT, "known": "2027-02", "probability": 0.1}
    stops = [{**NO_SPOT, "months": 1}, {**NO_SPOT, "scenario": "Halt"}]
    # January's tonne comes back in February, when 2 t are bought, or lost
    case, answer = solve("2 month", Relief=[LOST, later], Scenarios=[halt], Events=stops)
    assert answer["relieve"]["lost", own(case, "Halt")[0]] == pytest.approx(2)
    assert answer.objective == pytest.approx(1 + 0.9 * 20 + 0.1 * 200)


def test_a_share_that_may_be_lost_is_hard() -> None:
    share = {**LOST, "share": 0.5}
    with pytest.raises(InfeasibleProgram):
        solve(Relief=[share], Events=[NO_SPOT])


WAIT: Row = {"name": "wait", "demand": "need", "kind": "defer", "cost": 1, "returns": 1}
NONE_YET: Row = {**SPOT, "start": "2027-04"}


def test_need_put_off_returns_when_the_plan_wants_it_to() -> None:
    # nothing can be bought before April: what January puts off waits for 3 months, at 1 a month,
    # what February does for 2, what March does for 1
    one_row = [{**WAIT, "latest_return": 3}, LOST]
    assert cost("12 month", Supply=[NONE_YET], Relief=one_row) == 12 * 10 + 3 + 2 + 1
    rows = [{**WAIT, "name": f"{n}", "returns": n, "cost": n} for n in (1, 2, 3)]
    assert cost("12 month", Supply=[NONE_YET], Relief=[*rows, LOST]) == 12 * 10 + 3 + 2 + 1
    # two months at most: January's need is lost
    short = [{**WAIT, "latest_return": 2}, LOST]
    assert cost("12 month", Supply=[NONE_YET], Relief=short) == 11 * 10 + 100 + 2 + 1
    # between 2 and 3 months at 4 for the first two: 2 a month
    slow = [{**WAIT, "returns": 2, "latest_return": 3, "cost": 4}, LOST]
    assert cost("12 month", Supply=[NONE_YET], Relief=slow) == 12 * 10 + 6 + 4 + 4


def test_need_is_put_off_again_on_the_branch_that_needs_it() -> None:
    # no spot in February, nor on Halt in March: there the need of February waits for a month more
    gap = [
        {**NO_SPOT, "start": "2027-02", "months": 1},
        {**NO_SPOT, "scenario": "Halt", "months": 1},
    ]
    relief = [{**WAIT, "latest_return": 2}, LOST]
    case, answer = solve(Scenarios=[HALT], Events=gap, Relief=relief)
    halted = own(case, "Halt")[0]
    assert {n: x for (_, n), x in answer["postpone"].items() if x > 1e-9} == {
        halted: pytest.approx(1)
    }
    assert answer.objective == pytest.approx(4 * 10 + 1 + 0.5 * (1 + 1))


def test_nothing_is_put_off_past_the_end() -> None:
    # March cannot be served, and April is the last month: 1 t returns then, in a month of 2 t
    relief = [{**WAIT, "latest_return": 6}, LOST]
    gone = [{**NO_SPOT, "start": "2027-03"}]
    assert cost(Events=gone, Relief=relief) == 2 * 10 + 2 * 100


# -- plants ----------------------------------------------------------------------------

ORE = {"name": "mine", "site": "Osaka", "commodity": "ore", "price": 1}
PLANT: dict[str, Sequence[Row]] = {
    "Supply": [ORE],
    "Processes": [{"name": "run", "site": "Osaka"}],
    "Recipes": [
        {"process": "run", "role": "input", "item": "ore", "amount": 1},
        {"process": "run", "role": "output", "item": "Dy", "amount": 0.5},
        {"process": "run", "role": "uses", "item": "kiln", "amount": 2},
    ],
}
WASTE: list[Row] = [  # Dy may be thrown away for nothing
    {"name": "Dy", "kind": "oxide", "disposal_cost": 0},
    {"name": "ore", "kind": "feed"},
]
KILN: Row = {"name": "kiln", "site": "Osaka", "capacity": 0, "expansion_cost": 3, "build_months": 2}


def test_a_plant_passes_no_more_than_its_capacity() -> None:
    # a tonne of Dy takes 2 t of ore and 4 t of the kiln
    kiln = {**KILN, "capacity": 24, "expansion_cost": None}
    _, answer = solve(**PLANT, Facilities=[kiln])
    assert values(answer, "run", "run") == [1] * 4
    assert answer.objective == pytest.approx(4 * (1 + 50))


def test_an_expansion_is_there_after_its_build_time_and_paid_when_ordered() -> None:
    _, answer = solve("6 month", **PLANT, Facilities=[KILN])
    assert values(answer, "expand", "kiln") == [48, 0, 0, 0]  # later orders come too late
    assert values(answer, "relieve", "lost") == [1, 1, 0, 0, 0, 0]
    assert answer.objective == pytest.approx(48 * 3 + 2 * 100 + 4 * 2)


def test_an_expansion_ordered_in_a_quarter_is_there_that_long_after_its_first_day() -> None:
    _, answer = solve("1 quarter, 1 quarter", **PLANT, Facilities=[KILN])
    # 48 t/yr from March: one month of three, then the quarter
    assert values(answer, "relieve", "lost") == [2, 0]


def test_an_expansion_with_a_life_is_charged_as_an_annuity_while_it_lasts() -> None:
    kiln = {**KILN, "life_years": 4}
    free = cost("6 month", **PLANT, Facilities=[kiln])
    assert free == 48 * 3 / 4 * 4 / 12 + 200 + 8
    rate = 0.1
    _, answer = solve("6 month", {"discount_rate": rate}, **PLANT, Facilities=[kiln])
    # forty-eight monthly payments from March are worth 48 t/yr x 3 USD per kg/yr in January
    yearly = 12 * 48 * 3 / sum((1 + rate) ** (-(2 + n) / 12) for n in range(48))
    worth = [(1 + rate) ** (-n / 12) for n in range(6)]
    expected = 100 * (worth[0] + worth[1]) + sum(worth[2:]) * (2 + yearly / 12)
    assert answer.objective == pytest.approx(expected)


def test_an_expansion_is_gone_after_its_life() -> None:
    kiln = {**KILN, "build_months": 0, "life_years": 0.25, "most_expansion": 48}
    _, answer = solve("6 month", **PLANT, Facilities=[kiln])
    assert sum(answer["relieve"].values()) == pytest.approx(3)
    assert answer.objective == pytest.approx(48 * 3 + 3 * 2 + 300)


def test_orders_in_all_stay_between_least_and_most_on_every_history() -> None:
    few = {**KILN, "most_expansion": 24}
    assert cost("6 month", **PLANT, Facilities=[few]) == 24 * 3 + 200 + 4 * (50 + 1)
    useless = {**KILN, "capacity": 48, "least_expansion": 10}
    case, answer = solve("6 month", **PLANT, Facilities=[useless], Scenarios=[HALT])
    assert answer.objective == pytest.approx(6 * 2 + 30)
    for leaf in case.tree.leaves:
        path = case.tree.path(leaf)
        assert sum(answer["expand"].get(("kiln", n), 0) for n in path) == pytest.approx(10)


def test_no_capacity_outlives_the_facility() -> None:
    kiln = {**KILN, "capacity": 24, "end": "2027-04", "most_expansion": 24}
    _, answer = solve("6 month", **PLANT, Facilities=[kiln])
    assert values(answer, "relieve", "lost") == [0.5, 0.5, 0, 0, 1, 1]


def test_events_scale_what_was_ordered_too() -> None:
    kiln = {**KILN, "build_months": 0, "least_expansion": 48, "most_expansion": 48}
    half = {"target": "kiln", "effect": "capacity", "factor": 0.5, "start": "2027-03"}
    _, answer = solve(**PLANT, Facilities=[kiln], Events=[half])
    assert values(answer, "relieve", "lost") == [0, 0, 0.5, 0.5]


def test_short_of_minimum_use_a_plant_pays_to_idle() -> None:
    # 8 t a month can pass, half must, 4 t are needed for the month's tonne of Dy
    kiln = {**KILN, "capacity": 96, "minimum_use": 0.75, "idle_cost": 0.25, "expansion_cost": None}
    _, answer = solve(**PLANT, Facilities=[kiln])
    assert values(answer, "idle", "kiln") == [2] * 4
    assert answer.objective == pytest.approx(4 * (2 + 2 * 0.25))
    # dearer idleness: it runs and throws the surplus away (1 USD of ore for 2 t of use)
    _, answer = solve(**PLANT, Commodities=WASTE, Facilities=[{**kiln, "idle_cost": 0.75}])
    assert values(answer, "run", "run") == [3] * 4
    assert answer.objective == pytest.approx(4 * 3)


def test_without_an_idle_cost_minimum_use_is_hard() -> None:
    kiln = {**KILN, "capacity": 96, "minimum_use": 0.75, "expansion_cost": None}
    assert cost(**PLANT, Commodities=WASTE, Facilities=[kiln]) == 4 * 3
    with pytest.raises(InfeasibleProgram):
        solve(**{**PLANT, "Supply": [{**ORE, "most": 12}]}, Facilities=[kiln])


def test_minimum_use_is_a_share_of_what_events_leave_and_of_what_was_built() -> None:
    kiln = {**KILN, "capacity": 96, "minimum_use": 1, "expansion_cost": None}
    half = {"target": "kiln", "effect": "capacity", "factor": 0.5}
    assert cost(**PLANT, Facilities=[kiln], Events=[half]) == 4 * 2
    built = {**KILN, "capacity": 48, "minimum_use": 0.75, "least_expansion": 48,
             "build_months": 0, "most_expansion": 48}  # fmt: skip
    # ordered in the last month, when 6 of 8 t must be used: 3 t of ore
    assert cost(**PLANT, Commodities=WASTE, Facilities=[built]) == 48 * 3 + 3 * 2 + 3


def test_a_lane_takes_the_capacity_of_the_port_it_uses() -> None:
    lane = {"origin": "Perth", "destination": "Osaka", "commodity": "Dy", "uses": "port"}
    slow = {**lane, "name": "sea", "freight": 1}
    quick = {**lane, "name": "air", "freight": 8, "uses": ""}
    _, answer = solve(
        Supply=[{**SPOT, "site": "Perth", "price": 0}],
        Routes=[slow, {**quick}],
        Facilities=[{"name": "port", "site": "Osaka", "capacity": 9}],
    )
    assert values(answer, "ship", "sea") == [0.75] * 4
    assert answer.objective == pytest.approx(4 * (0.75 + 0.25 * 8))


def test_a_plant_line_is_shared_by_its_processes() -> None:
    recipes = [
        *PLANT["Recipes"],
        {"process": "other", "role": "input", "item": "ore", "amount": 4},
        {"process": "other", "role": "output", "item": "Dy", "amount": 0.5},
        {"process": "other", "role": "uses", "item": "kiln", "amount": 1},
    ]
    both = [{"name": "run", "site": "Osaka"}, {"name": "other", "site": "Osaka"}]
    # 3 t of the kiln: x t Dy by 4 t of it and 2 of ore, 1 - x by 2 t of it and 8 of ore
    _, answer = solve(
        Supply=[ORE], Processes=both, Recipes=recipes, Facilities=[{**KILN, "capacity": 36}]
    )
    assert answer.objective == pytest.approx(4 * (0.5 * 2 + 0.5 * 8))


def test_joint_products_are_sold_thrown_away_or_kept_but_never_vanish() -> None:
    sheets: dict[str, Sequence[Row]] = {
        **PLANT,
        "Commodities": [
            {"name": "Dy", "kind": "oxide"},
            {"name": "ore", "kind": "feed"},
            {"name": "La", "kind": "oxide", "disposal_cost": 0.5},
        ],
        "Recipes": [
            *PLANT["Recipes"][:2],
            {"process": "run", "role": "output", "item": "La", "amount": 0.25},
        ],
    }
    outlet = {"name": "outlet", "site": "Osaka", "commodity": "La", "price": 1, "most": 3}
    # each month 2 t of ore, 1 t of Dy, 0.5 t of La: 0.25 t sold, 0.25 t thrown away
    assert cost(**sheets, Sales=[outlet]) == 4 * (2 - 0.25 * 1 + 0.25 * 0.5)


def test_running_and_shipping_cost_at_least_the_least_cost() -> None:
    lane = {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "ore"}
    sheets: dict[str, Sequence[Row]] = {
        **PLANT,
        "Supply": [{**ORE, "site": "Perth", "price": 0}],
        "Routes": [lane],
        "Recipes": PLANT["Recipes"][:2],
    }
    least = {"least_cost": 0.25}
    assert cost(options=least, **sheets) == 4 * (2 * 0.25 + 2 * 0.25)
    paid = {**sheets, "Routes": [{**lane, "price": 0.1, "freight": 0.1}]}
    assert cost(options=least, **paid) == 4 * (2 * 0.25 + 2 * 0.25)
    dear = {**sheets, "Routes": [{**lane, "price": 0.2, "freight": 0.1}]}
    assert cost(options=least, **dear) == 4 * (2 * 0.3 + 2 * 0.25)


def test_tariff_is_on_price_and_freight() -> None:
    lane = {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy",
            "price": 3, "freight": 1, "tariff": 50}  # fmt: skip
    assert cost(Supply=[{**SPOT, "site": "Perth", "price": 2}], Routes=[lane]) == 4 * (2 + 6)


def test_least_amounts_are_taken_though_nobody_needs_them() -> None:
    assert cost(Commodities=WASTE, Supply=[{**SPOT, "least": 24}]) == 80
    sale = {"name": "outlet", "price": 4, "least": 12, **DY}
    assert cost(Sales=[sale]) == 80 - 16


def test_a_minimum_by_period_is_one_row() -> None:
    # a dear offer, of which 0, 0.25, 0.5, 0.5 t a month must be taken, not above its 6 t/yr
    dear = {**SPOT, "name": "dear", "price": 30, "most": 6}
    path = [{"target": "dear", "effect": "minimum", "profile": "least"}]
    series = profile("least", 0, 3, 6, 12)
    case, answer = solve(Supply=[SPOT, dear], Events=path, Profiles=series)
    assert case.supply["dear"].least == pytest.approx([0, 0.25, 0.5, 0.5])
    assert answer.objective == pytest.approx(4 * 10 + 1.25 * 20)
    # capacity takes both along: at half, 3 t/yr at most, and half of each minimum
    half = [*path, {"target": "dear", "effect": "capacity", "factor": 0.5}]
    least = make_case(book(Supply=[SPOT, dear], Events=half, Profiles=series)).supply["dear"].least
    assert least == pytest.approx([0, 0.125, 0.25, 0.25])
    # added amounts and factors, on a row that has a minimum of its own
    own = {**dear, "least": 2, "start": "2027-02"}
    for change, monthly in ({"add": 2}, 4 / 12), ({"factor": 0.5}, 1 / 12), ({"add": -3}, 0):
        events = [{"target": "dear", "effect": "minimum", "start": "2027-03", **change}]
        least = make_case(book(Supply=[SPOT, own], Events=events)).supply["dear"].least
        assert least == pytest.approx([0, 2 / 12, monthly, monthly])


def test_a_minimum_use_by_period() -> None:
    # half of 12 t/yr must pass from March on, or stand idle at 7
    kiln = {"name": "kiln", "site": "Perth", "capacity": 12, "minimum_use": 0.25, "idle_cost": 7}
    events = [
        {"target": "kiln", "effect": "minimum", "factor": 0, "months": 2},
        {"target": "kiln", "effect": "minimum", "add": 0.25, "start": "2027-03"},
    ]
    case, answer = solve(Facilities=[kiln], Events=events)
    assert case.facilities["kiln"].minimum_use == pytest.approx([0, 0, 0.5, 0.5])
    assert answer.objective == pytest.approx(4 * 10 + 2 * 0.5 * 7)


# -- policies --------------------------------------------------------------------------

CHINA: Row = {"name": "china", "site": "Baotou", "commodity": "Dy", "price": 1}
PERTH: Row = {"name": "perth", "site": "Perth", "commodity": "Dy", "price": 3}
LANES: list[Row] = [
    {"name": f"from {site}", "origin": site, "destination": "Osaka", "commodity": "Dy"}
    for site in ("Baotou", "Perth")
]
TRADE: dict[str, Sequence[Row]] = {"Supply": [CHINA, PERTH], "Routes": LANES}
LIMIT: Row = {"name": "limit", "sense": "at most", "counted": "shipped", "of": "China"}


def policy(measure: str, limit: float, **more: object) -> list[Row]:
    return [{**LIMIT, "measure": measure, "limit": limit, **more}]


def traded(calendar: str = "4 month", options: Row | None = None, **sheets: Sequence[Row]) -> float:
    return cost(calendar, options, **{**TRADE, **sheets})


def test_a_volume_over_each_month_a_year_and_the_horizon() -> None:
    swing = {"target": "need", "effect": "demand", "profile": "swing"}
    sheets = {"Events": [swing], "Profiles": profile("swing", 24, 0, 24, 0)}
    # 6 t/yr: half a tonne a month, of 2, 0, 2, 0
    monthly = policy("volume", 6, over="month")
    assert traded(**sheets, Policies=monthly) == 2 * (0.5 * 1 + 1.5 * 3)
    # fiscal years from April: 1.5 t until March, then 0.5 t
    assert traded(**sheets, Policies=policy("volume", 6, over="year")) == 1.5 * 1 + 2.5 * 3
    january = {"fiscal_start": 1}
    assert traded("4 month", january, **sheets, Policies=policy("volume", 6)) == 2 * 1 + 2 * 3
    # over the horizon a limit is tonnes in all
    assert traded(**sheets, Policies=policy("volume", 3, over="horizon")) == 3 * 1 + 1 * 3


def test_a_policy_holds_from_its_month_to_its_month() -> None:
    dates = {"over": "month", "start": "2027-02", "end": "2027-03"}
    assert traded(Policies=policy("volume", 0, **dates)) == 2 * 1 + 2 * 3


def test_at_least_turns_a_limit_round() -> None:
    floor = policy("volume", 6, of="Australia", sense="at least", over="month")
    assert traded(Policies=floor) == 4 * (0.5 * 3 + 0.5 * 1)


def test_a_share_of_the_whole() -> None:
    assert traded(Policies=policy("share", 0.25)) == 4 * (0.25 * 1 + 0.75 * 3)


def test_any_country_is_one_limit_for_each() -> None:
    each = policy("share", 0.75, of="any country")
    assert traded(Policies=each) == 4 * (0.75 * 1 + 0.25 * 3)
    case = make_case(book(**TRADE, Policies=each))
    assert [p.detail for p in case.policies] == ["Australia", "China"]


def test_a_share_of_one_count_out_of_another() -> None:
    # at least half of what is delivered is bought in Australia
    mixed = policy("share", 0.5, of="Australia", sense="at least", counted="bought",
                   out_of="need", out_of_counted="delivered")  # fmt: skip
    assert traded(Policies=mixed) == 4 * 2


@pytest.mark.parametrize("counted", ["bought", "shipped"])
def test_origin_may_be_counted_when_bought_or_when_shipped(counted: str) -> None:
    assert traded(Policies=policy("volume", 6, counted=counted)) == 4 * 2


def test_what_is_delivered_and_made_can_be_limited() -> None:
    delivered = policy("volume", 6, of="need", counted="delivered")
    assert traded(Policies=delivered) == 4 * (0.5 * 1 + 0.5 * 100)
    made = policy("volume", 6, of="run", counted="made", commodity="Dy", over="month")
    _, answer = solve(**PLANT, Facilities=[{**KILN, "capacity": 96}], Policies=made)
    assert values(answer, "run", "run") == [1] * 4
    everything = policy("volume", 6, of="Japan", counted="made")
    assert cost(**PLANT, Facilities=[{**KILN, "capacity": 96}], Policies=everything) == 4 * (1 + 50)


def test_what_is_ordered_is_what_is_reserved_and_what_is_built() -> None:
    few = policy("volume", 24, of="kiln", counted="ordered", over="horizon")
    assert cost("6 month", **PLANT, Facilities=[KILN], Policies=few) == 24 * 3 + 200 + 4 * 51
    option = {**OFFTAKE, "least_reserved": 0}
    less = policy("volume", 6, of="offtake", counted="ordered", over="horizon")
    assert cost(Contracts=[option], Policies=less) == 4 * (0.5 * 4 + 0.5 * 10)


def test_only_lanes_into_a_place_and_of_a_commodity() -> None:
    detour = [{**LANES[0], "name": "to Perth", "destination": "Perth"}]
    sheets = {**TRADE, "Routes": [*LANES, *detour]}
    direct = policy("volume", 0, into="Osaka")
    assert cost(**sheets, Policies=direct) == 4 * 1  # by way of Perth
    assert cost(**sheets, Policies=policy("volume", 0, into="Japan; Australia")) == 4 * 3
    assert cost(**sheets, Policies=policy("volume", 0, commodity="ore")) == 4 * 1
    assert cost(**sheets, Policies=policy("volume", 0, commodity="Dy")) == 4 * 3


def test_a_soft_policy_is_broken_where_that_is_cheaper() -> None:
    _, answer = solve(**TRADE, Policies=policy("share", 0.25, penalty=1, over="horizon"))
    assert list(answer["breach"].values()) == pytest.approx([3])
    assert answer.objective == pytest.approx(4 * 1 + 3 * 1)
    assert traded(Policies=policy("share", 0.25, penalty=5)) == 4 * (0.25 * 1 + 0.75 * 3)


def test_a_hard_policy_that_cannot_be_kept_has_no_plan() -> None:
    with pytest.raises(InfeasibleProgram):
        solve(**TRADE, Policies=policy("volume", 600, sense="at least"), Commodities=[
            {"name": "Dy", "kind": "oxide"}])  # fmt: skip


def test_a_policy_for_calm_times_sleeps_in_a_disruption() -> None:
    calm = policy("share", 0.25, scenario="calm", over="month")
    expected = 2 * 2.5 + 0.5 * 2 * 2.5 + 0.5 * 2 * 1
    assert traded(Policies=calm, Scenarios=[HALT]) == expected
    assert traded(Policies=calm, Scenarios=[{**HALT, "disruption": "no"}]) == 4 * 2.5


def test_a_policy_on_one_scenario_counts_only_what_it_does() -> None:
    halted = policy("volume", 1, scenario="Halt", over="horizon")
    # the two tonnes bought before the halt do not count
    assert traded(Policies=halted, Scenarios=[HALT]) == 2 + 0.5 * 2 + 0.5 * (1 + 3)


def test_a_policy_on_a_repeated_scenario_holds_on_every_copy() -> None:
    again = {**HALT, "every": 1, "until": "2027-04"}
    halted = policy("volume", 0, scenario="Halt", over="horizon")
    assert traded(Policies=halted, Scenarios=[again]) == 2 + (0.75 + 0.25 * 3) + (
        0.5 + 0.25 * 3 + 0.25 * 3
    )


def test_a_year_stands_once_for_each_path_and_counts_what_came_before_it_parted() -> None:
    january = {"fiscal_start": 1}
    yearly = policy("volume", 6, over="year")  # 2 t in the 4 months
    case, answer = solve("4 month", january, **TRADE, Policies=yearly, Scenarios=[HALT])
    assert answer.objective == pytest.approx(2 * 1 + 2 * 3)
    for leaf in case.tree.leaves:
        sent = sum(answer["ship"].get(("from Baotou", n), 0) for n in case.tree.path(leaf))
        assert sent == pytest.approx(2)


@pytest.mark.parametrize(
    ("kind", "of", "spent"),
    [
        ("purchase", "perth", 3),
        ("purchase", "from Perth", 2 * 1.1),
        ("freight", "from Perth", 1 * 1.1),
        ("fee", "offtake", 0.5),
        ("running", "polish", 4),
        ("holding", "store", 6 / 12),
    ],
)
def test_spend_counts_the_kinds_it_names_on_the_rows_it_reaches(
    kind: str, of: str, spent: float
) -> None:
    """A tonne a month goes all the way; a budget of half of what that spends halves it."""
    sheets: dict[str, Sequence[Row]] = {
        "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "raw", "kind": "intermediate"}],
        "Supply": [{**PERTH, "commodity": "raw"}],
        "Routes": [{**LANES[1], "commodity": "raw", "price": 2, "freight": 1, "tariff": 10}],
        "Processes": [{"name": "polish", "site": "Osaka", "cost": 4}],
        "Recipes": [
            {"process": "polish", "role": "input", "item": "raw", "amount": 1},
            {"process": "polish", "role": "output", "item": "Dy", "amount": 1},
        ],
        "Contracts": [{"name": "offtake", "applies_to": "perth", "fee": 0.5, "take_or_pay": 0,
                       "price_rule": "fixed", "price": 3}],
    }  # fmt: skip
    if kind == "fee":  # all supply must be under the contract
        share = {**LIMIT, "name": "firm", "measure": "share", "limit": 1, "sense": "at least",
                 "of": "offtake", "counted": "ordered", "out_of": "perth",
                 "out_of_counted": "bought", "over": "horizon"}  # fmt: skip
        budget = {**LIMIT, "measure": "spend", "limit": 12 * 0.5 / 2, "of": of, "kinds": kind}
        _, answer = solve("12 month", {"fiscal_start": 1}, **sheets, Policies=[share, budget])
        assert answer["reserve"]["offtake", 0] == pytest.approx(6)
        assert sum(answer["meet"].values()) == pytest.approx(6)
        return
    if kind == "holding":  # December's need is bought in November
        sheets["Stockpiles"] = [{**STORE, "holding_cost": 6}]
        sheets["Events"] = [
            {"target": "perth", "effect": "capacity", "factor": 0, "start": "2027-12"}
        ]
        budget = {**LIMIT, "measure": "spend", "limit": spent / 2, "of": of, "kinds": kind}
        _, answer = solve("12 month", {"fiscal_start": 1}, **sheets, Policies=[budget])
        assert sum(answer["meet"].values()) == pytest.approx(11.5)
        return
    budget = {**LIMIT, "measure": "spend", "limit": 12 * spent / 2, "of": of, "kinds": kind}
    _, answer = solve("12 month", {"fiscal_start": 1}, **sheets, Policies=[budget])
    assert sum(answer["meet"].values()) == pytest.approx(6)


def test_an_expansion_is_spent_whole_when_ordered_also_with_a_life() -> None:
    budget = policy("spend", 72, of="kiln", kinds="expansion", over="horizon")
    kiln = {**KILN, "life_years": 4}
    _, answer = solve(
        "6 month", {"discount_rate": 0.1}, **PLANT, Facilities=[kiln], Policies=budget
    )
    assert answer["expand"]["kiln", 0] == pytest.approx(24)


def test_spend_is_undiscounted_and_of_all_kinds_where_none_is_named() -> None:
    budget = policy("spend", 10, of="perth; from Perth", over="horizon")
    only = {"Supply": [PERTH], "Routes": [{**LANES[1], "price": 1, "freight": 1}]}
    _, answer = solve("4 month", {"discount_rate": 0.2}, **only, Policies=budget)
    assert sum(answer["meet"].values()) == pytest.approx(2)


COVER: Row = {"name": "cover", "measure": "cover", "of": "store", "sense": "at least", "limit": 2}


TB: Row = {"commodity": "Tb", "site": "Osaka"}
SHEDS: dict[str, Sequence[Row]] = {
    "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "Tb", "kind": "oxide"}],
    "Supply": [SPOT, {**SPOT, **TB, "name": "spot Tb"}],
    "Demand": [NEED, {**NEED, **TB, "name": "need Tb"}],
    "Stockpiles": [STORE, {**STORE, **TB, "name": "store Tb"}],
    "Relief": [],
    "Events": [{"target": "Osaka", "effect": "price", "factor": 2, "start": "2027-02"}],
}
ROOM: Row = {"name": "room", "measure": "stock", "of": "Osaka", "sense": "at most", "limit": 3}


def test_several_stocks_share_one_limit() -> None:
    # 8 t are needed in all, 2 of them in January at 10; of the others, at 20 from February
    # on, as many as there is room for are bought in January
    assert cost(**SHEDS, Policies=[ROOM]) == 2 * 10 + 3 * 10 + 3 * 20
    half = [{**ROOM, "of": "store; store Tb", "commodity": "Tb"}]  # the Dy is not counted
    assert cost(**SHEDS, Policies=half) == 8 * 10
    kept = [{**ROOM, "sense": "at least", "limit": 7}]  # all 8 t and the 7 are bought in January
    assert cost(**SHEDS, Policies=kept) == 15 * 10


def test_more_than_the_room_is_paid_for_each_month_it_lasts() -> None:
    # of 6 t wanted 3 fit; the 4th and 5th lie over for a month, the 6th (of April) for two
    _, answer = solve(**SHEDS, Policies=[{**ROOM, "penalty": 4}])
    assert values(answer, "breach", "room") == [3, 1, 0, 0]
    assert answer.objective == pytest.approx(8 * 10 + 4 * (3 + 1))


def test_several_commodities_are_stored_in_tonnes_of_oxide() -> None:
    half = [{"name": "Dy", "kind": "oxide"}, {"name": "Tb", "kind": "oxide", "content": 0.5}]
    case = make_case(book(**{**SHEDS, "Commodities": half}, Policies=[ROOM]))
    weights = {term.name: term.rate.tolist()[0] for term in case.policies[0].numerator}
    assert weights == {"store": 1, "store Tb": 0.5}


def test_cover_is_the_need_of_the_coming_months() -> None:
    grown = {"target": "need", "effect": "demand", "factor": 2, "start": "2027-04"}
    dear = {**STORE, "holding_cost": 0.12}
    case, answer = solve(Stockpiles=[dear], Policies=[COVER], Events=[grown])
    # after January: February and March; after March and April: 2 t a month, beyond the end too
    assert case.policies[0].limits == pytest.approx((2, 3, 4, 4))
    assert values(answer, "stock", "store") == [2, 3, 4, 4]
    assert answer.objective == pytest.approx(10 * (5 + 4) + 0.01 * (2 + 3 + 4 + 4))


def test_cover_of_a_part_of_a_month_and_of_some_demands() -> None:
    other = {**NEED, "name": "other", "need": 24}
    rows = [{**COVER, "limit": 1.5, "out_of": "other"}]
    case = make_case(book(Stockpiles=[STORE], Policies=rows, Demand=[NEED, other]))
    assert case.policies[0].limits == pytest.approx((3,) * 4)
    every = make_case(book(Stockpiles=[STORE], Policies=[COVER], Demand=[NEED, other]))
    assert every.policies[0].limits == pytest.approx((6,) * 4)


def test_cover_is_before_relief_and_for_calm_moments_only() -> None:
    thrift = {"name": "thrift", "demand": "need", "kind": "thrift", "share": 0.5, "cost": 1}
    halt = {**NO_SPOT, "scenario": "Halt"}
    case, answer = solve(
        Stockpiles=[STORE], Policies=[COVER], Relief=[LOST, thrift], Scenarios=[HALT], Events=[halt]
    )
    assert case.policies[0].limits == pytest.approx((2,) * 4)
    assert min(answer["stock"]["store", n] for n in own(case, "Trunk")) == pytest.approx(2)
    assert [answer["stock"]["store", n] for n in own(case, "Halt")] == pytest.approx([1, 0])


def test_a_breach_of_cover_is_paid_for_each_month_it_lasts() -> None:
    soft = {**COVER, "limit": 3, "penalty": 1}
    assert cost("1 quarter", Stockpiles=[STORE], Policies=[soft]) == 30 + 3 * 3


def test_service_is_a_share_of_need_that_relief_does_not_count_for() -> None:
    thrift = {"name": "thrift", "demand": "need", "kind": "thrift", "cost": 1}
    served = {**LIMIT, "measure": "service", "of": "need", "limit": 0.75, "sense": "at least"}
    assert cost(Relief=[thrift], Policies=[served]) == 4 * (0.75 * 10 + 0.25 * 1)
    whole = {**served, "over": "horizon"}
    swing = {"target": "spot", "effect": "price", "factor": 2, "months": 2}
    assert cost(Relief=[thrift], Policies=[whole], Events=[swing]) == 2 * 10 + 1 * 20 + 1


# -- money and time --------------------------------------------------------------------


def test_money_is_discounted_by_the_month() -> None:
    rate = 0.1
    worth = sum(1.1 ** (-n / 12) for n in range(24))
    assert cost("24 month", {"discount_rate": rate}) == 10 * worth
    quarters = sum(3 * 1.1 ** (-n / 12) for n in range(0, 24, 3))
    assert cost("8 quarter", {"discount_rate": rate}) == 10 * quarters


def test_probability_weighs_what_a_scenario_costs() -> None:
    dear = {"scenario": "Halt", "target": "spot", "effect": "price", "factor": 4}
    third = {**HALT, "probability": 0.25}
    assert cost(Scenarios=[third], Events=[dear]) == 20 + 0.75 * 20 + 0.25 * 80


def test_the_run_out_is_solved_too_so_that_the_end_is_not_the_end_of_the_world() -> None:
    # 48 t/yr cost 144 and save 98 a month from March
    dear = {**KILN, "expansion_cost": 6}
    _, short = solve("4 month", **PLANT, Facilities=[dear])
    _, long = solve("4 month", {"run_out": 2}, **PLANT, Facilities=[dear])
    assert sum(short["expand"].values()) == pytest.approx(0)
    assert long["expand"]["kiln", 0] == pytest.approx(48)
    assert long.objective == pytest.approx(48 * 6 + 200 + 4 * 2)


def test_a_decision_nobody_could_know_better_is_shared() -> None:
    """Stock for a halt of even odds is bought at 10 before it, or 100 is lost in half of them."""
    halt = {**NO_SPOT, "scenario": "Halt"}
    held = {**STORE, "holding_cost": 12}
    _, answer = solve(Stockpiles=[held], Scenarios=[HALT], Events=[halt])
    # the trunk uses up what it did not need: 40 t-months bought early either way
    assert answer["stock"]["store", 1] == pytest.approx(2)
    assert answer.objective == pytest.approx(10 * 4 + 2 * 1 + 0.5 * 1 + 0.5 * 1)


def test_a_need_begins_and_ends() -> None:
    assert cost("12 month", Demand=[{**NEED, "start": "2027-03", "end": "2027-06"}]) == 4 * 10
    late = {**NEED, "name": "late", "start": "2027-12"}
    _, answer = solve("3 quarter, 3 month", Demand=[{**NEED, "end": "2027-05"}, late])
    assert values(answer, "meet", "need") == [3, 2]
    assert values(answer, "meet", "late") == [1]


def test_a_price_is_in_the_currency_of_its_row() -> None:
    # 1 t a month: 1 500 JPY is 10 USD at 150; one of 5 AUD at 0.8 for a USD is 6.25
    yen = [{**SPOT, "price": 1500, "currency": "JPY"}]
    assert cost(options={"jpy_per_usd": 150}, Supply=yen) == 4 * 10
    assert cost(options={"fx": 100}, Supply=yen) == 4 * 15  # the display currency is JPY
    assert cost(options={"fx": 100, "display_currency": "円"}, Supply=yen) == 4 * 15
    two = [*yen, {**SPOT, "name": "far", "price": 5, "currency": "AUD", "most": 6}]
    rates = {"jpy_per_usd": 150, "aud_per_usd": 0.8}
    assert cost(options=rates, Supply=two) == 2 * 10 + 2 * 6.25


def test_what_events_put_on_a_price_is_in_its_currency() -> None:
    yen, dollars = {**SPOT, "price": 1500, "currency": "JPY", "most": 6}, {**SPOT, "name": "far"}
    events = [
        {"target": "spot", "effect": "price", "add": 300, "start": "2027-02", "months": 1},
        {"target": "spot", "effect": "price", "profile": "path", "start": "2027-03"},
        {"target": "spot", "effect": "price", "factor": 2, "start": "2027-04"},
    ]
    case = make_case(
        book(options={"jpy_per_usd": 150}, Supply=[yen, dollars], Events=events,
             Profiles=profile("path", 900, 900, 900, 600))
    )  # fmt: skip
    assert case.supply["spot"].price == pytest.approx([10, 12, 6, 8])
    assert case.supply["far"].price == pytest.approx([10] * 4)


def test_every_amount_of_money_is_in_the_currency_of_its_row() -> None:
    # the same book with its money written in yen costs the same
    def sheets(rate: float) -> dict[str, list[Row]]:
        yen = {"currency": "JPY" if rate != 1 else None}
        return {
            "Commodities": [
                {"name": "Dy", "kind": "oxide", "disposal_cost": 2 * rate, **yen},
                {"name": "ore", "kind": "feed"},
            ],
            "Supply": [
                {"name": "pit", "site": "Perth", "commodity": "ore", "price": rate,
                 **yen},
                {**SPOT, "price": 40 * rate, **yen},
            ],
            "Sales": [{"name": "dealer", **DY, "price": 0.5 * rate, "most": 1, **yen}],
            "Facilities": [
                {"name": "kiln", "site": "Perth", "capacity": 6, "minimum_use": 1,
                 "idle_cost": rate, "expansion_cost": 7 * rate, "most_expansion": 6,
                 "life_years": 2, **yen}
            ],
            "Processes": [{"name": "burn", "site": "Perth", "cost": 2 * rate, **yen}],
            "Recipes": [
                {"process": "burn", "role": "input", "item": "ore", "amount": 1},
                {"process": "burn", "role": "output", "item": "Dy", "amount": 0.5},
                {"process": "burn", "role": "uses", "item": "kiln", "amount": 1},
            ],
            "Routes": [
                {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy",
                 "price": 3 * rate, "freight": rate, "tariff": 10, **yen}
            ],
            "Contracts": [
                {"name": "offtake", "applies_to": "lane", "least_reserved": 6, "fee": rate,
                 "take_or_pay": 1, "price_rule": "index", "index": "market", "index_factor": 1.5,
                 "floor": 4 * rate, "rebate_above": 3 * rate, "rebate_share": 0.5,
                 "rebate_cap": rate, **yen},
                {"name": "spare", "applies_to": "spot", "least_reserved": 1, "take_or_pay": 1,
                 "price_rule": "fixed", "price": 30 * rate, **yen},
            ],
            "Stockpiles": [
                {**STORE, "opening": 1, "holding_cost": 3 * rate, "ending": "value per kg",
                 "ending_amount": 9 * rate, "capacity": 2, **yen}
            ],
            "Relief": [{**LOST, "cost": 100 * rate, **yen}],
            "Events": [
                {"target": "offtake", "effect": "price", "add": rate, "start": "2027-03"},
                {"target": "burn; lane; store; lost", "effect": "cost", "add": 0.5 * rate},
            ],
            "Profiles": profile("market", *(x * rate for x in (2, 4, 5))),
        }  # fmt: skip

    in_dollars, in_yen = (
        solve("6 month", {"jpy_per_usd": 160}, **sheets(rate))[1] for rate in (1, 160)
    )
    assert in_yen.objective == pytest.approx(in_dollars.objective)
    moved = solve("6 month", {"jpy_per_usd": 80}, **sheets(160))[1]
    assert moved.objective == pytest.approx(2 * in_dollars.objective)


# -- risk ------------------------------------------------------------------------------


def history_costs(case: Case, answer: Solution) -> list[tuple[float, float]]:
    """(discounted cost, probability) of each history, added up from the plan."""
    spent = dict.fromkeys(range(len(case.tree.nodes)), 0.0)
    for term in case.cost_terms:
        for n, of, rate in zip(term.counted_in, term.decided_in, term.rate, strict=True):
            amount = answer[term.variable].get((*term.key, int(of)), 0.0)
            spent[int(n)] += case.tree.nodes[n].discount * rate * amount
    return [
        (sum(spent[n] for n in case.tree.path(leaf)), case.tree.nodes[leaf].probability)
        for leaf in case.tree.leaves
    ]


def cvar(costs: Sequence[tuple[float, float]], level: float) -> float:
    """The mean of the worst 1 - level of the futures."""
    left, total = 1 - level, 0.0
    for value, probability in sorted(costs, reverse=True):
        part = min(left, probability)
        total, left = total + part * value, left - part
    return total / (1 - level)


SEVERAL: dict[str, Sequence[Row]] = {
    "Scenarios": [
        {"name": "Halt", "probability": 0.3, "known": "2027-03"},
        {"name": "Long halt", "parent": "Halt", "probability": 0.05, "known": "2027-05"},
        {"name": "Rise", "probability": 0.2, "known": "2027-04"},
    ],
    "Events": [
        {**NO_SPOT, "scenario": "Halt", "months": 2},
        {**NO_SPOT, "scenario": "Long halt"},
        {"scenario": "Rise", "target": "spot", "effect": "price", "factor": 6},
    ],
    "Stockpiles": [{**STORE, "holding_cost": 150, "capacity": 9}],
}


@pytest.mark.parametrize("weight", [0, 0.25, 0.5, 0.9, 1])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.97])
def test_the_objective_is_the_mean_and_the_cvar_of_the_history_costs(
    weight: float, level: float
) -> None:
    options = {"risk_weight": weight, "cvar_level": level, "discount_rate": 0.05}
    case, answer = solve("8 month", options, **SEVERAL)
    costs = history_costs(case, answer)
    mean = sum(value * probability for value, probability in costs)
    expected = (1 - weight) * mean + weight * cvar(costs, level)
    assert answer.objective == pytest.approx(expected)
    if weight:
        spent = [1000 * answer["cost_to_date"][leaf,] for leaf in case.tree.leaves]
        assert spent == pytest.approx([value for value, _ in costs])


def test_the_more_risk_weighs_the_less_the_worst_futures_cost() -> None:
    found = []
    for weight in (0, 0.2, 0.5, 0.8, 1):
        options = {"risk_weight": weight, "cvar_level": 0.9}
        costs = history_costs(*solve("8 month", options, **SEVERAL))
        found.append((cvar(costs, 0.9), sum(value * probability for value, probability in costs)))
    assert found == sorted(found, key=lambda pair: (-pair[0], pair[1]))
    assert found[-1][0] < found[0][0] - 1  # it does matter here
    assert found[-2][1] > found[0][1] + 1


def test_insurance_that_loses_on_average_is_bought_when_only_the_tail_counts() -> None:
    # a tonne in store costs 10 + 12 a month to hold; in 1 of 10 futures it saves 100
    rare = {**HALT, "probability": 0.1}
    sheets = {
        "Scenarios": [rare],
        "Events": [{**NO_SPOT, "scenario": "Halt", "months": 1}],
        "Stockpiles": [{**STORE, "holding_cost": 240}],
    }
    _, mean = solve("3 month", **sheets)
    assert mean["stock"]["store", 1] == pytest.approx(0)
    assert mean.objective == pytest.approx(20 + 0.9 * 10 + 0.1 * 100)
    tail = {"risk_weight": 1, "cvar_level": 0.9}
    _, safe = solve("3 month", tail, **sheets)
    assert safe["stock"]["store", 1] == pytest.approx(1)
    assert safe.objective == pytest.approx(30 + 20)


def test_without_risk_weight_none_of_its_rows_exists() -> None:
    _, answer = solve(Scenarios=[HALT])
    assert not {"cost_to_date", "tail", "excess"} & set(answer.values)
    assert not {"path_cost", "cvar_excess"} & set(answer.duals)
