"""The tables of the first page: the base, what was varied, how the points ended."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kido.report.table import Column, Report, Table
from kido.study.point import STATUSES
from kido.study.report.findings import findings
from kido.study.report.view import FIRST_UNMET, NAN, SUMMED, View


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


VARIED = (
    Column("parameter"), Column("values_tried"), Column("in_the_book"),
    Column("grade", shape="word"), Column("cited"),
)  # fmt: skip


def varied(view: View, first: Sequence[int] = ()) -> Table:
    """Each parameter: the values tried, the value in the book, and how sure its range is.

    `first`: places of parameters that stand before the others.
    """
    lines = []
    for k in (*first, *(k for k in range(len(view.parameters)) if k not in first)):
        parameter = view.parameters[k]
        here = parameter.book_value(view.result.tables)
        text = "–" if here is None else view.wording.setting(parameter, here)
        tried = view.labels["sweep.values"].format(
            span=view.wording.span(parameter, parameter.values), count=len(parameter.values)
        )
        lines.append((view.parameter_name(k), tried, text, *view.graded(parameter)))
    return Table("sweep_parameters", VARIED, pd.DataFrame(lines, columns=[c.key for c in VARIED]))


def looked_at(view: View, tried: str = "") -> Table:
    """Of a method that moves nothing: the rows it looks at, and what it tries with them."""
    design, wording = view.result.design, view.wording
    sheet = view.labels.word(design.sheet) if design.sheet else ""
    words = wording.listed([sheet, *design.words] if sheet else list(design.words), 6)
    cells = dict(view.sweep_rows()).get(design.line, {})
    grade, source = str(cells.get("grade") or "not graded"), str(cells.get("source") or "")
    what = words or view.labels[f"sweep.all_{view.method.name}"]
    frame = pd.DataFrame([(what, tried, "", grade, source)], columns=[c.key for c in VARIED])
    return Table("sweep_parameters", VARIED, frame)


def statuses(view: View) -> Table:
    """How many points ended in which status; those that are not used are left out."""
    lines = [(status, view.counts[status]) for status in STATUSES if status in view.counts]
    columns = (Column("status", shape="word", words="status"), Column("points", shape="count"))
    return Table("sweep_statuses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def found(view: View) -> Table:
    """The findings as sentences, in the language of the book."""
    frame = pd.DataFrame({"finding": findings(view)}, dtype=object)
    return Table("sweep_findings", (Column("finding"),), frame)
