"""A case for each sentence of the rules of events: what changes, by how much, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kido.data.case.build import make_case
from kido.data.case.case import Case
from kido.data.tables import Tables
from plan import plan
from sheets import Row, tables_of

CALENDAR = "6 month"
WORLD: dict[str, list[Row]] = {
    "Commodities": [
        {"name": "ore", "kind": "feed"},
        {"name": "Dy", "kind": "oxide"},
        {"name": "La", "kind": "oxide", "disposal_cost": 1},
    ],
    "Sites": [
        {"name": "Mine", "country": "Australia", "tags": "remote"},
        {"name": "Plant", "country": "Malaysia"},
        {"name": "Osaka", "country": "Japan", "tags": "port"},
    ],
    "Supply": [
        {"name": "offer", "site": "Mine", "commodity": "ore", "price": 10, "most": 120,
         "least": 60, "tags": "open market"},
    ],
    "Sales": [{"name": "outlet", "site": "Plant", "commodity": "La", "price": 2, "most": 24}],
    "Facilities": [{"name": "line", "site": "Plant", "capacity": 240}],
    "Processes": [{"name": "separate", "site": "Plant", "cost": 4, "most": 120, "lead": 1}],
    "Recipes": [
        {"process": "separate", "role": "input", "item": "ore", "amount": 1},
        {"process": "separate", "role": "output", "item": "Dy", "amount": 0.1},
        {"process": "separate", "role": "output", "item": "La", "amount": 0.4},
        {"process": "separate", "role": "uses", "item": "line", "amount": 1},
    ],
    "Routes": [
        {"name": "ore lane", "origin": "Mine", "destination": "Plant", "commodity": "ore",
         "price": 3, "freight": 1, "tariff": 10, "lead": 1, "most": 240},
        {"name": "oxide lane", "origin": "Plant", "destination": "Osaka", "commodity": "Dy",
         "freight": 2, "most": 60, "loss": 1},
    ],
    "Contracts": [
        {"name": "offtake", "applies_to": "ore lane", "price_rule": "index", "index": 8,
         "most_reserved": 12},
    ],
    "Stockpiles": [
        {"name": "reserve", "site": "Osaka", "commodity": "Dy", "capacity": 50,
         "holding_cost": 12, "owner": "state"},
    ],
    "Demand": [
        {"name": "magnets", "segment": "motors", "site": "Osaka", "commodity": "Dy", "need": 12}
    ],
    "Relief": [
        {"name": "thrift", "demand": "magnets", "kind": "thrift", "share": 0.5, "cost": 50,
         "tags": "people"},
    ],
    "Policies": [
        {"name": "quota", "measure": "volume", "of": "Australia", "counted": "shipped",
         "sense": "at most", "limit": 120, "over": "month"},
    ],
}  # fmt: skip


def book(
    *events: Row,
    calendar: str = CALENDAR,
    scenarios: Sequence[Row] = (),
    profiles: dict[str, dict[str, float]] | None = None,
    **changed: list[Row],
) -> Tables:
    points = [
        {"name": name, "period": period, "value": value}
        for name, series in (profiles or {}).items()
        for period, value in series.items()
    ]
    sheets = {**WORLD, **changed, "Events": events, "Scenarios": scenarios, "Profiles": points}
    return tables_of({"start": "2027-01", "calendar": calendar}, **sheets)


def after(*events: Row, **more: object) -> Case:
    return make_case(book(*events, **more))  # type: ignore[arg-type]


def event(effect: str, target: str = "offer", factor: float | None = None, **more: object) -> Row:
    return {"effect": effect, "target": target, "factor": factor, **more}


def cut(factor: float, target: str = "offer", **more: object) -> Row:
    return event("capacity", target, factor, **more)


def most(*events: Row, **more: object) -> list[float]:
    """t that may be bought in each month, of 10."""
    return pytest.approx(after(*events, **more).supply["offer"].most.tolist())  # type: ignore[return-value]


def price(*events: Row, **more: object) -> list[float]:
    """USD/kg of the offer in each month, of 10."""
    return pytest.approx(after(*events, **more).supply["offer"].price.tolist())  # type: ignore[return-value]


def numbers(case: Case) -> dict[str, object]:
    """Every number that an event might change."""
    found: dict[str, object] = {}
    for o in (*case.supply.values(), *case.sales.values()):
        found |= {f"max {o.name}": o.most, f"min {o.name}": o.least, f"price {o.name}": o.price}
    for f in case.facilities.values():
        found[f"capacity {f.name}"] = f.installed
    for p in case.processes.values():
        found |= {f"max {p.name}": p.most, f"lead {p.name}": p.arrivals}
        found |= {f"yield {item}": made for item, made in p.outputs.items()}
    for r in case.routes.values():
        found |= {
            f"max {r.name}": r.most,
            f"lead {r.name}": r.arrivals,
            f"loss {r.name}": r.efficiency,
        }
    for c in case.contracts.values():
        found |= {f"index {c.name}": c.price["ore lane"], f"firm {c.name}": c.life * c.availability}
    for s in case.stocks.values():
        found[f"room {s.name}"] = s.capacity
    for d in case.demands.values():
        found[f"need {d.name}"] = d.need
    for t in case.tiers.values():
        found[f"share {t.name}"] = t.most
    for policy in case.policies:
        found[f"limit {policy.name}"] = policy.limits
    for term in case.cost_terms:
        if term.category in ("freight", "running", "holding", "relief"):
            found[f"cost {term.name}"] = term.rate
        if term.category == "purchase" and term.sheet == "Routes":
            found[f"gate price {term.name}"] = term.rate
    return {name: repr(value) for name, value in found.items()}


PLAIN = numbers(after())


def touched(what: Row) -> set[str]:
    """The numbers that an event changes."""
    now = numbers(after(what))
    return {name for name in PLAIN if now[name] != PLAIN[name]}


# -- what an effect reaches ------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (cut(0.5, "Mine"), {"max offer", "min offer", "max ore lane", "firm offtake"}),
        (cut(0.5, "Plant"), {"max outlet", "capacity line", "max separate", "max oxide lane"}),
        (cut(0.5, "thrift"), {"share thrift"}),
        (event("price", "Mine", 2), {"price offer", "gate price ore lane"}),
        (event("price", "Plant", 2), {"price outlet"}),
        (event("price", "offtake", 2), {"index offtake"}),
        (event("cost", "Plant", 2), {"cost separate", "cost oxide lane"}),
        (event("cost", "Mine", 2), {"cost ore lane"}),
        (event("cost", "Osaka", 2), {"cost reserve"}),
        (event("cost", "thrift", 2), {"cost thrift"}),
        (event("demand", "Osaka", 2), {"need magnets", "share thrift"}),
        (event("yield", "Plant", 0.5), {"yield Dy", "yield La"}),
        (event("lead", "Plant", add=1), {"lead separate", "lead oxide lane"}),
        (event("tariff", "Mine", 2), {"gate price ore lane", "cost ore lane"}),
        (event("loss", "Plant", 2), {"loss oxide lane"}),
        (
            event("delay", "Mine", add=2),
            {"max offer", "min offer", "max ore lane", "firm offtake"},
        ),
        (
            event("delay", "Plant", add=2),
            {"max outlet", "capacity line", "max separate", "max oxide lane"},
        ),
    ],
)
def test_each_effect_reaches_its_sheets_and_no_others(what: Row, expected: set[str]) -> None:
    assert touched(what) == expected


@pytest.mark.parametrize("word", ["magnets", "motors", "Osaka", "Japan", "port"])
def test_a_row_is_reached_by_its_name_tag_site_tag_of_the_site_and_country(word: str) -> None:
    assert touched(event("demand", word, 2)) == {"need magnets", "share thrift"}


def test_a_tag_reaches_the_rows_that_bear_it() -> None:
    assert touched(cut(0.5, "open market")) == {"max offer", "min offer"}
    assert touched(event("cost", "people", 2)) == {"cost thrift"}


def test_a_lane_lies_where_it_begins() -> None:
    assert touched(cut(0.5, "Malaysia")) >= {"max oxide lane"}
    assert "max ore lane" not in touched(cut(0.5, "Malaysia"))
    assert touched(event("tariff", "Japan", 2)) == set()


def test_several_targets_are_each_reached_once() -> None:
    assert touched(cut(0.5, "offer; Mine")) == touched(cut(0.5, "Mine"))
    assert price(event("price", "offer; Mine; Australia", 2)) == [20] * 6
    assert touched(event("price", "offer; outlet", 2)) == {"price offer", "price outlet"}


def test_a_store_or_a_policy_limit_changes_only_if_named_itself() -> None:
    assert touched(cut(0.5, "Japan")) == set()
    assert touched(cut(0.5, "state")) == set()
    assert "limit quota" not in touched(cut(0.5, "Australia"))
    assert touched(cut(0.5, "reserve")) == {"room reserve"}
    assert touched(cut(0.5, "quota")) == {"limit quota"}
    assert after(cut(0.5, "reserve")).stocks["reserve"].capacity.tolist() == [25] * 6
    assert after(cut(0.5, "quota")).policies[0].limits == (5,) * 6


def test_a_commodity_narrows_an_event_to_its_rows() -> None:
    def reached(commodity: str) -> set[str]:
        return touched(cut(0.5, "Malaysia", commodity=commodity))

    assert reached("La") == {"max outlet", "max separate", "capacity line"}  # plants carry all
    assert reached("Dy") == {"max oxide lane", "max separate", "capacity line"}
    assert touched(event("cost", "Malaysia", 2, commodity="La")) == {"cost separate"}
    assert touched(event("demand", "Japan", 2, commodity="La")) == set()
    assert touched(cut(0.5, "thrift", commodity="Dy")) == {"share thrift"}
    assert touched(cut(0.5, "thrift", commodity="La")) == set()
    assert touched(event("price", "offtake", 2, commodity="ore")) == {"index offtake"}
    assert touched(event("price", "offtake", 2, commodity="Dy")) == set()


def test_a_yield_may_be_that_of_one_commodity() -> None:
    assert touched(event("yield", "separate", 0.5, commodity="La")) == {"yield La"}
    made = after(event("yield", "separate", 0.5, commodity="La; Dy")).processes["separate"].outputs
    assert made["La"].tolist() == [0.2] * 6
    assert made["Dy"].tolist() == [0.05] * 6


# -- how much --------------------------------------------------------------------------


def test_capacity_scales_most_and_least() -> None:
    offer = after(cut(0.5)).supply["offer"]
    assert offer.most.tolist() == [5] * 6
    assert offer.least.tolist() == [2.5] * 6


def test_price_scales_the_gate_price_which_bears_the_tariff() -> None:
    charges = {c.category: c.rate for c in after(event("price", "ore lane", 2)).cost_terms
               if c.name == "ore lane"}  # fmt: skip
    assert charges["purchase"] == pytest.approx([6 * 1.1] * 6)
    assert charges["freight"] == pytest.approx([1 * 1.1] * 6)


def test_tariff_and_loss_are_added_in_percent() -> None:
    case = after(event("tariff", "ore lane", add=15), event("loss", "ore lane", add=4))
    charges = {c.category: c.rate for c in case.cost_terms if c.name == "ore lane"}
    assert charges["purchase"] == pytest.approx([3 * 1.25] * 6)
    assert case.routes["ore lane"].efficiency == pytest.approx([0.96] * 6)


def test_a_profile_replaces_the_number_and_each_value_holds_until_the_next() -> None:
    ramp = {"ramp": {"2027-02": 24, "2027-05": 48}}
    profile = {"effect": "capacity", "target": "offer", "profile": "ramp"}
    # before its first value the row's own number stands
    assert most(profile, profiles=ramp) == [10, 2, 2, 2, 4, 4]


def test_profile_then_factors_then_added_amounts() -> None:
    steps: list[Row] = [
        event("price", add=1),
        event("price", factor=3),
        event("price", profile="path"),
    ]
    assert price(*steps, profiles={"path": {"2027-01": 20}}) == [61] * 6
    assert price(*reversed(steps), profiles={"path": {"2027-01": 20}}) == [61] * 6
    assert price(*steps[:2]) == [31] * 6


def test_one_row_may_hold_profile_factor_and_added_amount() -> None:
    assert price(event("price", factor=3, add=1, profile="path"),
                 profiles={"path": {"2027-01": 20}}) == [61] * 6  # fmt: skip


def test_one_stop_told_twice_is_one_stop() -> None:
    assert most(cut(0.5), cut(0.5, "Mine")) == [5] * 6
    assert most(cut(0.5), cut(0.2, "Mine"), cut(0.8, "Australia")) == [2] * 6


def test_the_smallest_counts_month_by_month() -> None:
    assert most(cut(0.5, months=4), cut(0.2, start="2027-03", months=1)) == [5, 5, 2, 5, 10, 10]


def test_capacity_factors_above_1_multiply_and_scale_what_the_smallest_leaves() -> None:
    assert most(cut(1.5), cut(2)) == [30] * 6
    assert most(cut(0.5), cut(0.8), cut(1.5)) == [7.5] * 6


def test_other_factors_all_multiply() -> None:
    assert price(event("price", factor=0.5), event("price", "Mine", 0.5)) == [2.5] * 6
    assert price(event("price", factor=2), event("price", factor=3)) == [60] * 6
    need = after(event("demand", "magnets", 0.5), event("demand", "Japan", 0.5)).demands["magnets"]
    assert need.need.tolist() == [0.25] * 6


def test_added_amounts_add_up() -> None:
    assert price(event("price", add=1), event("price", add=-4)) == [7] * 6
    assert most(event("capacity", add=12), event("capacity", add=24)) == [13] * 6


def test_a_minimum_never_exceeds_the_maximum_left() -> None:
    assert after(event("capacity", add=-84)).supply["offer"].least.tolist() == [3] * 6
    profile = event("capacity", profile="low")
    offer = after(profile, profiles={"low": {"2027-01": 12}}).supply["offer"]
    assert (offer.most.tolist(), offer.least.tolist()) == ([1] * 6, [1] * 6)


def test_a_floor_never_exceeds_the_room_left() -> None:
    store = [{**WORLD["Stockpiles"][0], "floor": 40}]
    held = after(cut(0.5, "reserve", months=3), Stockpiles=store).stocks["reserve"]
    assert held.capacity.tolist() == [25, 25, 25, 50, 50, 50]
    assert held.floor.tolist() == [25, 25, 25, 40, 40, 40]


def test_nothing_falls_below_zero() -> None:
    assert most(event("capacity", add=-240)) == [0] * 6
    case = after(
        event("lead", "ore lane", add=-5), event("loss", "oxide lane", add=-5),
        event("yield", "separate", add=-5), event("demand", "magnets", add=-50),
        event("capacity", "reserve; quota", add=-999),
    )  # fmt: skip
    assert case.stocks["reserve"].capacity.tolist() == [0] * 6
    assert case.policies[0].limits == (0,) * 6
    assert case.routes["ore lane"].arrivals == tuple(((n, 1.0),) for n in range(6))
    assert case.routes["oxide lane"].efficiency.tolist() == [1] * 6
    assert case.processes["separate"].outputs["Dy"].tolist() == [0] * 6
    assert case.demands["magnets"].need.tolist() == [0] * 6


def test_a_share_stays_between_0_and_1() -> None:
    assert after(cut(3, "thrift")).tiers["thrift"].most.tolist() == [1] * 6
    assert after(event("capacity", "thrift", add=-2)).tiers["thrift"].most.tolist() == [0] * 6


UNLIMITED = [{**WORLD["Supply"][0], "most": None, "least": 0}]


def test_a_blank_limit_can_be_stopped_and_is_blank_again_after() -> None:
    assert most(cut(0, start="2027-02", months=2), Supply=UNLIMITED) == [
        np.inf, 0, 0, np.inf, np.inf, np.inf,
    ]  # fmt: skip


def test_a_blank_limit_yields_to_a_profile() -> None:
    assert most(event("capacity", profile="cap"), Supply=UNLIMITED,
                profiles={"cap": {"2027-03": 12}}) == [np.inf, np.inf, 1, 1, 1, 1]  # fmt: skip


def test_a_moment_with_an_unlimited_month_is_unlimited() -> None:
    stop = cut(0, months=2)
    assert most(stop, Supply=UNLIMITED, calendar="2 month, 1 quarter") == [0, 0, np.inf]
    assert most(stop, Supply=UNLIMITED, calendar="2 quarter") == [np.inf, np.inf]


def test_an_added_amount_on_demand_and_a_profile_are_t_a_year() -> None:
    assert after(event("demand", "magnets", add=12)).demands["magnets"].need.tolist() == [2] * 6
    profile = event("demand", "magnets", profile="plan")
    need = after(profile, profiles={"plan": {"2027-04": 36}}).demands["magnets"].need
    assert need.tolist() == [1, 1, 1, 3, 3, 3]


def test_growth_comes_in_steps_each_january_and_events_act_on_what_has_grown() -> None:
    rows = [{**WORLD["Demand"][0], "growth": 0.5}]
    need = after(event("demand", "magnets", 2, start="2028-01"), calendar="13 month", Demand=rows)
    assert need.demands["magnets"].need.tolist() == [1] * 12 + [3]


# -- when ------------------------------------------------------------------------------


def test_from_blank_is_the_start_and_months_blank_is_to_the_end() -> None:
    assert most(cut(0.5)) == [5] * 6
    assert most(cut(0.5, months=2)) == [5, 5, 10, 10, 10, 10]
    assert most(cut(0.5, start="2027-05")) == [10, 10, 10, 10, 5, 5]
    assert most(cut(0.5, start="2027-02", months=2)) == [10, 5, 5, 10, 10, 10]


def test_an_event_from_before_the_start_has_begun_already() -> None:
    assert most(cut(0.5, start="2026-11", months=4)) == [5, 5, 10, 10, 10, 10]


def test_an_event_after_the_horizon_changes_nothing() -> None:
    assert touched(cut(0.5, start="2028-01")) == set()


@pytest.mark.parametrize("recovery", [None, 3])
def test_an_event_of_no_months_changes_nothing(recovery: int | None) -> None:
    assert touched(cut(0, "Mine", months=0, recovery=recovery)) == set()
    assert touched(event("price", add=9, months=0, recovery=recovery)) == set()


def test_recovery_runs_in_equal_steps() -> None:
    assert most(cut(0.2, months=1, recovery=3)) == [2, 4, 6, 8, 10, 10]
    assert most(cut(0, months=2, recovery=1)) == [0, 0, 5, 10, 10, 10]
    assert price(event("price", factor=5, months=1, recovery=3)) == [50, 40, 30, 20, 10, 10]
    assert price(event("price", add=8, months=1, recovery=3)) == [18, 16, 14, 12, 10, 10]


def test_recovering_stops_overlap_like_stops() -> None:
    # 0, 1/4, 1/2, 3/4 against 0.6 from March on
    assert most(cut(0, months=1, recovery=3), cut(0.6, start="2027-03")) == [0, 2.5, 5, 6, 6, 6]


def test_a_profile_stops_at_once() -> None:
    what = event("capacity", profile="low", months=2, recovery=3)
    assert most(what, profiles={"low": {"2027-01": 12}}) == [1, 1, 10, 10, 10, 10]


def test_without_an_end_there_is_no_recovery() -> None:
    assert most(cut(0.5, recovery=3)) == [5] * 6


def test_a_quarter_partly_covered_has_the_mean_of_its_months() -> None:
    stop = cut(0.25, start="2027-02", months=3)
    case = after(stop, event("price", factor=4, start="2027-06"), calendar="2 quarter")
    assert case.supply["offer"].most == pytest.approx([10 + 2.5 + 2.5, 2.5 + 10 + 10])
    assert case.supply["offer"].price == pytest.approx([10, (10 + 10 + 40) / 3])


def test_overlaps_count_month_by_month_inside_a_quarter() -> None:
    case = after(cut(0.5, months=2), cut(0.2, start="2027-02", months=1), calendar="2 quarter")
    assert case.supply["offer"].most == pytest.approx([5 + 2 + 10, 30])


# -- delays ----------------------------------------------------------------------------

OPENING = [{**WORLD["Supply"][0], "start": "2027-02", "end": "2027-05"}]


def test_a_row_is_open_from_its_start_to_its_end() -> None:
    assert most(Supply=OPENING) == [0, 10, 10, 10, 10, 0]
    assert most(Supply=OPENING, calendar="2 quarter") == [20, 20]


def test_a_delay_moves_the_start_and_not_the_end() -> None:
    assert most(event("delay", add=2), Supply=OPENING) == [0, 0, 0, 10, 10, 0]
    assert most(event("delay", add=2)) == [0, 0, 10, 10, 10, 10]


def test_delays_add_up() -> None:
    late = event("delay", add=1)
    assert most(late, late, Supply=OPENING) == [0, 0, 0, 10, 10, 0]


def test_a_delay_moves_the_profile_on_the_row_with_it() -> None:
    ramp = {"ramp": {"2027-02": 24, "2027-04": 48}}
    up = event("capacity", profile="ramp")
    assert most(up, Supply=OPENING, profiles=ramp) == [0, 2, 2, 4, 4, 0]
    assert most(up, event("delay", add=1), Supply=OPENING, profiles=ramp) == [0, 0, 2, 2, 4, 0]


def test_every_profile_on_a_delayed_row_moves() -> None:
    path = {"path": {"2027-01": 20, "2027-03": 30}}
    assert price(event("price", profile="path"), profiles=path) == [20, 20, 30, 30, 30, 30]
    late = event("delay", add=1)
    assert price(event("price", profile="path"), late, profiles=path) == [20, 20, 20, 30, 30, 30]
    better = event("yield", "separate", profile="path", commodity="Dy")
    case = after(better, event("delay", "separate", add=2), profiles=path)
    made = case.processes["separate"].outputs["Dy"].tolist()
    assert made == pytest.approx([20, 20, 20, 20, 30, 30])  # not open before March


def test_a_delay_known_later_does_not_close_what_runs_already() -> None:
    case = after(event("delay", add=3, start="2027-04"), Supply=OPENING)
    assert case.supply["offer"].most.tolist() == [0, 10, 10, 10, 10, 0]


def test_a_copy_of_a_repeated_scenario_reads_its_profiles_as_much_later() -> None:
    again = {
        "name": "again",
        "probability": 0.5,
        "known": "2027-02",
        "every": 2,
        "until": "2027-04",
    }
    path = {"path": {"2027-02": 100, "2027-03": 10}}
    case = after(
        {**event("price", profile="path"), "scenario": "again"}, scenarios=[again], profiles=path
    )
    price = {
        (case.tree.branch_of(m.index).name, m.start - case.tree.start): case.supply["offer"].price[
            m.index
        ]
        for m in case.tree.nodes
    }
    assert [price["again 2027-02", n] for n in (1, 2)] == [100, 10]
    assert [price["again 2027-04", n] for n in (3, 4)] == [100, 10]


def test_a_delayed_plant_is_not_there_and_what_is_ordered_for_it_is_as_late() -> None:
    plant = [{**WORLD["Facilities"][0], "start": "2027-02", "expansion_cost": 1, "build_months": 1}]
    line = after(event("delay", "line", add=2), Facilities=plant).facilities["line"]
    assert line.installed.tolist() == [0, 0, 0, 20, 20, 20]
    ordered = [sorted((m, round(12 * years, 9)) for m, years in parts) for parts in line.ready]
    assert ordered == [[], [], [], [(0, 1)], [(0, 1), (1, 1)], [(0, 1), (1, 1), (2, 1)]]


def test_what_is_ordered_lives_as_long_when_it_is_late() -> None:
    plant = [{**WORLD["Facilities"][0], "expansion_cost": 1, "life_years": 0.125}]
    use = [[round(12 * years, 9) for m, years in parts if m == 0]
           for parts in after(Facilities=plant).facilities["line"].ready]  # fmt: skip
    assert use == [[1], [0.5], [], [], [], []]
    late = after(event("delay", "line", add=1.25), Facilities=plant).facilities["line"]
    use = [[round(12 * years, 9) for m, years in parts if m == 0] for parts in late.ready]
    assert use == [[], [0.75], [0.75], [], [], []]


def test_a_running_ramp_stands_still_while_a_delay_lasts() -> None:
    ramp = {"ramp": {"2027-01": 12, "2027-04": 24, "2027-05": 36}}
    up = event("capacity", profile="ramp")
    assert most(up, profiles=ramp) == [1, 1, 1, 2, 3, 3]
    assert most(up, event("delay", add=1, start="2027-02"), profiles=ramp) == [1, 1, 1, 1, 2, 3]
    assert most(up, event("delay", add=9, start="2027-02"), profiles=ramp) == [1] * 6
    assert most(up, event("delay", add=1, start="2027-05"), profiles=ramp) == [1, 1, 1, 2, 3, 3]
    assert most(up, event("delay", add=1.5, start="2027-02"), profiles=ramp) == [
        1, 1, 1, 1, 1.5, 2.5,
    ]  # fmt: skip


def test_a_second_delay_before_the_delayed_start_counts_too() -> None:
    first = event("delay", add=2)  # from 2027-02 to 2027-04
    again = event("delay", add=1, start="2027-03")
    after_all = event("delay", add=1, start="2027-05")
    opening = [{**OPENING[0], "end": None}]
    assert most(first, Supply=opening) == [0, 0, 0, 10, 10, 10]
    assert most(first, again, Supply=opening) == [0, 0, 0, 0, 10, 10]
    assert most(again, first, Supply=opening) == [0, 0, 0, 0, 10, 10]
    assert most(first, after_all, Supply=opening) == [0, 0, 0, 10, 10, 10]


def test_a_delay_frees_the_contract_that_waits_for_the_plant() -> None:
    lane = [{**WORLD["Routes"][0], "start": "2027-02"}, WORLD["Routes"][1]]
    case = after(event("delay", "ore lane", add=1.5), Routes=lane)
    assert (12 * case.contracts["offtake"].life).tolist() == [0, 0, 0.5, 1, 1, 1]
    assert case.contracts["offtake"].availability.tolist() == [1] * 6


# -- months that are not whole -----------------------------------------------------------


def test_a_stop_of_a_month_and_a_half_is_one() -> None:
    assert most(cut(0, months=1.5)) == [0, 5, 10, 10, 10, 10]
    assert most(cut(0.2, months=0.25)) == [8, 10, 10, 10, 10, 10]
    assert price(event("price", factor=2, months=1.5)) == [20, 15, 10, 10, 10, 10]
    assert price(event("price", add=8, months=0.5)) == [14, 10, 10, 10, 10, 10]
    # half of February at 0, half of it and half of March at a third, then at two thirds
    assert most(cut(0, months=1.5, recovery=2)) == [0, 10 / 6, 5, 10 - 10 / 6, 10, 10]


def test_a_profile_and_a_blank_limit_for_part_of_a_month() -> None:
    low = event("capacity", profile="low", months=1.5)
    assert most(low, profiles={"low": {"2027-01": 24}}) == [2, 6, 10, 10, 10, 10]
    free = [{**WORLD["Supply"][0], "most": None}]
    assert most(cut(0, months=1.5), Supply=free) == [0] + [np.inf] * 5


@pytest.mark.parametrize("months", [0.5, 1, 1.5, 2, 2.25])
@pytest.mark.parametrize("recovery", [0, 1, 2])
def test_what_a_stop_takes_grows_with_each_part_of_a_month(months: float, recovery: int) -> None:
    """What a stop takes in all is the area under its steps."""
    taken = 60 - sum(after(cut(0, months=months, recovery=recovery)).supply["offer"].most)
    steps = sum(1 - k / (recovery + 1) for k in range(1, recovery + 1))
    assert taken == pytest.approx(10 * (months + steps))


def test_a_delay_and_a_notice_of_part_of_a_month() -> None:
    assert most(event("delay", add=1.5), Supply=OPENING) == [0, 0, 5, 10, 10, 0]
    stop = [{"name": "Stop", "probability": 1, "known": "2027-02", "disruption": "yes"}]
    tier = [{**WORLD["Relief"][0], "notice": 1.5}]
    assert after(scenarios=stop, Relief=tier).tiers["thrift"].most.tolist() == pytest.approx(
        [0, 0, 0.25, 0.5, 0.5, 0.5]
    )


# -- scenarios -------------------------------------------------------------------------

STOP: Row = {"name": "Stop", "probability": 0.4, "known": "2027-02"}


def on(case: Case, branch: str) -> list[float]:
    """t that may be bought in each month of a branch's own."""
    tree = case.tree
    found = [
        float(case.supply["offer"].most[m.index])
        for m in tree.nodes
        if tree.branches[m.branch].name == branch
    ]
    return pytest.approx(found)  # type: ignore[return-value]


