"""The road of a sweep: read, the book itself, the points, what they say, written."""

from __future__ import annotations

import json
import platform
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import joblib

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
from kido.result.run_record import PACKAGES
from kido.result.table_store import FILE as TABLES
from kido.result.table_store import write_tables
from kido.solver.solution import REFUSED
from kido.study.checks.book import checked_book, checked_tables
from kido.study.design.design import Design
from kido.study.designs import designs
from kido.study.execute.cached_executor import CachedExecutor
from kido.study.execute.executor import Pool, default_jobs
from kido.study.execute.result_cache import ResultCache
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
from kido.study.resolve.evaluate import Evaluation, Task, answer_task
from kido.study.results import SweepResult
from kido.study.session import Session

Say = Callable[[str], None]
MORE = ("joblib", "SALib")
ENDED = {  # exit codes where all points ended alike
    INFEASIBLE: InfeasiblePlan.exit_code,
    LIMIT: TimeLimitReached.exit_code,
    BAD_INPUT: WorkbookError.exit_code,
}
PAUSE = 2.0  # seconds between words about progress


@dataclass(frozen=True)
class Sweep:
    """A finished sweep: where it was written, its tables, and what `run.json` holds."""

    folder: Path
    result: SweepResult
    report: Report
    facts: Mapping[str, Any] = field(repr=False)

    @property
    def exit_code(self) -> int:
        """Of the command: 0 where anything was answered, else as a plan that ends so."""
        ended = set(self.facts["statuses"]) or {self.result.base.status}
        if ended & {SOLVED, CERTIFIED}:
            return 0
        return ENDED.get(ended.pop(), 1) if len(ended) == 1 else 1


def sweep(
    book: str | Path | Tables,
    name: str | None = None,
    jobs: int | None = None,
    dask: str | None = None,
    output: str | Path | None = None,
    say: Say = lambda _: None,
) -> list[Sweep]:
    """Every design of the sheet Sweeps, or the one called `name`, each in its own folder.

    `jobs` processes of this machine work (None: as many as it has processors), or the Dask
    cluster at `dask`. `output` is the run folder of one design, of several the folder
    theirs are made in (default: outputs/BOOK-SWEEP beside the current folder). A sweep that
    was interrupted takes up where it stopped.

    Raises WorkbookError or OutputError before any solving; afterwards every point ends in a row.
    Where one sweep cannot be finished the others are, before what stopped it is raised.
    """
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs is at least 1, not {jobs}")
    if output is not None:
        mend(Path(output))  # a workbook may live there, beside its results
    if not isinstance(book, Tables):
        mend_beside(Path(book))
    say("reading the workbook")
    tables = checked_tables(book) if isinstance(book, Tables) else checked_book(book)
    known = designs(tables)
    asked = _asked(tables, known, name)
    names = _folder_names(known)
    folders = [run_folder(_folder(tables, names[x.name], output, len(asked))) for x in asked]
    for folder in folders:
        keep_apart(tables.path, folder)
    contents = joblib.hash((tables.settings, {n: f.rows for n, f in tables.frames.items()}))
    runner = SweepRunner(tables, contents, say)
    done: list[Sweep] = []
    problems: list[Exception] = []
    with Pool(default_jobs() if jobs is None else jobs, dask) as pool:
        for design, folder in zip(asked, folders, strict=True):
            try:
                done.append(runner.sweep(design, folder, pool))
            except NoCluster:
                raise
            except Exception as problem:  # the other sweeps go on
                if ending := ending_behind(problem):
                    raise ending from None
                say(f"{design.name}: could not be finished: {problem}")
                problems.append(problem)
    if problems:
        raise problems[0]
    return done


def _asked(tables: Tables, known: list[Design], name: str | None) -> list[Design]:
    asked = [x for x in known if name in (None, x.name)]
    if asked:
        return asked
    sheet = tables["Sweeps"]
    place = Place(sheet.title or sheet.sheet)
    if not known:
        finding = Finding.of("no-sweep", place)
    else:
        names = listed(x.name for x in known)
        finding = Finding.of("unknown-sweep", place, str(name), names=names)
    raise WorkbookError([finding.in_language(tables.settings.language)])


def _folder_names(known: list[Design]) -> dict[str, str]:
    """For each sweep that of its folder; those that would be called alike are numbered."""
    found: dict[str, str] = {}
    for name in (x.name for x in known):
        tries = (slug(name) + (f"-{n}" if n > 1 else "") for n in count(1))
        found[name] = next(text for text in tries if text not in found.values())
    return found


