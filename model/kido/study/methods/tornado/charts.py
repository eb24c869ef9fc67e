"""Charts of a tornado: change of the cost and demand not served at the ends of each parameter."""

from __future__ import annotations

from collections.abc import Sequence

from kido.report.charts import Chart, bars, from_zero, valued
from kido.report.style import signed, size_of
from kido.report.table import Report, Table
from kido.study.report.chart_parts import (
    BLUE,
    ORANGE,
    bar,
    common_format,
    heading,
    numbers,
    rows_with_numbers,
)
from kido.study.report.view import View
from kido.tolerances import MOVED_T


def charts(view: View, report: Report) -> list[Chart]:
    """Bar charts of the change of the cost and of demand not served, by parameter."""
    table = report["sweep_tornado"]
    chart_list: list[Chart] = []
    for name, keys in (
        ("chart_tornado", ("low_change", "high_change")),
        ("chart_tornado_lost", ("low_lost", "high_lost")),
    ):
        rows = rows_with_numbers(table, *keys)
        largest = size_of(numbers(table, range(len(table.frame)), *keys))
        if rows and largest > (0.0 if not chart_list else MOVED_T):
            chart_list.append(_ends(view, table, rows, keys, heading(view, name)))
    return chart_list


def _ends(
    view: View, table: Table, rows: Sequence[int], keys: tuple[str, str], title: str
) -> Chart:
    """Two bars a parameter, overlapping if they have opposite signs everywhere."""
    frame, form = table.frame.iloc[list(rows)], common_format(table, rows, *keys)
    low, high = frame[keys[0]].fillna(0), frame[keys[1]].fillna(0)
    apart = bool((low * high <= 0).all())
    text = f"{signed(form)};-{form};" if keys[0].endswith("change") else f"{form};;"
    series = [
        valued(bar(table, key, "parameter", rows, view.labels[f"sweep.{word}"], color), text)
        for key, word, color in zip(
            keys, ("series_low", "series_high"), (BLUE, ORANGE), strict=True
        )
    ]
    values = from_zero(numbers(table, rows, *keys), form)
    return bars(title, series, len(rows), values, overlap=100 if apart else 0)
