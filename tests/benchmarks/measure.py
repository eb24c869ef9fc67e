"""Measures kido on the Japan book and prints what it found as Markdown.

    python tests/benchmarks/measure.py [TABLE ...] [--repeat 3] [--write]

Tables: whole, growth, methods, scenarios, branches, linopy, pypsa, sweeps; without a name, all
these; and many, which can take an hour. `--write` puts them into the README beside this file. What
is compared is run in turn, in the same minutes, each in a process of its own; medians count.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from child import HERE, Weighed, kido, script
from methods import many_branches, methods
from page import machine, table, write_section
from pypsa_beside import pypsa
from registry import BOOK, CASES, METHODS
from sweeping import sweeps

from kido.solver.highs import METHODS as OPTIONS

WHOLE = "the whole book"
COUNTS = (40, 160, 640, 1280, 5120)
BRANCHES = (19, 106, 300, 1005)
BEFORE = os.environ.get("KIDO_BEFORE", "")  # the folder `model` of an earlier kido
SAME = 1e-12  # as a share, how far apart objectives of one program may be
LIMIT = 100  # seconds a method may take in `growth`


def whole(repeat: int) -> str:
    """`kido solve` as a planner runs it, against HiGHS alone on the exported program."""
    alone, planned, seconds = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        mps, run = Path(folder) / "japan.mps", Path(folder) / "run"
        kido("solve", BOOK, "-o", run, "--export", mps)
        facts = json.loads((run / "run.json").read_text(encoding="utf-8"))
        method = facts["solver"]["method"]
        cold = method if method in OPTIONS else "simplex"  # a start is what kido adds
        for _ in range(repeat):
            alone.append(script("alone.py", mps, json.dumps(OPTIONS[cold])))
            planned.append(kido("solve", BOOK, "-o", run))
            seconds.append(json.loads((run / "run.json").read_text(encoding="utf-8"))["seconds"])
    least = facts["proof"]["bound"]  # a steady plan may cost a hair more
    far = max(abs(a.said["objective"] / least - 1) for a in alone)
    if far > SAME:
        raise SystemExit(f"the objectives differ by {far:.0e}")
    share = [(s["build"] + s["handover"]) / s["solve"] for s in seconds]
    phases = [p for p in seconds[0] if p != "total"]
    return "\n".join(
        [
            f"{facts['rows']:,} rows, {facts['columns']:,} columns, {facts['nonzeros']:,} "
            f"nonzeros; kido solves by {method}, HiGHS alone by {cold}; objectives within "
            f"{far:.0e} of each other; median of {repeat}.\n",
            table(
                ("", "seconds on the wall", "seconds of processor", "peak memory, MB"),
                [
                    ("HiGHS alone on the exported program", *_medians(alone)),
                    ("the whole `kido solve`", *_medians(planned)),
                    ("ratio (to be no more than 0.9)", *_ratios(planned, alone), None),
                ],
            ),
            "The peak memory of `kido solve` is to be below 600 MB.\n",
            "Where the seconds of `kido solve` go, on the wall; building and hand-over take "
            f"{median(share):.2f} of the solve (to be no more than 1).\n",
            table(
                ("phase", "seconds"),
                [(phase, median(s[phase] for s in seconds)) for phase in phases],
            ),
        ]
    )


def growth(repeat: int) -> str:
    """Seconds by phase as histories are added, and with months to the end."""
    lines = []
    for name in CASES:
        runs = {
            method: script("road.py", name, "--method", method, "--limit", str(LIMIT)).said
            for method in METHODS
        }
        first = next(iter(runs.values()))
        seconds = [
            median(run["phases"][phase]["cpu"] for run in runs.values())
            for phase in ("case", "build", "handover")
        ]
        size = (first[key] for key in ("moments", "rows", "columns", "nonzeros"))
        lines.append((name, *size, *seconds, *(_solved(run) for run in runs.values())))
    header = ("book", "moments", "rows", "columns", "nonzeros", "case", "build", "hand-over")
    return "\n".join(
        [
            "Seconds of processor. The first scenarios of the book, so many that there are as "
            "many histories; all with its risk weight, its calendar of 24 months and 10 "
            f"quarters and its run-out. A method is stopped after {LIMIT} seconds on the wall.\n",
            table((*header, *METHODS), lines),
        ]
    )


def scenarios(repeat: int) -> str:
    """A small book with more and more scenarios, by phase; beside it an earlier kido, if named."""
    trees = {"": {}} | ({"before: ": {"PYTHONPATH": BEFORE}} if BEFORE else {})
    lines, phases = [], ("read", "build", "handover", "solve", "verify", "alone", "write", "total")
    for count in COUNTS:
        runs: dict[str, list[Mapping[str, Any]]] = {name: [] for name in trees}
        for _ in range(repeat):
            for name, env in trees.items():
                runs[name].append(script("futures.py", str(count), env=env).said)
        for name, held in runs.items():
            seconds = [median(run["seconds"][phase] for run in held) for phase in phases]
            lines.append((f"{name}{count:,}", held[0]["moments"], *seconds))
    return "\n".join(
        [
            "Seconds on the wall of `kido solve`; each scenario has an event of its own. "
            f"Median of {repeat}.\n",
            table(("scenarios", "moments", *phases), lines),
        ]
    )


def branches(repeat: int) -> str:
    """The Japan book with more and more branches: reading, and the case."""
    trees = {"": {}} | ({"before: ": {"PYTHONPATH": BEFORE}} if BEFORE else {})
    lines, columns = [], ("nodes", "read", "case", "peak")
    for count in BRANCHES:
        runs: dict[str, list[Mapping[str, Any]]] = {name: [] for name in trees}
        for _ in range(repeat):
            for name, env in trees.items():
                runs[name].append(script("branches.py", str(count), env=env).said)
        for name, held in runs.items():
            medians = [median(run[column] for run in held) for column in columns]
            lines.append((f"{name}{count:,}", *medians))
    return "\n".join(
        [
            "Seconds of processor; peak memory of the process in MB. Copies of the book's "
            f"scenarios, drawn by a seed. Median of {repeat}.\n",
            table(("branches", *columns), lines),
        ]
    )


def linopy(repeat: int) -> str:
    """The same program built with Pyomo and with linopy, both handed to HiGHS."""
    runs: dict[str, list[Mapping[str, Any]]] = {"pyomo": [], "linopy": []}
    optimum = {way: script("road.py", WHOLE, "--way", way, "--method", "simplex") for way in runs}
    for _ in range(repeat):
        for way, held in runs.items():
            held.append(script("road.py", WHOLE, "--way", way).said)
    found = [run.said["objective"] for run in optimum.values()]
    far = abs(found[1] / found[0] - 1)
    if far > 1e-7:
        raise SystemExit(f"the two programs differ: {found}")
    return "\n".join(
        [
            f"Both from the same case, rows from the same families; optima within {far:.0e} of "
            f"each other; median of {repeat}. Memory is the peak of the process after the "
            "hand-over, and what building and hand-over added to it.\n",
            table(
                ("", "rows", "nonzeros", "build, s", "hand-over, s", "together, s",
                 "import, s", "peak, MB", "added, MB"),
                [_way(name, held) for name, held in runs.items()],
            ),
            "linopy has no rows with two sides: those are two rows there.\n",
            "The whole process once, with reading, the case, and solving by the simplex method.\n",
            table(
                ("", "seconds on the wall", "seconds of processor", "peak memory, MB"),
                [(way, run.wall, run.cpu, run.peak) for way, run in optimum.items()],
            ),
        ]
    )  # fmt: skip


def _way(name: str, runs: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    def middle(phase: str, what: str) -> float:
        return median(run["phases"][phase][what] for run in runs)

    build, handover = middle("build", "cpu"), middle("handover", "cpu")
    peak = middle("handover", "peak")
    return (
        name, runs[0]["rows"], runs[0]["nonzeros"], build, handover, build + handover,
        middle("import", "cpu"), peak, peak - middle("case", "peak"),
    )  # fmt: skip


def _solved(run: Mapping[str, Any]) -> str:
    seconds = run["phases"]["solve"]["cpu"]
    return f"{seconds:.1f}" if run["status"] == "Optimal" else f"stopped ({seconds:.0f})"


def _medians(runs: Sequence[Weighed]) -> tuple[float, float, float]:
    return median(r.wall for r in runs), median(r.cpu for r in runs), median(r.peak for r in runs)


def _ratios(top: Sequence[Weighed], bottom: Sequence[Weighed]) -> tuple[float, float]:
    pairs = list(zip(top, bottom, strict=True))
    return median(t.wall / b.wall for t, b in pairs), median(t.cpu / b.cpu for t, b in pairs)


TABLES: Mapping[str, Callable[[int], str]] = {
    "whole": whole,
    "growth": growth,
    "methods": methods,
    "scenarios": scenarios,
    "branches": branches,
    "linopy": linopy,
    "pypsa": pypsa,
    "sweeps": sweeps,
    "many": many_branches,
}
LONG = ("many",)  # measured only where named


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("tables", nargs="*", choices=[*TABLES, "all", []], default=[])
    asked.add_argument("--repeat", type=int, default=3)
    asked.add_argument("--write", action="store_true")
    asked = asked.parse_args()
    for name in TABLES:
        if name in asked.tables or (name not in LONG and {*asked.tables} <= {"all"}):
            text = f"{machine()}\n{TABLES[name](asked.repeat)}"
            print(text, flush=True)
            if asked.write:
                write_section(HERE / "README.md", name, text)


if __name__ == "__main__":
    main()
