"""The road on one page: read, check, case, build, hand over, solve, verify, report, write."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kido.data.case.build import make_case, tree_of
from kido.data.case.case import Case
from kido.data.check import checked_book, checked_tables
from kido.data.schema import TRUNK, catalogue, word_term
from kido.data.tables import Tables
from kido.data.workbook.raw import fold
from kido.errors import (
    Finding,
    InfeasiblePlan,
    NotSolved,
    Place,
    TimeLimitReached,
    Unbounded,
    WorkbookError,
)
from kido.files import keep_apart, mend_beside, run_folder, slug, whole_folder
from kido.lp.build import build_model
from kido.messages import listed, phrase
from kido.result.book import write_results
from kido.result.plan import SolvedPlan, certified
from kido.result.report import Report, make_report
from kido.result.run_record import run_facts
from kido.result.stored import FILE as TABLES
from kido.result.stored import write_tables
from kido.solver.explain import explain_empty_rows, explain_infeasible, explain_unbounded
from kido.solver.highs import Infeasible, UnboundedProgram, solve_program
from kido.solver.lexicographic import least_cost
from kido.solver.mps import check_export, write_mps
from kido.solver.openings import openings
from kido.solver.program import Program, hand_over
from kido.solver.solution import Solution

Say = Callable[[str], None]
ALONE = 60.0  # seconds the main future alone may take


@dataclass(frozen=True)
class Run:
    """An answered run: where it was written, what it says, and what `run.json` holds."""

    folder: Path | None
    answer: SolvedPlan
    report: Report
    facts: Mapping[str, Any] = field(repr=False)


class Clock:
    """Seconds of each phase."""

    def __init__(self, say: Say):
        self.began = time.perf_counter()
        self.seconds: dict[str, float] = {}
        self.say = say

    @contextmanager
    def phase(self, name: str, words: str) -> Iterator[None]:
        self.say(words)
        began = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def all(self) -> dict[str, float]:
        total = time.perf_counter() - self.began
        return {name: round(s, 3) for name, s in {**self.seconds, "total": total}.items()}


def load(book: str | Path) -> Tables:
    """Read and check a workbook. Raises WorkbookError with every fault at once.

    Faults of its sweeps are warnings: a plan does not ask for them.
    """
    mend_beside(Path(book))
    return checked_book(book, sweeps=False)


def solve(
    book: str | Path | Tables,
    scenario: str | None = None,
    output: str | Path | None = None,
    export: str | Path | None = None,
    say: Say = lambda _: None,
    write: bool = True,
) -> Run:
    """Plan a book and write its run folder; everything or nothing.

    `scenario` names one branch to plan alone, everything known from the start; the one in which
    none of the scenarios happens is the `base case`.
    `output` is the run folder (default: outputs/BOOK, or outputs/BOOK-SCENARIO beside the
    current folder). `export` writes the program as an MPS file for other solvers. Where `write`
    is False nothing is written, and `Run.folder` is None.

    Raises WorkbookError, InfeasiblePlan, TimeLimitReached, NotSolved, CertificateError or
    OutputError.
    """
    clock = Clock(say)
    if output and write:
        run_folder(Path(output))  # mended first: a workbook may live there, beside its results
    if export:
        check_export(Path(export))
    with clock.phase("read", "reading the workbook"):
        tables = checked_tables(book, sweeps=False) if isinstance(book, Tables) else load(book)
        scenario = _known_scenario(tables, scenario)
    folder = Path(output) if output else default_folder(tables, scenario)
    if write:
        keep_apart(tables.path, folder)
    with whole_folder(folder) if write else nullcontext() as fresh:
        program, case = _program(tables, scenario, clock)
        if export:
            with clock.phase("export", f"writing {export}"):
                write_mps(program, Path(export))
        with clock.phase("solve", f"solving {len(program.columns):,} columns"):
            solution = _solved(program, case, tables, scenario, fresh and fresh / "solver.log", say)
        del program
        with clock.phase("verify", "checking the answer"):
            answer = certified(tables, case, solution, scenario)
        answer = replace(answer, alone=_alone(answer, clock))
        with clock.phase("write", "writing the results" if fresh else "making the tables"):
            report = make_report(answer)
            facts = run_facts(answer, clock.all())
            if fresh:
                shown = {name: facts[name] for name in ("seconds", "versions")}
                write_results(report, answer, fresh / "results.xlsx", shown)
                write_tables(report, fresh / TABLES)
        facts["seconds"] = clock.all()
        if fresh:
            text = json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False)
            (fresh / "run.json").write_text(text + "\n", "utf-8")
    return Run(folder if fresh else None, answer, report, facts)


def default_folder(tables: Tables, scenario: str | None) -> Path:
    name = Path(tables.path).stem or "book"
    if scenario:
        name += f"-{slug(word_term('Scenarios', 'parent', scenario).english)}"
    return Path("outputs") / name


def _known_scenario(tables: Tables, scenario: str | None) -> str | None:
    """The branch of this name, inside: the base case may be written in several ways."""
    if scenario is None:
        return None
    branches = tree_of(tables).branches
    known = list(dict.fromkeys(name for b in branches for name in (b.scenario, b.name)))
    base = catalogue()["Scenarios"].columns["parent"].words[TRUNK]
    if scenario in known:
        return scenario
    if fold(str(scenario)) in map(fold, base.spellings):
        return TRUNK
    language = tables.settings.language
    written = {name: word_term("Scenarios", "parent", name).in_language(language) for name in known}
    close = difflib.get_close_matches(str(scenario), list(written.values()), n=1)
    advice = phrase("part.close_quoted", close=close[0]) if close else phrase("part.name_one")
    sheet = tables["Scenarios"]
    place, names = Place(sheet.title or sheet.sheet), listed(written.values())
    finding = Finding.of("unknown-scenario", place, str(scenario), names=names, advice=advice)
    raise WorkbookError([finding.in_language(language)])


def _program(tables: Tables, scenario: str | None, clock: Clock) -> tuple[Program, Case]:
    with clock.phase("build", "building the program"):
        case = make_case(tables, scenario)
        try:
            model, variables = build_model(case)
        except InfeasiblePlan as nothing:
            found = explain_empty_rows(case, tables) or nothing.findings
            raise InfeasiblePlan(str(nothing), _with_openings(found, tables, scenario)) from None
    with clock.phase("handover", "handing it to the solver"):
        return hand_over(model, variables), case


def _solved(
    program: Program, case: Case, tables: Tables, scenario: str | None, log: Path | None, say: Say
) -> Solution:
    try:
        method, limit = case.settings.solver_method, case.settings.time_limit
        first = solve_program(program, method, limit, log, say)
        return least_cost(program, case, first, None, method, log, say)
    except Infeasible:
        say("no plan exists; looking for the rows that cannot hold together")
        raise InfeasiblePlan(
            phrase("cli.no_plan").in_language(tables.settings.language),
            _with_openings(explain_infeasible(program, case, tables), tables, scenario),
        ) from None
    except UnboundedProgram:
        say("money can be made without end; looking for where")
        raise Unbounded(
            phrase("cli.unbounded").in_language(tables.settings.language),
            explain_unbounded(program, case, tables),
        ) from None


def _with_openings(found: Sequence[Finding], tables: Tables, scenario: str | None) -> list[Finding]:
    """What cannot hold together, and the cells that shut the way."""
    return [*found, *openings(tables, scenario, {f.place for f in found})]


def _alone(answer: SolvedPlan, clock: Clock) -> float | None:
    """kUSD the main history would cost if it were known from the start; None if not found.

    What the plan pays more on it is the premium of its insurance.
    """
    if len(answer.histories) == 1:
        return None
    with clock.phase("alone", "planning the main future alone, for the insurance premium"):
        case = make_case(answer.tables, answer.main.name)
        try:
            program = hand_over(*build_model(case))
            return solve_program(program, "auto", ALONE).objective
        except (InfeasiblePlan, Infeasible, UnboundedProgram, NotSolved, TimeLimitReached):
            return None
