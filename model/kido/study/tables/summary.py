"""The tables of the first page: the base, what was varied, how the points ended."""

from __future__ import annotations

import pandas as pd

from kido.report.table import Column, Report, Table
from kido.study.point import STATUSES
from kido.study.tables.context import FIRST_UNMET, NAN, SUMMED, View
from kido.study.tables.findings import findings
from kido.study.tables.indices import by_lever, place_of
from kido.study.tables.tornado import swings


def summary_tables(view: View) -> Report:
    made = (headline(view), varied(view), statuses(view), found(view))
    return {table.name: table for table in made}


def headline(view: View) -> Table:
    """The plan of the book: its cost in dollars and in the display currency, and what it loses."""
    display = view.display
    lines = []
    for what, kusd in _costs(view):
        shown = NAN if display is None else kusd * display[1]
        lines.append((what, view.unit, kusd * view.factor, shown))
    lost = view.lost(view.base, SUMMED)
    unmet = view.measure(view.base, FIRST_UNMET)
    if view.base.measures:
        lines += [("lost", "t", lost, NAN), ("first unmet order", "months", unmet, NAN)]
    columns = (
        Column("what", shape="word"), Column("unit", shape="unit"),
        Column("amount", shape="number"),
        Column("displayed", display[0] if display else "", "money"),
    )  # fmt: skip
    return Table("sweep_base", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _costs(view: View) -> list[tuple[str, float]]:
    """Objective, expected cost and tail; the objective alone where all are the same."""
    base = view.base
    if base.objective is None:
        return []
    found = [("cost of the plan", base.objective)]
    for what, name in (("expected cost", "expected_cost"), ("mean of the worst", "cvar")):
        if name in base.measures:
            found.append((what, base.measures[name]))
    if len(found) > 1 and abs(found[1][1] - found[0][1]) <= 1e-9 * abs(found[0][1]):
        found.pop(0)
    return found


def varied(view: View) -> Table:
    """Each lever: the values tried, the value in the book, and how sure its range is."""
    columns = (
        Column("lever"), Column("values_tried"), Column("in_the_book"),
        Column("grade", shape="word"), Column("cited"),
    )  # fmt: skip
    lines = []
    for k in _most_telling_first(view):
        lever = view.levers[k]
        here = lever.here(view.result.tables)
        text = "–" if here is None else view.wording.setting(lever, here)
        tried = view.labels["sweep.values"].format(
            span=view.wording.span(lever, lever.values), count=len(lever.values)
        )
        lines.append((view.lever_name(k), tried, text, *view.graded(lever)))
    if not view.levers:
        lines += _looked_at(view)
    return Table("sweep_levers", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def _most_telling_first(view: View) -> list[int]:
    """The places of the levers: what moves the cost most first, where the method says so."""
    if view.method == "tornado":
        return [swing.place for swing in swings(view)]
    ranked = [place_of(view, name) for name in by_lever(view)]
    found = [place for place in ranked if place is not None]
    return [*found, *(k for k in range(len(view.levers)) if k not in found)]


def _looked_at(view: View) -> list[tuple[str, str, str, str, str]]:
    """Of the methods that move nothing."""
    experiment, wording = view.result.experiment, view.wording
    sheet = view.labels.word(experiment.sheet) if experiment.sheet else ""
    words = wording.listed([sheet, *experiment.words] if sheet else list(experiment.words), 6)
    cells = dict(view.sweep_rows()).get(experiment.line, {})
    grade, source = str(cells.get("grade") or "not graded"), str(cells.get("source") or "")
    what = words or view.labels[f"sweep.all_{view.method}"]
    tried = ""
    if view.method == "room":
        extra = wording.listed([wording.percent(v) for v in experiment.values], 6)
        tried = view.labels["sweep.extra"].format(extra=extra)
    return [(what, tried, "", grade, source)]


def statuses(view: View) -> Table:
    """How many points ended in which status; those that are not used are left out."""
    lines = [(status, view.counts[status]) for status in STATUSES if status in view.counts]
    columns = (Column("status", shape="word", words="status"), Column("points", shape="count"))
    return Table("sweep_statuses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def found(view: View) -> Table:
    """The findings as sentences, in the language of the book."""
    frame = pd.DataFrame({"finding": findings(view)}, dtype=object)
    return Table("sweep_findings", (Column("finding"),), frame)
