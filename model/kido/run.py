"""The road on one page: read, check, case, build, hand over, solve, verify, report, write."""

from __future__ import annotations

import json
import platform
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kido.data.assemble import make_case
from kido.data.case import Case
from kido.data.check import checked_book
from kido.data.schema import TRUNK
from kido.data.tables import Tables
from kido.errors import BookFault, CertificateFault, Finding, NoPlan, Place, Unbounded
from kido.lp.build import build_model
from kido.lp.cost import expected_cost
from kido.result.answer import Answer
from kido.result.book import write_results
from kido.result.flows import flows_of
from kido.result.folder import whole_folder
from kido.result.money import conditional_value_at_risk, expected, history_costs
from kido.result.report import Report, make_report
from kido.solve.diagnose import diagnose
from kido.solve.export import write_mps
from kido.solve.handover import Program, hand_over, holding_objective
from kido.solve.highs import Infeasible, WithoutEnd, solve_program
from kido.solve.solution import Solution
from kido.solve.verify import verify

Say = Callable[[str], None]
PACKAGES = ("kido", "pyomo", "highspy", "pandas", "openpyxl", "numpy", "scipy")


@dataclass(frozen=True)
class Run:
    """An answered run: where it was written, what it says, and what `run.json` holds."""

    folder: Path | None
    answer: Answer
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
    """Read and check a workbook. Raises BookFault with every fault at once."""
    return checked_book(book)


def solve(
    book: str | Path | Tables,
    scenario: str | None = None,
    output: str | Path | None = None,
    export: str | Path | None = None,
    say: Say = lambda _: None,
) -> Run:
    """Plan a book and write its run folder; everything or nothing.

    `scenario` names one branch (or `Trunk`) to plan alone, everything known from the start.
    `output` is the run folder (default: outputs/BOOK, or outputs/BOOK-SCENARIO beside the
    current folder). `export` writes the program as an MPS file for other solvers.

    Raises BookFault, NoPlan, StoppedAtLimit, NotSolved or CertificateFault.
    """
    clock = Clock(say)
    with clock.phase("read", "reading the workbook"):
        tables = book if isinstance(book, Tables) else load(book)
    folder = Path(output) if output else default_folder(tables, scenario)
    with clock.phase("build", "building the program"):
        case = _case(tables, scenario)
        model, variables = build_model(case)
    with clock.phase("handover", "handing it to the solver"):
        program = hand_over(model, variables)
        del model, variables
    if export:
        with clock.phase("export", f"writing {export}"):
            write_mps(program, Path(export))
    with whole_folder(folder) as fresh:
        with clock.phase("solve", f"solving {len(program.columns):,} columns"):
            solution = _solved(program, case, tables, fresh / "solver.log", say)
        with clock.phase("verify", "checking the answer"):
            answer, numbers = _verified(tables, case, solution, scenario)
        with clock.phase("write", "writing the results"):
            report = make_report(answer)
            facts = _facts(answer, numbers, clock)
            shown = {name: facts[name] for name in ("seconds", "versions")}
            write_results(report, answer, fresh / "results.xlsx", shown)
        facts["seconds"] = clock.all()
        text = json.dumps(facts, indent=2, ensure_ascii=False)
        (fresh / "run.json").write_text(text + "\n", "utf-8")
    return Run(folder, answer, report, facts)


def default_folder(tables: Tables, scenario: str | None) -> Path:
    name = Path(tables.path).stem or "book"
    return Path("outputs") / (f"{name}-{_slug(scenario)}" if scenario else name)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text.strip()).strip("-.").lower() or "scenario"


def _case(tables: Tables, scenario: str | None) -> Case:
    try:
        return make_case(tables, scenario)
    except KeyError as unknown:
        names = [TRUNK, *(r.name for r in tables["Scenarios"].records())]
        raise BookFault(
            [
                Finding(
                    "unknown-scenario",
                    Place("Scenarios"),
                    f"the book has no scenario {scenario!r}",
                    found=str(scenario),
                    expected="one of: " + ", ".join(names),
                    advice="name one of these after --scenario",
                )
            ]
        ) from unknown


def _solved(program: Program, case: Case, tables: Tables, log: Path, say: Say) -> Solution:
    settings = case.settings
    try:
        solution = solve_program(program, settings.solver_method, settings.time_limit, log, say)
        if settings.risk_weight < 1:
            return solution
        say("the tail is as small as it can be; now the expected cost")
        held = holding_objective(program, expected_cost(case), solution.objective)
        second = solve_program(held, settings.solver_method, settings.time_limit, log, say)
        return replace(solution, values=second.values)
    except Infeasible:
        say("no plan exists; looking for the rows that cannot hold together")
        raise NoPlan(
            "no plan keeps every rule of the book: these cannot all hold",
            diagnose(program, case, tables),
        ) from None
    except WithoutEnd:
        raise Unbounded(
            "the book lets money be made without end: look for a sale or a negative cost "
            "that pays more than what feeds it, without a limit"
        ) from None


def _verified(
    tables: Tables, case: Case, solution: Solution, scenario: str | None
) -> tuple[Answer, dict[str, float | None]]:
    flows = flows_of(case, solution)
    costs = history_costs(case, solution)
    mean = expected(case, costs)
    cvar = conditional_value_at_risk(case, costs) if case.settings.risk_weight > 0 else None
    certificate = verify(tables, flows, solution.objective, mean, cvar, scenario)
    if certificate.findings:
        raise CertificateFault(certificate.findings)
    answer = Answer(tables, case, solution, certificate, flows, scenario)
    return answer, {"expected_cost": mean, "cvar": cvar}


def _facts(answer: Answer, numbers: Mapping[str, float | None], clock: Clock) -> dict[str, Any]:
    """What `run.json` holds; the keys are stable."""
    case, solution = answer.case, answer.solution
    costs = history_costs(case, solution)
    statistics = solution.statistics
    return {
        "status": "optimal",
        "objective": solution.objective,
        "objective_unit": "kUSD",
        **numbers,
        "risk_weight": case.settings.risk_weight,
        "cvar_level": case.settings.cvar_level,
        "scenario": answer.scenario,
        "scenarios": [
            {
                "name": case.tree.branch_of(leaf).name,
                "probability": case.tree.moments[leaf].probability,
                "cost": cost,
            }
            for leaf, cost in costs.items()
        ],
        "moments": len(case.tree.moments),
        "rows": statistics.rows,
        "columns": statistics.columns,
        "nonzeros": statistics.nonzeros,
        "solver": {
            "method": statistics.method,
            "attempts": list(statistics.attempts),
            "iterations": statistics.iterations,
            "primal_residual": statistics.primal_residual,
            "dual_residual": statistics.dual_residual,
            "duality_gap": statistics.duality_gap,
        },
        "seconds": clock.all(),
        "workbook": Path(answer.tables.path).name,
        "workbook_sha256": answer.tables.sha256,
        "options": {
            "solver_method": case.settings.solver_method,
            "time_limit": case.settings.time_limit,
        },
        "versions": {name: version(name) for name in PACKAGES}
        | {"python": platform.python_version()},
    }
