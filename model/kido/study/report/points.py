"""`points`: the table of all points with their values, status and costs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.view import FIRST_UNMET, NAN, View
from kido.study.resolve.measures import FREE_COST

FUTURES = "all futures weighed"


def points(view: View) -> Table:
    """The table with a row for each point, in the order of the design; money in `view.unit`."""
    columns = (*_settings(view), *_costs(view), *lost_columns(view), *_work())
    lines = [
        (
            *_setting(view, o),
            *_cost(view, o),
            *lost_amounts(view, o),
            view.measure(o, FIRST_UNMET),
            o.seconds,
            _warm(o),
        )
        for o in view.outcomes
    ]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_points", columns, frame)


def parameter_columns(view: View, shape: str = "value") -> list[Column]:
    """A column for the value of each parameter."""
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
    """The certified error, as a share of the cost; 0 if solved, NaN if the cost is unknown."""
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
    columns = [
        Column("cost", unit, "money"), Column("lower", unit, "money"),
        Column("upper", unit, "money"), Column("error", "%", "error"),
        Column("change", unit, "change"), Column("change_share", "%", "change"),
        Column("expected", unit, "money"), Column("tail", unit, "money"),
    ]  # fmt: skip
    if kept(view):
        columns += [Column("free", unit, "money"), Column("regret", unit, "money")]
    if view.display is not None:
        columns.append(Column("displayed", view.display[0], "money"))
    return columns


def kept(view: View) -> bool:
    """Whether the plans are held to the orders of a run."""
    return any(FREE_COST in outcome.measures for outcome in view.outcomes)


def _cost(view: View, outcome: Outcome) -> list[float]:
    objective = outcome.objective
    lower = objective if outcome.lower is None else outcome.lower
    upper = objective if outcome.upper is None else outcome.upper
    numbers = [
        view.money(outcome.objective), view.money(lower), view.money(upper), gap(outcome),
        view.money(view.change(outcome)), view.change_share(outcome),
        view.measure(outcome, "expected_cost") * view.factor,
        view.measure(outcome, "cvar") * view.factor,
    ]  # fmt: skip
    if kept(view):
        free = view.measure(outcome, FREE_COST)
        regret = NAN if objective is None else max(0.0, objective - free)
        numbers += [free * view.factor, regret * view.factor]
    return numbers if view.display is None else [*numbers, view.display_cost(outcome)]


def lost_columns(view: View) -> list[Column]:
    """Columns of the demand not served, by commodity and, of several, in total."""
    columns = [Column(f"lost {c}", "t", "tonnes", label=c, group="lost") for c in view.commodities]
    return (
        [*columns, Column("lost_all", "t", "tonnes", group="lost")] if len(columns) > 1 else columns
    )


def lost_amounts(view: View, outcome: Outcome) -> list[float]:
    """The cells of `lost_columns`, t."""
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
