"""A job that kido and PyPSA both can say: each phase, and the whole process."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from child import Weighed, kido, script
from deterministic import write_book
from page import table

CALENDARS = ("24 month, 10 quarter", "240 month")
SAME = 1e-6  # as a share, how far apart the objectives may be
WAYS = {"pyomo": "kido", "pypsa": "PyPSA"}
PHASES = ("data", "build", "handover", "solve")


def pypsa(repeat: int) -> str:
    """The deterministic part of the book in kido and in PyPSA, solved by the same simplex."""
    parts, wholes, far = [], [], 0.0
    for calendar in CALENDARS:
        with tempfile.TemporaryDirectory() as folder:
            roads, runs = _measured(Path(folder), calendar, repeat)
        found = [road["objective"] for held in roads.values() for road in held]
        found += [run.said["objective"] for held in runs.values() for run in held]
        far = max(far, max(found) / min(found) - 1)
        parts += [(calendar, WAYS[way], *_road(held)) for way, held in roads.items()]
        wholes += [(calendar, WAYS[way], *_whole(held)) for way, held in runs.items()]
        pairs = list(zip(runs["pyomo"], runs["pypsa"], strict=True))
        ratios = (median(getattr(k, what) / getattr(p, what) for k, p in pairs)
                  for what in ("wall", "cpu", "peak"))  # fmt: skip
        wholes.append((calendar, "kido / PyPSA", *ratios))
    if far > SAME:
        raise SystemExit(f"the objectives differ by {far:.0e}")
    return "\n".join(
        [
            "The Japan book as far as both can say it (`deterministic.py`): one future; scenarios, "
            "contracts, policies, lead times, orders of capacity and deferred need are left out "
            "on both sides. The network of `in_pypsa.py` is made from kido's case; PyPSA runs "
            "with its direct hand-over, without names, and both with the simplex "
            f"method of HiGHS. Objectives within {far:.0e} of each other; median of {repeat}.\n",
            "Seconds of processor by phase; memory is the peak of the process.\n",
            table(
                ("calendar", "", "rows", "columns", "nonzeros", "network, s", "build, s",
                 "hand-over, s", "solve, s", "together, s", "import, s", "peak, MB"),
                parts,
            ),
            "The whole process: `kido solve` reads and checks a workbook, solves it, verifies the "
            "plan with its certificate and writes the workbook of results; PyPSA reads a netCDF "
            "network, solves it and writes it with its results, without a report.\n",
            table(
                ("calendar", "", "seconds on the wall", "seconds of processor",
                 "peak memory, MB"),
                wholes,
            ),
        ]
    )  # fmt: skip


def _measured(
    folder: Path, calendar: str, repeat: int
) -> tuple[Mapping[str, list[dict[str, Any]]], Mapping[str, list[Weighed]]]:
    """What each phase, and what the whole process took, by way; measured in turn."""
    book = write_book(folder / "job.xlsx", calendar)
    network, run = folder / "job.nc", folder / "run"
    script("in_pypsa.py", "network", book, network)
    roads: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    runs: dict[str, list[Weighed]] = {way: [] for way in WAYS}
    for _ in range(repeat):
        for way, held in roads.items():
            given = ("the whole book", "--book", book, "--way", way, "--method", "simplex")
            held.append(script("road.py", *given).said)
        planned = kido("solve", book, "-o", run)
        planned.said.update(json.loads((run / "run.json").read_text(encoding="utf-8")))
        runs["pyomo"].append(planned)
        runs["pypsa"].append(script("in_pypsa.py", "plan", network, folder / "plan.nc"))
    return roads, runs


def _road(runs: list[dict[str, Any]]) -> tuple[Any, ...]:
    def middle(phase: str, what: str) -> float:
        return median(run["phases"][phase][what] for run in runs)

    size = (runs[0][key] for key in ("rows", "columns", "nonzeros"))
    seconds = [middle(phase, "cpu") for phase in PHASES]
    return *size, *seconds, sum(seconds), middle("import", "cpu"), middle("solve", "peak")


def _whole(runs: list[Weighed]) -> tuple[float, ...]:
    return tuple(median(getattr(run, what) for run in runs) for what in ("wall", "cpu", "peak"))
