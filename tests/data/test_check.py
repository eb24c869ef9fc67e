"""Every finding of the checks, planted in the good book; and what must not be found."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

import kido
from books import make_book, read
from example_book import Edit, edited_book, good, good_book, marked_book
from faulty_cells import cell
from faulty_rows import PLANTED_ROWS, WARNINGS, both, drop, more, put
from kido.data.selectors import NameIndex
from kido.errors import WorkbookError
from kido.study.checks.book import check, check_file, checked_book
from kido.study.design.sweep_rows import parse_values
from tiny_book import COST, small_book


def codes(path: Path, warnings: bool = True) -> list[str]:
    return [f.code for f in check(read(path)) if warnings or not f.warning]


def test_the_good_book_is_good(tmp_path: Path) -> None:
    tables, findings = check_file(good_book(tmp_path / "good.xlsx"))
    assert findings == []
    assert tables is not None and len(tables["Recipes"]) == 4


@pytest.mark.parametrize(
    ("code", "cell", "word", "edit"), PLANTED_ROWS, ids=[f"{c}-{at}" for c, at, *_ in PLANTED_ROWS]
)
def test_planted(tmp_path: Path, code: str, cell: str, word: str, edit: Edit) -> None:
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    hits = [f for f in found if f.code == code and str(f.place) == cell]
    assert len(hits) == 1, [(f.code, str(f.place)) for f in found]
    hit = hits[0]
    assert word in " ".join((hit.sentence, hit.found, hit.expected, hit.advice))
    assert hit.advice and hit.warning == (code in WARNINGS)


def test_everything_at_once(tmp_path: Path) -> None:
    """A fault in a cell does not hide those of other rows, and nothing is told twice."""
    edit = both(
        put("Supply", 0, price="dear", site="Prth"),
        put("Routes", 0, end="2026-06"),
        put("Scenarios", 1, known="2026-09"),
        put("Events", 0, target=["Sea lanes"]),
    )
    path = edited_book(tmp_path / "book.xlsx", edit)
    tables, findings = check_file(path)
    assert tables is None
    told = [(f.code, str(f.place)) for f in findings if not f.warning]
    assert ("not-a-number", "Supply!D2") in told
    assert ("end-before-start", "Routes!O2") in told
    assert ("scenario-before-parent", "Scenarios!D3") in told
    assert ("word-matches-nothing", "Events!C2") in told
    assert not any(cell.startswith("Supply!B") for _, cell in told)
    assert len(told) == len(set(told))
    with pytest.raises(WorkbookError) as fault:
        checked_book(path)
    assert len(fault.value.findings) == len(findings)


@pytest.mark.parametrize("value", [None, "soon"])
@pytest.mark.parametrize("where", ["Scenarios!D2", "Scenarios!D3", "Profiles!B2", "Settings!B3"])
def test_a_month_that_cannot_be_read_is_told_once(
    tmp_path: Path, where: str, value: str | None
) -> None:
    """The rows are left out of the checks of dates: nothing is compared with a blank."""
    tables, found = check_file(marked_book(tmp_path / "book.xlsx", cell(where, value)))
    code = "blank" if value is None else "not-a-month"
    assert tables is None
    assert [(f.code, str(f.place)) for f in found if not f.warning] in (
        [(code, where)],
        [(code, where), ("reference-to-nothing", "Contracts!K2")],
    )


def test_a_sheet_left_out_is_told(tmp_path: Path) -> None:
    """A book may do without most sheets, but not in silence."""
    path = marked_book(tmp_path / "book.xlsx", lambda book: book.remove(book["Sweeps"]))
    tables, found = check_file(path)
    assert tables is not None
    assert [(f.code, str(f.place), f.warning) for f in found] == [("sheet-absent", "Sweeps", True)]


def test_free_sheets_are_let_be(tmp_path: Path) -> None:
    def notes(book: Workbook) -> None:
        book.create_sheet("Events (2)").append(["whatever", "stands", "here"])
        book.create_sheet("Reconciliation").append(["name", "target", "effect", "factor", "add"])

    assert check_file(marked_book(tmp_path / "book.xlsx", notes))[1] == []


def test_a_delay_before_the_delayed_start_is_not_too_late(tmp_path: Path) -> None:
    """The lane is due in August, after the first delay in October: the second finds it so."""
    edit = both(
        put("Routes", 0, start="2026-08"),
        put("Events", 0, scenario=None, start=None, months=None, effect="delay", factor=None,
            add=2),
        more("Events", target=["Sea lane"], effect="delay", add=1, start="2026-10"),
    )  # fmt: skip
    assert "delay-too-late" not in codes(edited_book(tmp_path / "book.xlsx", edit))


def test_findings_follow_the_book(tmp_path: Path) -> None:
    edit = both(
        put("Sweeps", 0, values="x"), put("Supply", 0, least=1300), put("Demand", 0, site="Tokio")
    )
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    sheets = [f.place.sheet for f in found if not f.warning]
    assert sheets.index("Supply") < sheets.index("Demand") < sheets.index("Sweeps")


def test_relieved_demand_out_of_reach_is_a_warning(tmp_path: Path) -> None:
    edit = both(
        more("Demand", name="Lamps", site="Tokyo", commodity="La", need=1),
        more("Relief", name="Dark", demand="Lamps", kind="lost", cost=9),
    )
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    assert [(f.code, f.warning) for f in found] == [("demand-unreachable", True)]


def test_disposal_is_a_way_out(tmp_path: Path) -> None:
    edit = both(drop("Sales", 0), put("Commodities", 2, disposal_cost=1))
    assert codes(edited_book(tmp_path / "book.xlsx", edit)) == []


def test_oxide_balance_looks_only_at_oxide_mass(tmp_path: Path) -> None:
    """With one line in another unit, or a service, contained oxide says nothing."""
    heavy = put("Recipes", 2, amount=0.9)
    in_tonnes = both(heavy, put("Commodities", 2, unit="t"))
    service = both(heavy, put("Commodities", 2, kind="service"))
    poor = both(heavy, put("Commodities", 2, content=0.5))
    for edit in (in_tonnes, service, poor):
        assert codes(edited_book(tmp_path / "book.xlsx", edit)) == []


def test_a_circle_that_nothing_starts_is_found(tmp_path: Path) -> None:
    """Two processes that feed each other, with no stock to begin with."""
    sheets, settings = good()
    sheets["Commodities"] += [{"name": "X", "kind": "feed"}, {"name": "Y", "kind": "feed"}]
    for name, takes, gives in (("P", "X", "Y"), ("Q", "Y", "X")):
        sheets["Processes"].append({"name": name, "site": "Perth", "cost": 1})
        sheets["Recipes"] += [
            {"process": name, "role": "input", "item": takes, "amount": 1},
            {"process": name, "role": "output", "item": gives, "amount": 1},
        ]
    found = check(read(make_book(tmp_path / "book.xlsx", settings, **sheets)))
    assert [f.code for f in found] == ["input-unfed", "input-unfed"]
    sheets["Stockpiles"].append({"name": "S", "site": "Perth", "commodity": "X", "opening": 1})
    assert codes(make_book(tmp_path / "book.xlsx", settings, **sheets)) == []


def test_only_the_root_of_a_starved_chain_is_told(tmp_path: Path) -> None:
    found = check(read(edited_book(tmp_path / "book.xlsx", drop("Supply", 0))))
    assert [f.code for f in found if f.code != "demand-unreachable"] == ["input-unfed"]


def test_an_unused_row_is_named_in_the_advice(tmp_path: Path) -> None:
    edit = put("Sites", 1, use="no")
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    advice = {f.advice for f in found if f.code == "reference-to-nothing"}
    assert advice == {"its row on the sheet Sites says use: no; use it, or name another"}


def test_names_of_repeats_are_kept_free(tmp_path: Path) -> None:
    edit = both(
        put("Scenarios", 0, every=2, until="2026-12"),
        more("Scenarios", name="Stop 2026-12", probability=0.01, known="2026-08"),
    )
    found = check(read(edited_book(tmp_path / "book.xlsx", edit)))
    assert [(f.code, str(f.place)) for f in found] == [("reserved-word", "Scenarios!A4")]


def test_words_reach_by_name_tag_site_and_country(tmp_path: Path) -> None:
    words = NameIndex.of(read(good_book(tmp_path / "good.xlsx")))
    assert words.kind("Pit") == "name" and words.kind("EV") == "tag"
    assert words.kind("Perth") == "site" and words.kind("Japan") == "country"
    assert words.kind("Moon") is None and words.nearest("japan ") == "Japan"
    for word in ("Sea lane", "Perth", "western", "Australia"):
        assert words.rows(word, "Routes") == ("Sea lane",)
    assert words.rows("Japan", "Routes") == ()
    assert words.rows("companies", "Stockpiles") == ("Store",)
    assert words.rows("EV", "Demand") == ("Magnets",)
    assert words.rows("Perth", "Facilities") == ("Kiln", "Port")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1; 2;3", [1, 2, 3]),
        ("10..20 step 5", [10, 15, 20]),
        ("0..1 step 0.25; 4", [0, 0.25, 0.5, 0.75, 1, 4]),
        ("3..1 step -1", [3, 2, 1]),
        ("１；２", [1, 2]),
    ],
)
def test_parse_values(text: str, values: list[float]) -> None:
    assert parse_values(text) == pytest.approx(values)


@pytest.mark.parametrize(
    "text", ["", "a", "1..5", "1..5 step 0", "5..1 step 1", "1, 2", "nan", "0..1e9 step 1", "1e999"]
)
def test_parse_values_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        parse_values(text)


def test_a_sweep_at_fault_does_not_stop_a_plan(tmp_path: Path) -> None:
    """The first thing a planner tries: a row switched off, that a sweep still names."""
    path = small_book(
        tmp_path / "book.xlsx",
        lambda sheets: sheets.update(
            Supply=[{**row, "use": "no"} if row["name"] == "Spot" else row
                    for row in sheets["Supply"]],
            Sweeps=[{"name": "Spot price", "sheet": "Supply", "row": "Spot", "column": "price",
                     "values": "1; 2"}],
        ),
    )  # fmt: skip
    faults = [f for f in check_file(path)[1] if not f.warning]
    assert [(f.code, f.place.sheet) for f in faults] == [("sweep-row", "Sweeps")]
    assert "says use: no" in faults[0].sentence
    run = kido.solve(path, output=tmp_path / "run")
    assert run.facts["objective"] == pytest.approx(COST)
    with pytest.raises(WorkbookError):
        kido.sweep(path, output=tmp_path / "sweep")
