"""A document as plain text, block after block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kido.data.workbook.textwidth import width
from kido.report.charts import Chart
from kido.report.display import shown_columns, shown_rows
from kido.report.document import (
    ChartBlock,
    Document,
    Formula,
    Grid,
    Heading,
    Link,
    Page,
    Sentences,
    TableBlock,
)
from kido.report.labels import Labels
from kido.report.style import DIGITS, CellStyle, fitted, is_blank

GAP = "  "  # between columns
QUOTED = re.compile(r'"([^"]*)"')


def plain_text(document: Document) -> str:
    """The document as plain text."""
    labels = Labels(document.language)
    pages = ("\n".join(_page(page, labels)) for page in document.pages)
    return "\n\n".join((document.title, *pages)) + "\n"


def _page(page: Page, labels: Labels) -> Iterator[str]:
    yield f"# {page.name}"
    for block in page.blocks:
        if isinstance(block, Heading | Sentences):
            yield block.text
        elif isinstance(block, TableBlock):
            yield from _aligned(_table(block, labels))
        elif isinstance(block, Grid):
            yield from _grid(block)
        elif isinstance(block, ChartBlock):
            yield _chart(block.chart)


def _table(block: TableBlock, labels: Labels) -> Iterator[list[str]]:
    yield [c.heading(labels) for c in shown_columns(block.table)]
    for cells in shown_rows(block.table, labels):
        yield ["" if cell is None else shown_text(*cell) for cell in cells]


def _grid(grid: Grid) -> Iterator[str]:
    """The lines of a grid, one for each row with text."""
    rows: dict[int, list[tuple[int, str]]] = {}
    for cell in grid.cells:
        text = shown_text(cell.value, fitted(cell.style, cell.value))
        if text:
            rows.setdefault(cell.area.row, []).append((cell.area.column, text))
    for row in sorted(rows):
        yield GAP.join(text for _, text in sorted(rows[row]))


def _chart(chart: Chart) -> str:
    return f"[{chart.title}: {', '.join(s.name for s in chart.drawn if s.listed)}]"


def _aligned(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    lines = list(rows)
    widths = [max(width(row[k]) for row in lines) for k in range(len(lines[0]))]
    for row in lines:
        padded = (text + " " * (w - width(text)) for text, w in zip(row, widths, strict=True))
        yield GAP.join(padded).rstrip()


def shown_text(value: object, style: CellStyle) -> str:
    """A value in the format of its cell."""
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, Link):
        return value.text
    if is_blank(value):
        return ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return _number(float(value), style.format)


def _number(value: float, form: str) -> str:
    """A number in an Excel format: sections for positive, negative and 0; `[=0]` names its own."""
    first, *others = form.split(";")
    if first.startswith("[=0]"):
        section = first.removeprefix("[=0]") if value == 0 else others[0]
    else:
        section = others[1] if value == 0 and len(others) > 1 else first
    digits = DIGITS.search(QUOTED.sub("", section))
    if digits is None or "E" in section or ".#" in section:
        return "".join(QUOTED.findall(section)) or f"{value:.6g}"
    places = len(digits[1] or ".") - 1
    comma = "," if "," in digits[0] else ""
    percent = "%" in section
    text = f"{value * (100 if percent else 1):{comma}.{places}f}" + ("%" if percent else "")
    plus = "+" if section.startswith("+") and value > 0 else ""
    return plus + text + "".join(QUOTED.findall(section))
