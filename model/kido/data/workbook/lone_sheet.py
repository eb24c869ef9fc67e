"""One sheet of a workbook, read without the others."""

from __future__ import annotations

import os
from pathlib import Path

from kido.data.schema import catalogue, sheet_term
from kido.data.tables import Frame
from kido.data.workbook.bookfile import open_file
from kido.data.workbook.page import Page
from kido.data.workbook.raw import fold
from kido.data.workbook.read import parse_sheets
from kido.data.workbook.readsheet import read_sheet
from kido.errors import Finding, Place, WorkbookError


def read_lone_sheet(path: str | os.PathLike[str], name: str, language: str) -> Frame:
    """The frame of the sheet `name` of a workbook. Raises WorkbookError with every finding."""
    path, sheet = Path(path), catalogue()[name]
    titles = {fold(sheet.name), fold(sheet.title_ja)}
    found = parse_sheets(path, open_file(path).data)
    findings: list[Finding] = []
    for stored in found:
        if fold(stored.title) in titles:
            frame = read_sheet(name, Page.of(stored), findings.append)
            break
    else:
        held = ", ".join(stored.title for stored in found)
        findings.append(Finding.of("lone-sheet", Place(path.name), held, sheet=sheet_term(name)))
    if any(not finding.warning for finding in findings):
        raise WorkbookError([finding.in_language(language) for finding in findings])
    return frame
