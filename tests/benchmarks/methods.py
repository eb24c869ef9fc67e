"""How long the plain simplex method, the staged start and decomposition take, by branches.

    python tests/benchmarks/methods.py 106 "staged start" [--limit 600]

solves the Japan book with so many branches by one method and prints what it took as JSON: below the
book's own, with its first scenarios; above, with copies of them (`branches.py`).
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterable
from typing import Any

from branches import tables_with
from child import Weighed, script
from page import table
from registry import BOOK, histories

from kido.data.case.build import make_case, tree_of
from kido.data.case.case import Case
from kido.errors import TimeLimitReached
from kido.solver.assemble import assemble
from kido.solver.program import Program
from kido.solver.solution import Solution
from kido.solver.solve import solve_case
from kido.study.checks.book import checked_book
from kido.study.execute.executor import Pool

METHODS = {
    # name: `solver method` of the book; the plain one last, as it may be stopped
    "staged start": "auto",
    "decomposition": "decomposition",
    "plain simplex": "simplex",
}
HISTORIES = (1, 2, 4, 8, 16)  # of smaller books
BRANCHES = (19, 106)
MANY = 1005  # branches, which decomposition alone is measured on
LIMIT, LONG_LIMIT = 600, 7200  # seconds on the wall that a method may take
JOBS = 2
SAME = 1e-9  # as a share, how far apart proved optima may be


def methods(repeat: int) -> str:
    """Each method as branches are added, once."""
    rows, fastest = [], dict.fromkeys(METHODS, "")
    for count in (*HISTORIES, *BRANCHES):
        runs = {name: _run(count, name, LIMIT) for name in METHODS}
        _check(run.said for run in runs.values())
        # small programs are not decomposed or staged
        runs = {name: run for name, run in runs.items() if run.said["method"] == name}
        plain = runs["plain simplex"].said
        rows += [(*_row(run), run.said["cpu"] / plain["cpu"]) for run in reversed(runs.values())]
        best = min(runs, key=lambda name: runs[name].said["cpu"])
        fastest[best] += f"{', ' if fastest[best] else ''}{plain['branches']}"
    won = "; ".join(f"{name}: {counts or 'none'}" for name, counts in reversed(fastest.items()))
    return "\n".join(
        [
            _words(LIMIT),
            table((*HEADER, "plain = 1"), rows),
            f"Branches at which a method takes the fewest seconds of processor: {won}. At "
            f"{BRANCHES[-1]} branches the staged start is to take no more than 0.2 of the plain.\n",
        ]
    )


def _check(runs: Iterable[dict[str, Any]]) -> None:
    """Raises SystemExit where costs differ by more than the gaps that were proved."""
    ended = [run for run in runs if run["objective"] is not None]
    costs = [run["objective"] for run in ended]
    if max(costs) / min(costs) - 1 > max(SAME, *(run["gap"] for run in ended)):
        raise SystemExit(f"the objectives differ: {costs}")


def many_branches(repeat: int) -> str:
    """Decomposition on many branches, once."""
    row = _row(_run(MANY, "decomposition", LONG_LIMIT))
    return "\n".join([_words(LONG_LIMIT), table(HEADER, [row])])


HEADER = (
    "branches", "method", "nodes", "rows", "columns", "seconds on the wall",
    "seconds of processor", "iterations", "rounds", "gap", "peak memory, MB",
)  # fmt: skip


def _words(limit: int) -> str:
    return (
        "Solving alone, from the program in memory: seconds of processor are of all processes, "
        f"the peak is that of the largest. Decomposition has {JOBS} processes, and stops at the "
        "gap that the book asks for. Iterations of the staged start are those of its blocks and "
        f"of the whole. A method is stopped after {limit} seconds on the wall.\n"
    )


def _run(count: int, name: str, limit: int) -> Weighed:
    return script("methods.py", str(count), name, "--limit", str(limit))


def _row(run: Weighed) -> tuple[Any, ...]:
    said = run.said
    stopped = "" if said["status"] == "solved" else f" ({said['status']})"
    size = (said[key] for key in ("nodes", "rows", "columns", "wall", "cpu"))
    gap = f"{said['gap']:.0e}" if said["gap"] else None
    return (
        f"{said['branches']:,}", said["method"] + stopped, *size,
        said["iterations"], said["rounds"], gap, run.peak,
    )  # fmt: skip


def case_with(count: int) -> Case:
    """The case of the book with so many branches, or histories where it has more."""
    tables = checked_book(BOOK)
    own = len(tree_of(tables).branches)
    return make_case(tables_with(count) if count >= own else histories(count)(tables))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("count", type=int)
    asked.add_argument("method", choices=METHODS)
    asked.add_argument("--limit", type=float, default=LIMIT)
    asked = asked.parse_args()
    case = case_with(asked.count)
    program = assemble(case)
    facts: dict[str, Any] = {
        "branches": len(case.tree.branches),
        "nodes": len(case.tree.nodes),
        "rows": len(program.rows),
        "columns": len(program.columns),
        "method": asked.method,
    }
    print(json.dumps({**facts, **solved(program, case, asked.method, asked.limit)}))


def solved(program: Program, case: Case, name: str, limit: float) -> dict[str, Any]:
    """What a method took on a program, and what it found; `method` as it came to be."""
    began, cpu, rounds = time.perf_counter(), _cpu(), []
    solution: Solution | None = None
    with Pool(JOBS if name == "decomposition" else 1) as pool:
        try:
            method = METHODS[name]
            solution = solve_case(program, case, method, limit, say=rounds.append, run=pool.run)
        except TimeLimitReached:
            pass
    facts = {"wall": time.perf_counter() - began, "cpu": _cpu() - cpu, "iterations": None,
             "rounds": None, "gap": 0.0, "objective": None, "status": "stopped"}  # fmt: skip
    if solution is not None:
        statistics, start = solution.statistics, solution.statistics.start
        facts["status"] = "stopped" if statistics.stopped else "solved"
        facts["objective"] = solution.objective
        facts["iterations"] = statistics.iterations + (start.iterations if start else 0)
        facts["gap"] = statistics.audit.gap / abs(solution.objective)
        if statistics.method == "decomposition":
            facts["method"], facts["rounds"] = "decomposition", len(rounds)
        else:
            facts["method"] = "staged start" if start else "plain simplex"
        if len(statistics.attempts) > 1:
            facts["status"] = f"solved, {'; '.join(statistics.attempts)}"
    return facts


def _cpu() -> float:
    """Seconds of processor of this process and of the children that ended."""
    uses = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


if __name__ == "__main__":
    main()
