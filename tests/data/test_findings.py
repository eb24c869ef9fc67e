"""The roll call: every finding the rooms of the data can make has a planted case."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import kido.data
import kido.study.design
from faulty_cells import PLANTED_CELLS, PLANTED_FILES
from faulty_rows import PLANTED_ROWS

MAKERS = {"Finding", "BadCell", "fault", "warning", "make", "_fault", "_bad"}
# Planted in tests of their own, as they need more than an edit.
ELSEWHERE = {
    "no-permission", "open-in-excel", "external-links", "sheet-absent",
    "hidden-cells", "struck-out", "shown-otherwise", "two-readings",
}  # fmt: skip


def texts(node: ast.expr) -> Iterator[str]:
    """A text, or both texts of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def made_codes() -> set[str]:
    """The first text handed to whatever makes a finding, and what is called `code`."""
    found: set[str] = set()
    rooms = (kido.data, kido.study.design)
    for path in (p for room in rooms for p in Path(room.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
                found |= set(texts(node.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
                found |= {text for arg in node.args[:2] for text in texts(arg)}
    return found


def test_roll_call() -> None:
    planted = {code for code, *_ in (*PLANTED_ROWS, *PLANTED_CELLS, *PLANTED_FILES)} | ELSEWHERE
    made = made_codes()
    assert len(made) > 70
    assert made - planted == set(), "without a planted case"
    assert planted - made == set(), "planted but never made"
