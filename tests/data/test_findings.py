"""The roll call: every finding the rooms of the data can make has a planted case."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import kido.data
import kido.study.checks
import kido.study.methods
from faulty_cells import PLANTED_CELLS, PLANTED_FILES
from faulty_rows import PLANTED_ROWS
from kido.messages import all_messages

# Planted in tests of their own, as they need more than an edit.
ELSEWHERE = {
    "no-permission", "lone-sheet", "open-in-excel", "external-links", "sheet-absent",
    "hidden-cells", "struck-out", "shown-otherwise", "two-readings", "old-word",
}  # fmt: skip
# Lines that are no finding, and codes of findings that other rooms make.
PIECES = ("list", "unit", "kind", "part", "what", "cli", "subject", "flow", "family",
          "period")  # fmt: skip
OTHERS = {
    "no-plan", "without-end", "shuts-the-way", "empty-row", "no-sweep", "unknown-sweep",
    "unknown-scenario", "negative", "mass-balance", "bound", "capacity", "minimum-use",
    "expansion", "demand", "relief", "stock-rule", "contract", "rebate", "policy", "money",
    "risk", "moments", "duplicate-flow", "unknown-flow", "nervousness", "order",
}  # fmt: skip


def texts(path: Path) -> Iterator[str]:
    """Every text of a module, as far as it is known: up to the first value put into it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def made_codes() -> set[str]:
    """The codes of the lines that the rooms of the data name."""
    codes = {key.partition(".")[0] for key in all_messages()} - set(PIECES) - OTHERS
    rooms = (kido.data, kido.study.checks, kido.study.methods)
    paths = (path for room in rooms for path in Path(room.__path__[0]).rglob("*.py"))
    named = {text.partition(".")[0] for path in paths for text in texts(path)}
    return codes & named


def test_roll_call() -> None:
    planted = {code for code, *_ in (*PLANTED_ROWS, *PLANTED_CELLS, *PLANTED_FILES)} | ELSEWHERE
    made = made_codes()
    assert len(made) > 70
    assert made - planted == set(), "without a planted case"
    assert planted - made == set(), "planted but never made"
