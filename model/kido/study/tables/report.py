"""The result of a sweep -> its report: every table by name, in the order of the workbook."""

from __future__ import annotations

from collections.abc import Callable

from kido.report.table import Report, Table
from kido.study.results import SweepResult
from kido.study.tables.context import View
from kido.study.tables.curve import curve_tables
from kido.study.tables.grid import grid_tables
from kido.study.tables.indices import index_tables
from kido.study.tables.near_optimal import room_tables
from kido.study.tables.plan_changes import changes
from kido.study.tables.points import points
from kido.study.tables.provenance import about
from kido.study.tables.scenarios import scenario_tables
from kido.study.tables.summary import summary_tables
from kido.study.tables.tornado import tornado_tables

METHODS: dict[str, Callable[[View], list[Table]]] = {
    "curve": curve_tables,
    "tornado": tornado_tables,
    "grid": grid_tables,
    "latin": index_tables,
    "morris": index_tables,
    "sobol": index_tables,
    "scenarios": scenario_tables,
    "room": room_tables,
}


def sweep_report(result: SweepResult) -> Report:
    """All tables by name: those of the first page, of the method, then of every sweep.

    Texts made of names and numbers are in the language of the book.
    """
    view = View(result)
    own = {table.name: table for table in METHODS[view.method](view)}
    every = {table.name: table for table in (changes(view), points(view), about(view))}
    return {**summary_tables(view), **own, **every}
