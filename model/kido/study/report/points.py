"""The long table: every point with its settings, how it ended, and what it costs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.view import FIRST_UNMET, NAN, View

FUTURES = "all futures weighed"


def points(view: View) -> Table:
    """One row a point, in the order of the design; money in the unit of the pages."""
    columns = (*_settings(view), *_costs(view), *lost_columns(view), *_work())
    lines = [
        (
            *_setting(view, o),
            *_cost(view, o),
            *all_lost(view, o),
            view.measure(o, FIRST_UNMET),
            o.seconds,
            _warm(o),
        )
        for o in view.outcomes
    ]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_points", columns, frame)


def parameter_columns(view: View, shape: str = "value") -> list[Column]:
    return [
        Column(
            f"parameter {k}",
            parameter.unit,
            shape,
            label=view.parameter_name(k),
            group="parameters",
        )
        for k, parameter in enumerate(view.parameters)
    ]


def gap(outcome: Outcome) -> float:
    """The certified error, as a share of the cost; 0 where the point was solved."""
    if outcome.lower is not None and outcome.upper is not None:
        return (outcome.upper - outcome.lower) / max(abs(outcome.upper), 1e-9)
    return NAN if outcome.objective is None else 0.0


def _settings(view: View) -> list[Column]:
    return [
        Column("point", shape="count"), Column("future", shape="word"), *parameter_columns(view),
        Column("status", shape="word", words="status"), Column("message"),
    ]  # fmt: skip


def _setting(view: View, outcome: Outcome) -> list[Any]:
    point = outcome.point
    values = [NAN if v is None else v for v in point.values[: len(view.parameters)]]
    values += [NAN] * (len(view.parameters) - len(values))
    return [point.number, point.scenario or FUTURES, *values, outcome.status, outcome.message]


def _costs(view: View) -> list[Column]:
    unit = view.unit
    shown = [
        Column("cost", unit, "money"), Column("lower", unit, "money"),
        Column("upper", unit, "money"), Column("error", "%", "error"),
        Column("change", unit, "change"), Column("change_share", "%", "change"),
        Column("expected", unit, "money"), Column("tail", unit, "money"),
    ]  # fmt: skip
    if view.display is not None:
        shown.append(Column("displayed", view.display[0], "money"))
    return shown


def _cost(view: View, outcome: Outcome) -> list[float]:
    certain = outcome.objective
    lower = certain if outcome.lower is None else outcome.lower
    upper = certain if outcome.upper is None else outcome.upper
    numbers = [
        view.money(outcome.objective), view.money(lower), view.money(upper), gap(outcome),
        view.money(view.change(outcome)), view.change_share(outcome),
        view.measure(outcome, "expected_cost") * view.factor,
        view.measure(outcome, "cvar") * view.factor,
    ]  # fmt: skip
    return numbers if view.display is None else [*numbers, view.displayed(outcome)]


def lost_columns(view: View) -> list[Column]:
    """What is never served, by commodity and, of several, together."""
    found = [Column(f"lost {c}", "t", "tonnes", label=c, group="lost") for c in view.commodities]
    return [*found, Column("lost_all", "t", "tonnes", group="lost")] if len(found) > 1 else found


def all_lost(view: View, outcome: Outcome) -> list[float]:
    lost = [view.lost(outcome, c) for c in view.commodities]
    return [*lost, view.lost(outcome)] if len(lost) > 1 else lost


def _work() -> list[Column]:
    return [
        Column("first_unmet_month", "months", "count"),
        Column("seconds", shape="price"),
        Column("warm", shape="word"),
    ]


def _warm(outcome: Outcome) -> str:
    return "yes" if outcome.warm else "no"
