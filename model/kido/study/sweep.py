"""`sweep`: reads a workbook, solves its sweeps, and writes the results of each to a folder."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

import joblib

from kido.data.schema import word_term
from kido.data.tables import Tables
from kido.errors import (
    Finding,
    InfeasiblePlan,
    NoCluster,
    Place,
    TimeLimitReached,
    WorkbookError,
    ending_behind,
)
from kido.files import keep_apart, mend, mend_beside, run_folder, slug, whole_folder
from kido.messages import listed
from kido.report.table import Report
from kido.result.kept_run import kept_decisions
from kido.result.run_record import book_facts, versions
from kido.result.table_store import FILE as TABLES
from kido.result.table_store import write_tables
from kido.solver.kept_orders import Decisions
from kido.solver.solution import REFUSED
from kido.study.checks.book import checked_book, checked_tables
from kido.study.design.design import Design
from kido.study.designs import designs
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.execute.executor import Pool, default_jobs
from kido.study.execute.result_cache import ResultCache
from kido.study.method import Method
from kido.study.point import (
    BAD_INPUT,
    CERTIFIED,
    INFEASIBLE,
    LIMIT,
    SOLVED,
    Outcome,
    Point,
)
from kido.study.registry import METHODS
from kido.study.report.report import sweep_report
from kido.study.report.workbook import write_sweep
from kido.study.resolve.evaluate import Evaluation, Task, evaluate_task, prepare_model
from kido.study.results import SweepResult
from kido.study.session import Session

ReportProgress = Callable[[str], None]
STUDY_PACKAGES = ("joblib", "loky", "SALib")
EXIT_CODES = {  # exit codes where all points ended alike
    INFEASIBLE: InfeasiblePlan.exit_code,
    LIMIT: TimeLimitReached.exit_code,
    BAD_INPUT: WorkbookError.exit_code,
}
PROGRESS_INTERVAL = 2.0  # seconds between reports of progress


@dataclass(frozen=True)
class Sweep:
    """A finished sweep: its folder, its result, its tables, and the contents of `run.json`."""

    folder: Path
    result: SweepResult
    report: Report
    facts: Mapping[str, Any] = field(repr=False)

    @property
    def exit_code(self) -> int:
        """Exit code of the command: 0 if any cost is known, else that of the common status."""
        statuses = set(self.facts["statuses"]) or {self.result.base.status}
        if statuses & {SOLVED, CERTIFIED}:
            return 0
        return EXIT_CODES.get(statuses.pop(), 1) if len(statuses) == 1 else 1


def sweep(
    book: str | Path | Tables,
    name: str | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    output: str | Path | None = None,
    say: ReportProgress = lambda _: None,
    keep: str | Path | None = None,
    until: str | int | None = None,
) -> list[Sweep]:
    """The finished sweep of every design on the sheet Sweeps, or of the one called `name`.

    Solves with `jobs` processes of this machine (None: as many as it has processors), or with
    the Dask cluster at `dask`. `output` is the run folder of one design, or the parent of the
    run folders of several (default: outputs/BOOK-SWEEP in the current folder). An interrupted
    sweep goes on where it stopped. `say` receives messages about progress. `keep` is a run folder
    whose orders every plan is held to, up to the month `until`: the world varies, the plan stays.

    Raises ValueError for `jobs` below 1, WorkbookError, ComparisonError or OutputError before any
    solving, and NoCluster if the cluster cannot be reached. If one sweep fails the others are
    still finished, then its exception is raised.
    """
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is at least 1, not {jobs}")
    if output is not None:
        mend(Path(output))  # a workbook may live there, beside its results
    if not isinstance(book, Tables):
        mend_beside(Path(book))
    say("reading the workbook")
    tables = checked_tables(book) if isinstance(book, Tables) else checked_book(book)
    available = designs(tables)
    requested = _requested_designs(tables, available, name)
    decisions = None
    if keep is not None:
        decisions = kept_decisions(Path(keep), tables, None, until)
        _check_kept(tables, requested)
    names, kept = _folder_names(available), "-kept" if keep else ""
    folders = [
        run_folder(_folder(tables, names[design.name] + kept, output, len(requested)))
        for design in requested
    ]
    for folder in folders:
        keep_apart(tables.path, folder)
    contents = joblib.hash((tables.settings, {n: f.rows for n, f in tables.frames.items()}))
    runner = SweepRunner(tables, contents, say, decisions)
    finished: list[Sweep] = []
    problems: list[Exception] = []
    with Pool(default_jobs() if jobs is None else jobs, dask) as pool:
        for design, folder in zip(requested, folders, strict=True):
            try:
                finished.append(runner.sweep(design, folder, pool))
            except NoCluster:
                raise
            except Exception as problem:  # the other sweeps go on
                if ending := ending_behind(problem):
                    raise ending from None
                say(f"{design.name}: could not be finished: {problem}")
                problems.append(problem)
    if problems:
        raise problems[0]
    return finished


def _requested_designs(tables: Tables, available: list[Design], name: str | None) -> list[Design]:
    requested = [design for design in available if name in (None, design.name)]
    if requested:
        return requested
    sheet = tables["Sweeps"]
    place = Place(sheet.title or sheet.sheet)
    if not available:
        finding = Finding.of("no-sweep", place)
    else:
        names = listed(design.name for design in available)
        finding = Finding.of("unknown-sweep", place, str(name), names=names)
    raise WorkbookError([finding.in_language(tables.settings.language)])


def _check_kept(tables: Tables, requested: list[Design]) -> None:
    """Raises WorkbookError where a sweep cannot be held to the orders of a run."""
    sheet, findings = tables["Sweeps"], []
    for row in sheet.records():
        if row.method == "room" and row.name in [design.name for design in requested]:
            found = word_term("Sweeps", "method", row.method)
            findings.append(
                Finding.of("kept-near-optimal", sheet.place(row.Index, "method"), found)
            )
    if findings:
        raise WorkbookError([f.in_language(tables.settings.language) for f in findings])


def _folder_names(available: list[Design]) -> dict[str, str]:
    """The folder name of each sweep by the sweep's name; equal folder names are numbered."""
    folders: dict[str, str] = {}
    for name in (design.name for design in available):
        candidates = (slug(name) + (f"-{n}" if n > 1 else "") for n in count(1))
        folders[name] = next(text for text in candidates if text not in folders.values())
    return folders


