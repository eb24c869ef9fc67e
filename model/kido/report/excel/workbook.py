"""Document -> Excel workbook: every page, then the charts on its cells."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from kido.data.workbook.textwidth import width
from kido.files import write_whole
from kido.report.document import ChartBlock, Document, Grid, Heading, Page, Sentences, TableBlock
from kido.report.excel.cells import CellWriter
from kido.report.excel.charts import Places, draw, place_beside, place_in
from kido.report.excel.grid import write_grid
from kido.report.excel.setup import row_pixels, set_up
from kido.report.excel.table import FIRST, HEADER, write_table
from kido.report.labels import Labels
from kido.report.style import NOTE, TITLE

TITLE_HEIGHT, NOTE_LINE = 24, 12  # points
PLAIN_WIDTH = 8.4  # characters of a column that is as it comes
NOTE_CHARACTERS = 1.1  # of a sentence, in the width of one of the cells


def write_document(document: Document, path: str | os.PathLike[str]) -> None:
    """Write the workbook at `path`, replacing an earlier one only once it is whole."""
    write_whole(Path(path), render_document(document))


@contextmanager
def no_collection() -> Iterator[None]:
    """A context without garbage collection, which would take a tenth of the time of writing."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@no_collection()
def render_document(document: Document) -> bytes:
    """The workbook as the bytes of its file."""
    buffer = BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": document.title, "author": document.author})
    writer = CellWriter(book, document.language)
    labels = Labels(document.language)
    places: Places = {}
    sheets = [book.add_worksheet(page.name) for page in document.pages]
    for sheet, page in zip(sheets, document.pages, strict=True):
        _write_page(sheet, page, writer, labels, places)
    for sheet, page in zip(sheets, document.pages, strict=True):
        _draw_charts(book, sheet, page, places)
    book.close()
    return buffer.getvalue()


def _write_page(
    sheet: Worksheet, page: Page, writer: CellWriter, labels: Labels, places: Places
) -> None:
    set_up(sheet, page)
    widths: Sequence[float] = ()
    for block in page.blocks:
        if isinstance(block, TableBlock):
            columns, widths = write_table(sheet, block, writer, labels)
            places[block.table.name] = (page.name, columns, FIRST, HEADER)
        elif isinstance(block, Grid):
            write_grid(sheet, block, writer)
            widths = block.widths
            for name, (_, place) in block.tables.items():
                places[name] = (page.name, place.columns, place.first_row, place.header_row)
    for block in page.blocks:
        if isinstance(block, Heading):
            writer.put(sheet, 1, 1, block.text, TITLE)
            sheet.set_row_pixels(0, row_pixels(TITLE_HEIGHT))
        elif isinstance(block, Sentences):
            _write_sentences(sheet, block, widths, writer)


def _write_sentences(
    sheet: Worksheet, block: Sentences, widths: Sequence[float], writer: CellWriter
) -> None:
    """Over the first columns, as high as the text asks."""
    writer.merge(sheet, (2, 1, 2, block.columns), block.text, NOTE)
    across = [*widths[: block.columns], *[PLAIN_WIDTH] * (block.columns - len(widths))]
    lines = math.ceil(width(block.text) / (sum(across) * NOTE_CHARACTERS))
    sheet.set_row_pixels(1, row_pixels(max(block.height, NOTE_LINE * lines + 4)))


def _draw_charts(book: Workbook, sheet: Worksheet, page: Page, places: Places) -> None:
    blocks = [b for b in page.blocks if isinstance(b, ChartBlock)]
    grid = next((b for b in page.blocks if isinstance(b, Grid)), None)
    for number, block in enumerate(blocks):
        chart = draw(book, block.chart, places)
        if block.area is not None and grid is not None:
            place_in(sheet, chart, block.area, grid)
        else:
            place_beside(sheet, chart, number, len(blocks))
