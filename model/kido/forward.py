"""`roll`: last month's book and the plan that was made of it become the book of a later month."""

from __future__ import annotations

from pathlib import Path

from kido.comparison.changes import changes_of
from kido.comparison.match import match
from kido.comparison.mixture import costs
from kido.data.draws import without_draws
from kido.data.months import parse_month
from kido.data.tables import Tables
from kido.data.workbook.edit import write_edited
from kido.data.workbook.lone_sheet import read_lone_sheet
from kido.errors import Finding, Place
from kido.evaluation import Say
from kido.result.stored_run import StoredRun, read_run
from kido.rolling.rolled import Rolled, check, rolled_book
from kido.run import load


def roll(
    book: str | Path,
    run: str | Path,
    to: int | str,
    happened: str | None = None,
    actuals: str | Path | None = None,
    output: str | Path | None = None,
    say: Say = lambda _: None,
) -> Rolled:
    """The book of month `to` (`2026-11`), from a book and the folder of its run; at `output`.

    `happened` is the branch that came, of the base case where it is None; `actuals` a workbook
    with a sheet Actuals, read instead of that of the book. Raises RollError, ComparisonError or
    WorkbookError with every finding.
    """
    say("reading the book and the run")
    stored, tables = read_run(Path(run)), load(book)
    check(_changed(stored, tables), tables)
    if stored.facts["scenario"]:
        check([Finding.of("roll-alone", Place(str(run)), stored.facts["scenario"])], tables)
    frame = tables["Actuals"]
    if actuals is not None:
        frame = read_lone_sheet(actuals, "Actuals", tables.settings.language)
    say("working out what is in progress")
    month = parse_month(to) if isinstance(to, str) else to
    rolled = rolled_book(tables, stored.report["flows"], month, happened, frame)
    if output is not None:
        say("writing the workbook")
        write_edited(book, tables, rolled.edits, output)
    return rolled


def _changed(stored: StoredRun, tables: Tables) -> list[Finding]:
    """Why a book is not that of the run: each change that a cost may hang on."""
    rows = match(without_draws(stored.tables), without_draws(tables))
    changes = [change for change in changes_of(rows) if costs(change)]
    language = tables.settings.language
    return [
        Finding.of(
            "roll-changed", change.place_after or change.place_before or Place(),
            change.value_text(change.after, language), run=str(stored.folder),
        )
        for change in changes
    ]  # fmt: skip
