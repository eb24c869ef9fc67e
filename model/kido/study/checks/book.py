"""Validation of a whole workbook: its data, and the sweeps on its sheet Sweeps."""

from __future__ import annotations

import os

from kido.data import check as of_data
from kido.data.tables import Tables
from kido.errors import Finding
from kido.study.checks.rows import check_sweeps

SWEEPS = "Sweeps"


def check(tables: Tables) -> list[Finding]:
    """All faults and warnings of a workbook, ordered by sheet and row."""
    return of_data.check(tables, (check_sweeps,))


def check_file(
    path: str | os.PathLike[str], sweeps: bool = True
) -> tuple[Tables | None, list[Finding]]:
    """The tables of a workbook (None if not sound) and all findings.

    With `sweeps` False, for a plan alone, faults of the sheet Sweeps are warnings.
    Raises WorkbookError only if the file itself cannot be opened.
    """
    return of_data.check_file(path, (check_sweeps,), () if sweeps else (SWEEPS,))


def checked_book(path: str | os.PathLike[str], sweeps: bool = True) -> Tables:
    """The tables of a sound workbook, with its warnings. Raises WorkbookError with all findings."""
    return of_data.checked_book(path, (check_sweeps,), () if sweeps else (SWEEPS,))


def checked_tables(tables: Tables) -> Tables:
    """The same tables, checked with their sweeps. Raises WorkbookError if they are not sound."""
    return of_data.checked_tables(tables, (check_sweeps,))
