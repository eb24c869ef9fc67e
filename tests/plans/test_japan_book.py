"""The shipped book of Japan: sound, sourced and complete."""

from __future__ import annotations

import re

import openpyxl
import pytest

from japan_book import ELEMENTS, MARKETS, NEEDS, column
from kido.data.months import month_of
from kido.data.tables import Tables
from kido.study.checks.book import check

LEAST_ROWS = {
    "Commodities": 27,
    "Sites": 23,
    "Supply": 48,
    "Sales": 20,
    "Facilities": 20,
    "Processes": 23,
    "Recipes": 129,
    "Routes": 101,
    "Contracts": 7,
    "Stockpiles": 18,
    "Demand": 52,
    "Relief": 146,
    "Policies": 12,
    "Scenarios": 17,
    "Events": 135,
    "Profiles": 145,
    "Sweeps": 51,
    "Sources": 82,
}


def test_nothing_is_found_in_the_book(tables: Tables) -> None:
    """Neither faults nor warnings."""
    assert [*tables.warnings, *check(tables)] == []


def test_settings_are_those_asked_for(tables: Tables) -> None:
    s = tables.settings
    assert s.start == month_of(2026, 10)
    assert s.calendar == (1,) * 24 + (3,) * 9
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
        *("White Mesa", "Saskatoon", "Vietnam hub", "Lofdal", "Brazil heavy clay"),
        "Third-country traders",
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
        *("Caremag late", "Myanmar halt", "Seabed trial fails", "Heavy lines late"),
    ],
)
def test_scenario_is_there_and_something_happens_in_it(tables: Tables, name: str) -> None:
    assert name in set(tables["Scenarios"].rows["name"])
    assert name in set(tables["Events"].rows["scenario"])


def test_stops_are_nested_and_repeated_and_the_trunk_keeps_its_share(tables: Tables) -> None:
    rows = {row.name: row for row in tables["Scenarios"].records()}
    assert rows["Short stop"].parent == rows["Long stop"].parent == "Full stop"
    assert rows["Full stop again"].every == 12
    assert sum(r.probability for r in rows.values() if not r.parent) == pytest.approx(0.80)


def test_a_lapse_is_known_in_the_first_full_month_after_the_pause(tables: Tables) -> None:
    """The pause of the rules ends on 10 November 2026, the wider truce on 10 January 2027."""
    lapse = next(r for r in tables["Scenarios"].records() if r.name == "Truce lapses")
    assert lapse.known == month_of(2026, 12)
    assert "10 November 2026" in lapse.story
    assert "10 January 2027" in lapse.story


def test_what_ships_on_and_what_ships_off(tables: Tables, book: openpyxl.Workbook) -> None:
    on = set(tables["Policies"].rows["name"])
    everything = set(column(book, "Policies", "name"))
    assert {"Public money", "Cover Dy", "Cover NdPr"} <= on
    off = {f"Country share {e if e in NEEDS else 'other heavy'}" for e in ELEMENTS[:-1]}
    off |= {"Largest country Dy Tb", "Service priority 1"}
    assert off <= everything - on
    assert "G7 price floor" in column(book, "Events", "name")
    assert "G7 price floor" not in set(tables["Events"].rows["name"])
    for sheet, name in (("Supply", "ASEAN corridor Dy"), ("Routes", "ASEAN corridor to Japan Dy")):
        assert name in column(book, sheet, "name")
        assert name not in set(tables[sheet].rows["name"])
