"""Curves of the optimal cost along one parameter, of the whole tree and of branches alone."""

from __future__ import annotations

from dataclasses import replace

from kido.data.case.build import tree_of
from kido.data.tables import Tables
from kido.study.design.design import Design, watched_rows
from kido.study.design.points import enumerate_points
from kido.study.methods.one_parameter.break_evens import find_break_evens
from kido.study.methods.one_parameter.conclusions import Conclusion
from kido.study.methods.one_parameter.model_evaluator import ModelOracle
from kido.study.methods.one_parameter.result import Curve, CurveResult
from kido.study.methods.one_parameter.value_function import ValueFunction, trace
from kido.study.point import Outcome, Point
from kido.study.session import Session

NARROW = 0.002  # of the range: how close a break-even is closed in


def points(design: Design, tables: Tables) -> list[Point]:
    """A point for each value, from low to high; equal values are one point."""
    settings = dict.fromkeys(
        zip(*(parameter.values for parameter in design.parameters), strict=True)
    )
    return sorted(enumerate_points(settings), key=lambda point: point.values)


def run(session: Session) -> CurveResult:
    """The curve of the whole tree and, if the design asks for them, of each branch alone."""
    design, tables = session.design, session.tables
    first = _curve(session, None)
    curves = [first]
    if design.alone:
        names = [b.name for b in tree_of(tables).branches if b.probability > 0]
        curves += [_curve(session.without_start, name) for name in names]
    return CurveResult(
        session.method, tables, design, session.base, first.outcomes, curves=tuple(curves)
    )


def _curve(session: Session, scenario: str | None) -> Curve:
    design = session.design
    parameter, rows = design.parameters[0], watched_rows(design, session.tables)
    oracle = ModelOracle(
        session.executor,
        session.book,
        session.tables,
        design.parameters,
        scenario,
        session.start,
        rows,
        session.keep,
    )
    function = trace(
        oracle, parameter.values, () if parameter.ranged else parameter.values, design.error
    )
    width = NARROW * (max(parameter.values) - min(parameter.values))
    break_evens = find_break_evens(oracle, function, rows, width) if rows and width > 0 else []
    return function.record(scenario, _outcomes(oracle, function), break_evens)


def _outcomes(oracle: ModelOracle, function: ValueFunction) -> tuple[Outcome, ...]:
    """The outcomes of all requested or solved values, in the order of the parameter."""
    conclusions = {c.at: c for c in function.conclusions}
    solved = {at for at, probe in oracle.probes.items() if probe.solved}
    places = sorted({*conclusions, *solved})
    return tuple(
        _outcome(oracle, at, conclusions.get(at), number) for number, at in enumerate(places)
    )


def _outcome(oracle: ModelOracle, at: float, conclusion: Conclusion | None, number: int) -> Outcome:
    probe = oracle.probes.get(at)
    point = replace(probe.outcome.point if probe else oracle.point(at), number=number)
    if conclusion is None or (probe and probe.solved):
        return replace(oracle.probes[at].outcome, point=point)
    return Outcome(
        point,
        conclusion.status,
        conclusion.message,
        conclusion.objective,
        conclusion.lower,
        conclusion.upper,
    )
