"""The charts of a curve: cost with its bounds and bends, what else moves, branches alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl.chart import ScatterChart, Series

from kido.result.book.sheet import Placed
from kido.result.book.style import ACCENT, QUIET, RED, SERIES
from kido.study.book.scatter import dots, fit, jointed, line, named, pair, scatter, unlisted
from kido.study.methods.one_parameter.curve_lines import traced
from kido.study.methods.one_parameter.findings import is_policy
from kido.study.point import SOLVED
from kido.study.report.points import FUTURES
from kido.study.report.view import View
from kido.tolerances import MOVED_T

VISIBLE = 0.005  # of the height of the chart: narrower bounds cannot be seen
FLAGS = 6  # break-evens marked
NEAR = 0.05  # of the range: closer ones share a mark
LINES = 10  # branches drawn
LABELLED = 12  # points of a frontier that bear their value
GREEN = "2E7D32"

Rows = list[int]


def curve_pictures(view: View, placed: Mapping[str, Placed]) -> list[ScatterChart]:
    table = placed["sweep_curve"]
    blocks = _blocks(table)
    drawn = {name: rows for name, rows in blocks.items() if _known(table, rows, "cost")}
    charts = []
    if FUTURES in drawn:
        charts = [_cost(view, placed, drawn[FUTURES]), _other(view, table, drawn[FUTURES])]
    alone = {name: rows for name, rows in drawn.items() if name != FUTURES}
    if alone:
        charts.append(_alone(view, table, drawn))
    return [chart for chart in charts if chart is not None]


def _blocks(placed: Placed) -> dict[str, Rows]:
    """The frame rows of each future; they stand together."""
    found: dict[str, Rows] = {}
    for i, future in enumerate(placed.table.frame["future"]):
        found.setdefault(str(future), []).append(i)
    return found


def _known(placed: Placed, rows: Sequence[int], key: str) -> list[float]:
    numbers = placed.table.frame[key].iloc[list(rows)].tolist()
    return [n for n in numbers if n is not None and n == n]


def _heading(view: View, key: str, **words: object) -> str:
    unit = view.labels.unit(view.unit)
    return view.labels[f"sweep.{key}"].format(unit=unit, **words)


def _axis(view: View) -> str:
    unit = view.labels.unit(view.parameters[0].unit)
    return f"{view.parameter_name(0)} [{unit}]" if unit else view.parameter_name(0)


def _column(view: View, placed: Placed, key: str) -> str:
    """What stands in a column of the table, with its unit."""
    column = next(c for c in placed.table.columns if c.key == key)
    text = column.heading(view.labels)
    lost = key.startswith("lost")
    return f"{view.labels.group('lost')}: {text}" if lost else text


def _cost(view: View, placed: Mapping[str, Placed], rows: Rows) -> ScatterChart:
    """Cost as a line, its solved points as dots, bounds where they can be seen."""
    table, labels = placed["sweep_curve"], view.labels
    chart = scatter(_heading(view, "chart_cost"), _axis(view))
    sure = all(s.certified for c, _ in traced(view) if c.scenario is None for s in c.stretches)
    word = labels["sweep.series_line" if sure else "sweep.series_dashed"]
    chart.series.append(line(pair(table, "at", "cost", rows, word), ACCENT, 2.0, not sure))
    if _wide(table, rows):
        for key in ("lower", "upper"):
            series = pair(table, "at", key, rows, labels[f"sweep.series_{key}"])
            chart.series.append(line(series, QUIET, 1.0, dashed=True))
    solved = pair(table, "at", "solved_cost", rows, labels["sweep.series_solved"])
    chart.series.append(dots(solved, ACCENT, 5))
    bends = _of_all(placed["sweep_breakpoints"])
    if bends:
        series = pair(
            placed["sweep_breakpoints"], "at", "cost", bends, labels["sweep.series_bends"]
        )
        chart.series.append(dots(series, RED, 8, "diamond"))
    at = _known(table, rows, "at")
    ends = [min(at), max(at)]
    unlisted(chart, _flags(view, chart, placed["sweep_break_evens"], ends))
    fit(chart, at, _known(table, rows, "cost"))
    return chart


def _of_all(placed: Placed) -> Rows:
    """The frame rows of the whole book, with a cost to be drawn at."""
    frame = placed.table.frame
    return [
        i for i, f in enumerate(frame["future"]) if f == FUTURES and _known(placed, [i], "cost")
    ]


def _wide(placed: Placed, rows: Rows) -> bool:
    frame = placed.table.frame.iloc[rows]
    costs = frame["cost"].dropna()
    height = float(costs.max() - costs.min())
    return height > 0 and float((frame["upper"] - frame["lower"]).max()) > VISIBLE * height


def _flags(view: View, chart: ScatterChart, placed: Placed, ends: list[float]) -> list[Series]:
    """Break-evens with what comes or goes beside them; neighbours share one mark."""
    found: list[Series] = []
    frame = placed.table.frame
    near, middle = NEAR * (ends[-1] - ends[0]), (ends[0] + ends[-1]) / 2
    groups: list[list[int]] = []
    for i in sorted(_of_all(placed), key=lambda i: frame["about"][i]):
        if groups and frame["about"][i] - frame["about"][groups[-1][0]] <= near:
            groups[-1].append(i)
        else:
            groups.append([i])
    for group in groups[:FLAGS]:
        first, others = group[0], len(group) - 1
        event = view.labels.word(frame["event"][first], "event")
        more = view.labels["sweep.more"].format(count=others) if others else ""
        series = pair(placed, "about", "cost", [first], f"{frame['row'][first]} {event}{more}")
        left = frame["about"][first] <= middle  # beside a curve that rises or falls
        series = named(dots(series, GREEN, 9, "triangle"), "r" if left else "l")
        chart.series.append(series)
        found.append(series)
    return found


def _other(view: View, placed: Placed, rows: Rows) -> ScatterChart | None:
    """Of a rule cost against what it saves; else what is lost; else expected cost and tail."""
    moved = _moved(view, placed, rows)
    parameter = view.parameters[0]
    if parameter.sheet == "Settings" and is_policy(parameter):
        return _frontier(view, placed, rows, "expected", "tail", "chart_risk")
    if is_policy(parameter) and moved:
        lost = "lost_all" if "lost_all" in placed.column else moved[0]
        return _frontier(view, placed, rows, "cost", lost, "chart_frontier")
    keys = moved or [k for k in ("expected", "tail") if _known(placed, rows, k)]
    if not keys:
        return None
    chart = scatter(_heading(view, "chart_lost" if moved else "chart_expected"), _axis(view))
    chart.display_blanks = "span"  # from one solved point to the next
    for key, color in zip(keys, SERIES, strict=False):
        name = key.removeprefix("lost ") if moved else view.labels[f"column.{key}"]
        series = pair(placed, "at", key, rows, name)
        chart.series.append(jointed(series, color))
    numbers = [n for key in keys for n in _known(placed, rows, key)]
    fit(chart, _known(placed, rows, "at"), numbers)
    return chart


def _moved(view: View, placed: Placed, rows: Rows) -> list[str]:
    """Columns of what is lost, where that moves; the most moved first."""
    spans = {}
    for commodity in view.commodities:
        numbers = _known(placed, rows, f"lost {commodity}")
        if numbers and max(numbers) - min(numbers) > MOVED_T:
            spans[f"lost {commodity}"] = max(numbers) - min(numbers)
    return sorted(spans, key=lambda key: -spans[key])[:6]


def _frontier(view: View, placed: Placed, rows: Rows, x: str, y: str, title: str) -> ScatterChart:
    """One quantity against another, point by point, each with the value of the parameter."""
    chart = scatter(_heading(view, title), _column(view, placed, x), _column(view, placed, y))
    chart.display_blanks = "span"
    series = pair(placed, x, y, rows, view.parameter_name(0))
    chart.series.append(line(series, ACCENT))
    frame, labelled = placed.table.frame, []
    solved = [i for i in rows if frame["status"][i] == SOLVED and _known(placed, [i], y)]
    for i in solved[:: max(1, -(-len(solved) // LABELLED))]:
        name = view.wording.setting(view.parameters[0], frame["at"][i])
        labelled.append(named(dots(pair(placed, x, y, [i], name), ACCENT)))
        chart.series.append(labelled[-1])
    unlisted(chart, labelled)
    fit(chart, _known(placed, rows, x), _known(placed, rows, y))
    return chart


def _alone(view: View, placed: Placed, blocks: Mapping[str, Rows]) -> ScatterChart:
    """A line for each branch planned alone, the dearest first, and the whole book in black."""
    chart = scatter(_heading(view, "chart_alone"), _axis(view))
    alone = [name for name in blocks if name != FUTURES][:LINES]
    colors = dict(zip(alone, SERIES, strict=False))
    for name in (*alone, *(n for n in blocks if n == FUTURES)):
        series = pair(placed, "at", "cost", blocks[name], view.labels.word(name))
        chart.series.append(line(series, colors.get(name, "000000"), 1.5))
    rows = [i for block in blocks.values() for i in block]
    fit(chart, _known(placed, rows, "at"), _known(placed, rows, "cost"))
    return chart
