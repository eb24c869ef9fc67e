"""Flows take time: one rule for every lead, every calendar, and goods on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kido.data.case.branches import Future
from kido.data.case.build import make_case
from kido.data.case.lead_times import ArrivalShares
from kido.data.case.tree import Tree, build_tree
from kido.data.months import parse_month
from kido.data.tables import Tables
from kido.errors import InfeasiblePlan
from kido.solver.highs import InfeasibleProgram
from plan import plan
from sheets import Row, tables_of

START = parse_month("2027-01")
Leads = tuple[np.ndarray, ...]


def path(*calendar: int) -> Tree:
    return build_tree([], START, calendar, 0, 0.0)


def landing(tree: Tree, *leads: float) -> dict[int, dict[int, float]]:
    """Sent in -> landing in -> share. `leads` are monthly; the last one goes on."""
    months = tree.end - tree.start
    series = np.array([*leads, *[leads[-1]] * months][:months], dtype=float)
    return turned(ArrivalShares(tree).arrivals((series,) * len(tree.branches)))


def turned(arrivals: Sequence[Sequence[tuple[int, float]]]) -> dict[int, dict[int, float]]:
    found: dict[int, dict[int, float]] = {}
    for n, parts in enumerate(arrivals):
        for m, share in parts:
            found.setdefault(m, {})[n] = pytest.approx(share)
    return found


# -- the rule -----------------------------------------------------------------------------


def test_without_a_lead_everything_lands_in_its_own_moment() -> None:
    assert landing(path(1, 3, 2), 0) == {0: {0: 1}, 1: {1: 1}, 2: {2: 1}}


def test_a_month_later() -> None:
    assert landing(path(1, 1, 1), 1) == {0: {1: 1}, 1: {2: 1}}


def test_a_fractional_lead_lands_in_two_months() -> None:
    assert landing(path(1, 1, 1, 1), 1.25) == {
        0: {1: 0.75, 2: 0.25},
        1: {2: 0.75, 3: 0.25},
        2: {3: 0.75},
    }


def test_less_than_a_month_lands_partly_in_its_own() -> None:
    assert landing(path(1, 1), 0.5) == {0: {0: 0.5, 1: 0.5}, 1: {1: 0.5}}


def test_a_quarter_lands_evenly_over_a_quarter() -> None:
    assert landing(path(3, 3), 1) == {0: {0: pytest.approx(2 / 3), 1: pytest.approx(1 / 3)},
                                      1: {1: pytest.approx(2 / 3)}}  # fmt: skip


def test_from_months_into_a_quarter_and_out_of_it() -> None:
    assert landing(path(1, 1, 3, 1), 1) == {
        0: {1: 1},
        1: {2: 1},
        2: {2: pytest.approx(2 / 3), 3: pytest.approx(1 / 3)},
    }


def test_a_fractional_lead_from_a_quarter_into_months() -> None:
    # the three months land over [1.5, 4.5) after the start
    assert landing(path(3, 1, 1), 1.5) == {
        0: {0: 0.5, 1: pytest.approx(1 / 3), 2: pytest.approx(0.5 / 3)},
        1: {2: 0.5},
    }


def test_the_lead_is_that_of_the_month_of_sending() -> None:
    # the second month's goods overtake the first month's
    assert landing(path(1, 1, 1, 1), 3, 0, 1) == {0: {3: 1}, 1: {1: 1}, 2: {3: 1}}


def test_a_lead_that_changes_inside_a_quarter() -> None:
    # months 0 and 1 take 3 months, month 2 takes none
    assert landing(path(3, 3), 3, 3, 0) == {
        0: {0: pytest.approx(1 / 3), 1: pytest.approx(2 / 3)},
        1: {1: 1},
    }


def test_on_a_branch_goods_sent_before_it_parted_land_on_both() -> None:
    futures = [Future("Stop", "", 0.3, START + 1)]
    tree = build_tree(futures, START, (1, 1, 1), 0, 0.0)
    # 0 trunk Jan, 1 trunk Feb, 2 trunk Mar, 3 Stop Feb, 4 Stop Mar
    assert landing(tree, 1) == {0: {1: 1, 3: 1}, 1: {2: 1}, 3: {4: 1}}


def test_a_branch_slows_only_what_it_sends_itself() -> None:
    futures = [Future("Closure", "", 0.3, START + 1)]
    tree = build_tree(futures, START, (1, 1, 1, 1), 0, 0.0)
    leads = (np.full(4, 1.0), np.full(4, 2.0))
    assert turned(ArrivalShares(tree).arrivals(leads)) == {
        0: {1: 1, 4: 1},  # sent before it was known
        1: {2: 1}, 2: {3: 1},  # trunk
        4: {6: 1},  # Closure: February lands in April
    }  # fmt: skip


@st.composite
def voyages(draw: st.DrawFn) -> tuple[Tree, Leads]:
    calendar = draw(st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=6))
    months = sum(calendar)
    futures = [
        Future(f"S{i}", "", 0.2, START + draw(st.integers(0, months - 1)))
        for i in range(draw(st.integers(0, 2)))
    ]
    tree = build_tree(futures, START, calendar, 0, 0.0)
    lead = st.floats(0, 4, allow_nan=False).map(lambda x: round(x, 2))
    leads = st.lists(lead, min_size=months, max_size=months).map(np.array)
    return tree, tuple(draw(leads) for _ in tree.branches)


@given(voyages())
@settings(max_examples=120, deadline=None, derandomize=True)
def test_what_is_sent_lands_once_on_every_history_or_after_its_end(
    voyage: tuple[Tree, Leads],
) -> None:
    tree, leads = voyage
    arrivals = ArrivalShares(tree).arrivals(leads)
    for leaf in tree.leaves:
        history = tree.path(leaf)
        for m in history:
            landed = sum(share for n in history for sent, share in arrivals[n] if sent == m)
            moment = tree.nodes[m]
            late = 0.0
            for month in range(moment.start, moment.end):
                lands = month + leads[moment.branch][month - tree.start]
                late += min(1.0, max(0.0, lands + 1 - tree.end)) / moment.months
            assert landed + late == pytest.approx(1)
    for n, parts in enumerate(arrivals):
        assert {m for m, _ in parts} <= set(tree.path(n))


@given(st.lists(st.sampled_from([1, 3, 5]), min_size=1, max_size=5), st.floats(0, 9))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_goods_on_the_water_are_the_same_flow_before_the_start(
    calendar: list[int], lead: float
) -> None:
    """Sent at a steady rate for ever, a flow lands at that rate: early goods fill the gap."""
    tree = path(*calendar)
    rule = ArrivalShares(tree)
    steady = rule.pipeline(lead).copy()
    for n, parts in enumerate(rule.constant(lead)):
        steady[n] += sum(share * tree.nodes[m].months for m, share in parts)
    assert steady == pytest.approx(np.array(calendar, dtype=float))


# -- lanes ---------------------------------------------------------------------------------

PLACES: Mapping[str, Sequence[Row]] = {
    "Commodities": [{"name": "Dy", "kind": "oxide"}, {"name": "ore", "kind": "feed"}],
    "Sites": [{"name": "Perth", "country": "Australia"}, {"name": "Osaka", "country": "Japan"}],
}
LANE = {"name": "lane", "origin": "Perth", "destination": "Osaka", "commodity": "Dy"}
OFFER = {"name": "offer", "site": "Perth", "commodity": "Dy", "price": 1}
NEED = {"name": "need", "site": "Osaka", "commodity": "Dy", "need": 12}
LOST = {"name": "lost", "demand": "need", "kind": "lost", "cost": 100}


def book(calendar: str = "4 month", /, **sheets: Sequence[Row]) -> Tables:
    options = {"start": "2027-01", "calendar": calendar, **(sheets.pop("Settings", [{}])[0])}
    return tables_of(options, **{**PLACES, **sheets})


def test_what_lands_in_the_first_months_is_what_was_on_the_water() -> None:
    lane = {**LANE, "lead": 2, "on_water": 12}
    case, answer = plan(book(Supply=[OFFER], Routes=[lane], Demand=[NEED], Relief=[LOST]))
    assert list(case.routes["lane"].pipeline) == [1, 1, 0, 0]
    assert answer["relieve"] == {("lost", n): pytest.approx(0) for n in range(4)}
    # the last two months' ships would come too late
    assert [answer["ship"]["lane", n] for n in range(4)] == pytest.approx([1, 1, 0, 0])
    assert answer.objective == pytest.approx(2)


def test_goods_on_the_water_lose_their_share_too() -> None:
    lane = {**LANE, "lead": 1.5, "on_water": 12, "loss": 10}
    case = make_case(book(Supply=[OFFER], Routes=[lane], Demand=[NEED]))
    assert case.routes["lane"].pipeline == pytest.approx([0.9, 0.45, 0, 0])
    assert case.routes["lane"].efficiency == pytest.approx([0.9] * 4)


def test_the_loss_is_that_of_the_month_of_sending() -> None:
    lane = {**LANE, "lead": 1, "on_water": 12}
    rough = [{"target": "lane", "effect": "loss", "add": 50, "start": "2027-02", "months": 1}]
    _, answer = plan(
        book("3 month", Supply=[OFFER], Routes=[lane], Demand=[NEED], Relief=[LOST], Events=rough)
    )
    # January's ship is whole, of February's 2 t one lands in March
    assert [answer["ship"]["lane", n] for n in range(3)] == pytest.approx([1, 2, 0])


def test_without_a_store_or_a_yard_nothing_waits() -> None:
    """A month's ship lands over two months; what is not needed then could not be sent."""
    need = [{**NEED, "need": 12}]
    early = [{"target": "need", "effect": "demand", "factor": 0, "start": "2027-03"}]
    lane = {**LANE, "lead": 1, "least": 12}
    with pytest.raises(InfeasibleProgram):
        plan(book(Supply=[OFFER], Routes=[lane], Demand=need, Relief=[LOST], Events=early))


