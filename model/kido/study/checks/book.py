"""A whole book checked: what it says of the world, and what its sheet Sweeps asks for."""

from __future__ import annotations

import os

from kido.data import check as of_data
from kido.data.tables import Tables
from kido.errors import Finding
from kido.study.checks.rows import check_sweeps

SWEEPS = "Sweeps"


def check(tables: Tables) -> list[Finding]:
    """All faults and warnings of a book, ordered by sheet and row."""
    return of_data.check(tables, (check_sweeps,))


def check_file(
    path: str | os.PathLike[str], sweeps: bool = True
) -> tuple[Tables | None, list[Finding]]:
    """Read and check a workbook: its tables (None if not sound) and every finding at once.

    Where `sweeps` is False a plan alone is asked for: faults of the sheet Sweeps are warnings.
    Raises WorkbookError only where the file itself cannot be opened.
    """
    return of_data.check_file(path, (check_sweeps,), () if sweeps else (SWEEPS,))


def checked_book(path: str | os.PathLike[str], sweeps: bool = True) -> Tables:
    """A sound workbook, its warnings with it. Raises WorkbookError with every finding."""
    return of_data.checked_book(path, (check_sweeps,), () if sweeps else (SWEEPS,))


def checked_tables(tables: Tables) -> Tables:
    """Tables that somebody may have edited, if they and their sweeps are sound.

    Raises WorkbookError.
    """
    return of_data.checked_tables(tables, (check_sweeps,))
