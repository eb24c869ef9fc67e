"""Sweeps of the Japan book: certified curves beside repeated cold solves, one worker beside two."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from child import Weighed, kido
from page import table
from registry import BOOK

from kido.files import slug
from kido.run import solve
from kido.study.checks.book import checked_book
from kido.study.designs import designs

CURVES = ("Dy price", "Dy need")
SHARED = "Weakest guesses"
COLD = 2  # points of each curve that are solved from nothing, as workbooks of their own


def sweeps(repeat: int) -> str:
    """What a sweep costs in cold solves of the book, and what a second worker saves."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        cold = kido("solve", BOOK, "-o", place / "cold")
        alone = json.loads((place / "cold" / "run.json").read_text("utf-8"))["seconds"]["solve"]
        curves = [_curve(name, place, cold) for name in CURVES]
        one, two = (_swept(SHARED, jobs, place) for jobs in (1, 2))
    return "\n".join(
        [
            f"A cold solve is one `kido solve` of the book: {cold.wall:.1f} s on the wall, HiGHS "
            f"{alone:.1f} of them. Repeated cold solves: the mean of {COLD} places of the range, "
            "each an edited book on the plain road, times the places of the range; their costs "
            "must be those of the sweep. One worker.\n",
            table(
                ("sweep", "places", "solved", "programs", "largest certified error, %",
                 "seconds", "cold solves (to be no more than 10)", "repeated cold solves, s",
                 "farthest from a cold solve, %"),
                curves,
            ),
            f"Two workers on `{SHARED}`: {len(one[1]['points'])} points after the book itself, "
            "which one of them solves while the other waits.\n",
            table(
                ("workers", "seconds", "of which the book itself", "times faster (to be 1.6)"),
                [
                    (1, one[0].wall, one[1]["base"]["seconds"], None),
                    (2, two[0].wall, two[1]["base"]["seconds"], one[0].wall / two[0].wall),
                ],
            ),
        ]
    )  # fmt: skip


def _swept(name: str, jobs: int, place: Path) -> tuple[Weighed, dict[str, Any]]:
    folder = place / f"{slug(name)}-{jobs}"
    run = kido("sweep", BOOK, "--sweep", name, "--jobs", str(jobs), "-o", folder)
    return run, json.loads((folder / "run.json").read_text("utf-8"))


def _curve(name: str, place: Path, cold: Weighed) -> tuple[object, ...]:
    run, facts = _swept(name, 1, place)
    tables = checked_book(BOOK)
    (design,) = (x for x in designs(tables) if x.name == name)
    asked = [p for p in facts["points"] if p["lower"] is not None]
    step = max(1, len(asked) // COLD)
    seconds, far = [], 0.0
    for point in asked[step // 2 :: step][:COLD]:
        edited = design.parameters[0].with_value(tables, point["values"][0])
        answer = solve(edited, output=place / "point")
        seconds.append(answer.facts["seconds"]["total"])
        cost = answer.facts["proof"]["bound"]  # a steady plan may cost a hair more
        apart = max(point["lower"] - cost, cost - point["upper"], 0.0)
        far = max(far, 100 * apart / abs(cost), abs(point["objective"] / cost - 1) * 100)
    places = len(design.parameters[0].values)
    solved = sum(p["status"] == "solved" for p in facts["points"])
    programs = facts["solves"]["warm"] + facts["solves"]["cold"]
    repeated = places * sum(seconds) / len(seconds)
    return (
        name, places, solved, programs, 100 * facts["largest_error"], run.wall,
        run.wall / cold.wall, repeated, far,
    )  # fmt: skip
