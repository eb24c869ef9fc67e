"""Two run folders compared: the workbook, the terminal, both languages, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import kido
from command import Command
from japanese_books import english_in, typed
from kido.comparison.compare import compare_runs
from kido.comparison.report import comparison_report
from kido.comparison.workbook import comparison_document
from kido.errors import ComparisonError
from kido.report.text import plain_text
from kido.result.stored_run import read_run
from places import TUTORIAL
from tiny_book import RISKY, both, changed, more, small_book

EDIT = both(RISKY, changed("Supply", "Pit", price=1.5), changed("Demand", "Need", need=66))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run folders of the small book and of the same edited, in both languages."""
    folder = tmp_path_factory.mktemp("runs")
    for language in ("en", "ja"):
        for name, edit in (("before", RISKY), ("after", EDIT)):
            book = small_book(folder / f"{name}-{language}.xlsx", edit, language=language,
                              title="Dy", risk_weight=0.2)  # fmt: skip
            kido.solve(book, output=folder / f"{name}-{language}")
    return folder


def test_a_run_is_read_back_and_compared_as_it_was_solved(runs: Path) -> None:
    comparison = kido.compare(runs / "before-en", runs / "after-en")
    assert isinstance(comparison, kido.Comparison)
    facts = [json.loads((runs / name / "run.json").read_text())
             for name in ("before-en", "after-en")]  # fmt: skip
    assert comparison.change == facts[1]["objective"] - facts[0]["objective"]
    parts = sum(cause.kusd for cause in comparison.causes)
    assert parts + comparison.version + comparison.solving == pytest.approx(comparison.change)
    assert [c.sheet for c in comparison.changes] == ["Supply", "Demand"]


def test_every_table_adds_up_to_the_objectives(runs: Path) -> None:
    """Causes, categories (with what the weight on risk adds) and, to the expected cost, rows."""
    report = comparison_report(kido.compare(runs / "before-en", runs / "after-en"))
    causes = report["compare_causes"].frame
    first, *parts, last = causes.to_dict("records")
    assert first["cost"] + sum(p["change"] for p in parts) == pytest.approx(last["cost"], rel=1e-9)
    assert last["change"] == pytest.approx(last["cost"] - first["cost"])
    categories = report["compare_categories"].frame
    assert "weight on risk" in set(categories["category"])
    rows = report["compare_rows"].frame
    for frame in (categories, rows):
        for key in ("before", "after", "change"):
            *amounts, whole = frame[key].tolist()
            assert sum(amounts) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    changes = report["compare_changes"].frame
    effects = changes["effect"].abs().tolist()
    assert effects == sorted(effects, reverse=True) and len(effects) == 2


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_workbook(runs: Path, tmp_path: Path, language: str) -> None:
    path = tmp_path / "compared.xlsx"
    comparison = kido.compare(runs / f"before-{language}", runs / f"after-{language}", path)
    book = openpyxl.load_workbook(path, data_only=True)
    first = "Causes" if language == "en" else "原因"
    assert book.sheetnames[0] == first and len(book.sheetnames) == 7
    last = 6 + len(comparison.causes)
    held = [[cell.value for cell in row] for row in book[first].iter_rows(min_row=5, max_row=last)]
    assert held[0][4] == pytest.approx(comparison.before.objective)
    assert held[-1][4] == pytest.approx(comparison.after.objective)
    formulas = openpyxl.load_workbook(path)[first]
    assert formulas[f"D{last}"].value == f"=SUM(D6:D{last - 1})"
    assert formulas[f"E{last}"].value == f"=E5+D{last}"
    text = plain_text(comparison_document(comparison_report(comparison), comparison))
    assert "Pit: price 1 → 1.5" in text if language == "en" else "Pit: 価格 1 → 1.5" in text
    assert "{" not in text


