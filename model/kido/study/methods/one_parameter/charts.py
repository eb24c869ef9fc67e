"""The charts of a curve: cost with its bounds and bends, what else moves, branches alone."""

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
from kido.study.methods.one_parameter.curve_lines import traced
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
from kido.tolerances import MOVED_T

VISIBLE = 0.005  # of the height of the chart: narrower bounds cannot be seen
FLAGS = 6  # break-evens marked
NEAR = 0.05  # of the range: closer ones share a mark
LINES = 10  # branches drawn
LABELLED = 12  # points of a frontier that bear their value
GREEN, BLACK = "2E7D32", "000000"

Rows = list[int]


def charts(view: View, report: Report) -> list[Chart]:
    table = report["sweep_curve"]
    drawn = {name: rows for name, rows in _blocks(table).items() if numbers(table, rows, "cost")}
    found: list[Chart | None] = []
    if FUTURES in drawn:
        found = [_cost(view, report, drawn[FUTURES]), _other(view, table, drawn[FUTURES])]
    if any(name != FUTURES for name in drawn):
        found.append(_alone(view, table, drawn))
    return [chart for chart in found if chart is not None]


def _blocks(table: Table) -> dict[str, Rows]:
    """The frame rows of each future; they stand together."""
    found: dict[str, Rows] = {}
    for i, future in enumerate(table.frame["future"]):
        found.setdefault(str(future), []).append(i)
    return found


def _column(view: View, table: Table, key: str) -> str:
    """What stands in a column of the table, with its unit."""
    found = next(c for c in table.columns if c.key == key)
    text = found.heading(view.labels)
    return f"{view.labels.group('lost')}: {text}" if key.startswith("lost") else text


def _cost(view: View, report: Report, rows: Rows) -> Chart:
    """Cost as a line, its solved points as dots, bounds where they can be seen."""
    table, labels = report["sweep_curve"], view.labels
    sure = all(s.certified for c, _ in traced(view) if c.scenario is None for s in c.stretches)
    word = labels["sweep.series_line" if sure else "sweep.series_dashed"]
    series = [line(word, *pair(table, "at", "cost", rows), ACCENT, 2.0, not sure)]
    if _wide(table, rows):
        series += [
            line(labels[f"sweep.series_{k}"], *pair(table, "at", k, rows), QUIET, 1.0, dashed=True)
            for k in ("lower", "upper")
        ]
    solved = pair(table, "at", "solved_cost", rows)
    series.append(dots(labels["sweep.series_solved"], *solved, ACCENT, 5))
    bends = report["sweep_breakpoints"]
    if found := _of_all(bends):
        where = pair(bends, "at", "cost", found)
        series.append(dots(labels["sweep.series_bends"], *where, RED, 8, "diamond"))
    at = numbers(table, rows, "at")
    series += _flags(view, report["sweep_break_evens"], min(at), max(at))
    return scatter(
        heading(view, "chart_cost"), series, fitted_axis(parameter_axis(view, 0), at),
        value_axis(view, "", numbers(table, rows, "cost")),
    )  # fmt: skip


def _of_all(table: Table) -> Rows:
    """The frame rows of the whole book, with a cost to be drawn at."""
    futures = table.frame["future"]
    return [i for i, f in enumerate(futures) if f == FUTURES and numbers(table, [i], "cost")]


def _wide(table: Table, rows: Rows) -> bool:
    frame = table.frame.iloc[rows]
    costs = frame["cost"].dropna()
    height = float(costs.max() - costs.min())
    return height > 0 and float((frame["upper"] - frame["lower"]).max()) > VISIBLE * height


def _flags(view: View, table: Table, low: float, high: float) -> list[Series]:
    """Break-evens with what comes or goes beside them; neighbours share one mark."""
    frame, groups = table.frame, list[Rows]()
    for i in sorted(_of_all(table), key=lambda i: frame["about"][i]):
        if groups and frame["about"][i] - frame["about"][groups[-1][0]] <= NEAR * (high - low):
            groups[-1].append(i)
        else:
            groups.append([i])
    found = []
    for group in groups[:FLAGS]:
        first, others = group[0], len(group) - 1
        event = view.labels.word(frame["event"][first], "event")
        more = view.labels["sweep.more"].format(count=others) if others else ""
        name = f"{frame['row'][first]} {event}{more}"
        mark = dots(name, *pair(table, "about", "cost", [first]), GREEN, 9, "triangle")
        left = frame["about"][first] <= (low + high) / 2  # beside a curve that rises or falls
        found.append(named(mark, "right" if left else "left"))
    return found


def _other(view: View, table: Table, rows: Rows) -> Chart | None:
    """Of a rule cost against what it saves; else what is lost; else expected cost and tail."""
    moved = _moved(view, table, rows)
    parameter = view.parameters[0]
    if parameter.sheet == "Settings" and is_policy(parameter):
        return _frontier(view, table, rows, "expected", "tail", "chart_risk")
    if is_policy(parameter) and moved:
        every = any(c.key == "lost_all" for c in table.columns)
        lost = "lost_all" if every else f"lost {moved[0]}"
        return _frontier(view, table, rows, "cost", lost, "chart_frontier")
    if moved:
        keys = [f"lost {c}" for c in moved]
        names, colors = moved, [commodity_color(view, c) for c in moved]
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
        heading(view, "chart_lost" if moved else "chart_expected"), series,
        fitted_axis(parameter_axis(view, 0), numbers(table, rows, "at")),
        value_axis(view, "", numbers(table, rows, *keys)),
        blanks="span",  # from one solved point to the next
    )  # fmt: skip


def _moved(view: View, table: Table, rows: Rows) -> list[str]:
    """What is lost, where that moves; the most moved first."""
    spans = {}
    for commodity in view.commodities:
        tonnes = numbers(table, rows, f"lost {commodity}")
        if tonnes and max(tonnes) - min(tonnes) > MOVED_T:
            spans[commodity] = max(tonnes) - min(tonnes)
    return sorted(spans, key=lambda commodity: -spans[commodity])[:6]


def _frontier(view: View, table: Table, rows: Rows, x: str, y: str, title: str) -> Chart:
    """One quantity against another, point by point, each with the value of the parameter."""
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
    """A line for each branch planned alone, the dearest first, and the whole book in black."""
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
