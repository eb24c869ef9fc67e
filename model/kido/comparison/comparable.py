"""Whether two runs can be compared, and what must be known to read the comparison."""

from __future__ import annotations

from collections.abc import Iterator

from kido.comparison.changes import option_place
from kido.comparison.match import Match
from kido.data.as_typed import text_of
from kido.data.months import Month
from kido.data.schema import TRUNK, catalogue, column_term, word_term
from kido.data.units import in_tonnes
from kido.errors import Finding, Place
from kido.messages import ENGLISH, JAPANESE, Term, listed, phrase
from kido.result.stored_run import StoredRun
from kido.solver.solution import DECOMPOSITION

OTHER_BOOK = 0.1  # of the rows of the smaller book: where fewer are in both, they are two books
ANSWER_PACKAGES = ("kido", "pyomo", "highspy", "numpy", "scipy", "pandas")
PERIOD_OPTIONS = ("start", "calendar", "run_out")
NETWORK_SHEETS = ("Supply", "Sales", "Facilities", "Processes", "Routes", "Stockpiles", "Demand")


def faults(before: StoredRun, after: StoredRun, match: Match) -> Iterator[Finding]:
    """Why two runs cannot be compared."""
    if _in_both(match) < OTHER_BOOK:
        yield Finding.of(
            "other-book", option_place(after.tables, "title"), after.tables.settings.title,
            other=before.tables.settings.title, run=str(before.folder),
        )  # fmt: skip
    if before.facts["scenario"] != _earlier_name(after.facts["scenario"], match):
        yield Finding.of(
            "other-scenario", Place(str(after.folder / "run.json")), _scenario(after),
            mine=_scenario(after), other=_scenario(before), run=str(before.folder),
        )  # fmt: skip
    if not set(months_of(before)) & set(months_of(after)):
        yield Finding.of(
            "no-common-month", option_place(after.tables, "start"),
            Month(after.tables.settings.start), run=str(before.folder),
            other=Month(before.tables.settings.start),
        )  # fmt: skip


def warnings(
    before: StoredRun, after: StoredRun, match: Match, rolled: bool = False
) -> Iterator[Finding]:
    """What must be known to read the comparison of two runs; `rolled`: one follows the other."""
    earlier, later = before.tables.settings, after.tables.settings
    for key in () if rolled else PERIOD_OPTIONS:
        if getattr(earlier, key) != getattr(later, key):
            common = sorted(set(months_of(before)) & set(months_of(after)))
            yield Finding.warn(
                "other-calendar", option_place(after.tables, key), _option(after, key),
                option=column_term("Settings", key), other=_option(before, key),
                there=option_place(before.tables, key),
                first=Month(common[0]), last=Month(common[-1]),
            )  # fmt: skip
            break
    if _rate(before) != _rate(after):
        key = "display_currency" if earlier.currency != later.currency else "fx"
        yield Finding.warn(
            "other-currency", option_place(after.tables, key), _rate(after),
            other=_rate(before), there=option_place(before.tables, key),
        )  # fmt: skip
    for name, (old, new) in units_changed(match).items():
        row = next(n for n, r in match.new["Commodities"].items() if r["name"] == name)
        yield Finding.warn(
            "other-unit", after.tables["Commodities"].place(row, "unit"), new, name=name, other=old
        )
    if packages := versions_changed(before, after):
        yield Finding.warn(
            "other-version", Place(str(after.folder / "run.json")),
            listed(f"{p} {after.facts['versions'].get(p, '')}" for p in packages),
            other=listed(f"{p} {before.facts['versions'].get(p, '')}" for p in packages),
        )  # fmt: skip
    branches = [_reference_branch(run) for run in (before, after)]
    if branches[0] != _earlier_name(branches[1], match):
        yield Finding.warn(
            "other-branch", Place(str(after.folder / "run.json")),
            word_term("Scenarios", "parent", branches[1]),
            other=word_term("Scenarios", "parent", branches[0]),
        )  # fmt: skip
    if gap := max(map(_gap_allowed, (before, after))):
        yield Finding.warn(
            "within-gap", option_place(after.tables, "optimality_gap"),
            phrase("part.within_kusd", gap=_amount(gap)), gap=_amount(gap),
        )  # fmt: skip
    for run in (before, after):
        if run.facts["status"] != "optimal":
            yield Finding.warn(
                "stopped-run", Place(str(run.folder / "run.json")),
                phrase("part.within_kusd", gap=_amount(run.objective - run.bound)),
            )  # fmt: skip


def _option(run: StoredRun, key: str) -> Term:
    """The value of an option as it is typed."""
    column, value = catalogue()["Settings"].columns[key], getattr(run.tables.settings, key)
    return Term(text_of(column, value, ENGLISH), text_of(column, value, JAPANESE))


def months_of(run: StoredRun) -> range:
    """The months that a run reports."""
    settings = run.tables.settings
    return range(settings.start, settings.start + sum(settings.calendar))


def units_changed(match: Match) -> dict[str, tuple[str, str]]:
    """(earlier unit, later unit) of commodities whose tonnes are of other things than before."""
    old = {row["name"]: in_tonnes(row["unit"]) for row in match.old["Commodities"].values()}
    new = {row["name"]: in_tonnes(row["unit"]) for row in match.new["Commodities"].values()}
    return {name: (old[name], new[name]) for name in new if old.get(name, new[name]) != new[name]}


def versions_changed(before: StoredRun, after: StoredRun) -> list[str]:
    """The packages that a plan comes of and that are of other versions."""
    old, new = before.facts["versions"], after.facts["versions"]
    return [name for name in ANSWER_PACKAGES if old.get(name) != new.get(name)]


def _in_both(match: Match) -> float:
    """The share of the rows of the smaller book that are in both."""
    both = [p for p in match.pairs if p.sheet in NETWORK_SHEETS]
    sizes = [sum(row is not None for row in rows) for rows in
             ([p.before for p in both], [p.after for p in both])]  # fmt: skip
    common = sum(p.before is not None and p.after is not None for p in both)
    return common / max(1, min(sizes))


def _earlier_name(scenario: str | None, match: Match) -> str | None:
    """The name that a scenario of the later book has in the earlier one."""
    names = {new: old for (sheet, old), new in match.renames.items() if sheet == "Scenarios"}
    return names.get(scenario, scenario) if scenario else None


def _reference_branch(run: StoredRun) -> str:
    """The branch that the tables of a run are of: the base case, or the likeliest without one."""
    chances = {str(s["name"]): float(s["probability"]) for s in run.facts["scenarios"]}
    return TRUNK if TRUNK in chances else max(chances, key=lambda name: chances[name])


def _gap_allowed(run: StoredRun) -> float:
    """kUSD that the proved least cost of a decomposed plan may be too low; 0 for other plans."""
    if run.facts["solver"]["method"] != DECOMPOSITION:
        return 0.0
    return run.tables.settings.optimality_gap * max(1.0, abs(run.objective))


def _amount(kusd: float) -> str:
    return f"{kusd:,.0f}" if abs(kusd) >= 100 else f"{kusd:.3g}"


def _scenario(run: StoredRun) -> object:
    name = run.facts["scenario"]
    return phrase("part.all_scenarios") if name is None else word_term("Scenarios", "parent", name)


def _rate(run: StoredRun) -> str:
    settings = run.tables.settings
    known = settings.has_rate(settings.currency)
    return f"{settings.currency} {settings.rate:g}" if known else settings.currency
