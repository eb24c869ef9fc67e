"""The page of charts: costs, scenarios, cover, and the supply of each element."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kido.report.charts import HEADINGS, Axis, Cells, Chart, Series, from_zero, line, row
from kido.report.document import ChartBlock, Heading, Page, Sentences
from kido.report.labels import Labels
from kido.report.style import ACCENT, PALE_RED, RED, SERIES, STOCK
from kido.report.table import Column, Report, Table, part_periods
from kido.result.board import by_scarcity
from kido.result.plan import SolvedPlan
from kido.tolerances import DRAWN_SHARE

ELEMENTS = 6
ACROSS = 16  # columns of the sentences over the charts

LINES = tuple(SERIES[i] for i in (0, 1, 5, 4, 7))
COLORS = {"purchase": SERIES[0], "relief": RED, "ending value": STOCK}
MISSING = {"thrift": PALE_RED, "substitute": "F6DCC8", "defer": "F2C879", "not served": RED}
NEED = "000000"


def charts_page(report: Report, plan: SolvedPlan, labels: Labels) -> Page:
    """The page of charts of a plan."""
    elements = by_scarcity(plan)
    all_charts = [
        costs_chart(report["costs"], labels),
        scenarios_chart(report["scenarios"], labels),
        cover_chart(report["stockpiles"], labels, elements),
    ]
    for element in elements[:ELEMENTS]:
        title = labels["chart.supply"].format(element=element, unit=plan.unit_of[element])
        all_charts.append(supply_chart(report["sourcing"], labels, element, title))
    note = f"{labels['note.charts']} {part_periods(_drawn_periods(report), labels)}".strip()
    charts = tuple(ChartBlock(chart) for chart in all_charts if chart is not None)
    return Page(
        labels["sheet.charts"],
        (Heading(labels["title.charts"]), Sentences(note, ACROSS, height=15.0), *charts),
        color="", frozen=(4, 1),
    )  # fmt: skip


def _drawn_periods(report: Report) -> tuple[Column, ...]:
    quarters = [c for c in report["sourcing"].columns if c.group == "quarters"]
    return (*report["costs"].columns, *quarters)


def supply_chart(table: Table, labels: Labels, element: str, title: str) -> Chart | None:
    """A chart of stacked columns of supply by country, the gap in red, and need as a line."""
    rows = [(i, r) for i, r in enumerate(table.rows) if r["commodity"] == element]
    quarters, color_of = _quarters(table), palette(table)
    place = {country: i for i, country in enumerate(color_of)}
    bars_by_place: list[tuple[int, Series]] = []
    gaps: list[Series] = []
    need: list[Series] = []
    for i, r in rows:
        source = r["source"]
        cells = (labels.word(source), row(table, i, quarters), _headings(table, quarters))
        if r["measure"] in ("lived without", "not served"):
            gaps.append(Series(*cells, MISSING[source]))
        elif r["measure"] == "need":
            need.append(line(labels.word("need"), *cells[1:], NEED, 2.0))
        elif r["measure"] == "serves":
            color = color_of.get(source, STOCK)
            bars_by_place.append((place.get(source, len(place)), Series(*cells, color)))
    if not rows:
        return None
    bars_by_place.sort(key=lambda pair: pair[0])
    bars = (*(series for _, series in bars_by_place), *gaps)
    plotted = table.frame.loc[[s.values.rows[0] for s in (*bars, *need)], quarters]
    axis = from_zero(plotted.to_numpy().ravel().tolist())
    return Chart("columns", title, bars, tuple(need), vertical=axis, stacked=True, overlap=100)


def palette(table: Table) -> dict[str, str]:
    """The colour of each country in every chart; the largest source has the darkest."""
    total: dict[str, float] = {}
    for r in table.rows:
        if r["measure"] == "arrives":
            total[r["source"]] = total.get(r["source"], 0.0) + r["plan"]
    ordered = sorted(total, key=lambda country: -total[country])
    return {country: SERIES[i % len(SERIES)] for i, country in enumerate(ordered)}


def costs_chart(table: Table, labels: Labels) -> Chart | None:
    """A chart of expected cost by fiscal year, stacked by category."""
    frame, years = table.frame, [c.key for c in table.columns[1:]]
    sizes = frame[years].abs().sum(axis=1).to_numpy()
    colors = iter(SERIES[1:])
    indices = [int(i) for i in np.argsort(-sizes) if sizes[i] > DRAWN_SHARE * sizes.sum()]
    categories = [str(frame["category"][i]) for i in indices]
    bars = tuple(
        Series(
            labels.word(category), row(table, i, years), _headings(table, years),
            COLORS.get(category) or next(colors),
        )
        for i, category in zip(indices, categories, strict=True)
    )  # fmt: skip
    values = from_zero(frame.loc[indices, years].to_numpy().ravel().tolist())
    if not bars:
        return None
    title = labels["chart.costs"]
    values = replace(values, format="#,##0,")  # of kUSD
    return Chart("columns", title, bars, vertical=values, stacked=True, overlap=100)


def scenarios_chart(table: Table, labels: Labels) -> Chart | None:
    """A chart of the cost of each history, one bar each."""
    futures = [c.key for c in table.columns if c.group == "futures"]
    if len(futures) < 2:
        return None
    index = list(table.frame["item"]).index("discounted cost")
    series = Series(
        labels.word("discounted cost"), row(table, index, futures), _headings(table, futures),
        ACCENT,
    )  # fmt: skip
    values = from_zero(table.frame[key][index] for key in futures)
    return Chart(
        "bars", labels["chart.futures"], (series,), horizontal=Axis(font=6), vertical=values,
        gap=30, legend="",
    )  # fmt: skip


def cover_chart(table: Table, labels: Labels, elements: list[str]) -> Chart | None:
    """A chart of the cover of all owners, for the scarcest elements that have stocks."""
    row_of = {
        r["commodity"]: i
        for i, r in enumerate(table.rows)
        if r["measure"] == "cover" and r["owner"] == "all owners"
    }
    shown_elements = [element for element in elements if element in row_of][: len(LINES)]
    quarters = _quarters(table)
    lines = tuple(
        line(labels.word(e), row(table, row_of[e], quarters), _headings(table, quarters), color)
        for e, color in zip(shown_elements, LINES, strict=False)
    )
    if not lines:
        return None
    cover = (
        table.frame.loc[[row_of[e] for e in shown_elements], quarters].to_numpy().ravel().tolist()
    )
    return Chart("lines", labels["chart.cover"], lines, vertical=from_zero(cover))


def _quarters(table: Table) -> list[str]:
    return [c.key for c in table.columns if c.group == "quarters"]


def _headings(table: Table, keys: list[str]) -> Cells:
    return row(table, HEADINGS, keys)
