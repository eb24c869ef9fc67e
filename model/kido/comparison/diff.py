"""`kido diff`: the changes between two workbooks as lines of text, for a terminal or for Git."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from kido.comparison.changes import Change, changes_of
from kido.comparison.match import match
from kido.data.workbook.read import read_leniently
from kido.errors import Finding, WorkbookError
from kido.messages import phrase

GIT_WORDS = 7  # path, old file, hash, mode, new file, hash, mode


def git_books(words: Sequence[str]) -> tuple[str, str]:
    """(earlier, later) file among the words that Git gives its external diff."""
    return words[1], words[4]


def book_changes(before: str | Path, after: str | Path) -> tuple[list[str], list[Finding]]:
    """(one line of text for each change between two workbooks, what could not be read in them).

    Books with faults are compared as far as they can be read. Where Git has no file on one side
    (/dev/null), the line says so. Raises WorkbookError where a file is no workbook.
    """
    if os.devnull in (str(before), str(after)):
        key = "diff.new_book" if str(before) == os.devnull else "diff.no_book"
        return [phrase(key).in_language("en")], []
    old, new = read_leniently(before), read_leniently(after)
    findings = [*old.faults, *new.faults]
    if old.tables is None or new.tables is None:
        raise WorkbookError(findings)
    language = new.tables.settings.language
    changes = changes_of(match(old.tables, new.tables))
    return [_line(change, language) for change in changes], findings


def _line(change: Change, language: str) -> str:
    blank = phrase("part.blank")
    values = {name: change.value_text(value, language) or blank for name, value in
              (("before", change.before), ("after", change.after))}  # fmt: skip
    kind = "option" if change.pair is None else change.kind.replace(" ", "_")
    words = phrase(
        f"diff.{kind}",
        place=change.place_after or change.place_before,
        row=change.row_text(language),
        column=change.column_text(language),
        **values,
    )
    return words.in_language(language)
