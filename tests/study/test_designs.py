"""The rows of Sweeps as designs: parameters, units, what is followed, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from books import make_book, read
from example_book import Sheets, good
from kido.data import check as of_data
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.study.checks.book import check
from kido.study.design.design import Design, watched_rows
from kido.study.design.parameter import Parameter
from kido.study.design.sweep_rows import TooManyValues, is_range, parse_values
from kido.study.designs import designs, size
from kido.study.registry import METHODS
from sheets import tables_of

Row = Mapping[str, object]
NEED: Row = {"sheet": "Demand", "row": ["EV"], "column": "need", "values": "0.9; 1.1"}
LANE: Row = {"sheet": "Routes", "row": ["Perth"], "column": "max", "values": "0.5; 1; 2"}


def tables(*sweeps: Row) -> Tables:
    sheets, options = good()
    return tables_of(options, **{**sheets, "Sweeps": sweeps})


def only(*sweeps: Row) -> Design:
    found = designs(tables(*({"name": "X", **row} for row in sweeps)))
    assert len(found) == 1
    return found[0]


def parameter(**row: object) -> Parameter:
    return only({**NEED, **row}).parameters[0]


def test_rows_of_one_name_are_one_design() -> None:
    found = designs(tables(
        {"name": "A", "method": "tornado", **NEED}, {"name": "B", **LANE},
        {"name": "A", "method": "tornado", **LANE, "operation": "plus"},
    ))  # fmt: skip
    assert [(x.name, x.method, x.line, len(x.parameters), size(x)) for x in found] == [
        ("A", "tornado", 2, 2, 5), ("B", "curve", 3, 1, 3),
    ]  # fmt: skip
    first, second = found[0].parameters
    assert first == Parameter(
        "Demand", ("EV",), (2,), "need", "times", (0.9, 1.1), False, 2, unit="factor"
    )
    assert (second.rows, second.column, second.line, second.unit) == ((2,), "most", 4, "t/yr")


def test_what_is_left_blank() -> None:
    x = only(NEED)
    assert (x.watch, x.alone, x.samples, x.error) == ((), False, 64, 0.0001)
    x = only(
        {**NEED, "samples": 8, "alone": "yes", "watch": ["Pit"]},
        {**LANE, "error": 1, "watch": ["Sea lane", "Pit"]},
    )
    assert (x.watch, x.alone, x.samples, x.error) == (("Pit", "Sea lane"), True, 8, 0.01)


@pytest.mark.parametrize(
    ("method", "count"), [("latin", 16), ("morris", 48), ("sobol", 64), ("grid", 6), ("tornado", 5)]
)
def test_sizes(method: str, count: int) -> None:
    design = only(*({"method": method, "samples": 16, **row} for row in (NEED, LANE)))
    assert size(design) == count


@pytest.mark.parametrize(
    ("row", "unit"),
    [
        ({"sheet": "Policies", "row": ["Spread"], "column": "limit", "operation": "plus"}, "share"),
        ({"sheet": "Policies", "row": ["Cover"], "column": "limit", "operation": "set"}, "months"),
        ({"sheet": "Policies", "row": ["Cover", "Spread"], "column": "limit",
          "operation": "set"}, ""),
        ({"sheet": "Policies", "row": ["Cover"], "column": "limit"}, "factor"),
        ({"sheet": "Stockpiles", "row": ["Store"], "column": "ending amount",
          "operation": "plus"}, "t"),
        ({"sheet": "Routes", "row": ["Sea lane"], "column": "start", "operation": "plus"},
         "months"),
        ({"sheet": "Contracts", "row": ["Offtake"], "column": "index", "operation": "plus"},
         "USD/kg"),
        ({"sheet": "Settings", "row": ["discount rate"], "column": None, "operation": "set"},
         "a year"),
    ],
)  # fmt: skip
def test_units(row: Row, unit: str) -> None:
    assert parameter(**row).unit == unit


@pytest.mark.parametrize(
    ("sheet", "words", "commodity", "column", "rows"),
    [
        ("Recipes", ["Refine"], [], "amount", (2, 3, 4, 5)),
        ("Recipes", ["Refine"], ["Nd", "La"], "amount", (3, 4)),
        ("Relief", ["Thrift", "Late"], ["Nd"], "cost", (2, 3)),
        ("Relief", ["EV", "Thrift"], ["La"], "cost", ()),
        ("Facilities", ["Australia"], [], "capacity", (2, 3)),
        ("Facilities", ["Australia"], ["Nd"], "capacity", ()),
        ("Profiles", ["Nd price"], [], "value", (2, 3)),
        ("Scenarios", ["Stop", "Long stop"], [], "probability", (2, 3)),
        ("Commodities", ["La", "Nd"], ["La"], "disposal cost", (4,)),
        ("需要", ["EV"], ["Nd"], "必要量", (2,)),
        ("Policies", ["Cover"], ["Nd"], "limit", ()),
    ],
)
def test_which_rows(
    sheet: str, words: list[str], commodity: list[str], column: str, rows: tuple[int, ...]
) -> None:
    found = parameter(sheet=sheet, row=words, commodity=commodity, column=column)
    assert found.rows == rows


def test_a_room_and_scenarios_have_no_parameters() -> None:
    room = only({"method": "room", "sheet": "経路", "row": ["Japan"], "values": "0.5; 2"})
    assert (room.parameters, room.sheet, room.words) == ((), "Routes", ("Japan",))
    assert room.values == pytest.approx((0.005, 0.02)) and size(room) == 0
    everything = only({"method": "scenarios"})
    assert (everything.sheet, everything.words, everything.values) == ("", (), ())


def test_labels_of_one_experiment_differ() -> None:
    site: Row = {"method": "tornado", "row": ["Perth"], "column": "max", "values": "1; 2"}
    x = only({**site, "sheet": "Supply"}, {**site, "sheet": "Sales"}, {**site, **LANE})
    assert [at.label() for at in x.parameters] == [
        "Supply, Perth: max", "Sales, Perth: max", "Routes, Perth: max",
    ]  # fmt: skip


def test_copies_of_a_profile_are_of_what_it_became() -> None:
    """Whichever row stands first."""
    index: Row = {"sheet": "Contracts", "row": ["Offtake"], "column": "index", "values": "2; 3"}
    path: Row = {"sheet": "Profiles", "row": ["Nd price"], "column": "value", "values": "5; 7"}
    for rows in ((index, path), (path, index)):
        x = only(*({"method": "grid", **row} for row in rows))
        book = tables()
        for moved, value in zip(x.parameters, [5.0, 2.0], strict=True):
            book = moved.with_value(book, value)
        assert book["Profiles"].rows["value"].tolist() == [350, 375, 700, 750]


def test_what_is_followed() -> None:
    book = tables()
    assert watched_rows(only(NEED), book) == (), "a need is no volume of its own"
    assert watched_rows(only(LANE), book) == ("Routes|Sea lane",)
    recipe: Row = {"sheet": "Recipes", "row": ["Refine"], "column": "amount", "values": "1; 2"}
    assert watched_rows(only(recipe), book) == ("Processes|Refine",)
    assert watched_rows(only({**NEED, "watch": ["Store", "Perth", "Kiln"]}), book) == (
        "Stockpiles|Store", "Supply|Pit", "Sales|La bin", "Facilities|Kiln", "Facilities|Port",
        "Processes|Refine", "Routes|Sea lane",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "ranged"),
    [("1; 2", False), ("1..2 step 1", True), ("0; 1..2 step 1", True), ("", False)],
)
def test_ranges_are_told_from_lists(text: str, ranged: bool) -> None:
    assert is_range(text) == ranged


def test_steps_are_the_numbers_a_planner_means() -> None:
    assert parse_values("0.7..1.3 step 0.1") == [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3]
    assert len(parse_values("1..10000 step 1")) == 10_000
    with pytest.raises(TooManyValues, match="10,001 values"):
        parse_values("0..10000 step 1")
    with pytest.raises(TooManyValues, match="10,001 values"):
        parse_values("1..10000 step 1; 5")


def faults(tmp_path: Path, *sweeps: Row) -> list[str]:
    sheets: Sheets
    sheets, options = good()
    sheets["Sweeps"] = [dict(row) for row in sweeps]
    return [f.code for f in check(read(make_book(tmp_path / "book.xlsx", options, **sheets)))]


def test_what_is_sound_is_not_found(tmp_path: Path) -> None:
    """Every method, and parameters of every kind."""
    late = {**LANE, "column": "start", "operation": "plus", "values": "-1; 2"}
    build = {"sheet": "Facilities", "row": ["Kiln"], "column": "build months",
             "operation": "set", "values": "0; 3"}  # fmt: skip
    pairs = [(m, (NEED, late, build)) for m in ("tornado", "latin", "sobol", "morris")]
    pairs += [("grid", (NEED, LANE))]
    sweeps: list[Row] = [
        {"name": method, "method": method, **row} for method, rows in pairs for row in rows
    ]
    sweeps += [
        {"name": "alone", "method": "scenarios"},
        {"name": "calm", "method": "scenarios", "sheet": "Scenarios", "row": ["Trunk", "Stop"]},
        {"name": "room", "method": "room", "values": "1"},
        {"name": "yard", "sheet": "Settings", "row": ["yard cost"], "operation": "set",
         "values": "0..2 step 0.5", "watch": ["Perth"], "alone": "yes", "error": 0},
        {"name": "index", "sheet": "Contracts", "row": ["Offtake"], "column": "index",
         "values": "0.9; 1.1"},
        {"name": "both", **NEED, "commodity": ["Nd"]}, {"name": "both", **LANE, "values": "1; 2"},
    ]  # fmt: skip
    assert faults(tmp_path, *sweeps) == []


def test_a_fault_hides_what_hangs_on_it_and_nothing_else(tmp_path: Path) -> None:
    wrong: Row = {"name": "A", **NEED, "column": "nead", "values": "1; x"}
    lonely: Row = {"name": "B", "method": "grid", **NEED}
    assert faults(tmp_path, wrong, {"name": "A", **LANE}, lonely) == [
        "sweep-column", "sweep-values", "sweep-levers",
    ]  # fmt: skip


def test_at_a_point_the_levers_of_other_sweeps_are_not_judged() -> None:
    """Twice the probability of one sweep, where another tries five times what the book says."""
    book = tables({"name": "A", "sheet": "Scenarios", "row": ["Stop"], "column": "probability",
                   "values": "1; 9"})  # fmt: skip
    moved = designs(book)[0].parameters[0].with_value(book, 5.0)
    assert [f.code for f in check(moved) if not f.warning] == ["sweep-range"]
    assert [f.code for f in of_data.check(moved) if not f.warning] == []


@pytest.mark.parametrize("method", ["curve", "grid", "latin"])
def test_levers_moved_together_may_not_meet_in_a_cell(method: str) -> None:
    """A tag and a name that reach the same row: the later would undo the earlier."""
    book = tables(
        {"name": "A", "method": method, **LANE, "row": ["Perth"], "values": "1; 2"},
        {"name": "A", "method": method, **LANE, "row": ["Sea lane"], "column": "most",
         "values": "3; 4"},
    )  # fmt: skip
    assert [f.code for f in check(book) if not f.warning] == ["sweep-twice"]


def test_one_at_a_time_they_may() -> None:
    book = tables(
        {"name": "A", "method": "tornado", **LANE, "row": ["Perth"]},
        {"name": "A", "method": "tornado", **LANE, "row": ["Sea lane"]},
    )
    assert not [f for f in check(book) if not f.warning]


def test_rows_that_move_together_are_told_apart_by_the_first() -> None:
    book = tables(
        {"name": "A", **NEED, "values": "0.9; 0.9; 1.1"}, {"name": "A", **LANE}
    )  # fmt: skip
    assert [f.code for f in check(book) if not f.warning] == ["sweep-lengths"]


def test_the_sheet_offers_the_methods_there_are() -> None:
    assert set(catalogue()["Sweeps"].columns["method"].words) == set(METHODS)
