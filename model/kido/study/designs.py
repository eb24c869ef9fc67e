"""The designs of a workbook, read from its sheet Sweeps."""

from __future__ import annotations

from typing import Any

from kido.data.selectors import NameIndex
from kido.data.tables import Tables
from kido.study.design.design import Design, design_of, rows_by_name
from kido.study.registry import METHODS


def designs(tables: Tables) -> list[Design]:
    """All designs of a checked workbook, in its order."""
    words = NameIndex.of(tables)
    return [build_design(tables, words, name, rows) for name, rows in rows_by_name(tables).items()]


def build_design(tables: Tables, words: NameIndex, name: str, rows: list[Any]) -> Design:
    """The design of the rows of one name, which are sound."""
    return design_of(tables, words, name, rows, METHODS[rows[0].method].has_parameters)


def size(design: Design) -> int:
    """Number of points of a design: of a curve those listed, of near-optimal ranges 0."""
    return METHODS[design.method].size(design)
