"""The charts of each method, to stand on the first page beside one another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from openpyxl.chart import BarChart
from openpyxl.chart._chart import ChartBase

from kido.result.book.sheet import Placed
from kido.result.book.style import ACCENT, RED, SERIES, STOCK, number_format, signed, size_of
from kido.study.book.bars import bars, give_or_take, lying, valued
from kido.study.book.curves import curve_pictures
from kido.study.book.heat_map import heat_pictures
from kido.study.book.scatter import cells, dots, fit, pair, scatter
from kido.study.methods.sampling.tables import MAIN, by_parameter, measured, place_of
from kido.study.report.view import View
from kido.tolerances import MOVED_T

BARS = 20  # in a chart; the table has them all
BLUE, ORANGE = SERIES[1], "C55A11"

Pictures = Callable[[View, Mapping[str, Placed]], Sequence[ChartBase]]


def heading(view: View, key: str, **words: object) -> str:
    return view.labels[f"sweep.{key}"].format(unit=view.labels.unit(view.unit), **words)


def _first(placed: Placed, *keys: str) -> list[int]:
    """The rows drawn: the first ones with a number."""
    frame = placed.table.frame
    known = [i for i in range(len(frame)) if any(frame[k][i] == frame[k][i] for k in keys)]
    return list(range(min(BARS, known[-1] + 1))) if known else []


def _form(placed: Placed, rows: Sequence[int], *keys: str, unit: str = "MUSD") -> str:
    size = size_of(placed.table.frame[list(keys)].iloc[list(rows)].to_numpy().ravel().tolist())
    return number_format(unit, size).split(";")[0]


def _tornado(view: View, placed: Mapping[str, Placed]) -> list[ChartBase]:
    table = placed["sweep_tornado"]
    found: list[ChartBase] = []
    for name, keys in (
        ("chart_tornado", ("low_change", "high_change")),
        ("chart_tornado_lost", ("low_lost", "high_lost")),
    ):
        rows = _first(table, *keys)
        largest = size_of(table.table.frame[list(keys)].to_numpy().ravel().tolist())
        if not rows or largest <= (0.0 if found == [] else MOVED_T):
            continue
        found.append(_ends(view, table, rows, keys, heading(view, name)))
    return found


def _ends(
    view: View, table: Placed, rows: Sequence[int], keys: tuple[str, str], title: str
) -> BarChart:
    """Two bars a parameter: on one line where they point apart, else one below the other."""
    frame, form = table.table.frame.iloc[list(rows)], _form(table, rows, *keys)
    chart = lying(title, len(rows), form)
    low, high = frame[keys[0]].fillna(0), frame[keys[1]].fillna(0)
    apart = bool((low * high <= 0).all())
    chart.overlap = 100 if apart else 0
    change = keys[0].endswith("change")
    for key, word, color in ((keys[0], "series_low", BLUE), (keys[1], "series_high", ORANGE)):
        series = bars(table, key, rows, view.labels[f"sweep.{word}"], color)
        text = f"{signed(form)};-{form};" if change else f"{form};;"
        chart.series.append(valued(series, text))
    chart.set_categories(cells(table, "parameter", rows))
    return chart


def _indices(view: View, placed: Mapping[str, Placed]) -> list[ChartBase]:
    table = placed["sweep_indices"]
    found: list[ChartBase] = []
    if view.method.name == "latin":
        found += _scatters(view, placed["sweep_points"])
    main = MAIN[view.method.name]
    keys = [k for k in ((main, "S1") if main == "ST" else (main,)) if k in measured(view)]
    rows = _first(table, *keys) if keys else []
    return [*found, _ranking(view, table, keys, rows)] if rows else found


def _ranking(view: View, table: Placed, keys: Sequence[str], rows: Sequence[int]) -> BarChart:
    """The measure of the method by parameter, with its interval; for sobol alone and in all."""
    form = _form(table, rows, *keys) if view.method.name == "morris" else "0.0"
    chart = lying(heading(view, f"chart_{view.method.name}"), len(rows), form)
    chart.overlap = 0
    words = {"ST": "series_all", "S1": "series_alone"}
    for key, color in zip(keys, (ACCENT, SERIES[2]), strict=False):
        name = view.labels[f"sweep.{words[key]}"] if key in words else view.labels[f"column.{key}"]
        series = bars(table, key, rows, name, color)
        chart.series.append(give_or_take(series, cells(table, f"{key} ±", rows)))
    chart.set_categories(cells(table, "parameter", rows))
    if len(keys) == 1:
        chart.legend = None
    return chart


def _scatters(view: View, points: Placed) -> list[ChartBase]:
    """The cost of every sample against the two parameters that matter most."""
    found: list[ChartBase] = []
    frame = points.table.frame
    rows = list(range(len(frame)))
    for name in list(by_parameter(view))[:2]:
        place = place_of(view, name)
        if place is None or frame["cost"].notna().sum() < 2:
            continue
        key, unit = f"parameter {place}", view.labels.unit(view.parameters[place].unit)
        parameter = view.parameter_name(place)
        chart = scatter(heading(view, "chart_cost"), f"{parameter} [{unit}]")
        chart.series.append(dots(pair(points, key, "cost", rows, parameter), BLUE, 4))
        chart.legend = None
        fit(chart, frame[key].tolist(), frame["cost"].tolist())
        found.append(chart)
    return found


def _scenarios(view: View, placed: Mapping[str, Placed]) -> list[ChartBase]:
    table = placed["sweep_scenarios"]
    rows = _first(table, "cost")
    if not rows:
        return []
    form = _form(table, rows, "cost")
    chart = lying(heading(view, "chart_scenarios"), len(rows), form)
    chart.series.append(valued(bars(table, "cost", rows, view.labels["column.cost"], ACCENT), form))
    chart.set_categories(cells(table, "scenario", rows))
    chart.legend = None
    found: list[ChartBase] = [chart]
    if view.commodities:
        found.append(_losses(view, table, rows))
    return found


def _losses(view: View, table: Placed, rows: Sequence[int]) -> BarChart:
    chart = lying(heading(view, "chart_scenarios_lost"), len(rows))
    chart.grouping, chart.overlap = "stacked", 100
    for i, commodity in enumerate(view.commodities):
        color = RED if len(view.commodities) == 1 else SERIES[i % len(SERIES)]
        chart.series.append(bars(table, f"lost {commodity}", rows, commodity, color))
    chart.set_categories(cells(table, "scenario", rows))
    return chart


def _room(view: View, placed: Mapping[str, Placed]) -> list[ChartBase]:
    """For each extra cost, at most two: the span of every choice, with what was chosen in it."""
    table = placed["sweep_room"]
    frame = table.table.frame
    found: list[ChartBase] = []
    for extra in list(dict.fromkeys(frame["extra"]))[:2]:
        mine = [i for i in frame.index if frame["extra"][i] == extra]
        rows = [i for i in mine if frame["most_share"][i] == frame["most_share"][i]]
        if not rows:
            continue
        rows = list(range(mine[0], min(rows[-1], mine[0] + BARS - 1) + 1))
        title = heading(view, "chart_room", extra=view.wording.percent(extra))
        chart = lying(title, len(rows), "0%")
        chart.grouping, chart.overlap = "stacked", 100
        parts = (("least_share", ACCENT), ("to_chosen", SERIES[2]), ("to_most", STOCK))
        for key, color in parts:
            chart.series.append(bars(table, key, rows, view.labels[f"sweep.room_{key}"], color))
        chart.set_categories(cells(table, "choice", rows))
        found.append(chart)
    return found


PICTURES: dict[str, Pictures] = {
    "curve": curve_pictures,
    "tornado": _tornado,
    "grid": heat_pictures,
    "latin": _indices,
    "morris": _indices,
    "sobol": _indices,
    "scenarios": _scenarios,
    "room": _room,
}
