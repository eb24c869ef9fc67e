"""Near-optimal ranges of a session: a method without points."""

from __future__ import annotations

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.methods.near_optimal.ranges import near_optimal_ranges
from kido.study.methods.near_optimal.result import NearOptimalResult
from kido.study.point import Point
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    """An empty list: the searches of ranges are no points of a design."""
    return []


def run(session: Session) -> NearOptimalResult:
    """The ranges of all choices, and the outcomes of the searches for their ends."""
    ranges, searches = near_optimal_ranges(session)
    return NearOptimalResult(session.method, session.tables, session.design, session.base,
        ranges=tuple(ranges), searches=tuple(searches),
    )  # fmt: skip
