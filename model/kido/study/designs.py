"""The designs of a book: what its sheet Sweeps asks for, method by method."""

from __future__ import annotations

from typing import Any

from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.study.design.design import Design, design_of, grouped
from kido.study.registry import METHODS


def designs(tables: Tables) -> list[Design]:
    """Every design of a checked book, in its order."""
    words = NameIndex.of(tables)
    return [made_of(tables, words, name, rows) for name, rows in grouped(tables).items()]


def made_of(tables: Tables, words: NameIndex, name: str, rows: list[Any]) -> Design:
    """The design of the sound rows of one name."""
    return design_of(tables, words, name, rows, METHODS[rows[0].method].moves)


def size(design: Design) -> int:
    """How many points a design asks for: of a curve those listed, of ranges none."""
    return METHODS[design.method].size(design)