def _folder(tables: Tables, name: str, output: str | Path | None, count: int) -> Path:
    if output is not None:
        return Path(output) / name if count > 1 else Path(output)
    return Path("outputs") / f"{Path(tables.path).stem or 'book'}-{name}"


@dataclass
class SweepRunner:
    """Runs the sweeps of one workbook; the unchanged book is solved once for all of them.

    `contents` is the hash of the tables, `base` the evaluation of the unchanged book.
    """

    tables: Tables
    contents: str
    say: ReportProgress
    keep: Decisions | None = None
    base: Evaluation | None = None

    def sweep(self, design: Design, folder: Path, pool: Pool) -> Sweep:
        """The finished sweep of one design, written to `folder`."""
        start = time.perf_counter()
        cache = ResultCache(folder.with_name(f".{folder.name}.kept"))
        with whole_folder(folder) as fresh:
            executor = CachedExecutor(pool, cache, _progress_reporter(design.name, self.say))
            method = METHODS[design.method]
            base = self.base = self._base(executor, method)
            session = Session(
                method,
                executor,
                self.contents,
                self.tables,
                design,
                base.outcome,
                base.start,
                self.keep,
            )
            result = method.run(session)
            facts = _facts(result, executor, time.perf_counter() - start)
            if self.keep is not None:
                facts["kept"] = self.keep.folder
            result = replace(result, facts=facts)
            self.say(f"{design.name}: writing the results")
            report = sweep_report(result)
            write_sweep(report, result, fresh / "results.xlsx")
            write_tables(report, fresh / TABLES)
            text = json.dumps(result.facts, indent=2, ensure_ascii=False, allow_nan=False)
            (fresh / "run.json").write_text(text + "\n", "utf-8")
        cache.remove()
        return Sweep(folder, result, report, result.facts)

    def _base(self, executor: CachedExecutor, method: Method) -> Evaluation:
        """The evaluation of the unchanged book, solved in this process so that its model stays.

        Meanwhile the workers build theirs.
        """
        if self.base is not None:
            return self.base
        self.say("solving the book as it stands")
        task = Task(self.contents, self.tables, (), (Point(-1),), whole=True, keep=self.keep)
        if not method.alone:
            executor.pool.prepare(prepare_model, task)
        return executor.run_locally(evaluate_task, task)[0]


def _progress_reporter(name: str, say: ReportProgress) -> Callable[[int, int], None]:
    """A callback (finished, all tasks) that says every few seconds how far a batch is."""
    reported = start = time.perf_counter()

    def report_progress(finished: int, requested: int) -> None:
        nonlocal reported, start
        now = time.perf_counter()
        if finished == 0:
            start = now
        elif now - reported > PROGRESS_INTERVAL and finished < requested:
            reported = now
            remaining = (now - start) / finished * (requested - finished)
            say(f"{name}: {finished} of {requested} done, about {remaining:,.0f} s to go")

    return report_progress


def _facts(result: SweepResult, executor: CachedExecutor, seconds: float) -> dict[str, Any]:
    """The contents of `run.json`: points, statuses, seconds, counts, versions; stable keys.

    `values` of a point are in the order of the parameters; null leaves one as the book has it.
    """
    design, tables = result.design, result.tables
    outcomes = list(result.every_outcome)
    return {
        "sweep": design.name,
        "method": design.method,
        "levers": [parameter.label() for parameter in design.parameters],
        **book_facts(tables),
        "base": _outcome_facts(result.base),
        "points": [_outcome_facts(outcome) for outcome in outcomes],
        "statuses": dict(Counter(outcome.status for outcome in outcomes)),
        "solves": dict(executor.counts),
        "proof": _proof(outcomes),
        "largest_error": result.largest_error,
        "jobs": executor.pool.jobs,
        "dask": executor.pool.dask,
        "seconds": {"total": round(seconds, 3)},
        "versions": versions(*STUDY_PACKAGES),
    }


def _proof(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The worst audit over all solved points; `refused`: those solved again for lack of proof."""
    gaps = [o.gap for o in outcomes if o.gap is not None]
    broken = [o.broken for o in outcomes if o.broken is not None]
    return {
        "points": len(gaps),
        "largest_gap_kusd": max(gaps, default=None),
        "largest_gap_share": max(
            (o.gap / max(1.0, abs(o.objective or 0.0)) for o in outcomes if o.gap is not None),
            default=None,
        ),
        "largest_broken_t": max(broken, default=None),
        "refused": sum(any(REFUSED in reported for reported in o.attempts) for o in outcomes),
    }


def _outcome_facts(outcome: Outcome) -> dict[str, Any]:
    record = outcome.to_json()
    point = record.pop("point")
    del record["plan"]
    return {**point, "values": list(point["values"]), **record}
