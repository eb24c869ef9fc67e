"""Report -> document -> results workbook of a plan: the board, the charts, then its tables."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kido.report.display import note_over
from kido.report.document import Document, Heading, Page, TableBlock
from kido.report.excel import write_document
from kido.report.labels import Labels
from kido.report.style import ACCENT, QUIET
from kido.report.table import Report
from kido.result.pages.board import board_page
from kido.result.pages.charts import charts_page
from kido.result.pages.costs import costs_page
from kido.result.plan import SolvedPlan
from kido.result.records import certificate
from kido.result.scenarios import first_scenarios
from kido.result.table_store import FILE as TABLES

# The sheets after the board page and the charts, in order.
SHEETS = (
    "orders", "order_book", "whole_orders", "sourcing", "refining", "stockpiles", "contracts",
    "shortfalls",
    "costs", "scenarios", "prices", "guesses", "flows", "moments", "certificate",
)  # fmt: skip
RECORDS = ("flows", "moments", "certificate")


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
    pages = [board_page(report, plan, labels), charts_page(report, plan, labels)]
    for name in SHEETS:
        if name == "whole_orders" and report[name].frame.empty:
            continue
        if name == "costs":
            pages.append(costs_page(report, plan, labels))
            continue
        table = certificate(plan, facts) if name == "certificate" else report[name]
        color = QUIET if name in RECORDS else ACCENT
        pages.append(table_page(TableBlock(table), labels, color))
    return Document(plan.tables.settings.title or "kido", language, tuple(pages))


def table_page(block: TableBlock, labels: Labels, color: str) -> Page:
    """The page of one table, under its title and its note."""
    table = block.table
    title, note = table.title(labels.language), table.note(labels.language)
    if len(table.columns) < len(table.frame.columns):
        shown, every = (len(columns) for columns in (table.columns, table.frame.columns))
        note += " " + labels["note.left_out"].format(count=every - shown, file=TABLES)
    name = labels[f"sheet.{table.name}"]
    return Page(name, (Heading(title), note_over(note, table), block), color)
