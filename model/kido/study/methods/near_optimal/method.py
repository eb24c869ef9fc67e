"""The search of near-optimal plans has no points: it looks for the ends of ranges."""

from __future__ import annotations

from kido.data.tables import Tables
from kido.study.design.design import Design
from kido.study.methods.near_optimal.ranges import near_optimal_ranges
from kido.study.methods.near_optimal.result import NearOptimalResult
from kido.study.point import Point
from kido.study.session import Session


def points(design: Design, tables: Tables) -> list[Point]:
    return []


def run(session: Session) -> NearOptimalResult:
    ranges, searches = near_optimal_ranges(session)
    return NearOptimalResult(session.method, session.tables, session.design, session.base,
        ranges=tuple(ranges), searches=tuple(searches),
    )  # fmt: skip
