"""The results workbook: what it says is what was solved, and a planner can read it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from books import make_book, read
from example_book import Sheets, good
from kido.certificate import verify
from kido.data.months import fiscal_quarter, month_text, parse_month
from kido.data.schema import catalogue
from kido.data.tables import Tables
from kido.report.document import ChartBlock
from kido.report.labels import Labels, all_labels
from kido.report.style import CellStyle, fitted, number_format
from kido.report.text import plain_text, shown_text
from kido.result.board import elements
from kido.result.costs import history_costs, insurance, makeup, reported_years, yearly_spend
from kido.result.currency import money_unit
from kido.result.do_now import do_now
from kido.result.flows import flows_of, series_of
from kido.result.input_sensitivity import STEP, guesses
from kido.result.pages import results_document, write_results
from kido.result.pages.charts import palette
from kido.result.pages.workbook import OFTEN_EMPTY, SHEETS
from kido.result.plan import ScenarioPath, SolvedPlan
from kido.result.purchases import purchases_of
from kido.result.report import make_report
from kido.result.shortfalls import first_unmet
from kido.result.sourcing import met_of, need_of, served_from, supply_lines
from kido.result.timeline import Timeline, period_text
from plan import plan

RISK = {"risk_weight": 0.3, "cvar_level": 0.8, "discount_rate": 0.05}
TRICK = "=HYPERLINK(1)"


def lively(sheets: Sheets, settings: dict[str, Any]) -> None:
    """The good book with something to report: a need lost, a second element, a story."""
    settings |= RISK | {"title": TRICK, "yard_cost": 0.2}
    sheets["Relief"].append(
        {"name": "Lost", "demand": "Magnets", "kind": "lost", "cost": 900, "grade": "guessed"}
    )
    sheets["Demand"][0]["need"] = 450
    sheets["Scenarios"][0]["story"] = "=2+2"
    sheets["Sites"].append({"name": "Dover", "country": "England"})
    sheets["Supply"].append(
        {"name": "La pit", "site": "Dover", "commodity": "La", "price": 1, "most": 60}
    )
    sheets["Routes"].append(
        {"name": "La lane", "origin": "Dover", "destination": "Tokyo", "commodity": "La",
         "price": 3, "freight": 0.3, "tariff": 10, "lead": 0.5, "on_water": 40}
    )  # fmt: skip
    sheets["Demand"].append(
        {"name": "Glass", "segment": "glass", "site": "Tokyo", "commodity": "La", "need": 80}
    )
    sheets["Relief"].append({"name": "No glass", "demand": "Glass", "kind": "lost", "cost": 40})


def tables_of(folder: Path, edit: Callable[[Sheets, dict[str, Any]], object] = lively) -> Tables:
    sheets, settings = good()
    edit(sheets, settings)
    return read(make_book(folder / "book.xlsx", settings, **sheets))


def answered(tables: Tables, scenario: str | None = None) -> SolvedPlan:
    case, solution = plan(tables, scenario)
    answer = SolvedPlan(tables, case, solution, None, scenario)
    certificate = verify(
        tables, answer.flows, solution.objective, answer.expected_cost, answer.cvar, scenario
    )
    return replace(answer, certificate=certificate)


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> SolvedPlan:
    return answered(tables_of(tmp_path_factory.mktemp("answer")))


@pytest.fixture(scope="module")
def written(answer: SolvedPlan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "results.xlsx"
    write_results(make_report(answer), answer, path, {"versions": {"kido": "1.2.3"}})
    return path


def page_of(path: Path, sheet: str, language: str = "en") -> Worksheet:
    return openpyxl.load_workbook(path)[Labels(language)[f"sheet.{sheet}"]]


# -- money adds up ----------------------------------------------------------------


def evaluated(page: Worksheet, address: str) -> float:
    """The value of a cell, its formula worked out: SUM, SUMPRODUCT, MAX, IF and arithmetic."""
    value = page[address].value
    if page[address].data_type != "f":
        return float(value or 0.0)

    def cells(area: str) -> list[float]:
        found = page[area.replace("$", "")]
        return [evaluated(page, c.coordinate) for row in found for c in row if c.value is not None]

    text = str(value).removeprefix("=").replace("$", "")
    text = re.sub(r"([A-Z]+\d+):([A-Z]+\d+)", r'cells("\1:\2")', text)
    text = re.sub(r'(?<![":])\b([A-Z]+\d+)\b(?![":])', r'cell("\1")', text)
    text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
    names = {
        "cells": cells,
        "cell": lambda a: evaluated(page, a),
        "SUM": lambda area: float(np.sum(area)),
        "SUMPRODUCT": lambda a, b: float(np.dot(a, b)),
        "MAX": max,
        "ROUND": round,
        "IF": lambda test, yes, no: yes if test else no,
    }
    return float(eval(text, names))


def summary(page: Worksheet) -> dict[str, float]:
    """The lines of the objective, evaluated."""
    name = {all_labels()[f"costs.{key}"][0]: key for key in (
        "expected_table", "expected_futures", "value_at_risk", "cvar", "sum", "solver",
        "difference")}  # fmt: skip
    return {
        name[row[0].value]: evaluated(page, row[1].coordinate)
        for row in page.iter_rows(max_col=2)
        if row[0].value in name
    }


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_costs_add_up_to_the_objective(weight: float, tmp_path: Path) -> None:
    tables = tables_of(tmp_path).with_settings(risk_weight=weight)
    answer = answered(tables)
    path = tmp_path / "results.xlsx"
    write_results(make_report(answer), answer, path)
    page = page_of(path, "costs")
    found = summary(page)
    assert found["solver"] == pytest.approx(answer.solution.objective)
    assert found["sum"] == pytest.approx(answer.solution.objective, rel=1e-9)
    assert found["difference"] == pytest.approx(0.0, abs=1e-4)
    assert found["expected_table"] == pytest.approx(answer.expected_cost, rel=1e-9)
    assert found["expected_futures"] == pytest.approx(answer.expected_cost, rel=1e-9)
    assert found["cvar"] == pytest.approx(answer.cvar, rel=1e-9)
    formulas = [c.coordinate for row in page.iter_rows() for c in row if c.data_type == "f"]
    assert len(formulas) > 20


@pytest.mark.parametrize("scenario", [None, "Long stop"])
def test_formulas_hold_their_values_for_readers_that_do_not_compute(
    scenario: str | None, tmp_path: Path
) -> None:
    answer, path = answered(tables_of(tmp_path), scenario), tmp_path / "results.xlsx"
    write_results(make_report(answer), answer, path)
    page, held = page_of(path, "costs"), openpyxl.load_workbook(path, data_only=True)["Costs"]
    formulas = [c.coordinate for row in page.iter_rows() for c in row if c.data_type == "f"]
    assert len(formulas) > 10
    for address in formulas:
        value = held[address].value
        assert value == pytest.approx(evaluated(page, address), rel=1e-10, abs=1e-5), address


def test_changing_a_cost_changes_the_objective(written: Path) -> None:
    page = page_of(written, "costs")
    before = summary(page)["sum"]
    row = next(r for r in range(1, 40) if page.cell(r, 1).value == "Purchase")
    page.cell(row, 2).value += 100.0
    assert summary(page)["sum"] == pytest.approx(before + 0.7 * 100)


def test_certificate_agrees_with_the_costs(answer: SolvedPlan) -> None:
    assert answer.certificate is not None and not answer.certificate.findings
    costs = answer.certificate.costs
    total = (costs["kusd"] * costs["discount"] * costs["probability"]).groupby(costs["category"])
    for category, kusd in total.sum().items():
        ours = float(
            answer.kusd_by_category[str(category)] @ (answer.discount * answer.probability)
        )
        assert ours == pytest.approx(kusd, rel=1e-9, abs=1e-6)


def test_histories_carry_the_mean_and_the_tail(answer: SolvedPlan) -> None:
    frame = history_costs(answer).frame
    total = frame.drop(columns=["history", "probability"]).sum(axis=1)
    assert float(total @ frame["probability"]) == pytest.approx(answer.expected_cost)
    assert frame["probability"].sum() == pytest.approx(1.0)
    assert answer.value_at_risk <= answer.cvar <= total.max() + 1e-9


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("level", "futures", "expected"),
    [
        (0.9, {10: 0.9, 50: 0.1}, 10), (0.9, {10: 0.8, 20: 0.1, 50: 0.1}, 20),
        (0.9, {10: 0.85, 20: 0.1, 50: 0.05}, 20), (0.0, {10: 0.5, 20: 0.5}, 10),
        (0.7, {10: 0.1, 11: 0.2, 12: 0.4, 90: 0.3}, 12), (0.95, {10: 0.9, 50: 0.1}, 50),
    ],
)  # fmt: skip
def test_value_at_risk_is_the_least_that_makes_the_tail(
    answer: SolvedPlan, level: float, futures: dict[float, float], expected: float, order: int
) -> None:
    """Whatever the order of the futures; at 0.9 every cost from 10 to 50 makes the same tail."""
    settings = replace(answer.case.settings, cvar_level=level)
    other = replace(answer, case=replace(answer.case, settings=settings))
    vars(other)["histories"] = tuple(
        ScenarioPath(f"{cost}", chance, np.zeros(0, dtype=np.intp), cost)
        for cost, chance in list(futures.items())[::order]
    )
    tails = [other._tail_from(cost, level) for cost in futures]
    assert other.value_at_risk == expected
    assert other.cvar == pytest.approx(min(tails))


def test_the_premium_is_what_the_trunk_pays_for_the_others(answer: SolvedPlan) -> None:
    assert np.isnan(insurance(answer))
    known = replace(answer, reference_cost_alone=answer.reference_path.cost - 90)
    years = (known.case.tree.end - known.case.tree.start) / 12  # the costs are of the run-out too
    assert years > reported_years(known)
    assert insurance(known) == pytest.approx(90 / years)


def test_yearly_spend_is_a_part_of_the_cost(answer: SolvedPlan) -> None:
    yearly = yearly_spend(answer)
    assert yearly["holding"] > 0
    assert all(kusd >= 0 for kusd in yearly.values())
    assert sum(yearly.values()) < answer.expected_cost


# -- the workbook -----------------------------------------------------------------


def printed_pages(page: Worksheet) -> tuple[int, int]:
    """How many pages wide and high a sheet is printed; a file leaves 1 out."""
    assert page.sheet_properties.pageSetUpPr.fitToPage
    wide, high = page.page_setup.fitToWidth, page.page_setup.fitToHeight
    return (1 if wide is None else wide, 1 if high is None else high)


def test_sheets_headers_and_charts(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    labels = Labels("en")
    names = [labels[f"sheet.{name}"] for name in ("board", *SHEETS) if name not in OFTEN_EMPTY]
    assert book.sheetnames == names
    assert all(page.freeze_panes for page in book.worksheets)
    charts = {page.title: len(page._charts) for page in book.worksheets}
    assert charts["Board"] == 1 and charts["Charts"] >= 4
    board = book["Board"]
    assert board.page_setup.orientation == "landscape"
    assert printed_pages(board) == (1, 1)
    for name in ("sourcing", "order_book", "refining", "stockpiles", "shortfalls", "prices"):
        heads = [cell.value for cell in book[labels[f"sheet.{name}"]][4]]
        assert "FY2026 Q2" in heads and "2026-07" in heads and "2027-01/03" in heads
        assert "Unit" in heads


def test_run_out_is_only_in_money(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    after = "2027-07"  # six months and two quarters from 2026-07, then the run-out
    for page in book.worksheets:
        heads = [str(cell.value) for cell in page[4]]
        held = any(head.startswith(after) for head in heads)
        assert not held, page.title
    for name in ("Costs", "Cash"):
        assert any("Run-out" in str(c.value) for row in book[name].iter_rows() for c in row)


def test_tonnes_have_no_false_decimals(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    for page in book.worksheets[2:-3]:
        for row in page.iter_rows(min_row=5):
            for cell in row:
                if isinstance(cell.value, float):
                    assert cell.number_format != "General", (page.title, cell.coordinate)
                    small = 0 < abs(cell.value) < 0.1  # printed so as not to be nought
                    assert small or not re.search(r"\.0{3}", cell.number_format)
                    if abs(cell.value) >= 100 and "%" not in cell.number_format:
                        shown = cell.number_format.split(";")[0]
                        assert shown.count("0") <= 3


@pytest.mark.parametrize(
    ("unit", "size", "value", "shown"),
    [
        ("t", 500.0, 0.3, "0.00"), ("t", 500.0, 0.6, "#,##0"), ("t", 0.001, 0.001, "0.0000"),
        ("t", 20.0, -0.04, "0.000"), ("kUSD", 5000.0, 0.0004, "0.00000"),
        ("USD/kg", 2.0, 0.3, "#,##0.00"), ("%", 1.0, 0.004, "0.00%"), ("%", 1.0, 0.2, "0%"),
        ("t", 5.0, 0.0, "#,##0.0"),
    ],
)  # fmt: skip
def test_a_small_amount_is_never_printed_as_nought(
    unit: str, size: float, value: float, shown: str
) -> None:
    style = CellStyle(number_format(unit, size))
    assert fitted(style, value).format.split(";")[0] == shown
    for loose in ("0.0E+00", "#,##0.######", "General"):
        assert fitted(CellStyle(loose), 0.00025).format == loose
    assert fitted(style, 5000.0).format == style.format
    suffixed = replace(style, format='+0.00" t/yr"')
    assert fitted(suffixed, 0.00025).format == '+0.00000" t/yr"'


def test_no_text_becomes_a_formula(written: Path) -> None:
    book = openpyxl.load_workbook(written)
    tricks = 0
    for page in book.worksheets:
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert page.title == "Costs"
                tricks += cell.value in (TRICK, "=2+2") and cell.data_type == "s"
    assert tricks >= 3  # the title on two sheets, the story


def test_no_cell_shows_a_blank_that_is_not_a_number(written: Path) -> None:
    for page in openpyxl.load_workbook(written).worksheets:
        for row in page.iter_rows(values_only=True):
            assert not any(value in ("nan", "None", "inf", "<NA>") for value in row)


def test_numbers_have_no_dust(answer: SolvedPlan, tmp_path: Path) -> None:
    """What arithmetic leaves in the last digits is not written; nought stays nought."""
    report = make_report(answer)
    frame = report["sourcing"].frame.copy()
    dusty = {3999.999999999996: 4000, 0.1 + 0.2: 0.3, 4e-7: 0, -7.000000000000001: -7}
    frame.loc[0, list(frame.columns[5:9])] = list(dusty)
    dusted = replace(report["sourcing"], frame=frame)
    write_results({**report, "sourcing": dusted}, answer, tmp_path / "results.xlsx")
    row = next(page_of(tmp_path / "results.xlsx", "sourcing").iter_rows(5, 5, values_only=True))
    assert list(row[5:9]) == list(dusty.values())


def test_what_is_only_partly_in_the_plan_is_starred(written: Path, answer: SolvedPlan) -> None:
    """July 2026 to June 2027: nine months of one fiscal year, three of the next."""
    book = openpyxl.load_workbook(written)
    heads = {c.value for row in book["Costs"].iter_rows() for c in row}
    assert {"FY2026*", "FY2027*"} <= heads and "FY2026" not in heads
    note = "* only part of the period: FY2026 (9 of 12 months), FY2027 (3 of 12 months)."
    for name in ("Costs", "Charts"):
        assert str(book[name]["A2"].value).endswith(note)
    assert "*" not in book["Sourcing"]["A2"].value  # its quarters are whole


def test_a_document_is_also_plain_text(answer: SolvedPlan) -> None:
    """The same pages, by another renderer: sheets, tables, formulas and the names of charts."""
    document = results_document(make_report(answer), answer)
    text = plain_text(document)
    for page in document.pages:
        assert f"# {page.name}\n" in text
    assert "Cost of each future" in text
    assert f"{answer.expected_cost:,.0f}" in text and TRICK in text
    line = next(x for x in text.splitlines() if x.startswith("Nd  ") and "Need" in x)
    assert re.search(r"t REO +\d+", line)


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        ('#,##0;-#,##0;"–"', 12345.6, "12,346"), ('#,##0;-#,##0;"–"', 0.0, "–"),
        ("0.0%", 0.123, "12.3%"), ('+#,##0.0;-#,##0.0;"–"', 2.0, "+2.0"),
        ('0.0" (27-04)"', 6.0, "6.0 (27-04)"), ('[=0]"now";0" (27-01)"', 0, "now"),
        ("General", 2.5, "2.5"), ("0.0E+00", 2.5e-7, "2.5e-07"),
    ],
)  # fmt: skip
def test_numbers_as_text(form: str, value: float, shown: str) -> None:
    assert shown_text(value, CellStyle(form)) == shown


def test_a_page_shows_so_many_futures_and_says_how_many_more(
    answer: SolvedPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, count = make_report(answer), len(answer.histories)
    assert count > 2
    assert "more columns" not in plain_text(results_document(report, answer))
    monkeypatch.setattr("kido.result.scenarios.MOST_SHOWN", 2)
    text = plain_text(results_document(report, answer))
    assert text.count(f"{count - 2} more columns are in tables.json.") == 1
    page = text.partition("# Scenarios\n")[2].partition("\n# ")[0]
    assert answer.worst[0].name in page and answer.worst[-1].name not in page
    assert len(report["scenarios"].columns) == 3 + count


def test_charts_have_one_color_and_one_order_for_each_country(answer: SolvedPlan) -> None:
    document = results_document(make_report(answer), answer)
    charts = [b.chart for page in document.pages for b in page.blocks if isinstance(b, ChartBlock)]
    supply = [c for c in charts if c.over]
    assert len(supply) >= 2
    order = list(palette(make_report(answer)["sourcing"]))
    colors: dict[str, set[str]] = {}
    for chart in supply:
        names = [s.name for s in chart.series if s.name in order]
        assert names == sorted(names, key=order.index)
        for series in chart.series:
            colors.setdefault(series.name, set()).add(series.color)
    assert all(len(found) == 1 for found in colors.values())


def test_value_axes_begin_at_nought(answer: SolvedPlan) -> None:
    document = results_document(make_report(answer), answer)
    for page in document.pages:
        for block in page.blocks:
            if isinstance(block, ChartBlock):
                axis = block.chart.vertical
                assert axis.low in (0, None) and axis.high in (0, None)


def test_facts_and_hash_are_on_the_certificate(written: Path, answer: SolvedPlan) -> None:
    cells = [c for row in page_of(written, "certificate").iter_rows(values_only=True) for c in row]
    assert "1.2.3" in cells and answer.tables.sha256 in cells
    assert sum(str(c).startswith("mass: ") for c in cells) == 1


@pytest.mark.parametrize("broken", ["save", "replace"])
def test_a_failed_write_leaves_the_old_file(
    broken: str, answer: SolvedPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.xlsx"
    path.write_bytes(b"yesterday")

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    if broken == "save":
        monkeypatch.setattr(xlsxwriter.Workbook, "close", fail)
    else:
        monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_results(make_report(answer), answer, path)
    assert path.read_bytes() == b"yesterday"
    assert [p.name for p in tmp_path.iterdir()] == ["results.xlsx"]


def test_flows_are_the_solution(answer: SolvedPlan) -> None:
    """In the stored tables; no page that only a program reads is in the workbook."""
    report = make_report(answer)
    table = report["flows"].frame
    found = {
        (*row[:4], parse_month(head)): value
        for row in table.itertuples(index=False)
        for head, value in zip(table.columns[5:], row[5:], strict=True)
        if not np.isnan(value)
    }
    frame = answer.flows
    keys = zip(*(frame[k] for k in ("kind", "name", "item", "branch", "start")), strict=True)
    wanted = dict(zip(keys, frame["value"], strict=True))
    assert found == wanted
    moments = report["moments"].frame
    held = set(zip(moments["branch"], moments["starts"], strict=True))
    assert {(key[3], month_text(key[4])) for key in wanted} <= held


# -- both languages ---------------------------------------------------------------


def test_every_label_is_in_both_languages() -> None:
    for key, texts in all_labels().items():
        assert all(text.strip() for text in texts), key
        blanks = [sorted(re.findall(r"{\w+}", text)) for text in texts]
        assert blanks[0] == blanks[1], key


def known(word: str, family: str) -> bool:
    headers = {c.name for sheet in catalogue().values() for c in sheet.columns.values()}
    return f"{family}.{word}" in all_labels() or (family == "number" and word in headers)


def test_japanese_book(answer: SolvedPlan, tmp_path: Path) -> None:
    settings = replace(answer.case.settings, language="ja")
    japanese = replace(answer, case=replace(answer.case, settings=settings))
    report = make_report(japanese)
    path = tmp_path / "results.xlsx"
    write_results(report, japanese, path)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "役員ページ" and "費用" in book.sheetnames
    assert "2026年度 Q2" in [cell.value for cell in book["国別調達"][4]]
    assert report["orders"].title_ja.startswith("発注")
    typed = {str(v) for frame in answer.tables.frames.values() for v in frame.rows.to_numpy().flat}
    typed |= {b.name for b in answer.case.tree.branches} | set(answer.case.country.values()) | {""}
    for name, table in report.items():
        for column in table.columns:
            if column.shape == "word" and name != "certificate":
                for word in {str(w) for w in table.frame[column.key]} - typed:
                    assert known(word, column.words), (name, column.key, word)
    # Japanese sheets keep no English heading
    for page in book.worksheets[2:]:
        heads = {str(c.value) for c in page[4] if c.value}
        english = {h for h in heads if re.fullmatch(r"[A-Z][a-z]+( [a-z]+)*", h)}
        assert english <= typed, page.title


# -- quantities -------------------------------------------------------------------


def test_sources_and_gap_sum_to_the_need(answer: SolvedPlan) -> None:
    for commodity in answer.elements:
        lines = supply_lines(answer, commodity)
        parts = sum(t for measure, _, t in lines if measure != "need")
        assert np.allclose(parts, need_of(answer, commodity))
        met = met_of(answer, commodity)
        served = sum(t for _, t in served_from(lines, met))
        assert np.allclose(served, met, atol=1e-6)
        uses = next(t for measure, _, t in lines if measure == "other uses")
        assert (uses < 1e-6).all()


def test_quarters_hold_what_moments_hold(answer: SolvedPlan) -> None:
    line = Timeline.of(answer, answer.reference_path)
    sent = answer.of("ship", "Sea lane")
    spread = line.spread(sent, "sum")
    quarters = len(line.quarters)
    assert spread[0] == pytest.approx(spread[1 : 1 + quarters].sum())
    assert spread[0] == pytest.approx(spread[1 + quarters :].sum())
    months = [m.months for m in answer.case.tree.nodes if m.reported and m.branch == 0]
    assert sum(months) == 12 and line.quarters[0] == fiscal_quarter(parse_month("2026-07"), 4)


def test_a_moment_across_quarters_is_split_by_month(tmp_path: Path) -> None:
    def edit(sheets: Sheets, settings: dict[str, Any]) -> None:
        lively(sheets, settings)
        settings |= {"start": "2026-08", "calendar": "4 quarter"}
        sheets["Contracts"], sheets["Scenarios"], sheets["Events"] = [], [], []

    answer = answered(tables_of(tmp_path, edit))
    line = Timeline.of(answer, answer.reference_path)
    ones = np.where(np.arange(len(answer.months)) == 0, 3.0, 0.0)
    assert line.spread(ones, "sum")[1:4] == pytest.approx([2, 1, 0])
    assert line.quarters[:2] == ("FY2026 Q2", "FY2026 Q3")
    assert period_text(parse_month("2026-11"), 3) == "2026-11/2027-01"


def test_first_unmet_order(tmp_path: Path) -> None:
    def edit(sheets: Sheets, settings: dict[str, Any]) -> None:
        lively(sheets, settings)
        stop = {"name": "dry", "target": ["La pit", "La lane"], "effect": "capacity",
                "factor": 0, "start": "2026-12"}  # fmt: skip
        sheets["Events"].append(stop)
        sheets["Routes"][1] |= {"lead": 0, "most": 600}
        sheets["Supply"][1] |= {"most": 600}

    answer = answered(tables_of(tmp_path, edit))
    assert first_unmet(answer, "La", answer.reference_path) == 5
    frame = elements(answer).frame.set_index("element")
    assert frame.loc["La", "unmet 0"] == 5
    assert answer.elements == ("Nd", "La")


def test_do_now_is_sorted_by_cash_and_says_with_whom(answer: SolvedPlan) -> None:
    frame = do_now(answer, make_report(answer)["orders"].frame).frame
    assert len(frame) > 1 and frame["cash"].is_monotonic_decreasing
    assert set(frame["act"]) <= {"buy", "sign", "build", "ask"}
    assert (frame["amount"] > 0).all() and (frame["counterparty"] != "").all()
    assert frame["by_when"].str.match(r"20\d\d-\d\d").all()


def test_orders_are_what_is_sent(answer: SolvedPlan) -> None:
    frame = make_report(answer)["orders"].frame
    trunk = frame[(frame["branch"] == "Trunk") & (frame["row"] == "Sea lane")]
    reported = [n for n in answer.reference_path.path if answer.reported[n]]
    assert trunk["amount"].sum() == pytest.approx(answer.of("ship", "Sea lane")[reported].sum())
    under = trunk[trunk["counterparty"] == "Offtake"]["amount"].sum()
    assert under == pytest.approx(answer.of("lift", "Offtake", "Sea lane")[reported].sum())
    first = trunk.iloc[0]
    assert first["lands"] == "2026-08" and first["leaves"] == "2026-07"
    assert {"Stop", "Long stop"} <= set(frame["branch"])


def test_what_the_cost_is_made_of(answer: SolvedPlan) -> None:
    """Money, living with less, lost output and penalties sum to the cost; the guess is told."""
    parts = makeup(answer)
    whole = parts.money + parts.kept + parts.thrift + parts.lost + parts.penalty
    assert whole == pytest.approx(answer.expected_cost)
    weight = answer.probability * answer.discount
    by_row = {
        c.name: float(kusd @ weight) for c, kusd in answer.kusd_by_term if c.sheet == "Relief"
    }
    kinds = {r.name: r.kind for r in answer.tables["Relief"].records()}
    grades = {r.name: r.grade for r in answer.tables["Relief"].records()}
    lost = {name: kusd for name, kusd in by_row.items() if kinds[name] == "lost"}
    assert parts.lost == pytest.approx(sum(lost.values())) and parts.lost > 0
    assert parts.thrift == pytest.approx(sum(by_row.values()) - parts.lost)
    unsure = sum(kusd for name, kusd in lost.items() if grades[name] in ("guessed", "estimated"))
    assert parts.guessed == pytest.approx(unsure / parts.lost)


def test_only_the_first_month_is_to_be_done_now(answer: SolvedPlan) -> None:
    """Of two orders of one plant the second waits."""
    orders = make_report(answer)["orders"].frame
    built = orders[orders["act"] == "build"]
    start = answer.case.tree.start
    line = (built if len(built) else orders).iloc[0].to_dict()
    both = pd.DataFrame([
        {**line, "act": "build", "branch": "Trunk", "leaves": month_text(start + k),
         "start": start + k, "amount": amount}
        for k, amount in ((0, 1986.0), (1, 514.0))
    ])  # fmt: skip
    told = do_now(answer, both).frame
    assert list(zip(told["by_when"], told["amount"], strict=True)) == [(month_text(start), 1986.0)]


def test_what_arrives_is_the_same_on_every_page(answer: SolvedPlan) -> None:
    report = make_report(answer)
    sourcing, futures = report["sourcing"].frame, report["scenarios"].frame
    by_country = sourcing[sourcing["measure"] == "arrives"].groupby("source")["plan"].sum()
    side = futures[futures["measure"] == "arrives"].groupby("item")["history 0"].sum()
    assert dict(by_country) == pytest.approx({k: float(v) for k, v in side.items()})


def test_what_waits_in_a_yard_is_shown(answer: SolvedPlan) -> None:
    """A tonne in a yard at home covers as one in a store."""
    site, commodity = answer.balance_pairs("Nd")[0]
    level = answer.zeros + 25.0
    there = replace(answer)
    there.values["yard_stock"] = {(site, commodity): level}
    frame = make_report(there)["stockpiles"].frame
    yard = frame[(frame["owner"] == "yards") & (frame["commodity"] == commodity)]
    assert yard["plan"].tolist() == [25.0]
    rows = frame[(frame["commodity"] == commodity) & (frame["measure"] == "cover")]
    cover = rows.groupby("owner")["plan"].last()
    assert cover["all and yards"] > cover["all owners"]


def test_no_page_calls_another_branch_the_trunk(tmp_path: Path) -> None:
    """All futures leave the trunk at the start: the likeliest is named by its name."""
    sheets = tables_of(tmp_path)
    rows = sheets["Scenarios"].rows.copy()
    rows["parent"], rows["probability"] = "", [0.7, 0.3]
    rows["known"] = sheets.settings.start
    other = answered(sheets.with_rows("Scenarios", rows))
    assert other.reference_path.name == str(rows["name"].iloc[0])
    path = tmp_path / "results.xlsx"
    write_results(make_report(other), other, path)
    book = openpyxl.load_workbook(path)
    for page in book.worksheets:
        for row in page.iter_rows(values_only=True):
            for cell in row:
                assert "runk" not in str(cell), (page.title, cell)
    frame = make_report(other)["scenarios"].frame
    assert "against the likeliest" in set(frame["item"])


def test_the_first_page_says_which_future_and_how_likely(tmp_path: Path) -> None:
    answer = answered(tables_of(tmp_path), "Long stop")
    path = tmp_path / "results.xlsx"
    write_results(make_report(answer), answer, path)
    page = openpyxl.load_workbook(path).worksheets[0]
    chance = next(r.probability for r in answer.tables["Scenarios"].records()
                  if r.name == "Long stop")  # fmt: skip
    assert f"Long stop ({100 * chance:.2g}\N{NO-BREAK SPACE}%)" in str(page["A2"].value)


def test_money_of_the_board_page(answer: SolvedPlan) -> None:
    yen = replace(answer.case.settings, display_currency="JPY", fx=150.0)
    other = replace(answer, case=replace(answer.case, settings=yen))
    assert money_unit(other) == ("oku-yen", pytest.approx(150 * 1000 / 1e8))
    euro = replace(answer.case.settings, display_currency="EUR", fx=0.9)
    other = replace(answer, case=replace(answer.case, settings=euro))
    assert money_unit(other) == ("million EUR", pytest.approx(0.0009))


# -- prices in planners' words ----------------------------------------------------


def slopes(tables: Tables, sheet: str, row: str, column: str, by: float) -> tuple[float, float]:
    """The change of the objective for one unit less and one more, per unit."""

    def objective(change: float) -> float:
        rows = tables[sheet].rows.copy()
        at = rows.index[rows["name"] == row]
        rows.loc[at, column] += change
        return plan(tables.with_rows(sheet, rows))[1].objective

    here = objective(0.0)
    return (here - objective(-by)) / by, (objective(by) - here) / by


def between(value: float, sides: tuple[float, float]) -> bool:
    slack = 1e-4 * (1 + max(map(abs, sides)))
    return min(sides) - slack <= value <= max(sides) + slack


@pytest.mark.parametrize("weight", [0.0, 0.3])
def test_a_tonne_more_saves_its_price(weight: float, tmp_path: Path) -> None:
    tables = tables_of(tmp_path).with_settings(risk_weight=weight)
    answer = answered(tables)
    price = answer.worth.tonne("Tokyo", "Nd")[0]
    assert price > 0
    saved = price * answer.worth.money[0]
    sides = slopes(tables, "Stockpiles", "Store", "opening", 0.01)
    assert between(-saved, sides)


def test_weights_of_money_are_one_in_all(answer: SolvedPlan) -> None:
    assert answer.worth.weight[0] == pytest.approx(1.0)
    assert answer.worth.money[0] == pytest.approx(1.0)


@pytest.mark.parametrize("share", [0.98, 1.02])
def test_up_to_is_the_price_at_which_it_is_just_worth_it(share: float, tmp_path: Path) -> None:
    """A second lane like the first is used below the price named, and not above it."""
    tables = tables_of(tmp_path)
    answer = answered(tables)
    lane = next(p for p in purchases_of(answer) if p.row == "La lane")
    month = parse_month("2026-10")
    at = next(n for n in answer.reference_path.path if answer.case.tree.nodes[n].start == month)
    routes = tables["Routes"].rows.copy()
    extra = routes[routes["name"] == "La lane"].copy()
    extra["name"], extra["tariff"], extra["on_water"], extra["most"] = "Other", 0.0, 0.0, 0.05
    extra["price"] = share * lane.reservation_price[at] + lane.freight[at] - 0.3
    extra["start"] = extra["end"] = month
    extra["origin"] = "Perth"  # where La is to be had for nothing
    extra.index = [999]
    more = tables.with_rows("Routes", pd.concat([routes, extra]))
    used = answered(more).of("ship", "Other").sum()
    assert (used > 1e-6) == (share < 1)


NUMBERS = [
    ("Demand", "Magnets", "need", "need", 1.0),
    ("Demand", "Glass", "need", "need", 1.0),
    ("Facilities", "Kiln", "capacity", "capacity", 1.0),
    ("Stockpiles", "Store", "opening", "opening", 0.01),
    ("Routes", "La lane", "price", "purchase price", 0.001),
    ("Processes", "Refine", "cost", "cost", 0.001),
    ("Relief", "Lost", "cost", "cost", 0.1),
    ("Relief", "Thrift", "share", "largest share", 1e-4),
    ("Policies", "Cover", "limit", "limit", 1e-3),
    ("Scenarios", "Stop", "probability", "probability", 1e-5),
    ("Scenarios", "Long stop", "probability", "probability", 1e-5),
]


@pytest.mark.parametrize(("sheet", "row", "column", "number", "by"), NUMBERS)
def test_ten_percent_is_the_slope(
    sheet: str, row: str, column: str, number: str, by: float, tmp_path: Path
) -> None:
    tables = tables_of(tmp_path).with_settings(risk_weight=0.0)
    answer = answered(tables)
    frame = guesses(answer).frame
    at = (frame["sheet"] == sheet) & (frame["row"] == row) & (frame["number_of"] == number)
    effect = float(frame.loc[at, "ten_percent"].sum())
    rows = tables[sheet].rows
    value = float(rows.loc[rows["name"] == row, column].iloc[0])
    sides = slopes(tables, sheet, row, column, by)
    assert between(effect / (STEP * value), sides)


def test_grades_share_all_money(answer: SolvedPlan) -> None:
    frame = make_report(answer)["grades"].frame
    assert frame["share_of_money"].sum() == pytest.approx(1.0)
    guessed = frame.set_index("grade").loc["guessed", "gross_money"]
    lost = next(kusd for term, kusd in answer.kusd_by_term if term.name == "Lost")
    assert guessed == pytest.approx(float(lost @ (answer.probability * answer.discount)))


# -- odd books --------------------------------------------------------------------


def test_one_scenario_alone(tmp_path: Path) -> None:
    answer = answered(tables_of(tmp_path), "Long stop")
    path = tmp_path / "results.xlsx"
    report = make_report(answer)
    write_results(report, answer, path)
    assert answer.reference_path.name == "Long stop" and not answer.worst
    assert summary(page_of(path, "costs"))["difference"] == pytest.approx(0.0, abs=1e-4)


def test_a_book_with_almost_nothing(tmp_path: Path) -> None:
    book = make_book(
        tmp_path / "small.xlsx",
        {"start": "2027-01", "calendar": "1 year"},
        Commodities=[{"name": "case", "kind": "oxide"}],
        Sites=[{"name": "here", "country": "USA"}, {"name": "there", "country": "USA"}],
        Supply=[{"name": "offer", "site": "here", "commodity": "case", "most": 10}],
        Routes=[{"name": "lane", "origin": "here", "destination": "there", "commodity": "case",
                 "freight": 2}],
        Demand=[{"name": "need", "site": "there", "commodity": "case", "need": 5}],
    )  # fmt: skip
    answer = answered(read(book))
    path = tmp_path / "results.xlsx"
    write_results(make_report(answer), answer, path)
    assert summary(page_of(path, "costs"))["sum"] == pytest.approx(10.0)


def test_a_plan_that_is_not_proved_is_not_called_optimal(
    answer: SolvedPlan, tmp_path: Path
) -> None:
    statistics = answer.solution.statistics
    loose = replace(statistics, audit=replace(statistics.audit, gap=1e9))
    other = replace(answer, solution=replace(answer.solution, statistics=loose))
    for given, optimal in ((answer, True), (other, False)):
        path = tmp_path / "results.xlsx"
        write_results(make_report(given), given, path)
        said = str(openpyxl.load_workbook(path).worksheets[0]["A2"].value)
        assert ("Optimal plan" in said) == optimal, said
        assert ("Not proved" in said) != optimal


def test_small_flows_are_flows(answer: SolvedPlan) -> None:
    """However small: the certificate and the page of flows see what the solver found."""
    values = {name: dict(held) for name, held in answer.solution.values.items()}
    key = next(iter(values["ship"]))
    values["ship"][key] = 1e-14
    solution = replace(answer.solution, values=values)
    held = flows_of(answer.case, series_of(answer.case, solution))
    assert 1e-14 in set(held.query("kind == 'ship'")["value"])
    assert answer.flows["value"].abs().min() > 0


@pytest.mark.parametrize(
    ("probability", "told"),
    [(1.0, "100"), (0.995, "99.5"), (0.18, "18"), (0.04, "4"), (0.0025, "0.25"), (1 / 3, "33.3")],
)
def test_a_chance_is_told_in_plain_digits(probability: float, told: str) -> None:
    assert Labels("en").chance("Halt", probability) == f"Halt ({told}\N{NO-BREAK SPACE}%)"
