"""The workbook of a sweep: the only part of a study that knows of Excel."""

from kido.study.book.workbook import write_sweep

__all__ = ["write_sweep"]
