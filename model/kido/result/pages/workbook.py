"""Report -> document -> results workbook of a plan: the board, then its tables."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import pairwise

from kido.report.display import note_over
from kido.report.document import Document, Heading, Page, TableBlock
from kido.report.excel import write_document
from kido.report.labels import Labels
from kido.report.style import ACCENT, QUIET
from kido.report.table import Report, Table
from kido.result.cash import SUMS
from kido.result.large_stocks import large_stocks, told
from kido.result.pages.board import board_page
from kido.result.pages.charts import charts_page
from kido.result.pages.costs import costs_page
from kido.result.plan import SolvedPlan
from kido.result.records import certificate
from kido.result.scenarios import first_scenarios
from kido.result.supplier_orders import AHEAD
from kido.result.table_store import FILE as TABLES

# The sheets after the board page, in order; the flows and nodes are for programs (table_store).
SHEETS = (
    "supplier_orders", "cash", "shortages", "charts", "orders", "order_book", "whole_orders",
    "kept_plan", "sourcing", "refining", "stockpiles", "contracts", "shortfalls", "costs",
    "scenarios", "prices", "guesses", "certificate",
)  # fmt: skip
OFTEN_EMPTY = ("whole_orders", "kept_plan")
BY_ELEMENT = ("order_book", "sourcing", "stockpiles", "shortfalls")
PRINTED = 40  # those of most effect


def write_results(
    report: Report,
    plan: SolvedPlan,
    path: str | os.PathLike[str],
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write the results workbook at `path`, replacing an earlier one only once it is whole.

    `facts` (versions, seconds, hashes; they may nest) go on the certificate sheet.
    """
    write_document(results_document(report, plan, facts), path)


def results_document(
    report: Report, plan: SolvedPlan, facts: Mapping[str, object] | None = None
) -> Document:
    """The document of all pages of a plan; `facts` as in `write_results`."""
    language = plan.case.settings.language
    labels = Labels(language)
    report = {**report, "scenarios": first_scenarios(report["scenarios"])}
    pages = [board_page(report, plan, labels)]
    for name in SHEETS:
        if name in OFTEN_EMPTY and report[name].frame.empty:
            continue
        if name == "costs":
            pages.append(costs_page(report, plan, labels))
        elif name == "charts":
            pages.append(charts_page(report, plan, labels))
        elif name == "certificate":
            pages.append(table_page(TableBlock(certificate(plan, facts)), labels, QUIET))
        else:
            more = told(large_stocks(plan), plan, labels) if name == "stockpiles" else ""
            pages.append(table_page(_block(report[name], plan), labels, ACCENT, more))
    return Document(plan.tables.settings.title or "kido", language, tuple(pages))


def _block(table: Table, plan: SolvedPlan) -> TableBlock:
    """The table as it is printed: one element a page, twelve months of orders, main guesses."""
    if table.name in BY_ELEMENT:
        return TableBlock(table, breaks=_first_rows(table, plan))
    if table.name in ("guesses", "kept_plan"):
        return TableBlock(table, printed=min(len(table.frame), PRINTED))
    if table.name == "orders":
        frame, start = table.frame, plan.case.tree.start
        first = plan.case.tree.branch_of(int(plan.reference_path.path[0])).name
        near = (frame["branch"] == first) & (frame["start"] < start + AHEAD)
        return TableBlock(table, printed=int(near.cumprod().sum()))
    if table.name == "cash":
        sums = tuple(i for i, item in enumerate(table.frame["item"]) if item in SUMS)
        return TableBlock(table, strong=sums, breaks=_changes(table.frame["basis"]))
    if table.name == "shortages":
        return TableBlock(table, breaks=_changes(table.frame["future"]))
    return TableBlock(table)


def _first_rows(table: Table, plan: SolvedPlan) -> tuple[int, ...]:
    """The first row of each element but the first, and of what else comes after them."""
    return _changes(c if c in plan.elements else "" for c in table.frame["commodity"])


def _changes(names: Iterable[str]) -> tuple[int, ...]:
    """The places where a name is not that before it."""
    return tuple(i + 1 for i, (one, other) in enumerate(pairwise(names)) if one != other)


def table_page(block: TableBlock, labels: Labels, color: str, more: str = "") -> Page:
    """The page of one table, under its title and its note, to which `more` is added."""
    table = block.table
    title, note = table.title(labels.language), f"{table.note(labels.language)} {more}".rstrip()
    if len(table.columns) < len(table.frame.columns):
        shown, every = (len(columns) for columns in (table.columns, table.frame.columns))
        note += " " + labels["note.left_out"].format(count=every - shown, file=TABLES)
    name = labels[f"sheet.{table.name}"]
    return Page(name, (Heading(title), note_over(note, table), block), color)
