"""The sheet of a blank book that says what its colours, marks and sheets mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kido.data.schema import catalogue
from kido.data.workbook.textwidth import width
from kido.report.excel.setup import A4, row_pixels
from kido.report.excel.typed_cells import TypedCellWriter
from kido.report.labels import Labels

WIDTHS = (24, 96)
LINE = 19  # pixels
HEADING = {"bold": True, "font_size": 12, "font_color": "#1F3864", "bottom": 1}
BOLD = {"bold": True, "valign": "top"}
TEXT = {"text_wrap": True, "valign": "top"}
SHARED = ("tags", "use", "source", "grade")
STEPS = ("step1", "step2", "step3", "step4")
MARKS = ("unit", "comment", "choice", "words", "month")


def write_legend(
    writer: TypedCellWriter, language: str, samples: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write the sheet; `samples` are the looks of the headers and examples, by label."""
    labels, sheets = Labels(language), catalogue()
    page = writer.book.add_worksheet(labels["legend.title"])
    columns = sheets["Supply"].columns
    heads = {"key": "name", "needed": "site", "optional": "price", "example": ""}
    lines: list[tuple[str, str, Mapping[str, Any]]] = [(labels["legend.headers"], "", HEADING)]
    for key, column in heads.items():
        word = columns[column].header(language) if column else labels["legend.sample"]
        lines.append((word, labels[f"legend.{key}"], samples[key]))
    lines.append((labels["legend.cells"], "", HEADING))
    lines += [(labels[f"legend.{key}"], labels[f"legend.{key}_means"], BOLD) for key in MARKS]
    for key in SHARED:
        lines.append((columns[key].header(language), labels[f"legend.{key}_means"], BOLD))
    lines.append((labels["legend.hash"], labels["legend.hash_means"], BOLD))
    lines.append((labels["legend.steps"], "", HEADING))
    lines += [(str(n), labels[f"legend.{key}"], BOLD) for n, key in enumerate(STEPS, start=1)]
    lines.append((labels["legend.sheets"], "", HEADING))
    for name, sheet in sheets.items():
        lines.append((sheet.title(language), labels[f"legend.sheet.{name}"], BOLD))
    for row, (word, text, look) in enumerate(lines):
        writer.put(page, row, 0, word, look)
        writer.put(page, row, 1, text or None, TEXT)
        height = 1 + width(text) // WIDTHS[1]
        page.set_row_pixels(row, row_pixels(LINE * height))
    for number, wide in enumerate(WIDTHS):
        page.set_column(number, number, wide)
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