def test_the_terminal_speaks_both_languages(
    runs: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    ended = command("compare", runs / "before-en", runs / "after-en")
    assert ended.code == 0 and "What changed the cost" in ended.out
    assert (tmp_path / "outputs" / "before-en-to-after-en.xlsx").is_file()
    ended = command("compare", runs / "before-ja", runs / "after-ja", "-o", "x/new.xlsx")
    assert ended.code == 0 and "費用が変わった原因" in ended.out
    assert (tmp_path / "x" / "new.xlsx").is_file()
    assert command("compare", runs / "before-ja", runs / "after-ja", "-o", "x/new.xlsx").code == 2
    assert command("compare", runs / "before-ja", runs / "after-ja", "-o", "x").code == 2


def test_a_run_against_itself(runs: Path) -> None:
    comparison = kido.compare(runs / "after-en", runs / "after-en")
    assert (comparison.changes, comparison.causes, comparison.change) == ((), (), 0)
    report = comparison_report(comparison)
    assert len(report["compare_causes"].frame) == 2 and report["compare_decisions"].frame.empty
    assert plain_text(comparison_document(report, comparison))


def test_the_tutorial(tmp_path: Path) -> None:
    """The plant at 36 for 30: 24 t of its concentrate cost 6 more, in February for certain (144).

    In the stop, 40 t more a quarter of the time: 60.
    """
    kido.solve(TUTORIAL, output=tmp_path / "one")
    book = openpyxl.load_workbook(TUTORIAL)
    book["Supply"]["D2"].value = 36
    book.save(tmp_path / "two.xlsx")
    kido.solve(tmp_path / "two.xlsx", output=tmp_path / "two")
    comparison = kido.compare(tmp_path / "one", tmp_path / "two")
    (cause,) = comparison.causes
    assert cause.kusd == pytest.approx(204) and comparison.change == pytest.approx(204)


# -- what is refused, and what is said -----------------------------------------

Damage = Callable[[Path], object]


def record(**changes: object) -> Damage:
    """An edit of `run.json`."""

    def edit(folder: Path) -> None:
        path = folder / "run.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return edit


def removed(name: str) -> Damage:
    return lambda folder: (folder / name).unlink()


def swapped(folder: Path) -> None:
    other = folder.parent / "other.xlsx"
    shutil.copy(small_book(other, changed("Supply", "Pit", price=3)), folder / "run-book.xlsx")


FAULTS: dict[str, tuple[str, Damage]] = {
    "no-run.missing": ("", lambda folder: shutil.rmtree(folder)),
    "no-run": ("", removed("run.json")),
    "no-run.unreadable": ("run.json", lambda folder: (folder / "run.json").write_text("{")),
    "no-run.unreadable ": ("run.json", record(proof=None)),
    "no-run.sweep": ("", record(sweep="prices")),
    "run-without-book": ("run-book.xlsx", removed("run-book.xlsx")),
    "run-without-book.changed": ("run-book.xlsx", swapped),
    "run-without-tables": ("tables.json", removed("tables.json")),
    "run-without-tables ": (
        "tables.json", lambda f: (f / "tables.json").write_text('{"format": 1, "tables": {}}'),
    ),
    "other-scenario": ("run.json", record(scenario="Shut")),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("key", list(FAULTS))
def test_what_is_no_run_is_refused_with_what_to_do(
    runs: Path, tmp_path: Path, key: str, language: str
) -> None:
    name, damage = FAULTS[key]
    damaged = tmp_path / "damaged"
    shutil.copytree(runs / f"after-{language}", damaged)
    damage(damaged)
    with pytest.raises(ComparisonError) as refused:
        kido.compare(runs / f"before-{language}", damaged)
    (finding,) = refused.value.findings
    assert finding.key == key.strip() and str(finding.place) == str(damaged / name).rstrip("/")
    assert finding.language == language and finding.advice and finding.expected
    if language == "ja":
        known = [*typed(runs / "after-ja.xlsx"), "kido solve", "kido diff", "run.json", "kido"]
        known += [str(tmp_path), str(runs), "before-ja", "damaged", "tables.json"]
        text = finding.with_values(run="").sentence if "run" in dict(finding.values) else ""
        assert not text or english_in(finding.with_values(run=""), known) == set()


def test_a_workbook_is_no_run(runs: Path, command: Command) -> None:
    ended = command("compare", runs / "before-en.xlsx", runs / "after-en.xlsx")
    assert ended.code == 2 and ended.err.count("plan it first: kido solve") == 2
    assert "the runs cannot be compared" in ended.err
    assert "kido diff" in ended.err


def test_runs_of_two_books(runs: Path, tmp_path: Path) -> None:
    kido.solve(TUTORIAL, output=tmp_path / "tutorial")
    with pytest.raises(ComparisonError) as refused:
        kido.compare(runs / "before-en", tmp_path / "tutorial")
    codes = {finding.code: finding for finding in refused.value.findings}
    assert set(codes) == {"other-book", "no-common-month"}
    assert (
        str(codes["other-book"].place) == "Settings!B2" and "'Dy'" in codes["other-book"].sentence
    )
    assert str(codes["no-common-month"].place) == "Settings!B3"
    assert codes["no-common-month"].in_language("ja").sentence.endswith("2026年7月に始まります。")


def test_what_must_be_known_to_read_it(runs: Path, tmp_path: Path) -> None:
    """Another calendar, unit, currency, version, and a plan stopped at its limit."""
    edit = both(EDIT, changed("Commodities", "Ore", unit="t ore"))
    book = small_book(tmp_path / "two.xlsx", edit, title="Dy", risk_weight=0.2, calendar="5 month",
                      display_currency="JPY", fx=150)  # fmt: skip
    folder = kido.solve(book, output=tmp_path / "two").folder
    assert folder is not None
    versions: dict[str, Any] = json.loads((folder / "run.json").read_text())["versions"]
    record(status="stopped by the time limit", versions={**versions, "highspy": "1.0"})(folder)
    comparison = compare_runs(read_run(runs / "before-ja"), read_run(folder))
    places = {w.code: str(w.place) for w in comparison.warnings}
    assert places == {
        "other-calendar": "Settings!B3", "other-currency": "Settings!B6",
        "other-unit": "Commodities!C3", "other-version": str(folder / "run.json"),
        "stopped-run": str(folder / "run.json"),
    }  # fmt: skip
    planners = [*typed(book), "t ore", "run.json", "Settings!B4", "kido", "numpy", "highspy"]
    for warning in comparison.warnings:
        assert warning.advice and warning.expected and warning.found
        assert english_in(warning.in_language("ja"), [str(tmp_path), *planners]) == set()


def test_a_scenario_planned_alone_is_compared_with_the_same(runs: Path, tmp_path: Path) -> None:
    folders = []
    for name in ("before", "after"):
        folders.append(tmp_path / name)
        kido.solve(runs / f"{name}-en.xlsx", scenario="Shut", output=folders[-1])
    comparison = kido.compare(*folders)
    assert sum(c.kusd for c in comparison.causes) == pytest.approx(comparison.change, rel=1e-6)
    with pytest.raises(ComparisonError) as refused:
        kido.compare(folders[0], runs / "after-en")
    (finding,) = refused.value.findings
    assert "plans for all scenarios" in finding.sentence and "for Shut" in finding.sentence


def test_decomposed_plans_are_compared_within_their_gap(tmp_path: Path) -> None:
    options = {"solver_method": "decomposition", "optimality_gap": 1e-4, "steady": 0}
    for name, price in (("one", 1), ("two", 1.5)):
        edit = both(RISKY, changed("Supply", "Pit", price=price))
        kido.solve(small_book(tmp_path / f"{name}.xlsx", edit, **options), output=tmp_path / name)
    comparison = kido.compare(tmp_path / "one", tmp_path / "two")
    (warning,) = comparison.warnings
    allowed = 1e-4 * max(abs(comparison.before.objective), abs(comparison.after.objective))
    assert warning.code == "within-gap" and f"{allowed:,.3g} kUSD" in warning.sentence
    assert english_in(warning.in_language("ja"), []) == set()
    (cause,) = comparison.causes
    assert cause.kusd == pytest.approx(comparison.change, abs=2 * allowed)


def test_a_base_case_that_is_gone(runs: Path, tmp_path: Path) -> None:
    """Where the stop is certain there is no base case: the pages show another future."""

    def certain(sheets: dict[str, list[dict[str, Any]]]) -> None:
        sheets["Scenarios"] = [{**sheets["Scenarios"][0], "probability": 1}]

    book = small_book(tmp_path / "two.xlsx", both(RISKY, certain), title="Dy")
    kido.solve(book, output=tmp_path / "two")
    comparison = kido.compare(runs / "before-en", tmp_path / "two")
    (warning,) = [w for w in comparison.warnings if w.code == "other-branch"]
    assert warning.found == "Shut" and warning.expected == "base case"
    japanese = warning.in_language("ja")
    assert japanese.expected == "基準ケース" and english_in(japanese, ["Shut"]) == set()


def test_a_book_of_hazards_is_drawn_between(tmp_path: Path) -> None:
    """The draws are no rows of the book: a rate is one change, and its cost that of new draws."""

    def hazard(rate: float) -> Callable[[dict[str, list[dict[str, Any]]]], object]:
        row = {"target": ["Kiln"], "effect": "capacity", "factor": 0, "mean_months": 2}
        return both(RISKY, more("Hazards", name="fire", rate=rate, **row))

    for name, rate in (("one", 0.5), ("two", 2)):
        book = small_book(tmp_path / f"{name}.xlsx", hazard(rate), draws=20)
        kido.solve(book, output=tmp_path / name)
    comparison = kido.compare(tmp_path / "one", tmp_path / "two")
    assert [(c.sheet, c.row_text("en")) for c in comparison.changes] == [("Hazards", "fire")]
    (cause,) = comparison.causes
    assert cause.kusd == pytest.approx(comparison.change, rel=1e-5) and cause.kusd > 0
