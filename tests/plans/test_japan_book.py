"""The shipped book: sound, sourced, complete, and true to the facts it was made from."""

from __future__ import annotations

import re
from collections import Counter

import openpyxl
import pytest

from books import read
from kido.data.case.case import Case
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.solver.solution import Solution
from kido.study.checks.book import check
from places import JAPAN
from plan import plan

BOOK = JAPAN
ELEMENTS = ("NdPr", "Dy", "Tb", "Sm", "Gd", "Y", "Eu", "La", "Ce", "Other heavy")
MARKETS = ("Japan market", "Japan clean market")
# Needs of the base year by oxide, t; they add to the 18,835 t read for 2024.
NEEDS = dict(zip(ELEMENTS, (5700, 370, 60, 180, 220, 1250, 8, 4000, 6800, 247), strict=True))
FROM_CHINA_2024 = dict(
    zip(ELEMENTS, (2200, 355, 56, 172, 210, 1230, 7, 2600, 4080, 240), strict=True)
)
# Made for Japan by committed processes when China sends nothing, t: 2026 (twice the
# half-year) to 2030, and how far the plan may be from it.
WITHOUT_CHINA = {
    "Dy oxide": ((69, 114, 190, 267, 269), 0.02),
    "Tb oxide": ((15, 23, 36, 56, 56), 0.05),
}
LEAST_ROWS = {
    "Commodities": 27,
    "Sites": 20,
    "Supply": 40,
    "Sales": 18,
    "Facilities": 16,
    "Processes": 20,
    "Recipes": 110,
    "Routes": 78,
    "Contracts": 5,
    "Stockpiles": 17,
    "Demand": 52,
    "Relief": 149,
    "Policies": 16,
    "Scenarios": 15,
    "Events": 100,
    "Profiles": 10,
    "Sweeps": 12,
    "Sources": 40,
}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read(BOOK)


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(BOOK, read_only=True)


def lines(book: openpyxl.Workbook, sheet: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in book[sheet].iter_rows(values_only=True)]


def column(book: openpyxl.Workbook, sheet: str, key: str) -> list[object]:
    header, *rows = lines(book, sheet)
    place = header.index(catalogue()[sheet].columns[key].header())
    return [row[place] for row in rows]


def oxide(element: str) -> str:
    return f"{element} oxide"


def countries(tables: Tables) -> dict[str, str]:
    return {row.name: row.country for row in tables["Sites"].records()}


def test_the_book_has_no_fault(tables: Tables) -> None:
    faults = [f for f in (*tables.warnings, *check(tables)) if not f.warning]
    assert faults == []


def test_settings_are_those_asked_for(tables: Tables) -> None:
    s = tables.settings
    assert s.start == 2026 * 12 + 6
    assert s.calendar == (1,) * 24 + (3,) * 10
    assert s.run_out > 0
    assert (s.base_year, s.fiscal_start, s.display_currency) == (2025, 4, "JPY")


@pytest.mark.parametrize("sheet", LEAST_ROWS)
def test_sheet_is_as_full_as_the_facts_ask(tables: Tables, sheet: str) -> None:
    assert len(tables[sheet]) >= LEAST_ROWS[sheet]


@pytest.mark.parametrize("sheet", [s for s in LEAST_ROWS if s != "Sources"])
def test_every_row_is_sourced_and_graded(book: openpyxl.Workbook, sheet: str) -> None:
    """Rows that are switched off too, and every source named is in the list."""
    known = set(column(book, "Sources", "id"))
    for source, grade in zip(
        column(book, sheet, "source"), column(book, sheet, "grade"), strict=True
    ):
        assert source
        assert grade in ("measured", "published", "estimated", "guessed")
        assert set(re.findall(r"\[([^\]]+)\]", str(source))) <= known


def test_a_row_without_a_reference_is_never_called_published(tables: Tables) -> None:
    for sheet in LEAST_ROWS:
        if sheet == "Sources":
            continue
        for row in tables[sheet].records():
            if row.grade in ("measured", "published"):
                assert "[" in row.source, (sheet, row.Index)


@pytest.mark.parametrize(
    "place",
    [
        *("Mt Weld", "Kalgoorlie", "Eneabba", "Kuantan", "Caremag Lacq", "La Rochelle"),
        *("Minamitorishima", "Japan recyclers", "Japan separators", "China exporters"),
        *("Mountain Pass", "Saskatoon", "Vietnam hub", "Lofdal", "Brazil heavy clay"),
        *MARKETS,
    ],
)
def test_place_is_in_use(tables: Tables, place: str) -> None:
    used = {
        name
        for sheet, keys in (
            *(("Supply", ("site",)), ("Facilities", ("site",)), ("Demand", ("site",))),
            ("Routes", ("origin", "destination")),
        )
        for key in keys
        for name in tables[sheet].rows[key]
    }
    assert place in used


