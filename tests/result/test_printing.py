"""How pages print: one element a page, twelve months of orders, nothing that only programs read."""

from __future__ import annotations

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from test_results import lively

from books import read
from example_book import Sheets, edited_book
from kido.report.table import Report
from kido.result.cash import SUMS
from kido.result.pages import write_results
from kido.result.plan import SolvedPlan
from kido.result.report import make_report
from plan import answered


def long_book(sheets: Sheets, settings: dict[str, object]) -> None:
    """The example for two years, so that there is more to order than is printed."""
    lively(sheets, settings)
    settings["calendar"] = "12 month, 4 quarter"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SolvedPlan:
    path = tmp_path_factory.mktemp("printing") / "book.xlsx"
    return answered(read(edited_book(path, long_book)))


@pytest.fixture(scope="module")
def report(plan: SolvedPlan) -> Report:
    return make_report(plan)


@pytest.fixture(scope="module")
def book(
    plan: SolvedPlan, report: Report, tmp_path_factory: pytest.TempPathFactory
) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("printed") / "results.xlsx"
    write_results(report, plan, path)
    return openpyxl.load_workbook(path)


def printed(page: Worksheet) -> tuple[int, int]:
    """The last column and row that are printed."""
    _, _, column, row = range_boundaries(page.print_area.split("!")[-1].replace("$", ""))
    return column, row


def breaks(page: Worksheet) -> list[int]:
    """The first rows of the printed pages after the first."""
    return [b.id + 1 for b in page.row_breaks.brk]


@pytest.mark.parametrize("name", ["Sourcing", "Shortfalls", "Orders by period"])
def test_each_element_begins_a_page(book: openpyxl.Workbook, plan: SolvedPlan, name: str) -> None:
    page = book[name]
    column = next(c.column for c in page[4] if c.value == "Commodity")
    names = {r: page.cell(r, column).value for r in range(5, page.max_row + 1)}
    firsts = [r for r in names if r > 5 and names[r] != names[r - 1] and names[r] in plan.elements]
    assert firsts and set(firsts) <= set(breaks(page))
    assert all(names[r] != names[r - 1] for r in breaks(page))
    assert page.print_title_rows == "$4:$4"


def test_the_order_list_prints_twelve_months_and_what_a_buyer_needs(
    book: openpyxl.Workbook, report: Report
) -> None:
    page, frame = book["Order list"], report["orders"].frame
    column, last = printed(page)
    heads = [c.value for c in page[4]]
    shown = [page.cell(r, heads.index("Leaves") + 1).value for r in range(5, last + 1)]
    assert shown and max(shown) < "2027-07" and len(frame) > len(shown)
    branch = report["orders"].frame["branch"] == "Trunk"
    assert len(shown) == (branch & (frame["leaves"] < "2027-07")).sum()
    assert heads[column - 1] == "Grade" and "Row of the book" in heads[column:]


def test_orders_of_twelve_months_by_supplier(report: Report, plan: SolvedPlan) -> None:
    """Tonnes and cash of the first year, of each supplier as on the order list, and in all.

    A supplier is a contract, an offer at its own site, or the site where a lane pays.
    """
    frame, orders = report["supplier_orders"].frame, report["orders"].frame
    bought = orders[(orders["branch"] == "Trunk") & (orders["act"] == "buy")]
    bought = bought[bought["start"] < plan.case.tree.start + 12]
    assert set(frame["supplier"]) == {"Offtake", "Pit", "La pit", "Perth", "Dover", "all suppliers"}
    lines = frame[frame["supplier"] != "all suppliers"]
    assert lines["total"].sum() == pytest.approx(bought["amount"].sum())
    assert lines["cash"].sum() == pytest.approx(bought["cash"].sum())
    offtake = frame.set_index(["supplier", "commodity"]).loc["Offtake", "Nd"]
    under = bought[bought["counterparty"] == "Offtake"]
    assert offtake["total"] == pytest.approx(under["amount"].sum())
    july = under[under["leaves"] == "2026-07"]["amount"].sum()
    assert offtake["2026-07"] == pytest.approx(july)
    total = frame[frame["supplier"] == "all suppliers"].iloc[0]
    months = [c for c in frame.columns if c.startswith("20")]
    assert total[months].sum() == pytest.approx(lines["cash"].sum()) and len(months) == 12


def test_sums_of_cash_are_bold_and_each_basis_is_a_page(book: openpyxl.Workbook) -> None:
    page = book["Cash"]
    bold = {page.cell(r, 2).value for r in range(5, page.max_row + 1) if page.cell(r, 2).font.bold}
    assert bold == {"Cash in all", "Cost in all"} and len(SUMS) == 2
    (first,) = breaks(page)
    assert page.cell(first, 1).value == "Discounted"
    assert page.cell(first - 1, 1).value == "Undiscounted"


def test_no_page_is_only_for_programs(book: openpyxl.Workbook) -> None:
    assert not {"Flows", "Moments"} & set(book.sheetnames)


def test_notes_say_how_likely_the_base_case_is(book: openpyxl.Workbook, plan: SolvedPlan) -> None:
    chance = f"Base case ({100 * plan.reference_path.probability:.3g}\N{NO-BREAK SPACE}%)"
    for name in ("Orders", "Order list", "Sourcing", "Shortfalls", "Prices"):
        assert chance in str(book[name]["A2"].value), name
