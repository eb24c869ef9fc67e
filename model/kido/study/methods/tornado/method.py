"""Points of a tornado: each parameter alone at each of its values."""

from __future__ import annotations

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.design.points import enumerate_points, nearest_neighbor_order
from kido.study.point import Point
from kido.study.results import SweepResult
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    """The points in nearest-neighbor order; equal values of a parameter are one point."""
    count = len(design.parameters)
    settings = dict.fromkeys(
        tuple(value if k == at else None for k in range(count))
        for at, parameter in enumerate(design.parameters)
        for value in parameter.values
    )
    return nearest_neighbor_order(design.parameters, enumerate_points(settings), tables)


def run(session: Session) -> SweepResult:
    """The outcomes of all points."""
    design, tables = session.design, session.tables
    outcomes = session.evaluate(points(design, tables))
    return SweepResult(session.method, tables, design, session.base, outcomes)