@pytest.mark.parametrize(
    "name",
    [
        *("Truce lapses", "Full stop", "Short stop", "Long stop", "Full stop again", "Thaw"),
        *("Taiwan contingency", "Bidding war", "Malaysia licence stop", "Sea lane closure"),
        *("Caremag late", "Myanmar halt", "Seabed trial fails"),
    ],
)
def test_scenario_is_there_and_something_happens_in_it(tables: Tables, name: str) -> None:
    assert name in set(tables["Scenarios"].rows["name"])
    assert name in set(tables["Events"].rows["scenario"])


def test_stops_are_nested_and_repeated_and_the_trunk_keeps_its_share(tables: Tables) -> None:
    rows = {row.name: row for row in tables["Scenarios"].records()}
    assert rows["Short stop"].parent == rows["Long stop"].parent == "Full stop"
    assert rows["Full stop again"].every == 12
    assert sum(r.probability for r in rows.values() if not r.parent) <= 0.85


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


def test_what_ships_on_and_what_ships_off(tables: Tables, book: openpyxl.Workbook) -> None:
    on = set(tables["Policies"].rows["name"])
    everything = set(column(book, "Policies", "name"))
    assert {"Public money", "Cover Dy", "Cover NdPr"} <= on
    off = {f"Country share {e if e in NEEDS else 'other heavy'}" for e in ELEMENTS[:-1]}
    off |= {"Largest country Dy Tb", "Service priority 1"}
    assert off <= everything - on
    assert "G7 price floor" in column(book, "Events", "name")
    assert "G7 price floor" not in set(tables["Events"].rows["name"])


def test_base_year_needs_are_the_demand_of_2024(tables: Tables) -> None:
    rows = tables["Demand"].rows
    need = rows.groupby("commodity")["need"].sum()
    assert {e: need[oxide(e)] for e in ELEMENTS} == pytest.approx(NEEDS)
    assert sum(need[oxide(e)] for e in ELEMENTS) == pytest.approx(18835)


def test_china_offers_what_it_sold_in_2024(tables: Tables) -> None:
    """59 % of all, 96 % of Dy: on the lanes, before any licence."""
    home = countries(tables)
    lanes = [r for r in tables["Routes"].records() if home[r.origin] == "China"]
    most = {r.commodity: r.most for r in lanes}
    assert {e: most[oxide(e)] for e in ELEMENTS} == pytest.approx(FROM_CHINA_2024)
    china = sum(FROM_CHINA_2024.values())
    assert china / 18835 == pytest.approx(0.59, abs=0.005)
    assert FROM_CHINA_2024["Dy"] / NEEDS["Dy"] == pytest.approx(0.96, abs=0.005)


def test_the_reconciliation_sheet_says_the_same(book: openpyxl.Workbook) -> None:
    rows = {row[0]: row for row in lines(book, "Reconciliation") if row and row[0]}
    header = next(iter(rows.values()))
    total, share = header.index("2024 in all [t]"), header.index("China share")
    need, gap = header.index("Base-year need in this book [t]"), header.index("Difference [t]")
    for element, tonnes in NEEDS.items():
        row = rows[oxide(element)]
        assert (row[total], row[need], row[gap]) == (tonnes, tonnes, 0)
        assert row[1] == FROM_CHINA_2024[element]
    assert rows["All"][total] == 18835
    assert rows["All"][share] == pytest.approx(0.59, abs=0.005)
    assert rows["Dy oxide"][share] == pytest.approx(0.96, abs=0.005)
    for item, (tonnes, _) in WITHOUT_CHINA.items():
        assert rows[f"{item}, made for Japan [t a year]"][1:6] == tonnes


def without_china(tables: Tables) -> Tables:
    """The same book with every lane that begins in China shut, and nothing afloat."""
    home, rows = countries(tables), tables["Routes"].rows.copy()
    gone = rows["origin"].map(home) == "China"
    assert gone.any()
    rows.loc[gone, ["most", "least", "on_water"]] = 0.0
    return tables.with_rows("Routes", rows)


@pytest.fixture(scope="module")
def alone(tables: Tables) -> tuple[Case, Solution]:
    return plan(without_china(tables), "Trunk")


@pytest.mark.parametrize("item", WITHOUT_CHINA)
def test_without_china_committed_plants_make_what_the_facts_say(
    tables: Tables, alone: tuple[Case, Solution], item: str
) -> None:
    """Counted where it is made, before shipping; 2026 is twice its half-year."""
    case, solution = alone
    committed = {r.name for r in tables["Processes"].records() if "committed" in r.tags}
    made: Counter[int] = Counter()
    for (name, n), run in solution["run"].items():
        output = case.processes[name].made.get(item)
        if name in committed and output is not None:
            made[case.tree.nodes[n].start // 12] += run * float(output[n])
    found = [2 * made[2026], *(made[year] for year in range(2027, 2031))]
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