def test_in_a_yard_what_lands_early_waits_at_the_yard_cost() -> None:
    lane = {**LANE, "lead": 1, "on_water": 48}
    yards = [{"yard_cost": 6}]
    stop = [{"target": "offer", "effect": "capacity", "factor": 0}]
    _, answer = plan(
        book(
            Settings=yards, Supply=[OFFER], Routes=[lane], Demand=[NEED], Relief=[LOST], Events=stop
        )
    )
    waiting = [answer["yard_stock"]["Osaka", "Dy", n] for n in range(4)]
    assert waiting == pytest.approx([3, 2, 1, 0])
    assert answer.objective == pytest.approx((3 + 2 + 1) * 6 / 12)


def test_a_declared_store_takes_the_place_of_the_yard() -> None:
    lane = {**LANE, "lead": 1, "on_water": 24}
    store = [{"name": "store", "site": "Osaka", "commodity": "Dy", "capacity": 0.5}]
    options = {
        "Settings": [{"yard_cost": 0}],
        "Supply": [OFFER],
        "Routes": [lane],
        "Demand": [NEED],
    }
    case, _ = plan(book(Stockpiles=[{**store[0], "capacity": 1}], **options))
    assert case.yards == ()
    with pytest.raises(InfeasibleProgram):
        plan(book(Stockpiles=store, **options))


