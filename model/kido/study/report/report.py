"""`sweep_report`: all tables of a sweep by name, in the order of the workbook."""

from __future__ import annotations

from kido.report.table import Report
from kido.study.report.plan_changes import changes
from kido.study.report.points import points
from kido.study.report.provenance import about
from kido.study.report.summary import summary_tables
from kido.study.report.view import View
from kido.study.results import SweepResult


def sweep_report(result: SweepResult) -> Report:
    """All tables by name: those of the first page, of the method, then of every sweep.

    Texts made of names and numbers are in the language of the book.
    """
    view = View(result)
    first, own = summary_tables(view), {t.name: t for t in view.method.tables(view)}
    every = {table.name: table for table in (changes(view), points(view), about(view))}
    order = {name: table for name, table in own.items() if name not in every}
    return {**first, **order, **every, **own}
