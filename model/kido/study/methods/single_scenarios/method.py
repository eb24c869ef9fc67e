"""The points of scenarios planned alone: one for each branch."""

from __future__ import annotations

from kido.data.case.build import tree_of
from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.point import Point
from kido.study.results import SweepResult
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    """Every branch, those of probability 0 too, or those of the scenarios named."""
    named = set(design.words)
    branches = [b.name for b in tree_of(tables).branches if not named or b.scenario in named]
    return [Point(number, scenario=name) for number, name in enumerate(branches)]


def run(session: Session) -> SweepResult:
    """Small programs, each solved from nothing."""
    x, tables = session.design, session.tables
    outcomes = session.without_start.evaluate(points(x, tables), chunk=1)
    return SweepResult(session.method, tables, x, session.base, outcomes)
