"""The tables of the first page: the unchanged book, parameters, statuses, findings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kido.report.table import Column, Report, Table
from kido.study.point import STATUSES
from kido.study.report.findings import findings
from kido.study.report.view import FIRST_UNMET, NAN, SUMMED, View


def summary_tables(view: View) -> Report:
    """The tables of the first page by name."""
    tables = (base_table(view), parameter_table(view), status_table(view), findings_table(view))
    return {table.name: table for table in tables}


def base_table(view: View) -> Table:
    """Costs of the unchanged book in dollars and the display currency, and demand not served."""
    display = view.display
    lines = []
    for what, kusd in _costs(view):
        amount = NAN if display is None else kusd * display[1]
        lines.append((what, view.unit, kusd * view.factor, amount))
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
    """Pairs (label, kUSD) of the objective, expected cost and CVaR; equal ones only once."""
    base = view.base
    if base.objective is None:
        return []
    costs = [("cost of the plan", base.objective)]
    for what, name in (("expected cost", "expected_cost"), ("mean of the worst", "cvar")):
        if name in base.measures:
            costs.append((what, base.measures[name]))
    if len(costs) > 1 and abs(costs[1][1] - costs[0][1]) <= 1e-9 * abs(costs[0][1]):
        costs.pop(0)
    return costs


VARIED = (
    Column("parameter"), Column("values_tried"), Column("in_the_book"),
    Column("grade", shape="word"), Column("cited"),
)  # fmt: skip


def parameter_table(view: View, first: Sequence[int] = ()) -> Table:
    """The table of parameters: values tried, value in the book, grade and source of the range.

    `first`: positions of the parameters that come before the others.
    """
    lines = []
    for k in (*first, *(k for k in range(len(view.parameters)) if k not in first)):
        parameter = view.parameters[k]
        book_value = parameter.book_value(view.result.tables)
        text = "–" if book_value is None else view.wording.setting(parameter, book_value)
        values = view.labels["sweep.values"].format(
            span=view.wording.span(parameter, parameter.values), count=len(parameter.values)
        )
        lines.append((view.parameter_name(k), values, text, *view.grade_and_source(parameter)))
    return Table("sweep_parameters", VARIED, pd.DataFrame(lines, columns=[c.key for c in VARIED]))


def selection_table(view: View, values: str = "") -> Table:
    """The table of the selected rows, for a method without parameters; `values` is a text."""
    design, wording = view.result.design, view.wording
    sheet = view.labels.word(design.sheet) if design.sheet else ""
    words = wording.listed([sheet, *design.words] if sheet else list(design.words), 6)
    cells = dict(view.sweep_rows()).get(design.line, {})
    grade, source = str(cells.get("grade") or "not graded"), str(cells.get("source") or "")
    what = words or view.labels[f"sweep.all_{view.method.name}"]
    frame = pd.DataFrame([(what, values, "", grade, source)], columns=[c.key for c in VARIED])
    return Table("sweep_parameters", VARIED, frame)


def status_table(view: View) -> Table:
    """The table of the number of points by status, without those of no point."""
    lines = [(status, view.counts[status]) for status in STATUSES if status in view.counts]
    columns = (Column("status", shape="word", words="status"), Column("points", shape="count"))
    return Table("sweep_statuses", columns, pd.DataFrame(lines, columns=[c.key for c in columns]))


def findings_table(view: View) -> Table:
    """The table of findings: sentences in the language of the book."""
    frame = pd.DataFrame({"finding": findings(view)}, dtype=object)
    return Table("sweep_findings", (Column("finding"),), frame)
