"""A parameter edits the tables: what it moves, what it lets be, and what it is called."""

from __future__ import annotations

import math
import pickle
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from example_book import good
from kido.data.case.profiles import read_profiles
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.study.design.parameter import Parameter
from sheets import tables_of


def good_tables() -> Tables:
    sheets, options = good()
    sheets["Contracts"].append(
        {**sheets["Contracts"][0], "name": "Later", "index": "Nd price", "least_reserved": 0}
    )
    sheets["Events"].append(
        {"name": "Path", "target": ["Pit"], "effect": "price", "profile": "Nd price"}
    )
    return tables_of(options, **sheets)


GOOD = good_tables()


def parameter(sheet: str, column: str, operation: str, *rows: int, **more: Any) -> Parameter:
    about: dict[str, Any] = {"words": ("word",), "values": (), "ranged": False, "line": 9, **more}
    return Parameter(sheet=sheet, rows=rows, column=column, operation=operation, **about)


def cells(tables: Tables, sheet: str, column: str) -> list[Any]:
    return tables[sheet].rows[column].tolist()


def untouched(before: Tables, after: Tables, *touched: str) -> bool:
    return all(after[s] is before[s] for s in before.frames if s not in touched)


def same(one: Tables, other: Tables) -> bool:
    for sheet, frame in one.frames.items():
        assert_frame_equal(frame.rows, other[sheet].rows)
    return one.settings == other.settings


@pytest.mark.parametrize(
    ("operation", "value", "capacities"),
    [("set", 7.0, [7, 900]), ("times", 0.5, [500, 900]), ("plus", -1.0, [999, 900])],
)
def test_numbers(operation: str, value: float, capacities: list[float]) -> None:
    edited = parameter("Facilities", "capacity", operation, 2).with_value(GOOD, value)
    assert cells(edited, "Facilities", "capacity") == capacities
    assert cells(GOOD, "Facilities", "capacity") == [1000, 900]
    assert untouched(GOOD, edited, "Facilities") and edited.settings is GOOD.settings


def test_a_blank_cell_stays_blank_but_under_set() -> None:
    for operation, value in (("times", 2.0), ("plus", 5.0)):
        moved = parameter("Facilities", "expansion_cost", operation, 2, 3).with_value(GOOD, value)
        first, second = cells(moved, "Facilities", "expansion_cost")
        assert first == (20 if operation == "times" else 15) and math.isnan(second)
    filled = parameter("Facilities", "expansion_cost", "set", 2, 3).with_value(GOOD, 4.0)
    assert cells(filled, "Facilities", "expansion_cost") == [4, 4]


def test_months_move_by_whole_months() -> None:
    start = cells(GOOD, "Routes", "start")[0]
    late = cells(parameter("Routes", "start", "plus", 2).with_value(GOOD, 6.0), "Routes", "start")
    assert late == [start + 6] and isinstance(late[0], int)
    assert parameter("Supply", "start", "plus", 2).with_value(GOOD, 6.0) is GOOD, "blank"


def test_options_keep_their_type() -> None:
    longer = parameter("Settings", "run_out", "plus").with_value(GOOD, 2.0)
    assert longer.settings.run_out == 5 and isinstance(longer.settings.run_out, int)
    weighed = parameter("Settings", "risk_weight", "set").with_value(GOOD, 0.3)
    assert weighed.settings.risk_weight == 0.3 and untouched(GOOD, weighed)
    dearer = parameter("Settings", "yard_cost", "times").with_value(GOOD, 2.0)
    assert dearer.settings.yard_cost is None
    assert parameter("Settings", "yard_cost", "set").with_value(GOOD, 2.0).settings.yard_cost == 2


def test_a_profile_moves_for_these_rows_only() -> None:
    edited = parameter("Contracts", "index", "times", 2).with_value(GOOD, 1.1)
    first, second = cells(edited, "Contracts", "index")
    assert second == "Nd price" != first
    profiles = read_profiles(edited)
    assert profiles[first].values == pytest.approx([77, 82.5])
    assert profiles[first].months.tolist() == profiles["Nd price"].months.tolist()
    assert profiles["Nd price"].values.tolist() == [70, 75]
    assert edited["Profiles"].rows.index.is_unique
    assert untouched(GOOD, edited, "Contracts", "Profiles")


def test_rows_that_share_a_profile_share_its_copy() -> None:
    edited = parameter("Contracts", "index", "plus", 2, 3).with_value(GOOD, 10.0)
    assert len(set(cells(edited, "Contracts", "index"))) == 1
    assert len(edited["Profiles"]) == 2 * len(GOOD["Profiles"])
    again = parameter("Contracts", "index", "plus", 2, line=10).with_value(edited, 10.0)
    first, _ = cells(again, "Contracts", "index")
    assert read_profiles(again)[first].values.tolist() == [90, 95]