def test_a_scenarios_event_acts_on_its_branch_alone() -> None:
    case = after(cut(0.5, scenario="Stop"), scenarios=[STOP])
    assert on(case, "Trunk") == [10] * 6
    assert on(case, "Stop") == [5] * 5


def test_without_a_scenario_it_acts_on_every_branch() -> None:
    case = after(cut(0.5, start="2027-05"), scenarios=[STOP])
    assert on(case, "Trunk") == [10, 10, 10, 10, 5, 5]
    assert on(case, "Stop") == [10, 10, 10, 5, 5]


def test_from_blank_is_the_month_the_scenario_is_known() -> None:
    case = after(cut(0, months=2, scenario="Stop"), scenarios=[STOP])
    assert on(case, "Stop") == [0, 0, 10, 10, 10]


def test_children_bear_their_parents_events() -> None:
    long = {"name": "Long", "parent": "Stop", "probability": 0.1, "known": "2027-04"}
    case = after(
        cut(0.5, months=3, scenario="Stop"), cut(0.2, scenario="Long"), scenarios=[STOP, long]
    )
    assert on(case, "Stop") == [5, 5, 5, 10, 10]
    assert on(case, "Long") == [2, 2, 2]


def test_the_events_of_a_copy_move_with_it() -> None:
    stop = {**STOP, "every": 2, "until": "2027-04"}
    case = after(
        cut(0.5, start="2027-03", months=1, scenario="Stop"),
        cut(0.1, months=1, scenario="Stop"),
        scenarios=[stop],
    )
    assert on(case, "Stop 2027-02") == [1, 5, 10, 10, 10]
    assert on(case, "Stop 2027-04") == [1, 5, 10]
    assert on(case, "Trunk") == [10] * 6


