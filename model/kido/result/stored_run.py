"""A run read back from its folder: its facts, its tables and the book that it planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kido.data.check import checked_book
from kido.data.tables import Tables
from kido.errors import ComparisonError, Finding, OutputError, Place
from kido.files import BOOK, mend
from kido.messages import phrase
from kido.result.table_store import FILE as TABLES
from kido.result.table_store import read_tables

FACTS = {
    "status", "objective", "expected_cost", "workbook", "workbook_sha256", "versions", "scenario",
    "scenarios", "solver",
}  # fmt: skip
NEEDED = ("costs", "row_costs", "order_book", "refining", "stockpiles", "shortfalls")


@dataclass(frozen=True)
class StoredRun:
    """A run folder with the contents of `run.json`, its checked book, and its tables by name."""

    folder: Path
    facts: Mapping[str, Any]
    tables: Tables
    report: Mapping[str, pd.DataFrame]

    @property
    def objective(self) -> float:
        """kUSD."""
        return float(self.facts["objective"])

    @property
    def bound(self) -> float:
        """kUSD that no plan of the book costs less than."""
        return float(self.facts["proof"]["bound"])


def read_run(folder: Path) -> StoredRun:
    """The run of a folder. Raises ComparisonError where it is none, or not all is there."""
    mend(folder)
    facts = _facts(folder)
    book = folder / BOOK
    if not book.is_file():
        raise _fault("run-without-book", book)
    tables = checked_book(book)
    if tables.sha256 != facts["workbook_sha256"]:
        raise _fault("run-without-book.changed", book)
    try:
        report = read_tables(folder)
    except OutputError as problem:
        raise _fault("run-without-tables", folder / TABLES, str(problem)) from None
    if not report.keys() >= {*NEEDED}:
        raise _fault("run-without-tables", folder / TABLES)
    return StoredRun(folder, facts, tables, report)


def _facts(folder: Path) -> Mapping[str, Any]:
    record = folder / "run.json"
    if folder.is_file():
        raise _fault("no-run.book" if folder.suffix.lower() == ".xlsx" else "no-run", folder)
    if not folder.is_dir():
        raise _fault("no-run.missing", folder)
    try:
        facts = json.loads(record.read_text("utf-8"))
    except FileNotFoundError:
        raise _fault("no-run", folder) from None
    except (OSError, ValueError) as problem:
        text = phrase("part.problem", problem=problem)
        raise _fault("no-run.unreadable", record, text) from None
    if not isinstance(facts, dict):
        raise _fault("no-run.unreadable", record)
    if "sweep" in facts:
        raise _fault("no-run.sweep", folder)
    proof = facts.get("proof")
    known = {
        "objective",
        "expected_cost",
        "workbook_sha256",
        "versions",
        "scenario",
    } <= facts.keys()
    if not known or not isinstance(proof, dict) or proof.get("bound") is None:
        raise _fault("no-run.unreadable", record)
    return facts


def _fault(key: str, path: Path, held: object = "") -> ComparisonError:
    return ComparisonError([Finding.of(key, Place(str(path)), held)])