def test_goods_that_land_where_nothing_takes_them_are_told() -> None:
    lane = {**LANE, "lead": 1, "on_water": 24}
    with pytest.raises(InfeasiblePlan) as fault:
        plan(book(Routes=[lane]))
    assert "2 t land at Osaka, Dy in 2027-01" in fault.value.findings[0].sentence


def test_yards_are_where_a_lead_ends_and_no_store_stands() -> None:
    swift = {**LANE, "name": "swift"}
    back = {**LANE, "name": "back", "origin": "Osaka", "destination": "Perth", "lead": 1}
    late = [{"target": "swift", "effect": "lead", "add": 1, "start": "2027-02", "months": 1}]
    plant = [{"name": "line", "site": "Perth", "lead": 1}]
    made = [
        {"process": "line", "role": "input", "item": "ore", "amount": 2},
        {"process": "line", "role": "output", "item": "Dy", "amount": 1},
    ]
    yard = [{"yard_cost": 1}]
    assert make_case(book(Settings=[{}], Routes=[back])).yards == ()
    assert make_case(book(Settings=yard, Routes=[swift])).yards == ()
    assert make_case(book(Settings=yard, Routes=[back])).yards == (("Perth", "Dy"),)
    assert make_case(book(Settings=yard, Routes=[swift], Events=late)).yards == (("Osaka", "Dy"),)
    never = [{**late[0], "months": 0}]
    assert make_case(book(Settings=yard, Routes=[swift], Events=never)).yards == ()
    assert make_case(book(Settings=yard, Processes=plant, Recipes=made)).yards == (("Perth", "Dy"),)


