"""The sheet of costs: values where the plan gives them, live formulas for every sum."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kido.report.labels import Labels
from kido.report.table import Report, Table
from kido.result.book.sheet import FIRST, Placed, heading, set_up_print
from kido.result.book.style import (
    ACCENT,
    GROUP,
    HEAD,
    HEAD_NUMBER,
    INTEGER,
    RULE,
    CellStyle,
    Styles,
)
from kido.result.plan import SolvedPlan

MONEY = CellStyle(INTEGER)
TOTAL = CellStyle(INTEGER, bold=True, top=ACCENT)
SUMMARY = (
    "expected_table", "expected_futures", "value_at_risk", "level", "cvar", "weight", "sum",
    "solver", "difference",
)  # fmt: skip


def write_costs(
    book: Workbook, styles: Styles, labels: Labels, report: Report, answer: SolvedPlan
) -> Placed:
    """Objective on top, then category by year, then the futures that make the tail."""
    years, futures = report["costs"], report["history_costs"]
    page = book.create_sheet(labels["sheet.costs"])
    heading(page, styles, years, labels)
    top = FIRST + len(SUMMARY) + 3
    total = _by_year(page, styles, labels, years, top)
    below = top + len(years.frame) + 4
    chance, cost, excess = _by_future(page, styles, labels, futures, below)
    _objective(page, styles, labels, answer, total, (chance, cost, excess))
    page.column_dimensions["A"].width = 46
    for number in range(2, len(futures.columns) + 3):
        page.column_dimensions[get_column_letter(number)].width = 13
    page.freeze_panes = "B3"
    page.sheet_view.showGridLines = False
    page.sheet_view.zoomScale = 90
    set_up_print(page, tall=1)
    place = {c.key: i for i, c in enumerate(years.columns, start=1)}
    return Placed(page, years, top + 1, place)


def _headers(
    page: Worksheet, styles: Styles, labels: Labels, table: Table, row: int, more: tuple[str, ...]
) -> None:
    for number, column in enumerate(table.columns, start=1):
        text = labels.period(column.label) if column.label else labels[f"column.{column.key}"]
        styles.put(page, row, number, text, HEAD if number == 1 else HEAD_NUMBER)
    for number, key in enumerate(more, start=len(table.columns) + 1):
        styles.put(page, row, number, labels[f"column.{key}"], HEAD_NUMBER)
    page.row_dimensions[row].height = 28


def _by_year(page: Worksheet, styles: Styles, labels: Labels, table: Table, row: int) -> str:
    """Writes the table with its totals; the address of the grand total."""
    styles.put(page, row - 1, 1, labels["costs.by_year"], GROUP)
    _headers(page, styles, labels, table, row, ("total", "share"))
    first, last = row + 1, row + len(table.frame)
    width = len(table.columns)
    whole, end = get_column_letter(width + 1), get_column_letter(width)
    for i, line in enumerate(table.rows, start=first):
        _line(page, styles, labels, i, line)
        styles.formula(page, i, width + 1, f"=SUM(B{i}:{end}{i})", replace(MONEY, bold=True))
        share = f"=IF({whole}${last + 1}=0,0,{whole}{i}/{whole}${last + 1})"
        styles.formula(page, i, width + 2, share, CellStyle("0.0%"))
    styles.put(page, last + 1, 1, labels["column.total"], replace(TOTAL, format="General"))
    for number in range(2, width + 2):
        letter = get_column_letter(number)
        text = f"=SUM({letter}{first}:{letter}{last})" if last >= first else "=0"
        styles.formula(page, last + 1, number, text, TOTAL)
    styles.apply(page.cell(last + 1, width + 2), TOTAL)
    return f"{whole}{last + 1}"


def _by_future(
    page: Worksheet, styles: Styles, labels: Labels, table: Table, row: int
) -> tuple[str, str, str]:
    """The ranges of probability, cost and excess over the value at risk."""
    styles.put(page, row - 1, 1, labels["costs.by_future"], GROUP)
    _headers(page, styles, labels, table, row, ("total", "excess"))
    first, last = row + 1, row + len(table.frame)
    width = len(table.columns)
    whole, above = get_column_letter(width + 1), get_column_letter(width + 2)
    at_risk = f"$B${FIRST + 1 + SUMMARY.index('value_at_risk')}"
    for i, line in enumerate(table.rows, start=first):
        _line(page, styles, labels, i, line)
        styles.apply(page.cell(i, 2), CellStyle("0.0%"))
        total = f"=SUM(C{i}:{get_column_letter(width)}{i})" if width > 2 else "=0"
        styles.formula(page, i, width + 1, total, replace(MONEY, bold=True))
        styles.formula(page, i, width + 2, f"=MAX(0,{whole}{i}-{at_risk})", MONEY)
    return (
        f"$B${first}:$B${last}", f"${whole}${first}:${whole}${last}",
        f"${above}${first}:${above}${last}",
    )  # fmt: skip


def _line(page: Worksheet, styles: Styles, labels: Labels, row: int, line: dict[str, Any]) -> None:
    for number, value in enumerate(line.values(), start=1):
        if number == 1:
            styles.put(page, row, 1, labels.word(str(value)), CellStyle(bottom=RULE, indent=1))
        elif not pd.isna(value):
            styles.put(page, row, number, float(value), replace(MONEY, bottom=RULE))


def _objective(
    page: Worksheet,
    styles: Styles,
    labels: Labels,
    answer: SolvedPlan,
    total: str,
    ranges: tuple[str, str, str],
) -> None:
    chance, cost, excess = ranges
    at = {name: FIRST + 1 + i for i, name in enumerate(SUMMARY)}
    b = {name: f"B{row}" for name, row in at.items()}
    settings = answer.case.settings
    cells: dict[str, tuple[object, str]] = {
        "expected_table": (f"={total}", INTEGER),
        "expected_futures": (f"=SUMPRODUCT({chance},{cost})", INTEGER),
        "value_at_risk": (answer.value_at_risk, INTEGER),
        "level": (settings.cvar_level, "0.00"),
        "cvar": (
            f"={b['value_at_risk']}+SUMPRODUCT({chance},{excess})/(1-{b['level']})", INTEGER
        ),
        "weight": (settings.risk_weight, "0.00"),
        "sum": (
            f"=(1-{b['weight']})*{b['expected_table']}+{b['weight']}*{b['cvar']}", INTEGER
        ),
        "solver": (answer.solution.objective, INTEGER),
        "difference": (f"={b['sum']}-{b['solver']}", "0.00;-0.00;0.00"),
    }  # fmt: skip
    styles.put(page, FIRST, 1, f"{labels['costs.objective']} [kUSD]", GROUP)
    styles.put(page, FIRST, 2, "", GROUP)
    for name, (value, form) in cells.items():
        strong = name in ("sum", "solver", "difference")
        look = CellStyle(bold=strong, bottom=RULE)
        styles.put(page, at[name], 1, labels[f"costs.{name}"], replace(look, indent=1))
        shown = replace(look, format=form)
        if isinstance(value, str):
            styles.formula(page, at[name], 2, value, shown)
        else:
            styles.put(page, at[name], 2, value, shown)
