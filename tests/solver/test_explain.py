"""Books with no feasible plan, or one without end: the rows to blame, their cells and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

import kido
from books import read
from kido.errors import Finding, InfeasiblePlan, UnboundedPlan
from kido.solver.infeasibility import elastic_filter
from tiny_book import Edit, both, changed, more, small_book, without


def refused(tmp_path: Path, edit: Edit, **settings: object) -> list[Finding]:
    book = small_book(tmp_path / "book.xlsx", edit, **settings)
    with pytest.raises(InfeasiblePlan) as caught:
        kido.solve(book, output=tmp_path / "run")
    assert caught.value.exit_code == 3
    assert not (tmp_path / "run").exists()
    return [f for f in caught.value.findings if f.code != "shuts-the-way"]


def store(**cells: object) -> Edit:
    row = {"name": "Store", "site": "Tokyo", "commodity": "Dy", "capacity": 100, **cells}
    return more("Stockpiles", **row)


def policy(measure: str, limit: float, **cells: object) -> Edit:
    return more("Policies", name="Rule", measure=measure, limit=limit, **cells)


PLENTY = both(changed("Supply", "Pit", most=240), changed("Facilities", "Kiln", capacity=240))
# name: (edit, (cell, what the finding must say) for each row to blame)
IMPOSSIBLE: dict[str, tuple[Edit, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "a pit that rises slower than the need": (
        both(
            changed("Supply", "Pit", ramp=12),
            more("Events", target="Need", effect="demand", factor=0.2, start="2026-07", months=3),
        ),
        (
            ("Demand!E2", ("60 t/yr",)),  # to be met from October
            ("Demand!E2", ("60 t/yr",)),  # takes no more before
            ("Supply!J2", ("12 t/yr per month: 12 t/yr allowed", "at least 48 t/yr")),
            ("Supply!E3", ("6 t allowed", "at least 9 t")),
        ),
    ),
    "a need without relief": (
        changed("Demand", "Need", need=120),
        (
            ("Demand!E2", ("2026-07 to 2026-12", "120 t/yr: 60 t asked", "at most 42 t")),
            ("Supply!E2", ("120 t/yr: 60 t allowed", "at least 96 t")),
            ("Supply!E3", ("24 t/yr: 12 t allowed", "at least 30 t")),
        ),
    ),
    "a floor": (
        both(store(floor=10), changed("Demand", "Need", need=0)),
        (
            ("Stockpiles!G2", ("10 t: 10 t asked", "at most 7 t")),
            ("Supply!E2", ("at least",)),
            ("Supply!E3", ("at least",)),
        ),
    ),
    "an end": (
        store(ending="at least", ending_amount=50),
        (
            ("Stockpiles!N2", ("2026-12", "50 t asked", "at most 42 t")),
            ("Supply!E2", ("60 t allowed",)),
            ("Supply!E3", ("12 t allowed",)),
        ),
    ),
    "a cover": (
        both(store(opening=1, capacity=3), policy("cover", 2, of=["Store"], sense="at least")),
        (
            ("Policies!L2", ("'Rule'", "10 t asked", "at most 3 t")),
            ("Stockpiles!F2", ("3 t allowed", "at least 10 t")),
        ),
    ),
    "a life": (
        both(store(floor=16, opening=16), changed("Stockpiles", "Store", life_months=3)),
        (
            ("Demand!E2", ("30 t allowed", "at least 31 t")),
            ("Stockpiles!P2", ("'Store'", "its life")),
        ),
    ),
    "a stock of at most so much": (
        both(store(floor=5), policy("stock", 3, of=["Store"], sense="at most")),
        (
            ("Policies!L2", ("'Rule'", "3 t allowed", "at least 5 t")),
            ("Stockpiles!G2", ("5 t asked", "at most 3 t")),
        ),
    ),
    "a share": (
        policy("share", 0.9, of=["Spot"], out_of=["Tokyo", "Mine"], counted="bought",
               sense="at least"),
        (
            ("Demand!E2", ("30 t asked",)),
            ("Policies!L2", ("0.9", "missed by at least 31.2 t")),
            ("Supply!E3", ("12 t allowed",)),
        ),
    ),
    "a volume": (
        both(PLENTY, policy("volume", 70, of=["Lane"], counted="shipped", sense="at least")),
        (
            ("Policies!L2", ("35 t asked", "at most 30 t")),
            ("Demand!E2", ("30 t allowed", "at least 35 t")),
        ),
    ),
    "a budget": (
        policy("spend", 5, of=["Pit", "Spot"], kinds=["purchase"], sense="at most",
               over="horizon"),
        (
            ("Demand!E2", ("30 t asked", "at most 2.5 t")),
            ("Policies!L2", ("5 kUSD allowed", "at least 60 kUSD")),
        ),
    ),
    "a service": (
        both(
            policy("service", 0.9, of=["EV"], sense="at least"),
            more("Relief", name="Gone", demand="Need", kind="lost", cost=9),
            changed("Supply", "Pit", most=10),
        ),
        (
            ("Policies!L2", ("27 t asked", "at most 14.5 t")),
            ("Supply!E2", ("5 t allowed",)),
            ("Supply!E3", ("12 t allowed",)),
        ),
    ),
    "the minimum of a lane": (
        both(PLENTY, changed("Routes", "Lane", least=100)),
        (
            ("Routes!K2", ("100 t/yr: 50 t asked", "at most 30 t")),
            ("Demand!E2", ("30 t allowed", "at least 50 t")),
        ),
    ),
    "the minimum of an offer": (
        both(changed("Supply", "Spot", least=24), changed("Demand", "Need", need=12)),
        (
            ("Supply!F3", ("12 t asked", "at most 6 t")),
            ("Demand!E2", ("6 t allowed", "at least 12 t")),
        ),
    ),
    "minimum use": (
        both(
            changed("Facilities", "Kiln", minimum_use=0.5),
            changed("Supply", "Pit", most=20),
            more("Relief", name="Gone", demand="Need", kind="lost", cost=9),
        ),
        (
            ("Facilities!D2", ("37.5 t asked", "at most 10 t")),
            ("Supply!E2", ("10 t allowed", "at least 37.5 t")),
        ),
    ),
    "an expansion beyond the budget": (
        both(
            changed("Facilities", "Kiln", expansion_cost=1, least_expansion=50, build_months=1),
            policy("spend", 5, of=["Kiln"], kinds=["expansion"], sense="at most", over="horizon"),
        ),
        (
            ("Facilities!I2", ("50 t/yr asked", "at most 5 t/yr")),
            ("Policies!L2", ("5 kUSD allowed", "at least 50 kUSD")),
        ),
    ),
    "goods on the water that nobody takes": (
        both(changed("Routes", "Lane", lead=2, on_water=120), changed("Demand", "Need", need=12)),
        (
            ("Routes!I2", ("20 t asked", "at most 2 t")),
            ("Demand!E2", ("2 t allowed", "at least 20 t")),
        ),
    ),
    "an event on a branch": (
        both(
            more("Scenarios", name="Shut", probability=0.1, known="2026-09"),
            more("Events", name="Stop", scenario="Shut", target=["Kiln"], effect="capacity",
                 factor=0, start="2026-09", months=2),
        ),
        (
            ("Demand!E2", ("2026-09 to 2026-10 in Shut", "10 t asked", "at most 4 t")),
            ("Supply!E3", ("2026-09 to 2026-10 in Shut", "at least 10 t")),
        ),
    ),
    "an end above a capacity that an event takes": (
        both(
            store(opening=60, ending="at least", ending_amount=50),
            more("Sales", name="Bin", site="Tokyo", commodity="Dy"),
            more("Events", name="Fire", target=["Store"], effect="capacity", factor=0.1,
                 start="2026-12"),
        ),
        (
            ("Stockpiles!N2", ("50 t asked", "at most 10 t")),
            ("Stockpiles!F2", ("10 t allowed", "at least 50 t")),
        ),
    ),
    "a limit that nothing can reach": (
        both(
            changed("Supply", "Pit", start="2027-01"),
            policy("volume", 70, of=["Lane"], counted="shipped", sense="at least"),
        ),
        (("Policies!L2", ("35 t asked", "at most 0 t")),),
    ),
    "goods that land where no row of the book is": (
        both(
            changed("Routes", "Lane", lead=2, on_water=120),
            changed("Supply", "Pit", start="2027-01"),
            changed("Demand", "Need", need=0),
            without("Supply", "Spot"),
        ),
        (("Routes!I2", ("'Lane'", "20 t asked", "at most 0 t")),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_the_rows_to_blame(tmp_path: Path, case: str) -> None:
    edit, blamed = IMPOSSIBLE[case]
    findings = refused(tmp_path, edit)
    assert sorted(str(f.place) for f in findings) == sorted(cell for cell, _ in blamed)
    for finding in findings:
        assert finding.advice and finding.sentence
        said = f"{finding.sentence} {finding.found} {finding.expected}"
        for words in dict(blamed)[str(finding.place)]:
            assert words in said


def test_what_asks_comes_first(tmp_path: Path) -> None:
    assert refused(tmp_path, changed("Demand", "Need", need=120))[0].place.sheet == "Demand"


def test_giving_way_as_said_makes_room(tmp_path: Path) -> None:
    enough = both(changed("Demand", "Need", need=120), changed("Supply", "Spot", most=60))
    run = kido.solve(small_book(tmp_path / "book.xlsx", enough), output=tmp_path / "run")
    assert run.facts["status"] == "optimal"


def test_conflicts_apart_from_each_other_are_all_named(tmp_path: Path) -> None:
    twice = both(
        changed("Demand", "Need", need=120),
        more("Demand", name="Ore need", site="Tokyo", commodity="Ore", need=12),
        more("Supply", name="Ore spot", site="Tokyo", commodity="Ore", price=1, most=6),
    )
    findings = refused(tmp_path, twice)
    found = {(f.sentence.partition(":")[0], f.place.sheet) for f in findings}
    assert {number for number, _ in found} == {"conflict 1", "conflict 2"}
    assert sum(f.place.sheet == "Demand" for f in findings) == 2


def test_risk_does_not_hide_who_is_to_blame(tmp_path: Path) -> None:
    findings = refused(tmp_path, changed("Demand", "Need", need=120), risk_weight=0.5)
    assert {str(f.place) for f in findings} == {"Demand!E2", "Supply!E2", "Supply!E3"}


def test_without_time_the_answer_is_still_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_filter, "LONGEST", 0.0)
    refused(tmp_path, changed("Demand", "Need", need=120))


def test_a_japanese_book_is_told_its_own_sheets(tmp_path: Path) -> None:
    from copy import deepcopy

    from kido.report.excel.template import write_book
    from tiny_book import SETTINGS, SHEETS

    sheets = deepcopy(SHEETS)
    sheets["Demand"][0]["need"] = 120
    write_book(tmp_path / "book.xlsx", sheets, SETTINGS, language="ja")
    with pytest.raises(InfeasiblePlan) as caught:
        kido.solve(tmp_path / "book.xlsx", output=tmp_path / "run")
    assert read(tmp_path / "book.xlsx")["Demand"].title in {
        f.place.sheet for f in caught.value.findings
    }


ENDLESS: dict[str, tuple[Edit, set[str]]] = {
    "a sale above an offer, both without limit": (
        both(
            more("Sales", name="Bin", site="Tokyo", commodity="Dy", price=50),
            changed("Supply", "Spot", most=None),
        ),
        {"Sales!E2", "Supply!E3"},
    ),
    "an end that is worth more than it costs": (
        both(
            store(ending="value per kg", ending_amount=900, capacity=None),
            changed("Supply", "Spot", most=None),
        ),
        {"Stockpiles!F2", "Supply!E3"},
    ),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_money_without_end_says_where_to_look(tmp_path: Path, case: str) -> None:
    edit, cells = ENDLESS[case]
    with pytest.raises(UnboundedPlan) as caught:
        kido.solve(small_book(tmp_path / "book.xlsx", edit), output=tmp_path / "run")
    assert {str(f.place) for f in caught.value.findings} == cells
    assert "earns" in caught.value.findings[0].sentence
    assert not (tmp_path / "run").exists()
