"""Reading of a workbook into typed tables, with every finding on its file and cells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kido.data.schema import catalogue, sheet_term
from kido.data.tables import Frame, Settings, Tables
from kido.data.workbook.bookfile import open_file, unreadable
from kido.data.workbook.headers import match_sheets
from kido.data.workbook.page import Page
from kido.data.workbook.raw import tidy
from kido.data.workbook.readsettings import read_settings
from kido.data.workbook.readsheet import empty_frame, read_sheet
from kido.data.workbook.shownunit import units_of
from kido.data.workbook.stored import StoredSheet, stored_sheets
from kido.errors import Finding, Place, WorkbookError
from kido.messages import ENGLISH, JAPANESE, listed, phrase

# Sheets of which at least one must have a row.
PLAN_SHEETS = ("Supply", "Sales", "Processes", "Routes", "Stockpiles", "Demand")
# Codes after which references cannot be checked: only findings of reading are reported.
STRUCTURAL_CODES = {
    "sheet-missing",
    "sheet-unknown",
    "sheet-twice",
    "column-unknown",
    "column-missing",
    "column-twice",
    "no-header",
    "merged-cells",
    "nothing-to-plan",
}


@dataclass(frozen=True)
class Reading:
    """The result of reading: tables (without bad cells) and every finding."""

    tables: Tables | None
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that are not warnings."""
        return tuple(f for f in self.findings if not f.warning)

    @property
    def complete(self) -> bool:
        """Whether all faults are of single cells, so that the rest can be checked."""
        return self.tables is not None and not any(f.code in STRUCTURAL_CODES for f in self.faults)


def read_book(path: str | os.PathLike[str]) -> Tables:
    """The tables of the workbook at `path`. Raises WorkbookError with every finding."""
    reading = read_leniently(path)
    if reading.faults or reading.tables is None:
        raise WorkbookError(reading.findings)
    return reading.tables


def read_leniently(path: str | os.PathLike[str]) -> Reading:
    """The workbook at `path`, as far as it can be read. Raises WorkbookError for a bad file."""
    path = Path(path)
    file = open_file(path)
    sheets = {sheet.title: sheet for sheet in parse_sheets(path, file.data)}
    findings: list[Finding] = list(file.warnings)
    titles = match_sheets(
        list(sheets),
        findings.append,
        lambda title: _head(sheets[title]),
    )
    frames: dict[str, Frame] = {}
    settings: Settings | None = None
    cells: Mapping[str, str] = {}
    for name in catalogue():
        title = titles.get(name)
        if title is None:
            frames[name] = empty_frame(name)
            continue
        page = Page.of(sheets[title])
        if name == "Settings":
            settings, cells = read_settings(page, findings.append)
        else:
            frames[name] = read_sheet(name, page, findings.append, _masses(frames))
    frames.pop("Settings", None)
    _check_not_empty(path, frames, titles, findings)
    language = _language(settings, titles)
    findings = [finding.in_language(language) for finding in findings]
    tables = _tables(path, file.sha256, settings, cells, frames, findings)
    if tables is not None:
        tables = replace(tables, settings_title=titles.get("Settings", "Settings"))
    return Reading(tables, tuple(findings))


def _language(settings: Settings | None, titles: Mapping[str, str]) -> str:
    """The language of messages: that of the settings, else that of the sheet titles."""
    if settings is not None:
        return settings.language
    known = {sheet.title_ja for sheet in catalogue().values()}
    return JAPANESE if any(tidy(title) in known for title in titles.values()) else ENGLISH


def _head(sheet: StoredSheet) -> list[str]:
    return list(next(iter(Page.of(sheet).top().values()), {}).values())


def _masses(frames: Mapping[str, Frame]) -> set[str]:
    """The units of mass of the commodities of the book."""
    goods = frames.get("Commodities")
    return set() if goods is None else units_of(" ".join(goods.rows["unit"]))


def _tables(
    path: Path,
    sha256: str,
    settings: Settings | None,
    cells: Mapping[str, str],
    frames: Mapping[str, Frame],
    findings: list[Finding],
) -> Tables | None:
    if settings is None:
        return None
    noted = tuple(f for f in findings if f.warning)
    return Tables(str(path), sha256, settings, cells, frames, noted)


def parse_sheets(path: Path, data: bytes) -> list[StoredSheet]:
    """Every worksheet of a workbook. Raises WorkbookError for a damaged one."""
    try:
        return stored_sheets(data)
    except Exception as problem:  # a damaged workbook can raise any error
        kind = type(problem).__name__
        raise unreadable(path, phrase("part.raised", kind=kind, problem=problem)) from None


def _check_not_empty(
    path: Path, frames: Mapping[str, Frame], titles: Mapping[str, str], findings: list[Finding]
) -> None:
    if any(len(frames[name]) for name in PLAN_SHEETS) or any(
        f.code in STRUCTURAL_CODES for f in findings
    ):
        return
    place = Place(titles.get("Demand", path.name))
    findings.append(
        Finding.of("nothing-to-plan", place, sheets=listed(map(sheet_term, PLAN_SHEETS)))
    )