def test_set_replaces_a_profile() -> None:
    edited = parameter("Contracts", "index", "set", 2).with_value(GOOD, 60.0)
    assert cells(edited, "Contracts", "index") == [60, "Nd price"]
    assert edited["Profiles"] is GOOD["Profiles"]
    flat = parameter("Events", "profile", "set", 2, 4).with_value(GOOD, 60.0)
    name = cells(flat, "Events", "profile")[2]
    assert cells(flat, "Events", "profile")[0] == "", "this event has no profile"
    assert read_profiles(flat)[name].values.tolist() == [60, 60]


def test_here_is_where_the_book_stands() -> None:
    assert parameter("Demand", "need", "times", 2).book_value(GOOD) == 1
    assert parameter("Demand", "need", "plus", 2).book_value(GOOD) == 0
    assert parameter("Demand", "need", "set", 2).book_value(GOOD) == 200
    assert parameter("Facilities", "capacity", "set", 2, 3).book_value(GOOD) is None, "two numbers"
    assert parameter("Facilities", "expansion_cost", "set", 3).book_value(GOOD) is None, "blank"
    assert parameter("Contracts", "index", "set", 2).book_value(GOOD) is None, "a profile"
    assert parameter("Settings", "run_out", "set").book_value(GOOD) == 3
    assert parameter("Settings", "yard_cost", "set").book_value(GOOD) is None


def test_labels() -> None:
    need = parameter("Demand", "need", "times", 2, words=("needs of Dy", "needs of Tb"))
    assert need.label() == "needs of Dy, needs of Tb: need"
    assert need.label("ja") == "needs of Dy、needs of Tb: 必要量"
    price = parameter("Routes", "price", "times", 2, words=("west",), commodities=("Dy", "Tb"))
    assert price.label() == "west (Dy, Tb): purchase price"
    assert parameter("Settings", "fx", "set").label("ja") == "為替"
    assert parameter("Demand", "need", "set", qualified=True).label("ja") == "需要, word: 必要量"


NUMBERS = [
    (sheet.name, column.key)
    for sheet in catalogue().values()
    for column in sheet.columns.values()
    if sheet.name in GOOD.frames and column.kind in ("number", "share", "rate", "integer")
]


@given(st.sampled_from(NUMBERS), st.sampled_from([("times", 1.0), ("plus", 0.0)]))
@settings(deadline=None)
def test_a_lever_that_does_nothing_leaves_the_book_alone(
    where: tuple[str, str], how: tuple[str, float]
) -> None:
    sheet, column = where
    rows = () if sheet == "Settings" else tuple(GOOD[sheet].rows.index)
    assert parameter(sheet, column, how[0], *rows).with_value(GOOD, how[1]) is GOOD


@given(st.sampled_from(NUMBERS), st.floats(0.01, 100), st.sampled_from(["set", "times", "plus"]))
@settings(deadline=None)
def test_only_the_cells_of_the_lever_change(
    where: tuple[str, str], value: float, operation: str
) -> None:
    sheet, column = where
    rows = () if sheet == "Settings" else tuple(int(row) for row in GOOD[sheet].rows.index[:1])
    moved = parameter(sheet, column, operation, *rows)
    edited = moved.with_value(GOOD, value)
    assert untouched(GOOD, edited, sheet)
    if sheet != "Settings":
        rest = pd.Index([c for c in GOOD[sheet].rows.columns if c != column])
        assert_frame_equal(edited[sheet].rows[rest], GOOD[sheet].rows[rest])
        assert edited[sheet].rows.dtypes.equals(GOOD[sheet].rows.dtypes)
        assert_frame_equal(
            edited[sheet].rows[[column]].iloc[1:], GOOD[sheet].rows[[column]].iloc[1:]
        )
    for before, after in zip(moved.cells(GOOD), moved.cells(edited), strict=True):
        if before is None or before != before:
            assert operation == "set" or (after is None or after != after)
        else:
            expected = moved.transform(before, value)
            assert after == (round(expected) if moved.whole else expected)


def test_setting_what_stands_there_changes_nothing() -> None:
    here = parameter("Facilities", "capacity", "set", 2)
    assert here.with_value(GOOD, 1000.0) is GOOD


def test_tables_survive_a_journey_to_another_process() -> None:
    """Their rows were walked before, which leaves records behind."""
    tables = good_tables()
    walked = {sheet: list(frame.records()) for sheet, frame in tables.frames.items()}
    arrived = pickle.loads(pickle.dumps(tables))
    assert same(tables, arrived)
    for sheet, records in walked.items():
        assert [repr(r) for r in arrived[sheet].records()] == [repr(r) for r in records]
