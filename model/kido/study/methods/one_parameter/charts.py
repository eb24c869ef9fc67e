"""Charts of a curve: cost with bounds and breakpoints, other measures, branches alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kido.report.charts import (
    Chart,
    Series,
    dots,
    fitted_axis,
    jointed,
    line,
    named,
    scatter,
)
from kido.report.style import ACCENT, QUIET, RED, SERIES
from kido.report.table import Report, Table
from kido.study.methods.one_parameter.curve_lines import curves_with_lines
from kido.study.methods.one_parameter.findings import is_policy
from kido.study.point import SOLVED
from kido.study.report.chart_parts import (
    commodity_color,
    heading,
    numbers,
    pair,
    parameter_axis,
    value_axis,
)
from kido.study.report.points import FUTURES
from kido.study.report.view import View
from kido.tolerances import MOVED_T, SAME_LOSS_SHARE

VISIBLE = 0.005  # of the height of the chart: narrower bounds cannot be seen
FLAGS = 6  # break-evens marked
NEAR = 0.05  # of the range: closer ones share a mark
LINES = 10  # branches drawn
LABELLED = 12  # points of a frontier that bear their value
GREEN, BLACK = "2E7D32", "000000"

Rows = list[int]


def charts(view: View, report: Report) -> list[Chart]:
    """Charts of the cost, of a second measure, and of branches planned alone."""
    table = report["sweep_curve"]
    rows_by_future = {
        name: rows for name, rows in _rows_by_future(table).items() if numbers(table, rows, "cost")
    }
    chart_list: list[Chart | None] = []
    if FUTURES in rows_by_future:
        chart_list = [
            _cost(view, report, rows_by_future[FUTURES]),
            _other(view, table, rows_by_future[FUTURES]),
        ]
    if any(name != FUTURES for name in rows_by_future):
        chart_list.append(_alone(view, table, rows_by_future))
    return [chart for chart in chart_list if chart is not None]


def _rows_by_future(table: Table) -> dict[str, Rows]:
    """The rows of the table by future."""
    blocks: dict[str, Rows] = {}
    for i, future in enumerate(table.frame["future"]):
        blocks.setdefault(str(future), []).append(i)
    return blocks


def _column(view: View, table: Table, key: str) -> str:
    """The heading of a column of the table, with its unit."""
    text = next(c for c in table.columns if c.key == key).heading(view.labels)
    return f"{view.labels.group('lost')}: {text}" if key.startswith("lost") else text


def _cost(view: View, report: Report, rows: Rows) -> Chart:
    """The cost as a line, solved points as dots, and bounds if they are wide enough to see."""
    table, labels = report["sweep_curve"], view.labels
    certified = all(
        s.certified for c, _ in curves_with_lines(view) if c.scenario is None for s in c.stretches
    )
    word = labels["sweep.series_line" if certified else "sweep.series_dashed"]
    series = [line(word, *pair(table, "at", "cost", rows), ACCENT, 2.0, not certified)]
    if _wide(table, rows):
        series += [
            line(labels[f"sweep.series_{k}"], *pair(table, "at", k, rows), QUIET, 1.0, dashed=True)
            for k in ("lower", "upper")
        ]
    solved = pair(table, "at", "solved_cost", rows)
    series.append(dots(labels["sweep.series_solved"], *solved, ACCENT, 5))
    bends = report["sweep_breakpoints"]
    if bend_rows := _of_all(bends):
        where = pair(bends, "at", "cost", bend_rows)
        series.append(dots(labels["sweep.series_bends"], *where, RED, 8, "diamond"))
    at = numbers(table, rows, "at")
    series += _flags(view, report["sweep_break_evens"], min(at), max(at))
    return scatter(
        heading(view, "chart_cost"), series, fitted_axis(parameter_axis(view, 0), at),
        value_axis(view, "", numbers(table, rows, "cost")),
    )  # fmt: skip


def _of_all(table: Table) -> Rows:
    """The rows of the table for the whole tree that have a cost."""
    futures = table.frame["future"]
    return [i for i, f in enumerate(futures) if f == FUTURES and numbers(table, [i], "cost")]


def _wide(table: Table, rows: Rows) -> bool:
    frame = table.frame.iloc[rows]
    costs = frame["cost"].dropna()
    height = float(costs.max() - costs.min())
    return height > 0 and float((frame["upper"] - frame["lower"]).max()) > VISIBLE * height


def _flags(view: View, table: Table, low: float, high: float) -> list[Series]:
    """Marks of break-evens with the row and the event; close neighbours share one mark."""
    frame, groups = table.frame, list[Rows]()
    for i in sorted(_of_all(table), key=lambda i: frame["about"][i]):
        if groups and frame["about"][i] - frame["about"][groups[-1][0]] <= NEAR * (high - low):
            groups[-1].append(i)
        else:
            groups.append([i])
    series = []
    for group in groups[:FLAGS]:
        first, others = group[0], len(group) - 1
        event = view.labels.word(frame["event"][first], "event")
        more = view.labels["sweep.more"].format(count=others) if others else ""
        name = f"{frame['row'][first]} {event}{more}"
        mark = dots(name, *pair(table, "about", "cost", [first]), GREEN, 9, "triangle")
        left = frame["about"][first] <= (low + high) / 2  # beside a curve that rises or falls
        series.append(named(mark, "right" if left else "left"))
    return series


def _other(view: View, table: Table, rows: Rows) -> Chart | None:
    """The second chart: cost against loss for a policy, else the loss, else expected cost."""
    changing = _changing_commodities(view, table, rows)
    parameter = view.parameters[0]
    if parameter.sheet == "Settings" and is_policy(parameter):
        return _frontier(view, table, rows, "expected", "tail", "chart_risk")
    if is_policy(parameter) and changing:
        every = any(c.key == "lost_all" for c in table.columns)
        lost = "lost_all" if every else f"lost {changing[0]}"
        return _frontier(view, table, rows, "cost", lost, "chart_frontier")
    if changing:
        keys = [f"lost {c}" for c in changing]
        names, colors = changing, [commodity_color(view, c) for c in changing]
    else:
        keys = [k for k in ("expected", "tail") if numbers(table, rows, k)]
        names, colors = [view.labels[f"column.{k}"] for k in keys], list(SERIES[: len(keys)])
    if not keys:
        return None
    series = [
        jointed(name, *pair(table, "at", key, rows), color)
        for name, key, color in zip(names, keys, colors, strict=True)
    ]
    return scatter(
        heading(view, "chart_lost" if changing else "chart_expected"), series,
        fitted_axis(parameter_axis(view, 0), numbers(table, rows, "at")),
        value_axis(view, "", numbers(table, rows, *keys)),
        blanks="span",  # from one solved point to the next
    )  # fmt: skip


def _changing_commodities(view: View, table: Table, rows: Rows) -> list[str]:
    """The commodities whose loss changes, by the size of the change."""
    spans = {}
    for commodity in view.commodities:
        tonnes = numbers(table, rows, f"lost {commodity}")
        if tonnes and max(tonnes) - min(tonnes) > max(MOVED_T, SAME_LOSS_SHARE * max(tonnes)):
            spans[commodity] = max(tonnes) - min(tonnes)
    return sorted(spans, key=lambda commodity: -spans[commodity])[:6]


def _frontier(view: View, table: Table, rows: Rows, x: str, y: str, title: str) -> Chart:
    """A chart of one column against another, points labelled by the value of the parameter."""
    series = [line(view.parameter_name(0), *pair(table, x, y, rows), ACCENT)]
    frame = table.frame
    solved = [i for i in rows if frame["status"][i] == SOLVED and numbers(table, [i], y)]
    for i in solved[:: max(1, -(-len(solved) // LABELLED))]:
        name = view.wording.setting(view.parameters[0], frame["at"][i])
        series.append(named(dots(name, *pair(table, x, y, [i]), ACCENT)))
    return scatter(
        heading(view, title), series,
        value_axis(view, _column(view, table, x), numbers(table, rows, x)),
        value_axis(view, _column(view, table, y), numbers(table, rows, y)), blanks="span",
    )  # fmt: skip


def _alone(view: View, table: Table, blocks: Mapping[str, Sequence[int]]) -> Chart:
    """A chart with a line for each branch planned alone, and the whole tree in black."""
    alone = [name for name in blocks if name != FUTURES][:LINES]
    colors = dict(zip(alone, SERIES, strict=False))
    series = [
        line(
            view.labels.word(name), *pair(table, "at", "cost", blocks[name]),
            colors.get(name, BLACK), 1.5,
        )
        for name in (*alone, *(n for n in blocks if n == FUTURES))
    ]  # fmt: skip
    rows = [i for block in blocks.values() for i in block]
    return scatter(
        heading(view, "chart_alone"), series,
        fitted_axis(parameter_axis(view, 0), numbers(table, rows, "at")),
        value_axis(view, "", numbers(table, rows, "cost")),
    )  # fmt: skip
