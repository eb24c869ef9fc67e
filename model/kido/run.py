"""`solve`: read and check a workbook, solve it, report the plan and write its run folder."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kido.data.case.build import tree_of
from kido.data.check import checked_tables
from kido.data.schema import TRUNK, catalogue, word_term
from kido.data.tables import Tables
from kido.data.workbook.raw import fold
from kido.errors import Finding, InfeasiblePlan, Place, UnboundedPlan, WorkbookError
from kido.evaluation import Clock, ModelPlanner, Say, reference_cost_alone, solved_plan
from kido.files import keep_apart, keep_book, mend_beside, run_folder, slug, whole_folder
from kido.messages import listed, phrase
from kido.report.excel.workbook import no_collection
from kido.result.kept_run import kept_decisions
from kido.result.pages import write_results
from kido.result.plan import SolvedPlan
from kido.result.report import Report, make_report
from kido.result.run_record import run_facts
from kido.result.table_store import FILE as TABLES
from kido.result.table_store import write_tables
from kido.solver.decomposition.solution_cache import SolutionCache, Spread
from kido.solver.infeasibility.openings import openings
from kido.solver.mps import check_export
from kido.study.checks.book import checked_book

if TYPE_CHECKING:
    from kido.study.execute.executor import Pool


@dataclass(frozen=True)
class Run:
    """The result of `solve`: run folder, plan (`answer`), tables, and the facts of `run.json`."""

    folder: Path | None
    answer: SolvedPlan
    report: Report
    facts: Mapping[str, Any] = field(repr=False)


def load(book: str | Path) -> Tables:
    """The checked tables of a workbook. Raises WorkbookError with every fault at once.

    Faults of its sweeps are warnings: a plan does not need them.
    """
    mend_beside(Path(book))
    return checked_book(book, sweeps=False)


def evaluate(
    book: str | Path | Tables, scenario: str | None = None, alternatives: bool = False
) -> SolvedPlan:
    """The solved plan of a workbook, without report; nothing is written.

    `scenario` as in `solve`, `alternatives` as in `solved_plan`; `reference_cost_alone` of the
    plan is None. Raises WorkbookError,
    InfeasiblePlan (with the rows that cannot hold together, without the single cells that would
    allow a plan), TimeLimitReached, SolverError or CertificateError.
    """
    tables = _checked(book)
    scenario = _known_scenario(tables, scenario)
    return solved_plan(tables, scenario, alternatives=alternatives)


@no_collection()  # what is made stays until the end: looking for garbage finds none
def solve(
    book: str | Path | Tables,
    scenario: str | None = None,
    output: str | Path | None = None,
    export: str | Path | None = None,
    say: Say = lambda _: None,
    write: bool = True,
    jobs: int | None = None,
    dask: str | None = None,
    quick: bool = False,
    keep: str | Path | None = None,
    until: str | int | None = None,
) -> Run:
    """Solve a workbook and write its run folder, whole or not at all. Returns the run.

    `scenario` names one branch to plan alone, as if it were certain; the one in which no scenario
    happens is the `base case`.
    `output` is the run folder (default: outputs/BOOK, or outputs/BOOK-SCENARIO beside the
    current folder). `export` writes the program as an MPS file for other solvers. Where `write`
    is False nothing is written, and `Run.folder` is None. `jobs` processes (default: one for
    each processor), or the Dask cluster at the address `dask`, solve the branches of a tree that
    is decomposed. `quick`: the plan alone, without what other choices would cost.
    `keep` is a run folder whose orders, reservations and orders of capacity are held, up to the
    month `until` (default: in all its months): see `kido.solver.kept_orders`.

    Raises WorkbookError, ComparisonError, InfeasiblePlan, TimeLimitReached, SolverError,
    CertificateError or OutputError.
    """
    clock = Clock(say)
    if output and write:
        run_folder(Path(output))  # mended first: a workbook may live there, beside its results
    if export:
        check_export(Path(export))
    with clock.phase("read", "reading the workbook"):
        tables = _checked(book)
        scenario = _known_scenario(tables, scenario)
        kept_run = kept_decisions(Path(keep), tables, scenario, until) if keep else None
    folder = Path(output) if output else default_folder(tables, scenario, bool(keep))
    if write:
        keep_apart(tables.path, folder)
    with whole_folder(folder) if write else nullcontext() as draft, _workers(jobs, dask) as workers:
        log = draft and draft / "solver.log"
        kept = SolutionCache(workers, folder.with_name(f".{folder.name}.branches"))
        planner = ModelPlanner(log, Path(export) if export else None, kept if write else workers)
        try:
            answer = solved_plan(tables, scenario, planner, clock, not quick, kept_run)
        except UnboundedPlan:
            kept.remove()
            raise
        except InfeasiblePlan as problem:
            kept.remove()
            if keep:  # the book alone may have a plan
                raise
            known_places = {finding.place for finding in problem.findings}
            findings = [*problem.findings, *openings(tables, scenario, known_places)]
            raise InfeasiblePlan(str(problem), findings) from None
        if len(answer.histories) > 1 and not keep:
            with clock.phase("alone", "planning the main future alone, for the insurance premium"):
                answer = answer.completed(reference_cost_alone=reference_cost_alone(answer))
        words = "writing the results" if draft else "making the tables"
        with clock.phase("write", words):
            report = make_report(answer)
            facts = run_facts(answer, clock.all())
            if draft:
                shown_facts = {name: facts[name] for name in ("seconds", "versions")}
                write_results(report, answer, draft / "results.xlsx", shown_facts)
                write_tables(report, draft / TABLES)
                if not isinstance(book, Tables):  # tables may have been edited since they were read
                    keep_book(Path(book), tables.sha256, draft)
        facts["seconds"] = clock.all()
        if draft:
            text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
            (draft / "run.json").write_text(text + "\n", "utf-8")
    if not answer.solution.statistics.stopped:  # with more time it goes on from there
        kept.remove()
    return Run(folder if draft else None, answer, report, facts)


@contextmanager
def _workers(jobs: int | None, dask: str | None) -> Iterator[Spread]:
    """The function that runs tasks on processes or a cluster, which start with its first call."""
    with ExitStack() as stack:
        pools: list[Pool] = []

        def spread(function: Any, tasks: Any) -> Any:
            if not pools:
                from kido.study.execute.executor import Pool, default_jobs

                pools.append(stack.enter_context(Pool(jobs or default_jobs(), dask)))
            return pools[0].run(function, tasks)

        yield spread


def _checked(book: str | Path | Tables) -> Tables:
    return checked_tables(book) if isinstance(book, Tables) else load(book)


def default_folder(tables: Tables, scenario: str | None, kept: bool = False) -> Path:
    """The run folder of a workbook: outputs/BOOK, outputs/BOOK-SCENARIO or outputs/BOOK-kept."""
    name = Path(tables.path).stem or "book"
    name += "-kept" if kept else ""
    if scenario:
        name += f"-{slug(word_term('Scenarios', 'parent', scenario).english)}"
    return Path("outputs") / name


def _known_scenario(tables: Tables, scenario: str | None) -> str | None:
    """The internal name of a branch: the base case may be written in several ways.

    Raises WorkbookError where there is no such branch.
    """
    if scenario is None:
        return None
    branches = tree_of(tables).branches
    names = list(dict.fromkeys(name for b in branches for name in (b.scenario, b.name)))
    base = catalogue()["Scenarios"].columns["parent"].words[TRUNK]
    if scenario in names:
        return scenario
    if fold(str(scenario)) in map(fold, base.spellings):
        return TRUNK
    language = tables.settings.language
    terms = {name: word_term("Scenarios", "parent", name).in_language(language) for name in names}
    matches = difflib.get_close_matches(str(scenario), list(terms.values()), n=1)
    advice = phrase("part.close_quoted", close=matches[0]) if matches else phrase("part.name_one")
    sheet = tables["Scenarios"]
    place, listed_names = Place(sheet.title or sheet.sheet), listed(terms.values())
    finding = Finding.of(
        "unknown-scenario", place, str(scenario), names=listed_names, advice=advice
    )
    raise WorkbookError([finding.in_language(language)])
