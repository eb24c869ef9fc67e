"""result of a sweep -> report: every table of its workbook, before any workbook knows of it."""

from kido.study.tables.report import sweep_report

__all__ = ["sweep_report"]
