"""The decisions of a run that a plan is held to: orders, reservations and orders of capacity."""

from __future__ import annotations

from pathlib import Path

from kido.data.case.build import tree_of
from kido.data.months import Month, parse_month
from kido.data.schema import word_term
from kido.data.tables import Tables
from kido.data.units import in_tonnes
from kido.errors import ComparisonError, Finding, Place
from kido.messages import phrase
from kido.result.stored_run import StoredRun, read_run
from kido.solver.kept_orders import DECISIONS, Decisions, Moment

NOT_KEPT = "cli.not_kept"
SHEETS = ("Supply", "Routes", "Contracts", "Facilities")


def kept_decisions(
    folder: Path, tables: Tables, scenario: str | None, until: str | int | None = None
) -> Decisions:
    """The decisions of a run folder, to hold the plan of a book to.

    Up to the month `until`, in all its nodes that end by then; else in those reported that are
    months. Raises ComparisonError where the folder is no run, or of another book.
    """
    try:
        run = read_run(folder)
    except ComparisonError as problem:
        raise ComparisonError(problem.findings, NOT_KEPT) from None
    faults = list(_faults(run, tables, scenario))
    last = None
    if until is not None:
        last, wrong = _last_month(until, tables)
        faults += wrong
    if faults:
        raise _not_kept(faults, tables)
    moments = {
        (str(row["branch"]), parse_month(row["starts"]), int(row["length"]))
        for row in run.report["moments"].to_dict("records")
        if row["reported"] == "yes"
    }
    nodes = {
        (branch, start, months)
        for branch, start, months in moments
        if (months == 1 if last is None else start + months - 1 <= last)
    }
    tree = tree_of(tables, scenario)
    if nodes.isdisjoint((tree.branch_of(m.index).name, m.start, m.months) for m in tree.nodes):
        raise _not_kept([Finding.of("kept-no-months", Place(str(folder)))], tables)
    return Decisions(str(folder), run.objective, frozenset(nodes), _amounts(run, nodes))


def _not_kept(faults: list[Finding], tables: Tables) -> ComparisonError:
    language = tables.settings.language
    return ComparisonError([fault.in_language(language) for fault in faults], NOT_KEPT)


def _amounts(run: StoredRun, nodes: set[Moment]) -> dict[tuple[str, str, Moment], float]:
    """What is decided at these moments by (variable, row, moment): t, of rates t/yr."""
    frame = run.report["flows"]
    at = {(branch, start): (branch, start, months) for branch, start, months in nodes}
    months = {str(c): parse_month(str(c)) for c in frame.columns if str(c)[:4].isdigit()}
    amounts: dict[tuple[str, str, Moment], float] = {}
    for row in frame[frame["kind"].isin(DECISIONS)].to_dict("records"):
        for column, start in months.items():
            moment, value = at.get((str(row["branch"]), start)), row[column]
            if moment is not None and value is not None and value == value and value != 0:
                amounts[str(row["kind"]), str(row["name"]), moment] = float(value)
    return amounts


def _faults(run: StoredRun, tables: Tables, scenario: str | None) -> list[Finding]:
    """Why a book cannot be held to a run."""
    record = Place(str(run.folder / "run.json"))
    if run.facts["scenario"] != scenario:
        asked, planned = (
            phrase("part.all_scenarios") if name is None else word_term("Scenarios", "parent", name)
            for name in (scenario, run.facts["scenario"])
        )
        return [Finding.of("kept-other-scenario", record, planned, asked=asked, before=planned)]
    before = {(s, r.name): r for s in SHEETS for r in run.tables[s].records()}
    now = {(s, r.name): r for s in SHEETS for r in tables[s].records()}
    if not before.keys() & now.keys():
        return [Finding.of("kept-other-book", record, run.facts["workbook"])]
    old, new = run.tables.settings, tables.settings
    findings = []
    if not old.start <= new.start < old.start + sum(old.calendar):
        first, last = Month(old.start), Month(old.start + sum(old.calendar) - 1)
        findings.append(
            Finding.of(
                "kept-other-months",
                record,
                Month(new.start),
                before=Month(new.start),
                first=first,
                last=last,
            )
        )
    units = [{r.name: in_tonnes(r.unit) for r in t["Commodities"].records()}
             for t in (run.tables, tables)]  # fmt: skip
    for name in sorted(units[0].keys() & units[1].keys()):
        if units[0][name] != units[1][name]:
            findings.append(
                Finding.of("kept-other-unit", record, units[0][name],
                           name=name, unit=units[1][name], before=units[0][name])
            )  # fmt: skip
    for sheet, name in sorted(before.keys() & now.keys()):
        one, other = (getattr(rows[sheet, name], "commodity", "") for rows in (before, now))
        if one != other:
            findings.append(
                Finding.of("kept-other-goods", record, one, name=name, commodity=other, before=one)
            )
    return findings


def _last_month(until: str | int, tables: Tables) -> tuple[int | None, list[Finding]]:
    """The month up to which decisions are held, or why it cannot be that."""
    settings = tables.settings
    first, after = settings.start, settings.start + sum(settings.calendar)
    try:
        last = until if isinstance(until, int) else parse_month(until)
    except ValueError:
        last = -1
    if first <= last < after:
        return last, []
    span = {"first": Month(first), "last": Month(after - 1)}
    return None, [Finding.of("kept-until", Place("--until"), str(until), **span)]
