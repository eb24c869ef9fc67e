"""Sets up sheets: freezing, zoom, tab colour and print layout."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from kido.report.document import Page

A4 = 9
MARGIN, FOOTER_MARGIN = 0.4, 0.2  # inches
FOOTER = "&Lkido&C&A&R&P / &N"


def set_up(sheet: Worksheet, page: Page) -> None:
    """Set up a sheet as its page says, for A4 landscape, one page wide.

    `page.tall` printed pages high, 0: as many as it takes.
    """
    if page.color:
        sheet.set_tab_color(f"#{page.color}")
    sheet.hide_gridlines(2)
    if page.zoom != 100:
        sheet.set_zoom(page.zoom)
    if page.frozen:
        sheet.freeze_panes(page.frozen[0] - 1, page.frozen[1] - 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, page.tall)
    sheet.set_margins(MARGIN, MARGIN, MARGIN, MARGIN)
    sheet.set_header("", {"margin": FOOTER_MARGIN})
    sheet.set_footer(FOOTER, {"margin": FOOTER_MARGIN})
    if page.centered:
        sheet.center_horizontally()
    if page.printed:
        area = page.printed
        sheet.print_area(area.row - 1, area.column - 1, area.last_row - 1, area.last_column - 1)


def column_pixels(characters: float) -> int:
    """The pixels of a column width in characters."""
    return round(7 * characters)


def row_pixels(points: float) -> int:
    """The pixels of a row height in points."""
    return int(points * 4 / 3)