def test_a_threat_does_not_stop_shipments_months_ahead_where_goods_may_wait() -> None:
    """A small chance that the plant stops: without a yard what is afloat has nowhere to go."""
    plant = [{"name": "line", "site": "Osaka"}]
    recipe = [
        {"process": "line", "role": "input", "item": "ore", "amount": 1},
        {"process": "line", "role": "output", "item": "Dy", "amount": 1},
    ]
    sheets = {
        "Supply": [{**OFFER, "commodity": "ore"}],
        "Routes": [{**LANE, "commodity": "ore", "lead": 1, "on_water": 12}],
        "Processes": plant,
        "Recipes": recipe,
        "Demand": [NEED],
        "Relief": [LOST],
        "Scenarios": [{"name": "Fire", "probability": 0.02, "known": "2027-02"}],
        "Events": [{"scenario": "Fire", "target": "line", "effect": "capacity", "factor": 0}],
    }
    case, stuck = plan(book(**sheets))
    assert stuck["ship"]["lane", 0] == pytest.approx(0)
    case, free = plan(book(Settings=[{"yard_cost": 1}], **sheets))
    assert free["ship"]["lane", 0] == pytest.approx(1)
    fire = [m.index for m in case.tree.nodes if case.tree.branch_of(m.index).name == "Fire"]
    assert [free["yard_stock"]["Osaka", "ore", n] for n in fire] == pytest.approx([1, 1, 1])


def test_price_and_lead_are_those_of_sending_so_what_is_afloat_arrives() -> None:
    lane = {**LANE, "lead": 1, "price": 5, "on_water": 12}
    closure = [
        {"target": "lane", "effect": "lead", "add": 2, "start": "2027-02", "months": 1},
        {"target": "lane", "effect": "price", "factor": 3, "start": "2027-02"},
    ]
    case, answer = plan(
        book(
            Supply=[{**OFFER, "price": 0}],
            Routes=[lane],
            Demand=[NEED],
            Relief=[LOST],
            Events=closure,
        )
    )
    # January's ship (5 USD) lands in February, February's (15 USD) not before April
    assert turned(case.routes["lane"].arrivals) == {0: {1: 1}, 2: {3: 1}}
    assert answer["relieve"]["lost", 2] == pytest.approx(1)
    assert answer.objective == pytest.approx(5 + 15 + 100)


# -- processes --------------------------------------------------------------------------------

PLANT = {"name": "line", "site": "Osaka", "cost": 1, "lead": 2, "in_works": 24}
RECIPE = [
    {"process": "line", "role": "input", "item": "ore", "amount": 2},
    {"process": "line", "role": "output", "item": "Dy", "amount": 0.5},
    {"process": "line", "role": "uses", "item": "kiln", "amount": 1},
]


def test_a_process_uses_at_its_start_and_yields_after_its_lead() -> None:
    case, answer = plan(
        book(
            Supply=[{**OFFER, "site": "Osaka", "commodity": "ore"}],
            Processes=[PLANT],
            Recipes=RECIPE,
            Facilities=[{"name": "kiln", "site": "Osaka", "capacity": 24}],
            Demand=[NEED],
        )
    )
    # 2 t a month in the works become 1 t a month of Dy until what is started now comes out
    assert list(case.processes["line"].pipeline["Dy"]) == [1, 1, 0, 0]
    assert [answer["run"]["line", n] for n in range(4)] == pytest.approx([2, 2, 0, 0])
    assert [answer["buy"]["offer", n] for n in range(4)] == pytest.approx([4, 4, 0, 0])
    assert answer.objective == pytest.approx(4 * 1 + 8 * 1)


