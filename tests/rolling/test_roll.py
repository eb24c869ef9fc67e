"""`kido roll`: the tutorial month by month, by hand; actuals, orders, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest

import kido
from books import edit_cells
from command import Command
from japanese_books import english_in
from kido.comparison.match import same
from kido.comparison.report import comparison_report
from kido.data.tables import Tables
from kido.data.workbook.edits import edited
from kido.data.workbook.read import read_book
from kido.data.workbook.translate import translate
from places import TUTORIAL

FEBRUARY = 5774.0  # 8,176 less January: 12 x 200 and 2 t held for a month at 1


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tutorial and its run, in English and in Japanese."""
    folder = tmp_path_factory.mktemp("months")
    shutil.copy(TUTORIAL, folder / "tutorial.xlsx")
    translate(TUTORIAL, "ja", folder / "教材.xlsx")
    for name in ("tutorial", "教材"):
        kido.solve(folder / f"{name}.xlsx", output=folder / name)
    return folder


def cost(book: Path | Tables) -> float:
    return float(kido.evaluate(book).solution.objective)


def typed(folder: Path, sheet: str, *rows: tuple[object, ...]) -> Path:
    """A workbook with one sheet, as a planner keeps actuals."""
    path = folder / "actuals.xlsx"
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(row)
    book.save(path)
    return path


HEAD = ("name", "month", "amount")


@pytest.mark.parametrize(
    ("to", "happened", "rest"),
    [
        ("2027-02", None, FEBRUARY),
        ("2027-03", None, 2000),  # 4 t held and 6 on the way are March; April buys 10 at 200
        ("2027-03", "Stop", 2200),  # April has 10 t from the plant, at 220
        ("2027-04", None, 2000),
    ],
)
def test_the_tutorial(
    january: Path, tmp_path: Path, command: Command, to: str, happened: str | None, rest: float
) -> None:
    out = tmp_path / "rolled.xlsx"
    words = ["--happened", happened] if happened else []
    ended = command("roll", january / "tutorial.xlsx", january / "tutorial", "--to", to,
                    *words, "-o", out)  # fmt: skip
    assert ended.code == 0, ended.all
    assert not kido.load(out).warnings
    assert cost(out) == pytest.approx(rest)


@pytest.mark.parametrize("name", ["tutorial", "教材"])
def test_the_workbook_holds_what_was_worked_out(january: Path, tmp_path: Path, name: str) -> None:
    """The cells that are written read as the tables in memory; all others stay."""
    out = tmp_path / "rolled.xlsx"
    rolled = kido.roll(january / f"{name}.xlsx", january / name, "2027-03", output=out)
    found, book = read_book(out), january / f"{name}.xlsx"
    expected = edited(read_book(book), rolled.edits)
    for sheet, frame in expected.frames.items():
        for one, other in zip(frame.records(), found[sheet].records(), strict=True):
            assert all(map(same, one[1:], other[1:])), (sheet, one, other)
    assert found.settings == expected.settings
    pages = [openpyxl.load_workbook(path) for path in (book, out)]
    assert set(pages[0].sheetnames) <= set(pages[1].sheetnames)
    notes = [page["Notes"].dimensions for page in pages if "Notes" in page.sheetnames]
    assert len(set(notes)) <= 1


def test_what_is_typed(january: Path) -> None:
    rolled = kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-03")
    tables = rolled.tables
    assert tables["Stockpiles"].rows["opening"].tolist() == [4]
    (line,) = tables["Underway"].records()
    assert (line.name, line.what, line.month, line.amount) == (
        "Plant to Factory", "lands", tables.settings.start, 6)  # fmt: skip
    assert rolled.over == ("Stop",) and not len(tables["Scenarios"])
    orders = [(r.name, r.amount, r.status) for r in tables["Orders"].records()]
    assert orders == [("Exporter to Factory", 10, "proposed")]


def test_actuals(january: Path, tmp_path: Path) -> None:
    """A tonne less came in January: the plant sends it in February, and nothing is held longer.

    220 for 1 t instead of the 1 that it would have cost to hold it: 5,774 + 219.
    """
    actuals = typed(tmp_path, "Actuals", HEAD, ("Exporter to Factory", "2027-01", 11))
    rolled = kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-02", None, actuals)
    assert rolled.tables["Stockpiles"].rows["opening"].tolist() == [1]
    assert not rolled.warnings
    assert cost(rolled.tables) == pytest.approx(FEBRUARY + 219)
    counted = typed(tmp_path, "実績", ("名前", "月", "量"), ("Factory stock", "2027-01", 3))
    rolled = kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-02", None, counted)
    assert rolled.tables["Stockpiles"].rows["opening"].tolist() == [3]
    assert cost(rolled.tables) == pytest.approx(FEBRUARY - 219)


def test_orders_that_were_approved(january: Path, tmp_path: Path) -> None:
    """They stay until their month is over; then what was not carried out is told."""
    book = tmp_path / "book.xlsx"
    kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-02", output=book)

    def approve(workbook: openpyxl.Workbook) -> None:
        page = workbook["Orders"]
        heads = [cell.value for cell in page[1]]
        for row in (2, 3):
            page.cell(row, heads.index("status") + 1).value = "approved"

    edit_cells(book, approve)
    assert cost(book) == pytest.approx(FEBRUARY)
    run = kido.solve(book, output=tmp_path / "run")
    assert run.folder is not None
    actuals = typed(tmp_path, "Actuals", HEAD, ("Exporter to Factory", "2027-02", 9))
    rolled = kido.roll(book, run.folder, "2027-03", None, actuals)
    (late,) = rolled.warnings
    assert late.code == "roll-order-late" and late.found == "12" and "9" in late.sentence
    april = rolled.tables.settings.start + 1
    assert [r.month for r in rolled.tables["Orders"].records()] == [april]


