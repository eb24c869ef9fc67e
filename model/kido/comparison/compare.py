"""`compare`: two runs, what changed between their books, what that cost, and what they decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kido.comparison.causes import LeastCosts, causes
from kido.comparison.changes import Change, changes_of
from kido.comparison.comparable import ANSWER_PACKAGES, faults, versions_changed, warnings
from kido.comparison.comparison import Comparison
from kido.comparison.decisions import decisions, nervousness
from kido.comparison.match import Match, match
from kido.comparison.mixture import groups_of
from kido.comparison.money import by_category, by_row
from kido.comparison.report import comparison_report
from kido.comparison.workbook import write_comparison
from kido.data.draws import without_draws
from kido.data.tables import Tables
from kido.errors import ComparisonError, Finding, RollError, WorkbookError
from kido.evaluation import Say, proved_bound
from kido.messages import ENGLISH
from kido.result.run_record import versions
from kido.result.stored_run import StoredRun, read_run
from kido.rolling.rolled import rolled_book


def compare(
    before: str | Path,
    after: str | Path,
    output: str | Path | None = None,
    say: Say = lambda _: None,
) -> Comparison:
    """The comparison of two run folders, the earlier first; written to the workbook `output`.

    Books between the two are solved for the causes. Raises ComparisonError where a folder is no
    run, has no book, or where the two cannot be compared.
    """
    say("reading the runs")
    comparison = compare_runs(*_runs(Path(before), Path(after)), say)
    if output is not None:
        say("writing the comparison")
        write_comparison(comparison_report(comparison), comparison, output)
    return comparison


def compare_runs(old: StoredRun, new: StoredRun, say: Say = lambda _: None) -> Comparison:
    """The comparison of two runs. Raises ComparisonError where they cannot be compared."""
    start = rolled_to(old, new)
    tables = old.tables if start is None else start
    rows = match(without_draws(tables), without_draws(new.tables))
    language = new.tables.settings.language
    if problems := [finding.in_language(language) for finding in faults(old, new, rows)]:
        raise ComparisonError(problems)
    changes = changes_of(rows)
    cost, passed, version = _least_costs(old, new, start, rows, changes, say)
    how, parts = causes(cost)
    lines = decisions(old, new, rows)
    return Comparison(
        before=old,
        after=new,
        match=rows,
        changes=changes,
        causes=parts,
        how=how,
        rolled=start is not None,
        passed=passed,
        version=version,
        decisions=lines,
        nervousness=nervousness(lines),
        by_category=by_category(old, new),
        by_row=by_row(old, new, rows),
        warnings=tuple(
            finding.in_language(language)
            for finding in warnings(old, new, rows, rolled=start is not None)
        ),
    )


def _runs(before: Path, after: Path) -> tuple[StoredRun, StoredRun]:
    """Both runs. Raises ComparisonError with the faults of both, in the language that is known."""
    runs: list[StoredRun] = []
    findings: list[Finding] = []
    for folder in (before, after):
        try:
            runs.append(read_run(folder))
        except (ComparisonError, WorkbookError) as problem:
            findings += problem.findings
    if findings:
        languages = [run.tables.settings.language for run in runs]
        spoken = [f.language for f in findings if f.language != ENGLISH]
        language = next(iter((*spoken, *languages)), ENGLISH)
        raise ComparisonError([finding.in_language(language) for finding in findings])
    return runs[0], runs[1]


def rolled_to(old: StoredRun, new: StoredRun) -> Tables | None:
    """The book of the earlier run as planned at the start of the later.

    None where they start together, or where no such book can be made.
    """
    start = new.tables.settings.start
    if start <= old.tables.settings.start or old.facts["scenario"]:
        return None
    try:
        return rolled_book(old.tables, old.report["flows"], start).tables
    except (RollError, KeyError):
        return None


def _least_costs(
    old: StoredRun,
    new: StoredRun,
    start: Tables | None,
    rows: Match,
    changes: Sequence[Change],
    say: Say,
) -> tuple[LeastCosts, float, float]:
    """(least cost of the books between, kUSD of the months that passed, and of other versions).

    Runs of other versions than this one are solved again, so that the causes are of one version;
    `start` is the earlier book rolled forward, where it is.
    """

    def bound(tables: Tables) -> float:
        return proved_bound(tables, new.facts["scenario"])

    here = versions()
    same = not versions_changed(old, new) and all(
        new.facts["versions"].get(name) == here[name] for name in ANSWER_PACKAGES
    )
    before, after = old.bound, new.bound
    if not same:
        say("solving both books again: they are of another version of kido")
        before = proved_bound(old.tables, old.facts["scenario"])
        after = proved_bound(new.tables, new.facts["scenario"])
    version = (new.bound - after) - (old.bound - before)
    passed = 0.0
    if start is not None:
        say("solving the earlier book as it would be had all gone as planned")
        rest = bound(start)
        passed, before = rest - before, rest
    groups = groups_of(rows, changes)
    return LeastCosts(rows, groups, before, after, bound, say, {}), passed, version
