"""The table of the branches planned alone, by falling cost."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kido.report.table import Column, Table
from kido.study.point import Outcome
from kido.study.report.points import FUTURES, lost_amounts, lost_columns
from kido.study.report.summary import selection_table
from kido.study.report.view import FIRST_UNMET, View


def tables(view: View) -> list[Table]:
    """The table of the selected scenarios and that of the branches."""
    return [selection_table(view), scenarios(view)]


def dearest_first(view: View) -> list[Outcome]:
    """The outcomes by falling cost, those without a cost last."""
    return sorted(view.outcomes, key=lambda o: (o.objective is None, -(o.objective or 0.0)))


def scenarios(view: View) -> Table:
    """The table of branches planned alone; changes are from the plan of the whole tree."""
    unit = view.unit
    columns = (
        Column("scenario", shape="word"), Column("status", shape="word", words="status"),
        Column("cost", unit, "money"), Column("change", unit, "change"),
        Column("change_share", "%", "change"),
        *lost_columns(view),
        Column("first_unmet_month", "months", "count"), Column("message"),
    )  # fmt: skip
    lines = [_line(view, outcome) for outcome in dearest_first(view)]
    frame = pd.DataFrame(lines, columns=[c.key for c in columns])
    return Table("sweep_scenarios", columns, frame)


def _line(view: View, outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.point.scenario or FUTURES, outcome.status,
        view.money(outcome.objective), view.money(view.change(outcome)),
        view.change_share(outcome), *lost_amounts(view, outcome),
        view.measure(outcome, FIRST_UNMET), outcome.message,
    )  # fmt: skip
