"""The points of a tornado: each lever alone at each of its values."""

from __future__ import annotations

from kido.data.tables import Tables
from kido.study.design.design import Experiment
from kido.study.design.points import nearest_next, numbered
from kido.study.point import Point
from kido.study.results import SweepResult
from kido.study.session import Session


def points(design: Experiment, tables: Tables) -> list[Point]:
    """In an order in which neighbours are close; a value asked twice is one point."""
    count = len(design.levers)
    settings = dict.fromkeys(
        tuple(value if k == at else None for k in range(count))
        for at, lever in enumerate(design.levers)
        for value in lever.values
    )
    return nearest_next(design.levers, numbered(settings), tables)


def run(session: Session) -> SweepResult:
    x, tables = session.experiment, session.tables
    return SweepResult(session.method, tables, x, session.base, session.answers(points(x, tables)))
