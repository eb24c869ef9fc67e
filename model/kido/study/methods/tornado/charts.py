"""The charts of a tornado: the change of the cost, and what is lost, at either end."""

from __future__ import annotations

from collections.abc import Sequence

from kido.report.charts import Chart, bars, from_zero, valued
from kido.report.style import signed, size_of
from kido.report.table import Report, Table
from kido.study.report.chart_parts import (
    BLUE,
    ORANGE,
    bar,
    first_rows,
    form_of,
    heading,
    known,
)
from kido.study.report.view import View
from kido.tolerances import MOVED_T


def charts(view: View, report: Report) -> list[Chart]:
    table = report["sweep_tornado"]
    found: list[Chart] = []
    for name, keys in (
        ("chart_tornado", ("low_change", "high_change")),
        ("chart_tornado_lost", ("low_lost", "high_lost")),
    ):
        rows = first_rows(table, *keys)
        largest = size_of(known(table, range(len(table.frame)), *keys))
        if rows and largest > (0.0 if not found else MOVED_T):
            found.append(_ends(view, table, rows, keys, heading(view, name)))
    return found


def _ends(
    view: View, table: Table, rows: Sequence[int], keys: tuple[str, str], title: str
) -> Chart:
    """Two bars a parameter: on one line where they point apart, else one below the other."""
    frame, form = table.frame.iloc[list(rows)], form_of(table, rows, *keys)
    low, high = frame[keys[0]].fillna(0), frame[keys[1]].fillna(0)
    apart = bool((low * high <= 0).all())
    text = f"{signed(form)};-{form};" if keys[0].endswith("change") else f"{form};;"
    series = [
        valued(bar(table, key, "parameter", rows, view.labels[f"sweep.{word}"], color), text)
        for key, word, color in zip(
            keys, ("series_low", "series_high"), (BLUE, ORANGE), strict=True
        )
    ]
    values = from_zero(known(table, rows, *keys), form)
    return bars(title, series, len(rows), values, overlap=100 if apart else 0)
