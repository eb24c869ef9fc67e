"""The part of the Japan book that an energy-system model can say as well: one future, no leads.

Left out are scenarios, contracts, policies, lead times with what is under way, orders of new
capacity, and relief that comes back as need. What stays: offers, outlets, processes with several
outputs, facilities that processes share, routes with losses, stockpiles with limits and a value
at the end, yards, disposal, demand and its other relief.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
from registry import BOOK

WITHOUT = ("Scenarios", "Contracts", "Policies", "Sweeps")  # sheets
BLANK = {
    "Routes": ("lead months", "already on the water"),
    "Processes": ("lead months", "already in the works"),
    "Facilities": ("expansion cost", "least expansion", "most expansion", "build months", "life"),
}


def write_book(path: Path, calendar: str) -> Path:
    """The job as a workbook with this calendar, written to `path`."""
    book = openpyxl.load_workbook(BOOK)
    settings = book["Settings"]
    for row in settings.iter_rows(min_row=2):
        if row[0].value in ("calendar", "risk weight"):
            row[1].value = {"calendar": calendar, "risk weight": 0}[row[0].value]
    settings.append(("steady %", 0))
    for name in WITHOUT:
        book[name].delete_rows(2, book[name].max_row)
    for name, columns in BLANK.items():
        header, *rows = book[name].iter_rows()
        for place, cell in enumerate(header):
            if str(cell.value).startswith(columns):
                for row in rows:
                    row[place].value = None
    _keep(book["Events"], lambda event: not event["scenario"] and event["effect"] != "lead")
    _keep(book["Relief"], lambda relief: relief["returns after months"] is None)
    book.save(path)
    return path


def _keep(sheet: Any, wanted: Any) -> None:
    header, *rows = sheet.iter_rows(values_only=True)
    kept = [row for row in rows if wanted(dict(zip(header, row, strict=True)))]
    sheet.delete_rows(2, sheet.max_row)
    for row in kept:
        sheet.append(row)
