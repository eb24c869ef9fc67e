"""The workbook of a sweep: its cells are the tables', its charts stand on the right cells."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.chart._chart import ChartBase
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import sweepresults as made
from kido.data.tables import Tables
from kido.report.charts import round_ends
from kido.report.document import ChartBlock
from kido.report.excel.table import FIRST, HEADER
from kido.report.labels import Labels, all_labels
from kido.report.table import Report
from kido.report.text import plain_text
from kido.study.methods.grid.heat_map import subsample
from kido.study.methods.one_parameter.result import Curve
from kido.study.point import FAILED, INFEASIBLE, LIMIT
from kido.study.report.points import FUTURES
from kido.study.report.report import sweep_report
from kido.study.report.workbook import sweep_document, write_sweep
from kido.study.results import SweepResult
from sweepresults import FIRST_PAGE, MAKERS

CHARTS = {"curve": 3, "bent curve": 2, "tornado": 2, "grid": 2, "latin": 3, "morris": 1,
          "sobol": 1, "scenarios": 2, "room": 2}  # fmt: skip
TRICK = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def tutorial() -> Tables:
    return made.tutorial()


def written(result: SweepResult, folder: Path) -> tuple[Report, Workbook]:
    report = sweep_report(result)
    write_sweep(report, result, folder / "results.xlsx")
    return report, openpyxl.load_workbook(folder / "results.xlsx")


def sheet(book: Workbook, name: str, language: str = "en") -> Worksheet:
    return book[Labels(language)[f"sheet.{name}"]]


def cells(page: Worksheet) -> Iterator[Any]:
    for row in page.iter_rows():
        yield from row


def series_of(chart: ChartBase) -> list[tuple[str, str, str]]:
    """(name, range of x or of the names, range of the values) of each series."""
    found = []
    for s in chart.series:
        x = s.xVal or s.cat
        y = s.yVal or s.val
        source = x.numRef or x.strRef
        found.append((s.tx.v if s.tx else "", source.f, y.numRef.f))
    return found


def held(book: Workbook, reference: str) -> tuple[str, list[Any]]:
    """The heading and the values of a range of one column, or of neighbours in a row."""
    title, area = reference.rsplit("!", 1)
    page = book[title.strip("'")]
    column, first, last_column, last = range_boundaries(area.replace("$", ""))
    assert column == last_column
    values = [page.cell(row, column).value for row in range(first, last + 1)]
    return str(page.cell(HEADER, column).value), values


# -- every method -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("method", MAKERS)
def test_cells_are_the_numbers_of_the_tables(
    method: str,
    language: str,
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS[method](tutorial.with_settings(language=language))
    report, book = written(result, tmp_path)
    labels = Labels(language)
    names = [n for n in report if n not in FIRST_PAGE]
    assert book.sheetnames == [labels[f"sheet.{n}"] for n in ("sweep_summary", *names)]
    for name in names:
        page, table = sheet(book, name, language), report[name]
        heads = [c.value for c in page[HEADER]][: len(table.columns)]
        assert heads == [c.heading(labels) for c in table.columns]
        for i, row in enumerate(table.rows):
            for k, column in enumerate(table.columns, start=1):
                value, cell = row[column.key], page.cell(FIRST + i, k).value
                if isinstance(value, float) and value == value and column.shape != "number":
                    assert cell == pytest.approx(value, rel=1e-11), (name, column.key)
                elif isinstance(value, float) and value == value:
                    assert cell == pytest.approx(value, abs=1e-6)
                elif value is None or value != value or value == "":
                    assert cell is None
                elif column.shape == "word":
                    assert cell == labels.word(value, column.words)


@pytest.mark.parametrize("method", MAKERS)
def test_the_first_page_is_one_sheet_with_findings_and_charts(
    method: str,
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS[method](tutorial)
    report, book = written(result, tmp_path)
    page = book.worksheets[0]
    assert book.active is page and page.page_setup.orientation == "landscape"
    assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight or 1) == (1, 1)
    texts = {c.value for c in cells(page) if isinstance(c.value, str)}
    assert set(report["sweep_findings"].frame["finding"]) <= texts
    assert "Sweep: Try" in texts and tutorial.settings.title in texts
    first = report["sweep_findings"].frame["finding"].iloc[0]
    assert page["A2"].value == first and [c.value for c in cells(page)].count(first) == 1
    assert len(page._charts) == CHARTS[method]
    for parameter in list(report["sweep_parameters"].frame["parameter"])[:5]:
        assert parameter in texts
    ends = {r.split(":")[-1] for r in (page.print_area.split("!")[-1],)}
    assert not any("nan" in t.split() for t in texts) and ends


@pytest.mark.parametrize("method", MAKERS)
def test_every_chart_stands_on_cells_that_hold_its_numbers(
    method: str,
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    _, book = written(MAKERS[method](tutorial), tmp_path)
    for chart in book.worksheets[0]._charts:
        assert chart.series
        for name, x, y in series_of(chart):
            numbers = held(book, y)[1]
            assert len(held(book, x)[1]) == len(numbers) >= 1
            assert any(isinstance(v, (int, float)) for v in numbers), (name, y)
            assert not name.startswith("=")


@pytest.mark.parametrize("method", MAKERS)
def test_no_text_is_a_formula_and_no_blank_a_word(
    method: str,
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS[method](tutorial.with_settings(title=TRICK))
    result = replace(result, design=replace(result.design, name="=2+2"), facts={"=1": TRICK})
    _, book = written(result, tmp_path)
    tricks = 0
    for page in book.worksheets:
        for cell in cells(page):
            assert cell.data_type != "f", (page.title, cell.coordinate)
            assert cell.value not in ("nan", "None", "inf", "<NA>", "NaT")
            tricks += cell.value == TRICK
    assert tricks >= 2


def test_decimals_are_those_that_are_known(tutorial: Tables, tmp_path: Path) -> None:
    _, book = written(made.tornado(tutorial, scale=9000), tmp_path)
    page = sheet(book, "sweep_tornado")
    heads = [c.value for c in page[HEADER]]
    swing = page.cell(FIRST, heads.index("Swing [million USD]") + 1)
    assert swing.value > 10_000 and swing.number_format.startswith("#,##0;")
    change = page.cell(FIRST, heads.index("Change at the low value [million USD]") + 1)
    assert change.number_format.startswith("+#,##0;-")


# -- method by method -------------------------------------------------------------


def test_curve_charts(tutorial: Tables, tmp_path: Path) -> None:
    result = MAKERS["curve"](tutorial)
    _, book = written(result, tmp_path)
    cost, lost, alone = book.worksheets[0]._charts
    count = len(result.curves[0].bounds)
    named = {name: (x, y) for name, x, y in series_of(cost)}
    assert list(named) == ["Cost", "Solved", "Bends", "Exporter to Factory leaves the plan",
                           "Plant to Factory reaches its most"]  # fmt: skip
    x, y = named["Cost"]
    assert held(book, x) == ("Magnets: need [× the book]", [b.at for b in result.curves[0].bounds])
    assert held(book, y)[0] == "Cost [million USD]" and len(held(book, y)[1]) == count
    solved = held(book, named["Solved"][1])[1]
    assert [v is not None for v in solved] == [b.solved for b in result.curves[0].bounds]
    assert held(book, named["Bends"][0])[1] == [b.at for b in result.curves[0].breakpoints]
    assert len(cost.legend.legendEntry) == 2  # those with their name beside them
    assert [name for name, _, _ in series_of(lost)] == ["Dy oxide"]
    assert held(book, series_of(lost)[0][2])[0] == "Dy oxide [t]"
    futures = {name: y for name, _, y in series_of(alone)}
    assert list(futures) == ["Stop", "Base case", "All futures weighed"]
    page = sheet(book, "sweep_curve")
    for name, y in futures.items():
        _, first, _, last = range_boundaries(y.split("!")[1].replace("$", ""))
        assert {page.cell(row, 1).value for row in (first, last)} == {name}


def test_break_evens_of_one_place_share_a_mark(tutorial: Tables, tmp_path: Path) -> None:
    result = MAKERS["curve"](tutorial)
    (first, second), curve = result.curves[0].break_evens, result.curves[0]
    curve = replace(
        curve, break_evens=(first, replace(second, below=first.below, above=first.above))
    )
    _, book = written(replace(result, curves=(curve,)), tmp_path)
    names = [name for name, _, _ in series_of(book.worksheets[0]._charts[0])]
    assert names[3:] == ["Exporter to Factory leaves the plan and 1 more"]


def test_bounds_are_drawn_where_they_can_be_seen(
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS["curve"](tutorial)
    wide = tuple(
        replace(b, lower=0.9 * b.upper) if not b.solved and b.upper else b
        for b in result.curves[0].bounds
    )
    result = replace(result, curves=(replace(result.curves[0], bounds=wide),))
    _, book = written(result, tmp_path)
    names = [name for name, _, _ in series_of(book.worksheets[0]._charts[0])]
    assert names[:3] == ["Cost", "At least", "At most"]


def test_a_fitted_axis_says_that_it_does_not_begin_at_nought(tutorial: Tables) -> None:
    result = MAKERS["curve"](tutorial)
    document = sweep_document(sweep_report(result), result)
    cost, lost, alone = (b.chart for b in document.pages[0].blocks if isinstance(b, ChartBlock))
    cut = Labels("en")["sweep.axis_cut"]
    assert cost.vertical.low and cost.vertical.title == cut
    assert alone.vertical.low and alone.vertical.title == cut
    assert lost.vertical.low == 0 and not lost.vertical.title


@pytest.mark.parametrize("method", MAKERS)
def test_a_sweep_is_also_plain_text(method: str, tutorial: Tables) -> None:
    result = MAKERS[method](tutorial)
    report = sweep_report(result)
    text = plain_text(sweep_document(report, result))
    assert text.startswith(f"{tutorial.settings.title}: Try\n")
    for finding in report["sweep_findings"].frame["finding"]:
        assert finding in text


def test_a_rule_is_drawn_as_a_frontier(tutorial: Tables, tmp_path: Path) -> None:
    row = {"method": "curve", "sheet": "Settings", "row": ("risk weight",), "column": "",
           "operation": "set", "values": "0; 0.25; 0.5; 1"}  # fmt: skip
    _, book = written(made.curve(tutorial, row, every=1), tmp_path)
    frontier = book.worksheets[0]._charts[1]
    _, x, y = series_of(frontier)[0]
    assert (held(book, x)[0], held(book, y)[0]) == (
        "Expected cost [million USD]", "Mean of the worst [million USD]")  # fmt: skip
    assert [n for n, _, _ in series_of(frontier)[1:]] == ["0", "0.25", "0.5", "1"]


def test_tornado_chart(tutorial: Tables, tmp_path: Path) -> None:
    report, book = written(made.tornado(tutorial), tmp_path)
    chart = book.worksheets[0]._charts[0]
    (low, names, low_values), (high, _, high_values) = series_of(chart)
    assert (low, high) == ("At its low value", "At its high value")
    assert chart.barDir == "bar" and chart.x_axis.scaling.orientation == "maxMin"
    frame = report["sweep_tornado"].frame
    assert held(book, names)[1] == list(frame["parameter"])
    assert held(book, low_values)[0] == "Change at the low value [million USD]"
    assert held(book, high_values)[1] == pytest.approx(list(frame["high_change"]))


def test_index_bars_have_their_interval(tutorial: Tables, tmp_path: Path) -> None:
    for method, measure in (("latin", "rank"), ("morris", "mu_star"), ("sobol", "ST")):
        report, book = written(MAKERS[method](tutorial), tmp_path)
        series = book.worksheets[0]._charts[-1].series[0]
        frame = report["sweep_indices"].frame
        assert held(book, series.val.numRef.f)[1] == pytest.approx(list(frame[measure]))
        plus = held(book, series.errBars.plus.numRef.f)[1]
        assert plus == pytest.approx(list(frame[f"{measure} ±"]))
        assert series.errBars.errDir is None  # Excel knows none on bars


def test_latin_scatter_is_over_the_levers_that_matter(
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS["latin"](tutorial)
    _, book = written(result, tmp_path)
    first, second, _ = book.worksheets[0]._charts
    assert held(book, series_of(first)[0][1])[0] == "Magnets: need [× the book]"
    assert held(book, series_of(second)[0][1])[0] == "Lost motors: cost [× the book]"
    assert len(held(book, series_of(first)[0][2])[1]) == len(result.outcomes)


def test_grid_is_coloured_and_says_where_there_is_no_answer(
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    _, book = written(MAKERS["grid"](tutorial), tmp_path)
    for name in ("sweep_grid", "sweep_grid_change", "sweep_grid_lost"):
        page = sheet(book, name)
        (area,) = page.conditional_formatting
        assert str(area.sqref) == f"B{FIRST}:G{FIRST + 4}" and area.rules[0].type == "colorScale"
        texts = {c.value for c in cells(page)}
        assert {"stopped at a limit", "no plan"} <= texts
    summary = book.worksheets[0]
    assert len(list(summary.conditional_formatting)) == 2
    assert {"limit", "no plan"} <= {c.value for c in cells(summary)}


def test_a_large_grid_is_thinned_on_the_first_page(
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    rows = [{**made.GRID[0], "values": "0.5..1.5 step 0.02"},
            {**made.GRID[1], "values": "0..200 step 5"}]  # fmt: skip
    report, book = written(made.grid(tutorial, rows), tmp_path)
    assert report["sweep_grid"].frame.shape == (51, 42)
    texts = {c.value for c in cells(book.worksheets[0])}
    assert {"0.5", "1.5", "200"} <= texts
    assert Labels("en")["sweep.heat_thinned"] in texts
    assert subsample(list(range(9)), 3) == [0, 4, 8] and subsample([1.0, 2.0], 5) == [1.0, 2.0]


def test_room_bars_add_up(tutorial: Tables, tmp_path: Path) -> None:
    _, book = written(made.room(tutorial), tmp_path)
    for chart in book.worksheets[0]._charts:
        assert chart.grouping == "stacked"
        parts = [held(book, y) for _, _, y in series_of(chart)]
        assert [p[0] for p in parts] == ["Least", "Least to chosen", "Chosen to most"]


def test_points_without_an_answer_are_red(tutorial: Tables, tmp_path: Path) -> None:
    bad = {1: FAILED, 2: LIMIT, 3: INFEASIBLE}
    _, book = written(made.tornado(tutorial, bad=bad), tmp_path)
    page = sheet(book, "sweep_points")
    column = [c.value for c in page[HEADER]].index("How it ended") + 1
    for i in range(12):
        cell = page.cell(FIRST + i, column)
        assert cell.font.color.rgb.endswith("C00000") == (i in bad)
        assert (page.cell(FIRST + i, column + 1).value is not None) == (i in bad)
    assert page.cell(FIRST + 1, column).value == "failed"


# -- odd cases and writing --------------------------------------------------------


@pytest.mark.parametrize("method", MAKERS)
def test_nothing_answered_can_still_be_written(
    method: str,
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = MAKERS[method](tutorial)
    bad = tuple(made.without(o.point, INFEASIBLE, "why not") for o in result.outcomes)
    base = made.without(result.base.point, LIMIT, "")
    empty = made.stripped(result, bad, base, lambda c: Curve(c.scenario, (), (), bad))
    _, book = written(empty, tmp_path)
    assert not book.worksheets[0]._charts
    texts = {c.value for c in cells(book.worksheets[0])}
    assert Labels("en")["sweep.chart_none"] in texts
    written(made.stripped(empty), tmp_path)


def test_one_point_alone_can_be_written(tutorial: Tables, tmp_path: Path) -> None:
    row = {**made.NEED, "values": "1"}
    _, book = written(made.curve(tutorial, row, every=1), tmp_path)
    assert len(book.worksheets[0]._charts) >= 1
    grid = made.grid(tutorial, [{**made.GRID[0], "values": "1"}, {**made.GRID[1], "values": "144"}])
    written(grid, tmp_path)


def test_thousands_of_points_are_written_soon(
    tutorial: Tables,
    tmp_path: Path,
) -> None:
    result = made.sampled(tutorial, "latin", 5_000)
    more = {f"Routes|Lane {i}": 0.0 for i in range(300)}
    outcomes = tuple(
        replace(o, plan={**o.plan, **{k: float(i % 7) for i, k in enumerate(more, o.point.number)}})
        for o in result.outcomes
    )
    began = time.process_time()
    report = sweep_report(replace(result, outcomes=outcomes))
    write_sweep(report, result, tmp_path / "results.xlsx")
    assert time.process_time() - began < 20
    assert len(report["sweep_changes"].frame) > 300


@pytest.mark.parametrize("broken", ["save", "replace"])
def test_a_failed_write_leaves_the_old_file(
    broken: str,
    tutorial: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "results.xlsx"
    path.write_bytes(b"yesterday")

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    if broken == "save":
        monkeypatch.setattr(xlsxwriter.Workbook, "close", fail)
    else:
        monkeypatch.setattr(os, "replace", fail)
    result = made.tornado(tutorial)
    with pytest.raises(OSError, match="disk full"):
        write_sweep(sweep_report(result), result, path)
    assert path.read_bytes() == b"yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["results.xlsx"]


@pytest.mark.parametrize(
    "low, high", [(0, 1), (3.2, 3.21), (-5, 70_000), (8, 8), (0, 0), (1e-4, 3e-4)]
)
def test_axes_end_on_round_numbers(low: float, high: float) -> None:
    first, last, step = round_ends(low, high)
    assert first <= low and last >= high and first < last
    count = (last - first) / step
    assert abs(count - round(count)) < 1e-6 and 1 <= count <= 12
    assert re.fullmatch(r"[0-9.e+-]{1,8}", f"{step:g}")


def test_every_name_of_a_sheet_can_be_one() -> None:
    for language in ("en", "ja"):
        labels = Labels(language)
        names = [labels[k] for k in all_labels() if k.startswith("sheet.sweep_")]
        assert len(set(names)) == len(names)
        assert all(len(n) <= 31 and not re.search(r"[\\/*?:\[\]]", n) for n in names)


def test_the_whole_book_stands_first(tutorial: Tables, tmp_path: Path) -> None:
    report, _ = written(MAKERS["curve"](tutorial), tmp_path)
    assert report["sweep_curve"].frame["future"][0] == FUTURES
