"""Points of a grid: every pair of values."""

from __future__ import annotations

from itertools import groupby, product

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.design.points import enumerate_points
from kido.study.point import Point
from kido.study.results import SweepResult
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    """The points in boustrophedon order: along the second parameter back and forth.

    Equal pairs of values are one point.
    """
    settings = dict.fromkeys(product(*(parameter.values for parameter in design.parameters)))
    ordered = sorted(enumerate_points(settings), key=lambda point: point.values)
    rows = [list(row) for _, row in groupby(ordered, lambda point: point.values[0])]
    return [point for k, row in enumerate(rows) for point in row[:: -1 if k % 2 else 1]]


def run(session: Session) -> SweepResult:
    """The outcomes of all points."""
    design, tables = session.design, session.tables
    outcomes = session.evaluate(points(design, tables))
    return SweepResult(session.method, tables, design, session.base, outcomes)