def test_the_yield_is_that_of_the_start() -> None:
    worse = [{"target": "line", "effect": "yield", "factor": 0.5, "start": "2027-02"}]
    case = make_case(book(Processes=[PLANT], Recipes=RECIPE[:2], Events=worse))
    line = case.processes["line"]
    assert list(line.outputs["Dy"]) == [0.5, 0.25, 0.25, 0.25]
    assert list(line.pipeline["Dy"]) == [1, 1, 0, 0]


def test_without_a_lead_nothing_is_in_the_works() -> None:
    case = make_case(book(Processes=[{**PLANT, "lead": 0}], Recipes=RECIPE[:2]))
    assert case.processes["line"].pipeline == {}


# -- what is put off -----------------------------------------------------------------------------

DEFER = {"name": "later", "demand": "need", "kind": "defer", "share": 1, "cost": 1, "returns": 2}


def test_what_is_put_off_returns_and_must_be_served_then() -> None:
    scarce = {"name": "offer", "site": "Osaka", "commodity": "Dy", "price": 1, "most": 24}
    stop = [{"target": "offer", "effect": "capacity", "factor": 0, "months": 1}]
    case, answer = plan(
        book("5 month", Supply=[scarce], Demand=[NEED], Relief=[DEFER], Events=stop)
    )
    assert turned(case.tiers["later"].returns) == {0: {2: 1}, 1: {3: 1}, 2: {4: 1}}
    assert [answer["relieve"].get(("later", n), 0) for n in range(5)] == pytest.approx(
        [1, 0, 0, 0, 0]
    )
    assert [answer["meet"]["need", n] for n in range(5)] == pytest.approx([0, 1, 2, 1, 1])
    assert answer.objective == pytest.approx(5 + 1)


def test_what_would_return_after_the_end_may_not_be_put_off() -> None:
    case = make_case(book("2 month, 1 quarter", Demand=[NEED], Relief=[DEFER]))
    assert list(case.tiers["later"].most) == [1, 1, 0]
    half = make_case(book("4 month", Demand=[NEED], Relief=[{**DEFER, "returns": 1.5}]))
    assert list(half.tiers["later"].most) == [1, 1, 0, 0]
    assert turned(half.tiers["later"].returns)[0] == {1: 0.5, 2: 0.5}


def test_the_run_out_counts_as_time_to_return_in() -> None:
    case = make_case(book("2 month", Settings=[{"run_out": 2}], Demand=[NEED], Relief=[DEFER]))
    assert list(case.tiers["later"].most) == [1, 1, 0, 0]


def test_without_a_return_it_never_comes_back() -> None:
    case = make_case(book(Demand=[NEED], Relief=[{**DEFER, "returns": None}]))
    assert case.tiers["later"].returns is None
    assert list(case.tiers["later"].most) == [1] * 4


def test_what_returns_on_a_branch_is_due_there() -> None:
    """Put off on the trunk before the halt is known, it is due on both branches."""
    stop = [
        {"target": "offer", "effect": "capacity", "factor": 0, "months": 1},
        {"scenario": "Halt", "target": "offer", "effect": "capacity", "factor": 0},
    ]
    _, answer = plan(
        book(
            "3 month",
            Supply=[{"name": "offer", "site": "Osaka", "commodity": "Dy", "price": 1}],
            Demand=[NEED],
            Relief=[DEFER, {**LOST, "share": 1}],
            Scenarios=[{"name": "Halt", "probability": 0.25, "known": "2027-02"}],
            Events=stop,
        )
    )
    assert answer["relieve"]["later", 0] == pytest.approx(1)
    # trunk: 1 t and 2 t are bought; Halt: 1 t and 2 t are lost
    assert answer.objective == pytest.approx(1 + 0.75 * 3 + 0.25 * 300)