def _folder(tables: Tables, name: str, output: str | Path | None, several: int) -> Path:
    if output is not None:
        return Path(output) / name if several > 1 else Path(output)
    return Path("outputs") / f"{Path(tables.path).stem or 'book'}-{name}"


@dataclass
class SweepRunner:
    """One book and its sweeps: the book itself is solved once for all of them."""

    tables: Tables
    contents: str
    say: Say
    base: Evaluation | None = None

    def sweep(self, design: Design, folder: Path, pool: Pool) -> Sweep:
        began = time.perf_counter()
        cache = ResultCache(folder.with_name(f".{folder.name}.kept"))
        with whole_folder(folder) as fresh:
            executor = CachedExecutor(pool, cache, _teller(design.name, self.say))
            base = self.base = self._base(executor)
            method = METHODS[design.method]
            session = Session(
                method, executor, self.contents, self.tables, design, base.outcome, base.start
            )
            result = method.run(session)
            result = replace(result, facts=_facts(result, executor, time.perf_counter() - began))
            self.say(f"{design.name}: writing the results")
            report = sweep_report(result)
            write_sweep(report, result, fresh / "results.xlsx")
            write_tables(report, fresh / TABLES)
            text = json.dumps(result.facts, indent=2, ensure_ascii=False, allow_nan=False)
            (fresh / "run.json").write_text(text + "\n", "utf-8")
        cache.remove()
        return Sweep(folder, result, report, result.facts)

    def _base(self, executor: CachedExecutor) -> Evaluation:
        """The answer to the book as it stands, found here so that its model stays here."""
        if self.base is not None:
            return self.base
        self.say("solving the book as it stands")
        task = Task(self.contents, self.tables, (), (Point(-1),), whole=True)
        return executor.run_locally(answer_task, task)[0]


def _teller(name: str, say: Say) -> Callable[[int, int], None]:
    """Says how far a round of work is, every few seconds."""
    told = began = time.perf_counter()

    def tell(done: int, asked: int) -> None:
        nonlocal told, began
        now = time.perf_counter()
        if done == 0:
            began = now
        elif now - told > PAUSE and done < asked:
            told = now
            left = (now - began) / done * (asked - done)
            say(f"{name}: {done} of {asked} done, about {left:,.0f} s to go")

    return tell


def _facts(result: SweepResult, executor: CachedExecutor, seconds: float) -> dict[str, Any]:
    """Points, statuses, seconds, warm and cold counts, versions; the keys are stable.

    `values` of a point stand in the order of `parameters`; null leaves one as the book has it.
    """
    x, tables = result.design, result.tables
    answers = list(result.every_outcome)
    return {
        "sweep": x.name,
        "method": x.method,
        "levers": [parameter.label() for parameter in x.parameters],
        "workbook": Path(tables.path).name,
        "workbook_sha256": tables.sha256,
        "base": _told(result.base),
        "points": [_told(outcome) for outcome in answers],
        "statuses": dict(Counter(outcome.status for outcome in answers)),
        "solves": dict(executor.counts),
        "proof": _proof(answers),
        "largest_error": result.largest_error,
        "jobs": executor.pool.jobs,
        "dask": executor.pool.dask,
        "seconds": {"total": round(seconds, 3)},
        "versions": {name: version(name) for name in (*PACKAGES, *MORE)}
        | {"python": platform.python_version()},
    }


def _proof(answers: Sequence[Outcome]) -> dict[str, Any]:
    """The worst over all points solved; `refused`: those solved again, as no proof was found."""
    gaps = [o.gap for o in answers if o.gap is not None]
    broken = [o.broken for o in answers if o.broken is not None]
    return {
        "points": len(gaps),
        "largest_gap_kusd": max(gaps, default=None),
        "largest_gap_share": max(
            (o.gap / max(1.0, abs(o.objective or 0.0)) for o in answers if o.gap is not None),
            default=None,
        ),
        "largest_broken_t": max(broken, default=None),
        "refused": sum(any(REFUSED in told for told in o.attempts) for o in answers),
    }


def _told(outcome: Outcome) -> dict[str, Any]:
    kept = outcome.to_json()
    point = kept.pop("point")
    del kept["plan"]
    return {**point, "values": list(point["values"]), **kept}