def test_the_events_of_a_copys_child_move_with_it() -> None:
    stop = {**STOP, "every": 2, "until": "2027-04"}
    long = {"name": "Long", "parent": "Stop", "probability": 0.1, "known": "2027-03"}
    case = after(
        cut(0.5, months=1, scenario="Long"),
        cut(0.1, start="2027-02", months=1, scenario="Stop"),
        scenarios=[stop, long],
    )
    assert on(case, "Long 2027-03") == [5, 10, 10, 10]
    assert on(case, "Long 2027-05") == [5, 10]


def test_a_path_alone_has_its_own_events_and_those_before_it() -> None:
    case = make_case(book(cut(0.5, scenario="Stop"), cut(0.8, months=2), scenarios=[STOP]), "Stop")
    assert case.supply["offer"].most.tolist() == [8, 5, 5, 5, 5, 5]


def test_an_event_without_a_scenario_never_disrupts() -> None:
    assert after(cut(0)).tree.calm().all()


def test_an_event_on_a_cover_limit_looks_as_far_ahead_as_it_asks() -> None:
    cover = [
        {"name": "cover", "measure": "cover", "of": "reserve", "sense": "at least", "limit": 2}
    ]
    case = after(cut(3, "cover", start="2027-06"), Policies=cover)
    assert case.policies[0].limits == pytest.approx((2, 2, 2, 2, 2, 6))


def test_an_event_is_felt_in_the_plan() -> None:
    """The whole way once: a stop of the offer is lived through on relief at 50 a kg."""
    sheets: dict[str, list[Row]] = {
        "Supply": [{"name": "offer", "site": "Osaka", "commodity": "Dy", "price": 3}],
        **{name: [] for name in ("Sales", "Facilities", "Processes", "Recipes", "Routes",
                                 "Contracts", "Stockpiles", "Policies")},
        "Relief": [{**WORLD["Relief"][0], "share": 1}],
    }  # fmt: skip
    _, answer = plan(book(cut(0, months=2), **sheets))
    assert answer.objective == pytest.approx(2 * 50 + 4 * 3)
