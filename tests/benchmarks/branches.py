"""The Japan book with so many branches: read and turned into a case, seconds and memory as JSON.

    python tests/benchmarks/branches.py 106 [--book FILE]

Further branches are copies of the book's scenarios that become known in other months, last longer
or shorter, and are milder or harsher; the probability of a scenario is shared among its copies.
Drawn by a seed: the same count gives the same book. `--book` keeps it as a workbook.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
from registry import BOOK

from kido.data.case.build import make_case, tree_of
from kido.data.months import month_text, parse_month
from kido.data.tables import Tables
from kido.study.checks.book import checked_book

SEED = 2026
Row = dict[str, Any]


def write_book(path: Path, count: int) -> Path:
    """The Japan book with `count` branches, written to `path`. Raises ValueError under its own."""
    tables = checked_book(BOOK)
    own, last = len(tree_of(tables).branches), tables.settings.start + sum(tables.settings.calendar)
    if count < own:
        raise ValueError(f"the book has {own} branches")
    book = openpyxl.load_workbook(BOOK)
    scenarios, events = (_rows(book[sheet]) for sheet in ("Scenarios", "Events"))
    families = [
        [s for s in scenarios if first["name"] in (s["name"], s["parent"])]
        for first in scenarios
        if not first["parent"]
    ]
    copies = dict.fromkeys((s["name"] for s in scenarios), 1)
    draw, left = np.random.default_rng(SEED), count - own
    new_scenarios, new_events = [], []
    for family in cycle(families):
        if not left:
            break
        if len(family) <= left:
            left -= len(family)
            for first in family:
                copies[first["name"]] += 1
            number, known = copies[family[0]["name"]], _month(family[0]["known"])
            months = int(draw.integers(tables.settings.start + 1, last - 6)) - known
            length, severity = draw.uniform(0.5, 1.5), draw.uniform(0.5, 1.0)
            new_scenarios += [_later(s, number, months) for s in family]
            names = {s["name"] for s in family}
            new_events += [
                _changed(e, number, months, length, severity)
                for e in events
                if e["scenario"] in names
            ]
    for row in (*scenarios, *new_scenarios):
        row["probability"] /= copies[row.pop("of", row["name"])]
    for number, row in enumerate(scenarios, 2):
        book["Scenarios"].cell(number, list(row).index("probability") + 1, row["probability"])
    for sheet, rows in (("Scenarios", new_scenarios), ("Events", new_events)):
        for row in rows:
            book[sheet].append(list(row.values()))
    book.save(path)
    return path


def _later(scenario: Row, number: int, months: int) -> Row:
    """The copy of a scenario of that number, known so many months later, once."""
    return scenario | {
        "of": scenario["name"],
        "name": f"{scenario['name']} {number}",
        "parent": scenario["parent"] and f"{scenario['parent']} {number}",
        "known": _moved(scenario["known"], months),
        "again every": None,
        "until": None,
    }


def _changed(event: Row, number: int, months: int, length: float, severity: float) -> Row:
    """The event of the copy of that number: later, longer and milder."""
    lasts, factor, add = event["months"], event["factor"], event["add"]
    return event | {
        "name": f"{event['name']} {number}",
        "scenario": f"{event['scenario']} {number}",
        "from": _moved(event["from"], months),
        "months": lasts and max(1, round(lasts * length)),
        "factor": factor if factor is None else round(1 + (factor - 1) * severity, 6),
        "add": add and round(add * severity, 6),
    }


def _month(date: datetime | str) -> int:
    return parse_month(date if isinstance(date, str) else f"{date:%Y-%m}")


def _moved(date: datetime | str | None, months: int) -> str | None:
    return None if date is None else month_text(_month(date) + months)


def _rows(sheet: Any) -> list[Row]:
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def tables_with(count: int) -> Tables:
    """The checked tables of the Japan book with `count` branches."""
    with tempfile.TemporaryDirectory() as folder:
        return checked_book(write_book(Path(folder) / "branches.xlsx", count))


def measured(path: Path) -> Iterator[tuple[str, float]]:
    """What reading a book and making its case take: seconds of processor, peak memory in MB."""
    began = time.process_time()
    tables = checked_book(path)
    yield "read", time.process_time() - began
    began = time.process_time()
    case = make_case(tables)
    yield "case", time.process_time() - began
    yield "peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "branches", len(case.tree.branches)
    yield "nodes", len(case.tree.nodes)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("count", type=int)
    asked.add_argument("--book", type=Path, help="where to keep the workbook")
    asked = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.book or Path(folder) / "branches.xlsx"
        write_book(path, asked.count)
        facts = {name: round(value, 2) for name, value in measured(path)}
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