def test_an_order_of_long_ago_is_none_of_the_months_that_passed(
    january: Path, tmp_path: Path
) -> None:
    book = Path(shutil.copy(january / "tutorial.xlsx", tmp_path / "book.xlsx"))

    def order(workbook: openpyxl.Workbook) -> None:
        page = workbook["Orders"] if "Orders" in workbook.sheetnames else None
        page = workbook.create_sheet("Orders") if page is None else page
        for column, head in enumerate(("name", "month", "amount", "status"), 1):
            page.cell(1, column).value = head
        for column, cell in enumerate(("Exporter to Factory", "2016-01", 5, "approved"), 1):
            page.cell(2, column).value = cell

    edit_cells(book, order)
    run = kido.solve(book, output=tmp_path / "run")
    assert run.folder is not None
    rolled = kido.roll(book, run.folder, "2027-02")
    assert not rolled.warnings
    assert all(r.status == "proposed" for r in rolled.tables["Orders"].records())


def test_a_comparison_tells_the_months_that_passed(january: Path, tmp_path: Path) -> None:
    """8,176 to 5,774 as planned; then the exporter asks 10 more for the 22 t that he still sells.

    12 t in February, and 10 in April where the door stays open: 12 x 10 + 0.75 x 10 x 10.
    """
    book = tmp_path / "book.xlsx"
    kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-02", output=book)

    def dearer(workbook: openpyxl.Workbook) -> None:
        page = workbook["Routes"]
        heads = [str(cell.value) for cell in page[1]]
        column = next(n for n, head in enumerate(heads, 1) if head.startswith("purchase price"))
        page.cell(2, column).value = 210

    edit_cells(book, dearer)
    later = kido.solve(book, output=tmp_path / "february")
    assert later.folder is not None
    comparison = kido.compare(january / "tutorial", later.folder)
    assert comparison.rolled and comparison.passed == pytest.approx(FEBRUARY - 8176)
    assert [(c.groups[0].sheet, c.kusd) for c in comparison.causes] == [
        ("Routes", pytest.approx(120 + 75))
    ]
    assert comparison.solving == pytest.approx(0, abs=1e-6)
    note = comparison_report(comparison)["compare_causes"].note("en")
    assert "costs 195 kUSD more than the rest" in note and not comparison.warnings


REFUSED = {
    "backwards": ("2027-01", (), "not back"),
    "past the end": ("2027-09", (), "2027-04"),
    "a scenario that is not known yet": ("2027-02", ("--happened", "Stop"), "known by 2027-02"),
    "no month": ("soon", (), "2026-11"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(january: Path, tmp_path: Path, command: Command, case: str) -> None:
    to, words, said = REFUSED[case]
    out = tmp_path / "rolled.xlsx"
    ended = command("roll", january / "tutorial.xlsx", january / "tutorial", "--to", to, *words,
                    "-o", out)  # fmt: skip
    assert ended.code == 2 and said in ended.all and not out.exists()


def test_another_book_or_run_is_refused(january: Path, tmp_path: Path) -> None:
    """A book edited since, a run of one future, a folder that is no run, a name that is gone."""
    book = Path(shutil.copy(january / "tutorial.xlsx", tmp_path / "book.xlsx"))
    edit_cells(book, lambda workbook: workbook["Demand"].__setitem__("E2", 240))
    with pytest.raises(kido.RollError) as problem:
        kido.roll(book, january / "tutorial", "2027-02")
    (change,) = problem.value.findings
    assert change.place.sheet == "Demand" and "kido solve" in change.advice
    alone = kido.solve(january / "tutorial.xlsx", scenario="Stop", output=tmp_path / "alone")
    assert alone.folder is not None
    with pytest.raises(kido.RollError, match="alone"):
        kido.roll(january / "tutorial.xlsx", alone.folder, "2027-02")
    with pytest.raises(kido.ComparisonError):
        kido.roll(january / "tutorial.xlsx", tmp_path, "2027-02")


BAD_ACTUALS = {
    "actual-unknown": ("Nobody", "2027-01", 3),
    "actual-outside": ("Factory stock", "2027-05", 3),
    "actual-missing": ("Exporter to Factory", "2027-01", 3),
}


@pytest.mark.parametrize("code", BAD_ACTUALS)
def test_bad_actuals(january: Path, tmp_path: Path, code: str) -> None:
    """Every fault at once, in the language of the book."""
    actuals = typed(tmp_path, "Actuals", HEAD, BAD_ACTUALS[code])
    for name in ("tutorial", "教材"):
        with pytest.raises(kido.RollError) as problem:
            kido.roll(january / f"{name}.xlsx", january / name, "2027-03", None, actuals)
        findings = problem.value.findings
        assert code in {finding.code for finding in findings}
        if name == "教材":
            assert not any(english_in(f, ["Factory stock", "Exporter to Factory", "Nobody"])
                           for f in findings)  # fmt: skip


def test_a_file_without_actuals(january: Path, tmp_path: Path) -> None:
    empty = typed(tmp_path, "Sheet1", HEAD)
    with pytest.raises(kido.WorkbookError, match="no sheet Actuals"):
        kido.roll(january / "tutorial.xlsx", january / "tutorial", "2027-02", None, empty)


def test_a_workbook_is_never_replaced_unasked(january: Path, command: Command) -> None:
    words = ("roll", january / "tutorial.xlsx", january / "tutorial", "--to", "2027-02")
    out = january / "tutorial-2027-02.xlsx"
    assert command(*words).code == 0 and out.exists()
    before = out.read_bytes()
    assert command(*words).code == 2 and out.read_bytes() == before
    assert command(*words, "--force").code == 0
