"""The workbook of a comparison: its causes first, then a page for each table."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kido.comparison.causes_page import causes_page
from kido.comparison.comparison import Comparison
from kido.report.document import Document, TableBlock
from kido.report.excel import write_document
from kido.report.labels import Labels
from kido.report.style import ACCENT, QUIET
from kido.report.table import Report
from kido.result.pages.workbook import table_page

WIDTHS: Mapping[str, Mapping[str, float]] = {
    "compare_changes": {"before": 26.0, "after": 26.0},
    "compare_runs": {"before": 68.0, "after": 68.0},
}


def write_comparison(report: Report, comparison: Comparison, path: str | os.PathLike[str]) -> None:
    """Write the workbook at `path`, replacing an earlier one only once it is whole."""
    write_document(comparison_document(report, comparison), path)


def comparison_document(report: Report, comparison: Comparison) -> Document:
    """The document of all tables of a comparison."""
    labels = Labels(comparison.language)
    pages = [causes_page(comparison, report["compare_causes"])]
    for name, table in report.items():
        if name != "compare_causes":
            block = TableBlock(table, widths=WIDTHS.get(name, {}), air=2.5)
            pages.append(table_page(block, labels, QUIET if name == "compare_runs" else ACCENT))
    title = labels["compare.title"].format(
        before=comparison.before.folder.name, after=comparison.after.folder.name
    )
    return Document(title, comparison.language, tuple(pages))
