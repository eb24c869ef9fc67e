"""Points of scenarios planned alone: one for each branch."""

from __future__ import annotations

from kido.data.case.build import tree_of
from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.point import Point
from kido.study.results import SweepResult
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    """A point for each branch, those of probability 0 too, of the design's words unless empty."""
    words = set(design.words)
    branches = [b.name for b in tree_of(tables).branches if not words or b.scenario in words]
    return [Point(number, scenario=name) for number, name in enumerate(branches)]


def run(session: Session) -> SweepResult:
    """The outcomes of all branches: small programs, each solved without a starting basis."""
    design, tables = session.design, session.tables
    outcomes = session.without_start.evaluate(points(design, tables), chunk=1)
    return SweepResult(session.method, tables, design, session.base, outcomes)
