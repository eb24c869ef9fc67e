"""The shipped book says what the facts say: contracts, ramps, roads, and supply without China."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from japan_book import ELEMENTS, FROM_CHINA_2024, NEEDS, WITHOUT_CHINA, countries, oxide
from kido.data.case.case import Case
from kido.data.months import month_of
from kido.data.tables import Tables
from kido.solver.solution import Solution
from plan import plan


def test_the_2026_agreement_is_as_signed(tables: Tables) -> None:
    firm = next(r for r in tables["Contracts"].records() if r.name == "JARE NdPr firm")
    assert (firm.least_reserved, firm.most_reserved, firm.take_or_pay) == (5000, 5000, 1)
    assert (firm.floor, firm.rebate_above, firm.rebate_share, firm.rebate_cap) == (
        *(110, 150, 0.3),
        10000,
    )
    halves = [r for r in tables["Policies"].records() if r.name.startswith("JARE firm half")]
    assert len(halves) == 5
    assert all(r.limit == pytest.approx(0.5 / 0.75, abs=1e-5) for r in halves)


def test_half_of_caremag_is_firm_where_the_feed_has_a_name(tables: Tables) -> None:
    """By hand: 2,000 t magnets x 0.00826 = 16.5 t Dy for Japan, and four fifths of half of the
    Brazilian feed, 0.8 x 1,485 t x 0.0418 = 49.7 t; with what may be reserved, 125 t."""
    rows = {r.name: r for r in tables["Contracts"].records()}
    first, second = rows["Caremag Dy offtake"], rows["Caremag Dy firm with Brazilian feed"]
    assert (first.least_reserved, second.least_reserved) == (16, 50)
    assert first.most_reserved + second.most_reserved == 125
    assert first.take_or_pay == second.take_or_pay == 1
    assert "Caremag magnet scrap" in first.depends_on  # its ramp is owed as it runs


def profile(tables: Tables, name: str) -> dict[int, float]:
    return {r.period: r.value for r in tables["Profiles"].records() if r.name == name}


def test_next_to_nothing_comes_direct_before_2028(tables: Tables) -> None:
    """At most a fiftieth of what came direct in 2024 until the middle of 2027."""
    most = {r.name: r.most for r in tables["Routes"].records()}
    for element in ("Dy", "Tb", "Y"):
        path = profile(tables, f"China direct {element}")
        assert path[month_of(2026, 10)] <= most[f"China to Japan {element}"] / 50
        assert list(path.values()) == sorted(path.values())


def test_spot_is_thin_and_dear_beside_the_contracts(tables: Tables) -> None:
    lanes = {r.name: r for r in tables["Routes"].records()}
    for element in ("Dy", "Tb", "Y"):
        contract = lanes[f"Kuantan to Japan sea {element}"]
        thin = lanes[f"Ex-China spot to Japan {element}"]
        dear = lanes[f"Ex-China spot dear to Japan {element}"]
        assert contract.price < thin.price < dear.price
        assert thin.most + dear.most < 0.3 * NEEDS[element]


def test_lynas_is_planned_on_what_it_has_shown(tables: Tables) -> None:
    """62 t Dy and Tb in the year to June 2026: 72 % of what 1,500 t of feed would give."""
    ramp = profile(tables, "Heavy line 1 ramp")
    assert ramp[month_of(2026, 10)] / 1500 == pytest.approx(0.72, abs=0.03)
    # 1,857 t NdPr in the quarter to June 2026, from 23.2 % of the ore at 93.1 %
    assert profile(tables, "Mt Weld ramp")[month_of(2026, 10)] == pytest.approx(
        4 * 1857 / (0.232 * 0.931), rel=0.005
    )


@pytest.mark.parametrize("name", ["Malaysian clay mine", "Lofdal mine"])
def test_a_mine_that_is_ordered_opens_late_and_not_in_full(tables: Tables, name: str) -> None:
    """Ordered in the first month it opens in April 2030, at a quarter of what was ordered."""
    mine = next(r for r in tables["Facilities"].records() if r.name == name)
    steps = {r.start: r.factor for r in tables["Events"].records() if r.target == (name,)}
    opening = tables.settings.start + mine.build_months
    assert opening == month_of(2030, 4)
    assert steps == {opening: 0.25, opening + 6: 0.6}


def test_clay_is_a_quarter_of_what_it_was(tables: Tables) -> None:
    mine = next(r for r in tables["Facilities"].records() if r.name == "Malaysian clay mine")
    assert mine.most_expansion == 4000 / 4


def test_magnets_wait_in_a_store_with_a_limit(tables: Tables) -> None:
    stores = [r for r in tables["Stockpiles"].records() if r.commodity == "NdFeB magnet"]
    assert [r.site for r in stores] == ["Japan market"]
    assert stores[0].capacity <= 2 * 2450 / 12


def test_a_definition_is_no_guess(tables: Tables) -> None:
    """That a tonne of activity takes, makes or uses a tonne of what it is counted in."""
    for row in tables["Recipes"].records():
        if row.amount == 1:
            assert row.grade != "guessed", row


def test_base_year_needs_are_the_demand_of_2024(tables: Tables) -> None:
    rows = tables["Demand"].rows
    need = rows.groupby("commodity")["need"].sum()
    assert {e: need[oxide(e)] for e in ELEMENTS} == pytest.approx(NEEDS)
    assert sum(need[oxide(e)] for e in ELEMENTS) == pytest.approx(18835)


def test_the_roads_from_china_hold_what_came_in_2024(tables: Tables) -> None:
    """59 % of all, 95 % of Dy. Direct lanes hold the flow, but for Dy and Tb, of which 168 t in
    all came direct by customs; alloy bears the rest, and 170 t of Dy at most."""
    home = countries(tables)
    direct, alloy = Counter(), Counter()
    for row in tables["Routes"].records():
        if home[row.origin] == "China":
            (alloy if "alloy" in row.tags else direct)[row.commodity] += row.most
    for element in ELEMENTS:
        if element not in ("Dy", "Tb"):
            assert direct[oxide(element)] == pytest.approx(FROM_CHINA_2024[element])
    assert direct["Dy oxide"] + direct["Tb oxide"] == pytest.approx(168, rel=0.02)
    assert alloy == {"Dy oxide": 170, "Tb oxide": 15}
    assert direct["Dy oxide"] + alloy["Dy oxide"] >= FROM_CHINA_2024["Dy"]
    assert direct["Tb oxide"] + alloy["Tb oxide"] >= FROM_CHINA_2024["Tb"]
    china = sum(FROM_CHINA_2024.values())
    assert china / 18835 == pytest.approx(0.59, abs=0.005)
    assert FROM_CHINA_2024["Dy"] / NEEDS["Dy"] == pytest.approx(0.95, abs=0.005)


def without_china(tables: Tables) -> Tables:
    """The same book with China shut from the first month, and nothing afloat from there."""
    home, rows = countries(tables), tables["Routes"].rows.copy()
    gone = rows["origin"].map(home) == "China"
    assert gone.any()
    rows.loc[gone, ["least", "on_water"]] = 0.0
    events = tables["Events"].rows
    stop = events.iloc[0].to_dict() | {
        **{"name": "No China", "scenario": "", "target": ("China",), "commodity": ()},
        **{"effect": "capacity", "factor": 0.0, "profile": "", "recovery": 0.0},
        **{"add": float("nan"), "months": float("nan"), "start": tables.settings.start},
    }
    last = max(events.index) + 1
    events = pd.concat([events, pd.DataFrame([stop], index=[last]).astype(events.dtypes)])
    return tables.with_rows("Routes", rows).with_rows("Events", events)


@pytest.fixture(scope="module")
def alone(tables: Tables) -> tuple[Case, Solution]:
    return plan(without_china(tables), "Trunk")


@pytest.mark.parametrize("item", WITHOUT_CHINA)
def test_without_china_committed_plants_make_what_the_facts_say(
    tables: Tables, alone: tuple[Case, Solution], item: str
) -> None:
    """Counted where it is made, before shipping; 2026 is four times its quarter."""
    case, solution = alone
    committed = {r.name for r in tables["Processes"].records() if "committed" in r.tags}
    made: Counter[int] = Counter()
    for (name, n), run in solution["run"].items():
        output = case.processes[name].outputs.get(item)
        if name in committed and output is not None:
            made[case.tree.nodes[n].start // 12] += run * float(output[n])
    found = [4 * made[2026], *(made[year] for year in range(2027, 2031))]
    expected, tolerance = WITHOUT_CHINA[item]
    assert found == pytest.approx(expected, rel=tolerance)


def test_without_china_nothing_comes_from_there(
    tables: Tables, alone: tuple[Case, Solution]
) -> None:
    home = countries(tables)
    case, solution = alone
    assert not any(
        home[case.routes[name].origin] == "China" and sent > 1e-6
        for (name, _), sent in solution["ship"].items()
    )
